"""The implied volatilities of expiries, from their out-of-the-money quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow import kernels
from hedgerow._core import Right, Smile, Status
from hedgerow.calibrate.american import early_exercise
from hedgerow.calibrate.chain import Chain, Side
from hedgerow.calibrate.quotes import Numbers

#: Why the quotes of a side say no volatility, by the number that stands for each; 0 where they do.
_PROBLEMS = ("", "not quoted", "no bid", "no ask", "crossed", "too wide", "no time value", "stale")
_NOT_QUOTED = _PROBLEMS.index("not quoted")
#: A time value below this part of the price is what rounding has left of two large numbers.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class QuotedSmile:
    """Implied volatilities beside the quotes that they come from, a row per strike.

    `volatilities` are those of the middles, or of the venue's marks where `from_mark`.
    `bid_volatilities` and `ask_volatilities` are NaN where that side is absent or worth less than
    exercise. `rights` tells the call (+1) from the put (-1) that the strike was read from.
    `skipped` names every quoted strike that gave no volatility, and why.
    """

    strikes: Numbers
    rights: npt.NDArray[np.int64]
    bid_volatilities: Numbers
    volatilities: Numbers
    ask_volatilities: Numbers
    from_mark: npt.NDArray[np.bool_]
    early_exercise: Numbers
    skipped: tuple[tuple[float, str], ...]

    def smile(self, expiry: np.datetime64) -> Smile | None:
        """The market's smile, or None without any strike."""
        if not self.strikes.size:
            return None
        return Smile(expiry=expiry, strikes=self.strikes, volatilities=self.volatilities)


def quoted_smiles(
    chains: Sequence[Chain], forwards: Sequence[float], discounts: Sequence[float], widest: float
) -> list[QuotedSmile]:
    """Reads the smiles of chains: the rules are those of `hedgerow.calibrate.market`.

    :param forwards: a forward price per chain.
    :param discounts: a discount factor per chain, in the options' own currency.
    :param widest: the widest spread that counts as a quote, relative to the time value at its
        middle: a deep in-the-money quote may be narrow beside its price and still say nothing.
    """
    if not chains:
        return []
    lengths = [len(chain.strikes) for chain in chains]
    strikes = np.concatenate([chain.strikes for chain in chains])
    forward, discount, time = (
        np.repeat(values, lengths)
        for values in (forwards, discounts, [chain.time for chain in chains])
    )
    call, put = (_joined(sides) for sides in zip(*((c.call, c.put) for c in chains), strict=True))
    # Coin-settled prices times the forward are prices in the quote currency, discounted likewise.
    unit = np.where(np.repeat([chain.coin_settled for chain in chains], lengths), forward, 1.0)
    intrinsic = discount * (forward - strikes) / unit
    call_intrinsic, put_intrinsic = np.maximum(intrinsic, 0.0), np.maximum(-intrinsic, 0.0)
    early = early_exercise(chains, forwards, discounts)
    if early is not None:
        rows, model = early
        for least, right in ((call_intrinsic, Right.CALL), (put_intrinsic, Right.PUT)):
            least[rows] = np.maximum(least[rows], model.exercise_value(right))
    call_problem = _problem(call, call_intrinsic, widest)
    put_problem = _problem(put, put_intrinsic, widest)

    call_is_out = strikes >= forward
    candidates = [
        (call_is_out & (call_problem == 0), Right.CALL, call.mid, False),
        (~call_is_out & (put_problem == 0), Right.PUT, put.mid, False),
        (call_problem == 0, Right.CALL, call.mid, False),
        (put_problem == 0, Right.PUT, put.mid, False),
        (call_is_out & (call.mark > 0), Right.CALL, call.mark, True),
        (~call_is_out & (put.mark > 0), Right.PUT, put.mark, True),
    ]
    rights = np.zeros(len(strikes), dtype=np.int64)
    prices = np.full(len(strikes), np.nan)
    from_mark = np.zeros(len(strikes), dtype=bool)
    for condition, right, price, marked in reversed(candidates):  # the first that holds stays
        np.copyto(rights, int(right), where=condition)
        np.copyto(prices, price, where=condition)
        np.copyto(from_mark, marked, where=condition)

    is_call = rights == Right.CALL
    bids, asks = np.where(is_call, call.bid, put.bid), np.where(is_call, call.ask, put.ask)
    # The middles, bids and asks in one call.
    sides = np.stack([prices, *(np.where(side > 0, side, np.nan) for side in (bids, asks))])
    terms = (rights, sides * unit, forward, strikes, time, discount)
    implied = kernels.black_implied_volatility(*terms)
    status = kernels.black_implied_volatility_status(*terms)
    premium = np.zeros(len(strikes))
    if early is not None:
        asked = (rights[rows], sides[:, rows])
        implied[:, rows], status[:, rows] = model.implied_volatility(*asked), model.status(*asked)
        premium[rows] = prices[rows] - model.european_price(rights[rows], implied[0, rows])
    implied = np.where((status == Status.OK) & (implied > 0), implied, np.nan)

    problems = np.where(call_is_out, call_problem, put_problem)
    inside = np.where(call_is_out, put_problem, call_problem)
    problems = np.where(problems == _NOT_QUOTED, inside, problems)
    kept = ~np.isnan(implied[0])

    def part(start: int, end: int) -> QuotedSmile:
        rows = slice(start, end)
        keep = kept[rows]
        return QuotedSmile(
            strikes=strikes[rows][keep],
            rights=rights[rows][keep],
            bid_volatilities=implied[1, rows][keep],
            volatilities=implied[0, rows][keep],
            ask_volatilities=implied[2, rows][keep],
            from_mark=from_mark[rows][keep],
            early_exercise=premium[rows][keep],
            skipped=tuple(
                (float(strikes[i]), _name(status[0, i]) if rights[i] else _PROBLEMS[problems[i]])
                for i in start + np.flatnonzero(~keep)
            ),
        )

    ends = np.cumsum(lengths).tolist()
    return [part(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _joined(sides: Sequence[Side]) -> Side:
    return Side(
        bid=np.concatenate([side.bid for side in sides]),
        ask=np.concatenate([side.ask for side in sides]),
        mark=np.concatenate([side.mark for side in sides]),
        stale=np.concatenate([side.stale for side in sides]),
    )


def _problem(side: Side, intrinsic: Numbers, widest: float) -> npt.NDArray[np.int8]:
    """Why the two-sided quotes of a side say no volatility, as places in _PROBLEMS."""
    spread = side.ask - side.bid
    middle = 0.5 * (side.bid + side.ask)
    time_value = middle - intrinsic
    no_bid, no_ask = ~(side.bid > 0), ~(side.ask > 0)
    reasons = [
        (spread > widest * time_value, "too wide"),
        (time_value < _ROUNDING * middle, "no time value"),
        (spread < 0, "crossed"),
        (no_ask, "no ask"),
        (no_bid, "no bid"),
        (no_bid & no_ask, "not quoted"),
        (side.stale, "stale"),
    ]
    result = np.zeros(len(spread), dtype=np.int8)
    for condition, name in reasons:  # the last that holds stays
        np.copyto(result, _PROBLEMS.index(name), where=condition)
    return result


def _name(status: float) -> str:
    """The word for why the implied volatility of a price does not exist."""
    problem = Status(int(status))
    return "no time value" if problem is Status.OK else problem.name.lower().replace("_", " ")
