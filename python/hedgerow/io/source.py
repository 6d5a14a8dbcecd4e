"""Opens CSV and Parquet files and data frames as tables."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow import _core
from hedgerow.errors import InvalidFile, InvalidInput, MissingExtra
from hedgerow.io.table import Raw, Table, Text, Unreadable
from hedgerow.portfolio.frame import Frame
from hedgerow.rejected import BadRow

Source = str | PathLike[str] | Any
_MARK = "\ufeff".encode()  # the byte order mark that some programs put first
_LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)?")
_CODE_SIZE = 8  # bytes a row, more than codes take and less than most texts
_SUFFIXES = (".csv", ".csv.gz", ".parquet")


def open_table(source: Source) -> Table:
    """The columns of a .csv, .csv.gz or .parquet file, or of a data frame.

    Frames are pandas, polars, PyArrow and whatever speaks the Arrow PyCapsule interface, and
    mappings of column names to sequences. Raises InvalidFile with the file's name and the place
    when it can't be read, MissingExtra when a library is needed that is not installed.
    """
    if not isinstance(source, (str, PathLike)):
        return _from_frame(source)
    name = fspath(source)
    if name.endswith(".parquet"):
        return _read_parquet(name)
    if name.endswith((".csv", ".csv.gz")):
        return _read_csv(name)
    raise InvalidInput("path", name, f"must end in one of {', '.join(_SUFFIXES)}")


# --- CSV -----------------------------------------------------------------------------------------


def _read_csv(name: str) -> Table:
    data = _bytes(name)
    at = len(_MARK) if data.startswith(_MARK) else 0
    comments = {}
    before = 1
    while (line := _line(data, at)).startswith("#") or line.isspace():
        key, _, value = line.lstrip("#").partition(":")
        comments[key.strip()] = value.strip()
        before += 1
        at += len(line.encode())
    place = f"line {before}"
    if not line:
        raise InvalidFile(name, place, "the file is empty: it has no header")
    delimiter = ";" if line.count(";") > line.count(",") else ","
    header = _header(name, line.rstrip("\r\n").split(delimiter), place)
    rows = np.frombuffer(data, dtype=np.uint8, offset=at + len(line.encode()))
    try:
        columns, lines, misshapen = _core.read_delimited(rows, delimiter, len(header))
    except InvalidInput as error:
        raise InvalidFile(name, f"line {before + int(str(error.value))}", error.rule) from None
    reason = f"must have {len(header)} fields, as the header"
    faults = [
        BadRow(before + line, "", f"{fields} fields: {text}", reason)
        for line, fields, text in misshapen
    ]
    texts = {title: Text(*column) for title, column in zip(header, columns, strict=True)}
    return Table(name, texts, lines + before, place=place, comments=comments, faults=faults)


def _line(data: bytes, at: int) -> str:
    """The line that begins at a byte, with its end; "" when there is none."""
    found = _LINE.match(data, at)
    return found.group().decode() if found else ""


def _bytes(name: str) -> bytes:
    """The file's bytes, decompressed, and known to be UTF-8 text."""
    data = Path(name).read_bytes()
    if name.endswith(".gz"):
        data = _decompress(name, data)
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError as error:
        place = _place(data, error.start)
        raise InvalidFile(name, place, "is not UTF-8 text: a binary file?") from None
    if (at := data.find(0)) >= 0:
        raise InvalidFile(name, _place(data, at), "is a binary file, not text")
    return data


