"""Measures the errors of every kernel on every instruction set and prints docs/accuracy.md.

    python -m docs.accuracy > docs/accuracy.md

run in the root of a checkout. The measures and the tables are those of the tests, which compare the
committed table with what they measure: no error may exceed what stands there.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import mpmath
import numpy as np
import pandas as pd
from mpmath import mpf
from tests.formula import test_american, test_bachelier, test_bsm, test_implied_volatility
from tests.formula.tables import GREEKS, largest_error
from tests.math import test_elementary, test_normal

from hedgerow import build_config, kernels

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "reference"
ISAS = ("baseline", "avx2", "avx512", "neon")
Measure = Callable[[str], float]


class Row:
    """A line of the table: what is measured, where, against what, and how."""

    def __init__(self, kernel: str, output: str, domain: str, against: str, measure: Measure):
        self.kernel, self.output, self.domain, self.against = kernel, output, domain, against
        self.measure = measure

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells the line from all others."""
        return self.kernel, self.output, self.domain


def run(isa: str, kernel: str, *columns: object) -> tuple[np.ndarray, ...]:
    """The outputs of a kernel on an instruction set that this machine has."""
    results = kernels.evaluate(isa, kernel, *columns)
    assert results is not None
    return results


# --- functions of one number, in units in the last place ----------------------------------------


def elementary(name: str) -> Row:
    """Exponential or logarithm."""
    x = test_elementary.ARGUMENTS[name]
    with mpmath.workdps(40):
        exact = [test_elementary.EXACT[name](mpf(float(value))) for value in x]

    def measure(isa: str) -> float:
        return float(test_normal.ulp_errors(run(isa, name, x)[0], exact).max())

    domain = "-708.3 to 709.7" if name == "exp" else "all positive doubles"
    return Row(name, "ulp", domain, "mpmath", measure)


def normal() -> list[Row]:
    """The normal distribution."""
    columns: dict[str, tuple[list[float], list[mpf]]] = {}
    with (REFERENCE / "highprec_normal.csv").open() as file, mpmath.workdps(25):
        for row in csv.DictReader(file):
            x, value = columns.setdefault(test_normal.TABLE[row["function"]], ([], []))
            x.append(float(row["x"]))
            value.append(mpf(row["value"]))
    against = dict.fromkeys(columns, "highprec_normal.csv")
    x = test_normal.spread(1e-300, 1e300, 400)
    with mpmath.workdps(50):
        columns["erfcx"] = list(x), [test_normal.exact_erfcx(value) for value in x]
    against["erfcx"] = "mpmath"

    def row(name: str) -> Row:
        x, exact = np.array(columns[name][0]), columns[name][1]

        def measure(isa: str) -> float:
            return float(test_normal.ulp_errors(run(isa, name, x)[0], exact).max())

        domain = f"{x.min():.3g} to {x.max():.3g}"
        return Row(name, "ulp", domain, against[name], measure)

    return [row(name) for name in sorted(columns)]


# --- prices and Greeks, relative ----------------------------------------------------------------


def black() -> list[Row]:
    """Black-76, near the money and far from it."""
    table = pd.read_csv(REFERENCE / "highprec_black.csv")
    inputs = [table[name] for name in table.columns[:-1]]
    near = (table.price > 1e-20 * table.forward).to_numpy()

    def row(domain: str, rows: np.ndarray) -> Row:
        def measure(isa: str) -> float:
            (price,) = run(isa, "black_price", *inputs)
            return largest_error(price[rows], table.price[rows])

        return Row("black_price", "price", domain, "highprec_black.csv", measure)

    return [row("above 1e-20 forwards", near), row("above 1e-290", np.full(len(table), True))]


def greeks(kernel: str, table: pd.DataFrame, columns: list, scales: dict, against: str) -> Row:
    """The worst of the sixteen Greeks."""

    def measure(isa: str) -> float:
        computed = dict(zip(GREEKS, run(isa, kernel, *columns), strict=True))
        return max(largest_error(computed[g], table[g], scales.get(g)) for g in GREEKS[1:])

    return Row(kernel, "all Greeks", "above 1e-290", against, measure)


def bsm() -> list[Row]:
    """Black-Scholes-Merton."""
    name = "highprec_bs_greeks.csv.gz"
    table = pd.read_csv(REFERENCE / name)
    columns = list(test_bsm.columns(table))
    leg1, leg2 = -table.phi / table.t, table.rho / table.t
    decay = table.vega * table.vol / (2 * table.t)
    scales = {"theta": np.abs(table.q * leg1) + np.abs(table.r * leg2) + decay}

    def measure(isa: str) -> float:
        return largest_error(run(isa, "bsm_price", *columns)[0], table.price)

    price = Row("bsm_price", "price", "above 1e-290", name, measure)
    return [price, greeks("bsm_greeks", table, columns, scales, name)]


def american() -> list[Row]:
    """American options, in units of the strike."""
    name = "american.csv"
    table = test_american.read(REFERENCE)
    columns = test_american.columns(table)
    domain = "3 days to 5 years, vol 0.06 to 1"

    def price(isa: str) -> float:
        (value,) = run(isa, "american_price", *columns)
        return float(np.max(np.abs(value - table.price) / table.strike))

    def greeks(isa: str) -> float:
        _, *values = run(isa, "american_greeks", *columns)
        return float(max(e.max() for e in test_american.greek_errors(values, table).values()))

    def boundary(isa: str) -> float:
        (level,) = run(isa, "american_exercise_boundary", *columns[:1], *columns[2:])
        return float(np.max(np.abs(level / table.boundary - 1)))

    def implied(isa: str) -> float:
        return float(test_american.implied_errors(isa, table).max())

    measures = {
        "american_price": ("of the strike", price),
        "american_greeks": ("all Greeks, own units", greeks),
        "american_exercise_boundary": ("relative", boundary),
        "american_implied_volatility": ("times vega, of the strike", implied),
    }
    return [Row(k, output, domain, name, measure) for k, (output, measure) in measures.items()]


