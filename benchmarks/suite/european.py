"""European options, one thread: a price, and a price with its sixteen Greeks.

Peers: the same formulas in NumPy and SciPy, and in a numba loop; QuantLib's formula functions and
BlackCalculator in a Python loop (1,000 options at most); py_vollib_vectorized. For columns longer
than the caches: our own time on pieces that stay in them, and a copy of as many bytes.
"""

from functools import partial
from time import perf_counter, process_time

import numpy as np

import hedgerow as hr
from hedgerow import kernels

from . import inputs, peak_beyond, peers

SIZES = [1, 1_000, 100_000]
FEWER_SIZES = [1_000, 100_000]  # what one option costs, the first two classes tell
MOST_OBJECTS = 1_000
SHIFT = 20.0


class European:
    """What the classes below share."""

    timer = staticmethod(process_time)
    param_names = ("library", "options")
    threads = 1

    def setup(self, library, options):
        hr.set_num_threads(self.threads)
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


class BlackSweep(European):
    """Prices and Greeks into columns that are there: the arithmetic, and its way to memory.

    "cached" computes pieces of 2,000 options over and over, each call of which costs a ufunc's two
    microseconds; "copy" moves as many bytes out as hedgerow does; "new" is hedgerow without `out`.
    """

    params = (["hedgerow", "new", "cached", "copy", "numba"], [1_000_000, 10_000_000])
    number, warmup_time = 1, 0
    piece = 2_000

    def runs(self, options):
        o = inputs.market_options(options)
        out = tuple(np.zeros(options) for _ in kernels.names)
        # Columns of their own: parts of long ones lie whole pages apart and share places in L1.
        few = tuple(np.zeros(min(self.piece, options)) for _ in kernels.names)

        def cached():
            for start in range(0, options, self.piece):
                kernels.black_greeks(*(c[start : start + self.piece] for c in o), out=few)

        def copy():
            for j, column in enumerate(out):
                np.copyto(column, o[j % len(o)])

        return {
            "hedgerow": lambda: partial(kernels.black_greeks, *o, out=out),
            "new": lambda: partial(kernels.black_greeks, *o),
            "cached": lambda: cached,
            "copy": lambda: copy,
            "numba": lambda: partial(peers.in_numba().black_greeks, *o),
        }

    def time_greeks(self, library, options):
        self.run()

    def peakmem_greeks(self, library, options):
        self.run()


class BlackMemory:
    """Bytes beyond the inputs, and beyond the outputs too where these are there: hedgerow alone."""

    unit = "bytes"
    number, repeat = 1, 1
    param_names = ("library", "options")
    params = (["hedgerow", "new", "numpy", "numba"], [10_000_000])

    @staticmethod
    def runs(options):
        o = inputs.market_options(options)
        out = tuple(np.full(options, 0.0) for _ in kernels.names)
        return {
            "hedgerow": lambda: partial(kernels.black_greeks, *o, out=out),
            "new": lambda: partial(kernels.black_greeks, *o),
            "numpy": lambda: partial(peers.in_numpy.black_greeks, *o),
            "numba": lambda: partial(peers.in_numba().black_greeks, *o),
        }

    def setup(self, library, options):
        if library == "numba":
            self.runs(1)[library]()()  # the compiler's memory is not the loop's
        self.run = peers.choose(self.runs(options), library)

    def track_bytes(self, library, options):
        return peak_beyond(self.run)


class BlackOnAllThreads(European):
    """The same in wall time, on as many threads as there are processors, and on one."""

    timer = staticmethod(perf_counter)
    threads = inputs.ALL_THREADS
    params = (["hedgerow", "one thread"], [10_000, 100_000, 1_000_000, 10_000_000])

    def runs(self, options):
        o = inputs.market_options(options)
        out = tuple(np.zeros(options) for _ in kernels.names)
        run = partial(kernels.black_greeks, *o, out=out)

        def on(threads):
            if hr.get_num_threads() != threads:
                hr.set_num_threads(threads)
            run()

        return {
            "hedgerow": lambda: partial(on, self.threads),
            "one thread": lambda: partial(on, 1),
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
