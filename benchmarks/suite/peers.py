"""What others would use: the same numbers by NumPy, numba, QuantLib and py_vollib_vectorized.

Every function here takes the columns of inputs.py and returns what it computed. Peers that are not
installed raise NotImplementedError when they are asked for, which asv shows as n/a.

The textbook formulas are written once and run by NumPy, by loops of numba and by plain Python: all
seventeen outputs of hedgerow's kernels. QuantLib's calculator has no third-order Greeks and none in
time beyond theta, py_vollib_vectorized has five Greeks: they do less work than hedgerow here.
tests/house/test_benchmarks.py holds them all to hedgerow's numbers.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, special

Run = Callable[..., Any]
OUTPUTS = 17


def require(module: str) -> ModuleType:
    """The module, or NotImplementedError where it can't be imported."""
    try:
        return importlib.import_module(module)
    except Exception as error:  # some peers fail with more than ImportError on a fresh install
        raise NotImplementedError(f"{module} can't be imported: {error}") from error


class Formulas(NamedTuple):
    """The closed forms, on whatever numbers the given functions work on."""

    black_price: Run
    black_greeks: Run
    bsm_greeks: Run


def closed_forms(
    log: Run, exp: Run, sqrt: Run, normal_cdf: Run, compiled: Callable[[Run], Run] = lambda f: f
) -> Formulas:
    """Black-76 and Black-Scholes-Merton as in Haug 2007, ch. 1-2."""

    @compiled
    def black_price(right, forward, strike, time, volatility, discount):
        s = volatility * sqrt(time)
        d1 = log(forward / strike) / s + 0.5 * s
        tails = forward * normal_cdf(right * d1) - strike * normal_cdf(right * (d1 - s))
        return discount * right * tails

    @compiled
    def bsm_greeks(right, spot, strike, time, volatility, rate, carry):
        root = sqrt(time)
        s = volatility * root
        d1 = (log(spot / strike) + carry * time) / s + 0.5 * s
        d2 = d1 - s
        growth, discount = exp((carry - rate) * time), exp(-rate * time)
        density = growth * exp(-0.5 * d1 * d1) * 0.3989422804014327
        delta = right * growth * normal_cdf(right * d1)
        dual_delta = -right * discount * normal_cdf(right * d2)
        leg1, leg2 = spot * delta, -strike * dual_delta
        dividend, product = rate - carry, d1 * d2
        decay = dividend + carry * d1 / s
        gamma = density / (spot * s)
        vega = spot * density * root
        price = leg1 - leg2
        return (
            price,
            delta,
            gamma,
            vega,
            dividend * leg1 - rate * leg2 - 0.5 * volatility * vega / time,
            time * leg2,
            -time * leg1,
            -density * d2 / volatility,
            vega * product / volatility,
            dividend * delta - density * (carry / s - 0.5 * d2 / time),
            vega * (decay - 0.5 * (1.0 + product) / time),
            -gamma / spot * (d1 / s + 1.0),
            -gamma * (1.0 - product) / volatility,
            gamma * (decay + 0.5 * (1.0 - product) / time),
            -vega / (volatility * volatility) * (product * (1.0 - product) + d1 * d1 + d2 * d2),
            dual_delta,
            density * spot / (s * strike * strike),
        )

    @compiled
    def black_greeks(right, forward, strike, time, volatility, discount):
        g = bsm_greeks(right, forward, strike, time, volatility, -log(discount) / time, 0.0)
        return (*g[:5], -time * g[0], 0.0 * g[0], *g[7:])

    return Formulas(black_price, black_greeks, bsm_greeks)


def _scalar_cdf(x: float) -> float:
    return 0.5 * math.erfc(-0.7071067811865476 * x)


in_numpy = closed_forms(np.log, np.exp, np.sqrt, special.ndtr)
in_python = closed_forms(math.log, math.exp, math.sqrt, _scalar_cdf)


class Compiled(NamedTuple):
    """The closed forms compiled by numba: one option, and loops over columns."""

    one: Formulas
    black_prices: Run
    black_greeks: Run
    bsm_greeks: Run
    bsm_sums: Run
    positions: Run


