/// Non-linear least squares with few unknowns: Levenberg-Marquardt within a box.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace hedgerow {

enum class LeastSquaresOutcome : unsigned char {
    converged,      ///< no step that the model of the cost offers is worth making
    not_converged,  ///< the iterations were used up: the parameters are the best ones met
    not_finite,     ///< the residuals at the start are not finite: the parameters are the start
};

/// What the residuals r and their derivatives J say at one point: J'J, J'r and r'r, summed row by
/// row, so that no row need be kept.
template <std::size_t unknowns>
class NormalEquations {
  public:
    using Vector = std::array<double, unknowns>;

    /// Adds a residual, and its derivatives by the unknowns, with a weight >= 0.
    void add(double residual, const Vector& derivatives, double weight = 1) noexcept {
        cost_ += weight * residual * residual;
        for (std::size_t i = 0; i < unknowns; ++i) {
            const double weighted = weight * derivatives[i];
            gradient_[i] += weighted * residual;
            for (std::size_t j = 0; j <= i; ++j) curvature_[i][j] += weighted * derivatives[j];
        }
    }

    /// Adds sums over rows that were made elsewhere: r'r and, for each unknown i, J'J of all j <= i
    /// and then J'r.
    void add_sums(double cost,
                  const std::array<double, unknowns*(unknowns + 3) / 2>& sums) noexcept {
        cost_ += cost;
        std::size_t next = 0;
        for (std::size_t i = 0; i < unknowns; ++i) {
            for (std::size_t j = 0; j <= i; ++j) curvature_[i][j] += sums[next++];
            gradient_[i] += sums[next++];
        }
    }

    /// The weighted sum of squares.
    double cost() const noexcept { return cost_; }
    /// J'r, half the gradient of the cost.
    const Vector& gradient() const noexcept { return gradient_; }
    /// J'J; j <= i.
    double curvature(std::size_t i, std::size_t j) const noexcept { return curvature_[i][j]; }

  private:
    double cost_ = 0;
    Vector gradient_{};
    std::array<Vector, unknowns> curvature_{};  // the lower triangle
};

/// Where each unknown may lie; infinite where it is free.
template <std::size_t unknowns>
struct Box {
    std::array<double, unknowns> low, high;
};

struct LeastSquaresOptions {
    int most_iterations = 100;  ///< evaluations of the residuals after the first
    /// Ends where the model promises to lower the cost by less than this part of it, which leaves
    /// the unknowns wrong by its root at most, in units of their standard errors,
    double least_reduction = 1e-15;
    /// or where every unknown would move by less than this part of itself (of 1 where it is
    /// smaller).
    double least_step = 1e-12;
};

template <std::size_t unknowns>
struct LeastSquaresResult {
    LeastSquaresOutcome outcome = LeastSquaresOutcome::not_finite;
    std::array<double, unknowns> parameters{};
    NormalEquations<unknowns> equations;  ///< at the parameters
    /// The diagonal of (J'J)^-1 over the unknowns that do not lie on their bounds: squared standard
    /// errors where weights are reciprocal variances. 0 on a bound; NaN where J'J is singular.
    std::array<double, unknowns> variances{};
    int iterations = 0;
};

