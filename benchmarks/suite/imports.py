"""What it costs to have hedgerow: the import in a fresh interpreter, and bytes on disk."""

from importlib.util import find_spec
from pathlib import Path

import hedgerow


class Import:
    """A fresh interpreter's import, beside that of what people import anyway."""

    param_names = ("module",)
    params = (["hedgerow", "numpy", "scipy.special", "pandas", "numba", "QuantLib"],)

    def setup(self, module):
        if find_spec(module.partition(".")[0]) is None:
            raise NotImplementedError(f"{module} is not installed")

    def timeraw_import(self, module):
        folder = str(Path(hedgerow.__file__).parents[1])  # asv starts interpreters without it
        return f"import sys; sys.path.insert(0, {folder!r}); import {module}"


class Size:
    """Bytes that an installation brings."""

    unit = "bytes"

    def track_compiled_modules(self):
        folder = Path(hedgerow.__file__).parent
        return sum(path.stat().st_size for path in folder.glob("*.so"))


class WheelSize:
    """Bytes of the newest wheel in dist/, where one was built."""

    unit = "bytes"

    def setup(self):
        wheels = (Path(__file__).parents[2] / "dist").glob("hedgerow-*.whl")
        self.wheel = max(wheels, key=lambda path: path.stat().st_mtime, default=None)
        if self.wheel is None:
            raise NotImplementedError("no wheel in dist/")

    def track_wheel(self):
        return self.wheel.stat().st_size
