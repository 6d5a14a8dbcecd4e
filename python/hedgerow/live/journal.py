"""The journal: every event in the order in which it was accepted, and nothing acknowledged lost.

What a crash leaves is what had been committed; the state of an inventory is the fold of it. Many
processes may read a journal while one writes: they never wait for each other.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from os import PathLike
from os.path import relpath
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NoReturn, Self
from zlib import crc32

import numpy as np

from hedgerow.errors import InvalidInput, JournalError, JournalFault
from hedgerow.live import fields, store, terms
from hedgerow.live.events import Event, Identity, identity
from hedgerow.live.store import Durability
from hedgerow.live.wire import decode, decode_records, encode, read_record

BATCH = 512  # events that are read at once; between batches nothing is held
SNAPSHOTS = 2  # that are kept: the last, and one to fall back on

_INSERT_EVENT = "INSERT INTO event VALUES (?, ?, ?)"
_INSERT_IDENTITY = "INSERT OR IGNORE INTO identity VALUES (?, ?, ?, ?, NULL, NULL)"
# Bodies are asked for as bytes: damaged text would be no text.
_SELECT_IDENTITY = """
    SELECT sequence, digest, CAST(body AS BLOB) FROM identity LEFT JOIN event USING (sequence)
    WHERE kind = ? AND venue = ? AND id = ?"""
_SELECT_KEPT = """
    SELECT kind, venue, id, sequence, time, digest, CAST(body AS BLOB)
    FROM identity LEFT JOIN event USING (sequence) ORDER BY kind, venue, id"""
_SELECT_EVENTS = """
    SELECT sequence, chain, CAST(body AS BLOB) FROM event
    WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"""


class _Entry:
    """An event on its way into the journal, and in the end its sequence or why it was refused."""

    __slots__ = ("body", "event", "identity", "outcome")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.body = encode(event)
        self.identity = identity(event)
        self.outcome: int | InvalidInput | JournalError | None = None


class Journal:
    """Events in a file, appended by one writer and followed by any number of readers.

    Parameters: the path; what an acknowledged event survives, `"process"` (kill -9) or `"power"`
    (the loss of power too, at the cost of one wait for the disk per commit); whether only to read.

    append() and extend() return when the events are committed. Calls from several threads that wait
    for one another share a commit, and with it the disk. Not to be used after a fork.

    Raises JournalError, whose `fault` tells a file that is no journal, a newer one, a second
    writer, damage, and a disk that is full. The last is a refusal: the event is not in the journal,
    and once there is space the journal goes on.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        durability: Durability | str = Durability.PROCESS,
        *,
        read_only: bool = False,
    ) -> None:
        self._path = Path(path).resolve()
        self._durability: Durability = fields.read_choice(Durability)("durability", durability)
        self._guard = Lock()
        self._transaction = _Transaction(self)
        self._pending: deque[_Entry] = deque()
        self._connection: sqlite3.Connection | None = None
        self._read_only = read_only
        self._lock = None if read_only else store.Lock(self._path)
        try:
            with store.faults(self._path):
                self._open(read_only)
        except BaseException:
            self.close()
            raise

    def _open(self, read_only: bool) -> None:
        if read_only:
            self._connection = store.open_reader(self._path)
        else:
            self._connection = store.open_writer(self._path, self._durability)
        self._cursor = self._connection.cursor()
        (row,) = self._cursor.execute("SELECT * FROM journal").fetchall()
        self._base, self._base_chain, self._horizon, self._predecessor, successor = row
        if successor is not None and not read_only:
            raise self._error(JournalFault.CLOSED, f"it was rolled, {successor} continues it")
        self._find_end()

    def _find_end(self) -> None:
        row = self._cursor.execute(
            "SELECT sequence, chain FROM event ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        self._last, self._chain = row or (self._base, self._base_chain)
        self._committed = self._last

    # ---- what it is ----

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    @property
    def durability(self) -> Durability:
        """What an acknowledged event survives."""
        return self._durability

    @property
    def read_only(self) -> bool:
        """Whether it only reads."""
        return self._read_only

    @property
    def base(self) -> int:
        """The sequence before the first of this file: 0, or where roll() began it."""
        return int(self._base)

    @property
    def predecessor(self) -> str | None:
        """The name of the file that this one continues, or None."""
        return None if self._predecessor is None else str(self._predecessor)

    @property
    def successor(self) -> str | None:
        """The name of the file that continues this one, once it is rolled."""
        name: str | None = self._read("SELECT successor FROM journal")[0][0]
        return name

    @property
    def last_sequence(self) -> int:
        """The sequence of the last committed event; followers see it grow."""
        if self._read_only:
            return int(self._read("SELECT max(sequence) FROM event")[0][0] or self._base)
        return int(self._committed)

    def __len__(self) -> int:
        """How many events this file has."""
        return self.last_sequence - self.base

    def __repr__(self) -> str:
        mode = "read only" if self.read_only else self._durability.value
        return f"Journal({str(self._path)!r}, {mode})"

    # ---- writing ----

    def append(self, event: Event) -> int:
        """Commits an event and returns its sequence.

        An event that is there already (same identity, same content) changes nothing and gives the
        sequence that it has. Raises InvalidInput when another event has its identity, or when it is
        older than what a rolled journal remembers; JournalError when it can't be written.
        """
        entry = _Entry(event)
        self._pending.append(entry)
        with self._guard:
            if entry.outcome is None:  # whoever comes first commits for all who wait
                self._commit_pending()
        if not isinstance(entry.outcome, int):
            raise entry.outcome or self._error(JournalFault.FAILED, "there is no outcome")
        return entry.outcome

    def extend(self, events: Iterable[Event]) -> list[int]:
        """Commits all events or, if one is refused, none; returns their sequences as append()."""
        entries = [_Entry(event) for event in events]
        with self._guard, self._transaction:
            return [self._insert(entry) for entry in entries]

    def save_snapshot(self, sequence: int, state: bytes) -> None:
        """Keeps what the events up to a sequence fold to, in place of the last snapshot but one.

        The snapshot that a rolled journal begins with stays: with the events it is the whole of it.
        """
        with self._guard, self._transaction:
            if not self._base <= sequence <= self._last:
                rule = f"must be from {self._base} to {self._last}"
                raise InvalidInput("sequence", sequence, rule)
            row = (sequence, crc32(state), state)
            self._cursor.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", row)
            self._cursor.execute(
                """DELETE FROM snapshot WHERE sequence NOT IN
                (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT ?) AND sequence <> ?""",
                (SNAPSHOTS, self._base or -1),
            )

    def _commit_pending(self) -> None:
        entries = [self._pending.popleft() for _ in range(len(self._pending))]
        outcomes: list[int | InvalidInput] = []
        try:
            with self._transaction:
                for entry in entries:
                    try:
                        outcomes.append(self._insert(entry))
                    except InvalidInput as refused:  # the others are none the worse for it
                        outcomes.append(refused)
        except JournalError as error:
            for entry in entries:
                entry.outcome = JournalError(*error.args)
        except BaseException as error:  # as KeyboardInterrupt: nobody is left without an answer
            for entry in entries:
                entry.outcome = self._error(JournalFault.FAILED, repr(error))
            raise
        else:
            for entry, outcome in zip(entries, outcomes, strict=True):
                entry.outcome = outcome

    def _refuse(self) -> NoReturn:
        if self._read_only:
            raise self._error(JournalFault.READ_ONLY, "it can't be written to")
        raise self._error(JournalFault.CLOSED, "it takes no events any more")

    def _roll_back(self, error: BaseException) -> None:
        """Whatever happened, what is in the file is the truth."""
        try:
            if self._cursor.connection.in_transaction:  # SQLite may have rolled it back itself
                self._cursor.execute("ROLLBACK")
            self._find_end()
        except sqlite3.Error:
            self._close()  # nobody knows: opening it again will tell
            return
        if isinstance(error, sqlite3.Error) and store.breaks(error):
            self._close()

    def _insert(self, entry: _Entry) -> int:
        sequence: int = self._last + 1
        if entry.identity is not None:
            time = entry.event.time
            if self._horizon is not None and time < terms.instant(self._horizon):
                rule = (
                    f"must not be before {terms.instant(self._horizon)}, as older ids are forgotten"
                )
                raise InvalidInput("time", time, rule)
            self._cursor.execute(_INSERT_IDENTITY, (*entry.identity, sequence))
            if self._cursor.rowcount == 0:
                return self._known(entry.identity, entry.body.encode())
        chain = crc32(entry.body.encode(), self._chain)
        self._cursor.execute(_INSERT_EVENT, (sequence, chain, entry.body))
        self._last, self._chain = sequence, chain
        return sequence

    def _known(self, known: Identity, body: bytes) -> int:
        """The sequence of an event that is there under this identity, if it is the same."""
        (row,) = self._cursor.execute(_SELECT_IDENTITY, known).fetchall()
        sequence, digest, there = row
        if not (there == body if digest is None else digest == _digest(body)):
            kind, venue, name = known
            of = f" of {venue}" if venue else ""
            raise InvalidInput(f"{kind}{of}", name, f"must be what it is as event {sequence}")
        return int(sequence)

    # ---- reading ----

    def events(
        self, after: int | None = None, upto: int | None = None
    ) -> Iterator[tuple[int, Event]]:
        """The sequence and the event of all that are there, in their order.

        From the one after `after` (the start of the file) to `upto` (the end as it is now). Nothing
        is held between one batch and the next: writers and other readers go on. Raises JournalError
        when the file is damaged: what was yielded until then is right.
        """
        for batch in self.records(after, upto):
            for sequence, record in batch:
                yield sequence, self.as_event(sequence, record)

    def records(
        self, after: int | None = None, upto: int | None = None
    ) -> Iterator[list[tuple[int, Any]]]:
        """What events() yields, in batches, each event as the record that its text holds.

        Raises JournalError as events(), once all before the damage are yielded.
        """
        for rows in self._batches(after, upto):
            try:
                records = decode_records([body.decode() for _, body in rows])
            except (InvalidInput, UnicodeDecodeError):  # written whole, and yet no event
                for sequence, body in rows:
                    event = self.as_event(sequence, body)
                    yield [(sequence, json.loads(encode(event)))]
            else:
                yield [
                    (sequence, record) for (sequence, _), record in zip(rows, records, strict=True)
                ]

    def find(self, known: Identity) -> Event | None:
        """The event of an identity, or None where no event that is remembered has it.

        One that was there before the journal was rolled is looked for in the earlier file. Raises
        JournalError where that is not where it was, or the event is not as it was written.
        """
        rows = self._read(_SELECT_IDENTITY, *known)
        if not rows:
            return None
        sequence, digest, _ = rows[0]
        if digest is None:
            return next(self.events(sequence - 1, sequence))[1]
        with self.earlier() as earlier:
            return earlier.find(known)

    def earlier(self) -> Journal:
        """The journal that this one continues, to be read.

        Raises JournalError where it is not where it was, or another one.
        """
        if self._predecessor is None:
            raise self._error(JournalFault.NOT_A_JOURNAL, "it continues none")
        earlier = Journal(self._path.parent / self._predecessor, read_only=True)
        if (earlier._last, earlier._chain) != (self._base, self._base_chain):
            earlier.close()
            raise self._error(JournalFault.DAMAGED, f"{self._predecessor} is not what it continues")
        return earlier

    def as_event(self, sequence: int, content: Any) -> Event:
        """The event of one of records(), or of a text; JournalError where it is of tomorrow."""
        try:
            if isinstance(content, bytes):
                return decode(content.decode())
            return read_record(content)
        except (InvalidInput, UnicodeDecodeError) as error:
            # What was written whole and can't be read is of tomorrow.
            raise self._error(JournalFault.NEWER, f"event {sequence}, {error}") from error

    def _batches(self, after: int | None, upto: int | None) -> Iterator[list[tuple[int, bytes]]]:
        """The texts of events, proven by their chain."""
        last = self._base if after is None else after
        if last < self._base:
            rule = f"must be at least {self._base}: earlier events are in {self._predecessor}"
            raise InvalidInput("after", after, rule)
        end = self.last_sequence if upto is None else min(upto, self.last_sequence)
        if last >= end:
            return
        chain = self._base_chain
        if last > self._base:
            found = self._read("SELECT chain FROM event WHERE sequence = ?", last)
            chain = found[0][0] if found else None
        while last < end:
            rows = self._read(_SELECT_EVENTS, last, end, BATCH)
            if not rows:
                raise self._error(JournalFault.DAMAGED, f"event {last + 1} is missing")
            proven: list[tuple[int, bytes]] = []
            for sequence, link, body in rows:
                known = isinstance(body, bytes) and isinstance(chain, int)
                if sequence != last + 1 or not known or crc32(body, chain) != link:
                    break
                last, chain = sequence, link
                proven.append((sequence, body))
            if proven:
                yield proven
            if len(proven) < len(rows):
                raise self._error(JournalFault.DAMAGED, f"event {last + 1} is not as written")

    def snapshots(self) -> list[int]:
        """The sequences of the snapshots that are kept, the last one first."""
        rows = self._read("SELECT sequence FROM snapshot ORDER BY sequence DESC")
        return [int(sequence) for (sequence,) in rows]

    def latest_snapshot(self, upto: int | None = None) -> tuple[int, bytes] | None:
        """The sequence and the state of the last snapshot, at or before `upto`; None without one.

        Raises JournalError when it is damaged; an earlier one may not be.
        """
        rows = self._read(
            "SELECT * FROM snapshot WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1",
            self.last_sequence if upto is None else upto,
        )
        if not rows:
            return None
        sequence, checksum, state = rows[0]
        if not isinstance(state, bytes) or crc32(state) != checksum:
            raise self._error(JournalFault.DAMAGED, f"snapshot {sequence} is not as written")
        return int(sequence), state

    def verify(self) -> None:
        """Reads everything; raises JournalError where something is not as it was written."""
        faulty = [row[0] for row in self._read("PRAGMA integrity_check") if row[0] != "ok"]
        if faulty:
            raise self._error(JournalFault.DAMAGED, "; ".join(map(str, faulty[:3])))
        end, named = self.last_sequence, 0
        for sequence, event in self.events(upto=end):
            known = identity(event)
            if known is not None:
                named += 1
                rows = self._read(_SELECT_IDENTITY, *known)
                if not rows or rows[0][0] != sequence:
                    raise self._error(JournalFault.DAMAGED, f"the id of event {sequence} is lost")
        counted = "SELECT count(*) FROM identity WHERE sequence > ? AND sequence <= ?"
        if self._read(counted, self._base, end)[0][0] != named:
            raise self._error(JournalFault.DAMAGED, "there are ids of no event")
        for sequence in self.snapshots():
            self.latest_snapshot(sequence)

    def _read(self, query: str, *arguments: Any) -> list[Any]:
        """All rows of a query; never one that another thread has not committed."""
        with self._guard, store.faults(self._path):
            if self._connection is None:
                raise self._error(JournalFault.CLOSED, "it can't be read any more")
            return self._connection.execute(query, arguments).fetchall()

    # ---- the end of a day, and the end ----

    def roll(
        self, path: str | PathLike[str], state: bytes, *, forget_before: np.datetime64
    ) -> Journal:
        """Begins a new file with a snapshot, closes this one for good, and returns the new one.

        Sequences go on. `state` is what all events fold to. Ids of events at or after
        `forget_before` are carried over: the same again changes nothing there either. Events before
        it are refused there, as nobody could tell whether they are new. This file is then one to
        archive: it can be read, moved and compressed, and names its successor. After a crash on the
        way either this file still takes events, and the roll is made again, or the new one does.
        """
        horizon = int(fields.read_instant("forget_before", forget_before).astype(np.int64))
        target = Path(path).resolve()
        with self._guard:
            with self._transaction:  # nobody else's, and what it reads stands still
                lock = store.Lock(target)
                try:
                    self._begin_successor(target, state, horizon)
                finally:
                    lock.release()
            with store.faults(self._path):
                self._cursor.execute("PRAGMA synchronous = FULL")
            with self._transaction:
                name = relpath(target, self._path.parent)
                self._cursor.execute("UPDATE journal SET successor = ?", (name,))
            self._close()
        return Journal(target, self._durability)

    def _begin_successor(self, target: Path, state: bytes, horizon: int) -> None:
        predecessor = relpath(self._path, target.parent)
        if target.exists():
            store.remove_unused(target, predecessor)
        row = (self._last, self._chain, max(horizon, self._horizon or horizon), predecessor, None)
        snapshot = (self._last, crc32(state), state)
        store.create(target, row, self._kept_identities(row[2]), snapshot)

    def _kept_identities(self, horizon: int) -> Iterator[tuple[Any, ...]]:
        for kind, venue, name, sequence, time, digest, body in self._cursor.execute(_SELECT_KEPT):
            when = json.loads(body)["time"] if digest is None else time
            if when >= horizon:
                yield kind, venue, name, sequence, when, digest or _digest(body)

    def close(self) -> None:
        """Lets go of the file; the writer's last act is to make it one file without a WAL."""
        with self._guard:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        lock, self._lock = self._lock, None
        try:
            if connection is not None:
                connection.close()
        finally:
            if lock is not None:
                lock.release()

    def _error(self, fault: JournalFault, detail: str) -> JournalError:
        return JournalError(fault, str(self._path), detail)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Transaction:
    """All that is written in it, or nothing of it; SQLite's errors are the journal's."""

    __slots__ = ("_journal",)

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __enter__(self) -> None:
        journal = self._journal
        if journal._read_only or journal._connection is None:
            journal._refuse()
        try:
            journal._cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as failed:
            raise journal._error(store.fault_of(failed), str(failed)) from failed

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        journal = self._journal
        if error is None:
            try:
                journal._cursor.execute("COMMIT")
                journal._committed = journal._last
                return
            except BaseException as failed:
                error = failed
        journal._roll_back(error)
        if isinstance(error, sqlite3.Error):
            raise journal._error(store.fault_of(error), str(error)) from error
        raise error


def _digest(body: bytes) -> bytes:
    """What tells the content of events of earlier files apart."""
    return blake2b(body, digest_size=16).digest()
