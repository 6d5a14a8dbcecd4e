"""SSVI and eSSVI: slices, conditions against certificates, and fits of whole surfaces."""

import math
import pickle

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from hedgerow import InvalidInput, ssvi, svi

FREE = svi.ArbitrageVerdict.FREE
NONE = ssvi.Violation.NONE
EPSILON = np.finfo(float).eps
TIMES = np.exp(-4.0 + 0.5 * np.arange(10))


def values(slice):
    return np.array([slice.theta, slice.rho, slice.psi])


@st.composite
def slices(draw):
    return ssvi.Slice(
        theta=math.exp(draw(st.floats(-8, 0.5))),
        rho=draw(st.floats(-0.95, 0.95)),
        psi=math.exp(draw(st.floats(-4, 1.2))),
    )


@given(slices(), st.floats(-3, 3))
def test_slices_are_the_paper_s_and_their_raw_ones(slice, k):
    with mpmath.workdps(40):
        theta, rho, psi = map(mpf, values(slice))
        phi = psi / theta
        root = mpmath.sqrt((phi * k + rho) ** 2 + 1 - rho * rho)
        exact = theta / 2 * (1 + rho * phi * k + root)
        size = theta * (1 + abs(phi * k))
        assert abs(slice.total_variance(k) - exact) <= 8 * EPSILON * size
        assert abs(slice.raw().total_variance(k) - exact) <= 16 * EPSILON * size
    assert slice.volatility(k, 0.5) == math.sqrt(slice.total_variance(k) / 0.5)


def test_a_slice_without_wings_is_flat():
    flat = ssvi.Slice(theta=0.04, rho=-0.3, psi=0.0)
    assert flat.total_variance([-1.0, 0.0, 2.0]).tolist() == [0.04] * 3
    assert flat.raw().total_variance([-1.0, 0.0, 2.0]).tolist() == [0.04] * 3
    assert ssvi.butterfly(flat) is NONE


@given(st.floats(1e-8, 4.0), st.floats(0.05, 40.0))
def test_surfaces_have_their_phi(theta, parameter):
    with mpmath.workdps(40):
        law = ssvi.PowerLaw(rho=-0.4, eta=parameter, gamma=0.4)
        phi = mpf(parameter) / (mpf(theta) ** mpf(0.4) * (1 + mpf(theta)) ** (1 - mpf(0.4)))
        assert abs(law.slice(theta).psi / (theta * phi) - 1) < 20 * EPSILON
        heston = ssvi.Heston(rho=-0.4, lambda_=parameter)
        x = mpf(parameter) * mpf(theta)
        phi = (1 - (1 - mpmath.exp(-x)) / x) / x
        assert abs(heston.slice(theta).psi / (theta * phi) - 1) < 50 * EPSILON
    assert law.slice(theta).theta == heston.slice(theta).theta == theta


def test_slices_within_the_conditions_are_certified():
    rng = np.random.default_rng(1)
    butterflies = calendars = 0
    for _ in range(20_000):
        slice = ssvi.Slice(
            theta=math.exp(rng.uniform(-6, 0)),
            rho=rng.uniform(-0.95, 0.95),
            psi=math.exp(rng.uniform(-4, 1.2)),
        )
        if ssvi.butterfly(slice) is not NONE:
            continue
        assert svi.butterfly(slice.raw()).verdict is FREE
        butterflies += 1
        later = ssvi.Slice(
            theta=slice.theta * (1 + rng.uniform(0, 0.5)),
            rho=np.clip(slice.rho + rng.uniform(-0.2, 0.2), -0.99, 0.99),
            psi=slice.psi * (1 + rng.uniform(0, 0.5)),
        )
        if ssvi.calendar(slice, later) is NONE:
            assert svi.calendar(slice.raw(), later.raw()).verdict is FREE
            calendars += 1
    assert butterflies > 3_000
    assert calendars > 500


