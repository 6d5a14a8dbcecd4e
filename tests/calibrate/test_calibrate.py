"""Models through quotes: what is fitted, what is said of it, and what stands where a fit fails."""

import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from tests.conftest import ROOT

import hedgerow
from hedgerow import (
    Future,
    Option,
    Quotes,
    Right,
    Smile,
    SmileKind,
    Spot,
    black,
    read_quotes,
    year_fraction,
)
from hedgerow._core import (
    ArbitrageVerdict,
    Loss,
    SabrParameters,
    SviParameters,
    svi_butterfly,
    svi_calendar,
)
from hedgerow.calibrate import FitOutcome, InForce, Model, Observations, calibrate, fourier
from hedgerow.calibrate.fitted import Fitted
from hedgerow.cli import MODELS
from hedgerow.errors import InvalidInput

AS_OF = np.datetime64("2026-03-18T08:00", "ns")
EXPIRIES = [np.datetime64(f"2026-{day}T08:00", "ns") for day in ("04-17", "06-26", "12-25")]
SPOT = 100.0
SLICES = [
    SviParameters(a=0.004, b=0.05, rho=-0.3, m=0.0, sigma=0.15),
    SviParameters(a=0.012, b=0.08, rho=-0.35, m=0.02, sigma=0.25),
    SviParameters(a=0.03, b=0.12, rho=-0.4, m=0.05, sigma=0.4),
]
SABR = [
    SabrParameters(alpha=0.25, beta=1.0, rho=-0.3, nu=1.2),
    SabrParameters(alpha=0.26, beta=1.0, rho=-0.3, nu=0.8),
    SabrParameters(alpha=0.27, beta=1.0, rho=-0.3, nu=0.5),
]
MODELLED = list(Model)
FOURIER = list(fourier.MODELS)
#: Whose returns are independent: their smiles flatten with time faster than those of markets.
INDEPENDENT = {Model.MERTON, Model.KOU, Model.VARIANCE_GAMMA, Model.NORMAL_INVERSE_GAUSSIAN}


def smiles(model, slices=None):
    """The smiles that quotes are made of."""
    made = []
    for expiry, svi, sabr in zip(EXPIRIES, slices or SLICES, SABR, strict=True):
        terms = {"expiry": expiry, "forward": SPOT, "time": year_fraction(AS_OF, expiry)}
        if model is Model.SABR:
            made.append(Smile.sabr(parameters=sabr, **terms))
        else:
            made.append(Smile.svi(parameters=svi, **terms))
    return made


def quotes(made, half_spread=0.002, noise=0.0, seed=0, as_of=AS_OF, spot=SPOT, change=None):
    """The chain of smiles, bid and ask a half-spread of volatility off the middle."""
    rng = np.random.default_rng(seed)
    contracts, bids, asks = [Spot("X", "USD")], [spot], [spot]
    for smile in made:
        time = year_fraction(as_of, smile.expiry)
        for strike in np.round(spot * np.exp(np.linspace(-2, 2, 21) * 0.25 * np.sqrt(time)), 2):
            middle = smile.volatility(strike) + noise * rng.standard_normal()
            if change is not None:
                middle = change(smile.expiry, strike, middle)
            for right in ("call", "put"):
                sign = 1 if right == "call" else -1
                contracts.append(Option("X", smile.expiry, strike, right))
                prices = black.price(
                    sign, spot, strike, time, middle + np.array([-1, 1]) * half_spread, 1.0
                )
                bids.append(prices[0])
                asks.append(prices[1])
    return Quotes(as_of, contracts, bids, asks)


@pytest.mark.parametrize("model", [Model.SVI, Model.SABR])
def test_quotes_of_a_model_give_it_back(model):
    made = smiles(model)
    snapshot, report = calibrate(quotes(made, half_spread=1e-5), model=model)
    assert report.trusted
    for smile, truth in zip(snapshot.market("X").smiles, made, strict=True):
        strikes = SPOT * np.exp(np.linspace(-0.3, 0.3, 31))
        error = np.abs(smile.volatility(strikes) - truth.volatility(strikes))
        assert error.max() < 2e-6
    found = report["X"].slices[0]
    assert found.outcome is FitOutcome.CONVERGED
    assert found.in_force is InForce.FIT
    assert found.inside_share == 1.0
    assert found.rms < 1e-6
    assert set(found.parameters) == set(found.standard_errors)


