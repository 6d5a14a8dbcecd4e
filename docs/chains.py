"""Calibrates every model to real chains and prints the tables of docs/chains.md.

    python -m docs.chains FOLDER > docs/chains.md

run in the root of a checkout. FOLDER holds the market files named below, whose sources the page
states; they are not part of the project.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hedgerow import DiscountCurve, Future, Option, Quotes, Spot, black, parse_osi
from hedgerow.calibrate import FitReport, Model, calibrate

#: Quotes, and discount factors where those are known.
Chain = tuple[Quotes, DiscountCurve | None]

#: Snapshots of a long series that are taken: every so many-th.
EVERY = 16

#: About the federal funds rate in June 2014 and January 2020: what American options are read with.
FUNDS_2014, FUNDS_2020 = 0.001, 0.0155

HEAD = """# Models on real chains

What every model makes of the chains at hand: each is calibrated with its defaults
(`quotes.calibrate(model=...)`, [volatility.md](volatility.md)), cold, and nothing is left out but
what the report names. Made by `python -m docs.chains FOLDER`.

- **fits**: expiries with enough quotes to be fitted; **trusted** are those that stand in the
  market: converged, free of arbitrage and within five half-spreads of their quotes.
- **inside**: the share of quotes whose bid and ask hold the model; **rms** in volatility points and
  in half-spreads; both over the quotes of trusted fits.
- **butterfly**, **calendar**: fits in which such an arbitrage is found. SVI, SSVI and eSSVI keep to
  both; their certificates hold for all strikes. SABR and splines are searched between their quotes.

American options are fitted without their early exercise, discounted at about the federal funds rate
of the day.

"""


def coin_chains(path: Path) -> Iterator[Chain]:
    """Snapshots of Deribit's options, settled in coin."""
    frame = pd.read_parquet(path)
    for instant in np.sort(frame.snapshot.unique())[::EVERY]:
        rows = frame[frame.snapshot == instant]
        contracts = [
            Option(coin, expiry.to_datetime64(), float(strike), right, settlement="inverse")
            for coin, expiry, strike, right in zip(
                rows.currency, rows.expiry, rows.strike, rows.cp, strict=True
            )
        ]
        yield Quotes(
            instant, contracts, rows.bid, rows.ask, mark=rows["mark"], forward=rows.underlying,
            index=rows["index"],
        ), None  # fmt: skip


def depth_chain(path: Path) -> Iterator[Chain]:
    """One chain of Deribit's with the depth of its books."""
    rows = pd.read_csv(path)
    contracts = [
        Option("BTC", np.datetime64(expiry), float(strike), right, settlement="inverse")
        for expiry, strike, right in zip(rows.expiry, rows.strike, rows.cp, strict=True)
    ]
    yield Quotes(
        rows.timestamp.max(), contracts, rows.bid, rows.ask, mark=rows["mark"],
        forward=rows.underlying_price, index=rows.index_price,
    ), None  # fmt: skip


def index_chain(path: Path) -> Iterator[Chain]:
    """SPX and SPXW after the close."""
    rows = pd.read_parquet(path)
    contracts: list[Any] = [
        osi(*row) for row in zip(rows.root, rows.expiry, rows.cp, rows.strike, strict=True)
    ]
    contracts.append(Spot("SPX", "USD"))
    bid, ask = [*rows.bid, 4545.86], [*rows.ask, 4545.86]
    yield Quotes("2022-04-01T20:00:00Z", contracts, bid, ask), None


def share_chain(path: Path) -> Iterator[Chain]:
    """American options on AAPL and the share, at the close."""
    rows = pd.read_parquet(path).astype({"strike": float, "bid": float, "ask": float})
    contracts: list[Any] = [
        osi("AAPL", *row) for row in zip(rows.expiry, rows.cp, rows.strike, strict=True)
    ]
    contracts.append(Spot("AAPL", "USD"))
    quotes = Quotes("2014-06-09T20:00Z", contracts, [*rows.bid, 93.7], [*rows.ask, 93.7])
    yield quotes, flat(quotes.as_of, FUNDS_2014)


