// Least squares on the quotes of an expiry under a loss, and what their residuals say afterwards.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "../../kernels/table.hpp"
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

/// Rows that are worked on at a time, so that they stay in the first-level cache.
inline constexpr std::size_t rows_per_block = 64;
using BlockColumn = std::array<double, rows_per_block>;

/// What the total variances of a block of rows count for: the derivatives of residuals by total
/// variance, squared and times the residuals, with their weights. @return the cost.
inline double weigh(const Rows& rows, std::size_t first, std::size_t count, SmileResidual residual,
                    const Scaled& loss, const BlockColumn& total_variance, BlockColumn& squares,
                    BlockColumn& products) noexcept {
    const double* const weight = rows.weights.data() + first;
    double cost = 0;
    if (loss.loss != Loss::squares) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto [value, slope] = difference(rows, first + i, total_variance[i], residual);
            const double root = std::sqrt(weight[i]);
            const Damped damped = damp(loss.loss, root * value / loss.scale);
            const double damped_slope = root * slope * damped.slope;
            squares[i] = damped_slope * damped_slope;
            products[i] = damped_slope * loss.scale * damped.value;
            cost += loss.scale * damped.value * loss.scale * damped.value;
        }
    } else if (residual == SmileResidual::volatility) {
        const double* const volatility = rows.volatilities.data() + first;
        const double time = rows.time, per_time = 1 / time;
#pragma omp simd reduction(+ : cost)
        for (std::size_t i = 0; i < count; ++i) {
            const double root = std::sqrt(total_variance[i] * time);
            const double value = root * per_time - volatility[i], slope = 0.5 / root;
            const double weighted = weight[i] * slope;
            squares[i] = weighted * slope;
            products[i] = weighted * value;
            cost += weight[i] * value * value;
        }
    } else {
        const double* const variance = rows.variances.data() + first;
#pragma omp simd reduction(+ : cost)
        for (std::size_t i = 0; i < count; ++i) {
            const double value = total_variance[i] - variance[i];
            squares[i] = weight[i];
            products[i] = weight[i] * value;
            cost += weight[i] * value * value;
        }
    }
    return cost;
}

/// A slice of total variance as a fit sees it.
template <std::size_t unknowns>
struct Slice {
    kernels::Hyperbola hyperbola;
    /// The derivatives of its level, slope, constant, linear and quadratic by each unknown.
    std::array<std::array<double, 5>, unknowns> by;
};

/// Adds all rows.
template <std::size_t unknowns>
void add_rows(const Rows& rows, SmileResidual residual, const Scaled& loss,
              const Slice<unknowns>& slice, NormalEquations<unknowns>& equations) noexcept {
    alignas(64) std::array<BlockColumn, unknowns + 1> columns;
    alignas(64) BlockColumn squares, products;
    std::array<double*, unknowns + 1> out;
    for (std::size_t j = 0; j <= unknowns; ++j) out[j] = columns[j].data();
    const kernels::SmileFits& fits = kernels::table().smile_fits;
    std::array<double, unknowns*(unknowns + 3) / 2> sums{};
    double cost = 0;
    for (std::size_t first = 0; first < rows.padded; first += rows_per_block) {
        const std::size_t count = std::min(rows_per_block, rows.padded - first);
        fits.hyperbola(slice.hyperbola, slice.by[0].data(), unknowns,
                       rows.log_moneyness.data() + first, out.data(), count);
        cost += weigh(rows, first, count, residual, loss, columns[0], squares, products);
        fits.normal_sums(out.data() + 1, unknowns, squares.data(), products.data(), count,
                         sums.data());
    }
    equations.add_sums(cost, sums);
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
