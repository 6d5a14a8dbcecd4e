"""What a venue asks a book to be backed with, at once and kept up to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow._core import MarginRules, Snapshot, Status, StrategyRules
from hedgerow.errors import InvalidInput
from hedgerow.portfolio.book import Book
from hedgerow.portfolio.frame import Frame, format_number, format_table


@dataclass(frozen=True, eq=False)
class Margin:
    """The margin of a book under a scheme, in the reporting currency.

    What equity must exceed, where equity is the value of everything held, options included;
    `option_value` is theirs, so that `initial - option_value` is what equity without options must
    exceed (SPAN's requirement less net option value, Regulation T's against cash).

    `units` has a row per risk unit: underlying, initial, maintenance, the scan loss, the worst
    scenario (-1 where nothing is lost) with its moves, the value of the options, and every add-on's
    initial amount. `pnl[u, j]` is that of unit u in scenario j, not weighted. `status` is a Status
    code per position; `not_margined` counts those that are in no number.
    """

    rules: MarginRules
    initial: float
    maintenance: float
    option_value: float
    currency: str
    units: Frame
    pnl: npt.NDArray[np.float64]
    status: npt.NDArray[np.uint8]
    not_margined: int

    def __repr__(self) -> str:
        lines = [f"Margin under {self.rules.name} ({self.rules.date}), {self.currency}"]
        lines.append(_summary(self.initial, self.maintenance, self.not_margined))
        lines.append(format_table(self.units.to_dict(), len(self.units)))
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class StrategyMargin:
    """The margin of a book by strategy, in the reporting currency; equity as in Margin.

    `units` has a row per underlying. `parts` says what each part of a position is margined as:
    strategy, instrument, the one it is paired with, units, and what the rule asks for against cash,
    initial and maintenance.
    """

    rules: StrategyRules
    initial: float
    maintenance: float
    option_value: float
    currency: str
    units: Frame
    parts: Frame
    status: npt.NDArray[np.uint8]
    not_margined: int

    def __repr__(self) -> str:
        lines = [f"Margin under {self.rules.name} ({self.rules.date}), {self.currency}"]
        lines.append(_summary(self.initial, self.maintenance, self.not_margined))
        lines.append(format_table(self.parts.to_dict(), len(self.parts)))
        return "\n".join(lines)


def _summary(initial: float, maintenance: float, not_margined: int) -> str:
    amounts = f"initial {format_number(initial)}, maintenance {format_number(maintenance)}"
    return f"{amounts}; {not_margined:,} not margined"


class MarginAccount:
    """An account whose margin follows its positions and its market.

    Keeps what one contract of every instrument of the book gains and loses in every scenario: a
    change of a position, and the margin of an order, are one sum over scenarios, without valuing
    anything. Instruments are numbered as in `book.contracts`; for contracts that are not held yet
    give positions of quantity 0.

    Scenarios move one underlying at a time, forwards in proportion, each strike keeping its
    volatility up to the rule's move; P&L is in the reporting currency, what is settled in a coin
    is converted at the coin's price in the scenario, and a coin held is exposed to it. Sums drift
    by rounding (1e-16 of what is added, each time) until the next `rescan`.
    """

    def __init__(self, book: Book, snapshot: Snapshot, rules: MarginRules) -> None:
        self._core = _core.MarginAccount(book._core, snapshot, rules)
        self._names = {name: i for i, name in enumerate(book._core.symbols)}

    def __len__(self) -> int:
        """The number of instruments."""
        return len(self._names)

    def instrument(self, symbol: str) -> int:
        """The number of an instrument by its symbol, as Book.instrument prints it."""
        if symbol not in self._names:
            raise InvalidInput("symbol", symbol, "must be one of the book's instruments")
        return self._names[symbol]

    def add(self, instrument: int, quantity: float, cost: float = float("nan")) -> None:
        """Changes a position by `quantity` contracts.

        `cost` is what futures and perpetuals were entered at, quantity times the worth of one unit
        (see Book); not given, they are entered at the mark now. Raises InvalidInput, and changes
        nothing, for an unknown instrument or a quantity that is not finite or beyond 1e90.
        """
        self._core.add(instrument, quantity, cost)

    def rescan(self, snapshot: Snapshot) -> None:
        """Takes a new market: everything is valued and added up anew, on all threads."""
        self._core.rescan(snapshot)

    def move(self, underlying: str, spot: float) -> None:
        """Moves one spot: forwards keep their carry, strikes their volatility.

        Raises InvalidInput for an underlying without a market, and unless `spot` is positive and
        finite.
        """
        self._core.move(underlying, spot)

    def marginal(self, instrument: int, quantity: float) -> tuple[float, float]:
        """Initial and maintenance margin with `quantity` more, less that without.

        Negative for a hedge; (0, 0) for what can't be margined. Futures are entered at the mark.
        """
        return self._core.marginal(instrument, quantity)

    def marginals(
        self, instruments: npt.ArrayLike, quantities: npt.ArrayLike
    ) -> npt.NDArray[np.float64]:
        """The same for many orders, each alone: a row of initial and maintenance per order."""
        return self._core.marginals(np.asarray(instruments), np.asarray(quantities, dtype=float))

    @property
    def initial(self) -> float:
        """The initial margin."""
        return self._core.requirement[0]

    @property
    def maintenance(self) -> float:
        """The maintenance margin."""
        return self._core.requirement[1]

    @property
    def scan_loss(self) -> float:
        """What the worst scenario of every unit loses together, before factors and add-ons."""
        return float(sum(self._core.unit(number)[2] for number in range(len(self._core))))

    @property
    def quantity(self) -> npt.NDArray[np.float64]:
        """Signed contracts per instrument: a read-only view that follows."""
        return self._core.quantity

    @property
    def status(self) -> npt.NDArray[np.uint8]:
        """Per instrument, a Status code: OK, EXPIRED, or why it can't be margined."""
        return self._core.status

    @property
    def not_margined(self) -> int:
        """How many instruments are held and in no number."""
        return self._core.not_margined

    def unit_pnl(self, instrument: int) -> npt.NDArray[np.float64]:
        """P&L of one contract in every scenario."""
        return self._core.unit_pnl(instrument)

    def margin(self) -> Margin:
        """Everything about the margin now, as a copy; `status` is per instrument."""
        core, rules = self._core, self._core.rules
        all_units = [core.unit(number) for number in range(len(core))]
        units = [u for u in all_units if u[5].any() or any(u[1])]
        worst = np.array([-1 if u[3] is None else u[3] for u in units], dtype=np.int64)
        lost = worst >= 0
        columns = {
            "underlying": np.array([u[0] for u in units], dtype=object),
            "initial": np.array([u[1][0] for u in units]),
            "maintenance": np.array([u[1][1] for u in units]),
            "scan": np.array([u[2] for u in units]),
            "scenario": worst,
            "spot_factor": np.where(lost, rules.spot_factor[worst], 1.0),
            "volatility_move": np.where(lost, rules.volatility_move[worst], 0.0),
            "option_value": np.array([u[4] for u in units]),
        }
        for j, name in enumerate(rules.add_on_names):
            columns[name] = np.array([u[6][j][0] for u in units])
        pnl = np.array([u[5] for u in units]).reshape(len(units), len(rules))
        initial, maintenance = core.requirement
        value = float(sum(u[4] for u in all_units))
        return Margin(
            rules,
            initial,
            maintenance,
            value,
            core.currency,
            Frame(columns),
            pnl,
            self.status,
            core.not_margined,
        )

    def __repr__(self) -> str:
        return f"MarginAccount of {len(self):,} instruments\n{self.margin()!r}"


