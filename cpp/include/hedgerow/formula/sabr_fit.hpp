/// SABR's parameters from the quoted volatilities of one expiry.
#pragma once

#include <limits>
#include <optional>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/sabr.hpp"
#include "hedgerow/math/least_squares.hpp"

namespace hedgerow {

/// The alpha at which sabr_volatility() gives `volatility` at the money: the least positive root of
/// a cubic, to a relative 1e-14.
///
/// Domain: beta, rho, nu and shift as in SabrParameters, whose alpha is not read; volatility,
/// forward + shift positive and time not negative. NaN elsewhere and where the cubic has no
/// positive root.
HEDGEROW_API double sabr_alpha(const SabrParameters& parameters, double volatility, double forward,
                               double time) noexcept;

/// What is fitted: columns of one length, a row per strike, in any order.
struct SabrQuotes {
    std::span<const double> strike;
    std::span<const double> volatility;  ///< of Black, or displaced where there is a shift
    std::span<const double> weight;      ///< of the squared residual; 0 leaves the quote out
};

struct SabrFitOptions {
    /// Where to begin: the last fit, with the beta and shift of this one. Without it the fit begins
    /// at what level, skew and curvature of the quotes say.
    std::optional<SabrParameters> start;
    /// The volatility at the forward, where alpha is to give it exactly.
    std::optional<double> at_the_money;
    /// Residuals, times the root of their weight, count squared while they are smaller and as they
    /// are when larger: 2 c^2 (sqrt(1 + r^2/c^2) - 1) of residual r and scale c.
    double robust_scale = std::numeric_limits<double>::infinity();
    int most_iterations = 100;
};

struct SabrFit {
    SabrParameters parameters;  ///< the best ones met; not to be trusted unless `converged`
    LeastSquaresOutcome outcome;
    int iterations;
    /// Square root of the weighted mean squared residual, in volatility.
    double residual;
    /// Standard errors, with the noise of the quotes taken from the residuals and the weights as
    /// relative. 0 for a parameter at its bound; NaN without more quotes than unknowns, or where
    /// the quotes do not determine them.
    double alpha_error, rho_error, nu_error;
    bool at_bound;  ///< rho or nu lies on the edge of where it is sought
};

/// Fits alpha, rho and nu at fixed beta and shift.
///
/// Minimizes the weighted squares of sabr_volatility() - quote by Levenberg-Marquardt with analytic
/// derivatives; rho is sought from -0.999 to 0.999, nu sqrt(time) from 1e-6 to 20.
///
/// Accuracy: volatilities of the formula itself give back its parameters to 1e-8.
///
/// Source: the start is that of F. Le Floc'h and G. Kennedy 2014, "Explicit SABR calibration
/// through simple expansions".
///
/// @throws InvalidInput for columns of different lengths, a strike + shift, volatility, forward +
///     shift or time that is not positive and finite, a weight that is negative or not finite,
///     beta or a start out of range, and unless three strikes that differ have a weight (two with
///     at_the_money).
HEDGEROW_API SabrFit fit_sabr(const SabrQuotes& quotes, double forward, double time, double beta,
                              double shift = 0, const SabrFitOptions& options = {});

}  // namespace hedgerow
