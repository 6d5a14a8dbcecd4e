"""The file of a journal: an SQLite database in WAL mode, its tables, its one writer, its faults.

The tables, for whoever reads them with other tools:

- `event(sequence, chain, body)`: one row per event, numbered without a gap. `body` is its JSON (see
  hedgerow.live.wire), `chain` the CRC-32 of all bodies so far, from the first event ever.
- `identity(kind, venue, id, sequence, time, digest)`: what was seen under which id. Of events in an
  earlier file `time` and the digest of the body are kept.
- `snapshot(sequence, checksum, state)`: what the events up to a sequence fold to.
- `journal(base, chain, horizon, predecessor, successor)`: one row; see hedgerow.live.journal.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from hedgerow.errors import InvalidInput, JournalError, JournalFault

APPLICATION = int.from_bytes(b"hrow")
SCHEMA = 1
CHECKPOINT = 4000  # pages, 16 MB, of a WAL: then a commit waits for the disk, in one of about 1300

_TABLES = (
    """CREATE TABLE journal (
        base INTEGER NOT NULL, chain INTEGER NOT NULL, horizon INTEGER,
        predecessor TEXT, successor TEXT)""",
    """CREATE TABLE event (
        sequence INTEGER PRIMARY KEY, chain INTEGER NOT NULL, body TEXT NOT NULL)""",
    """CREATE TABLE identity (
        kind TEXT NOT NULL, venue TEXT NOT NULL, id TEXT NOT NULL,
        sequence INTEGER NOT NULL, time INTEGER, digest BLOB,
        PRIMARY KEY (kind, venue, id)) WITHOUT ROWID""",
    """CREATE TABLE snapshot (
        sequence INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, state BLOB NOT NULL)""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {SCHEMA}",
)

# What the system says when it will not let a file grow: no space, and by other ways of writing
# quotas (EDQUOT), limits (EFBIG), and the index of the WAL, which is a file too.
_NO_GROWTH = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
_FAULTS = {
    sqlite3.SQLITE_FULL: JournalFault.DISK_FULL,
    sqlite3.SQLITE_CORRUPT: JournalFault.DAMAGED,
    sqlite3.SQLITE_NOTADB: JournalFault.NOT_A_JOURNAL,
}


Row: TypeAlias = tuple[int, int, int | None, str | None, str | None]  # of the table journal


class Durability(StrEnum):
    """What an acknowledged event survives."""

    PROCESS = "process"  # the end of the process, however sudden
    POWER = "power"  # the loss of power too: every commit waits for the disk


def fault_of(error: sqlite3.Error) -> JournalFault:
    """What an error of SQLite says about the journal."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code in _NO_GROWTH:
        return JournalFault.DISK_FULL
    return _FAULTS.get(code & 0xFF, JournalFault.FAILED)


class faults:
    """Errors of SQLite in here are errors of the journal at this path."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise JournalError(fault_of(error), str(self._path), str(error)) from error


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection that begins and ends its transactions when told to; mode: ro, rw or rwc."""
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
    )


class Lock:
    """The right to write: one process and one Journal has it, until it ends or lets go.

    An exclusive transaction on an empty database beside the journal. The system drops it with the
    process, so that nothing has to be cleared away after a crash.
    """

    def __init__(self, path: Path) -> None:
        with faults(path):
            self._connection = connect(path.with_name(f"{path.name}.lock"), "rwc")
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._connection.close()
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            fault = JournalFault.SECOND_WRITER if busy else fault_of(error)
            detail = "one Journal at a time may append" if busy else str(error)
            raise JournalError(fault, str(path), detail) from None

    def release(self) -> None:
        """Lets go."""
        self._connection.close()


def breaks(error: sqlite3.Error) -> bool:
    """Whether nobody knows what the disk holds after it, as when it failed to sync."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF == sqlite3.SQLITE_IOERR and code not in _NO_GROWTH


def open_writer(path: Path, durability: Durability) -> sqlite3.Connection:
    """A connection that may write; makes the tables where there are none."""
    connection = connect(path, "rwc")
    try:
        if not _recognized(connection, path):
            _make_tables(connection, path, (0, 0, None, None, None))
        _set_up(connection, durability)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads."""
    if not path.exists():
        raise JournalError(JournalFault.NOT_A_JOURNAL, str(path), "there is no such file")
    connection = connect(path, "ro")
    try:
        if not _recognized(connection, path):
            detail = "there is nothing in it"
            raise JournalError(JournalFault.NOT_A_JOURNAL, str(path), detail)
    except BaseException:
        connection.close()
        raise
    return connection


def _recognized(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the database is a journal that can be read; False if it is empty."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == 0 and version == 0 and tables == 0:
        return False
    if application != APPLICATION:
        raise JournalError(JournalFault.NOT_A_JOURNAL, str(path), "it is another's database")
    if version > SCHEMA:
        detail = f"its schema is {version}, known is {SCHEMA}"
        raise JournalError(JournalFault.NEWER, str(path), detail)
    if version != SCHEMA or tables != sum("TABLE" in statement for statement in _TABLES):
        raise JournalError(JournalFault.DAMAGED, str(path), f"it has {tables} tables")
    return True


def create(
    path: Path, row: Row, identities: Iterable[tuple[Any, ...]], snapshot: tuple[Any, ...]
) -> None:
    """A journal that continues another: all of it, durably, or an empty file."""
    connection = connect(path, "rwc")
    try:
        _make_tables(connection, path, row, identities, snapshot)
    finally:
        connection.close()


def _make_tables(
    connection: sqlite3.Connection,
    path: Path,
    row: Row,
    identities: Iterable[tuple[Any, ...]] = (),
    *snapshots: tuple[Any, ...],
) -> None:
    _set_up(connection, Durability.POWER)
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", row)
    connection.executemany("INSERT INTO identity VALUES (?, ?, ?, ?, ?, ?)", identities)
    connection.executemany("INSERT INTO snapshot VALUES (?, ?, ?)", snapshots)
    connection.execute("COMMIT")
    # Into the database itself: what a damaged WAL loses is never all of the journal.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    sync_folder(path)


def remove_unused(path: Path, predecessor: str) -> None:
    """Removes what a roll began and did not live to finish; anything else is refused."""
    connection = connect(path, "rw")
    try:
        if _recognized(connection, path):
            row = connection.execute("SELECT predecessor, successor FROM journal").fetchone()
            (events,) = connection.execute("SELECT count(*) FROM event").fetchone()
            if row != (predecessor, None) or events:
                raise InvalidInput("path", path, "must not exist")
    finally:
        connection.close()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _set_up(connection: sqlite3.Connection, durability: Durability) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"no WAL on this file system, but {mode}")
    power = durability is Durability.POWER
    connection.execute(f"PRAGMA synchronous = {'FULL' if power else 'NORMAL'}")
    connection.execute(f"PRAGMA fullfsync = {int(power)}")  # of macOS, where fsync is not enough
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")


def sync_folder(path: Path) -> None:
    """Makes the names in a file's folder durable, where the system has a way to."""
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
