"""Forwards and discount factors implied from put-call parity, on made and on real quotes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow._core import ParityOutcome, implied_forward, implied_forward_inverse
from hedgerow.errors import InvalidInput


def quotes(forward, discount, strikes, width, noise=0.0, generator=None):
    """Two-sided quotes on the parity line, `noise` half-spreads of C - P off it (one sigma)."""
    strikes = np.asarray(strikes, float)
    width = np.broadcast_to(width, strikes.shape)
    time_value = 5 * width + 0.05 * forward
    call = np.maximum(discount * (forward - strikes), 0) + time_value
    put = np.maximum(discount * (strikes - forward), 0) + time_value
    if noise:
        call = call + noise * 2 * width * generator.standard_normal(len(strikes))
    return [strikes, call - width, call + width, put - width, put + width]


def spread_of_strikes(forward, count=21):
    return forward * np.linspace(0.7, 1.3, count)


@given(st.floats(1e-2, 1e5), st.floats(0.5, 1.1), st.integers(3, 60))
def test_exact_quotes_give_the_forward_and_the_factor_back(forward, discount, count):
    columns = quotes(forward, discount, spread_of_strikes(forward, count), 1e-3 * forward)
    fit = implied_forward(*columns)
    assert fit.outcome == ParityOutcome.CONVERGED
    assert fit.forward == pytest.approx(forward, rel=1e-13)
    assert fit.discount == pytest.approx(discount, rel=1e-13)
    assert len(fit.used) == count
    assert fit.residual <= 1e-14 * forward
    known = implied_forward(*columns, discount=discount)
    assert known.forward == pytest.approx(forward, rel=1e-13)
    assert (known.discount, known.discount_error) == (discount, 0.0)


@given(st.integers(0, 2**32 - 1), st.floats(1e-9, 1e-5))
def test_spreads_near_the_rounding_of_the_quotes_settle(seed, width):
    """Where C - P is nearly 0 the line still carries the rounding of its largest points."""
    generator = np.random.default_rng(seed)
    strikes = np.arange(3650.0, 5451.0, 100.0)  # one on the forward
    columns = quotes(4550.0, 0.999, strikes, width)
    for side in range(1, 5):  # an ulp here and there
        columns[side] = columns[side] * (1 + 2.0**-52 * generator.integers(-2, 3, 19))
    fit = implied_forward(*columns)
    assert fit.outcome == ParityOutcome.CONVERGED
    assert fit.forward == pytest.approx(4550.0, rel=1e-12)


def test_marks_without_any_spread_work():
    fit = implied_forward(*quotes(4500.0, 0.98, spread_of_strikes(4500), 0.0))
    assert fit.outcome == ParityOutcome.CONVERGED
    assert fit.forward == pytest.approx(4500, rel=1e-14)
    assert fit.discount == pytest.approx(0.98, rel=1e-14)


@given(st.integers(0, 2**32 - 1), st.sampled_from([5.0, 50.0, 2000.0]))
def test_a_fifth_of_stale_strikes_is_named_and_moves_nothing(seed, size):
    generator = np.random.default_rng(seed)
    strikes = spread_of_strikes(4500.0, 40)
    columns = quotes(4500.0, 0.98, strikes, 0.5, noise=0.05, generator=generator)
    stale = np.sort(generator.choice(40, 8, replace=False))
    moves = size * generator.choice([-1, 1], 8)
    for side in (1, 2):  # the call, too high or too low
        columns[side][stale] += moves
    alive = columns[1] > 0  # a call moved below zero has no bid
    fit = implied_forward(*columns)
    assert fit.outcome == ParityOutcome.CONVERGED
    np.testing.assert_array_equal(fit.outliers, stale[alive[stale]])
    np.testing.assert_array_equal(fit.unusable, np.flatnonzero(~alive))
    rest = np.setdiff1d(np.arange(40), stale)
    clean = implied_forward(*(column[rest] for column in columns))
    # What is set aside has no weight at all: the rest alone gives nearly the same answer.
    assert fit.forward == pytest.approx(clean.forward, abs=clean.forward_error)
    assert fit.discount == pytest.approx(clean.discount, abs=clean.discount_error)


def test_a_strike_within_its_own_spread_is_never_set_aside():
    columns = quotes(4500.0, 0.98, spread_of_strikes(4500), 0.5)
    columns[1][7] -= 1.9  # a wide call on one side: C - P moves by 0.95, its half-spread is 1.95
    assert len(implied_forward(*columns).outliers) == 0


def test_standard_errors_are_those_of_repeated_experiments():
    generator = np.random.default_rng(7)
    strikes = spread_of_strikes(4500.0, 30)
    width = 0.5 + 2 * np.abs(strikes / 4500 - 1)
    for noise in (0.02, 0.2, 1.0):
        fits = [
            implied_forward(*quotes(4500.0, 0.98, strikes, width, noise, generator))
            for _ in range(1000)
        ]
        for name in ("forward", "discount"):
            spread = np.std([getattr(fit, name) for fit in fits])
            stated = np.sqrt(np.mean([getattr(fit, f"{name}_error") ** 2 for fit in fits]))
            # A thousand repetitions know their own spread to 2.2 %; four of these, and the few
            # percent by which the formula falls short with 30 points.
            assert stated == pytest.approx(spread, rel=0.12)


def test_errors_grow_with_the_noise():
    strikes = spread_of_strikes(4500.0, 200)

    def error(noise):
        return implied_forward(
            *quotes(4500.0, 0.98, strikes, 0.5, noise, np.random.default_rng(11))
        ).forward_error

    assert error(0.02) == pytest.approx(2 * error(0.01), rel=0.02)
    assert error(2.0) == pytest.approx(2 * error(1.0), rel=0.02)


@given(st.floats(1e-3, 1e3), st.integers(0, 2**32 - 1))
def test_the_unit_of_money_does_not_matter(unit, seed):
    generator = np.random.default_rng(seed)
    columns = quotes(4500.0, 0.98, spread_of_strikes(4500), 0.5, 0.3, generator)
    fit = implied_forward(*columns)
    scaled = implied_forward(*(unit * column for column in columns))
    assert scaled.forward == pytest.approx(unit * fit.forward, rel=1e-10)
    assert scaled.forward_error == pytest.approx(unit * fit.forward_error, rel=1e-6)
    assert scaled.discount == pytest.approx(fit.discount, rel=1e-10)


@pytest.mark.parametrize(("count", "discount"), [(0, None), (1, None), (2, None), (0, 1.0)])
def test_too_few_strikes_give_no_answer(count, discount):
    columns = [column[:count] for column in quotes(100.0, 0.99, [90, 110, 120], 0.5)]
    fit = implied_forward(*columns, discount=discount)
    assert fit.outcome == ParityOutcome.TOO_FEW_QUOTES
    assert np.isnan([fit.forward, fit.discount, fit.forward_error, fit.residual]).all()


@pytest.mark.parametrize("count", [1, 2])
def test_a_known_factor_needs_but_one_strike(count):
    columns = [column[:count] for column in quotes(100.0, 0.99, [90, 110], 0.5)]
    fit = implied_forward(*columns, discount=0.99)
    assert fit.outcome == ParityOutcome.CONVERGED
    assert fit.forward == pytest.approx(100, rel=1e-14)
    if count == 1:  # nothing measures the noise but the spread: C - P is known to 1.0
        assert fit.forward_error == pytest.approx(1.0 / 0.99)


def test_close_strikes_do_not_determine_the_factor():
    strikes = 4500 + np.array([-5.0, 0.0, 5.0, 10.0])
    generator = np.random.default_rng(3)
    columns = quotes(4500.0, 0.98, strikes, 1.0, 0.5, generator)
    fit = implied_forward(*columns)
    assert fit.outcome == ParityOutcome.NOT_IDENTIFIED
    assert np.isnan(fit.discount)
    assert fit.discount_error > 0.02
    assert implied_forward(*columns, discount=0.98).outcome == ParityOutcome.CONVERGED
    same = [np.repeat(column[:1], 5) for column in columns]
    assert implied_forward(*same).outcome == ParityOutcome.NOT_IDENTIFIED


def test_a_line_that_rises_is_out_of_range():
    strikes, *prices = quotes(100.0, 0.98, spread_of_strikes(100.0), 0.1)
    fit = implied_forward(strikes, *prices[2:], *prices[:2])  # calls and puts exchanged
    assert fit.outcome == ParityOutcome.OUT_OF_RANGE
    assert np.isnan(fit.forward)


@pytest.mark.parametrize(
    ("column", "value"),
    [(0, np.nan), (0, 0.0), (1, np.nan), (1, 0.0), (2, np.inf), (3, 1e9), (4, -1.0), (0, np.inf)],
)
def test_unusable_quotes_are_named(column, value):
    columns = quotes(100.0, 0.98, spread_of_strikes(100.0), 0.1)
    columns[column][4] = value
    fit = implied_forward(*columns)
    np.testing.assert_array_equal(fit.unusable, [4])
    assert fit.forward == pytest.approx(100, rel=1e-13)


def test_every_quote_is_in_exactly_one_list():
    generator = np.random.default_rng(5)
    columns = quotes(100.0, 0.98, spread_of_strikes(100.0, 30), 0.1, 0.1, generator)
    columns[1][3] = np.nan
    columns[3][[8, 20]] += 3.0
    columns[4][[8, 20]] += 3.0
    fit = implied_forward(*columns)
    everything = np.concatenate([fit.used, fit.outliers, fit.unusable])
    np.testing.assert_array_equal(np.sort(everything), np.arange(30))
    assert repr(fit).startswith("ParityResult(converged, forward ")
    assert repr(fit).endswith("27 used, 2 outliers, 1 unusable)")


@given(st.floats(1e-2, 1e5), st.floats(0.5, 1.1))
def test_coin_settled_quotes_give_the_forward_back(forward, coin_discount):
    strikes = spread_of_strikes(forward)
    call = coin_discount * np.maximum(1 - strikes / forward, 0) + 0.05
    put = coin_discount * np.maximum(strikes / forward - 1, 0) + 0.05
    columns = [strikes, call - 0.001, call + 0.001, put - 0.001, put + 0.001]
    for fit in (
        implied_forward_inverse(*columns),
        implied_forward_inverse(*columns, discount=coin_discount),
    ):
        assert fit.outcome == ParityOutcome.CONVERGED
        assert fit.forward == pytest.approx(forward, rel=1e-13)
        assert fit.discount == pytest.approx(coin_discount, rel=1e-13)
    known = implied_forward_inverse(*[c[10:11] for c in columns], discount=coin_discount)
    # One strike: C - P is known to 0.002 coins, and d(C - P)/dF = D K/F^2.
    slope = coin_discount * strikes[10] / forward**2
    assert known.forward_error == pytest.approx(0.002 / slope, rel=1e-9)


def test_bad_arguments_are_named():
    columns = quotes(100.0, 0.98, [90, 100, 110], 0.1)
    for discount in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InvalidInput) as caught:
            implied_forward(*columns, discount=discount)
        assert caught.value.argument == "discount"
    with pytest.raises(InvalidInput) as caught:
        implied_forward(*columns[:3], columns[3][:2], columns[4])
    assert caught.value.argument == "put_bid"
    with pytest.raises(InvalidInput) as caught:
        implied_forward(*(column.reshape(1, 3) for column in columns))
    assert caught.value.argument == "strikes"


def columns_of(chain):
    """The quotes of one expiry, strike by strike; a missing side is NaN."""
    sides = {cp: chain[chain.cp == cp].set_index("strike")[["bid", "ask"]] for cp in "CP"}
    both = sides["C"].join(sides["P"].add_prefix("put_"), how="outer")
    return [both.index.to_numpy(float), *both.to_numpy(float).T]


def read(folder: Path, name: str):
    return pytest.importorskip("pandas").read_parquet(folder / name)


def test_index_options_of_a_real_day(market_data):
    pandas = pytest.importorskip("pandas")
    chain = read(market_data, "spx_20220401_chain.parquet")
    source = pandas.read_csv(market_data / "spx_20220401_discount.csv")
    compared = 0
    for (expiry, _), quotes_of_expiry in chain.groupby(["expiry", "root"]):
        days = (expiry - pandas.Timestamp("2022-04-01")).days
        fit = implied_forward(*columns_of(quotes_of_expiry))
        if days == 0:  # after the close: only two strikes still have both sides
            assert fit.outcome == ParityOutcome.TOO_FEW_QUOTES
            continue
        assert fit.outcome == ParityOutcome.CONVERGED
        if days > 700:  # spreads of hundreds of points
            continue
        assert 4532 < fit.forward < 4644
        assert fit.residual < 0.6
        near = source[(source["T"] - days / 365).abs() < 1e-3]
        if len(near):
            # The source fits the same quotes in its own way: both err by a few standard errors.
            assert fit.discount == pytest.approx(near["BT"].iloc[0], abs=8e-4)
            compared += 1
    assert compared >= 29


def test_two_strikes_suffice_where_the_factor_is_known(market_data):
    chain = read(market_data, "spx_spxw_202101_minute_quotes.parquet")
    chain = chain[(chain.date == "20210108") & (chain.expiry == "20210115")]
    moments = chain[chain.ms == 36_000_000]
    columns = columns_of(moments)
    assert implied_forward(*columns).outcome == ParityOutcome.TOO_FEW_QUOTES
    fit = implied_forward(*columns, discount=1.0)
    assert fit.outcome == ParityOutcome.CONVERGED
    assert 3790 < fit.forward < 3830
    assert fit.residual < 0.2


def test_coin_settled_chains_agree_with_the_futures(market_data):
    chains = read(market_data, "deribit_btc_options.parquet")
    moments = np.sort(chains.snapshot.unique())[::120]
    apart, by_index = [], []
    for (moment, expiry), chain in chains[chains.snapshot.isin(moments)].groupby(
        ["snapshot", "expiry"]
    ):
        fit = implied_forward_inverse(*columns_of(chain), discount=1.0)
        if (expiry - moment).days < 180:
            continue
        assert fit.outcome == ParityOutcome.CONVERGED
        future = chain.underlying.median()
        apart.append(fit.forward / future - 1)
        strikes, *prices = columns_of(chain)
        index = chain["index"].iloc[0]
        linear = implied_forward(strikes, *(index * price for price in prices), discount=1.0)
        by_index.append(linear.forward / future - 1)
    assert np.median(np.abs(apart)) < 4e-4
    # Quotes times the index are off the line: the reason for the function's existence.
    assert np.median(np.abs(by_index)) > 2 * np.median(np.abs(apart))
