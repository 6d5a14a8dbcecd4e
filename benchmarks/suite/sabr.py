"""SABR: fits of fifteen strikes, volatilities over columns, the search for arbitrage; one thread.

Peers: QuantLib's SABRInterpolation (simplex, its default, from a good guess; it stops at an error
of its own) and its sabrVolatility in a loop; the formula in NumPy, fitted by SciPy's least_squares,
and its density by second differences of prices.
"""

from functools import lru_cache, partial
from time import process_time

import numpy as np
from scipy import optimize, special

from hedgerow import sabr

from . import peers

FORWARD, TIME, BETA = 101.0, 0.75, 0.5
EXPIRY = {"forward": FORWARD, "time": TIME, "beta": BETA}
MODEL = sabr.SabrParameters(alpha=2.2, beta=BETA, rho=-0.35, nu=0.6)
NEAR = sabr.SabrParameters(alpha=2.21, beta=BETA, rho=-0.36, nu=0.61)
STRIKES = np.linspace(65, 135, 15)
LOW, HIGH, POINTS = 20.0, 400.0, 257
SIZES = [1, 1_000, 100_000]
MOST_OBJECTS = 1_000


@lru_cache
def quotes():
    """Fifteen volatilities of a model, off by a fifth of a point."""
    noise = 0.002 * np.random.default_rng(2002).standard_normal(len(STRIKES))
    return sabr.volatility(MODEL, FORWARD, STRIKES, TIME) + noise


def volatility_in_numpy(alpha, rho, nu, strikes):
    """Obloj's formula at fixed beta, as one writes it; 0/0 at the money itself."""
    b = 1 - BETA
    mean = (FORWARD * strikes) ** (b / 2)
    z = nu / alpha * (FORWARD**b - strikes**b) / b
    x = np.log((np.sqrt(1 - 2 * rho * z + z * z) + z - rho) / (1 - rho))
    growth = b * b / 24 * (alpha / mean) ** 2 + rho * nu * BETA / 4 * alpha / mean
    growth += (2 - 3 * rho**2) / 24 * nu**2
    return nu * np.log(FORWARD / strikes) / x * (1 + growth * TIME)


def fit_in_scipy():
    """Least squares by Levenberg-Marquardt with differences for derivatives."""
    observed = quotes()

    def residuals(unknowns):
        return volatility_in_numpy(*unknowns, STRIKES) - observed

    return optimize.least_squares(residuals, [2.0, -0.2, 0.5], method="lm").x


def fit_in_quantlib():
    """alpha, rho and nu by QuantLib, as it comes but for equal weights."""
    ql = peers.require("QuantLib")
    strikes, observed = STRIKES.tolist(), quotes().tolist()

    def run():
        fixed = (False, True, False, False)
        start = (2.0, BETA, 0.5, -0.2)
        found = ql.SABRInterpolation(strikes, observed, TIME, FORWARD, *start, *fixed, False)
        return found.alpha(), found.rho(), found.nu()

    return run


class Fit:
    """alpha, rho and nu of fifteen strikes, from nothing and from the last fit."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "warm", "quantlib", "scipy"],)

    def setup(self, library):
        fit = partial(sabr.fit, STRIKES, quotes(), **EXPIRY)
        runs = {
            "hedgerow": lambda: fit,
            "warm": lambda: partial(fit, start=NEAR),
            "quantlib": fit_in_quantlib,
            "scipy": lambda: fit_in_scipy,
        }
        self.run = peers.choose(runs, library)

    def time_fit(self, library):
        self.run()


class Volatility:
    """Black volatilities at many strikes of one expiry."""

    timer = staticmethod(process_time)
    param_names = ("library", "strikes")
    params = (["hedgerow", "quantlib", "numpy"], SIZES)

    def setup(self, library, strikes):
        if library == "quantlib":
            peers.at_most(MOST_OBJECTS, strikes)
        at = np.linspace(50.03, 200, strikes)

        def loop():
            formula = peers.require("QuantLib").sabrVolatility
            model = (MODEL.alpha, BETA, MODEL.nu, MODEL.rho)
            return peers.each(lambda k: formula(k, FORWARD, TIME, *model), (at,))

        runs = {
            "hedgerow": lambda: partial(sabr.volatility, MODEL, FORWARD, at, TIME),
            "quantlib": loop,
            "numpy": lambda: partial(volatility_in_numpy, MODEL.alpha, MODEL.rho, MODEL.nu, at),
        }
        self.run = peers.choose(runs, library)

    def time_volatility(self, library, strikes):
        self.run()


def density_in_numpy():
    """The least density at as many strikes as ours, from second differences of calls."""
    center = np.geomspace(LOW, HIGH, POINTS)
    step = 1e-3 * center

    def call(strikes):
        s = volatility_in_numpy(MODEL.alpha, MODEL.rho, MODEL.nu, strikes) * np.sqrt(TIME)
        d1 = np.log(FORWARD / strikes) / s + s / 2
        return FORWARD * special.ndtr(d1) - strikes * special.ndtr(d1 - s)

    return np.min((call(center - step) - 2 * call(center) + call(center + step)) / step**2)


class Butterfly:
    """The search for negative densities between a fifth of the forward and four times it."""

    timer = staticmethod(process_time)
    param_names = ("library",)
    params = (["hedgerow", "numpy"],)

    def setup(self, library):
        search = partial(sabr.butterfly, MODEL, FORWARD, TIME, low=LOW, high=HIGH)
        runs = {"hedgerow": lambda: search, "numpy": lambda: density_in_numpy}
        self.run = peers.choose(runs, library)

    def time_butterfly(self, library):
        self.run()
