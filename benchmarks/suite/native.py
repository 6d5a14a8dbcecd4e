"""One option at a time from compiled code: what a C++ loop pays per call of the C interface.

The addresses called are those that Cython's cimport and numba take from the module. Peers: the
textbook formulas on <cmath> (price; price and five Greeks, where ours are sixteen; Newton's
method), compiled into the same program by the C++ compiler of the machine. Per 1,000 options.
"""

import ctypes
import shutil
import subprocess
import tempfile
from functools import lru_cache, partial
from pathlib import Path
from time import process_time

from hedgerow import kernels

from . import inputs

OPTIONS = 1_000


@lru_cache
def program():
    """The compiled loops."""
    compiler = shutil.which("c++")
    if compiler is None:
        raise NotImplementedError("no C++ compiler")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "native.so")
        source = Path(__file__).with_name("native.cpp")
        flags = ["-std=c++17", "-O3", "-fno-math-errno", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, source, "-o", library], check=True)
        return ctypes.CDLL(str(library))


def address(name, module=kernels):
    """Where a function of the C interface is."""
    api = ctypes.pythonapi
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    capsule = module.__pyx_capi__[name]
    return api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))


class Native:
    """What the classes below share: a loop of the program, and whose function it calls."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "cmath"],)

    def setup(self, library):
        loop = getattr(program(), self.loop)
        loop.restype = ctypes.c_double
        loop.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
        options = inputs.market_options(OPTIONS)
        self.columns = [*options, kernels.black_price(*options)]
        pointers = (ctypes.c_void_p * 7)(*(column.ctypes.data for column in self.columns))
        function = address(self.function) if library == "hedgerow" else None
        self.run = partial(loop, function, pointers, OPTIONS)


class Price(Native):
    """Black-76 prices."""

    loop, function = "sum_prices", "black_price"

    def time_price(self, library):
        self.run()


class Greeks(Native):
    """Prices with Greeks: sixteen of ours, five by the textbook."""

    loop, function = "sum_deltas", "black_greeks"

    def time_greeks(self, library):
        self.run()


class ImpliedVolatility(Native):
    """Implied volatilities of market-like options."""

    loop, function = "sum_volatilities", "black_implied_volatility"

    def time_implied_volatility(self, library):
        self.run()