namespace least_squares {

/// Solves (A + diagonal) x = b over the unknowns of `use` by Cholesky's factors, 0 for the others.
/// @return false where the matrix is not positive definite.
template <std::size_t n>
bool solve(const NormalEquations<n>& a, const std::array<double, n>& diagonal,
           const std::array<bool, n>& use, std::array<double, n>& x) noexcept {
    std::array<std::array<double, n>, n> factor{};
    for (std::size_t i = 0; i < n; ++i) {
        if (!use[i]) continue;
        const double scale = a.curvature(i, i) + diagonal[i];
        for (std::size_t j = 0; j <= i; ++j) {
            if (!use[j]) continue;
            double sum = i == j ? scale : a.curvature(i, j);
            for (std::size_t k = 0; k < j; ++k) sum -= factor[i][k] * factor[j][k];
            if (j < i) {
                factor[i][j] = sum / factor[j][j];
            } else {
                // What is left of the diagonal is rounding where the columns depend on each other.
                constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();
                if (!(sum > rounding * scale)) return false;
                factor[i][i] = std::sqrt(sum);
            }
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (!use[i]) {
            x[i] = 0;
            continue;
        }
        for (std::size_t k = 0; k < i; ++k) x[i] -= factor[i][k] * x[k];
        x[i] /= factor[i][i];
    }
    for (std::size_t i = n; i-- > 0;) {
        if (!use[i]) continue;
        for (std::size_t k = i + 1; k < n; ++k) x[i] -= factor[k][i] * x[k];
        x[i] /= factor[i][i];
    }
    return true;
}

/// The unknowns that may move: not those on a bound that the cost presses them against.
template <std::size_t n>
std::array<bool, n> free_unknowns(const std::array<double, n>& x,
                                  const std::array<double, n>& gradient,
                                  const Box<n>& box) noexcept {
    std::array<bool, n> result{};
    for (std::size_t i = 0; i < n; ++i)
        result[i] = !((x[i] <= box.low[i] && gradient[i] >= 0) ||
                      (x[i] >= box.high[i] && gradient[i] <= 0));
    return result;
}

}  // namespace least_squares

/// Minimizes the weighted sum of squared residuals over a box.
///
/// Levenberg-Marquardt with Marquardt's scaling and Nielsen's damping; unknowns that the cost
/// presses against their bounds rest there, and steps that lead out of the box end on its side
/// (a projected step; convergence is to a point that no unknown can leave to lower the cost).
/// Nothing is allocated.
///
/// Source: Madsen, Nielsen, Tingleff 2004, "Methods for Non-Linear Least Squares Problems",
/// section 3.2; Kanzow, Yamashita, Fukushima 2004, "Levenberg-Marquardt methods for constrained
/// nonlinear equations", for the projection.
///
/// @param evaluate called as evaluate(parameters, equations), with the equations empty; adds every
///     residual at the parameters, which lie in the box. A cost that is not finite is a step that
///     is not taken.
/// @param start is moved into the box.
template <std::size_t unknowns, class Evaluate>
LeastSquaresResult<unknowns> minimize_least_squares(Evaluate&& evaluate,
                                                    std::array<double, unknowns> start,
                                                    const Box<unknowns>& box,
                                                    const LeastSquaresOptions& options = {}) {
    using Vector = std::array<double, unknowns>;
    LeastSquaresResult<unknowns> result;
    Vector& x = result.parameters;
    for (std::size_t i = 0; i < unknowns; ++i)
        x[i] = std::min(std::max(start[i], box.low[i]), box.high[i]);
    evaluate(std::as_const(x), result.equations);
    if (!std::isfinite(result.equations.cost())) return result;

    result.outcome = LeastSquaresOutcome::not_converged;
    double damping = 1e-3, growth = 2;
    while (true) {
        const NormalEquations<unknowns>& here = result.equations;
        const auto use = least_squares::free_unknowns(x, here.gradient(), box);
        Vector step, diagonal;
        double largest = 0;
        for (std::size_t i = 0; i < unknowns; ++i)
            largest = std::max(largest, here.curvature(i, i));
        for (std::size_t i = 0; i < unknowns; ++i) {
            // An unknown that changes nothing yet still has a unit.
            diagonal[i] = damping * std::max(here.curvature(i, i), 1e-12 * largest);
            step[i] = -here.gradient()[i];
        }
        const bool solved = least_squares::solve(here, diagonal, use, step);

        Vector trial = x;
        double promised = 0, furthest = 0;  // of the step as it is made, within the box
        for (std::size_t i = 0; solved && i < unknowns; ++i) {
            trial[i] = std::min(std::max(x[i] + step[i], box.low[i]), box.high[i]);
            step[i] = trial[i] - x[i];
            furthest = std::max(furthest, std::fabs(step[i]) / std::max(std::fabs(x[i]), 1.0));
        }
        for (std::size_t i = 0; solved && i < unknowns; ++i) {
            promised -= 2 * here.gradient()[i] * step[i];
            for (std::size_t j = 0; j <= i; ++j)
                promised -= (i == j ? 1 : 2) * here.curvature(i, j) * step[i] * step[j];
        }
        if (solved && (furthest <= options.least_step ||
                       std::fabs(promised) <= options.least_reduction * here.cost())) {
            result.outcome = LeastSquaresOutcome::converged;
            break;
        }
        if (result.iterations == options.most_iterations) break;
        ++result.iterations;

        NormalEquations<unknowns> there;
        if (solved) evaluate(std::as_const(trial), there);
        const double gained = here.cost() - there.cost();
        if (solved && std::isfinite(there.cost()) && gained > 0) {
            const double agreement = promised > 0 ? gained / promised : 0.0;
            const double less = 1 - std::pow(2 * agreement - 1, 3);
            damping = std::max(damping * std::max(1.0 / 3, less), 1e-15);
            growth = 2;
            x = trial;
            result.equations = there;
        } else if (damping > 1e15) {
            // No step however small lowers the cost: it is as low as it can be computed.
            result.outcome = LeastSquaresOutcome::converged;
            break;
        } else {
            damping *= growth;
            growth *= 2;
        }
    }

    const auto use = least_squares::free_unknowns(x, result.equations.gradient(), box);
    for (std::size_t i = 0; i < unknowns; ++i) {
        Vector unit{};
        unit[i] = 1;
        const bool regular = least_squares::solve(result.equations, Vector{}, use, unit);
        result.variances[i] = !use[i]   ? 0.0
                              : regular ? unit[i]
                                        : std::numeric_limits<double>::quiet_NaN();
    }
    return result;
}

}  // namespace hedgerow