@pytest.mark.parametrize("model", [model for model in MODELLED if model not in INDEPENDENT])
def test_every_model_stands_for_a_mild_chain(model):
    snapshot, report = calibrate(quotes(smiles(Model.SVI), half_spread=0.02), model=model.value)
    assert report.model is model
    assert report.trusted, report
    kinds = dict.fromkeys((*FOURIER, Model.SPLINE), SmileKind.SPLINE)
    kinds[Model.SABR] = SmileKind.SABR
    kind = kinds.get(model, SmileKind.SVI)
    assert [smile.kind for smile in snapshot.market("X").smiles] == [kind] * 3
    for smile, item in zip(snapshot.market("X").smiles, report["X"].slices, strict=True):
        assert smile == item.standing == item.smile
        assert item.inside_share > 0.8
        assert item.least_density > 0 or model in FOURIER
    assert report["X"].rms < 0.02
    assert "X" in str(report)
    assert all(len(line) <= 80 for line in str(report).splitlines())
    assert [row["expiry"] for row in report.rows()] == EXPIRIES


@pytest.mark.parametrize("model", [Model.SVI, Model.SSVI, Model.ESSVI])
def test_no_arbitrage_in_what_is_enforced(model):
    """Noise of several half-spreads: whatever the quotes allow, the certificates hold."""
    for seed in range(5):
        chain = quotes(smiles(Model.SVI), half_spread=0.003, noise=0.01, seed=seed)
        snapshot, _ = calibrate(chain, model=model)
        found = [s.parameters for s in snapshot.market("X").smiles if s.kind is SmileKind.SVI]
        assert found
        assert all(svi_butterfly(slice_).verdict is ArbitrageVerdict.FREE for slice_ in found)
        for earlier, later in pairwise(found):
            assert svi_calendar(earlier, later).verdict is ArbitrageVerdict.FREE


HESTON = {"v0": 0.05, "kappa": 2.0, "theta": 0.07, "sigma": 0.5, "rho": -0.6}
TRUTHS = {
    Model.HESTON: HESTON,
    Model.BATES: HESTON | {"intensity": 0.5, "jump_mean": -0.1, "jump_deviation": 0.15},
    Model.MERTON: {"volatility": 0.2, "intensity": 1.0, "jump_mean": -0.1, "jump_deviation": 0.1},
    Model.KOU: {"volatility": 0.2, "intensity": 1.0, "probability": 0.4, "up": 12.0, "down": 8.0},
    Model.VARIANCE_GAMMA: {"sigma": 0.25, "nu": 0.1, "theta": -0.2},
    Model.NORMAL_INVERSE_GAUSSIAN: {"alpha": 15.0, "beta": -5.0, "delta": 0.8},
}


@pytest.mark.parametrize("model", TRUTHS)
def test_quotes_of_a_fourier_model_give_it_back_and_the_spline_errs_as_stated(model):
    truth = TRUTHS[model]
    module = getattr(hedgerow, model.value)

    def volatility(expiry, strikes):
        time, right = year_fraction(AS_OF, expiry), np.where(strikes >= SPOT, 1, -1)
        prices = module.price(right, SPOT, strikes, time, 1.0, **truth)
        return black.implied_volatility(right, prices, SPOT, strikes, time, 1.0)

    made = []
    for expiry in EXPIRIES:
        width = 0.6 * np.sqrt(year_fraction(AS_OF, expiry))
        strikes = SPOT * np.exp(np.linspace(-width, width, 201))
        made.append(
            Smile.spline(expiry=expiry, strikes=strikes, volatilities=volatility(expiry, strikes))
        )
    snapshot, report = calibrate(quotes(made, half_spread=1e-5), model=model)
    assert report.trusted
    assert dict(report["X"].parameters) == pytest.approx(truth, rel=2e-3)
    for smile in snapshot.market("X").smiles:
        width = 0.5 * np.sqrt(year_fraction(AS_OF, smile.expiry))
        between = SPOT * np.exp(np.linspace(-width, width, 333))
        error = np.abs(smile.volatility(between) - volatility(smile.expiry, between)).max()
        bound = 4e-6 if model is Model.VARIANCE_GAMMA else 2e-6
        assert error < bound, error  # stated in hedgerow.calibrate.fourier


