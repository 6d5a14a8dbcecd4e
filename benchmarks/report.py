"""One table of hedgerow beside its peers, every pair measured in turns within one process.

python benchmarks/report.py [--repeat 7] [--only book] [--markdown]

Columns: ours and theirs per row (option, position, row of a file; or per call), then how many times
longer the peer takes: the ratio of the least times, and that of the medians. Times are CPU seconds
of the process unless the line says wall. Times move with the machine's load and its neighbours;
ratios from one run move less, and are what may be quoted.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from suite import (
    american,
    american_chain,
    book,
    calibrate,
    european,
    explain,
    exposures,
    fold,
    fourier,
    fx,
    heston,
    heston_pde,
    implied_volatility,
    inventory,
    journal,
    ladder,
    loading,
    local_volatility,
    margin,
    native,
    netting,
    normal,
    peak_beyond,
    sabr,
    scalar,
    simulation,
    solvency,
    svi,
)

import hedgerow as hr

SHORTEST = 0.02  # seconds that one measurement lasts at least
SLOW = 0.5  # seconds from which a call is measured three times only
MILLION = 1_000_000


@dataclass(frozen=True)
class Job:
    """What is compared: a benchmark class of the suite and its parameters after the library."""

    name: str
    benchmark: type
    arguments: tuple[Any, ...]
    peers: tuple[str, ...]
    rows: int = 1

    @property
    def wall(self) -> bool:
        """Whether the clock on the wall is read, because of threads."""
        return self.benchmark.timer is perf_counter


def objects(job: Job, library: str) -> Job:
    """The job on fewer rows, for peers that are loops over objects."""
    limits = {"quantlib": 10_000 if job.benchmark is book.Value else 1_000, "brentq": 1_000}
    if job.rows <= limits.get(library, job.rows):
        return job
    fewer = tuple(limits[library] if x == job.rows else x for x in job.arguments)
    return Job(job.name, job.benchmark, fewer, job.peers, limits[library])


def jobs() -> Iterator[Job]:
    """Everything in the table, in its order."""
    n = 100_000
    arrays = ("numpy", "numba", "quantlib", "py_vollib_vectorized")
    yield Job("Black price", european.BlackPrice, (n,), arrays, n)
    yield Job("Black price + 16 Greeks", european.BlackGreeks, (n,), arrays, n)
    yield Job("the same, 1,000 options", european.BlackGreeks, (1_000,), arrays, 1_000)
    for options, size in ((MILLION, "1e6"), (10 * MILLION, "1e7")):
        sweep = ("cached", "copy", "new", "numba") if options == MILLION else ("cached", "copy")
        yield Job(f"the same into columns, {size}", european.BlackSweep, (options,), sweep, options)
    for options, size in ((10_000, "1e4"), (100_000, "1e5"), (MILLION, "1e6")):
        threaded = european.BlackOnAllThreads
        alone = ("one thread",)
        yield Job(f"the same, {size}, all threads", threaded, (options,), alone, options)
    yield Job("BSM price + 16 Greeks", european.BsmGreeks, (n,), arrays[:3], n)
    yield Job("displaced Black price + 16 Greeks", european.DisplacedGreeks, (n,), arrays[:1], n)
    yield Job("Bachelier price", european.BachelierPrice, (n,), ("numpy", "quantlib"), n)
    yield Job("Bachelier price + 16 Greeks", european.BachelierGreeks, (n,), ("numpy",), n)
    inverters = ("quantlib", "brentq", "py_vollib_vectorized")
    black, bachelier = implied_volatility.Black, implied_volatility.Bachelier
    yield Job("implied volatility, market-like", black, ("market", n), inverters, n)
    yield Job("implied volatility, wide", black, ("wide", n), ("quantlib", inverters[2]), n)
    for off in (0.01, 0.1):
        name = f"implied volatility, warm, guesses {off:.0%} off"
        yield Job(name, implied_volatility.BlackFrom, (off, n), ("cold",), n)
    yield Job("Bachelier implied volatility", bachelier, (n,), ("quantlib",), n)
    engines = ("quantlib", "quantlib accurate")
    yield Job("American price", american.Price, (1_000,), engines, 1_000)
    yield Job("American price + 6 Greeks", american.Greeks, (1_000,), engines, 1_000)
    volatility = american.ImpliedVolatility
    yield Job("American implied volatility", volatility, (1_000,), ("quantlib",), 1_000)
    yield Job("SABR fit of 15 strikes", sabr.Fit, (), ("warm", "quantlib", "scipy"))
    yield Job("SABR volatility", sabr.Volatility, (1_000,), ("quantlib", "numpy"), 1_000)
    yield Job("SABR search for arbitrage", sabr.Butterfly, (), ("numpy",))
    for adjusted, name in ((False, "delta"), (True, "premium-adjusted delta")):
        yield Job(f"strike of a {name}", fx.Strike, (adjusted, 1_000), ("quantlib",), 1_000)
    yield Job("smile from a market strangle", fx.Smile, (), ("scipy",))
    for function in normal.FUNCTIONS:
        yield Job(function, normal.Normal, (function,), ("scipy",), 1_000)
    yield Job("SVI slice of 20 quotes, with certificate", svi.Slice, (), ("quantlib", "warm"))
    for model in ("svi", "essvi", "heston"):
        peer = ("quantlib",) if model == "svi" else ()
        yield Job(f"BTC chain, 472 quotes, {model}", calibrate.Chain, (model,), (*peer, "warm"))
    chain = american_chain.AmericanChain
    yield Job("AAPL chain, 476 American quotes, read", chain, (), ("quantlib",))
    yield Job("SVI certificate", svi.Certificate, (), ("grid",))
    yield Job("eSSVI surface of 10 expiries", svi.Surface, (), ("slices", "power law"))
    for name in heston.SETS:
        engines = ("quantlib contour", "quantlib COS", "quantlib fitting")
        yield Job(f"Heston strip, {name}", heston.Strip, (name,), engines, heston.STRIKES)
        slopes = heston.Gradient
        yield Job(f"the same + 5 derivatives, {name}", slopes, (name,), engines[2:], heston.STRIKES)
    yield Job("Heston fit to 136 quotes", heston.Fit, (), ("quantlib",))
    for grid in ("same grid", "same error"):
        for kind in ("american", "barrier"):
            on_grid = heston_pde.Grid
            yield Job(f"Heston {kind} option, {grid}", on_grid, (grid, kind), ("quantlib",))
    paths, steps = 20_000, 20_000 * simulation.STEPS
    engines = ("quantlib QE-M", "numpy")
    yield Job("Heston path step, European", simulation.European, (paths,), engines, steps)
    yield Job("Heston path step, Asian", simulation.Asian, (paths,), engines[:1], steps)
    yield Job("Heston path step, paths kept", simulation.Draw, (paths,), engines[1:], steps)
    euler, steps = simulation.LocalVolatility, paths * simulation.EULER_STEPS
    yield Job("local volatility path step", euler, (paths,), ("numpy",), steps)
    places = local_volatility.POINTS
    yield Job("local volatility", local_volatility.Local, (), ("quantlib",), places)
    for exercise in ("european", "american"):
        name = f"{exercise} put under local volatility"
        yield Job(name, local_volatility.Price, (exercise,), ("quantlib",))
    yield Job("60 strikes, forward equation", local_volatility.Strikes, (), ("one by one",))
    yield Job("Andreasen-Huge fit", local_volatility.AndreasenHuge, (), ("quantlib",))
    strip = ("price alone", "quantlib fitting")
    yield Job("Heston price + 6 Greeks", fourier.Greeks, (), strip, fourier.STRIKES)
    yield Job("Bates strip", fourier.BatesStrip, (), ("quantlib",), fourier.STRIKES)
    yield Job("Bates fit to 136 quotes", fourier.BatesFit, (), ("quantlib",))
    loops = ("numba", "numba fused", "numpy", "quantlib")
    yield Job("real book, value and net", book.Value, ("real", MILLION), loops, MILLION)
    yield Job("distinct book, value and net", book.Value, ("distinct", MILLION), loops, MILLION)
    threaded = book.ValueOnAllThreads
    for name in ("real", "distinct"):
        yield Job(f"{name} book, all threads", threaded, (name, MILLION), ("numba",), MILLION)
    summing = ("numba fused", "numpy")
    yield Job("tick of 10,000 options", exposures.Tick, (10_000,), summing, 10_000)
    netting_fills = ("numba", "nautilus")
    for options in (100, 10_000):
        name = f"fills of {options:,} options, 8 nodes each"
        yield Job(name, inventory.Fills, (options,), netting_fills, inventory.FILLS)
    doors = ("python", "columns")
    yield Job("fill through the Cython door", inventory.Doors, (), doors, inventory.FILLS)
    yield Job("fill event made and applied", inventory.Apply, (), (), inventory.Apply.events)
    yield Job(
        "live tick of 10,000 options",
        inventory.Tick,
        (10_000,),
        ("numba fused", "nautilus"),
        10_000,
    )
    yield Job("live clock, 10,000 options", inventory.Clock, (10_000,), ("numba fused",), 10_000)
    yield Job("node read", inventory.Nodes, (), ("nautilus",))
    pickles = ("pickle columns", "pickle rows")
    for way in ("image", "restore"):
        name = f"{way} of 100,000 positions"
        yield Job(name, inventory.Image, (way, 100_000), pickles, 100_000)
    yield Job("listings one by one", inventory.Listings, (10_000,), ("at once",), 10_000)
    yield Job("sweep summed by group", exposures.Sweep, (MILLION,), summing, MILLION)
    for keys in netting.KEYS:
        yield Job(f"net by {keys}", netting.Net, (keys,), ("pandas", "bincount"), MILLION)
    yield Job("net lots into positions", netting.NetBook, (), ("pandas",), MILLION)
    readers = ("pandas", "arrow", "arrow codes")
    for name in ("real", "distinct"):
        for form in ("parquet", "csv"):
            arguments = (name, form, MILLION)
            yield Job(f"load {form}, {name} book", loading.Load, arguments, readers, MILLION)
    for name in ("real", "distinct"):
        whole = (f"load, value and net, {name} book", loading.LoadAndNet)
        yield Job(*whole, (name, MILLION), readers, MILLION)
    for form in ("parquet", "csv"):
        arguments = (form, 100_000)
        yield Job(f"load quotes from {form}", loading.LoadQuotes, arguments, readers[:2], 100_000)
    loops = ("numba", "numpy")
    yield Job("ladder of 45 scenarios", ladder.Ladder, (100_000,), loops, 45 * 100_000)
    sweeps = {"": ladder.Sweep, " in float32": ladder.SweepInSingle}
    sweeps[", moving smiles"] = ladder.SweepOfSmiles
    for name, sweep in sweeps.items():
        cells = sweep.scenarios * 10_000
        yield Job(f"sweep of 1,000 scenarios{name}", sweep, (10_000,), loops, cells)
    explainers = ("numba", "numpy", "quantlib")
    for name in ("real", "distinct"):
        arguments = (name, 100_000)
        yield Job(f"explain, {name} book", explain.Explain, arguments, explainers, 100_000)
    yield Job("distance to liquidation", solvency.Distances, (10_000,), loops, 10_000)
    yield Job("probability of liquidation", solvency.Probability, (1_000,), loops, 1_000)
    yield Job("margin scan, 31 scenarios", margin.Scan, (10_000,), loops, 31 * 10_000)
    yield Job("margin of an order", margin.Orders, (10_000,), loops, margin.ORDERS)
    charged = margin.OrdersWithCharges
    yield Job("margin of an order, with charges", charged, (10_000,), loops[:1], margin.ORDERS)
    yield Job("fold, distinct", fold.Fold, ("distinct", 100_000), ("numpy",), 100_000)
    for (durability, together), fills in journal.EVENTS.items():
        name = f"journal, {durability}, {together:,} a commit"
        yield Job(name, journal.Append, (durability, together), ("append log", "lmdb"), fills)
    yield Job("journal read", journal.Read, (), ("append log", "lmdb"), journal.Read.rows)
    for begin in ("replay", "snapshot"):
        name = f"engine opened by {begin}"
        yield Job(name, journal.Open, (begin,), ("one by one", "log to dict"), journal.Open.rows)
    for way in ("encode", "decode"):
        yield Job(f"{way} a fill", journal.Text, (way,), ("json", "pickle"))
    one = ("ufunc", "ufunc by NumPy", "python", "numba", "quantlib")
    yield Job("one price", scalar.Price, (), one)
    yield Job("one price + 16 Greeks", scalar.Greeks, (), ("black.greeks", *one))
    yield Job("one implied volatility", scalar.ImpliedVolatility, (), ("brentq", "quantlib"))
    few = native.OPTIONS
    yield Job("from C++, price", native.Price, (), ("cmath",), few)
    yield Job("from C++, price + 16 Greeks", native.Greeks, (), ("cmath",), few)
    yield Job("from C++, implied volatility", native.ImpliedVolatility, (), ("cmath",), few)


def prepare(job: Job, library: str) -> Callable[[], Any]:
    """What the benchmark times."""
    instance = job.benchmark()
    instance.setup(library, *job.arguments)
    return instance.run


def calls_for(run: Callable[[], Any]) -> int:
    """How many calls last about as long as SHORTEST."""
    calls = 1
    while True:
        start = process_time()
        for _ in range(calls):
            run()
        spent = process_time() - start
        if spent > 0.25 * SHORTEST:
            return max(1, round(calls * SHORTEST / spent))
        calls *= 4


def measure(run: Callable[[], Any], calls: int, clock: Callable[[], float]) -> float:
    """Seconds per call."""
    start = clock()
    for _ in range(calls):
        run()
    return (clock() - start) / calls


def compare(job: Job, library: str, repeat: int) -> tuple[list[float], list[float]]:
    """Seconds per row of ours and theirs, in turns."""
    fewer = objects(job, library)
    sides = [(prepare(job, "hedgerow"), job), (prepare(fewer, library), fewer)]
    clock = perf_counter if job.wall else process_time
    calls = [calls_for(run) for run, _ in sides]
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    gc.freeze()  # the inputs are many objects: collecting them again and again is nobody's work
    hr.set_num_threads(getattr(job.benchmark, "threads", 1))
    slow = any(measure(run, 1, clock) > SLOW for run, _ in sides)
    for _ in range(min(repeat, 3) if slow else repeat):
        for (run, side), number, spent in zip(sides, calls, times, strict=True):
            spent.append(measure(run, number, clock) / side.rows)
    return times


def seconds(value: float) -> str:
    """With a unit that suits."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


