"""One option, from Python floats to Python floats: what a loop that cannot be vectorized pays.

Peers: a ufunc of ours on floats, by its own way for numbers and by NumPy's (which a keyword
takes); hedgerow.black.greeks; the formulas in plain Python and compiled by numba, QuantLib's
formula function and calculator object (eleven outputs).
"""

from functools import partial
from time import process_time

from hedgerow import black, kernels

from . import peers

OPTION = (1.0, 100.0, 105.0, 0.5, 0.2, 0.98)
PRICED = (-1.0, 7.5, 100.0, 95.0, 0.5, 0.98)


class Price:
    """The price of one option on a forward."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "ufunc", "ufunc by NumPy", "python", "numba", "quantlib"],)

    def setup(self, library):
        runs = {
            "hedgerow": lambda: kernels.black_price_one,
            "ufunc": lambda: kernels.black_price,
            "ufunc by NumPy": lambda: partial(kernels.black_price, casting="same_kind"),
            "python": lambda: peers.in_python.black_price,
            "numba": lambda: peers.in_numba().one.black_price,
            "quantlib": lambda: peers.in_quantlib().black_price,
        }
        self.run = peers.choose({library: lambda: partial(runs[library](), *OPTION)}, library)

    def time_price(self, library):
        self.run()


class Greeks:
    """The price and all Greeks of one option on a forward."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (
        ["hedgerow", "black.greeks", "ufunc", "ufunc by NumPy", "python", "numba", "quantlib"],
    )

    def setup(self, library):
        runs = {
            "hedgerow": lambda: kernels.black_greeks_one,
            "black.greeks": lambda: black.greeks,
            "ufunc": lambda: kernels.black_greeks,
            "ufunc by NumPy": lambda: partial(kernels.black_greeks, casting="same_kind"),
            "python": lambda: peers.in_python.black_greeks,
            "numba": lambda: peers.in_numba().one.black_greeks,
            "quantlib": lambda: peers.in_quantlib().black_greeks,
        }
        self.run = peers.choose({library: lambda: partial(runs[library](), *OPTION)}, library)

    def time_greeks(self, library):
        self.run()


class ImpliedVolatility:
    """The implied volatility of one option on a forward, by the scalar door."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "brentq", "quantlib"],)

    def setup(self, library):
        runs = {
            "hedgerow": lambda: kernels.black_implied_volatility_one,
            "brentq": lambda: peers.brentq_implied_volatility,
            "quantlib": lambda: peers.in_quantlib().implied_volatility,
        }
        self.run = peers.choose({library: lambda: partial(runs[library](), *PRICED)}, library)

    def time_implied_volatility(self, library):
        self.run()