def share_hours(path: Path) -> Iterator[Chain]:
    """American options on TWX by the hour, without the share: their last quotes of 15 minutes."""
    frame = pd.read_parquet(path).astype({"strike": float})
    for day, hour in product(sorted(frame.date.unique()), range(10, 16)):
        now = hour * 3_600_000
        rows = frame[(frame.date == day) & (frame.ms <= now) & (frame.ms > now - 900_000)]
        rows = rows.drop_duplicates(["expiry", "strike", "cp"], keep="last")
        contracts = [
            osi("TWX", *row) for row in zip(rows.expiry, rows.cp, rows.strike, strict=True)
        ]
        quotes = Quotes(in_new_york(day, now), contracts, rows.bid, rows.ask)
        yield quotes, flat(quotes.as_of, FUNDS_2014)


def futures_options(path: Path) -> Iterator[Chain]:
    """American options on E-mini futures by the hour, and the futures."""
    frame = pd.read_parquet(path)
    futures = pd.read_csv(path.with_name("es_future_20200106_minute_quotes.csv.gz"))
    for hour in range(8, 17):
        now = hour * 3_600_000
        rows = frame[frame.ms == now]
        expiries = {day: in_new_york(day, 34_200_000) for day in rows.expiry.unique()}
        contracts: list[Any] = [
            Option("ES", expiries[day], float(strike), right, exercise="american")
            for day, strike, right in zip(rows.expiry, rows.strike, rows.cp, strict=True)
        ]
        bid, ask = [*rows.bid], [*rows.ask]
        for day, expiry in expiries.items():
            name = f"20200106_es_minute_quote_{day[:6]}.csv"
            found = futures[(futures.file == name) & (futures.ms == now)]
            contracts += [Future("ES", expiry)] * len(found)
            bid += [*found.bid]
            ask += [*found.ask]
        quotes = Quotes(in_new_york("20200106", now), contracts, bid, ask)
        yield quotes, flat(quotes.as_of, FUNDS_2020)


def osi(root: str, expiry: str, right: str, strike: float) -> Option:
    """The option of a line of an exchange's list."""
    return parse_osi(f"{root:<6}{pd.Timestamp(expiry):%y%m%d}{right}{round(strike * 1000):08d}")


def in_new_york(day: str, milliseconds: int) -> np.datetime64:
    """An instant, in UTC."""
    midnight = pd.Timestamp(day, tz="America/New_York")
    return (midnight + pd.Timedelta(milliseconds, "ms")).tz_convert(None).to_datetime64()


def flat(as_of: np.datetime64, rate: float) -> DiscountCurve:
    """A constant interest rate."""
    year = as_of + np.timedelta64(365, "D")
    return DiscountCurve(as_of=as_of, pillars=[year], factors=[np.exp(-rate)])


def middles(path: Path) -> Iterator[Chain]:
    """SPX on Wednesdays, middles of bid and ask alone."""
    frame = pd.read_csv(path)
    for day, rows in frame.groupby("date"):
        as_of = np.datetime64(day, "ns") + np.timedelta64(20, "h")
        yield marked(
            "SPX", as_of, rows.t, rows.strike, np.where(rows.cp == "C", 1, -1), rows.mid,
            rows.spot * np.exp((rows.r - rows.q) * rows.t), np.exp(-rows.r * rows.t),
        )  # fmt: skip


def volatilities(path: Path) -> Iterator[Chain]:
    """Implied volatilities as a bank quoted them."""
    rows = pd.read_csv(path)
    rate = rows.zero_rate if "zero_rate" in rows else 0.0
    forward, discount = rows.spot * np.exp(rate * rows.t), np.exp(-rate * rows.t)
    right = np.where(rows.strike >= forward, 1, -1)
    price = black.price(right, forward, rows.strike, rows.t, rows.vol, discount)
    as_of = np.datetime64(rows.date[0], "ns") + np.timedelta64(16, "h")
    yield marked(rows["index"][0], as_of, rows.t, rows.strike, right, price, forward, discount)


