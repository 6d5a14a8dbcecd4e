"""Values whole option books."""

from hedgerow._core import Right, Status, build_config

__all__ = ["Right", "Status", "build_config"]
