"""Put-call folding of a book, and what falls out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hedgerow import _core
from hedgerow.errors import InvalidInput
from hedgerow.portfolio.frame import Frame, format_table


@dataclass(frozen=True)
class Fold:
    """The folded slices of a book; iterates over them.

    By put-call parity, P(K) = C(K) - D (F - K), the European options of one expiry are worth their
    call-equivalents, a forward and cash, under any smile: half as many numbers to look at and to
    hedge. `not_folded` counts the positions that have no expiry or may not be folded.
    """

    slices: tuple[_core.FoldedSlice, ...]
    not_folded: int

    def __iter__(self) -> Iterator[_core.FoldedSlice]:
        return iter(self.slices)

    def __len__(self) -> int:
        return len(self.slices)

    def slice(self, underlying: str, expiry: Any) -> _core.FoldedSlice:
        """The slice of an underlying and an expiry: an instant, or the start of its ISO text."""
        wanted = str(expiry) if isinstance(expiry, str) else str(np.datetime64(expiry, "ns"))
        found = [
            slice
            for slice in self.slices
            if slice.underlying == underlying and str(slice.expiry).startswith(wanted.rstrip("Z"))
        ]
        if len(found) != 1:
            rule = "is not in the book" if not found else f"names {len(found)} expiries"
            raise InvalidInput("expiry", f"{underlying} {wanted}", rule)
        return found[0]

    def payoff(
        self, underlying: str, expiry: Any, *, future_price: float = float("nan")
    ) -> _core.Payoff:
        """The value at expiry by fixing: kinks, values, worst and best case, callable."""
        return self.slice(underlying, expiry).payoff(future_price)

    def structures(self) -> Frame:
        """Conversions, reversals, boxes and synthetics, by name."""
        rows = [
            (slice.underlying, slice.expiry, *structure)
            for slice in self.slices
            for structure in slice.structures()
        ]
        names = ["underlying", "expiry", "structure", "quantity", "strike", "high_strike"]
        kinds: list[Any] = [object, "datetime64[ns]", object, float, float, float]
        return Frame(
            {
                name: np.array([row[j] for row in rows]).astype(kind)
                for j, (name, kind) in enumerate(zip(names, kinds, strict=True))
            }
        )

    def to_frame(self) -> Frame:
        """A row per strike: calls and puts held, call-equivalents; forwards and cash per slice."""
        parts = [slice for slice in self.slices if len(slice.strikes)]

        def per_strike(name: str) -> Any:
            return (
                np.concatenate([getattr(part, name) for part in parts]) if parts else np.array([])
            )

        def per_slice(name: str, kind: Any) -> Any:
            values = [getattr(part, name) for part in parts]
            return np.repeat(np.array(values, dtype=kind), [len(part.strikes) for part in parts])

        return Frame(
            {
                "underlying": per_slice("underlying", object),
                "expiry": per_slice("expiry", "datetime64[ns]"),
                "strike": per_strike("strikes"),
                "long_calls": per_strike("long_calls"),
                "long_puts": per_strike("long_puts"),
                "call_equivalents": per_strike("calls"),
                "forwards": per_slice("forwards", float),
                "cash": per_slice("cash", float),
            }
        )

    def __repr__(self) -> str:
        frame = Frame(
            {
                "underlying": np.array([s.underlying for s in self.slices], dtype=object),
                "expiry": np.array([s.expiry for s in self.slices], dtype="datetime64[ns]"),
                "strikes": np.array([len(s.strikes) for s in self.slices], dtype=np.int64),
                "calls": np.array([s.calls.sum() for s in self.slices]),
                "forwards": np.array([s.forwards for s in self.slices]),
                "futures": np.array([s.futures for s in self.slices]),
                "cash": np.array([s.cash for s in self.slices]),
            }
        )
        left = f"\n{self.not_folded} positions not folded" if self.not_folded else ""
        return f"Fold of {len(self)} slices:\n{format_table(frame.to_dict(), len(frame))}{left}"
