"""SVI slices: values, conversions, and certificates against grids that are dense and exact."""

import copy
import csv
import math
import pickle
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from hedgerow import InvalidInput, svi

TABLE = Path(__file__).parents[1] / "reference" / "svi_vogt.csv"
VOGT = svi.Parameters(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153)
FREE, VIOLATED = svi.ArbitrageVerdict.FREE, svi.ArbitrageVerdict.VIOLATED
EPSILON = np.finfo(float).eps


def values(slice):
    return np.array([slice.a, slice.b, slice.rho, slice.m, slice.sigma])


@st.composite
def slices(draw):
    """Slices over the whole range that markets could show, some with arbitrage."""
    b = draw(st.floats(1e-4, 1.5))
    sigma = draw(st.floats(1e-3, 2.0))
    return svi.Parameters(
        a=b * sigma * draw(st.floats(-1.0, 3.0)),
        b=b,
        rho=draw(st.floats(-0.98, 0.98)),
        m=draw(st.floats(-1.5, 1.5)),
        sigma=sigma,
    )


def random_slices(count, seed):
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        b, sigma = np.exp(rng.uniform(-5, 0.6)), np.exp(rng.uniform(-5, 1))
        slice = svi.Parameters(
            a=b * sigma * rng.uniform(-1, 3),
            b=b,
            rho=rng.uniform(-0.98, 0.98),
            m=rng.uniform(-1, 1) * np.exp(rng.uniform(-4, 1)),
            sigma=sigma,
        )
        found.append(slice)
    return found


def exact_density_factor(slice, k):
    """g in 40 digits."""
    a, b, rho, m, sigma = map(mpf, values(slice))
    x = mpf(float(k)) - m
    root = mpmath.sqrt(x * x + sigma * sigma)
    w, dw = a + b * (rho * x + root), b * (rho + x / root)
    tilt = 1 - mpf(float(k)) * dw / (2 * w)
    return tilt**2 - dw**2 / 4 * (1 / w + mpf(1) / 4) + b * sigma**2 / root**3 / 2


def test_the_vogt_smile_has_its_published_and_exact_values():
    compared = 0
    with TABLE.open() as file:
        for row in csv.DictReader(file):
            slice = svi.Parameters(
                **{n: float(row[f"svi_{n}"]) for n in ("a", "b", "rho", "m", "sigma")}
            )
            assert slice == VOGT
            wings = slice.jump_wings(float(row["t"]))
            named = {"jw_v": "variance", "jw_psi": "skew", "jw_p": "put_wing"}
            named |= {"jw_c": "call_wing", "jw_vtilde": "minimum_variance"}
            if row["quantity"] in named:
                ours = getattr(wings, named[row["quantity"]])
            elif row["quantity"] == "total_variance":
                ours = slice.total_variance(float(row["log_moneyness"]))
            else:
                ours = slice.density_factor(float(row["log_moneyness"]))
            assert row["status"] == "pass"
            assert ours == pytest.approx(float(row["expected"]), rel=0, abs=float(row["tol"]))
            compared += 1
    assert compared == 89


def test_the_vogt_smile_is_caught():
    found = svi.butterfly(VOGT)
    assert found.verdict is VIOLATED
    assert found.violation is svi.SliceViolation.NEGATIVE_DENSITY
    assert found.minimum == pytest.approx(-0.032863573453623, abs=1e-8)
    assert found.where == pytest.approx(0.8792625, abs=1e-3)
    assert found.bound <= found.minimum
    assert exact_density_factor(VOGT, found.where) < 0


