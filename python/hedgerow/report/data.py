"""What a report holds: numbers and tables, before anyone decides how they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow.portfolio.frame import Frame
from hedgerow.risk.ladder import Ladder

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Header:
    """What was reported on: counts are of positions unless the name says otherwise.

    `legal` are the positions left when rows of one contract close each other inside one venue and
    account (those of the two tags that the book has), `economic` when they do so everywhere.
    `valued` positions are in every total; the `expired` are among them, at intrinsic value.
    """

    as_of: np.datetime64
    currency: str
    by: tuple[str, ...]
    positions: int
    contracts: int
    legal: int
    economic: int
    valued: int
    expired: int
    not_valued: int
    unknown_cost: int
    rejected_rows: int


@dataclass(frozen=True)
class Slice:
    """The options and futures of one underlying that fix together, folded, and their payoff.

    Amounts are units of the underlying; cash and payoff are in `quote_currency`; futures are units
    when `settlement` is linear and quote currency when it is inverse. The payoff is the value at
    expiry by fixing, premiums not included and futures with their profit since entry (or since now
    where their cost is unknown). `worst` is over all fixings and -infinity when unbounded;
    `worst_within` is over [`low`, `high`], three standard deviations either side of the forward
    (30 % without a smile); `fixings` and `payoff` draw that stretch. NaN where the market is
    unknown.
    """

    underlying: str
    expiry: np.datetime64
    quote_currency: str
    currency: str
    settlement: str
    fixing: str
    strikes: Numbers
    calls: Numbers
    puts: Numbers
    call_equivalents: Numbers
    notional: Numbers
    forwards: float
    futures: float
    cash: float
    forward: float
    worst: float
    worst_at: float
    low: float
    high: float
    worst_within: float
    worst_within_at: float
    fixings: Numbers
    payoff: Numbers


@dataclass(frozen=True)
class SmileQuotes:
    """A smile beside the quotes it came from: volatilities per strike, NaN where a side is absent.

    `low` and `high` are five standard deviations either side of the forward: what a plot shows.
    `model` is the model whose fit is in force, else what the smile is made of ("spline" where the
    fit was not trusted); "" where that is the quotes, and then there is no curve. `since` is when
    an earlier fit that stays in force was made, NaT for any other. The curve goes from the lowest
    to the highest strike shown, in even steps of ln(strike).
    """

    underlying: str
    expiry: np.datetime64
    time: float
    forward: float
    low: float
    high: float
    strikes: Numbers
    bid_volatilities: Numbers
    volatilities: Numbers
    ask_volatilities: Numbers
    model: str
    since: np.datetime64
    curve_strikes: Numbers
    curve_volatilities: Numbers


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """The netted picture of a book in one market, as data.

    Money is in `header.currency` unless a column says `quote_currency` or `currency`; Greeks are in
    desk units, which their names state. Tables:

    - `holdings`: kind, positions, contracts, long, short (contracts held, gross).
    - `totals`: value, P&L and Greeks of everything valued.
    - `worth`: by `header.by`: positions, excluded, unknown_cost, value, pnl.
    - `exposures`: by underlying and expiry: delta in units, and Greeks in desk units.
    - `slices`, `structures`: the folded inventory, and what is named in it.
    - `ladder`: P&L under joint spot and volatility moves, by full revaluation.
    - `worst`: the positions with the least P&L.
    - `not_ok`: the positions of a status other than ok, each with its reason.
    - `rejected`: the rows of the files that were left out; `notes` what else the files
      and the calibration said.
    - `forwards`: what the market implies per expiry, and how it came about; `smiles` likewise.
    - `fits`: how well a model stands for the quotes, per expiry; empty for quoted smiles.
    """

    header: Header
    holdings: Frame
    totals: Mapping[str, float]
    worth: Frame
    exposures: Frame
    slices: tuple[Slice, ...]
    structures: Frame
    ladder: Ladder
    worst: Frame
    not_ok: Frame
    rejected: Frame
    notes: tuple[str, ...]
    forwards: Frame
    smiles: tuple[SmileQuotes, ...]
    fits: Frame

    def __repr__(self) -> str:
        as_of = f"{self.header.as_of.astype('datetime64[s]')}Z"
        return f"<Report of {self.header.positions:,} positions as of {as_of}>"

    @property
    def needs_attention(self) -> int:
        """Positions not valued and file rows left out."""
        return self.header.not_valued + self.header.rejected_rows
