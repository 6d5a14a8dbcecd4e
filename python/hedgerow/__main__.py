"""`python -m hedgerow`: the command line; with `--include` or `--cmake-dir`, a path for builds."""

from __future__ import annotations

import sys

from hedgerow.paths import get_cmake_dir, get_include

_PATHS = {"--include": get_include, "--cmake-dir": get_cmake_dir}


def main() -> int:
    """Print the path asked for, or run the command line."""
    if len(sys.argv) == 2 and sys.argv[1] in _PATHS:
        sys.stdout.write(_PATHS[sys.argv[1]]() + "\n")
        return 0
    from hedgerow.cli import main as command_line  # not needed, nor loaded, for the paths

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
