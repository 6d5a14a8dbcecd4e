"""The implied volatilities of one expiry, from its out-of-the-money quotes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgerow import kernels
from hedgerow._core import Right, Smile, Status
from hedgerow.calibrate.chain import Chain, Side
from hedgerow.calibrate.quotes import Numbers

NOT_QUOTED = "not quoted"


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
    skipped: tuple[tuple[float, str], ...]

    def smile(self, expiry: np.datetime64) -> Smile | None:
        """The market's smile, or None without any strike."""
        if not self.strikes.size:
            return None
        return Smile(expiry=expiry, strikes=self.strikes, volatilities=self.volatilities)


def quoted_smile(chain: Chain, forward: float, discount: float, widest: float) -> QuotedSmile:
    """Reads the smile of a chain: the rules are those of `hedgerow.calibrate.market`.

    :param discount: the factor of the options' own currency.
    :param widest: the widest spread that counts as a quote, relative to the time value at its
        middle: a deep in-the-money quote may be narrow beside its price and still say nothing.
    """
    # Coin-settled prices times the forward are prices in the quote currency, discounted likewise.
    unit = forward if chain.coin_settled else 1.0
    intrinsic = discount * (forward - chain.strikes) / unit
    call_problem = _problem(chain.call, np.maximum(intrinsic, 0.0), widest)
    put_problem = _problem(chain.put, np.maximum(-intrinsic, 0.0), widest)

    call_is_out = chain.strikes >= forward
    candidates = [
        (call_is_out & (call_problem == ""), Right.CALL, chain.call.mid, False),
        (~call_is_out & (put_problem == ""), Right.PUT, chain.put.mid, False),
        (call_problem == "", Right.CALL, chain.call.mid, False),
        (put_problem == "", Right.PUT, chain.put.mid, False),
        (call_is_out & (chain.call.mark > 0), Right.CALL, chain.call.mark, True),
        (~call_is_out & (chain.put.mark > 0), Right.PUT, chain.put.mark, True),
    ]
    conditions = [condition for condition, *_ in candidates]
    rights = np.select(conditions, [int(right) for _, right, *_ in candidates], default=0)
    prices = np.select(conditions, [price for *_, price, _ in candidates], default=np.nan)
    from_mark = np.select(conditions, [marked for *_, marked in candidates], default=False)

    def invert(price: Numbers) -> tuple[Numbers, Numbers]:
        terms = (rights, price * unit, forward, chain.strikes, chain.time, discount)
        volatility = kernels.black_implied_volatility(*terms)
        status = kernels.black_implied_volatility_status(*terms)
        return np.where((status == Status.OK) & (volatility > 0), volatility, np.nan), status

    volatilities, status = invert(prices)
    is_call = rights == Right.CALL
    bids, asks = (
        invert(np.where(side > 0, side, np.nan))[0]
        for side in (
            np.where(is_call, chain.call.bid, chain.put.bid),
            np.where(is_call, chain.call.ask, chain.put.ask),
        )
    )
    out_problem = np.where(call_is_out, call_problem, put_problem)
    in_problem = np.where(call_is_out, put_problem, call_problem)
    problems = np.where(out_problem == NOT_QUOTED, in_problem, out_problem)
    skipped = tuple(
        (float(chain.strikes[i]), _name(status[i]) if rights[i] else str(problems[i]))
        for i in np.flatnonzero(np.isnan(volatilities))
    )
    kept = ~np.isnan(volatilities)
    return QuotedSmile(
        strikes=chain.strikes[kept],
        rights=rights[kept],
        bid_volatilities=bids[kept],
        volatilities=volatilities[kept],
        ask_volatilities=asks[kept],
        from_mark=from_mark[kept],
        skipped=skipped,
    )


def _problem(side: Side, intrinsic: Numbers, widest: float) -> npt.NDArray[np.str_]:
    """Why the two-sided quotes of a side say no volatility; empty where they say one."""
    spread = side.ask - side.bid
    time_value = 0.5 * (side.bid + side.ask) - intrinsic
    no_bid, no_ask = ~(side.bid > 0), ~(side.ask > 0)
    reasons = [
        (no_bid & no_ask, NOT_QUOTED),
        (no_bid, "no bid"),
        (no_ask, "no ask"),
        (spread < 0, "crossed"),
        (spread > widest * time_value, "too wide"),
    ]
    conditions, names = zip(*reasons, strict=True)
    return np.select(conditions, names, default="")


def _name(status: float) -> str:
    """The word for why the implied volatility of a price does not exist."""
    problem = Status(int(status))
    return "no time value" if problem is Status.OK else problem.name.lower().replace("_", " ")
