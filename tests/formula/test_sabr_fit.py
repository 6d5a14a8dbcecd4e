"""Fits of SABR: round trips, noise, outliers, and what cannot be fitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow import sabr
from hedgerow.errors import InvalidInput
from hedgerow.sabr import LeastSquaresOutcome, SabrParameters

MODEL = SabrParameters(alpha=2.2, beta=0.5, rho=-0.35, nu=0.6)
FORWARD, TIME = 100.0, 0.75
STRIKES = np.linspace(65, 135, 15)
QUOTES = sabr.volatility(MODEL, FORWARD, STRIKES, TIME)


def fit(volatilities=QUOTES, strikes=STRIKES, **changes):
    return sabr.fit(
        strikes, volatilities, **{"forward": FORWARD, "time": TIME, "beta": 0.5, **changes}
    )


@given(
    st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]),
    st.floats(0.05, 0.8),
    st.floats(-0.9, 0.9),
    st.floats(0.15, 1.3),
    st.floats(0.02, 3),
    st.sampled_from([0.03, 1.0, 1.3, 100.0, 4e4]),
)
def test_noise_free_quotes_give_back_their_parameters(beta, level, rho, nu, time, forward):
    root = np.sqrt(time)
    model = SabrParameters(
        alpha=level * forward ** (1 - beta), beta=beta, rho=rho, nu=nu / max(root, 0.3)
    )
    strikes = forward * np.exp(np.linspace(-2, 2, 15) * level * root)
    quotes = sabr.volatility(model, forward, strikes, time)
    if not np.all(quotes > 0):
        return
    found = sabr.fit(strikes, quotes, forward=forward, time=time, beta=beta)
    assert found.outcome == LeastSquaresOutcome.CONVERGED
    assert found.parameters.alpha == pytest.approx(model.alpha, rel=1e-8)
    assert found.parameters.rho == pytest.approx(model.rho, abs=1e-8)
    assert found.parameters.nu == pytest.approx(model.nu, rel=1e-8)
    assert found.residual < 1e-12
    assert found.iterations < 30


def test_standard_errors_cover_the_truth():
    generator = np.random.default_rng(2002)
    noise, within = 0.002, np.zeros(3)
    scores = []
    for _ in range(400):
        found = fit(QUOTES + noise * generator.standard_normal(15))
        assert found.outcome == LeastSquaresOutcome.CONVERGED
        p = found.parameters
        off = np.array([p.alpha - MODEL.alpha, p.rho - MODEL.rho, p.nu - MODEL.nu])
        errors = np.array([found.alpha_error, found.rho_error, found.nu_error])
        scores.append(off / errors)
        within += np.abs(off) < 2 * errors
    # Student's t with 12 degrees of freedom lies within 2 with probability 0.931.
    assert np.all(np.abs(within / 400 - 0.931) < 0.05)
    assert np.all(np.abs(np.mean(scores, axis=0)) < 0.25)


def test_order_scale_of_the_weights_and_quotes_without_weight_do_not_matter():
    generator = np.random.default_rng(15)
    quotes = QUOTES + 0.002 * generator.standard_normal(15)
    weights = generator.uniform(0.5, 2, 15)
    plain = fit(quotes, weights=weights)
    order = generator.permutation(15)
    assert fit(quotes[order], STRIKES[order], weights=weights[order]).parameters.nu == (
        pytest.approx(plain.parameters.nu, rel=1e-9)
    )
    scaled = fit(quotes, weights=1e6 * weights)
    assert scaled.parameters.rho == pytest.approx(plain.parameters.rho, rel=1e-9)
    assert scaled.rho_error == pytest.approx(plain.rho_error, rel=1e-6)
    more = np.append(STRIKES, 100.0), np.append(quotes, 5.0), np.append(weights, 0.0)
    assert fit(more[1], more[0], weights=more[2]).parameters == plain.parameters


def test_a_warm_start_ends_where_a_cold_one_does_and_sooner():
    quotes = QUOTES + 0.001 * np.sin(STRIKES)
    cold = fit(quotes)
    warm = fit(quotes, start=cold.parameters)
    assert warm.iterations < cold.iterations
    assert warm.parameters.alpha == pytest.approx(cold.parameters.alpha, rel=1e-7)
    far = SabrParameters(alpha=20.0, beta=0.5, rho=0.9, nu=3.0)
    assert fit(quotes, start=far).parameters.nu == pytest.approx(cold.parameters.nu, rel=1e-6)


def errors_by_differences(quotes, parameters, at_the_money):
    """Standard errors of alpha, rho and nu, where alpha is what rho and nu make of it."""

    def alpha_and_smile(rho, nu):
        model = SabrParameters(alpha=1.0, beta=0.5, rho=rho, nu=nu)
        alpha = sabr.alpha(model, at_the_money, FORWARD, TIME)
        model = SabrParameters(alpha=alpha, beta=0.5, rho=rho, nu=nu)
        return np.append(sabr.volatility(model, FORWARD, STRIKES, TIME), alpha)

    rho, nu, h = parameters.rho, parameters.nu, 1e-5
    columns = [
        alpha_and_smile(rho + h, nu) - alpha_and_smile(rho - h, nu),
        alpha_and_smile(rho, nu + h) - alpha_and_smile(rho, nu - h),
    ]
    jacobian = np.transpose(columns) / (2 * h)
    residuals = alpha_and_smile(rho, nu)[:-1] - quotes
    slopes = jacobian[:-1]
    covariance = np.linalg.inv(slopes.T @ slopes) * (residuals @ residuals) / (len(quotes) - 2)
    of_alpha = jacobian[-1] @ covariance @ jacobian[-1]
    return np.sqrt([of_alpha, *np.diag(covariance)])


def test_the_volatility_at_the_money_can_be_given():
    quotes = QUOTES + 0.001 * np.sin(STRIKES)
    found = fit(quotes, at_the_money=0.2225)
    assert found.outcome == LeastSquaresOutcome.CONVERGED
    at_the_money = sabr.volatility(found.parameters, FORWARD, FORWARD, TIME)
    assert at_the_money == pytest.approx(0.2225, rel=1e-14)
    errors = errors_by_differences(quotes, found.parameters, 0.2225)
    np.testing.assert_allclose(
        [found.alpha_error, found.rho_error, found.nu_error], errors, rtol=1e-4
    )
    exact = fit(at_the_money=sabr.volatility(MODEL, FORWARD, FORWARD, TIME))
    assert exact.parameters.rho == pytest.approx(MODEL.rho, abs=1e-8)
    assert exact.parameters.nu == pytest.approx(MODEL.nu, rel=1e-8)

    # The least squares along the curve: no rho and nu near by do better.
    def cost(rho, nu):
        model = SabrParameters(alpha=1.0, beta=0.5, rho=rho, nu=nu)
        alpha = sabr.alpha(model, 0.2225, FORWARD, TIME)
        model = SabrParameters(alpha=alpha, beta=0.5, rho=rho, nu=nu)
        return np.sum((sabr.volatility(model, FORWARD, STRIKES, TIME) - quotes) ** 2)

    rho, nu = found.parameters.rho, found.parameters.nu
    least = cost(rho, nu)
    for step in [(1e-4, 0), (-1e-4, 0), (0, 1e-4), (0, -1e-4)]:
        assert cost(rho + step[0], nu + step[1]) > least


def test_a_robust_scale_bears_wrong_quotes():
    generator = np.random.default_rng(1)
    quotes = QUOTES + 0.0005 * generator.standard_normal(15)
    quotes[3] += 0.1
    quotes[11] -= 0.05
    plain, robust = fit(quotes), fit(quotes, robust_scale=0.001)
    off = {name: abs(f.parameters.nu - MODEL.nu) for name, f in [("p", plain), ("r", robust)]}
    assert robust.outcome == LeastSquaresOutcome.CONVERGED
    assert off["r"] < 0.1 * off["p"]
    assert fit(robust_scale=0.001).parameters.nu == pytest.approx(MODEL.nu, rel=1e-7)


@given(
    st.floats(0.01, 2),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.floats(-0.99, 0.99),
    st.floats(0, 2.0),
    st.floats(0, 20),
    st.floats(0.01, 1000),
)
def test_alpha_gives_the_volatility_at_the_money(volatility, beta, rho, nu, time, forward):
    model = SabrParameters(alpha=1.0, beta=beta, rho=rho, nu=nu)
    alpha = sabr.alpha(model, volatility, forward, time)
    if np.isnan(alpha):
        return
    found = SabrParameters(alpha=alpha, beta=beta, rho=rho, nu=nu)
    assert sabr.volatility(found, forward, forward, time) == pytest.approx(volatility, rel=1e-13)


def test_alpha_is_the_first_of_three_roots_and_nan_without_one():
    # With a long expiry and rho < 0 the volatility at the money falls before it grows again.
    model = SabrParameters(alpha=1.0, beta=0.5, rho=-0.8, nu=0.354)
    alphas = np.linspace(1e-3, 12, 20_000)
    smiles = [SabrParameters(alpha=a, beta=0.5, rho=-0.8, nu=0.354) for a in alphas]
    values = np.array([sabr.volatility(smile, 1.0, 1.0, 30.0) for smile in smiles])
    turns = np.flatnonzero(np.diff(np.sign(np.diff(values))))
    assert len(turns) == 2
    target = 0.5 * (values[turns[0]] + values[turns[1]])
    first = alphas[np.flatnonzero(values > target)[0]]
    assert sabr.alpha(model, target, 1.0, 30.0) == pytest.approx(first, abs=1e-3)
    above = 1.5 * values[turns[0]]
    last = alphas[np.flatnonzero(values > above)[0]]
    assert sabr.alpha(model, above, 1.0, 30.0) == pytest.approx(last, abs=1e-3)
    lognormal = SabrParameters(alpha=1.0, beta=1.0, rho=-0.9, nu=2.0)
    assert np.isnan(sabr.alpha(lognormal, 0.5, 1.0, 30.0))
    assert np.isnan(sabr.alpha(model, [np.nan, -0.1, 0.0], 1.0, 1.0)).all()


def test_a_flat_smile_has_no_volatility_of_volatility():
    found = sabr.fit(STRIKES, np.full(15, 0.3), forward=FORWARD, time=TIME, beta=1.0)
    assert found.outcome == LeastSquaresOutcome.CONVERGED
    assert found.parameters.alpha == pytest.approx(0.3, rel=1e-5)
    assert found.parameters.nu < 1e-2


def test_an_impossible_smile_ends_on_a_bound_and_says_so():
    # A skew that bends down asks for more correlation than there is.
    quotes = 0.9 - 0.006 * STRIKES - 4e-5 * (STRIKES - 100) ** 2
    found = sabr.fit(STRIKES, quotes, forward=FORWARD, time=TIME, beta=1.0)
    assert found.at_bound
    assert found.rho_error == 0
    assert abs(found.parameters.rho) == 0.999


def test_few_iterations_are_not_passed_off_as_a_fit():
    far = SabrParameters(alpha=20.0, beta=0.5, rho=0.9, nu=3.0)
    assert fit(start=far, most_iterations=2).outcome == LeastSquaresOutcome.NOT_CONVERGED
    assert "NOT_CONVERGED" in repr(fit(start=far, most_iterations=2))


def test_three_quotes_are_met_without_standard_errors():
    found = fit(QUOTES[[2, 7, 12]], STRIKES[[2, 7, 12]])
    assert found.residual < 1e-12
    assert found.parameters.nu == pytest.approx(MODEL.nu, rel=1e-7)
    assert np.isnan(found.nu_error)


def test_negative_rates_are_fitted_under_a_shift():
    model = SabrParameters(alpha=0.05, beta=0.4, rho=0.2, nu=0.5, shift=0.03)
    strikes = np.linspace(-0.02, 0.04, 13)
    quotes = sabr.volatility(model, 0.002, strikes, 2.0)
    found = sabr.fit(strikes, quotes, forward=0.002, time=2.0, beta=0.4, shift=0.03)
    assert found.parameters.alpha == pytest.approx(model.alpha, rel=1e-8)
    assert found.parameters.shift == 0.03


def with_value(values, value):
    changed = np.array(values, dtype=float)
    changed[1] = value
    return changed


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"strikes": STRIKES[:3]}, "volatility"),
        ({"weights": np.ones(3)}, "weight"),
        ({"strikes": with_value(STRIKES, 0.0)}, "strike[1]"),
        ({"strikes": with_value(STRIKES, np.nan)}, "strike[1]"),
        ({"volatilities": with_value(QUOTES, -0.1)}, "volatility[1]"),
        ({"volatilities": with_value(QUOTES, np.inf)}, "volatility[1]"),
        ({"weights": with_value(np.ones(15), -1.0)}, "weight[1]"),
        ({"weights": with_value(np.zeros(15), 1.0)}, "strike"),
        ({"strikes": np.full(15, 100.0)}, "strike"),
        ({"forward": 0.0}, "forward + shift"),
        ({"time": 0.0}, "time"),
        ({"beta": 1.5}, "beta"),
        ({"shift": np.nan}, "shift"),
        ({"robust_scale": 0.0}, "robust_scale"),
        ({"at_the_money": -1.0}, "at_the_money"),
        ({"start": SabrParameters(alpha=1, beta=0.4, rho=0, nu=0.3)}, "start.beta"),
        ({"start": SabrParameters(alpha=1, beta=0.5, rho=0, nu=0.3, shift=1)}, "start.shift"),
    ],
)
def test_bad_input_is_named(changes, argument):
    with pytest.raises(InvalidInput) as caught:
        fit(**changes)
    assert caught.value.argument == argument
