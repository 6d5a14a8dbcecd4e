/// Black-76: European options on a forward price and a discount factor.
#pragma once

#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/columns.hpp"

namespace hedgerow {

/// The price of a European option on a forward.
///
/// V = D right (F N(right d1) - K N(right d2)), d1,2 = ln(F/K)/s +- s/2, s = volatility sqrt(time).
///
/// Units: time in years, volatility as a decimal per sqrt(year), `discount` the price of one unit
/// of money at expiry, V in the money of F and K.
///
/// Domain: forward, strike, time and volatility are finite and not negative, the discount factor is
/// positive and finite; NaN elsewhere. Where time, volatility, strike or forward is 0 the limit is
/// returned, which is the discounted intrinsic value.
///
/// Accuracy: measured against tests/reference/highprec_black.csv, s from 1e-9 to 7: relative error
/// below 2e-13 for every price above 1e-290, below 7e-15 for prices above 1e-20 forwards. The error
/// is that of rounding d1, d1^2 times the rounding unit. Below about 1e-307 forwards 0 is returned.
///
/// Source: F. Black 1976, "The pricing of commodity contracts".
HEDGEROW_API double black_price(Right right, double forward, double strike, double time,
                                double volatility, double discount) noexcept;

/// The price and its Greeks (base/greeks.hpp) in one pass, with the domain of black_price().
///
/// F and the rate -ln(D)/T are held: delta, gamma, ... are in the forward, rho = -T V is through
/// the discount factor alone, phi is 0. At zero time or volatility the limits are returned: delta
/// and dual_delta are D or 0 in absolute value, at F = K half of D, and gamma and dual_gamma are 0,
/// at F = K +inf; at zero time the derivatives in time are those of the discount factor at rate 0.
/// At zero strike or forward, terms divided by it are 0.
///
/// Accuracy: that of bsm_greeks(), whose arithmetic it shares: relative error below 5e-13 where the
/// Greek is above 1e-290; of theta, which changes sign, relative to the sum of its terms.
///
/// Source: E. G. Haug 2007, "The Complete Guide to Option Pricing Formulas", ch. 2.
HEDGEROW_API Greeks black_greeks(Right right, double forward, double strike, double time,
                                 double volatility, double discount) noexcept;

/// Columns of options on forwards; `right` is +1 for a call and -1 for a put.
struct BlackColumns {
    std::span<const double> right, forward, strike, time, volatility, discount;
};

/// The same over columns of one length, one option per row, on this processor's best instruction
/// set; each row has the bits of the single form. Throws InvalidInput where lengths differ.
HEDGEROW_API void black_price(const BlackColumns& options, std::span<double> price);
HEDGEROW_API void black_greeks(const BlackColumns& options, const GreekColumns& greeks);

}  // namespace hedgerow
