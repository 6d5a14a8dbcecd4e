"""The report as text of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from hedgerow.report import table as t
from hedgerow.report.data import Report
from hedgerow.report.document import missing, sections
from hedgerow.report.table import Column, Section, Table

WIDTH = 80
_LEAST = 12  # a column of words is not made narrower than this
_GAP = "  "


def to_text(report: Report, *, rows: int = 15) -> str:
    """The report in lines of at most 80 columns; tables have about `rows` rows.

    Plain text on purpose, the same with and without any extra library: it goes to terminals, logs
    and mails. The command line adds color where `rich` and a terminal are there.
    """
    header = report.header
    warning = f"{missing(report)}: see What needs attention."
    return render(
        "hedgerow report",
        f"as of {t.instant(header.as_of)} UTC, in {header.currency}",
        warning if report.needs_attention else "",
        sections(report, rows=rows),
    )


def render(left: str, right: str, warning: str, sections: Iterable[Section]) -> str:
    """Sections under a head line."""
    lines = ["=" * WIDTH, left + right.rjust(WIDTH - len(left)), "=" * WIDTH]
    lines += _wrapped(warning)
    for section in sections:
        lines += ["", *_section(section)]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> list[str]:
    lines = [section.title.upper(), "-" * WIDTH]
    for sentence in section.lines:
        lines += _wrapped(sentence)
    for number, table in enumerate(section.tables):
        lines += [""] * bool(number or section.lines) + format_table(table)
    return lines


def format_table(table: Table) -> list[str]:
    """A table's lines; words are wrapped, then columns left out, until it fits."""
    lines = _wrapped(table.title)
    if not len(table):
        return [*lines, "  none"]
    columns, widths = _fit(table.columns)
    rows = [[column.title for column in columns]]
    if any(column.unit for column in columns):
        rows.append([column.unit for column in columns])
    body = [list(cells) for cells in zip(*(column.cells for column in columns), strict=True)]
    rule = ["-" * width for width in widths]
    rows.append(rule)
    rows += [*body[:-1], rule, body[-1]] if table.total and len(body) > 1 else body
    for row in rows:
        lines += _row(columns, row, widths)
    left_out = len(table.columns) - len(columns)
    note = table.note + (f" ({left_out} more columns in the page)" if left_out else "")
    return lines + _wrapped(note)


def _fit(columns: tuple[Column, ...]) -> tuple[list[Column], list[int]]:
    """The columns that fit and their widths."""
    kept = list(columns)
    while True:
        widths = [max(len(c.title), len(c.unit), *map(len, c.cells)) for c in kept]
        spare = WIDTH - sum(widths) - len(_GAP) * (len(kept) - 1)
        while spare < 0:
            words = [(w, i) for i, w in enumerate(widths) if kept[i].wraps and w > _LEAST]
            if not words:
                break
            widest, place = max(words)
            widths[place] = widest - 1
            spare += 1
        if spare >= 0 or len(kept) == 1:
            return kept, [min(width, WIDTH) for width in widths]
        kept.pop()


def _row(columns: list[Column], row: list[str], widths: list[int]) -> list[str]:
    """One line, or as many as the longest of its words needs."""
    parts = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    lines = []
    for depth in range(max(map(len, parts))):
        cells = [part[depth] if depth < len(part) else "" for part in parts]
        placed = [
            cell.rjust(width) if column.number else cell.ljust(width)
            for column, cell, width in zip(columns, cells, widths, strict=True)
        ]
        lines.append(_GAP.join(placed).rstrip())
    return lines


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, subsequent_indent="  ")
