"""Spread capture against inventory P&L: what a market maker earned by trading and by holding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgerow.errors import InvalidInput
from hedgerow.portfolio.frame import Frame, cast_column, format_table

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attribution:
    """The P&L of fills, per fill and in the currency of their prices.

    total = spread_capture + inventory - fees. `realized[h]` and `impact[h]` split the spread
    capture at the horizons of `horizons`: what of it is left when a later fair value is known, and
    what the market took back. NaN in the row of a fill of which a number is missing.
    """

    spread_capture: Numbers
    inventory: Numbers
    fees: Numbers
    total: Numbers
    horizons: tuple[str, ...]
    realized: Numbers
    impact: Numbers

    def net(self, **keys: Sequence[Any]) -> Frame:
        """Sums by columns of labels, one per fill; without any, the total.

        A row per group, in the order of labels: the keys, `fills`, `excluded` (of which a number
        is missing: in no sum), the parts, and realized and impact at every horizon.
        """
        count = len(self.total)
        group = np.zeros(count, dtype=np.intp)
        names: dict[str, npt.NDArray[Any]] = {}
        for name, values in keys.items():
            labels = np.asarray(values)
            if labels.shape != (count,):
                raise InvalidInput(name, f"{labels.shape}", f"must be {count} labels")
            distinct, codes = np.unique(labels, return_inverse=True)
            group = group * len(distinct) + codes
            names[name] = labels
        _, first, group = np.unique(group, return_index=True, return_inverse=True)
        good = ~np.isnan(self._rows().sum(axis=0))
        columns = {
            "fills": np.bincount(group, minlength=len(first)),
            "excluded": np.bincount(group[~good], minlength=len(first)),
        }
        sums = {
            name: np.bincount(group[good], weights=row[good], minlength=len(first))
            for name, row in zip(self._names(), self._rows(), strict=True)
        }
        picked = {name: labels[first] for name, labels in names.items()}
        return Frame({**picked, **columns, **sums})

    def _names(self) -> list[str]:
        parts = ["spread_capture", "inventory", "fees", "total"]
        for horizon in self.horizons:
            parts += [f"realized {horizon}", f"impact {horizon}"]
        return parts

    def _rows(self) -> Numbers:
        rows = [self.spread_capture, self.inventory, self.fees, self.total]
        for realized, impact in zip(self.realized, self.impact, strict=True):
            rows += [realized, impact]
        return np.stack(rows)

    def __repr__(self) -> str:
        net = self.net()
        return f"Attribution of {len(self.total):,} fills\n{format_table(net.to_dict(), len(net))}"


def attribute(
    quantity: npt.ArrayLike,
    price: npt.ArrayLike,
    fair: npt.ArrayLike,
    final: npt.ArrayLike,
    *,
    fees: npt.ArrayLike = 0.0,
    later: Mapping[str, npt.ArrayLike] | None = None,
) -> Attribution:
    """Splits the P&L of fills into what trading earned and what holding earned.

    `quantity` is signed (bought: positive) and in units, multiplier applied; `price` what was
    traded at, `fair` the fair value at that moment, `final` the value now or at the close, all in
    one currency per unit (of coin-settled contracts in coin, of inverse futures -1/price). `fees`
    are what was paid, rebates negative. All are columns of one length, or one number for all.

    spread capture = quantity (fair - price), inventory = quantity (final - fair), so that together
    they are quantity (final - price). `later` names fair values at horizons after the fill: there
    the effective spread, which is the spread capture, is realized + impact, with realized =
    quantity (later - price) and impact = quantity (fair - later) (R. Huang and H. Stoll 1996, J.
    Financial Economics 41, 313-357). Raises InvalidInput where lengths differ.
    """
    given = {"quantity": quantity, "price": price, "fair": fair, "final": final, "fees": fees}
    columns = {name: cast_column(values) for name, values in given.items()}
    horizons = {name: cast_column(values) for name, values in (later or {}).items()}
    lengths = {name: x.shape for name, x in {**columns, **horizons}.items() if x.ndim}
    shape = next(iter(lengths.values()), (1,))
    for name, its in lengths.items():
        if its != shape or len(its) != 1:
            raise InvalidInput(name, f"{its}", f"must be a column of {shape[0]} numbers")
    held, paid, worth, now, charged = (np.broadcast_to(x, shape) for x in columns.values())
    spread, inventory = held * (worth - paid), held * (now - worth)
    then = [np.broadcast_to(x, shape) for x in horizons.values()]
    none = np.empty((0, *shape))
    return Attribution(
        spread,
        inventory,
        charged,
        spread + inventory - charged,
        tuple(horizons),
        np.stack([held * (x - paid) for x in then]) if then else none,
        np.stack([held * (worth - x) for x in then]) if then else none,
    )