def test_broken_conditions_are_named():
    slice = ssvi.Slice(theta=0.04, rho=-0.5, psi=0.2)
    wide = ssvi.Slice(theta=9.0, rho=-0.5, psi=2.7)
    bent = ssvi.Slice(theta=0.01, rho=-0.5, psi=0.2)
    assert ssvi.butterfly(slice) is NONE
    assert ssvi.butterfly(wide) is ssvi.Violation.STEEP_WING
    assert ssvi.butterfly(bent) is ssvi.Violation.HIGH_CURVATURE

    def after(**changed):
        fields = {"theta": 0.05, "rho": -0.5, "psi": 0.22} | changed
        return ssvi.calendar(slice, ssvi.Slice(**fields))

    assert after() is NONE
    assert after(theta=0.03) is ssvi.Violation.FALLING_VARIANCE
    assert after(rho=-0.3) is ssvi.Violation.FALLING_LEFT_WING
    assert after(rho=-0.7) is ssvi.Violation.FALLING_RIGHT_WING
    assert after(psi=0.3) is ssvi.Violation.RISING_PHI
    # The first three are necessary: the certificate agrees.
    for changed in ({"theta": 0.03}, {"rho": -0.3}, {"rho": -0.7}):
        later = ssvi.Slice(**({"theta": 0.05, "rho": -0.5, "psi": 0.22} | changed))
        assert svi.calendar(slice.raw(), later.raw()).verdict is svi.ArbitrageVerdict.VIOLATED
    fine = [slice, ssvi.Slice(theta=0.05, rho=-0.5, psi=0.22)]
    assert ssvi.check(fine).violation is NONE
    found = ssvi.check([*fine, bent])
    assert (found.violation, found.slice) == (ssvi.Violation.HIGH_CURVATURE, 2)
    found = ssvi.check([*fine, slice])
    assert (found.violation, found.slice) == (ssvi.Violation.FALLING_VARIANCE, 2)


def test_conditions_of_whole_surfaces():
    assert ssvi.PowerLaw(rho=-0.5, eta=1.3, gamma=0.5).violation() is NONE
    steep = ssvi.PowerLaw(rho=-0.5, eta=1.4, gamma=0.5)
    assert steep.violation() is ssvi.Violation.STEEP_WING
    bent = ssvi.PowerLaw(rho=-0.5, eta=1.3, gamma=0.6)
    assert bent.violation() is ssvi.Violation.HIGH_CURVATURE
    assert ssvi.Heston(rho=-0.5, lambda_=0.375).violation() is NONE
    assert ssvi.Heston(rho=-0.5, lambda_=0.374).violation() is ssvi.Violation.STEEP_WING
    theta = np.geomspace(1e-5, 10, 60)
    for surface in (
        ssvi.PowerLaw(rho=-0.5, eta=4 / 3, gamma=0.5),
        ssvi.PowerLaw(rho=0.9, eta=1.0, gamma=0.1),
        ssvi.Heston(rho=-0.5, lambda_=0.375),
    ):
        assert surface.violation() is NONE
        assert ssvi.check([surface.slice(each) for each in theta]).violation is NONE


@pytest.mark.parametrize(
    ("kind", "fields", "bad"),
    [
        (ssvi.Slice, {"theta": 0.04, "rho": 0.0, "psi": 0.1}, {"theta": 0.0}),
        (ssvi.Slice, {"theta": 0.04, "rho": 0.0, "psi": 0.1}, {"psi": -0.1}),
        (ssvi.PowerLaw, {"rho": 0.0, "eta": 1.0, "gamma": 0.4}, {"gamma": 1.1}),
        (ssvi.PowerLaw, {"rho": 0.0, "eta": 1.0, "gamma": 0.4}, {"rho": -1.0}),
        (ssvi.Heston, {"rho": 0.0, "lambda_": 1.0}, {"lambda_": 0.0}),
    ],
)
def test_surfaces_are_values_with_domains(kind, fields, bad):
    made = kind(**fields)
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(made) == hash(kind(**fields))
    with pytest.raises(InvalidInput):
        kind(**(fields | bad))


def quotes(slices, times=TIMES, noise=0.0, rng=None, count=25):
    """An expiry per slice, quoted about its own width."""
    made = []
    for slice, time in zip(slices, times, strict=True):
        k = math.sqrt(slice.theta) * np.linspace(-2.5, 2.0, count)
        volatility = slice.volatility(k, time)
        if rng is not None:
            volatility = volatility * (1 + noise * rng.standard_normal(count))
        made.append(ssvi.SmileQuotes(log_moneyness=k, volatility=volatility, time=time))
    return made


