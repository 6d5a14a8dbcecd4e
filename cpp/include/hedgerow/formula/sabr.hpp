/// SABR: the implied volatilities of one expiry from four parameters, by asymptotic expansion.
///
/// dF = A F^beta dW, dA = nu A dZ, dW dZ = rho dt, A(0) = alpha, with F + shift in place of F. The
/// volatilities are those of an expansion to first order in time; where the expansion fails, at
/// low strikes and long expiries, they allow arbitrage: see formula/sabr_arbitrage.hpp.
#pragma once

#include <span>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// The model of one expiry.
struct SabrParameters {
    double alpha;      ///< volatility today, in money^(1 - beta) per sqrt(year); positive
    double beta;       ///< the exponent of the forward, from 0 (normal) to 1 (lognormal)
    double rho;        ///< correlation of forward and volatility, between -1 and 1
    double nu;         ///< volatility of the volatility per sqrt(year), not negative
    double shift = 0;  ///< added to forward and strike, in money

    friend bool operator==(const SabrParameters&, const SabrParameters&) = default;
};

/// @return `parameters`, or throws InvalidInput that names the first one out of its range.
HEDGEROW_API const SabrParameters& require_sabr(const SabrParameters& parameters);

/// A volatility with its derivatives.
struct SabrVolatility {
    double volatility;
    double by_alpha;
    double by_rho;
    double by_nu;
    double by_forward;       ///< alpha held
    double by_strike;        ///< the skew
    double by_strike_twice;  ///< the second derivative in strike
    /// By forward where alpha moves as it does on average, by rho nu / F^beta: what vega adds to
    /// the delta of B. Bartlett 2006, "Hedging under SABR model".
    double by_forward_and_alpha;
};

/// The Black volatility (of displaced_price() where there is a shift) per sqrt(year).
///
/// Units: forward, strike and shift in money, time in years.
///
/// Domain: parameters in their ranges, forward + shift and strike + shift positive, time not
/// negative; NaN elsewhere, and where the expansion gives nothing positive (large nu^2 time with
/// |rho| > 0.82). At the money and for nu, 1 - beta or time = 0 the limits, without a change of
/// formula that would be felt.
///
/// Accuracy of the arithmetic: relative error below 1e-15 against the same formula in 60 digits
/// (tests/reference/highprec_sabr.csv). The expansion itself errs by more: by up to 0.26 in the
/// Monte Carlo values of Antonov and Spector 2012 at low strikes and twenty years, by less than
/// 0.03 from 0.6 forwards on at ten.
///
/// Source: Hagan, Kumar, Lesniewski and Woodward 2002, "Managing smile risk", with the leading term
/// of J. Obloj 2008, "Fine-tune your smile: correction to Hagan et al.".
HEDGEROW_API double sabr_volatility(const SabrParameters& parameters, double forward, double strike,
                                    double time) noexcept;

/// The volatility for bachelier_price(), in money per sqrt(year), to the same order in time.
///
/// Domain: as sabr_volatility(); with beta = 0 forward and strike may be any numbers. Relative
/// error of the arithmetic below 2e-15.
///
/// Source: Hagan et al. 2002, appendix A, with the integral of F^-beta left as it is, as in Hagan,
/// Kumar, Lesniewski and Woodward 2014, "Arbitrage-free SABR".
HEDGEROW_API double sabr_normal_volatility(const SabrParameters& parameters, double forward,
                                           double strike, double time) noexcept;

/// The same with their derivatives; all NaN outside of the domain. Errors, relative to the
/// volatility per unit of the variable: below 3e-15, of the second derivative in strike below
/// 3e-14.
HEDGEROW_API SabrVolatility sabr_derivatives(const SabrParameters& parameters, double forward,
                                             double strike, double time) noexcept;
HEDGEROW_API SabrVolatility sabr_normal_derivatives(const SabrParameters& parameters,
                                                    double forward, double strike,
                                                    double time) noexcept;

/// Black volatilities at many strikes: each has the bits of the single form.
/// @throws InvalidInput when the lengths differ.
HEDGEROW_API void sabr_volatility(const SabrParameters& parameters, double forward, double time,
                                  std::span<const double> strike, std::span<double> volatility);

}  // namespace hedgerow
