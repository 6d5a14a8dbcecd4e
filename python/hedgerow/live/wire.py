"""Events as text and back: canonical JSON, one line each.

Keys are sorted, there is no space, what is not ASCII is escaped, floats are the shortest decimals
that read back to the same bits: equal events are equal text. `kind` and `version` say how to read
the rest. `time` and other instants are nanoseconds since 1970 (UTC).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, get_args, get_type_hints

import numpy as np

from hedgerow import _core
from hedgerow.errors import InvalidInput
from hedgerow.live import terms
from hedgerow.live.events import CashReason, Event

_Convert: TypeAlias = Callable[[Any], Any]

_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_read_json = json.JSONDecoder().decode


def _tags_json(tags: Mapping[str, str]) -> str:
    text = encode_basestring_ascii
    return f"{{{','.join([f'{text(name)}:{text(tags[name])}' for name in sorted(tags)])}}}"


# By the type of a field: its JSON, and what makes the value of the JSON where that is not itself.
_TYPES: dict[Any, tuple[Callable[[Any], str], _Convert | None]] = {
    str: (encode_basestring_ascii, None),
    float: (float.__repr__, None),
    bool: (_json, None),
    Mapping[str, str]: (_tags_json, None),
    CashReason: (lambda reason: encode_basestring_ascii(reason.value), None),
    np.datetime64: (lambda time: str(time.item()), terms.instant),
    _core.Contract: (lambda it: _json(terms.contract_to_dict(it)), terms.contract_from_dict),
    _core.Snapshot: (lambda it: _json(terms.snapshot_to_dict(it)), terms.snapshot_from_dict),
}


class _Codec(NamedTuple):
    """How events of one kind are written and read."""

    kind: type[Event]
    template: str  # JSON with a %s for every field, in the order of their names
    values: Callable[[Any], Any]
    writers: list[Callable[[Any], str]]
    readers: list[tuple[str, _Convert]]


def _codec(kind: type[Event]) -> _Codec:
    hints = get_type_hints(kind)
    names = sorted(field.name for field in fields(kind))
    constant = {"kind": f'"{kind.wire}"', "version": str(kind.version)}
    members = sorted([*constant, *names])
    template = ",".join(f'"{name}":{constant.get(name, "%s")}' for name in members)
    types = [_TYPES[hints[name]] for name in names]
    return _Codec(
        kind,
        f"{{{template}}}",
        attrgetter(*names),
        [writer for writer, _ in types],
        [(name, reader) for name, (_, reader) in zip(names, types, strict=True) if reader],
    )


_CODECS = {kind: _codec(kind) for kind in get_args(Event)}
_BY_NAME = {kind.wire: codec for kind, codec in _CODECS.items()}


def encode(event: Event) -> str:
    """One event as a line of JSON."""
    codec = _CODECS[type(event)]
    values = codec.values(event)
    if len(codec.writers) == 1:  # attrgetter gives one value bare
        return codec.template % codec.writers[0](values)
    return codec.template % tuple(
        [write(value) for write, value in zip(codec.writers, values, strict=True)]
    )


def decode(text: str) -> Event:
    """The event of such a line.

    Raises InvalidInput when the text is no event, when a field is missing, foreign or breaks a
    rule, and when another version wrote it.
    """
    try:
        record = _read_json(text)
    except _NO_EVENT as error:
        raise _refused(text, error) from error
    return read_record(record)


def decode_records(texts: Sequence[str]) -> list[Any]:
    """What such lines hold, as JSON has it: of any number of them at once, which is quicker.

    Raises InvalidInput when one is no JSON.
    """
    try:
        records: list[Any] = _read_json(f"[{','.join(texts)}]")
    except _NO_EVENT:
        records = []
    if len(records) != len(texts):  # one of them is none, or several
        records = []
        for text in texts:
            try:
                records.append(_read_json(text))
            except _NO_EVENT as error:
                raise _refused(text, error) from error
    return records


def read_record(record: Any) -> Event:
    """The event that such a record is; raises InvalidInput as decode()."""
    try:
        given = dict(record)
        codec = _BY_NAME[given.pop("kind")]
        version = given.pop("version")
        if version != codec.kind.version:
            rule = f"must be {codec.kind.version}, the version that is known here"
            raise InvalidInput(f"version of {codec.kind.wire}", version, rule)
        for name, convert in codec.readers:
            given[name] = convert(given[name])
        return codec.kind(**given)
    except InvalidInput:
        raise
    except _NO_EVENT as error:
        raise _refused(_shown(record), error) from error


def _shown(record: Any) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))


def _refused(text: str, error: Exception) -> InvalidInput:
    shown = text if len(text) <= 100 else f"{text[:97]}..."
    return InvalidInput("text", shown, f"must be an event ({type(error).__name__}: {error})")


_NO_EVENT = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