def test_standard_errors_are_those_of_the_noise():
    misses = []
    for seed in range(20):
        chain = quotes(smiles(Model.SVI), noise=0.001, seed=seed)
        _, report = calibrate(chain, model="svi", arbitrage_free=False)
        found, truth = report["X"].slices[1], SLICES[1]
        for name in ("a", "b", "rho", "m", "sigma"):
            error = found.standard_errors[name]
            misses.append((found.parameters[name] - getattr(truth, name)) / error)
    assert 0.5 < np.sqrt(np.mean(np.square(misses))) < 2.0
    assert np.abs(misses).max() < 6


def test_a_robust_loss_holds_a_stale_quote_down():
    stale = quotes(
        smiles(Model.SVI), change=lambda _, strike, vol: vol + 0.08 * (abs(strike - 104.0) < 1.0)
    )
    errors = {}
    for loss in Loss:
        _, report = calibrate(stale, model="svi", loss=loss)
        strikes = SPOT * np.exp(np.linspace(-0.2, 0.2, 21))
        found = [
            found.smile.volatility(strikes) - truth.volatility(strikes)
            for found, truth in zip(report["X"].slices, smiles(Model.SVI), strict=True)
        ]
        errors[loss] = np.sqrt(np.mean(np.square(found)))
    assert errors[Loss.TUKEY] < 0.2 * errors[Loss.SQUARES]
    assert errors[Loss.HUBER] < errors[Loss.SQUARES]


def test_crossing_expiries_are_told_and_where_asked_kept_apart():
    """The second expiry's total variance lies below the first one's at low strikes."""
    crossing = [SLICES[1], SLICES[0], SLICES[2]]
    chain = quotes(smiles(Model.SVI, crossing), half_spread=0.002)
    snapshot, report = calibrate(chain, model="svi", arbitrage_free=False)
    second = report["X"].slices[1]
    assert not second.trusted
    assert any(
        problem.startswith("calendar: below the expiry before") for problem in second.problems
    )
    assert second.calendar < 0
    assert second.in_force is InForce.SPLINE
    assert snapshot.market("X").smiles[1].kind is SmileKind.SPLINE
    _, enforced = calibrate(chain, model="svi")
    slices = enforced["X"].slices
    assert slices[1].calendar >= 0 or not slices[1].trusted


def broken(expiry, strike, volatility):
    """The second expiry as no slice can follow it."""
    return volatility + (0.15 * np.sin(3.0 * strike) if expiry == EXPIRIES[1] else 0.0)


@pytest.mark.parametrize("model", [model for model in MODELLED if model not in INDEPENDENT])
def test_the_last_good_fit_stays_and_says_so(model):
    made = smiles(Model.SVI)
    _, first = calibrate(quotes(made, half_spread=0.02), model=model)
    assert first.trusted
    later = AS_OF + np.timedelta64(1, "h")
    chain = quotes(made, half_spread=0.002, as_of=later, spot=102.0, change=broken)
    snapshot, second = calibrate(chain, model=model, last=first)
    item = second["X"].expiry(EXPIRIES[1])
    assert not item.trusted
    assert item.stale
    assert item.in_force is InForce.LAST
    assert item.since == AS_OF
    assert "stale: the fit of 2026-03-18T08:00Z stays in force" in str(second)
    standing = snapshot.market("X").smile(EXPIRIES[1])
    before = first["X"].expiry(EXPIRIES[1])
    strikes = np.linspace(80, 120, 9)
    moved = item.forward / before.forward
    np.testing.assert_allclose(
        standing.volatility(strikes * moved), before.smile.volatility(strikes), rtol=1e-12
    )
    # And it goes on doing so, of the same time.
    _, third = calibrate(chain, model=model, last=second)
    assert third["X"].expiry(EXPIRIES[1]).since == AS_OF
    # Without an earlier fit the quotes stand for themselves.
    snapshot, alone = calibrate(chain, model=model)
    assert alone["X"].expiry(EXPIRIES[1]).in_force is InForce.QUOTES
    assert snapshot.market("X").smile(EXPIRIES[1]).kind is SmileKind.QUOTED


