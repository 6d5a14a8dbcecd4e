/// Bachelier: European options on a forward that moves by normal amounts.
#pragma once

#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/columns.hpp"
#include "hedgerow/formula/implied_volatility.hpp"

namespace hedgerow {

/// The price of a European option on a forward.
///
/// V = D (right (F - K) N(right d) + s n(d)), d = (F - K)/s, s = volatility sqrt(time).
///
/// Units: time in years, volatility in units of F per sqrt(year), `discount` the price of one unit
/// of money at expiry.
///
/// Domain: forward and strike are finite, of any sign; time and volatility are finite and not
/// negative; the discount factor is positive and finite; NaN elsewhere. Where time or volatility is
/// 0 the limit is returned, the discounted intrinsic value.
///
/// Accuracy: measured against tests/reference/highprec_bachelier.csv: relative error below 2.5e-13
/// for every price above 1e-290, 5e-14 above 1e-100 s, 7e-15 above 1e-8 s. A time value below about
/// 1e-311 s is returned as 0.
///
/// Source: L. Bachelier 1900, "Théorie de la spéculation".
HEDGEROW_API double bachelier_price(Right right, double forward, double strike, double time,
                                    double volatility, double discount) noexcept;

/// The price and its Greeks (base/greeks.hpp) in one pass, with the domain of bachelier_price().
///
/// Conventions and edges are those of black_greeks(): F and the rate -ln(D)/T are held.
///
/// Accuracy: measured against tests/reference/highprec_bachelier.csv: relative error below 2.5e-13
/// where the Greek is above 1e-290; of those that change sign (theta, charm, veta, zomma, color,
/// ultima) relative to the sum of their terms.
///
/// Source: J. Choi, M. Kwak, C. W. Tee, Y. Wang 2022, "A Black-Scholes user's guide to the
/// Bachelier model".
HEDGEROW_API Greeks bachelier_greeks(Right right, double forward, double strike, double time,
                                     double volatility, double discount) noexcept;

/// Columns of options on forwards; `right` is +1 for a call and -1 for a put.
struct BachelierColumns {
    std::span<const double> right, forward, strike, time, volatility, discount;
};

/// The same over columns of one length, one option per row, on this processor's best instruction
/// set; each row has the bits of the single form. Throws InvalidInput where lengths differ.
HEDGEROW_API void bachelier_price(const BachelierColumns& options, std::span<double> price);
HEDGEROW_API void bachelier_greeks(const BachelierColumns& options, const GreekColumns& greeks);

/// The volatility that gives a price, without iteration to a tolerance.
///
/// Domain: any finite price, forward and strike, time not negative, the discount factor positive.
/// Status ok: the volatility, 0 where the price is the discounted intrinsic value. Otherwise the
/// volatility is NaN and the status says why: below_intrinsic; above_maximum, which is any price
/// above the intrinsic value at zero time; invalid_input.
///
/// Accuracy: measured against tests/reference/highprec_bachelier_implied_volatility.csv, time
/// values from 5e-324 to 1e307 and distances to the strike likewise: relative error below 3
/// rounding units (2.2e-16) times max(1, the condition number price / (volatility vega)).
///
/// Source: after P. Jäckel 2017, "Implied normal volatility", Wilmott.
HEDGEROW_API ImpliedVolatility bachelier_implied_volatility(Right right, double price,
                                                            double forward, double strike,
                                                            double time, double discount) noexcept;

/// Columns of prices to invert; `right` is +1 for a call and -1 for a put.
struct BachelierPriceColumns {
    std::span<const double> right, price, forward, strike, time, discount;
};

/// The same over columns of one length. Throws InvalidInput where lengths differ.
HEDGEROW_API void bachelier_implied_volatility(const BachelierPriceColumns& options,
                                               std::span<double> volatility,
                                               std::span<Status> status);

}  // namespace hedgerow
