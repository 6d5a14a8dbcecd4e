"""From a book and a market to the data of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hedgerow import desk
from hedgerow._core import SmileDynamics, Snapshot, Status
from hedgerow.portfolio.book import Book, price_currency
from hedgerow.portfolio.frame import Frame
from hedgerow.portfolio.valuation import Key, Valuation, contract_frame
from hedgerow.rejected import Rejected
from hedgerow.report.data import Header, Report
from hedgerow.report.inventory import folded_slices
from hedgerow.report.market import fits_frame, forwards_frame, market_notes, smile_quotes
from hedgerow.risk.ladder import SPOTS, VOLATILITIES, ladder

if TYPE_CHECKING:
    from hedgerow.calibrate.fit_report import FitReport
    from hedgerow.calibrate.report import MarketReport

EXPOSURES = ("delta", "dollar_delta", "dollar_gamma", "vega", "theta", "rho", "vanna", "volga")


def build(
    book: Book,
    snapshot: Snapshot,
    *,
    by: Sequence[Key] = ("underlying", "expiry"),
    market_report: MarketReport | None = None,
    fit_report: FitReport | None = None,
    rejected: Rejected | Iterable[Rejected] | None = None,
    spots: Sequence[float] = SPOTS,
    volatilities: Sequence[float] = VOLATILITIES,
    dynamics: SmileDynamics = SmileDynamics.STICKY_STRIKE,
    worst: int = 10,
) -> Report:
    """The report of a book in a market.

    `by` says what value and P&L are netted by (see Valuation.net). `market_report` adds how the
    market came about, with the quotes of each smile; `fit_report`, which holds one, how well a
    model stands for them. `rejected` are the rows that files lost, of
    the book and of the quotes; without it those that the book carries. The ladder moves `spots` and
    `volatilities` jointly. `worst` is the number of rows shown with the least P&L.

    Positions that can't be valued are in no total and stand in `not_ok` with their reason. Raises
    InvalidInput for a key that the book does not have.
    """
    if market_report is None and fit_report is not None:
        market_report = fit_report.market
    values = Valuation(book, snapshot)
    worth = values.net(*by, measures=("value", "pnl"))
    lost, notes = _rejected(book.rejected if rejected is None else rejected)
    return Report(
        header=_header(values, tuple(worth.columns[: len(by)]), lost),
        holdings=_holdings(book),
        totals=_totals(values),
        worth=worth,
        exposures=_desk_units(values.net("underlying", "expiry", measures=EXPOSURES)),
        slices=folded_slices(book, snapshot),
        structures=_structures(book, snapshot),
        ladder=ladder(book, snapshot, spots, volatilities, dynamics=dynamics),
        worst=_worst(values, worst),
        not_ok=_not_ok(values),
        rejected=lost,
        notes=(*notes, *market_notes(market_report)),
        forwards=forwards_frame(snapshot, market_report),
        smiles=smile_quotes(snapshot, market_report, fit_report),
        fits=fits_frame(fit_report),
    )


def _header(values: Valuation, by: tuple[str, ...], rejected: Frame) -> Header:
    book, counts = values.book, values.status_counts()
    expired = counts.get(Status.EXPIRED, 0)
    valued = counts.get(Status.OK, 0) + expired
    closing = [tag for tag in ("venue", "account") if tag in book.tags]
    return Header(
        as_of=values.as_of,
        currency=values.currency,
        by=by,
        positions=len(book),
        contracts=len(book.contracts),
        legal=_open(book.net(*closing)),
        economic=_open(book.economic()),
        valued=valued,
        expired=expired,
        not_valued=len(book) - valued,
        unknown_cost=int(values.total()["unknown_cost"]),
        rejected_rows=len({(row["source"], row["line"]) for row in rejected.rows()}),
    )


def _open(book: Book) -> int:
    """Positions that have not been closed."""
    return int(np.count_nonzero(book.quantity))


def _holdings(book: Book) -> Frame:
    kinds = contract_frame(book)["kind"]
    kind = kinds[book.contract] if len(book) else kinds
    quantity = book.quantity
    names = [name for name in ("option", "future", "perpetual", "spot", "cash") if name in kind]
    held = [quantity[kind == name] for name in names]
    return Frame(
        {
            "kind": np.array(names, dtype=object),
            "positions": np.array([len(part) for part in held], dtype=np.int64),
            "contracts": np.array([np.count_nonzero(kinds == name) for name in names], np.int64),
            "long": np.array([part[part > 0].sum() for part in held], dtype=float),
            "short": np.array([part[part < 0].sum() for part in held], dtype=float),
        }
    )


def _structures(book: Book, snapshot: Snapshot) -> Frame:
    found = book.fold().structures()
    return found.take(found["expiry"] > snapshot.as_of)


def _totals(values: Valuation) -> Mapping[str, float]:
    total = values.total()
    return {
        "value": total["value"],
        "pnl": total["pnl"],
        "dollar_delta": total["dollar_delta"],
        "dollar_gamma": total["dollar_gamma"],
        "vega_per_point": desk.vega_per_point(total["vega"]),
        "theta_per_day": desk.theta_per_day(total["theta"]),
        "rho_per_basis_point": desk.rho_per_basis_point(total["rho"]),
    }


def _desk_units(net: Frame) -> Frame:
    return Frame(
        {
            "underlying": net["underlying"],
            "expiry": net["expiry"],
            "positions": net["positions"],
            "excluded": net["excluded"],
            "delta": net["delta"],
            "dollar_delta": net["dollar_delta"],
            "dollar_gamma": net["dollar_gamma"],
            "vega_per_point": desk.vega_per_point(net["vega"]),
            "theta_per_day": desk.theta_per_day(net["theta"]),
            "rho_per_basis_point": desk.rho_per_basis_point(net["rho"]),
            "vanna_per_point": desk.vanna_per_point(net["vanna"]),
            "volga_per_point": desk.volga_per_point(net["volga"]),
        }
    )


def _worst(values: Valuation, number: int) -> Frame:
    pnl = values.pnl
    known = np.flatnonzero(~np.isnan(pnl))
    rows = known[np.argsort(pnl[known], kind="stable")[:number]]
    book = values.book
    currency = price_currency(book)[book.contract]
    return Frame(
        {
            "row": rows,
            "instrument": book.instrument[rows],
            "quantity": book.quantity[rows],
            "currency": currency[rows],
            "average_price": book.average_price[rows],
            "price": values.price[rows],
            "value": values.value[rows],
            "pnl": pnl[rows],
        }
    )


def _not_ok(values: Valuation) -> Frame:
    book, status = values.book, values.status
    rows = np.flatnonzero(status != Status.OK)
    # Rows of one contract and status share their reason: a feed may break a million at once.
    pairs = np.column_stack([book.contract[rows], status[rows]])
    kinds, places = np.unique(pairs, axis=0, return_inverse=True)
    terms = contract_frame(book).take(kinds[:, 0])
    expiries = terms["expiry"].astype("datetime64[m]")
    reasons = [
        _reason(Status(int(code)), term, str(expiry).replace("T", " "), values.currency)
        for code, term, expiry in zip(kinds[:, 1], terms.rows(), expiries, strict=True)
    ]
    names = np.array([code.name.lower() for code in Status], dtype=object)
    return Frame(
        {
            "row": rows,
            "instrument": book.instrument[rows],
            "quantity": book.quantity[rows],
            "status": names[status[rows]],
            "reason": np.array(reasons, dtype=object)[places.ravel()],
        }
    )


def _reason(status: Status, terms: Mapping[str, object], expiry: str, reporting: str) -> str:
    """What a status means for this very contract."""
    underlying = terms["underlying"]
    match status:
        case Status.EXPIRED:
            return f"expired {expiry}; counts at its intrinsic value at the spot of now"
        case Status.UNKNOWN_UNDERLYING:
            return f"the market has no {underlying}"
        case Status.MISSING_SMILE:
            return f"the market has no smile for {underlying} {expiry}"
        case Status.MISSING_RATE:
            return f"the market has no rate from {terms['currency']} to {reporting}"
        case Status.UNSUPPORTED_EXERCISE:
            return f"{terms['exercise']} exercise is not priced yet"
        case Status.UNSUPPORTED_SETTLEMENT:
            return f"{terms['settlement']} settlement is not priced yet"
        case Status.INVALID_QUANTITY:
            return "the quantity is not a finite number, or beyond all bounds"
        case Status.NOT_A_NUMBER:
            return "the model's answer is not a finite number"
        case Status.WRONG_CURRENCY:
            quote = terms["quote_currency"]
            return f"the market quotes {underlying} in another currency than {quote}"
        case _:
            return status.name.lower().replace("_", " ")


def _rejected(reports: Rejected | Iterable[Rejected] | None) -> tuple[Frame, tuple[str, ...]]:
    if reports is None:
        files: list[Rejected] = []
    elif isinstance(reports, Rejected):
        files = [reports]
    else:
        files = [report for report in reports if report is not None]
    found = [(file.source, row) for file in files for row in file.rows]
    frame = Frame(
        {
            "source": np.array([source for source, _ in found], dtype=object),
            "line": np.array([row.line for _, row in found], dtype=np.int64),
            "column": np.array([row.column for _, row in found], dtype=object),
            "value": np.array([row.value for _, row in found], dtype=object),
            "reason": np.array([row.reason for _, row in found], dtype=object),
        }
    )
    notes = [
        f"{file.source}: {note}" if file.source else note for file in files for note in file.notes
    ]
    return frame, tuple(notes)
