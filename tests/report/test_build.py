"""The numbers of a report are those of the valuation, the fold and the ladder."""

from __future__ import annotations

import numpy as np
import pytest

from hedgerow import Book, InvalidInput, Option, Quotes, desk, ladder, value
from hedgerow.report import build

STATUSES = {
    "expired",
    "invalid_quantity",
    "missing_rate",
    "missing_smile",
    "unknown_underlying",
    "unsupported_exercise",
    "unsupported_settlement",
}


def test_totals_are_those_of_the_valuation(report, book, snapshot):
    total = value(book, snapshot).total()
    assert report.totals == {
        "value": total["value"],
        "pnl": total["pnl"],
        "dollar_delta": total["dollar_delta"],
        "dollar_gamma": total["dollar_gamma"],
        "vega_per_point": desk.vega_per_point(total["vega"]),
        "theta_per_day": desk.theta_per_day(total["theta"]),
        "rho_per_basis_point": desk.rho_per_basis_point(total["rho"]),
    }
    assert all(np.isfinite(number) and number != 0 for number in report.totals.values())


def test_groups_are_those_of_the_valuation_and_add_up(report, book, snapshot):
    net = value(book, snapshot).net("underlying", "expiry")
    assert np.array_equal(report.worth["value"], net["value"])
    assert np.array_equal(report.worth["pnl"], net["pnl"])
    assert np.array_equal(report.exposures["theta_per_day"], desk.theta_per_day(net["theta"]))
    assert np.array_equal(report.exposures["vega_per_point"], net["vega"] * 0.01)
    assert report.worth["value"].sum() == pytest.approx(report.totals["value"], rel=1e-12)
    assert report.worth["positions"].sum() == len(book)


def test_bad_rows_change_no_total(report, good, snapshot):
    without = build(good, snapshot)
    # Of the bad rows the expired call alone is valued: at 3700 - 3500, for a price of 1.
    assert report.totals["value"] - without.totals["value"] == pytest.approx(200.0, abs=1e-6)
    assert report.totals["pnl"] - without.totals["pnl"] == pytest.approx(199.0, abs=1e-6)
    for name in ("dollar_delta", "dollar_gamma", "vega_per_point", "theta_per_day"):
        assert report.totals[name] == pytest.approx(without.totals[name], rel=1e-12)
    assert np.allclose(report.ladder.pnl, without.ladder.pnl, rtol=0, atol=1e-5)


def test_every_bad_row_is_named_with_its_reason(report, book, snapshot):
    bad = report.not_ok
    assert set(bad["status"]) == STATUSES
    assert np.array_equal(bad["row"], np.flatnonzero(value(book, snapshot).status != 0))
    reasons = dict(zip(bad["status"], bad["reason"], strict=True))
    assert reasons["missing_smile"] == "the market has no smile for SPX 2021-02-19 21:00"
    assert reasons["unknown_underlying"] == "the market has no NDX"
    assert reasons["missing_rate"] == "the market has no rate from EUR to USD"
    assert reasons["unsupported_settlement"].startswith("quanto")
    assert reasons["expired"].startswith("expired 2020-12-31 21:00")


def test_header_counts(report, book):
    header = report.header
    assert (header.positions, header.expired, header.not_valued) == (len(book), 1, 6)
    assert header.valued == len(book) - 6
    assert header.legal == len(book)  # nothing closes within an account
    assert header.economic == header.legal - 1  # the call that two accounts hold
    assert header.rejected_rows == 2
    assert report.needs_attention == 8


def test_holdings_count_every_position(report, book):
    kinds = dict(zip(report.holdings["kind"], report.holdings["positions"], strict=True))
    assert kinds == {"option": len(book) - 4, "future": 2, "perpetual": 1, "spot": 1}


def test_slices_are_the_fold_of_the_book(report, book):
    part = next(part for part in report.slices if part.underlying == "BTC")
    folded = book.fold().slice("BTC", "2021-01-29")
    payoff = book.payoff("BTC", "2021-01-29")
    assert np.array_equal(part.call_equivalents, folded.calls)
    assert np.array_equal(part.payoff, payoff(part.fixings))
    assert (part.worst, part.worst_at) == (payoff.worst, payoff.worst_at)
    assert part.worst_within == part.payoff.min() >= part.worst
    assert part.low == part.fixings[0] < part.forward < part.fixings[-1] == part.high
    assert np.isin([28000.0, 32000.0], part.fixings).all()
    assert all(part.expiry > report.header.as_of for part in report.slices)


