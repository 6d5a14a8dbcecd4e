"""The state of a live inventory as bytes: its market and its fills as JSON, all else by the core.

In this order: a mark, the length and the CRC-32 of the JSON, the JSON, the core's image, which has
a version and a checksum of its own. The JSON holds

- `version` of these bytes;
- `market`, as it was before any tick since the last update (see hedgerow.live.terms);
- `corrected`: venue and id of fills that were corrected, the id they have now, and the fill;
- `fills`: those applied, by which busts are taken; null where they are looked up elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

from hedgerow import _core
from hedgerow.errors import InvalidInput
from hedgerow.live.events import Fill
from hedgerow.live.terms import snapshot_from_dict, snapshot_to_dict
from hedgerow.live.wire import encode, read_record

VERSION = 1
_MARK = b"hrow-liv"
_HEADER = Struct("<8sQI")

Key = tuple[str, str]  # venue and trade id


class Image(NamedTuple):
    """What is in it."""

    core: _core.Inventory
    fills: dict[Key, Fill] | None
    corrected: dict[Key, tuple[str, Fill]]


def pack(
    core: _core.Inventory,
    fills: Iterable[Fill] | None,
    corrected: Mapping[Key, tuple[str, Fill]],
) -> bytes:
    """The bytes of an inventory."""
    market = json.dumps(snapshot_to_dict(core.given_market), separators=(",", ":"))
    rows = [
        f"[{json.dumps(venue)},{json.dumps(trade_id)},{json.dumps(new_id)},{encode(fill)}]"
        for (venue, trade_id), (new_id, fill) in corrected.items()
    ]
    kept = "null" if fills is None else f"[{','.join(map(encode, fills))}]"
    text = (
        f'{{"version":{VERSION},"corrected":[{",".join(rows)}],"fills":{kept},"market":{market}}}'
    ).encode()
    return b"".join([_HEADER.pack(_MARK, len(text), crc32(text)), text, core.image()])


def unpack(image: bytes) -> Image:
    """What such bytes hold.

    Raises InvalidInput where they are damaged, none of an inventory, or of another version.
    """
    mark, length, checksum = _HEADER.unpack_from(image.ljust(_HEADER.size, b"\0"))
    text = image[_HEADER.size : _HEADER.size + length]
    if mark != _MARK:
        raise InvalidInput("image", f"of {len(image)} bytes", "must be of a live inventory")
    if len(text) != length or crc32(text) != checksum:
        raise InvalidInput("image", f"of {len(image)} bytes", "must be as it was written")
    try:
        return _unpacked(json.loads(text), image[_HEADER.size + length :])
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput("image", repr(error), "must be of a live inventory") from error


def _unpacked(parts: dict[str, Any], rest: bytes) -> Image:
    if parts["version"] != VERSION:
        rule = f"must be {VERSION}, the version that is known here"
        raise InvalidInput("image's version", parts["version"], rule)
    core = _core.Inventory.restore(rest, snapshot_from_dict(parts["market"]))
    fills = None
    if parts["fills"] is not None:
        fills = {(fill.venue, fill.trade_id): fill for fill in map(_fill, parts["fills"])}
    corrected = {
        (venue, trade_id): (new_id, _fill(record))
        for venue, trade_id, new_id, record in parts["corrected"]
    }
    return Image(core, fills, corrected)


def _fill(record: Any) -> Fill:
    event = read_record(record)
    if not isinstance(event, Fill):
        raise InvalidInput("image", type(event).__name__, "must hold fills")
    return event