# --- in processes of their own -------------------------------------------------------------------


def import_time(module: str) -> float:
    """CPU seconds of an interpreter that imports the module, less those of one that does not."""
    code = "import resource, sys\n{}\nr = resource.getrusage(resource.RUSAGE_SELF)\n"
    code += "print(r.ru_utime + r.ru_stime)"

    def spent(statement: str) -> float:
        command = [sys.executable, "-c", code.format(statement)]
        return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    return min(spent(f"import {module}") - spent("") for _ in range(5))


def peak_memory(library: str, name: str) -> float:
    """Bytes that valuing and netting a book, or a sweep, takes beyond what held its inputs."""
    command = [sys.executable, __file__, "--peak", library, name]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def print_peak(library: str, name: str) -> None:
    """Measures peak_memory in this process (Linux), in a first run: nothing is allocated yet."""
    runs = european.BlackMemory.runs if name == "sweep" else partial(book.runs, name)
    if library == "numba":
        runs(1_000)["numba"]()()  # the compiler's memory is not the book's
    print(peak_beyond(runs(MILLION)[library]()))


def rows_of_processes(only: str) -> Iterator[tuple[str, ...]]:
    """The lines that need fresh interpreters."""
    if only in "import":
        ours = import_time("hedgerow")
        for module in ("numpy", "pandas", "numba", "QuantLib"):
            try:
                theirs = import_time(module)
            except subprocess.CalledProcessError:
                continue
            ratio = f"{theirs / ours:.2f}"
            yield "import", module, seconds(ours), seconds(theirs), ratio, ""
    if only in "memory" and Path("/proc/self/clear_refs").exists():
        for name in ("real", "distinct"):
            ours = peak_memory("hedgerow", name)
            for library in ("numba", "numpy"):
                theirs = peak_memory(library, name)
                sizes = (f"{ours / 1e6:.0f} MB", f"{theirs / 1e6:.0f} MB")
                yield f"peak memory, {name} book", library, *sizes, f"{theirs / ours:.2f}", ""
        ours = peak_memory("hedgerow", "sweep")
        for library in ("new", "numpy", "numba"):
            theirs = peak_memory(library, "sweep")
            sizes = (f"{ours / 1e6:.1f} MB", f"{theirs / 1e6:.0f} MB")
            yield "peak memory, 1e6 Greeks into columns", library, *sizes, "", ""


