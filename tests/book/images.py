"""Images of inventories: what is in them, and how they may be damaged."""

from __future__ import annotations

from struct import pack, unpack_from
from typing import Any

import numpy as np

from hedgerow import live
from hedgerow.live.image import _HEADER

HEADER = 32  # of the core's image: mark, version, length, checksum
_MASK = (1 << 64) - 1


def _fold(number: int, word: int) -> int:
    turned = ((number << 29) | (number >> 35)) & _MASK
    product = (number ^ word ^ 0xA0761D6478BD642F) * (turned ^ 0xE7037ED1A0B428DB)
    return (product & _MASK) ^ (product >> 64)


def checksum(content: bytes) -> int:
    """That of an image's content, by the definition."""
    number = len(content)
    for at in range(0, len(content), 8):
        number = _fold(number, int.from_bytes(content[at : at + 8], "little"))
    return number


def sealed(content: bytes) -> bytes:
    """An image of this content, whether it makes sense or not."""
    length = HEADER + len(content)
    return b"hrow-inv" + pack("<QQQ", 1, length, checksum(content)) + content


def parts(inventory: live.Inventory) -> tuple[Any, ...]:
    """All that an image holds: of the events counted the order is no part of the state."""
    image = inventory.image()
    _, length, _ = _HEADER.unpack_from(image)
    text = image[_HEADER.size : _HEADER.size + length]
    core = image[_HEADER.size + length :]
    (total,) = unpack_from("<Q", core, 16)
    assert total == len(core)
    events = 24 * inventory._core.known_events
    rows = np.frombuffer(core[len(core) - events :], "<u8").reshape(-1, 3)
    return text, core[HEADER : len(core) - events], sorted(map(tuple, rows.tolist()))
