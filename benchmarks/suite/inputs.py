"""The frozen inputs: seeded, so that every run, commit and library is given the same numbers.

Changing anything here makes old results incomparable; add a new input instead.

* `market_options`: options as markets quote them, out to three standard deviations; seed SEED.
* `wide_options`: total volatilities and strikes as far as a double reaches, prices down to 1e-285.
* `real_book`: the option positions of examples/data/btc_20260318_positions.csv (strikes and
  expiries of Deribit's coin-settled BTC options, see the README there), tiled to a length.
* `distinct_book`: the same expiries, with as many strikes as it takes for contracts to differ.

The market of both books is calibrated from btc_20260318_quotes.csv.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

import hedgerow as hr
from hedgerow import kernels
from hedgerow.io import read_book, read_quotes

SEED = 20260318
DATA = Path(__file__).parents[2] / "examples" / "data"
STRATEGIES = ("market making", "tail hedge", "dispersion", "carry")
ACCOUNTS = ("maker", "fund", "treasury")
VENUES = ("Deribit", "OTC")
ALL_THREADS = len(os.sched_getaffinity(0))  # whatever asv's environment says of threads


class Options(NamedTuple):
    """Columns of options on forwards, in the order of the Black-76 kernels."""

    right: np.ndarray
    forward: np.ndarray
    strike: np.ndarray
    time: np.ndarray
    volatility: np.ndarray
    discount: np.ndarray


class SpotOptions(NamedTuple):
    """Columns of options on a spot, in the order of the Black-Scholes-Merton kernels."""

    right: np.ndarray
    spot: np.ndarray
    strike: np.ndarray
    time: np.ndarray
    volatility: np.ndarray
    rate: np.ndarray
    carry: np.ndarray


class PricedOptions(NamedTuple):
    """Columns of options with their price in place of the volatility: what is inverted."""

    right: np.ndarray
    price: np.ndarray
    forward: np.ndarray
    strike: np.ndarray
    time: np.ndarray
    discount: np.ndarray


@lru_cache
def market_options(length: int) -> Options:
    """Calls and puts from a day to two years, volatility 10 % to 100 %, within 3 deviations."""
    random = np.random.default_rng(SEED)
    forward = random.uniform(50.0, 150.0, length)
    time = np.exp(random.uniform(np.log(1 / 365), np.log(2.0), length))
    volatility = np.exp(random.uniform(np.log(0.1), np.log(1.0), length))
    strike = forward * np.exp(random.uniform(-3.0, 3.0, length) * volatility * np.sqrt(time))
    right = np.where(random.random(length) < 0.5, 1.0, -1.0)
    return Options(right, forward, strike, time, volatility, np.exp(-0.03 * time))


@lru_cache
def wide_options(length: int) -> Options:
    """Out of the money as far as |d1| or |d2| is 36; total volatility 0.01 to 5."""
    random = np.random.default_rng(SEED + 1)
    deviation = np.exp(random.uniform(np.log(0.01), np.log(5.0), length))
    right = np.where(random.random(length) < 0.5, 1.0, -1.0)
    distance = random.uniform(0.0, 36.0 - 0.5 * deviation)
    strike = 100.0 * np.exp(right * distance * deviation)
    one = np.ones(length)
    return Options(right, 100.0 * one, strike, one, deviation, one)


def market_spot_options(length: int) -> SpotOptions:
    """The market-like options in spot terms, with a rate of 3 % and a carry of 1 %."""
    right, forward, strike, time, volatility, _ = market_options(length)
    spot, one = forward * np.exp(-0.01 * time), np.ones(length)
    return SpotOptions(right, spot, strike, time, volatility, 0.03 * one, 0.01 * one)


def normal_options(length: int) -> Options:
    """The market-like options with normal volatilities: of prices, not of their logarithms."""
    options = market_options(length)
    return options._replace(volatility=options.volatility * options.forward)


@lru_cache
def priced_options(name: str, length: int) -> PricedOptions:
    """Options named market, wide or normal on their out-of-the-money side, with their prices.

    A price in the money determines the volatility no better: it only adds intrinsic value.
    """
    options = {"market": market_options, "wide": wide_options, "normal": normal_options}[name](
        length
    )
    right = np.where(options.strike >= options.forward, 1.0, -1.0)
    _, forward, strike, time, volatility, discount = options
    price = kernels.bachelier_price if name == "normal" else kernels.black_price
    prices = price(right, forward, strike, time, volatility, discount)
    return PricedOptions(right, prices, forward, strike, time, discount)


def guesses(off: float, length: int) -> np.ndarray:
    """The volatilities of the market-like options, each too high or too low by `off` of it."""
    random = np.random.default_rng(SEED + 5)
    return market_options(length).volatility * (1.0 + off * random.choice([-1.0, 1.0], length))


@lru_cache
def snapshot() -> hr.Snapshot:
    """The BTC market of the example quotes."""
    return read_quotes(DATA / "btc_20260318_quotes.csv").snapshot()


@lru_cache
def snapshot_later() -> hr.Snapshot:
    """The same market an hour later: 1 % up, volatilities half a point up, carries a little."""
    now = snapshot()
    market, as_of = now.market("BTC"), now.as_of + np.timedelta64(1, "h")
    pillars, smiles = market.forwards.pillars, market.smiles
    moved = hr.UnderlyingMarket(
        underlying="BTC",
        quote_currency=market.quote_currency,
        forwards=hr.ForwardCurve(
            as_of=as_of,
            spot=1.01 * market.spot,
            pillars=pillars,
            forwards=1.0101 * market.forwards.forwards,
        ),
        smiles=[
            hr.Smile(expiry=s.expiry, strikes=s.strikes, volatilities=s.volatilities + 0.005)
            for s in smiles
        ],
        perpetual=1.0101 * market.perpetual,
    )
    rates = hr.ExchangeRates(now.rates.reporting, {"BTC": moved.spot})
    return hr.Snapshot(as_of=as_of, markets=[moved], rates=rates)


def _tags(length: int) -> dict[str, list[str]]:
    random = np.random.default_rng(SEED + 2)
    names = {"strategy": STRATEGIES, "account": ACCOUNTS, "venue": VENUES}
    return {
        name: np.array(labels, dtype=object)[random.integers(len(labels), size=length)].tolist()
        for name, labels in names.items()
    }


@lru_cache
def real_columns(length: int) -> tuple[list[str], np.ndarray, np.ndarray, dict[str, list[str]]]:
    """Symbols, quantities, average prices and tags of the tiled example book."""
    book = read_book(DATA / "btc_20260318_positions.csv")
    options = np.array([isinstance(contract, hr.Option) for contract in book.contracts])
    rows = np.resize(np.flatnonzero(options[book.contract]), length)
    lots = np.random.default_rng(SEED + 3).integers(1, 20, length)
    return (
        book.instrument[rows].tolist(),
        book.quantity[rows] * lots,
        book.average_price[rows],
        _tags(length),
    )


@lru_cache
def real_book(length: int) -> hr.Book:
    """Some hundred real option contracts in `length` positions."""
    instrument, quantity, average_price, tags = real_columns(length)
    return hr.Book.from_columns(instrument, quantity, average_price, tags=tags)


class Terms(NamedTuple):
    """Per position, its contract's terms as numbers; `expiries` are what `expiry` counts."""

    expiries: np.ndarray
    expiry: np.ndarray
    strike: np.ndarray
    right: np.ndarray
    quantity: np.ndarray


