"""Simulated paths by Andersen's scheme QE, one thread, beside QuantLib and NumPy.

All take the same steps in Andersen's first case; times per path and step. QuantLib runs its Monte
Carlo engines, in C++, with the corrected drift as we do; NumPy does without the correction.
"""

from functools import partial
from time import process_time

import numpy as np

import hedgerow as hr

from . import peers

MODEL = hr.heston.Parameters(v0=0.04, kappa=0.5, theta=0.04, sigma=1.0, rho=-0.9)
YEARS, STEPS, STRIKE = 10, 80, 100.0
TIMES = np.linspace(0, YEARS, STEPS + 1)[1:]


def in_numpy(paths, keep=False):
    """The same scheme on whole columns, both samples of the variance computed and one taken.

    Returns the price, or all paths.
    """
    v0, kappa, theta, sigma, rho = MODEL
    h = YEARS / STEPS
    decay = np.exp(-kappa * h)
    spread = sigma**2 * decay * (1 - decay) / kappa
    constant = theta * sigma**2 * (1 - decay) ** 2 / (2 * kappa)
    k0 = -rho * kappa * theta * h / sigma
    k1 = h / 2 * (kappa * rho / sigma - 0.5) - rho / sigma
    k2 = h / 2 * (kappa * rho / sigma - 0.5) + rho / sigma
    k3 = h / 2 * (1 - rho**2)

    def run():
        kept = []
        random = np.random.Generator(np.random.Philox(1))
        x, v = np.zeros(paths), np.full(paths, v0)
        for _ in range(STEPS):
            z, other = random.standard_normal(paths), random.standard_normal(paths)
            u = random.random(paths)
            m = theta + (v - theta) * decay
            psi = (v * spread + constant) / m**2
            w = 2 / np.minimum(psi, 1.5)
            b2 = w - 1 + np.sqrt(w * (w - 1))
            p = np.maximum((psi - 1) / (psi + 1), 0)
            jump = np.maximum(np.log((1 - p) / (1 - u)) * m / (1 - p), 0)
            after = np.where(psi <= 1.5, m / (1 + b2) * (np.sqrt(b2) + z) ** 2, jump)
            x += k0 + k1 * v + k2 * after + np.sqrt(k3 * (v + after)) * other
            v = after
            if keep:
                kept.append((np.exp(x), v))
        if keep:
            return np.array(kept)
        return np.maximum(100.0 * np.exp(x) - STRIKE, 0.0).mean()

    return run


def quantlib_process(ql):
    """QuantLib's process with the scheme QE-M, and its day 0."""
    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    curve = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    spot = ql.QuoteHandle(ql.SimpleQuote(100.0))
    scheme = ql.HestonProcess.QuadraticExponentialMartingale
    process = ql.HestonProcess(curve, curve, spot, *MODEL, scheme)
    return process, today


def in_quantlib(paths):
    """QuantLib's engine for European options, on its generator for paths by QE."""
    ql = peers.require("QuantLib")
    process, today = quantlib_process(ql)
    payoff = ql.PlainVanillaPayoff(ql.Option.Call, STRIKE)
    option = ql.VanillaOption(payoff, ql.EuropeanExercise(today + 365 * YEARS))

    def run():
        engine = ql.MCEuropeanHestonEngine(
            process, "pseudorandom", timeSteps=STEPS, requiredSamples=paths, seed=1
        )
        option.setPricingEngine(engine)
        return option.NPV()

    return run


def asian_in_quantlib(paths):
    """QuantLib's engine for arithmetic Asian options, a fixing at every step."""
    ql = peers.require("QuantLib")
    process, today = quantlib_process(ql)
    days = [today + round(365 * YEARS * (i + 1) / STEPS) for i in range(STEPS)]
    payoff = ql.PlainVanillaPayoff(ql.Option.Call, STRIKE)
    expiry = ql.EuropeanExercise(days[-1])
    option = ql.DiscreteAveragingAsianOption(ql.Average.Arithmetic, 0.0, 0, days, payoff, expiry)

    def run():
        engine = ql.MCDiscreteArithmeticAPHestonEngine(
            process, "pseudorandom", requiredSamples=paths, seed=1, timeSteps=STEPS
        )
        option.setPricingEngine(engine)
        return option.NPV()

    return run