@overload
def margin(book: Book, snapshot: Snapshot, rules: MarginRules) -> Margin: ...
@overload
def margin(book: Book, snapshot: Snapshot, rules: StrategyRules) -> StrategyMargin: ...
def margin(
    book: Book, snapshot: Snapshot, rules: MarginRules | StrategyRules
) -> Margin | StrategyMargin:
    """The margin of a book under a scheme (hedgerow.margin_rules has the published ones).

    By scenarios, a risk unit is an underlying: its positions net in every scenario, units are added
    up. See MarginAccount for what a scenario moves, docs/margin.md for the formulas. By strategy,
    stock and options are paired so that the least is asked for. Tags of the book do not matter:
    select an account first. Positions that can't be valued, or that the rules do not cover, are in
    no number and named in `status`; nothing raises for them.
    """
    if isinstance(rules, StrategyRules):
        return _by_strategy(book, snapshot, rules)
    account = MarginAccount(book, snapshot, rules)
    found = account.margin()
    status = found.status[book.contract] if len(book) else np.zeros(0, dtype=np.uint8)
    valued = (status == Status.OK) | (status == Status.EXPIRED)
    units = (
        np.abs(book.quantity) * np.asarray(book._core.contract_column("multiplier"))[book.contract]
    )
    invalid = valued & ~(units <= _LARGEST)
    status = np.where(invalid, np.uint8(Status.INVALID_QUANTITY), status).astype(np.uint8)
    left_out = int((~valued | invalid).sum())
    return Margin(**{**vars(found), "status": status, "not_margined": left_out})


_LARGEST = 1e90  # units of a position, as in the core


def _by_strategy(book: Book, snapshot: Snapshot, rules: StrategyRules) -> StrategyMargin:
    found = _core.strategy_margin(book._core, snapshot, rules)
    symbols = np.array([*book._core.symbols, ""], dtype=object)
    units, parts = found["units"], found["parts"]
    initial, maintenance = found["requirement"]
    return StrategyMargin(
        rules,
        initial,
        maintenance,
        float(sum(u[2] for u in units)),
        snapshot.rates.reporting,
        Frame(
            {
                "underlying": np.array([u[0] for u in units], dtype=object),
                "initial": np.array([u[1][0] for u in units]),
                "maintenance": np.array([u[1][1] for u in units]),
                "option_value": np.array([u[2] for u in units]),
            }
        ),
        Frame(
            {
                "strategy": np.array([p[0] for p in parts], dtype=object),
                "instrument": symbols[[p[1] for p in parts]],
                "with": symbols[[p[2] if p[2] != p[1] else -1 for p in parts]],
                "units": np.array([p[3] for p in parts]),
                "initial": np.array([p[4][0] for p in parts]),
                "maintenance": np.array([p[4][1] for p in parts]),
            }
        ),
        found["status"],
        found["not_margined"],
    )


def scan_risk(
    arrays: npt.ArrayLike, quantities: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> tuple[float, int | None]:
    """The scan risk of positions in given risk arrays, as a clearing house publishes them.

    `arrays[i, j]` is the P&L of one contract i in scenario j, `weights` the part of each scenario
    that counts (all of it, unless given). Returns the greatest loss of the netted positions, not
    negative, and its scenario from 0, None where none loses.
    """
    pnl = np.asarray(quantities, dtype=float) @ np.asarray(arrays, dtype=float)
    counted = np.ones(pnl.shape) if weights is None else np.asarray(weights, dtype=float)
    return _core.scan_loss(pnl, counted)