def distinct_terms(length: int) -> Terms:
    """Calls and puts of six expiries, strikes from 30,000 to 130,000, no contract twice."""
    expiries = np.array([smile.expiry for smile in snapshot().market("BTC").smiles])
    row = np.arange(length)
    strike = 30_000.0 + np.round(row // 12 * (100_000.0 * 12 / length), 4)
    quantity = np.random.default_rng(SEED + 4).integers(-200, 200, length) / 10
    return Terms(expiries, row % 6, strike, np.where(row // 6 % 2, -1.0, 1.0), quantity)


@lru_cache
def distinct_book(length: int) -> hr.Book:
    """Those contracts, a position each."""
    terms = distinct_terms(length)
    expiries, rights = terms.expiries[terms.expiry], np.where(terms.right > 0, "call", "put")
    contracts = [
        hr.Option("BTC", expiry, strike, right, settlement="inverse")
        for expiry, strike, right in zip(expiries, terms.strike, rights.tolist(), strict=True)
    ]
    return hr.Book.from_columns(contracts, terms.quantity, tags=_tags(length))


def real_terms(length: int) -> Terms:
    """The terms of the tiled book's positions."""
    book = real_book(length)
    frame = hr.portfolio.valuation.contract_frame(book)
    expiries, expiry = np.unique(frame["expiry"], return_inverse=True)
    right, rows = np.where(frame["right"] == "call", 1.0, -1.0), book.contract
    return Terms(expiries, expiry[rows], frame["strike"][rows], right[rows], book.quantity)


BOOKS = {"real": real_book, "distinct": distinct_book}


class FlatBook(NamedTuple):
    """A book as peers are given it: its market data already looked up, its groups numbered."""

    options: SpotOptions
    quantity: np.ndarray
    group: np.ndarray
    groups: int


@lru_cache
def flat_book(name: str, length: int, at: Callable[[], hr.Snapshot] = snapshot) -> FlatBook:
    """Per position what the peers' formulas take, grouped by (underlying, expiry)."""
    terms = {"real": real_terms, "distinct": distinct_terms}[name](length)
    market, group = at().market("BTC"), terms.expiry
    carry = market.forwards.carry(terms.expiries)
    rate = carry + market.coin_discount.rate(terms.expiries)
    time = np.array([hr.year_fraction(at().as_of, expiry) for expiry in terms.expiries])
    volatility = np.empty(length)
    for i, expiry in enumerate(terms.expiries):
        volatility[group == i] = market.smile(expiry).volatility(terms.strike[group == i])
    spot = np.full(length, market.spot)
    options = (terms.right, spot, terms.strike, time[group], volatility, rate[group], carry[group])
    return FlatBook(SpotOptions(*options), terms.quantity, group, len(terms.expiries))