def marked(
    name: str, as_of: Any, time: Any, strike: Any, right: Any, price: Any, forward: Any,
    discount: Any,
) -> Chain:  # fmt: skip
    """Prices without a spread, beside forwards and discount factors that are known."""
    expiry = as_of + (np.asarray(time) * 365 * 86_400e9).astype("timedelta64[ns]")
    forward = np.broadcast_to(forward, expiry.shape)
    options = [
        Option(name, when, float(k), "call" if sign > 0 else "put")
        for when, k, sign in zip(expiry, strike, right, strict=True)
    ]
    pillars, first = np.unique(expiry, return_index=True)
    futures = [Future(name, when) for when in pillars]
    nothing = np.full(len(options), np.nan)
    levels = np.asarray(forward)[first]
    made = Quotes(
        as_of, [*options, *futures], [*nothing, *levels], [*nothing, *levels],
        mark=[*price, *levels],
    )  # fmt: skip
    factors = np.broadcast_to(discount, expiry.shape)[first]
    curve = DiscountCurve(as_of=as_of, pillars=list(pillars), factors=list(factors))
    return made, curve


CHAINS = {
    "Deribit BTC, 41 snapshots of 2026": (coin_chains, "deribit_btc_options.parquet"),
    "Deribit ETH, 41 snapshots of 2026": (coin_chains, "deribit_eth_options.parquet"),
    "Deribit BTC, 21 May 2020": (depth_chain, "deribit_btc_options_20200521_depth.csv.gz"),
    "SPX and SPXW, 1 April 2022": (index_chain, "spx_20220401_chain.parquet"),
    "AAPL, 9 June 2014 (American)": (share_chain, "aapl_2014_daily_quotes.parquet"),
    "TWX, 5 and 6 June 2014 (American, no spot)": (
        share_hours,
        "twx_options_minute_quotes.parquet",
    ),
    "E-mini S&P, 6 January 2020 (American, on futures)": (
        futures_options,
        "es_futureoptions_20200106_5min_quotes.parquet",
    ),
    "SPX, Wednesdays of 2011 (middles)": (middles, "spx_2011_wednesdays.csv.gz"),
    "SX5E, 1 March 2010 (volatilities)": (volatilities, "sx5e_20100301_vols.csv"),
    "DAX, 5 July 2002 (volatilities)": (volatilities, "dax_20020705_vols.csv"),
}


def line(model: Model, reports: list[FitReport]) -> str:
    """The row of one model over the snapshots of a chain."""
    fits = [
        item
        for report in reports
        for found in report.underlyings
        for item in found.slices
        if len(item) > 0
    ]
    trusted = [item for item in fits if item.trusted]
    if not trusted:
        return f"| {model.value} | {len(fits)} | 0 | | | | | |"
    asked = [np.isfinite(item.observations.ask_volatilities) for item in trusted]
    inside = np.concatenate([item.inside[rows] for item, rows in zip(trusted, asked, strict=True)])
    share = f"{100 * inside.mean():.0f} %" if inside.size else "-"
    residuals = np.concatenate([item.residuals for item in trusted])
    spreads = np.concatenate([item.residuals_in_half_spreads for item in trusted])
    named = {
        kind: sum(any(p.startswith(kind) for p in item.problems) for item in fits)
        for kind in ("butterfly", "calendar")
    }
    return (
        f"| {model.value} | {len(fits)} | {len(trusted)} | {share} |"
        f" {100 * np.sqrt(np.mean(residuals**2)):.2f} | {np.sqrt(np.mean(spreads**2)):.2f} |"
        f" {named['butterfly']} | {named['calendar']} |"
    )


def page(folder: Path) -> Iterator[str]:
    """The lines of the page."""
    yield HEAD
    for title, (read, name) in CHAINS.items():
        chains = list(read(folder / name))
        count = sum(len(quotes) for quotes, _ in chains)
        yield f"## {title}\n\n{count:,} quotes of options and futures.\n\n"
        columns = "fits | trusted | inside | rms, points | half-spreads | butterfly | calendar"
        yield f"| model | {columns} |\n|---|---|---|---|---|---|---|---|\n"
        for model in Model:
            reports = [
                calibrate(quotes, model=model, discount=curve)[1] for quotes, curve in chains
            ]
            yield line(model, reports) + "\n"
        yield "\n"


if __name__ == "__main__":
    for text in page(Path(sys.argv[1])):
        sys.stdout.write(text)
        sys.stdout.flush()