@given(slices(), st.floats(-5, 5))
def test_values_and_derivatives_are_those_of_the_formula(slice, k):
    a, b, rho, m, sigma = map(mpf, values(slice))
    with mpmath.workdps(40):
        x = mpf(k) - m
        root = mpmath.sqrt(x * x + sigma * sigma)
        terms = abs(a) + b * (abs(rho * x) + root)
        assert abs(slice.total_variance(k) - (a + b * (rho * x + root))) <= 4 * EPSILON * terms
        assert abs(slice.slope(k) - b * (rho + x / root)) <= 8 * EPSILON * b
        curvature = b * sigma**2 / root**3
        assert abs(slice.curvature(k) - curvature) <= 16 * EPSILON * curvature
    if slice.total_variance(k) >= 0:
        assert slice.volatility(k, 0.25) == math.sqrt(slice.total_variance(k) / 0.25)


def test_values_take_arrays():
    k = np.linspace(-1, 1, 7)
    for values_of in (VOGT.total_variance, VOGT.slope, VOGT.curvature, VOGT.density_factor):
        assert values_of(k).tolist() == [values_of(each) for each in k]
    assert VOGT.volatility(k, 0.5).shape == (7,)
    assert isinstance(VOGT.total_variance(0.1), float)


@given(slices())
def test_natural_parameters_round_trip(slice):
    back = slice.natural().raw()
    # a is the difference of delta and omega's share, which may be the larger by 1 / (1 - rho^2).
    scale = abs(slice.a) + slice.b * slice.sigma / math.sqrt(1 - slice.rho**2)
    np.testing.assert_allclose(values(back)[1:], values(slice)[1:], rtol=1e-12, atol=1e-12)
    assert abs(back.a - slice.a) <= 1e-14 * scale


@given(slices(), st.floats(0.01, 3.0))
def test_jump_wings_round_trip(slice, time):
    at_money, least = slice.total_variance(0.0), svi.butterfly(slice).least_total_variance
    if at_money <= 1e-6:
        return
    wings = slice.jump_wings(time)
    assert wings.time == time
    assert wings.variance * time == pytest.approx(at_money, rel=1e-14)
    assert wings.minimum_variance * time == pytest.approx(least, rel=1e-14, abs=1e-17)
    beta = slice.m / math.hypot(slice.m, slice.sigma)
    # What the wings say of sigma is the difference of w at the money and its minimum.
    if abs(beta) > 0.99 or at_money - least < 1e-3 * (abs(slice.a) + slice.b * slice.sigma):
        return
    back = wings.raw()
    scale = np.array([abs(slice.a) + slice.b * slice.sigma, slice.b, 1, 1, 1])
    assert np.all(np.abs(values(back) - values(slice)) <= 1e-9 * scale)


def test_jump_wings_without_a_slice_are_refused():
    with pytest.raises(InvalidInput):
        svi.JumpWings(
            variance=0.04, skew=0.0, put_wing=1.0, call_wing=1.0, minimum_variance=0.04, time=1.0
        ).raw()
    with pytest.raises(InvalidInput):
        svi.Natural(delta=0.0, mu=0.0, rho=1.0, omega=1.0, zeta=1.0).raw()


@pytest.mark.parametrize(
    ("field", "value"),
    [("a", math.nan), ("b", -0.1), ("rho", 1.0), ("rho", math.nan), ("m", math.inf), ("sigma", 0)],
)
def test_slices_out_of_the_domain_are_refused(field, value):
    fields = {"a": 0.04, "b": 0.1, "rho": 0.0, "m": 0.0, "sigma": 0.1}
    with pytest.raises(InvalidInput, match=field):
        svi.Parameters(**(fields | {field: value}))


def test_slices_are_values():
    natural, wings = VOGT.natural(), VOGT.jump_wings(1.0)
    for each in (VOGT, natural, wings):
        assert pickle.loads(pickle.dumps(each)) == each
        assert copy.deepcopy(each) == each
        assert hash(copy.deepcopy(each)) == hash(each)
        with pytest.raises(AttributeError):
            each.rho = 0.5 if hasattr(each, "rho") else 0
    assert eval(repr(VOGT), {"SviParameters": svi.Parameters}) == VOGT
    assert svi.Parameters(a=0.0, b=0.1, rho=0.0, m=0.0, sigma=0.1) != VOGT