def test_structures_are_found(report):
    found = {row["structure"]: row["quantity"] for row in report.structures.rows()}
    assert found["conversion"] == 1500.0


def test_ladder(book, snapshot):
    options = {"spots": (-0.1, 0.0), "volatilities": (0.0, 0.1)}
    report = build(book, snapshot, **options)
    expected = ladder(book, snapshot, *options.values())
    assert np.array_equal(report.ladder.pnl, expected.pnl)


def test_worst_rows_are_the_lowest_in_order(report, book, snapshot):
    pnl = value(book, snapshot).pnl
    assert np.array_equal(report.worst["pnl"], np.sort(pnl[~np.isnan(pnl)])[:10])
    assert np.array_equal(book.instrument[report.worst["row"]], report.worst["instrument"])


def test_by_tags_and_functions(book, snapshot):
    def moneyness(contracts):
        return np.where(contracts["strike"] > 3700, "high", "low")

    report = build(book, snapshot, by=["account", moneyness])
    assert report.header.by == ("account", "moneyness")
    assert set(report.worth["account"]) == {"main", "client"}
    with pytest.raises(InvalidInput, match="nonsense"):
        build(book, snapshot, by=["nonsense"])


def test_rejected_rows_of_several_files(good, snapshot, rejected):
    report = build(good, snapshot, rejected=[rejected, rejected])
    assert report.rejected["line"].tolist() == [3, 7, 3, 7]
    assert report.header.rejected_rows == 2  # the same rows of the same file
    assert report.notes == ("folder/book.csv: column not read (not in the schema): trader",) * 2


def test_rejected_rows_default_to_those_of_the_book(good, snapshot, rejected):
    carried = Book(good._core, rejected)
    assert len(build(carried, snapshot).rejected) == 2
    assert len(build(good, snapshot).rejected) == 0


def test_market_without_a_report_is_as_given(report, snapshot):
    rows = list(report.forwards.rows())
    assert [row["underlying"] for row in rows] == ["BTC", "SPX", "SPX"]
    assert rows[1]["forward"] == snapshot.market("SPX").forwards.forward("2021-01-15T21:00Z")
    assert {row["forward_source"] for row in rows} == {"given"}
    assert len(report.smiles) == 3
    assert all(np.isnan(smile.bid_volatilities).all() for smile in report.smiles)


def test_empty_book(snapshot):
    report = build(Book(), snapshot)
    assert report.header.positions == report.header.not_valued == 0
    assert report.totals["value"] == 0.0
    assert len(report.slices) == len(report.worst) == len(report.not_ok) == 0


def test_a_report_of_another_market_lends_no_quotes(good, snapshot):
    other = Quotes("2021-01-04T21:00Z", [Option("ETH", "2021-01-29T08:00Z", 1000, "C")], [1], [2])
    _, market_report = other.market()
    report = build(good, snapshot, market_report=market_report)
    assert all(np.isnan(smile.bid_volatilities).all() for smile in report.smiles)
    assert [row["note"] for row in report.forwards.rows()] == [
        "no quoted forward; parity: too few quotes"
    ]
    assert report.notes == ("ETH: left out: no spot, index, forward or perpetual",)


def test_the_worst_positions_say_in_what_their_prices_are_quoted(good, snapshot):
    worst = build(good, snapshot, worst=len(good)).worst
    quoted_in = dict(zip(worst["instrument"], worst["currency"], strict=True))
    assert quoted_in["BTC-29JAN21-32000-C"] == "BTC"  # a premium in coin
    assert quoted_in["BTC-29JAN21"] == quoted_in["BTC-PERPETUAL"] == "USD"  # margined in coin


def test_the_market_says_that_it_is_the_discount_factor_that_is_missing(good, snapshot):
    option = Option("SPX", "2021-02-19T21:00Z", 3700, "C", multiplier=100)
    put = Option("SPX", "2021-02-19T21:00Z", 3700, "P", multiplier=100)
    _, market_report = Quotes("2021-01-04T21:00Z", [option, put], [50, 49], [51, 50]).market()
    report = build(good, snapshot, market_report=market_report)
    assert "discount factor assumed: parity: too few quotes" in report.forwards["note"].tolist()
