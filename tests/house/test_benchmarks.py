"""The benchmarks run, the peers in them compute what we do, and no kernel is without one."""

import importlib
import inspect
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

import hedgerow as hr
from hedgerow import get_num_threads, kernels, set_num_threads

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
KINDS = ("time_", "timeraw_", "track_", "peakmem_")
MODULES = sorted({path.stem for path in (BENCHMARKS / "suite").glob("*.py")})
MODULES = [name for name in MODULES if name not in ("__init__", "inputs", "peers")]
FEW = 1_000  # rows, in place of what a benchmark takes

pytestmark = pytest.mark.filterwarnings("default")  # what the peers warn of is not ours


@pytest.fixture(autouse=True)
def suite(monkeypatch):
    """The suite can be imported as asv imports it, and leaves the number of threads alone."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    threads = get_num_threads()
    yield
    set_num_threads(threads)


def benchmark_classes(module):
    """The classes of a suite module that asv would run."""
    return [
        thing
        for thing in vars(module).values()
        if inspect.isclass(thing) and any(name.startswith(KINDS) for name in dir(thing))
    ]


def least_work(benchmark):
    """Parameters for every library, which is the first axis, with the fewest rows."""
    axes = getattr(benchmark, "params", ())
    sizes = [[min(FEW, *axis)] if isinstance(axis[0], int) else axis[:1] for axis in axes[1:]]
    return itertools.product(*axes[:1], *sizes)


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_runs(name, monkeypatch):
    classes = benchmark_classes(importlib.import_module(f"suite.{name}"))
    assert classes
    for benchmark in classes:
        assert benchmark.__doc__, benchmark
        if hasattr(benchmark, "rows"):
            monkeypatch.setattr(benchmark, "rows", FEW)
        for arguments in least_work(benchmark):
            instance = benchmark()
            try:
                if hasattr(instance, "setup"):
                    instance.setup(*arguments)
            except NotImplementedError:  # absent peers, and the wheel that nobody has built
                assert "hedgerow" not in arguments
                continue
            for method in filter(lambda title: title.startswith(KINDS), dir(instance)):
                getattr(instance, method)(*arguments)
            if hasattr(instance, "teardown"):
                instance.teardown(*arguments)


def test_every_kernel_has_a_benchmark():
    text = "\n".join(path.read_text() for path in (BENCHMARKS / "suite").glob("*.py"))
    measured = set(re.findall(r"kernels\.(\w+)", text))
    single_greeks = tuple(f"_{name}" for name in kernels.names[1:])
    functions = {
        name.removesuffix("_status")
        for name in kernels.ufunc_names
        if not name.endswith(single_greeks)
    }
    assert "black_greeks" in functions
    assert functions - measured == set()


def peer_outputs():
    """Per peer: what it computed of the market-like options, ours, and the outputs by name."""
    from suite import inputs, peers

    on_spot, on_forward = inputs.market_spot_options(200), inputs.market_options(200)
    bsm, black = kernels.bsm_greeks(*on_spot), kernels.black_greeks(*on_forward)
    normal = inputs.normal_options(200)
    bachelier = kernels.bachelier_greeks(*normal)
    names = kernels.names
    yield "NumPy on the spot", peers.in_numpy.bsm_greeks(*on_spot), bsm, names
    yield "NumPy on the forward", peers.in_numpy.black_greeks(*on_forward), black, names
    yield "NumPy, Bachelier", peers.bachelier_greeks(*normal), bachelier, names[:6]
    yield "NumPy, Bachelier", [peers.bachelier_price(*normal)], bachelier, names[:1]
    in_python = np.transpose(peers.each(peers.in_python.black_greeks, on_forward)())
    yield "Python on the forward", in_python, black, names
    try:
        numba = peers.in_numba()
        yield "numba on the spot", numba.bsm_greeks(*on_spot), bsm, names
        yield "numba on the forward", numba.black_greeks(*on_forward), black, names
        yield "numba", [numba.black_prices(*on_forward)], black, names[:1]
    except NotImplementedError:
        pass
    try:
        quantlib = np.transpose(peers.each(peers.in_quantlib().bsm_greeks, on_spot)())
        yield "QuantLib on the spot", quantlib, bsm, names[:8]
    except NotImplementedError:
        pass


def test_peers_compute_what_we_do():
    for peer, theirs, ours, names in peer_outputs():
        for j, name in enumerate(names):
            size = np.abs(ours[j]).max()
            np.testing.assert_allclose(
                theirs[j], ours[j], rtol=0, atol=1e-12 * size, err_msg=f"{peer}: {name}"
            )


@pytest.mark.parametrize("name", ["real", "distinct"])
def test_peers_value_the_same_book(name):
    from suite import book, inputs

    ours = book.value_and_net(inputs.BOOKS[name](2_000), inputs.snapshot())
    flat = inputs.flat_book(name, 2_000)
    theirs = book.runs(name, 2_000)["numpy"]()()
    assert ours["positions"].tolist() == np.bincount(flat.group).tolist()
    assert ours["excluded"].sum() == 0
    for measure, sums in zip(book.MEASURES, theirs, strict=True):
        size = np.abs(sums).max()
        np.testing.assert_allclose(ours[measure], sums, rtol=0, atol=1e-11 * size, err_msg=measure)


@pytest.mark.parametrize("name", ["real", "distinct"])
def test_peers_explain_the_same_gains(name):
    from suite import explain

    runs = explain.runs(name, 1_000)
    ours = runs["hedgerow"]()().cube[0, [*range(9), -1]]
    theirs = runs["numpy"]()()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-11 * np.abs(theirs).max())


def test_peers_find_the_same_distances():
    from suite import peers, solvency

    account, market, margin = solvency.account(1_000)
    ours = hr.solvency(account, market, margin).distances["size"]
    theirs = solvency.search_by(peers.in_numpy.black_price, 1_000)()
    assert np.isfinite(theirs).any()
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_peers_scan_the_same_margin():
    from suite import margin, peers

    positions = 500
    rows, book = margin.kept(positions)
    scan = max((-margin.RULES.weight * book).max(), 0.0)
    theirs = margin.scan_by(peers.in_numpy.black_price, positions)()
    np.testing.assert_allclose(theirs, scan, rtol=1e-9)
    instruments, quantities = margin.orders(positions)
    then = [
        (-margin.RULES.weight * (book + q * rows[i])).max()
        for i, q in zip(instruments, quantities, strict=True)
    ]
    expected = np.maximum(then, 0.0) - scan
    size = 1e-12 * np.abs(then).max()
    np.testing.assert_allclose(margin.orders_in_numpy(positions)(), expected, atol=size)
    ours = margin.orders_of_account(positions, margin.SCAN_ALONE)()
    np.testing.assert_allclose(ours[:, 0], expected, atol=size)
    pytest.importorskip("numba")
    np.testing.assert_allclose(margin.orders_in_numba(positions)(), expected, atol=size)


def test_peers_fit_the_same_slice():
    pytest.importorskip("QuantLib")
    from suite import svi

    k, volatility = svi.slice_quotes()
    ours = hr.svi.fit(k, volatility, svi.TIME)
    section = svi.in_quantlib()()
    theirs = [section.volatility(100.0 * np.exp(each)) for each in k]
    assert ours.residual <= np.sqrt(np.mean((theirs - volatility) ** 2)) * (1 + 1e-6)
    np.testing.assert_allclose(theirs, ours.parameters.volatility(k, svi.TIME), atol=2e-3)


def test_peers_fit_the_same_sabr():
    from suite import sabr

    found = hr.sabr.fit(sabr.STRIKES, sabr.quotes(), **sabr.EXPIRY)
    ours = found.parameters.alpha, found.parameters.rho, found.parameters.nu
    np.testing.assert_allclose(sabr.fit_in_scipy(), ours, rtol=1e-5)
    smile = hr.sabr.volatility(sabr.MODEL, sabr.FORWARD, sabr.STRIKES, sabr.TIME)
    model = sabr.MODEL.alpha, sabr.MODEL.rho, sabr.MODEL.nu
    np.testing.assert_allclose(sabr.volatility_in_numpy(*model, sabr.STRIKES), smile, rtol=1e-12)
    pytest.importorskip("QuantLib")
    # Its formula is that of 2002: it differs by what is of higher order.
    np.testing.assert_allclose(sabr.fit_in_quantlib()(), ours, rtol=5e-3)


def test_peers_see_the_same_local_volatility():
    pytest.importorskip("QuantLib")
    from suite import local_volatility as suite

    # Their surface is a spline through ours: its bends at expiries are not quite ours.
    ours = suite.surface().local_volatility(*suite.places())
    np.testing.assert_allclose(
        np.median(np.abs(suite.local_in_quantlib()() / ours - 1)), 0, atol=2e-3
    )
    forward = suite.SPOT * np.exp(suite.RATES["carry"])
    exact = hr.bsm.price(
        *suite.TERMS.values(),
        suite.surface().volatility(np.log(suite.TERMS["strike"] / forward), 1.0),
        *suite.RATES.values(),
    )
    for american in (False, True):
        exercise = hr.Exercise.AMERICAN if american else hr.Exercise.EUROPEAN
        ours, theirs = suite.price(exercise)().price, suite.price_in_quantlib(american)()
        assert ours == pytest.approx(theirs, abs=2e-3)
        if not american:
            assert ours == pytest.approx(exact, abs=3e-4)
    moneyness, time, volatility = suite.quotes()
    found = hr.local_volatility.AndreasenHuge(np.log(moneyness), time, volatility)
    largest, mean = suite.fit_in_quantlib()()
    assert found.largest_residual <= largest
    assert np.abs(found.residuals).mean() <= mean


def test_peers_find_the_same_strikes_and_strangle():
    from suite import fx

    found = fx.solve()
    np.testing.assert_allclose(fx.smile_in_scipy(), found.smile_strangle[0], rtol=1e-9)
    pytest.importorskip("QuantLib")
    for adjusted in (False, True):
        runs = fx.strikes(adjusted, 200)
        np.testing.assert_allclose(runs["quantlib"]()(), runs["hedgerow"]()(), rtol=1e-9)


@pytest.mark.parametrize("kind", ["american", "barrier"])
def test_peers_solve_the_same_grid(kind):
    pytest.importorskip("QuantLib")
    from suite import heston_pde

    ours = heston_pde.hedgerow(heston_pde.SAME, kind)()
    theirs = heston_pde.quantlib(heston_pde.SAME, kind)()
    assert theirs == pytest.approx(ours, abs=0.03)


def test_peers_read_the_same_american_chain():
    """To what whole days, of which QuantLib's options are made, leave of the time to expiry."""
    pytest.importorskip("QuantLib")
    from suite import american_chain

    quotes = hr.read_quotes(american_chain.CHAIN)
    _, report = american_chain.in_hedgerow(quotes)()
    smiles = [expiry.smile.volatilities for expiry in report["AAPL"].expiries]
    theirs = american_chain.in_quantlib(quotes)()
    np.testing.assert_allclose(np.concatenate(smiles), theirs, atol=2e-5)


def test_the_configuration_finds_the_suite():
    config = json.loads((BENCHMARKS / "asv.conf.json").read_text())
    assert (BENCHMARKS / config["benchmark_dir"] / "inputs.py").exists()
    assert (BENCHMARKS / config["repo"] / "pyproject.toml").exists()
