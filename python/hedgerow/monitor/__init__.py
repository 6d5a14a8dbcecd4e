"""The live picture of an inventory: in the terminal, as a local page, as data."""

from hedgerow.monitor.feeds import Feed, JournalFeed, PacedFeed
from hedgerow.monitor.follow import Follower
from hedgerow.monitor.limits import read_limits
from hedgerow.monitor.picture import Picture, Stream, take

__all__ = [
    "Feed",
    "Follower",
    "JournalFeed",
    "PacedFeed",
    "Picture",
    "Stream",
    "read_limits",
    "take",
]
