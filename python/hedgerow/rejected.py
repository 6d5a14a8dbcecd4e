"""The report of every bad row of a file: where, what and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hedgerow.errors import HedgerowError

_WIDTH = 80
_SHOWN = 20


class BadRow(NamedTuple):
    """One fault: the line (the header is line 1), the column, the value there and the reason."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        value = self.value if len(self.value) <= 40 else self.value[:37] + "..."
        return (
            f"{place} = {value!r}: {self.reason}"
            if value or self.column
            else f"{place}: {self.reason}"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Rejected:
    """The faults of a file, in the order of its lines; false when there are none.

    A row with two faults stands here twice; `lines` counts it once. `notes` are things worth
    knowing that cost no row: columns not read, positions in several lots.
    """

    rows: tuple[BadRow, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[BadRow], source: str = "", notes: Iterable[str] = ()) -> Rejected:
        """Faults in any order, sorted by line; those of one line keep their order."""
        ordered = sorted(rows, key=lambda row: row.line)
        return cls(tuple(ordered), source, tuple(notes))

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines that were left out, each once."""
        return tuple(dict.fromkeys(row.line for row in self.rows))

    @property
    def counts(self) -> dict[str, int]:
        """How many faults there are of each reason, the most frequent first."""
        return dict(Counter(row.reason for row in self.rows).most_common())

    def raise_if_any(self) -> None:
        """Raises RejectedRows, which carries this report, unless there are no faults."""
        if self.rows:
            raise RejectedRows(self)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[BadRow]:
        return iter(self.rows)

    def __getitem__(self, index: int) -> BadRow:
        return self.rows[index]

    def __str__(self) -> str:
        lines = [self._summary()]
        lines += [f"  {count:,} x {reason}" for reason, count in self.counts.items()]
        lines += [f"{row}" for row in self.rows[:_SHOWN]]
        if len(self.rows) > _SHOWN:
            lines.append(f"... and {len(self.rows) - _SHOWN:,} more")
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(_wrap(line) for line in lines)

    def __repr__(self) -> str:
        return f"<{self._summary()}>"

    def _summary(self) -> str:
        where = f" of {self.source}" if self.source else ""
        count = len(self.lines)
        return f"{count:,} {'row' if count == 1 else 'rows'}{where} rejected"


class RejectedRows(HedgerowError):
    """Strict reading met bad rows; `rejected` names each of them."""

    def __init__(self, rejected: Rejected) -> None:
        super().__init__(rejected)
        self.rejected = rejected

    def __str__(self) -> str:
        return str(self.rejected)


def _wrap(line: str) -> str:
    """Breaks a long line at spaces, continuing with an indent."""
    pieces = []
    while len(line) > _WIDTH:
        at = line.rfind(" ", 8, _WIDTH)
        at = at if at > 0 else _WIDTH
        pieces.append(line[:at])
        line = "      " + line[at:].lstrip()
    return "\n".join([*pieces, line])
