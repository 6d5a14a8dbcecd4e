// Options and futures that settle at the average of a window that has begun.
#pragma once

#include "hedgerow/base/greeks.hpp"
#include "hedgerow/price/series.hpp"

namespace hedgerow {

/// What is known of the settlement price, a + w S e^(bT): of the window the part w is to come.
///
/// The rest of the average is taken as one price with the forward and the volatility of the expiry,
/// so that a call pays w (S_T - (K - a)/w)^+ : by homogeneity the option on w S struck at K - a,
/// with the time and the volatility that it had. At the start of the window this is what it was
/// before, and from there the variance of the settlement price falls as w^2 T, as that of an
/// average does. Delta falls as w and gamma as w^2. Where K <= a the call is certain to pay.
///
/// Time derivatives are those along a constant spot, which the average goes on at:
/// da/dt = S/window, dw/dt = -1/window.

/// Of a window, where there is one and it has begun.
Averaging averaging(const SettlementWindow* window, Instant as_of) noexcept;

/// W and its derivatives of one unit, as in UnitValues. In coin the payoff is divided by what
/// is expected of the average, not by the average: that leaves out up to 1.5 (1 - w) vol sqrt(T) of
/// an option's value, 2e-3 in the middle of half an hour at 50 % (tests/price/test_averaging.py).
Greeks averaged_option(const SeriesMarket& series, double right, double strike,
                       double volatility) noexcept;
/// The same of a future; `price` of the result is W, that of the future is settlement_forward().
Greeks averaged_future(const SeriesMarket& series) noexcept;
/// What is expected of the settlement price.
double settlement_forward(const SeriesMarket& series) noexcept;

}  // namespace hedgerow
