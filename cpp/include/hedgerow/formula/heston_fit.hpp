/// Heston's five parameters from the prices of a chain: Levenberg-Marquardt on strips with analytic
/// derivatives, after Y. Cui, S. del Bano Rollin and G. Germano 2017, "Full and fast calibration of
/// the Heston stochastic volatility model".
#pragma once

#include <array>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/fourier.hpp"
#include "hedgerow/math/least_squares.hpp"

namespace hedgerow {

/// Columns of one length, a quote per row, expiries in any order. A residual is weight times
/// (model - price): with weight 1 / (D vega) it is one in volatility, to first order.
struct HestonQuotes {
    StripColumns options;
    std::span<const double> time;    ///< years
    std::span<const double> price;   ///< discounted, per unit
    std::span<const double> weight;  ///< not negative
};

/// Where the parameters may lie.
struct HestonBounds {
    HestonParameters low{1e-6, 1e-3, 1e-6, 1e-3, -0.999};
    HestonParameters high{4.0, 50.0, 4.0, 10.0, 0.999};
};

struct HestonFit {
    LeastSquaresOutcome outcome = LeastSquaresOutcome::not_finite;
    HestonParameters parameters{};
    /// Standard errors of the parameters where weights are reciprocal standard errors of prices;
    /// 0 on a bound, NaN where the quotes don't determine all five.
    std::array<double, 5> standard_errors{};
    double cost = 0;     ///< sum of the squared residuals
    int iterations = 0;  ///< evaluations of all prices after the first
};

/// The parameters that price the quotes best.
///
/// Round trips without noise find the parameters again to 1e-6; the test is
/// tests/formula/test_heston_fit.py. A quote outside the domain of fourier_strip() or without a
/// finite price and weight makes the outcome not_finite: sort such out before.
/// @param start is moved into the bounds.
/// @throws InvalidInput where lengths differ.
HEDGEROW_API HestonFit fit_heston(const HestonQuotes& quotes, const HestonParameters& start,
                                  const HestonBounds& bounds = {},
                                  const LeastSquaresOptions& options = {});

}  // namespace hedgerow