def test_a_warm_start_ends_where_a_cold_one_does_and_sooner():
    chain = quotes(smiles(Model.SVI), noise=0.001, seed=4)
    _, cold = calibrate(chain, model="svi")
    _, warm = calibrate(chain, model="svi", last=cold)
    for once, again in zip(cold["X"].slices, warm["X"].slices, strict=True):
        assert again.rms_in_half_spreads <= once.rms_in_half_spreads * (1 + 1e-6)
        assert again.iterations <= once.iterations


def test_too_few_quotes_are_no_fit():
    chain = quotes(smiles(Model.SVI))
    few = [
        row
        for row, contract in enumerate(chain.contracts)
        if not isinstance(contract, Option)
        or contract.expiry != EXPIRIES[0]
        or abs(contract.strike - SPOT) < 1.2
    ]
    _, report = calibrate(chain.select(few), model="svi")
    first = report["X"].slices[0]
    assert first.outcome is FitOutcome.TOO_FEW_QUOTES
    assert not first.trusted
    assert first.in_force is InForce.QUOTES
    assert len(first) == 0
    assert np.isnan(first.rms)
    assert "too few quotes" in str(report)


def test_nothing_fitted_is_nothing_trusted():
    chain = quotes(smiles(Model.SVI))
    for kept in ([], [0]):  # no quotes at all, and a spot alone
        _, report = calibrate(chain.select(kept))
        assert not report.trusted
        assert report.rows() == []
    # An expiry that no forward is known of has no fit, and is not forgotten.
    few = [
        row
        for row, contract in enumerate(chain.contracts)
        if not isinstance(contract, Option)
        or contract.expiry != EXPIRIES[0]
        or contract.right == Right.CALL
    ]
    _, report = calibrate(chain.select(few))
    assert len(report["X"]) == 2
    assert report["X"].trusted
    assert not report.trusted


def test_an_expiry_of_futures_alone_asks_for_no_fit():
    chain = quotes(smiles(Model.SVI))
    expiry = np.datetime64("2027-03-26T08:00", "ns")
    more = Quotes(
        AS_OF,
        [*chain.contracts, Future("X", expiry)],
        [*chain.bid, 101.0],
        [*chain.ask, 101.2],
    )
    snapshot, report = calibrate(more)
    assert report.trusted
    assert len(report["X"]) == len(EXPIRIES)
    assert snapshot.market("X").forwards.forward(expiry) == pytest.approx(101.1)


def test_marks_have_no_bid_and_ask_to_lie_within():
    chain = quotes(smiles(Model.SVI))
    options = np.array([isinstance(contract, Option) for contract in chain.contracts])
    marks = np.where(options, chain.mid, np.nan)
    sides = [np.where(options, np.nan, side) for side in (chain.bid, chain.ask)]
    _, report = calibrate(Quotes(AS_OF, chain.contracts, *sides, mark=marks))
    assert report.trusted
    for item in report["X"].slices:
        assert len(item) == len(item.quoted) == len(item.inside) > 5
        assert not item.quoted.any()
        assert not item.inside.any()
        assert np.isnan(item.inside_share)
    assert np.isnan(report["X"].inside_share)


def test_a_smile_without_a_volatility_at_a_quote_is_not_trusted():
    expiry = EXPIRIES[0]
    strikes, known = np.array([90.0, 100.0, 110.0]), np.array([0.22, 0.2, 0.19])
    seen = Observations(
        expiry, 0.1, 100.0, strikes, known - 0.01, known, known + 0.01, np.full(3, 0.01)
    )
    parameters = SabrParameters(alpha=0.2, beta=1.0, rho=-0.95, nu=5.0)
    smile = Smile.sabr(expiry=expiry, parameters=parameters, forward=100.0, time=10.0)
    assert np.isnan(smile.volatility(100.0))
    assert not Fitted(FitOutcome.CONVERGED, smile=smile).judged(seen).trusted