@lru_cache
def in_numba() -> Compiled:
    """Loops as one writes them by hand, with numba's fast-math."""
    numba = require("numba")
    compiled = numba.njit(fastmath=True, error_model="numpy")
    one = closed_forms(math.log, math.exp, math.sqrt, compiled(_scalar_cdf), compiled)
    black_price, black_greeks, bsm_greeks = one

    @compiled
    def black_price_loop(right, forward, strike, time, volatility, discount):
        out = np.empty(len(right))
        for i in range(len(right)):
            out[i] = black_price(
                right[i], forward[i], strike[i], time[i], volatility[i], discount[i]
            )
        return out

    @compiled
    def black_greeks_loop(right, forward, strike, time, volatility, discount):
        out = np.empty((OUTPUTS, len(right)))
        for i in range(len(right)):
            g = black_greeks(right[i], forward[i], strike[i], time[i], volatility[i], discount[i])
            for j in range(OUTPUTS):
                out[j, i] = g[j]
        return out

    @compiled
    def bsm_greeks_loop(right, spot, strike, time, volatility, rate, carry):
        out = np.empty((OUTPUTS, len(right)))
        for i in range(len(right)):
            g = bsm_greeks(right[i], spot[i], strike[i], time[i], volatility[i], rate[i], carry[i])
            for j in range(OUTPUTS):
                out[j, i] = g[j]
        return out

    @compiled
    def bsm_sums_loop(right, spot, strike, time, volatility, rate, carry, quantity, group, groups):
        sums = np.zeros((groups, OUTPUTS))
        for i in range(len(right)):
            g = bsm_greeks(right[i], spot[i], strike[i], time[i], volatility[i], rate[i], carry[i])
            for j in range(OUTPUTS):
                sums[group[i], j] += quantity[i] * g[j]
        return sums.T

    @compiled
    def position_loop(
        owner, instrument, quantity, price, units, expiry, nodes, bounds, held, average, realized
    ):
        breaches = 0
        for i in range(len(owner)):
            at, traded = instrument[i], quantity[i]
            place = owner[i] * len(expiry) + at
            before = held[place]
            after = before + traded
            if before * traded >= 0:
                average[place] = (average[place] * before + price[i] * traded) / after
            else:
                closed = -traded if abs(traded) < abs(before) else before
                realized[place] += closed * (price[i] - average[place])
                if abs(traded) > abs(before):
                    average[place] = price[i]
            held[place] = after
            e, o = expiry[at], owner[i]
            for node in (0, 1, 2 + e, 24 + e // 4, 32 + o % 3, 36 + o % 2, 40 + o, 52 + o):
                for j in range(8):
                    nodes[node, j] += traded * units[at, j]
                    breaches += abs(nodes[node, j]) > bounds[node, j]
        return breaches

    return Compiled(
        one,
        black_price_loop,
        black_greeks_loop,
        bsm_greeks_loop,
        bsm_sums_loop,
        position_loop,
    )


# --- nautilus_trader: positions as objects ------------------------------------------------------


class Nautilus(NamedTuple):
    """How to make a fill of a coin-settled option, and a position of one."""

    fill: Run
    position: Run


@lru_cache
def in_nautilus() -> Nautilus:
    """Positions of nautilus_trader, which knows fills as events."""
    core = require("nautilus_trader.core.uuid")
    model = require("nautilus_trader.model")
    enums = require("nautilus_trader.model.enums")
    events = require("nautilus_trader.model.events")
    positions = require("nautilus_trader.model.position")
    providers = require("nautilus_trader.test_kit.providers")
    instrument = providers.TestInstrumentProvider.btcusdt_binance()
    names = (model.TraderId("T-1"), model.StrategyId("S-1"), instrument.id)
    account, position = model.AccountId("BINANCE-1"), model.PositionId("P-1")
    fee = model.Money(0.1, instrument.quote_currency)

    def fill(trade, quantity, price):
        side = enums.OrderSide.BUY if quantity > 0 else enums.OrderSide.SELL
        return events.OrderFilled(
            *names,
            model.ClientOrderId(f"O-{trade}"),
            model.VenueOrderId(trade),
            account,
            model.TradeId(trade),
            position,
            side,
            enums.OrderType.LIMIT,
            model.Quantity(abs(quantity), 6),
            model.Price(price, 2),
            instrument.quote_currency,
            fee,
            enums.LiquiditySide.MAKER,
            core.UUID4(),
            0,
            0,
        )

    return Nautilus(fill, lambda first: positions.Position(instrument, first))


def greeks_in_nautilus(options, prices, spot, as_of):
    """Portfolio Greeks of one position in each option, as a function of how far the spot moved.

    It has implied volatilities beforehand, as hedgerow has: price and four Greeks are left to do.
    Prices are to be of an option with one day left: it takes all that are longer for such.
    """
    core = require("nautilus_trader.core.uuid")
    model = require("nautilus_trader.model")
    enums = require("nautilus_trader.model.enums")
    component = require("nautilus_trader.common.component")
    objects = require("nautilus_trader.test_kit.providers")
    contract = require("nautilus_trader.model.instruments").OptionContract
    position = require("nautilus_trader.model.position").Position
    filled = require("nautilus_trader.model.events").OrderFilled
    cache = require("nautilus_trader.cache.cache").Cache()
    clock, now = component.TestClock(), int(as_of)
    clock.set_time(now)
    names = (model.TraderId("T-1"), model.StrategyId("S-1"))
    dollar, one = model.Currency.from_str("USD"), model.Quantity.from_int(1)
    tick, fee = model.Price(1e-8, 8), model.Money(0.0, dollar)
    underlying = objects.TestInstrumentProvider.equity(symbol="BTC", venue="V")
    cache.add_instrument(underlying)
    price = model.Price(spot, 2), one, enums.AggressorSide.BUYER
    cache.add_trade_tick(model.TradeTick(underlying.id, *price, model.TradeId("1"), now, now))
    for number, (option, worth) in enumerate(zip(options, prices, strict=True)):
        name = model.InstrumentId.from_str(f"O{number}.V")
        call = option.right.name == "CALL"
        kind = enums.OptionKind.CALL if call else enums.OptionKind.PUT
        terms = "BTC", kind, model.Price(option.strike, 2), 0, int(option.expiry.astype("int64"))
        equity = enums.AssetClass.EQUITY
        listed = contract(name, name.symbol, equity, dollar, 8, tick, one, one, *terms, now, now)
        cache.add_instrument(listed)
        quote = (model.Price(worth + side, 8) for side in (-1e-8, 1e-8))
        cache.add_quote_tick(model.QuoteTick(name, *quote, one, one, now, now))
        order = model.ClientOrderId(f"O-{number}"), model.VenueOrderId(f"{number}")
        trade = model.AccountId("V-1"), model.TradeId(f"{number}"), model.PositionId(f"P-{number}")
        how = enums.OrderSide.BUY, enums.OrderType.LIMIT, one, model.Price(worth, 8), dollar, fee
        at = enums.LiquiditySide.MAKER, core.UUID4(), now, now
        fill = filled(*names, name, *order, *trade, *how, *at)
        cache.add_position(position(listed, fill), enums.OmsType.NETTING)
    greeks = require("nautilus_trader.model.greeks").GreeksCalculator
    bus = component.MessageBus(names[0], clock)
    calculator = greeks(bus, cache, clock)
    calculator.portfolio_greeks(cache_greeks=True)
    return lambda move: calculator.portfolio_greeks(use_cached_greeks=True, spot_shock=move)


# --- QuantLib: objects, one at a time, from Python ---------------------------------------------


class QuantLibFunctions(NamedTuple):
    """QuantLib on one option, from Python floats."""

    black_price: Run
    black_greeks: Run
    bsm_greeks: Run
    implied_volatility: Run
    bachelier_price: Run
    bachelier_implied_volatility: Run
    displaced_price: Run


@lru_cache
def in_quantlib() -> QuantLibFunctions:
    """Calculator objects and formulas, one option at a time, as QuantLib-Python offers them."""
    ql = require("QuantLib")
    no_guess = ql.nullDouble()

    def black_price(right, forward, strike, time, volatility, discount):
        deviation = volatility * math.sqrt(time)
        return ql.blackFormula(int(right), strike, forward, deviation, discount)

    def displaced_price(right, forward, strike, time, volatility, discount, shift):
        deviation = volatility * math.sqrt(time)
        return ql.blackFormula(int(right), strike, forward, deviation, discount, shift)

    def bachelier_price(right, forward, strike, time, volatility, discount):
        deviation = volatility * math.sqrt(time)
        return ql.bachelierBlackFormula(int(right), strike, forward, deviation, discount)

    def bsm_greeks(right, spot, strike, time, volatility, rate, carry):
        payoff = ql.PlainVanillaPayoff(int(right), strike)
        forward, discount = spot * math.exp(carry * time), math.exp(-rate * time)
        calculator = ql.BlackCalculator(payoff, forward, volatility * math.sqrt(time), discount)
        return (
            calculator.value(),
            calculator.delta(spot),
            calculator.gamma(spot),
            calculator.vega(time),
            calculator.theta(spot, time),
            calculator.rho(time),
            calculator.dividendRho(time),
            calculator.vanna(spot, time),
            calculator.volga(time),
            calculator.strikeSensitivity(),
            calculator.strikeGamma(),
        )

    def black_greeks(right, forward, strike, time, volatility, discount):
        return bsm_greeks(right, forward, strike, time, volatility, -math.log(discount) / time, 0.0)

    def implied_volatility(right, price, forward, strike, time, discount):
        try:
            deviation = ql.blackFormulaImpliedStdDev(
                int(right), strike, forward, price, discount, 0.0, no_guess, 1e-14, 1000
            )
        except RuntimeError:  # it gives up
            return math.nan
        return deviation / math.sqrt(time)

    def bachelier_implied_volatility(right, price, forward, strike, time, discount):
        return ql.bachelierBlackFormulaImpliedVol(
            int(right), strike, forward, time, price, discount
        )

    return QuantLibFunctions(
        black_price,
        black_greeks,
        bsm_greeks,
        implied_volatility,
        bachelier_price,
        bachelier_implied_volatility,
        displaced_price,
    )


# --- others --------------------------------------------------------------------------------------


def brentq_implied_volatility(right, price, forward, strike, time, discount) -> float:
    """One implied volatility by a bracketing search on the textbook formula."""
    return optimize.brentq(
        lambda v: in_python.black_price(right, forward, strike, time, v, discount) - price,
        1e-4,
        10.0,
        xtol=1e-15,
        rtol=1e-14,
    )


def bachelier_greeks(right, forward, strike, time, volatility, discount) -> tuple[np.ndarray, ...]:
    """Bachelier's formula in NumPy: price, delta, gamma, vega, theta, rho."""
    root = np.sqrt(time)
    s = volatility * root
    distance = right * (forward - strike)
    d = distance / s
    cdf, pdf = special.ndtr(d), 0.3989422804014327 * np.exp(-0.5 * d * d)
    price = discount * (distance * cdf + s * pdf)
    vega = discount * root * pdf
    theta = (-np.log(discount) * price - 0.5 * volatility * vega) / time
    return price, discount * right * cdf, discount * pdf / s, vega, theta, -time * price


def bachelier_price(right, forward, strike, time, volatility, discount) -> np.ndarray:
    """Bachelier's formula in NumPy."""
    s = volatility * np.sqrt(time)
    distance = right * (forward - strike)
    d = distance / s
    return discount * (distance * special.ndtr(d) + s * 0.3989422804014327 * np.exp(-0.5 * d * d))


class VollibFunctions(NamedTuple):
    """py_vollib_vectorized over columns."""

    black_price: Run
    black_greeks: Run
    implied_volatility: Run


@lru_cache
def in_vollib() -> VollibFunctions:
    """Its doors for arrays; its rate is what our discount factor implies."""
    vollib = require("py_vollib_vectorized")

    def black_price(flag, forward, strike, time, rate, volatility):
        return vollib.vectorized_black(
            flag, forward, strike, time, rate, volatility, return_as="numpy"
        )

    def black_greeks(flag, forward, strike, time, rate, volatility):
        columns = (flag, forward, strike, time, rate, volatility)
        greeks = vollib.get_all_greeks(*columns, model="black", return_as="dict")
        return black_price(*columns), *greeks.values()

    def implied_volatility(price, forward, strike, rate, time, flag):
        return vollib.vectorized_implied_volatility_black(
            price, forward, strike, rate, time, flag, return_as="numpy"
        )

    return VollibFunctions(black_price, black_greeks, implied_volatility)


def vollib_columns(options: Any) -> tuple[np.ndarray, ...]:
    """Options as py_vollib_vectorized wants them."""
    right, forward, strike, time, volatility, discount = options
    flag = np.where(right > 0, "c", "p")
    return flag, forward, strike, time, -np.log(discount) / time, volatility


def choose(runs: dict[str, Callable[[], Run]], library: str) -> Run:
    """What the library runs, after one run, so that it is compiled; n/a where it has nothing."""
    if library not in runs:
        raise NotImplementedError(f"{library} has no such function")
    run = runs[library]()
    run()
    return run


def at_most(limit: int, length: int) -> None:
    """Loops over Python objects are only run on so many rows."""
    if length > limit:
        raise NotImplementedError(f"run on {limit:,} rows at most")


def each(function: Run, columns: tuple[np.ndarray, ...]) -> Run:
    """A call that runs a scalar function over rows, from Python floats."""
    rows = list(zip(*(column.tolist() for column in columns), strict=True))

    def run() -> list[Any]:
        return [function(*row) for row in rows]

    return run
