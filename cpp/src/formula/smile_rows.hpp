// The quotes of one expiry in a form that fits read, and what a residual counts.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "hedgerow/formula/smile_fit.hpp"

namespace hedgerow::smile {

/// Checked rows with weight, in columns.
class Rows {
  public:
    /// @return converged where the quotes can be used; sets `row` where one can't.
    SmileFitOutcome read(const SmileQuotes& quotes, std::size_t& row) noexcept {
        const std::size_t given = quotes.log_moneyness.size();
        const bool equal = quotes.weight.empty();
        if (quotes.volatility.size() != given || (!equal && quotes.weight.size() != given) ||
            !(quotes.time > 0) || !std::isfinite(quotes.time))
            return SmileFitOutcome::invalid_input;
        time = quotes.time;
        for (std::size_t i = 0; i < given; ++i) {
            const double k = quotes.log_moneyness[i], volatility = quotes.volatility[i];
            const double weight = equal ? 1.0 : quotes.weight[i];
            if (weight == 0) continue;
            if (!std::isfinite(k) || !(volatility > 0) || !std::isfinite(volatility) ||
                !(weight > 0) || !std::isfinite(weight)) {
                row = i;
                return SmileFitOutcome::invalid_quote;
            }
            if (count == most_smile_quotes) return SmileFitOutcome::too_many_quotes;
            log_moneyness[count] = k;
            volatilities[count] = volatility;
            variances[count] = volatility * volatility * time;
            weights[count++] = weight;
        }
        // Whole vectors of rows, of which the last ones count for nothing.
        padded = (count + lanes - 1) / lanes * lanes;
        for (std::size_t i = count; i < padded; ++i) {
            log_moneyness[i] = log_moneyness[0];
            volatilities[i] = volatilities[0];
            variances[i] = variances[0];
            weights[i] = 0;
        }
        return SmileFitOutcome::converged;
    }

    std::size_t distinct() const noexcept {
        std::array<double, most_smile_quotes> sorted;
        const auto end = std::copy_n(log_moneyness.begin(), count, sorted.begin());
        std::sort(sorted.begin(), end);
        return static_cast<std::size_t>(std::unique(sorted.begin(), end) - sorted.begin());
    }
    std::span<const double> places() const noexcept { return {log_moneyness.data(), count}; }

    static constexpr std::size_t lanes = 8;
    static_assert(most_smile_quotes % lanes == 0);
    std::size_t count = 0, padded = 0;
    double time = 0;
    std::array<double, most_smile_quotes> log_moneyness, volatilities, variances, weights;
};

/// How far a model's total variance is from row i, and the derivative of that by it.
struct Difference {
    double value;
    double slope;
};

inline Difference difference(const Rows& rows, std::size_t i, double total_variance,
                             SmileResidual residual) noexcept {
    if (residual == SmileResidual::total_variance) return {total_variance - rows.variances[i], 1};
    const double volatility = std::sqrt(total_variance / rows.time);
    return {volatility - rows.volatilities[i], 1 / (2 * rows.time * volatility)};
}

/// A residual in the unit of its scale, as one whose square is twice the loss.
struct Damped {
    double value;
    double slope;      ///< d value / d residual
    double influence;  ///< the loss's derivative
    double bend;       ///< and its second one
};

inline constexpr double huber_constant = 1.345;
inline constexpr double tukey_constant = 4.685;

inline Damped damp(Loss loss, double residual) noexcept {
    const double size = std::abs(residual);
    if (loss == Loss::huber && size > huber_constant) {
        const double value = std::sqrt(huber_constant * (2 * size - huber_constant));
        const double influence = std::copysign(huber_constant, residual);
        return {std::copysign(value, residual), huber_constant / value, influence, 0};
    }
    if (loss == Loss::tukey) {
        const double q = std::min(size * size / (tukey_constant * tukey_constant), 1.0);
        const double root = std::sqrt(1 - q + q * q / 3);
        const double capped = std::copysign(std::min(size, tukey_constant), residual);
        return {capped * root, (1 - q) * (1 - q) / root, residual * (1 - q) * (1 - q),
                (1 - q) * (1 - 5 * q)};
    }
    return {residual, 1, residual, 1};
}

/// The scale of the weighted residuals: 1.4826 medians of their absolute values, which the unknowns
/// have made smaller by a factor of sqrt(1 - unknowns / count); and at least 1e-10 of the quotes,
/// so that a perfect fit has one.
template <class Curve>
double deviation(const Rows& rows, SmileResidual residual, std::size_t unknowns,
                 const Curve& curve) noexcept {
    std::array<double, most_smile_quotes> sizes{};
    double unit = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
        const double root = std::sqrt(rows.weights[i]);
        const auto [value, slope] = difference(rows, i, curve(rows.log_moneyness[i]), residual);
        sizes[i] = root * std::abs(value);
        unit = std::max(unit, root * (residual == SmileResidual::volatility ? rows.volatilities[i]
                                                                            : rows.variances[i]));
    }
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(rows.count / 2);
    std::nth_element(sizes.begin(), middle,
                     sizes.begin() + static_cast<std::ptrdiff_t>(rows.count));
    const auto count = static_cast<double>(rows.count);
    const double freedom = std::max(count - static_cast<double>(unknowns), 1.0);
    return std::max(1.4826 * *middle * std::sqrt(count / freedom), 1e-10 * unit);
}

}  // namespace hedgerow::smile
