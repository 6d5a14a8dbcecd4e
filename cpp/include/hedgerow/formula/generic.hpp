/// The closed-form option prices as templates on the number type, and their Greeks by jets.
///
/// These are the slow oracle beside the kernels: the textbook formula, one line each, whose
/// derivatives are found by arithmetic on jets and not by hand. They lose relative accuracy deep
/// out of the money, where the textbook formula cancels; use black_price() and its like to price.
#pragma once

#include <cmath>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/math/jet.hpp"

namespace hedgerow {

namespace generic {

using scalar::normal_cdf;
using scalar::normal_pdf;
using std::exp;
using std::log;
using std::sqrt;

/// Black-76: D right (F N(right d1) - K N(right d2)). All arguments but the right are positive.
template <class Real>
Real black(Right right, Real forward, Real strike, Real time, Real volatility, Real discount) {
    const Real omega(sign(right));
    const Real deviation = volatility * sqrt(time);
    const Real d1 = log(forward / strike) / deviation + Real(0.5) * deviation;
    const Real d2 = d1 - deviation;
    return discount * omega * (forward * normal_cdf(omega * d1) - strike * normal_cdf(omega * d2));
}

/// Black-Scholes-Merton: Black-76 on F = S exp(b T), D = exp(-r T), with b the cost of carry.
template <class Real>
Real bsm(Right right, Real spot, Real strike, Real time, Real volatility, Real rate, Real carry) {
    return black(right, spot * exp(carry * time), strike, time, volatility, exp(-rate * time));
}

/// Black-76 on F + shift and K + shift.
template <class Real>
Real displaced_black(Right right, Real forward, Real strike, Real time, Real volatility,
                     Real discount, Real shift) {
    return black(right, forward + shift, strike + shift, time, volatility, discount);
}

/// Bachelier: D (right (F - K) N(right d) + s n(d)), d = (F - K)/s, s = vol sqrt(T).
template <class Real>
Real bachelier(Right right, Real forward, Real strike, Real time, Real volatility, Real discount) {
    const Real distance = Real(sign(right)) * (forward - strike);
    const Real deviation = volatility * sqrt(time);
    const Real d = distance / deviation;
    return discount * (distance * normal_cdf(d) + deviation * normal_pdf(d));
}

}  // namespace generic

/// The variables of an option's price, in the order in which jets number them.
enum GreekVariable : int { by_spot, by_strike, by_time, by_volatility, by_rate, by_dividend };

/// A price with all its derivatives to third order in the six variables.
using PriceJet = Jet<6, 3>;

/// Reads the Greeks off a price. Time counts to expiry: derivatives in calendar time change sign.
HEDGEROW_API Greeks greeks_of(const PriceJet& price) noexcept;

/// The Greeks of the closed forms by jets, with the conventions of the kernels: in forward terms
/// F and the rate -ln(D)/T are held, in spot terms rho holds the dividend yield q = rate - carry
/// and phi the rate. Every number but a Bachelier forward and strike must be positive; NaN if not.
HEDGEROW_API Greeks black_greeks_by_jet(Right right, double forward, double strike, double time,
                                        double volatility, double discount) noexcept;
HEDGEROW_API Greeks bsm_greeks_by_jet(Right right, double spot, double strike, double time,
                                      double volatility, double rate, double carry) noexcept;
HEDGEROW_API Greeks bachelier_greeks_by_jet(Right right, double forward, double strike, double time,
                                            double volatility, double discount) noexcept;
HEDGEROW_API Greeks displaced_greeks_by_jet(Right right, double forward, double strike, double time,
                                            double volatility, double discount,
                                            double shift) noexcept;

}  // namespace hedgerow