def bachelier() -> list[Row]:
    """Bachelier, near the money and far from it."""
    name = "highprec_bachelier.csv"
    table = pd.read_csv(REFERENCE / name)
    columns = test_bachelier.inputs(table)
    deviation = table.volatility * np.sqrt(table.time)

    def row(domain: str, rows: np.ndarray) -> Row:
        def measure(isa: str) -> float:
            (price,) = run(isa, "bachelier_price", *columns)
            return largest_error(price[rows], table.price[rows])

        return Row("bachelier_price", "price", domain, name, measure)

    return [
        row("above 1e-8 deviations", (table.price > 1e-8 * deviation).to_numpy()),
        row("above 1e-290", np.full(len(table), True)),
        greeks("bachelier_greeks", table, columns, test_bachelier.scales(table), name),
    ]


# --- implied volatilities, in units of what the price determines --------------------------------


def black_implied() -> list[Row]:
    """Black's implied volatility of prices in doubles: cold, and from guesses good and bad."""
    name = "highprec_implied_vol.csv"
    rows, starts = [], []
    with (REFERENCE / name).open() as file:
        for row in csv.DictReader(file):
            x = float(row["log_forward_over_strike"])
            forward, strike = np.exp(x / 2), np.exp(-x / 2)
            price = float(row["normalised_price_double"]) * np.sqrt(forward * strike)
            right = 1.0 if row["option_type"] == "call" else -1.0
            rows.append([right, price, forward, strike, 1.0, 1.0])
            starts.append(mpf(row["stddev_of_double_price"]))
    case = test_implied_volatility.Case(rows, starts)

    def measure(isa: str) -> float:
        return float(case.errors(isa).max())

    def measure_from(isa: str) -> float:
        factors = (1.0, 1.01, 0.8, 1.2, 0.1, 10.0)
        columns = [(*case.rows.T, case.guesses(factor)) for factor in factors]
        return max(float(case.errors_of(run(isa, warm, *c)[0]).max()) for c in columns)

    cold, warm = "black_implied_volatility", "black_implied_volatility_from"
    return [
        Row(cold, "rounding units", "vol sqrt(time) 1e-8 to 10", name, measure),
        Row(warm, "rounding units", "guesses off by up to 10 times", name, measure_from),
    ]


def bachelier_implied() -> Row:
    """Bachelier's, likewise."""
    name = "highprec_bachelier_implied_volatility.csv"
    table = pd.read_csv(REFERENCE / name)
    columns = test_bachelier.inputs(table)
    scale = table.volatility * np.maximum(1, table.condition) * np.finfo(float).eps

    def measure(isa: str) -> float:
        (volatility,) = run(isa, "bachelier_implied_volatility", *columns)
        return float(np.max(np.abs(volatility - table.volatility) / scale))

    domain = "volatility 1e-323 to 1e307"
    return Row("bachelier_implied_volatility", "rounding units", domain, name, measure)


def rows() -> list[Row]:
    """All lines of the table, in its order."""
    functions = [elementary("exp"), elementary("log"), *normal()]
    return [
        *functions,
        *black(),
        *bsm(),
        *american(),
        *bachelier(),
        *black_implied(),
        bachelier_implied(),
    ]


def rounded_up(error: float) -> str:
    """Two significant digits, never less than the error."""
    value = Decimal(error)
    digits = Decimal(1).scaleb(value.adjusted() - 1) if value else Decimal(1)
    return f"{float(value.quantize(digits, ROUND_CEILING)):.2g}"


# --- the page -----------------------------------------------------------------------------------

PAGE = ROOT / "docs" / "accuracy.md"
CELL = re.compile(r"\s*\|\s*")


def committed() -> dict[tuple[str, str, str], dict[str, float]]:
    """(kernel, output, domain) -> instruction set -> the error that the page states."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    stated = {}
    for line in lines:
        kernel, output, domain, _, *errors = CELL.split(line.strip("| "))
        numbers = {isa: float(e) for isa, e in zip(ISAS, errors, strict=True) if e != "-"}
        stated[kernel.strip("`"), output, domain] = numbers
    return stated


def main() -> None:
    """Prints the page: the prose as it stands, the table anew."""
    before, _, rest = PAGE.read_text().partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end -->\n")
    here = build_config()["supported_isas"]
    old = committed()
    lines = [f"| kernel | error in | where | against | {' | '.join(ISAS)} |"]
    lines.append("|---|---|---|---|" + "---:|" * len(ISAS))
    for row in rows():
        kept = old.get(row.key, {})
        errors = {isa: rounded_up(row.measure(isa)) for isa in here}
        if "avx2" in errors:  # the same bits, which tests hold them to where both can run
            errors.setdefault("avx512", errors["avx2"])
        cells = [errors.get(isa, f"{kept[isa]:.2g}" if isa in kept else "-") for isa in ISAS]
        words = [f"`{row.kernel}`", row.output, row.domain, row.against, *cells]
        lines.append("| " + " | ".join(words) + " |")
    table = "\n".join(lines)
    sys.stdout.write(f"{before}<!-- table -->\n{table}\n<!-- end -->\n{after}")


if __name__ == "__main__":
    main()