def simulation(paths):
    """Ours, on one thread."""
    hr.set_num_threads(1)
    return hr.simulate.Simulation(MODEL, paths=paths, seed=1, step=YEARS / STEPS)


class European:
    """A European option from paths that nobody keeps."""

    timer = staticmethod(process_time)
    param_names = ("library", "paths")
    params = (["hedgerow", "quantlib QE-M", "numpy"], [20_000])

    def setup(self, library, paths):
        if library == "hedgerow":
            option = (hr.Right.CALL, 100.0, STRIKE, float(YEARS), 1.0)
            self.run = partial(simulation(paths).european, *option)
        else:
            self.run = {"quantlib QE-M": in_quantlib, "numpy": in_numpy}[library](paths)

    def time_european(self, library, paths):
        self.run()


class Asian:
    """An arithmetic Asian option observed at every step."""

    timer = staticmethod(process_time)
    param_names = ("library", "paths")
    params = (["hedgerow", "quantlib QE-M"], [20_000])

    def setup(self, library, paths):
        if library == "hedgerow":
            option = (hr.Right.CALL, 100.0, STRIKE, TIMES, 1.0)
            self.run = partial(simulation(paths).asian, *option)
        else:
            self.run = asian_in_quantlib(paths)

    def time_asian(self, library, paths):
        self.run()


class Draw:
    """Whole paths, the forward and the variance at every step kept."""

    timer = staticmethod(process_time)
    param_names = ("library", "paths")
    params = (["hedgerow", "numpy"], [20_000])

    def setup(self, library, paths):
        if library == "hedgerow":
            self.run = partial(simulation(paths).draw, TIMES)
        else:
            self.run = in_numpy(paths, keep=True)

    def time_draw(self, library, paths):
        self.run()


LAW = hr.ssvi.PowerLaw(rho=-0.6, eta=1.0, gamma=0.4)
EXPIRIES = [0.1, 0.25, 0.5, 1.0]
SURFACE = hr.local_volatility.SviSurface(EXPIRIES, [LAW.slice(0.04 * t).raw() for t in EXPIRIES])
EULER_STEPS = 64


def euler_in_numpy(paths):
    """The same steps, the volatility from a table."""
    interpolate = peers.require("scipy.interpolate")
    h = EXPIRIES[-1] / EULER_STEPS
    k, middles = np.linspace(-1.5, 1.5, 201), h * (np.arange(EULER_STEPS) + 0.5)
    table = SURFACE.local_volatility(k[:, None], middles)
    look_up = interpolate.RegularGridInterpolator((k, middles), table, bounds_error=False)

    def run():
        random = np.random.Generator(np.random.Philox(1))
        x = np.zeros(paths)
        for middle in middles:
            points = np.column_stack([x, np.full(paths, middle)])
            v = look_up(points) ** 2 * h
            x += np.sqrt(v) * random.standard_normal(paths) - 0.5 * v
        return np.exp(x)

    return run


class LocalVolatility:
    """Paths under a local volatility, their ends kept."""

    timer = staticmethod(process_time)
    param_names = ("library", "paths")
    params = (["hedgerow", "numpy"], [20_000])

    def setup(self, library, paths):
        if library == "hedgerow":
            options = {"paths": paths, "seed": 1, "step": EXPIRIES[-1] / EULER_STEPS}
            draw = hr.simulate.local_volatility_paths
            self.run = partial(draw, SURFACE, EXPIRIES[-1:], **options)
        else:
            self.run = euler_in_numpy(paths)

    def time_draw(self, library, paths):
        self.run()