def grid_of(slice, points=2_001, reach=12.0):
    return slice.m + slice.sigma * np.sinh(np.linspace(-reach, reach, points))


def test_no_slice_is_called_free_whose_density_a_grid_finds_negative():
    verdicts = dict.fromkeys(svi.ArbitrageVerdict, 0)
    for slice in random_slices(5_000, 1):
        found = svi.butterfly(slice)
        verdicts[found.verdict] += 1
        if found.least_total_variance <= 0:
            assert found.violation is svi.SliceViolation.NEGATIVE_VARIANCE
            continue
        g = slice.density_factor(grid_of(slice))
        if found.verdict is FREE:
            assert g.min() >= 0
            assert found.violation is svi.SliceViolation.NONE
            assert found.left_slope < 2
            assert found.right_slope < 2
        if found.verdict is VIOLATED and found.violation is svi.SliceViolation.NEGATIVE_DENSITY:
            # Named, and so: the other way round there is none at all.
            with mpmath.workdps(40):
                assert exact_density_factor(slice, found.where) < 0
        assert found.bound <= g.min() + 1e-9 * abs(g.min())
        assert found.minimum <= g.min() + 2e-4 * abs(g.min()) + 1e-9
    assert verdicts[svi.ArbitrageVerdict.UNDECIDED] == 0
    assert min(verdicts[FREE], verdicts[VIOLATED]) > 1_000


def test_slices_at_the_edge_are_never_free_on_the_wrong_side():
    """The level of each slice moved to where its density just touches zero, from both sides."""
    undecided = 0
    for slice in random_slices(300, 2):
        _, b, rho, m, sigma = values(slice)
        if b * (1 + abs(rho)) >= 2:
            continue

        def at(level, rest=(b, rho, m, sigma)):
            return svi.Parameters(
                **dict(zip(["a", "b", "rho", "m", "sigma"], (level, *rest), strict=True))
            )

        low, high = -b * sigma * math.sqrt(1 - rho * rho), 100.0 + abs(m)
        if svi.butterfly(at(high)).verdict is not FREE:
            continue
        for _ in range(60):
            middle = (low + high) / 2
            if svi.butterfly(at(middle)).verdict is FREE:
                high = middle
            else:
                low = middle
        edge = svi.butterfly(at(high))
        assert edge.verdict is FREE
        below = svi.butterfly(at(low))
        undecided += below.verdict is svi.ArbitrageVerdict.UNDECIDED
        nearby = np.linspace(-1, 1, 201) * 1e-3 * sigma
        with mpmath.workdps(40):
            for k in edge.where + nearby if math.isfinite(edge.where) else []:
                assert exact_density_factor(at(high), k) >= 0
    assert undecided > 0  # rounding leaves a strip, which is named


def test_steep_wings_and_negative_variance_are_named():
    steep = svi.butterfly(svi.Parameters(a=0.1, b=1.2, rho=0.7, m=0.0, sigma=1.0))
    assert steep.verdict is VIOLATED
    assert steep.violation is svi.SliceViolation.STEEP_WING
    assert steep.right_slope == pytest.approx(2.04)
    below = svi.butterfly(svi.Parameters(a=-0.2, b=0.1, rho=0.0, m=0.3, sigma=1.0))
    assert below.violation is svi.SliceViolation.NEGATIVE_VARIANCE
    assert below.least_total_variance == pytest.approx(-0.1)
    assert below.where == 0.3
    flat = svi.butterfly(svi.Parameters(a=0.04, b=0.0, rho=0.0, m=0.0, sigma=1.0))
    assert (flat.verdict, flat.minimum, flat.bound) == (FREE, 1.0, 1.0)


