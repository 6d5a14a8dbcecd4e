/// The parameters of a model of formula/fourier.hpp from the prices of a chain: Levenberg-Marquardt
/// on strips with analytic derivatives, after Y. Cui, S. del Bano Rollin and G. Germano 2017, "Full
/// and fast calibration of the Heston stochastic volatility model".
#pragma once

#include <array>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/fourier.hpp"
#include "hedgerow/math/least_squares.hpp"

namespace hedgerow {

/// Columns of one length, a quote per row, expiries in any order. A residual is weight times
/// (model - price): with weight 1 / (D vega) it is one in volatility, to first order.
struct FourierQuotes {
    StripColumns options;
    std::span<const double> time;    ///< years
    std::span<const double> price;   ///< discounted, per unit
    std::span<const double> weight;  ///< not negative
};

/// As many numbers as the model has parameters.
struct FourierBounds {
    std::span<const double> low, high;
};

/// Where markets' parameters lie, with room: what fits keep to unless told otherwise.
HEDGEROW_API FourierBounds usual_bounds(FourierModel model) noexcept;

struct FourierFit {
    LeastSquaresOutcome outcome = LeastSquaresOutcome::not_finite;
    /// As many as the model has, 0 beyond.
    std::array<double, maximum_fourier_parameters> parameters{};
    /// Standard errors of the parameters where weights are reciprocal standard errors of prices;
    /// 0 on a bound, NaN where the quotes don't determine all of them.
    std::array<double, maximum_fourier_parameters> standard_errors{};
    double cost = 0;     ///< sum of the squared residuals
    int iterations = 0;  ///< evaluations of all prices after the first
};

/// The parameters that price the quotes best.
///
/// Round trips without noise find the parameters again to 1e-6; the tests are
/// tests/formula/test_heston_fit.py and test_fourier_fit.py. A quote outside the domain of
/// fourier_strip() or without a finite price and weight makes the outcome not_finite: sort such out
/// before. Steps out of the model's domain are not taken.
/// @param start is moved into the bounds.
/// @throws InvalidInput where lengths differ, a bound or a parameter of the start is no part of the
///     domain, or a low bound lies above the high one. Variance gamma and normal inverse Gaussian,
///     whose domains are no boxes, are asked for that of the start alone.
HEDGEROW_API FourierFit fit_fourier(FourierModel model, const FourierQuotes& quotes,
                                    std::span<const double> start, const FourierBounds& bounds,
                                    const LeastSquaresOptions& options = {});

}  // namespace hedgerow