def extended_surfaces(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        theta = rng.uniform(0.2, 0.7) ** 2 * TIMES
        rho = rng.uniform(-0.7, 0.2)
        most = min(4 / (1 + abs(rho)), 2 * math.sqrt(theta[0] / (1 + abs(rho))))
        surface = [ssvi.Slice(theta=theta[0], rho=rho, psi=rng.uniform(0.2, 0.8) * most)]
        while len(surface) < len(theta):
            before = surface[-1]
            trial = ssvi.Slice(
                theta=theta[len(surface)],
                rho=np.clip(before.rho + rng.uniform(-0.05, 0.05), -0.9, 0.9),
                psi=before.psi * (1 + rng.uniform(0, 0.6)),
            )
            if ssvi.check([before, trial]).violation is NONE:
                surface.append(trial)
        yield surface


def test_exact_extended_surfaces_are_recovered():
    for surface in extended_surfaces(50, 2):
        fits = ssvi.fit_extended(quotes(surface))
        for fit, truth in zip(fits, surface, strict=True):
            assert fit.outcome is ssvi.SmileFitOutcome.CONVERGED
            np.testing.assert_allclose(values(fit.parameters), values(truth), rtol=1e-6)


@pytest.mark.parametrize("loss", list(ssvi.Loss))
def test_extended_fits_are_free_whatever_the_quotes(loss):
    rng = np.random.default_rng(3)
    for surface in extended_surfaces(30, 4):
        fits = ssvi.fit_extended(quotes(surface, noise=0.1, rng=rng), loss=loss)
        assert ssvi.check([fit.parameters for fit in fits]).violation is NONE
        for i, fit in enumerate(fits):
            assert fit.outcome is ssvi.SmileFitOutcome.CONVERGED
            assert fit.butterfly.verdict is FREE
            assert i == 0 or fit.calendar.verdict is FREE
            raw = [each.parameters.raw() for each in fits[: i + 1]]
            assert all(svi.calendar(each, raw[-1]).verdict is FREE for each in raw)


def test_first_slices_lie_within_their_errors():
    rng = np.random.default_rng(5)
    deviations = []
    for surface in extended_surfaces(200, 6):
        fit = ssvi.fit_extended(quotes(surface[:1], TIMES[:1], 1e-3, rng))[0]
        off = values(fit.parameters) - values(surface[0])
        deviations.append(off / values(fit.standard_errors))
    assert np.mean(np.abs(deviations) > 4) < 0.003
    assert 0.85 < np.std(deviations) < 1.2


def test_surfaces_are_recovered():
    rng = np.random.default_rng(7)
    for _ in range(30):
        rho, theta = rng.uniform(-0.8, 0.3), rng.uniform(0.2, 0.7) ** 2 * TIMES
        most = 2 / (1 + abs(rho))
        law = ssvi.PowerLaw(rho=rho, eta=rng.uniform(0.4, 0.98) * most, gamma=rng.uniform(0.2, 0.5))
        fit = ssvi.fit_power_law(quotes([law.slice(each) for each in theta]))
        assert fit.outcome is ssvi.SmileFitOutcome.CONVERGED
        assert fit.violation is NONE
        found = fit.parameters
        np.testing.assert_allclose(
            [found.rho, found.eta, found.gamma], [law.rho, law.eta, law.gamma], rtol=1e-6
        )
        np.testing.assert_allclose(fit.theta, theta, rtol=1e-6)
        heston = ssvi.Heston(rho=rho, lambda_=(1 + abs(rho)) / 4 / rng.uniform(0.05, 0.9))
        fit = ssvi.fit_heston(quotes([heston.slice(each) for each in theta]))
        assert fit.outcome is ssvi.SmileFitOutcome.CONVERGED
        assert fit.violation is NONE
        assert fit.parameters.rho == pytest.approx(rho, abs=1e-6)
        assert fit.parameters.lambda_ == pytest.approx(heston.lambda_, rel=1e-6)


def test_surfaces_lie_within_their_errors_and_stay_free():
    rng = np.random.default_rng(8)
    deviations = []
    truth = ssvi.PowerLaw(rho=-0.5, eta=1.0, gamma=0.4)
    theta = 0.3**2 * TIMES
    for _ in range(100):
        fit = ssvi.fit_power_law(quotes([truth.slice(e) for e in theta], noise=3e-3, rng=rng))
        found, errors = fit.parameters, fit.standard_errors
        for name in ("rho", "eta", "gamma"):
            deviations.append((getattr(found, name) - getattr(truth, name)) / getattr(errors, name))
        assert ssvi.check([found.slice(each) for each in fit.theta]).violation is NONE
    assert np.abs(deviations).max() < 4
    assert 0.8 < np.std(deviations) < 1.2


def test_falling_levels_are_held():
    """Quotes whose total variance falls: the fits may not follow."""
    law = ssvi.PowerLaw(rho=-0.5, eta=1.0, gamma=0.4)
    falling = [law.slice(each) for each in (0.04, 0.03, 0.05)]
    made = quotes(falling, [0.2, 0.3, 0.5])
    fit = ssvi.fit_power_law(made)
    assert fit.outcome is ssvi.SmileFitOutcome.CONVERGED
    assert np.all(np.diff(fit.theta) >= 0)
    slices = [fit.parameters.slice(each) for each in fit.theta]
    assert ssvi.check(slices).violation is NONE
    extended = [each.parameters for each in ssvi.fit_extended(made)]
    assert ssvi.check(extended).violation is NONE


def test_bad_expiries_are_outcomes():
    law = ssvi.PowerLaw(rho=-0.5, eta=1.0, gamma=0.4)
    made = quotes([law.slice(each) for each in (0.01, 0.02, 0.04)], [0.1, 0.2, 0.4])
    few = ssvi.SmileQuotes(log_moneyness=[0.0, 0.1], volatility=[0.3, 0.3], time=0.2)
    bad = ssvi.SmileQuotes(log_moneyness=[0.0, math.nan], volatility=[0.3, 0.3], time=0.2)

    fits = ssvi.fit_extended([made[0], few, made[2]])
    outcomes = [fit.outcome for fit in fits]
    converged = ssvi.SmileFitOutcome.CONVERGED
    assert outcomes == [converged, ssvi.SmileFitOutcome.TOO_FEW_QUOTES, converged]
    assert np.all(np.isnan(values(fits[1].parameters)))
    assert fits[2].calendar.verdict is FREE
    fits = ssvi.fit_extended([made[0], bad, made[2]])
    assert (fits[1].outcome, fits[1].invalid_row) == (ssvi.SmileFitOutcome.INVALID_QUOTE, 1)
    fits = ssvi.fit_extended([made[1], made[0]])
    assert fits[1].outcome is ssvi.SmileFitOutcome.INVALID_INPUT

    for fit in (ssvi.fit_power_law, ssvi.fit_heston):
        found = fit([made[0], bad, made[2]])
        assert found.outcome is ssvi.SmileFitOutcome.INVALID_QUOTE
        assert (found.invalid_expiry, found.invalid_row) == (1, 1)
        assert np.all(np.isnan(found.theta))
        assert fit([made[1], made[0]]).outcome is ssvi.SmileFitOutcome.INVALID_INPUT
        assert fit([few]).outcome is ssvi.SmileFitOutcome.TOO_FEW_QUOTES
        assert fit([]).outcome is not converged


def test_what_is_found_says_so():
    k = np.linspace(-0.3, 0.3, 9)
    quotes = [ssvi.SmileQuotes(log_moneyness=k, volatility=0.2 - 0.1 * k, time=t) for t in (0.5, 1)]
    for found in (*ssvi.fit_extended(quotes), ssvi.fit_power_law(quotes), ssvi.fit_heston(quotes)):
        assert repr(found).startswith(f"{type(found).__name__}(CONVERGED, Ssvi")
    slices = [ssvi.Slice(theta=theta, rho=-0.3, psi=0.1) for theta in (0.04, 0.03)]
    assert repr(ssvi.check(slices)) == "SsviCheck(FALLING_VARIANCE, slice 1)"
    raw = [each.raw() for each in slices]
    assert repr(svi.butterfly(raw[0])).startswith(
        "SviButterfly(FREE, violation NONE, least density"
    )
    assert repr(svi.calendar(*raw)).startswith("SviCalendar(VIOLATED, depth 0.01 at ")