def rows_of_jobs(only: str, repeat: int) -> Iterator[tuple[str, ...]]:
    """The lines measured in this process."""
    for job in jobs():
        if only not in f"{job.benchmark.__module__}.{job.name}":
            continue
        name = f"{job.name} (wall)" if job.wall else job.name
        for library in job.peers:
            try:
                ours, theirs = compare(job, library, repeat)
            except NotImplementedError as reason:
                print(f"{name}, {library}: {reason}", file=sys.stderr)
                continue
            least, typical = min(theirs) / min(ours), median(theirs) / median(ours)
            times = (seconds(min(ours)), seconds(min(theirs)))
            yield name, library, *times, f"{least:.2f}", f"{typical:.2f}"


def keep_freed_memory() -> None:
    """Tells glibc to: else the page faults of either side depend on what ran before it."""
    trim_threshold, mmap_threshold = -1, -3
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(trim_threshold, 1 << 30)
        mallopt(mmap_threshold, 1 << 25)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=7, help="measurements of each side")
    parser.add_argument("--only", default="", help="lines whose module or name contains this")
    parser.add_argument(
        "--markdown", action="store_true", help="print the ratios alone, as a Markdown table"
    )
    parser.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print_peak(*options.peak)
        return
    keep_freed_memory()
    config = hr.build_config()
    print(f"hedgerow {config['version']} at {config['commit']}, {config['compiler']},", end=" ")
    print(f"{config['isa']}, Python {platform.python_version()}, {platform.machine()}\n")
    form = "{0:36} {1:20} {2:>9} {3:>9} {4:>7} {5:>7}"
    if options.markdown:
        form = "| {0} | {1} | {4} | {5} |"
    print(form.format("", "peer", "ours", "theirs", "least", "median"))
    if options.markdown:
        print("|---|---|--:|--:|")
    for make in (rows_of_jobs(options.only, options.repeat), rows_of_processes(options.only)):
        for row in make:
            print(form.format(*row), flush=True)


if __name__ == "__main__":
    main()