def pairs(count, seed):
    """Slices and later ones: unlike each other, alike, and of equal wings."""
    rng = np.random.default_rng(seed)
    for i, slice in enumerate(random_slices(count, seed)):
        a, b, rho, m, sigma = values(slice)
        if i % 4 == 0:
            yield slice, random_slices(1, seed + i + 1)[0]
            continue
        rises = (0.9, 1.2) if i % 4 == 1 else (1.0, 1.2)
        yield (
            slice,
            svi.Parameters(
                a=a + b * sigma * rng.uniform(0, 0.3),
                b=b if i % 4 == 3 else b * rng.uniform(*rises),
                rho=rho if i % 4 == 3 else np.clip(rho + rng.uniform(-0.05, 0.05), -0.99, 0.99),
                m=m + rng.uniform(-0.1, 0.1) * sigma,
                sigma=sigma * rng.uniform(0.7, 1.3),
            ),
        )


def test_crossings_are_those_of_a_grid():
    crossed = dict.fromkeys(range(5), 0)
    free = 0
    for earlier, later in pairs(4_000, 3):
        found = svi.calendar(earlier, later)
        k = grid_of(earlier, 8_001)
        gap = later.total_variance(k) - earlier.total_variance(k)
        size = np.abs(values(earlier))[:2].sum() + earlier.total_variance(k)
        free += found.verdict is FREE
        if found.verdict is FREE:
            assert np.all(gap >= -1e-13 * size)
            assert (found.depth, found.crossings) == (0.0, ())
            continue
        assert found.verdict is VIOLATED
        assert found.depth > 0
        assert found.depth >= -gap.min() * (1 - 1e-6) - 1e-13
        for crossing in found.crossings:
            here = earlier.total_variance(crossing)
            terms = abs(earlier.a) + abs(later.a) + here
            assert later.total_variance(crossing) == pytest.approx(here, rel=0, abs=1e-9 * terms)
        inside = [c for c in found.crossings if k[0] < c < k[-1]]
        below = gap < -1e-12 * size
        above = gap > 1e-12 * size
        signs = np.where(below, -1, np.where(above, 1, 0))
        signs = signs[signs != 0]
        assert len(inside) >= np.count_nonzero(np.diff(signs))
        crossed[len(found.crossings)] += 1
    assert free > 500
    assert all(crossed[count] > 0 for count in (1, 2, 3))


def test_calendars_at_their_edge():
    slice = svi.Parameters(a=0.01, b=0.1, rho=-0.3, m=0.05, sigma=0.2)
    assert svi.calendar(slice, slice).verdict is FREE
    a, b, rho, m, sigma = values(slice)
    higher = svi.Parameters(a=a + 1e-9, b=b, rho=rho, m=m, sigma=sigma)
    assert svi.calendar(slice, higher).verdict is FREE
    found = svi.calendar(higher, slice)
    assert found.verdict is VIOLATED
    assert found.depth == pytest.approx(1e-9, rel=1e-6)
    # Far out that gap sinks into the rounding of w, where the slices count as equal.
    assert all(abs(crossing) > 1e5 for crossing in found.crossings)
    steeper = svi.Parameters(a=a, b=b * 1.001, rho=rho, m=m, sigma=sigma)
    fallen = svi.calendar(steeper, slice)
    assert fallen.verdict is VIOLATED
    assert math.isinf(fallen.depth)
    assert math.isinf(fallen.where)


@pytest.mark.parametrize("constraint", list(svi.Constraint))
@pytest.mark.parametrize(("count", "level"), [(5, 0.2), (21, 0.8), (51, 0.01)])
def test_a_flat_smile_is_fitted(count, level, constraint):
    k = np.linspace(-0.4, 0.3, count)
    fit = svi.fit(k, np.full(count, level), 0.25, constraint=constraint)
    assert fit.outcome is svi.SmileFitOutcome.CONVERGED
    if constraint is svi.Constraint.BUTTERFLY:
        assert fit.butterfly.verdict is FREE
    assert fit.residual < 1e-4 * level