def _decompress(name: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except EOFError:
        raise InvalidFile(name, f"byte {len(data)}", "the compressed file is truncated") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InvalidFile(name, "compressed data", str(error)) from None


def _place(data: bytes, at: int) -> str:
    return f"line {data.count(10, 0, at) + 1}, byte {at}"


def _header(name: str, fields: list[str], place: str) -> list[str]:
    titles = [field.strip().strip('"') for field in fields]
    for number, title in enumerate(titles, 1):
        if not title:
            raise InvalidFile(name, place, f"column {number} of the header has no name")
        if title in titles[: number - 1]:
            raise InvalidFile(name, place, f"column {title!r} appears twice in the header")
    return titles


# --- Parquet and frames --------------------------------------------------------------------------


def _read_parquet(name: str) -> Table:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("reading Parquet files", "parquet", "pyarrow") from None
    check_parquet(name)
    try:
        with pq.ParquetFile(name) as file:
            schema = file.schema_arrow
            words = [field.name for field in schema if _is_text(field.type)]
            repeated = _repeated(file.metadata)
        table = pq.ParquetFile(name, read_dictionary=repeated.intersection(words)).read()
    except (pa.ArrowException, OSError) as error:
        raise InvalidFile(name, "Parquet data", str(error).splitlines()[0]) from None
    return _from_arrow(name, table)


def _repeated(metadata: Any) -> set[str]:
    """The columns of which the file keeps a dictionary rather than the values themselves.

    Codes take few bits a row; to make a dictionary of what the file does not keep as one is slower
    than to read the values.
    """
    sizes: Counter[str] = Counter()
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            column = metadata.row_group(group).column(number)
            sizes[column.path_in_schema] += column.total_uncompressed_size
    return {name for name, size in sizes.items() if size <= _CODE_SIZE * metadata.num_rows}


def check_parquet(name: str) -> None:
    """Raises InvalidFile unless the file begins and ends as Parquet files do."""
    with open(name, "rb") as file:
        head = file.read(4)
        size = file.seek(0, io.SEEK_END)
        file.seek(max(size - 4, 0))
        tail = file.read()
    if head != b"PAR1":
        raise InvalidFile(name, "byte 0", "is empty" if not head else "is not a Parquet file")
    if tail != b"PAR1" or size < 12:
        raise InvalidFile(name, f"byte {size}", "the Parquet file is truncated: it has no footer")


def _from_frame(frame: Any) -> Table:
    name = f"{type(frame).__module__.partition('.')[0]}.{type(frame).__name__}"
    table = _as_arrow(frame)
    if table is not None:
        return _from_arrow(name, table)
    columns = Frame.from_any(frame)
    return _rows(name, {title: _from_numpy(columns[title]) for title in columns}, len(columns))


def _as_arrow(frame: Any) -> Any:
    """A PyArrow table, or None where that can't be: NumPy's columns do as well, only slower."""
    if not hasattr(frame, "__arrow_c_stream__"):
        return None
    try:
        import pyarrow as pa

        return pa.table(frame)
    except (ImportError, ValueError, TypeError):  # not installed, or columns of mixed types
        return None


def _rows(name: str, columns: dict[str, Raw], size: int) -> Table:
    return Table(name, columns, np.arange(1, size + 1), place="columns")


def _from_numpy(values: npt.NDArray[Any]) -> Raw:
    if values.dtype.kind in "iufM":
        return values
    if values.dtype.kind not in "OUT":
        return Unreadable(str(values.dtype))
    numbers: dict[Any, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values.tolist()]
    return Text.of(("" if _is_absent(value) else str(value) for value in numbers), codes)


def _is_absent(value: Any) -> bool:
    """None, NaN, NaT and pandas' NA, of which none equals itself."""
    return value is None or value is getattr(value, "NA", value) is None or bool(value != value)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _from_arrow(name: str, table: Any) -> Table:
    columns: dict[str, Raw] = {}
    for title in table.column_names:
        if title in columns:
            raise InvalidFile(name, "columns", f"column {title!r} appears twice")
        columns[title] = _from_chunks(name, title, table[title])
    return _rows(name, columns, table.num_rows)


def _from_chunks(name: str, title: str, column: Any) -> Raw:
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_dictionary(kind) and not _is_text(kind.value_type):
        column, kind = column.cast(kind.value_type), kind.value_type
    try:
        if kinds.is_integer(kind) and not column.null_count:
            return np.asarray(column.to_numpy())
        if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
            return np.asarray(column.cast(pa.float64()).to_numpy())
        if kinds.is_timestamp(kind) or kinds.is_date(kind):
            instants = column.cast(pa.timestamp("ns", getattr(kind, "tz", None)))
            return np.asarray(instants.to_numpy()).astype("datetime64[ns]")
        if kinds.is_dictionary(kind):
            return _from_dictionaries(column)
        return Text(*_texts(column.cast(pa.large_string()).combine_chunks()).encoded())
    except pa.ArrowException as error:
        if kinds.is_nested(kind) or kinds.is_binary(kind):
            return Unreadable(str(kind))
        raise InvalidFile(name, f"column {title!r}", str(error).splitlines()[0]) from None


def _from_dictionaries(column: Any) -> Text:
    import pyarrow as pa

    chunks = column.unify_dictionaries().chunks or [pa.array([""])[:0].dictionary_encode()]
    words = chunks[0].dictionary
    labels = pa.concat_arrays([words.cast(pa.large_string()), pa.array([""], pa.large_string())])
    codes = [_filled(chunk.indices.cast(pa.int32()), len(words)).to_numpy() for chunk in chunks]
    return Text(_texts(labels), np.concatenate(codes) if len(codes) > 1 else codes[0])


def _filled(array: Any, value: Any) -> Any:
    """With a value in place of nulls; where there are none, without the copy."""
    return array.fill_null(value) if array.null_count else array


def _texts(array: Any) -> _core.Texts:
    """An array of large strings where it lies, "" for null."""
    array = _filled(array, "")
    array.validate(full=True)  # Parquet readers take any bytes for UTF-8
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets or b"", dtype=np.int64)
    buffer = np.frombuffer(data or b"", dtype=np.uint8)
    return _core.Texts(buffer, ends[array.offset : array.offset + len(array) + 1])
