/// American options under Black-Scholes-Merton with any cost of carry.
#pragma once

#include <array>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/bsm.hpp"
#include "hedgerow/formula/implied_volatility.hpp"

namespace hedgerow {

/// The price of an option that may be exercised at any time, units as in bsm_price().
///
/// Where the exercise is never best before expiry, the price is bsm_price() in every bit: for a put
/// where r <= 0 and q >= r, for a call where q <= 0 and r >= q, q = r - b. On and beyond the
/// exercise boundary it is the intrinsic value, in every bit too.
///
/// Domain: that of bsm_price(), without the rates under which there are two exercise boundaries: a
/// put with q < r < 0, a call with r < q < 0; NaN there. Where time, volatility, strike or spot is
/// 0: the most that an exercise brings until expiry.
///
/// Accuracy: measured against tests/reference/american.csv, 3 days to 5 years, volatilities 0.06 to
/// 1: 1.3e-7 of the strike in the mean square, 9.1e-7 at most.
///
/// Source: L. Andersen, M. Lake and D. Offengenden 2016, "High performance American option
/// pricing"; the method stands in cpp/kernels/american.inl.
HEDGEROW_API double american_price(Right right, double spot, double strike, double time,
                                   double volatility, double rate, double carry) noexcept;

/// A price and its derivatives, as those of Greeks (base/greeks.hpp).
struct AmericanGreeks {
    double price = 0, delta = 0, gamma = 0, vega = 0, theta = 0, rho = 0, phi = 0;
};

/// american_price() and its derivatives in one pass, which takes three times as long. Beyond the
/// exercise boundary they are those of the intrinsic value.
///
/// delta and gamma are derivatives under the premium's integral; rho and phi of the premium
/// differences of solutions; theta follows from the equation of Black, Scholes and Merton, vega
/// from both, since the price depends on vol^2 T, r T and q T alone.
///
/// Accuracy: docs/american.md; measured against tests/reference/american.csv.
HEDGEROW_API AmericanGreeks american_greeks(Right right, double spot, double strike, double time,
                                            double volatility, double rate, double carry) noexcept;

/// The spot from which on (a call) or down to which (a put) an exercise now is best: infinite or 0
/// where it never is. Domain and source as of american_price(); where time or volatility is 0 the
/// limit, K min(1, r/q) of a put.
HEDGEROW_API double american_exercise_boundary(Right right, double strike, double time,
                                               double volatility, double rate,
                                               double carry) noexcept;

/// The volatility that american_price() needs to give a price, or NaN and the reason.
///
/// Domain: right +1 or -1; spot, strike and time positive and finite, rates as in american_price().
/// Solved are prices from what an exercise brings without volatility, which a price may miss by its
/// rounding, up to, not including, K of a put and S of a call. At the lower bound many volatilities
/// give the price, and 0 is returned.
HEDGEROW_API ImpliedVolatility american_implied_volatility(Right right, double price, double spot,
                                                           double strike, double time, double rate,
                                                           double carry) noexcept;

/// Columns of one length; `right` holds +1 and -1.
struct AmericanPrices {
    std::span<const double> right, price, spot, strike, time, rate, carry;
};

/// The same over columns of one length, one option per row, on this processor's best instruction
/// set; each row has the bits of the single form. Throws InvalidInput where lengths differ.
HEDGEROW_API void american_price(const BsmColumns& options, std::span<double> price);

/// @param greeks columns in the order of AmericanGreeks.
HEDGEROW_API void american_greeks(const BsmColumns& options,
                                  const std::array<std::span<double>, 7>& greeks);

/// @param prices the columns read.
/// @param volatility receives a volatility or NaN per row; must not overlap the columns read.
/// @throws InvalidInput where lengths differ.
HEDGEROW_API void american_implied_volatility(const AmericanPrices& prices,
                                              std::span<double> volatility);

}  // namespace hedgerow