def test_bad_quotes_are_named_and_left_out():
    chain = quotes(smiles(Model.SVI))
    bid, ask = chain.bid.copy(), chain.ask.copy()
    rows = [
        row
        for row, contract in enumerate(chain.contracts)
        if isinstance(contract, Option) and contract.expiry == EXPIRIES[1]
    ]
    strikes = {}
    damage = {"no bid": rows[0:2], "crossed": rows[4:6], "no ask": rows[8:10]}
    for reason, pair in damage.items():
        strikes[reason] = chain.contracts[pair[0]].strike
    bid[damage["no bid"]] = 0.0
    bid[damage["crossed"]] = ask[damage["crossed"]] * 1.5
    ask[damage["no ask"]] = np.nan
    _, report = calibrate(Quotes(AS_OF, chain.contracts, bid, ask), model="svi")
    found = report["X"].slices[1]
    assert dict(found.rejected) == {strike: reason for reason, strike in strikes.items()}
    assert found.trusted
    assert len(found) == 18


def test_a_report_is_a_value():
    _, report = calibrate(quotes(smiles(Model.SVI)), model="essvi")
    again = pickle.loads(pickle.dumps(report))
    assert str(again) == str(report)
    assert again["X"].slices[0].smile == report["X"].slices[0].smile
    assert list(report) == list(report.market) == ["X"]
    assert len(report) == len(report.market) == 1
    assert "X" in report
    assert "Y" not in report
    table = pd.DataFrame(report.rows())
    assert len(table) == len(EXPIRIES)
    assert table.theta_error.gt(0).all()
    assert table.trusted.all()
    assert table.since.eq(AS_OF).all()
    with pytest.raises(KeyError):
        report["Y"]
    with pytest.raises(KeyError):
        report["X"].expiry(AS_OF)


def test_wrong_options_are_named():
    with pytest.raises(
        InvalidInput, match="must be one of 'svi', 'ssvi', 'essvi', 'sabr', 'heston', 'bates'"
    ):
        calibrate(quotes(smiles(Model.SVI)), model="svj")
    for model in ("ssvi", "heston", "spline"):
        with pytest.raises(InvalidInput, match=f"must be SQUARES: {model} knows no other"):
            calibrate(quotes(smiles(Model.SVI)), model=model, loss=Loss.HUBER)
    with pytest.raises(ValueError, match="huber"):
        calibrate(quotes(smiles(Model.SVI)), model="sabr", loss="huber")


def test_the_command_line_knows_the_models():
    assert ("quotes", *(model.value for model in Model)) == MODELS


@pytest.mark.parametrize("model", MODELLED)
def test_a_real_chain_of_coin_settled_options(model):
    chain = read_quotes(ROOT / "examples" / "data" / "btc_20260318_quotes.csv")
    snapshot, report = chain.calibrate(model=model)
    found = report["BTC"]
    standing = [item for item in found.slices if item.standing is not None]
    assert len(snapshot.market("BTC").smiles) == len(standing)
    independent = model in INDEPENDENT
    # Independent increments make short smiles too flat for these quotes, and Heston's are too flat.
    least = {Model.HESTON: 4, **dict.fromkeys(INDEPENDENT, 0)}
    assert sum(item.trusted for item in found.slices) >= least.get(model, 5), report
    worst = {Model.HESTON: 5.0, **dict.fromkeys(INDEPENDENT, 12.0)}
    assert found.rms_in_half_spreads < worst.get(model, 3.0)
    shares = {Model.SVI: 0.85, Model.SABR: 0.55, Model.HESTON: 0.3, Model.BATES: 0.5}
    assert found.inside_share > shares.get(model, 0.15 if independent else 0.35)
    for item in found.slices:
        assert item.smile is None or np.all(np.isfinite(item.residuals))
