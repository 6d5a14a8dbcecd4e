"""The follower: folds a feed into an inventory of its own and takes pictures of it, in a thread."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Condition, Thread
from threading import Event as Flag
from types import TracebackType
from typing import Any, Self

import numpy as np

from hedgerow._core import InventoryNode, MarginRules, StrategyRules
from hedgerow.errors import InvalidInput
from hedgerow.live import Event, Fill, Inventory, Limit, MarketUpdate, measure_margin
from hedgerow.live.limits import accounts_of
from hedgerow.monitor.feeds import Feed
from hedgerow.monitor.picture import DIMENSIONS, Picture, Stream, margin_line, now, take
from hedgerow.portfolio import Frame

BATCH = 512  # events between two looks at the clock
LAST = 20  # fills and refusals that are shown
POINT = 16  # events between two points of the curves, at most
HISTORY = 240  # points, at most: then every other one is dropped

_CURVES = ("time", "pnl", "capture", "fees")


class Follower:
    """Follows a feed to its end; `picture` is what it saw last.

    It has an inventory of its own, built from the events alone, so that whoever writes them neither
    waits for it nor knows of it; and viewers read pictures, so that it never waits for a viewer.

    Parameters
    ----------
        feed: where events come from; the first must be a MarketUpdate.
        limits: what is watched.
        rules: of margin, computed when something has happened, every `margin_every` seconds of the
            events' time, or of the machine's where that goes faster, but in a quarter of the time
            at most; limits on `margin` and `scenario_loss` are looked at then. None: no margin.
        tags: names of the tags of events that tell owners apart, as in Inventory.
        betas: as in Inventory.
        every: seconds between two pictures, and between two looks for new events.
        positions: how many, the largest, a picture has.

    An event that the inventory refuses is shown among the refusals, and changes nothing. What else
    goes wrong ends the following: `error` has it, and the last picture says so.

    """

    def __init__(
        self,
        feed: Feed,
        *,
        limits: Sequence[Limit] = (),
        rules: MarginRules | StrategyRules | None = None,
        margin_every: float = 5.0,
        tags: Sequence[str] = (),
        betas: Mapping[str, float] | None = None,
        every: float = 0.5,
        positions: int = 40,
    ) -> None:
        if not every > 0.0:
            raise InvalidInput("every", every, "must be positive")
        self.error: Exception | None = None
        self._feed, self._limits = feed, tuple(limits)
        self._rules, self._margin_every = rules, margin_every
        self._every, self._positions = every, positions
        self._accounts = accounts_of(self._limits, rules, ("account", "venue", *tags))
        watched = [limit.keys for limit in self._limits]
        self._setup: dict[str, Any] = {
            "tags": tuple(tags),
            "betas": betas,
            "dimensions": tuple(dict.fromkeys([*DIMENSIONS, *watched])),
        }
        self._inventory: Inventory | None = None
        self._total: InventoryNode | None = None
        self._stream = Stream(feed.name)
        self._fills: deque[tuple[Fill, float]] = deque(maxlen=LAST)
        self._refusals: deque[tuple[np.datetime64, str, str]] = deque(maxlen=LAST)
        self._history: list[tuple[Any, ...]] = []
        self._stride, self._skipped = 1, 0
        self._margin: dict[str, Any] | None = None
        self._measured, self._measured_at, self._measuring = -1, 0.0, 0.0  # when, and how long
        self._picture: Picture | None = None
        self._changed = Condition()
        self._stop = Flag()
        self._thread = Thread(target=self._run, name="hedgerow monitor", daemon=True)

    # ---- for viewers ----

    @property
    def picture(self) -> Picture | None:
        """The last one; None before there is any."""
        return self._picture

    @property
    def done(self) -> bool:
        """Whether there will be no further picture."""
        return not self._thread.is_alive() and self._thread.ident is not None

    def wait(self, after: int = 0, timeout: float | None = None) -> Picture | None:
        """The first picture numbered above `after`; None when none comes before the timeout."""

        def newer() -> bool:
            return self._picture is not None and self._picture.number > after

        with self._changed:
            self._changed.wait_for(lambda: newer() or self._stop.is_set(), timeout)
            return self._picture if newer() else None

    # ---- following ----

    def start(self) -> Self:
        """Begins to follow, in a thread of its own."""
        self._thread.start()
        return self

    def catch_up(self) -> Picture | None:
        """Folds all that is there, in this thread, and takes one picture; None without events.

        Raises what went wrong.
        """
        try:
            while self._step():
                pass
            self._measure(at_once=True)
            self._publish()
        finally:
            self._feed.close()
        return self._picture

    def stop(self) -> None:
        """Ends the following; returns when it has ended."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._stop.is_set():
                more = self._step()
                if time.monotonic() >= due or self._feed.ended:
                    self._publish()
                    due = time.monotonic() + self._every
                if self._feed.ended:
                    break
                if not more:
                    self._stop.wait(min(self._every, 0.05))
        except Exception as error:  # whatever it is: viewers are told, and whoever reads `error`
            self._fail(error)
        finally:
            self._feed.close()
            self._stop.set()
            with self._changed:
                self._changed.notify_all()

    def _step(self) -> bool:
        """Folds some events; False when no more are there now."""
        batch = self._feed.take(BATCH)
        for number, (sequence, event) in enumerate(batch, 1):
            self._apply(event)
            if number % POINT == 0 or number == len(batch):
                self._stream = replace(self._stream, sequence=sequence)
                self._remember()
                self._measure()
        return bool(batch)

    def _apply(self, event: Event) -> None:
        if self._inventory is None:
            if not isinstance(event, MarketUpdate):
                raise InvalidInput("events", type(event).__name__, "must begin with a MarketUpdate")
            self._inventory = Inventory(event.market, **self._setup)
            for number, limit in enumerate(self._limits, 1):
                try:
                    limit.set(self._inventory)
                except InvalidInput as error:
                    where = f"limit {number}: {error.argument}"
                    raise InvalidInput(where, error.value, error.rule) from None
            return
        before = self._captured()
        try:
            new = self._inventory.apply(event)
        except InvalidInput as error:
            self._refusals.appendleft((event.time, type(event).__name__, str(error)))
            return
        if new and isinstance(event, Fill):
            self._fills.appendleft((event, self._captured() - before))

    def _captured(self) -> float:
        """The spread capture of everything until now."""
        if self._total is None and self._inventory is not None:
            try:
                self._total = self._inventory.node()
            except InvalidInput:  # nothing has been held yet
                return 0.0
        return 0.0 if self._total is None else self._total.capture

    # ---- pictures ----

    def _publish(self) -> None:
        """Takes a picture, unless nothing has happened since the last one."""
        state = "ended" if self._feed.ended else "following"
        stream = replace(self._stream, state=state, last_sequence=self._feed.last_sequence)
        if self._inventory is None:
            return
        last, measured = self._picture, self._measured
        self._stream = stream
        self._measure()
        if last is not None and last.stream == stream and self._measured == measured:
            return
        inventory = self._inventory
        self._show(
            take(
                inventory,
                stream,
                number=1 if last is None else last.number + 1,
                limits=self._limits,
                margin=self._margin,
                fills=self._fills,
                refusals=self._refusals,
                history=Frame(
                    {
                        name: np.array(curve, dtype="datetime64[ns]" if name == "time" else float)
                        for name, curve in zip(
                            _CURVES, zip(*self._history, strict=True), strict=True
                        )
                    }
                ),
                positions=self._positions,
            )
        )

    def _measure(self, *, at_once: bool = False) -> None:
        """Computes the margin where it is due: it may take a quarter of the time."""
        inventory, sequence = self._inventory, self._stream.sequence
        if self._rules is None or inventory is None or self._measured == sequence:
            return
        began = time.monotonic()
        if self._margin is not None and not (self._feed.ended or at_once):
            age = float((inventory.now - self._margin["time"]) / np.timedelta64(1, "s"))
            waited = began - self._measured_at
            if max(age, waited) < self._margin_every or waited < 3 * self._measuring:
                return
        (whole,), *_ = [measure_margin(inventory, self._rules, by) for by in self._accounts]
        total = 0.0 if self._total is None else self._total.value
        self._margin = margin_line(whole.found, inventory.now, total, self._margin)
        self._measured, self._measured_at = sequence, time.monotonic()
        self._measuring = self._measured_at - began

    def _remember(self) -> None:
        """A point of the curves; the last one always, and of those before at most HISTORY."""
        assert self._inventory is not None
        node = self._total
        curves = (0.0,) * 3 if node is None else (node.pnl, node.capture, node.fees)
        point = (self._inventory.now, *curves)
        if self._skipped and self._history:
            self._history.pop()
        self._history.append(point)
        self._skipped = (self._skipped + 1) % self._stride
        if len(self._history) > HISTORY:
            self._history = self._history[::2]
            self._stride *= 2

    def _show(self, picture: Picture) -> None:
        with self._changed:
            self._picture = picture
            self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._stream = replace(self._stream, state="failed", error=str(error))
        last = self._picture
        if last is not None:
            self._show(replace(last, number=last.number + 1, taken=now(), stream=self._stream))
