// Least squares on the quotes of an expiry under a loss, and what their residuals say afterwards.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "hedgerow/math/least_squares.hpp"
#include "smile_rows.hpp"

namespace hedgerow::smile {

/// Of the cost: leaves the parameters wrong by 1e-5 of their standard errors.
inline constexpr double least_reduction = 1e-10;
/// Of the scale of a robust loss, which settles quickly.
inline constexpr int most_rescalings = 10;

/// A loss and the deviation that its residuals count in.
struct Scaled {
    Loss loss = Loss::squares;
    double scale = 0;
};

/// Adds row i, where the model has this total variance with these derivatives.
template <std::size_t unknowns>
void add_row(const Rows& rows, std::size_t i, SmileResidual residual, const Scaled& loss,
             double total_variance, std::array<double, unknowns> by,
             NormalEquations<unknowns>& equations) noexcept {
    const auto [value, slope] = difference(rows, i, total_variance, residual);
    if (loss.loss == Loss::squares) {
        for (double& each : by) each *= slope;
        equations.add(value, by, rows.weights[i]);
        return;
    }
    const double root = std::sqrt(rows.weights[i]);
    const Damped damped = damp(loss.loss, root * value / loss.scale);
    for (double& each : by) each *= root * slope * damped.slope;
    equations.add(loss.scale * damped.value, by);
}

/// Minimizes under `loss`, whose scale is found where it is 0 yet, in turn with the unknowns and
/// from Huber's convex loss on: Tukey's has a minimum for every outlier.
/// @param solve solve(x, loss) is where the cost under a loss of a scale is least, from x on.
/// @param deviation deviation(x) is the scale of the residuals.
template <std::size_t unknowns, class Solve, class Deviation>
std::array<double, unknowns> minimize_under(Scaled& loss, const std::array<double, unknowns>& start,
                                            const Deviation& deviation,
                                            const Solve& solve) noexcept {
    std::array<double, unknowns> x = start;
    if (loss.loss != Loss::squares && loss.scale == 0) {
        loss.scale = deviation(x);
        for (int i = 0; i < most_rescalings; ++i) {
            x = solve(x, Scaled{Loss::huber, loss.scale});
            const double before = loss.scale;
            loss.scale = deviation(x);
            if (std::abs(loss.scale - before) <= 0.01 * before) break;
        }
    }
    return solve(x, loss);
}

/// The same by Levenberg-Marquardt in a box.
/// @param evaluate evaluate(x, loss, equations) adds all rows.
template <std::size_t unknowns, class Evaluate, class Deviation>
LeastSquaresResult<unknowns> minimize(const Evaluate& evaluate, const Deviation& deviation,
                                      const std::array<double, unknowns>& start,
                                      const Box<unknowns>& box, int most_iterations,
                                      Scaled& loss) noexcept {
    LeastSquaresOptions options;
    options.most_iterations = most_iterations;
    options.least_reduction = least_reduction;
    LeastSquaresResult<unknowns> result;
    int iterations = 0;
    const auto solve = [&](const std::array<double, unknowns>& from, const Scaled& under) {
        result = minimize_least_squares<unknowns>(
            [&](const std::array<double, unknowns>& x, NormalEquations<unknowns>& equations) {
                evaluate(x, under, equations);
            },
            from, box, options);
        iterations += result.iterations;
        return result.parameters;
    };
    minimize_under(loss, start, deviation, solve);
    result.iterations = iterations;
    return result;
}

struct Scatter {
    double residual = 0;          ///< weighted root mean square
    double largest_residual = 0;  ///< without weight
    /// What (J'J)^-1 of the plain residuals is multiplied by to be the covariance; NaN without a
    /// degree of freedom. For the robust losses: P. Huber 1981, "Robust Statistics", section 7.6.
    double variance = 0;
};

template <class Curve>
Scatter scatter(const Rows& rows, SmileResidual residual, const Scaled& loss, std::size_t unknowns,
                const Curve& curve) noexcept {
    Scatter result;
    double total = 0, squares = 0, influence = 0, bend = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
        const double value = difference(rows, i, curve(rows.log_moneyness[i]), residual).value;
        const double weight = rows.weights[i];
        total += weight;
        squares += weight * value * value;
        result.largest_residual = std::max(result.largest_residual, std::abs(value));
        if (loss.loss == Loss::squares) continue;
        const Damped damped = damp(loss.loss, std::sqrt(weight) * value / loss.scale);
        influence += damped.influence * damped.influence;
        bend += damped.bend;
    }
    result.residual = std::sqrt(squares / total);
    const auto count = static_cast<double>(rows.count);
    const double freedom = count - static_cast<double>(unknowns);
    const double part = bend / count;
    result.variance = !(freedom > 0) ? std::numeric_limits<double>::quiet_NaN()
                      : loss.loss == Loss::squares
                          ? squares / freedom
                          : loss.scale * loss.scale * influence / freedom / (part * part);
    return result;
}

}  // namespace hedgerow::smile
