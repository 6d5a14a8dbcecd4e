"""A small immutable table that every data-frame library can take, and that is made from any."""

from __future__ import annotations

from collections.abc import (
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from hedgerow.errors import InvalidInput, MissingExtra

Column = npt.NDArray[Any]


def _column(values: Any) -> Column:
    """One dimension; strings as objects, so that they are not padded."""
    array = np.asarray(values)
    if array.dtype.kind in "US":
        array = array.astype(object)
    if array.ndim != 1:
        raise InvalidInput("column", f"{array.ndim} dimensions", "must have one dimension")
    array = array.view()
    array.flags.writeable = False
    return array


class Frame:
    """Named columns of equal length: numbers, strings or instants (datetime64[ns], UTC).

    Behaves as a mapping of NumPy arrays, but its length is the number of rows. `to_pandas()`,
    `to_polars()`, `to_arrow()` give it back in the library of one's choice, and any library that
    speaks the Arrow PyCapsule interface takes it as it is (`polars.DataFrame(frame)`,
    `pyarrow.table(frame)`, `duckdb`, ...), which needs the extra `frames`.
    """

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = {str(name): _column(values) for name, values in columns.items()}
        lengths = {name: len(values) for name, values in self._columns.items()}
        self._length = next(iter(lengths.values()), 0)
        for name, length in lengths.items():
            if length != self._length:
                raise InvalidInput(name, f"{length} rows", f"must have {self._length} rows")

    @classmethod
    def from_any(cls, source: Any) -> Frame:
        """From a mapping of columns, or a pandas, polars, PyArrow or other Arrow-speaking table."""
        if isinstance(source, Frame):
            return source
        if isinstance(source, Mapping):
            return cls(source)
        names = getattr(source, "column_names", None)  # PyArrow
        if names is None:
            names = getattr(source, "columns", None)  # pandas, polars
        if names is not None and hasattr(source, "__getitem__"):
            return cls({str(name): source[name].to_numpy() for name in names})
        if hasattr(source, "__arrow_c_stream__"):
            return cls(_from_arrow(source))
        raise InvalidInput("frame", type(source).__name__, "must be a mapping or a data frame")

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self._columns)

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def get(self, name: str) -> Column | None:
        """The column of this name, or None."""
        return self._columns.get(name)

    def keys(self) -> KeysView[str]:
        """The names of the columns, in order."""
        return self._columns.keys()

    def values(self) -> ValuesView[Column]:
        """The columns, in order."""
        return self._columns.values()

    def items(self) -> ItemsView[str, Column]:
        """The columns with their names, in order."""
        return self._columns.items()

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        """The number of rows."""
        return self._length

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries of Python values."""
        lists = [values.tolist() for values in self._columns.values()]
        for row in zip(*lists, strict=True):
            yield dict(zip(self._columns, row, strict=True))

    def take(self, indices: npt.ArrayLike) -> Frame:
        """The rows at `indices` (or where a mask is true), in that order."""
        chosen = np.asarray(indices)
        return type(self)({name: values[chosen] for name, values in self._columns.items()})

    def select(self, names: Iterable[str]) -> Frame:
        """Some of the columns, in the order asked for."""
        return Frame({name: self._columns[name] for name in names})

    def to_dict(self) -> Mapping[str, Column]:
        """The columns by name; read-only."""
        return MappingProxyType(self._columns)

    def to_pandas(self) -> Any:
        """As a pandas.DataFrame."""
        return _library("pandas").DataFrame(dict(self._columns))

    def to_polars(self) -> Any:
        """As a polars.DataFrame."""
        columns = {
            name: values.tolist() if values.dtype == object else values
            for name, values in self._columns.items()
        }
        return _library("polars").DataFrame(columns)

    def to_arrow(self) -> Any:
        """As a pyarrow.Table."""
        return _library("pyarrow").table(dict(self._columns))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface: a stream of one record batch."""
        return _to_arrow(self._columns, self._length).__arrow_c_stream__(requested_schema)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frame):
            return NotImplemented
        return self.columns == other.columns and all(
            len(a) == len(b) and _same(a, b)
            for a, b in zip(self._columns.values(), other._columns.values(), strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return format_table(self._columns, self._length)


def _same(a: Column, b: Column) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fM" and b.dtype.kind in "fM"))


def _library(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError as error:
        raise ImportError(f"to_{name} needs {name}: pip install {name}", name=name) from error


def _nanoarrow() -> Any:
    try:
        import nanoarrow
    except ImportError as error:
        raise MissingExtra("the Arrow interface", "frames", "nanoarrow") from error
    return nanoarrow


def _to_arrow(columns: Mapping[str, Column], length: int) -> Any:
    """The columns as a nanoarrow stream."""
    na = _nanoarrow()
    from nanoarrow.c_array_stream import CArrayStream

    fields, children = {}, []
    for name, values in columns.items():
        kind: Any
        buffers: list[Any]
        if values.dtype.kind == "M":
            kind = na.timestamp("ns", "UTC")
            nanoseconds = values.astype("datetime64[ns]")
            valid = ~np.isnat(nanoseconds)
            bitmap = None if valid.all() else np.packbits(valid, bitorder="little")
            buffers = [bitmap, np.ascontiguousarray(nanoseconds.view(np.int64))]
            children.append(
                na.c_array_from_buffers(kind, length, buffers, null_count=int((~valid).sum()))
            )
        else:
            if values.dtype == object:
                texts = [str(value).encode() for value in values]
                offsets = np.zeros(length + 1, np.int32)
                np.cumsum([len(text) for text in texts], out=offsets[1:])
                kind, buffers = na.string(), [None, offsets, b"".join(texts)]
            elif values.dtype.kind == "b":
                kind, buffers = na.bool_(), [None, np.packbits(values, bitorder="little")]
            else:
                kind = {"f": na.float64(), "i": na.int64(), "u": na.uint64()}[values.dtype.kind]
                width = np.dtype(f"{values.dtype.kind}8")
                buffers = [None, np.ascontiguousarray(values, dtype=width)]
            children.append(na.c_array_from_buffers(kind, length, buffers))
        fields[name] = kind
    schema = na.struct(fields)
    batch = na.c_array_from_buffers(schema, length, [None], children=children)
    return CArrayStream.from_c_arrays([batch], na.c_schema(schema))


def _from_arrow(source: Any) -> dict[str, Any]:
    """The columns of an Arrow stream as arrays; nulls become NaN, NaT or None."""
    na = _nanoarrow()
    stream = na.ArrayStream(source)
    names = [field.name for field in stream.schema.fields]
    parts: list[list[Column]] = [[] for _ in names]
    for batch in stream.iter_chunks():
        for j, part in enumerate(parts):
            part.append(_from_arrow_array(na, batch.child(j)))
    empty = np.array([], dtype=object)
    return {
        name: np.concatenate(part) if part else empty
        for name, part in zip(names, parts, strict=True)
    }


def _from_arrow_array(na: Any, array: Any) -> Column:
    """One array; instants by their integers, because Python's own lose the nanoseconds."""
    if array.schema.type != na.Type.TIMESTAMP:
        values = array.to_pysequence(handle_nulls=na.nulls_as_sentinel())
        return np.asarray(values, dtype=object if None in values else None)
    view = na.c_array(array).view()
    rows = slice(view.offset, view.offset + view.length)
    units = {"SECOND": "s", "MILLI": "ms", "MICRO": "us", "NANO": "ns"}
    instants = np.array(view.buffer(1), dtype=np.int64)[rows].view(
        f"datetime64[{units[array.schema.unit.name]}]"
    )
    if view.null_count:
        bitmap = np.frombuffer(view.buffer(0), dtype=np.uint8)
        valid = np.unpackbits(bitmap, bitorder="little")[rows].astype(bool)
        instants[~valid] = np.datetime64("NaT")
    return instants.astype("datetime64[ns]")


def format_number(value: float) -> str:
    """A number for a table: whole where it is whole, else about six figures."""
    if value != value:
        return "-"
    size = abs(value)
    if value == 0 or (size < 1e9 and value == int(value)):
        return f"{value:,.0f}"
    if size >= 1e3:
        return f"{value:,.0f}" if size < 1e12 else f"{value:.3e}"
    if size >= 1:
        return f"{value:,.2f}"
    return f"{value:.4f}" if size >= 1e-3 else f"{value:.2e}"


def format_cell(value: Any) -> str:
    """A cell for a table."""
    if isinstance(value, np.datetime64):
        if np.isnat(value):
            return "-"
        text = str(value.astype("datetime64[m]"))
        return text.replace("T", " ")
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, float, np.integer, np.floating)):
        return format_number(float(value))
    return str(value)


def format_table(
    columns: Mapping[str, Sequence[Any] | Column], length: int, *, width: int = 80, rows: int = 20
) -> str:
    """Columns as text, at most `width` wide and `rows` rows long, saying what is cut."""
    shown = (
        range(length) if length <= rows else [*range(rows // 2), *range(length - rows // 2, length)]
    )
    blocks: list[list[str]] = []
    used, hidden = 0, 0
    for name, values in columns.items():
        cells = [format_cell(values[i]) for i in shown]
        size = max([len(name), *map(len, cells)])
        if blocks and used + 2 + size > width:
            hidden += 1
            continue
        text = bool(length) and isinstance(values[0], str)
        pad = str.ljust if text else str.rjust
        blocks.append([pad(cell, size) for cell in [name, *cells]])
        used += size + (2 if len(blocks) > 1 else 0)
    lines = ["  ".join(line).rstrip() for line in zip(*blocks, strict=True)]
    if length > rows:
        lines.insert(1 + rows // 2, f"... {length - rows:,} more rows ...")
    if hidden:
        lines.append(f"({hidden} more columns)")
    return "\n".join(lines) if lines else "(empty)"


def cast_column(values: Any) -> npt.NDArray[np.float64]:
    """Numbers as doubles."""
    return cast("npt.NDArray[np.float64]", np.asarray(values, dtype=np.float64))
