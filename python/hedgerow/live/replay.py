"""A real day again: minute bars of trades and quotes as the events of the maker who dealt them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from hedgerow._core import DiscountCurve, Option, Snapshot, Spot, symbol
from hedgerow.calibrate import market
from hedgerow.calibrate.quotes import Quotes
from hedgerow.errors import InvalidInput
from hedgerow.io import bars
from hedgerow.io.source import Source
from hedgerow.io.table import Floats, shortest
from hedgerow.live.events import Event, Fill, Listing, MarketUpdate, Settlement, Tick
from hedgerow.rejected import Rejected

Places: TypeAlias = npt.NDArray[np.integer[Any]]


def maker_events(trades: Source, quotes: Source, **options: Any) -> Iterator[Event]:
    """The day of a maker who took the other side of every trade, as events in their order.

    Options are those of `read_day`, which says what the rule is.
    """
    return iter(read_day(trades, quotes, **options))


def read_day(
    trades: Source,
    quotes: Source,
    *,
    index: Source | None = None,
    date: str | None = None,
    every: int = 5,
    staleness: float = 15.0,
    discount: DiscountCurve | None = None,
    settlement: float | None = None,
    fee: float = 0.0,
    account: str = "maker",
    venue: str = "CBOE",
) -> MakerDay:
    """Reads a day of minute bars: the events of a maker who took the other side of every trade.

    **Files**, as LEAN has them, with times in New York: a row per contract and minute in which
    something happened, of all options on one underlying.

    | column | holds |
    |---|---|
    | `date`, `ms` | the day (20210104), the minute's beginning in milliseconds after midnight |
    | `root`, `cp`, `strike`, `expiry` | the option: SPXW, C or P, 3700, 20210104 |
    | `bid`, `ask` | quotes: the best at the end of the minute; empty where there was none |
    | `close`, `volume` | trades: the minute's last price, and contracts traded in it |

    `index` has `date`, `ms` (after midnight in Chicago) and `close` of the underlying.

    **Rule.** A trade bar is one trade of all its volume at its close. Its aggressor is found as in
    `hedgerow.io.maker_book`: by the quotes that stood before the minute, else by the last change of
    the price. The maker has the other side; a trade that nothing signs is skipped and counted.

    **Order.** What a bar tells is known at the end of its minute and has the time of its last
    millisecond. Within a minute the market comes first, then the fills: a fill is compared with
    what the market thought right after it. Trades before the first market are dealt in it.

    **Market.** Every `every` minutes the quotes of the last `staleness` minutes imply a new one
    (`hedgerow.calibrate.market`, with `discount` where given); between, the index moves the spot
    and with it the forwards, and smiles and time stand still. In the last `every` minutes of an
    expiry they imply one every minute, and in its last minute none. What expires settles at
    `settlement`, else at the index's first close after the expiry; without either it does not
    settle. `fee` is per contract, in the contract's currency.

    Raises InvalidFile where a file can't be read, InvalidInput where the options make no sense or
    the quotes never imply a market. Bad rows are left out and named in `rejected`.
    """
    if every < 1:
        raise InvalidInput("every", every, "must be at least one minute")
    signed = bars.sign_trades(trades, quotes, date, None)
    day = bars.the_day(signed.table)
    book = _quotes(quotes, day)
    dealt = cast(list[Option], signed.contracts.tolist())
    known = sorted({*dealt, *book.contracts}, key=symbol)
    underlyings = sorted({option.underlying for option in known})
    if len(underlyings) != 1:
        raise InvalidInput("trades", underlyings, "must be on one underlying")
    skipped = signed.sign == 0
    skips = (int(skipped.sum()), float(signed.volume[skipped].sum()))
    rows = np.flatnonzero(~skipped)
    rows = rows[np.argsort(signed.begin[rows], kind="stable")]
    return MakerDay(
        day=day,
        underlying=underlyings[0],
        contracts=tuple(known),
        trades=signed,
        rows=rows,
        quotes=book,
        index=None if index is None else bars.index_bars(index, day),
        every=every,
        staleness=staleness,
        discount=discount,
        settlement=settlement,
        fee=fee,
        account=account,
        venue=venue,
        skipped=skips,
        rejected=(signed.table.report(), book.rejected),
    )


@dataclass(frozen=True, slots=True)
class _DayQuotes:
    """A day's quotes by contract, each contract's in the order of time."""

    contracts: tuple[Option, ...]
    starts: Places  # where each contract's rows begin, and at the end their number
    ends: Floats  # milliseconds after midnight
    bid: Floats
    ask: Floats
    rejected: Rejected

    def at(self, moment: float, oldest: float) -> list[tuple[Option, float, float]]:
        """Each contract's last quote at a time, unless it is older than another time."""
        found: list[tuple[Option, float, float]] = []
        for option, begin, end in zip(
            self.contracts, self.starts[:-1], self.starts[1:], strict=True
        ):
            row = begin + int(np.searchsorted(self.ends[begin:end], moment, side="right")) - 1
            if row >= begin and self.ends[row] >= oldest:
                found.append((option, float(self.bid[row]), float(self.ask[row])))
        return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MakerDay:
    """What `read_day` read. Iterating gives the events, as often as one likes, always the same."""

    day: str  # 20210104
    underlying: str
    contracts: tuple[Option, ...]
    trades: bars.SignedTrades
    rows: Places  # of the trades that are dealt, by time
    quotes: _DayQuotes
    index: tuple[Floats, Floats] | None
    every: int
    staleness: float
    discount: DiscountCurve | None
    settlement: float | None
    fee: float
    account: str
    venue: str
    skipped: tuple[int, float]  # trades that nothing signs, and their contracts
    rejected: tuple[Rejected, Rejected]  # rows of trades and of quotes that are left out

    def __repr__(self) -> str:
        return f"MakerDay({self.underlying} {self.day}: {len(self.rows):,} trades)"

    def signed_by(self) -> dict[str, int]:
        """How many trades were signed by "quotes", by the last "change", or "skipped"."""
        kinds = Counter(np.where(self.trades.by_quotes[self.rows], "quotes", "change").tolist())
        return {"quotes": kinds["quotes"], "change": kinds["change"], "skipped": self.skipped[0]}

    def notes(self) -> tuple[str, ...]:
        """The rule and what it left out, in sentences."""
        signed = self.signed_by()
        volume = float(self.trades.volume[self.rows].sum())
        settles = "the index's first close after it"
        if self.settlement is not None:
            settles = f"{self.settlement:,.10g}"
        elif self.index is None:
            settles = "nothing: there is no index"
        return (
            f"The maker took the other side of {len(self.rows):,} trades of {volume:,.0f} "
            f"contracts, a trade being all that was dealt in a contract within a minute, at the "
            f"minute's last price.",
            f"{signed['quotes']:,} were bought or sold by whoever crossed the middle of the quotes "
            f"before the minute; {signed['change']:,} at the middle or without quotes by the last "
            f"change of price; {self.skipped[0]:,} of {self.skipped[1]:,.0f} contracts, which "
            "neither tells, are skipped.",
            "Spread capture is against the market at the end of the minute. Prices are as printed: "
            "legs of spreads and late prints stand away from the quotes, and count.",
            f"Quotes imply the market every {self.every} minutes, every minute before an expiry, "
            "each contract's at most "
            f"{self.staleness:g} minutes old; in between the index moves spot and forwards.",
            f"What expires settles at {settles}. The maker does not hedge.",
        )

    def __iter__(self) -> Iterator[Event]:
        ends = self.trades.begin[self.rows] + bars.MINUTE
        moments = np.unique(np.concatenate([ends, self.quotes.ends, *self._index_ends()]))
        upto = np.searchsorted(ends, moments, side="right")
        opened, dealt = False, 0
        waiting = sorted({option.expiry for option in self.contracts})
        for moment, last in zip(moments.tolist(), upto.tolist(), strict=True):
            time = self._time(moment)
            spot = self._spot(moment)
            state = self._market(moment, spot) if self._due(moment, time, opened) else None
            if state is not None:
                yield MarketUpdate(time=time, market=state)
                if not opened:
                    yield from self._listings(time)
                opened = True
            elif opened and spot is not None:
                yield Tick(time=time, underlying=self.underlying, spot=spot)
            while opened and waiting and waiting[0] <= time:
                price = spot if self.settlement is None else self.settlement
                if price is None:
                    break
                yield from self._settlements(time, waiting.pop(0), price)
            if opened:
                yield from (self._fill(row, time) for row in self.rows[dealt:last].tolist())
                dealt = last
        end = bars.instant(self.day, bars.DAY)
        while opened and self.settlement is not None and waiting and waiting[0] < end:
            expiry = waiting.pop(0)
            yield from self._settlements(expiry, expiry, self.settlement)
        if not opened:
            raise InvalidInput("quotes", self.day, "must imply a market at some time")

    def _index_ends(self) -> list[Floats]:
        return [] if self.index is None else [self.index[0]]

    def _time(self, moment: float) -> np.datetime64:
        """The last millisecond of the minute that ends at a moment."""
        return bars.instant(self.day, moment - 1)

    def _spot(self, moment: float) -> float | None:
        """The index at the end of this very minute."""
        if self.index is None:
            return None
        ends, closes = self.index
        row = int(np.searchsorted(ends, moment))
        return float(closes[row]) if row < len(ends) and ends[row] == moment else None

    def _due(self, moment: float, time: np.datetime64, opened: bool) -> bool:
        """Whether quotes are to imply the market: on the grid, closer before something expires."""
        left = [option.expiry - time for option in self.contracts if option.expiry > time]
        minute = np.timedelta64(bars.MINUTE, "ms")
        if not left or min(left) < minute:
            return False
        grid = moment % (self.every * bars.MINUTE) == 0
        return bool(grid or not opened or min(left) < self.every * minute)

    def _market(self, moment: float, spot: float | None) -> Snapshot | None:
        """The market that quotes imply; None where they imply none."""
        time = self._time(moment)
        live = [
            row
            for row in self.quotes.at(moment, moment - self.staleness * bars.MINUTE)
            if row[0].expiry > time
        ]
        if not live:
            return None
        options, bid, ask = zip(*live, strict=True)
        if spot is None:
            made = Quotes(time, options, bid, ask)
        else:
            nowhere = [np.nan] * len(options)
            made = Quotes(
                time,
                [Spot(self.underlying, options[0].quote_currency), *options],
                [np.nan, *bid],
                [np.nan, *ask],
                mark=[spot, *nowhere],
            )
        state, _ = market(made, reporting=options[0].quote_currency, discount=self.discount)
        found = state.market(self.underlying)
        return state if found is not None and found.smiles else None

    def _listings(self, time: np.datetime64) -> Iterator[Event]:
        for option in self.contracts:
            yield Listing(time=time, instrument=symbol(option), contract=option, lot=1.0)

    def _settlements(
        self, time: np.datetime64, expiry: np.datetime64, price: float
    ) -> Iterator[Event]:
        for fixing in sorted({o.fixing for o in self.contracts if o.expiry == expiry}):
            yield Settlement(
                time=time,
                event_id=f"{self.underlying} {expiry} {fixing}".strip(),
                underlying=self.underlying,
                expiry=expiry,
                fixing=fixing,
                price=price,
            )

    def _fill(self, row: int, time: np.datetime64) -> Fill:
        trades = self.trades
        name = symbol(cast(Option, trades.contracts[trades.codes[row]]))
        volume = float(trades.volume[row])
        minute = int(trades.begin[row]) // bars.MINUTE
        return Fill(
            time=time,
            venue=self.venue,
            trade_id=f"{self.day} {minute // 60:02d}:{minute % 60:02d} {name}",
            account=self.account,
            instrument=name,
            quantity=-float(trades.sign[row]) * volume,
            price=float(trades.price[row]),
            fee=self.fee * volume,
        )


def _quotes(source: Source, day: str) -> _DayQuotes:
    """A day's quotes: rows that are negative or crossed are rejected."""
    table, _ = bars.open_bars(source, day, None, "bid", "ask")
    contracts, codes = bars.contracts_of(table)
    ends = table.numbers("ms", required=True) + bars.MINUTE
    bid, ask = (shortest(table.numbers(side)) for side in ("bid", "ask"))
    for name, values in (("bid", bid), ("ask", ask)):
        table.reject((values < 0) & table.good, name, "must not be negative")
    crossed = (bid > ask) & table.good
    figures = [f"{b:.10g} > {a:.10g}" for b, a in zip(bid[crossed], ask[crossed], strict=True)]
    table.reject(crossed, "bid", "must not be above the ask", figures)
    table.ignore([name for name in table.columns if name.endswith("_size")], "no part of a quote")
    order = np.lexsort((ends, codes))
    order = order[table.good[order]]
    starts = np.searchsorted(codes[order], np.arange(len(contracts) + 1))
    options = tuple(cast(list[Option], contracts.tolist()))
    return _DayQuotes(options, starts, ends[order], bid[order], ask[order], table.report())
