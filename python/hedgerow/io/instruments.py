"""Contracts from a table: from symbols in one column, or from their terms in several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow.errors import InvalidInput
from hedgerow.io.table import Codes, Table, read_number

TERMS = (
    "kind",
    "underlying",
    "expiry",
    "strike",
    "right",
    "quote_currency",
    "settlement",
    "multiplier",
    "currency",
    "exercise",
    "fixing",
)

_CONSTRUCTORS: dict[str, tuple[Callable[..., _core.Contract], tuple[str, ...]]] = {
    # the constructor, and the terms it can't do without
    "cash": (_core.Cash, ("currency",)),
    "spot": (_core.Spot, ("underlying", "currency")),
    "perpetual": (_core.Perpetual, ("underlying",)),
    "future": (_core.Future, ("underlying", "expiry")),
    "option": (_core.Option, ("underlying", "expiry", "strike", "right")),
}
_FURTHER = {
    "cash": (),
    "spot": (),
    "perpetual": ("quote_currency", "settlement", "multiplier", "currency"),
    "future": ("quote_currency", "settlement", "multiplier", "currency", "fixing"),
    "option": ("quote_currency", "settlement", "multiplier", "currency", "exercise", "fixing"),
}
_NUMBERS = ("strike", "multiplier")
_WORDS = ("settlement", "exercise")


def read_contracts(table: Table) -> tuple[_core.Contracts, Codes]:
    """The distinct contracts of a table, and the place of each row's contract among them.

    Reads the column `instrument`, or else the columns of TERMS, of which `kind` is required. Every
    distinct symbol is parsed once. Rows whose contract can't be made are rejected; their place is
    -1.
    """
    if "instrument" in table:
        table.ignore((name for name in TERMS if name in table), "the instrument says it")
        labels, codes = table.text("instrument")
        contracts, places, broken = _core.Contracts.parse(labels)
        refused = {
            code: (
                "instrument",
                f"{argument} {rule}" if labels[code] else "instrument must be given",
            )
            for code, (argument, rule) in broken.items()
        }
        table.reject_codes(codes, refused)
        return contracts, places[codes]
    table.require("kind")
    columns = {name: table.text(name) for name in TERMS if name in table}

    def make(row: int) -> _core.Contract:
        return make_contract(
            {name: labels[int(codes[row])] for name, (labels, codes) in columns.items()}
        )

    keys = [column.codes for column in columns.values()]
    return make_contracts(table, keys, make, {"instant": "expiry"})


def _whole_rule(error: InvalidInput) -> str:
    return f"{error.argument} {error.rule}"


def make_contracts(
    table: Table,
    keys: Sequence[Codes],
    make: Callable[[int], _core.Contract],
    columns: Mapping[str, str] = MappingProxyType({}),
) -> tuple[_core.Contracts, Codes]:
    """Distinct contracts, made from the first row of each combination of keys, and their places.

    Rows whose contract can't be made are rejected, in the column that the error names; `columns`
    says how the file calls it where the names differ. Their place is -1.
    """
    _, first, inverse = np.unique(combine(*keys), return_index=True, return_inverse=True)
    codes = inverse.astype(np.int32)
    made: list[_core.Contract] = []
    places = np.full(len(first), -1, dtype=np.int32)
    refused: dict[int, tuple[str, str]] = {}
    for code, row in enumerate(first.tolist()):
        try:
            made.append(make(row))
            places[code] = len(made) - 1
        except InvalidInput as error:
            column = columns.get(error.argument, error.argument)
            refused[code] = (column, error.rule) if column in table else ("", _whole_rule(error))
    table.reject_codes(codes, refused)
    contracts, distinct = _core.Contracts.of(made)
    return contracts, np.append(distinct, np.int32(-1))[places][codes]


def make_contract(terms: dict[str, str]) -> _core.Contract:
    """The contract of terms given as text; "" means not given.

    Raises InvalidInput naming the term that is missing, wrong, or foreign to this kind of contract.
    """
    given = {name: text for name, text in terms.items() if text}
    kind = given.pop("kind", "").lower()
    if kind not in _CONSTRUCTORS:
        raise InvalidInput("kind", kind, f"must be one of {', '.join(_CONSTRUCTORS)}")
    constructor, required = _CONSTRUCTORS[kind]
    for name in required:
        if name not in given:
            raise InvalidInput(name, "", f"must be given for a {kind}")
    for name, text in given.items():
        if name not in (*required, *_FURTHER[kind]):
            raise InvalidInput(name, text, f"must be empty for a {kind}")
    return constructor(**{name: _read_term(name, text) for name, text in given.items()})


def _read_term(name: str, text: str) -> Any:
    if name in _NUMBERS:
        try:
            return read_number(text)
        except InvalidInput as error:
            raise InvalidInput(name, text, error.rule) from None
    if name == "right" and len(text) > 1:
        return text.lower()
    return text.lower() if name in _WORDS else text


def combine(*columns: Codes) -> Codes:
    """One code per row that is equal where all columns' codes are."""
    combined = columns[0].astype(np.int64)
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 2
        combined = _dense(combined * width + (column + 1))
    return combined.astype(np.int32)


def _dense(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same order of codes without gaps."""
    bound = int(codes.max(initial=0)) + 1
    if bound > 4 * len(codes) + 65536:  # a table would be larger than what sorting takes
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)
    taken = np.zeros(bound, dtype=np.int64)
    taken[codes] = 1
    numbers: npt.NDArray[np.int64] = np.cumsum(taken)
    return numbers[codes] - 1


def codes_of(values: npt.NDArray[Any]) -> Codes:
    """A code per row that is equal where the values are."""
    return np.unique(values, return_inverse=True)[1].astype(np.int32)
