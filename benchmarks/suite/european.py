"""European options, one thread: a price, and a price with its sixteen Greeks.

Peers: the same formulas in NumPy and SciPy, and in a numba loop; QuantLib's formula functions and
BlackCalculator in a Python loop (1,000 options at most); py_vollib_vectorized.
"""

from functools import partial
from time import process_time

import numpy as np

from hedgerow import kernels

from . import inputs, peers

SIZES = [1, 1_000, 100_000]
FEWER_SIZES = [1_000, 100_000]  # what one option costs, the first two classes tell
MOST_OBJECTS = 1_000
SHIFT = 20.0


class European:
    """What the classes below share."""

    timer = staticmethod(process_time)
    param_names = ("library", "options")

    def setup(self, library, options):
        if library == "quantlib":
            peers.at_most(MOST_OBJECTS, options)
        self.run = peers.choose(self.runs(options), library)


class BlackPrice(European):
    """Black-76 prices."""

    params = (["hedgerow", "numpy", "numba", "quantlib", "py_vollib_vectorized"], SIZES)

    def runs(self, options):
        o = inputs.market_options(options)
        return {
            "hedgerow": lambda: partial(kernels.black_price, *o),
            "numpy": lambda: partial(peers.in_numpy.black_price, *o),
            "numba": lambda: partial(peers.in_numba().black_prices, *o),
            "quantlib": lambda: peers.each(peers.in_quantlib().black_price, o),
            "py_vollib_vectorized": lambda: partial(
                peers.in_vollib().black_price, *peers.vollib_columns(o)
            ),
        }

    def time_price(self, library, options):
        self.run()


class BlackGreeks(European):
    """Black-76 prices and Greeks: seventeen outputs (QuantLib eleven, py_vollib_vectorized six)."""

    params = (["hedgerow", "numpy", "numba", "quantlib", "py_vollib_vectorized"], SIZES)

    def runs(self, options):
        o = inputs.market_options(options)
        return {
            "hedgerow": lambda: partial(kernels.black_greeks, *o),
            "numpy": lambda: partial(peers.in_numpy.black_greeks, *o),
            "numba": lambda: partial(peers.in_numba().black_greeks, *o),
            "quantlib": lambda: peers.each(peers.in_quantlib().black_greeks, o),
            "py_vollib_vectorized": lambda: partial(
                peers.in_vollib().black_greeks, *peers.vollib_columns(o)
            ),
        }

    def time_greeks(self, library, options):
        self.run()


class BsmPrice(European):
    """Black-Scholes-Merton prices, the discounting and carrying included."""

    params = (["hedgerow", "numpy"], FEWER_SIZES)

    def runs(self, options):
        right, spot, strike, time, volatility, rate, carry = o = inputs.market_spot_options(options)

        def in_numpy():
            forward, discount = spot * np.exp(carry * time), np.exp(-rate * time)
            return peers.in_numpy.black_price(right, forward, strike, time, volatility, discount)

        return {"hedgerow": lambda: partial(kernels.bsm_price, *o), "numpy": lambda: in_numpy}

    def time_price(self, library, options):
        self.run()


class BsmGreeks(European):
    """Black-Scholes-Merton prices and Greeks: seventeen outputs (QuantLib eleven)."""

    params = (["hedgerow", "numpy", "numba", "quantlib"], FEWER_SIZES)

    def runs(self, options):
        o = inputs.market_spot_options(options)
        return {
            "hedgerow": lambda: partial(kernels.bsm_greeks, *o),
            "numpy": lambda: partial(peers.in_numpy.bsm_greeks, *o),
            "numba": lambda: partial(peers.in_numba().bsm_greeks, *o),
            "quantlib": lambda: peers.each(peers.in_quantlib().bsm_greeks, o),
        }

    def time_greeks(self, library, options):
        self.run()


class DisplacedPrice(European):
    """Black's formula on prices displaced by SHIFT."""

    params = (["hedgerow", "numpy", "quantlib"], FEWER_SIZES)

    def runs(self, options):
        o = inputs.market_options(options)
        shift = np.full(options, SHIFT)
        moved = o._replace(forward=o.forward + SHIFT, strike=o.strike + SHIFT)
        return {
            "hedgerow": lambda: partial(kernels.displaced_price, *o, shift),
            "numpy": lambda: partial(peers.in_numpy.black_price, *moved),
            "quantlib": lambda: peers.each(peers.in_quantlib().displaced_price, (*o, shift)),
        }

    def time_price(self, library, options):
        self.run()


class DisplacedGreeks(European):
    """The same with all Greeks."""

    params = (["hedgerow", "numpy"], FEWER_SIZES)

    def runs(self, options):
        o = inputs.market_options(options)
        moved = o._replace(forward=o.forward + SHIFT, strike=o.strike + SHIFT)
        return {
            "hedgerow": lambda: partial(kernels.displaced_greeks, *o, np.full(options, SHIFT)),
            "numpy": lambda: partial(peers.in_numpy.black_greeks, *moved),
        }

    def time_greeks(self, library, options):
        self.run()


class BachelierPrice(European):
    """Prices under normal volatility."""

    params = (["hedgerow", "numpy", "quantlib"], FEWER_SIZES)

    def runs(self, options):
        o = inputs.normal_options(options)
        return {
            "hedgerow": lambda: partial(kernels.bachelier_price, *o),
            "numpy": lambda: partial(peers.bachelier_price, *o),
            "quantlib": lambda: peers.each(peers.in_quantlib().bachelier_price, o),
        }

    def time_price(self, library, options):
        self.run()


class BachelierGreeks(European):
    """The same with Greeks: seventeen outputs (NumPy six: the usual first five derivatives)."""

    params = (["hedgerow", "numpy"], FEWER_SIZES)

    def runs(self, options):
        o = inputs.normal_options(options)
        return {
            "hedgerow": lambda: partial(kernels.bachelier_greeks, *o),
            "numpy": lambda: partial(peers.bachelier_greeks, *o),
        }

    def time_greeks(self, library, options):
        self.run()
