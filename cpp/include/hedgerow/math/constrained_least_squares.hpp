/// Non-linear least squares with few unknowns under a few dozen inequalities.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "hedgerow/math/least_squares.hpp"

namespace hedgerow {

/// Constraints c(x) >= 0 and their derivatives at one point, at most `most` of them.
template <std::size_t unknowns, std::size_t most>
class Inequalities {
  public:
    using Vector = std::array<double, unknowns>;

    void add(double value, const Vector& derivatives) noexcept {
        values_[count_] = value;
        derivatives_[count_++] = derivatives;
    }

    void clear() noexcept { count_ = 0; }
    std::size_t size() const noexcept { return count_; }
    double value(std::size_t i) const noexcept { return values_[i]; }
    const Vector& derivatives(std::size_t i) const noexcept { return derivatives_[i]; }
    /// What is missing, squared and added up.
    double missing() const noexcept {
        double sum = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const double less = std::min(values_[i], 0.0);
            sum += less * less;
        }
        return sum;
    }

  private:
    std::size_t count_ = 0;
    std::array<double, most> values_;
    std::array<Vector, most> derivatives_;
};

namespace least_squares {

template <std::size_t n>
double dot(const std::array<double, n>& a, const std::array<double, n>& b) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

/// The Cholesky factor L of a matrix given by matrix(i, j), j <= i.
template <std::size_t n>
class Factor {
  public:
    /// @return false where the matrix of the first `size` rows is not positive definite.
    template <class Matrix>
    bool factorize(const Matrix& matrix, std::size_t size = n) noexcept {
        size_ = size;
        for (std::size_t i = 0; i < size; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                double sum = matrix(i, j);
                for (std::size_t k = 0; k < j; ++k) sum -= lower_[i][k] * lower_[j][k];
                if (j == i && !(sum > 0)) return false;
                lower_[i][j] = j < i ? sum * lower_[j][j] : 1 / std::sqrt(sum);
            }
        return true;
    }
    /// L^-1 x.
    std::array<double, n> forth(std::array<double, n> x) const noexcept {
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t k = 0; k < i; ++k) x[i] -= lower_[i][k] * x[k];
            x[i] *= lower_[i][i];
        }
        return x;
    }
    /// L'^-1 x.
    std::array<double, n> back(std::array<double, n> x) const noexcept {
        for (std::size_t i = size_; i-- > 0;) {
            for (std::size_t k = i + 1; k < size_; ++k) x[i] -= lower_[k][i] * x[k];
            x[i] *= lower_[i][i];
        }
        return x;
    }

  private:
    std::size_t size_ = 0;
    std::array<std::array<double, n>, n> lower_;  // its diagonal inverted
};

/// Steps aside from where constraints are in the way: the m of the least |L'm|^2 +
/// sum_i min(0, s_i + g_i'm)^2 / softness, by Lawson and Hanson's active set on its dual, whose
/// matrix is (L^-1 g_i)'(L^-1 g_j), and softness on the diagonal. The set that the last call ended
/// with is where the next one begins: from step to step it hardly changes.
///
/// Source: Lawson, Hanson 1974, "Solving Least Squares Problems", chapter 23.
template <std::size_t n, std::size_t most>
class SoftProjection {
  public:
    using Vector = std::array<double, n>;
    using Slacks = std::array<double, most>;

    explicit SoftProjection(double softness) noexcept : softness_(softness) {}

    /// @param factor L.
    /// @param rows those with the derivatives g.
    /// @param slacks s, one per row.
    Vector operator()(const Factor<n>& factor, const Inequalities<n, most>& rows,
                      const Slacks& slacks) noexcept {
        for (std::size_t a = 0; a < active_; ++a) {
            normals_[a] = factor.forth(rows.derivatives(set_[a]));
            force_[a] = 0;
        }
        if (!settle(slacks)) active_ = 0;
        Vector aside = move(factor);
        for (std::size_t turn = 0; turn < 3 * most && active_ < capacity; ++turn) {
            const std::size_t worst = most_missing(rows, slacks, aside);
            if (worst == rows.size()) break;
            normals_[active_] = factor.forth(rows.derivatives(worst));
            force_[active_] = 0;
            set_[active_++] = worst;
            if (!settle(slacks)) break;
            aside = move(factor);
        }
        return aside;
    }

  private:
    /// More than n constraints that bind at once are dependent, and soft.
    static constexpr std::size_t capacity = n + 4;
    static constexpr double rounding = 16 * std::numeric_limits<double>::epsilon();

    Vector move(const Factor<n>& factor) const noexcept {
        Vector z{};
        for (std::size_t a = 0; a < active_; ++a)
            for (std::size_t j = 0; j < n; ++j) z[j] += force_[a] * normals_[a][j];
        return factor.back(z);
    }

    std::size_t most_missing(const Inequalities<n, most>& rows, const Slacks& slacks,
                             const Vector& aside) const noexcept {
        std::size_t worst = rows.size();
        double least = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double moved = dot(rows.derivatives(i), aside), slack = slacks[i] + moved;
            if (!(slack + rounding * (std::abs(slacks[i]) + std::abs(moved)) < least)) continue;
            if (std::find(set_.begin(), set_.begin() + active_, i) != set_.begin() + active_)
                continue;
            least = slack, worst = i;
        }
        return worst;
    }

    /// The forces on the active set, without those that would have to pull.
    bool settle(const Slacks& slacks) noexcept {
        while (active_ > 0) {
            Factor<capacity> factor;
            const auto matrix = [&](std::size_t i, std::size_t j) {
                return dot(normals_[i], normals_[j]) + (i == j ? softness_ : 0.0);
            };
            if (!factor.factorize(matrix, active_)) return false;
            std::array<double, capacity> wanted{};
            for (std::size_t a = 0; a < active_; ++a) wanted[a] = -slacks[set_[a]];
            wanted = factor.back(factor.forth(wanted));
            double part = 1;
            std::size_t leaves = active_;
            for (std::size_t a = 0; a < active_; ++a) {
                if (wanted[a] > 0) continue;
                const double until = force_[a] / (force_[a] - wanted[a]);
                if (until > part && leaves < active_) continue;
                part = std::min(part, until);
                leaves = a;
            }
            for (std::size_t a = 0; a < active_; ++a) force_[a] += part * (wanted[a] - force_[a]);
            if (leaves == active_) return true;
            --active_;
            set_[leaves] = set_[active_];
            force_[leaves] = force_[active_];
            normals_[leaves] = normals_[active_];
        }
        return true;
    }

    double softness_;
    std::size_t active_ = 0;
    // Of the active constraints, in the same order.
    std::array<std::size_t, capacity> set_;
    std::array<double, capacity> force_;
    std::array<Vector, capacity> normals_;
};

}  // namespace least_squares

template <std::size_t unknowns, std::size_t most>
struct ConstrainedResult {
    LeastSquaresOutcome outcome = LeastSquaresOutcome::not_finite;
    std::array<double, unknowns> parameters{};
    double cost = 0;     ///< the weighted sum of squares
    double missing = 0;  ///< from the constraints, squared and added up
    int iterations = 0;
};

/// Minimizes the weighted sum of squared residuals where inequalities hold: the cost and `weight`
/// times the squares of what is missing from them.
///
/// Levenberg-Marquardt as in minimize_least_squares(), whose every step is that of a quadratic
/// program with all constraints linearized, not only those in breach: steps do not zigzag across
/// them. A step that the bend of the constraints spoils is tried once more from where they are
/// after it; their bend itself is not in the model, so that steps get short where an active one
/// bends as strongly as the cost. Nothing is allocated.
///
/// Source: Nocedal, Wright 2006, "Numerical Optimization", chapter 18 (sequential quadratic
/// programming, second-order correction).
template <std::size_t unknowns, std::size_t most, class Evaluate, class Constrain>
class ConstrainedLeastSquares {
  public:
    using Vector = std::array<double, unknowns>;
    using Result = ConstrainedResult<unknowns, most>;

    /// @param evaluate evaluate(x, equations) adds every residual. A cost that is not finite is a
    ///     step that is not taken.
    /// @param constrain constrain(x, inequalities) adds every constraint, in the same order.
    ConstrainedLeastSquares(const Evaluate& evaluate, const Constrain& constrain, double weight,
                            const LeastSquaresOptions& options) noexcept
        : evaluate_(evaluate), constrain_(constrain), weight_(weight), options_(options) {}

    Result run(const Vector& start) const noexcept {
        Place places[2];  // where it is, and where it might go
        Place* here = &places[0];
        Place* there = &places[1];
        Projection project(1 / weight_);
        look(start, *here);
        if (!std::isfinite(here->merit)) return result(*here, LeastSquaresOutcome::not_finite, 0);
        double damping = 1e-3, growth = 2;
        for (int iterations = 0;; ++iterations) {
            const Trial trial = step(*here, damping, project, *there);
            if (trial.ended) return result(*here, LeastSquaresOutcome::converged, iterations);
            if (iterations == options_.most_iterations)
                return result(*here, LeastSquaresOutcome::not_converged, iterations);
            const double gained = here->merit - there->merit;
            if (std::isfinite(there->merit) && gained > 0) {
                const double agreement = trial.promised > 0 ? gained / trial.promised : 0.0;
                const double bend = 2 * agreement - 1;
                damping = std::max(damping * std::max(1.0 / 3, 1 - bend * bend * bend), 1e-15);
                growth = 2;
                std::swap(here, there);
            } else if (damping > 1e15) {
                // No step however small lowers the cost: it is as low as it can be computed.
                return result(*here, LeastSquaresOutcome::converged, iterations);
            } else {
                damping *= growth;
                growth *= 2;
            }
        }
    }

  private:
    using Projection = least_squares::SoftProjection<unknowns, most>;
    struct Place {
        Vector x;
        NormalEquations<unknowns> equations;
        Inequalities<unknowns, most> rows;
        double merit;
    };
    struct Trial {
        double promised = 0;
        bool ended = false;
    };

    void look(const Vector& x, Place& place) const noexcept {
        place.x = x;
        place.equations = {};
        place.rows.clear();
        evaluate_(std::as_const(place.x), place.equations);
        constrain_(std::as_const(place.x), place.rows);
        place.merit = place.equations.cost() + weight_ * place.rows.missing();
    }

    static Result result(const Place& at, LeastSquaresOutcome outcome, int iterations) noexcept {
        return {outcome, at.x, at.equations.cost(), at.rows.missing(), iterations};
    }

    /// @param there is where the step leads; its merit is NaN where there is none.
    Trial step(const Place& here, double damping, Projection& project,
               Place& there) const noexcept {
        Trial trial;
        there.merit = std::numeric_limits<double>::quiet_NaN();
        const NormalEquations<unknowns>& equations = here.equations;
        double largest = 0;
        for (std::size_t i = 0; i < unknowns; ++i)
            largest = std::max(largest, equations.curvature(i, i));
        // An unknown that changes nothing yet still has a unit.
        const auto matrix = [&](std::size_t i, std::size_t j) {
            const double entry = equations.curvature(i, j);
            return i == j ? entry + damping * std::max(entry, 1e-12 * largest) : entry;
        };
        least_squares::Factor<unknowns> factor;
        if (!factor.factorize(matrix)) return trial;

        Vector pull;
        for (std::size_t i = 0; i < unknowns; ++i) pull[i] = -equations.gradient()[i];
        const Vector free = factor.back(factor.forth(pull));
        std::array<double, most> slacks;  // after the free step
        const std::size_t count = here.rows.size();
        for (std::size_t i = 0; i < count; ++i)
            slacks[i] = here.rows.value(i) + least_squares::dot(here.rows.derivatives(i), free);
        for (const bool corrected : {false, true}) {
            Vector move = project(factor, here.rows, slacks);
            for (std::size_t i = 0; i < unknowns; ++i) move[i] += free[i];
            Vector x = here.x;
            double furthest = 0;
            for (std::size_t i = 0; i < unknowns; ++i) {
                x[i] += move[i];
                furthest =
                    std::max(furthest, std::fabs(move[i]) / std::max(std::fabs(here.x[i]), 1.0));
            }
            trial.promised = promise(here, move);
            trial.ended =
                !corrected && (furthest <= options_.least_step ||
                               std::fabs(trial.promised) <= options_.least_reduction * here.merit);
            if (trial.ended) return trial;
            look(x, there);
            if (!std::isfinite(there.merit) || there.merit < here.merit ||
                there.rows.missing() == 0)
                return trial;
            for (std::size_t i = 0; i < count; ++i) {
                const Vector& by = here.rows.derivatives(i);
                slacks[i] = there.rows.value(i) +
                            (least_squares::dot(by, free) - least_squares::dot(by, move));
            }
        }
        return trial;
    }

    /// What a move lowers the merit by where residuals and constraints are linear.
    double promise(const Place& here, const Vector& move) const noexcept {
        double gain = 0, missing = here.rows.missing();
        for (std::size_t i = 0; i < unknowns; ++i) {
            gain -= 2 * here.equations.gradient()[i] * move[i];
            for (std::size_t j = 0; j <= i; ++j)
                gain -= (i == j ? 1 : 2) * here.equations.curvature(i, j) * move[i] * move[j];
        }
        for (std::size_t i = 0; i < here.rows.size(); ++i) {
            const double value =
                here.rows.value(i) + least_squares::dot(here.rows.derivatives(i), move);
            missing -= std::min(value, 0.0) * std::min(value, 0.0);
        }
        return gain + weight_ * missing;
    }

    const Evaluate& evaluate_;
    const Constrain& constrain_;
    double weight_;
    const LeastSquaresOptions& options_;
};

/// See ConstrainedLeastSquares.
template <std::size_t unknowns, std::size_t most, class Evaluate, class Constrain>
ConstrainedResult<unknowns, most> minimize_constrained(const Evaluate& evaluate,
                                                       const Constrain& constrain,
                                                       const std::array<double, unknowns>& start,
                                                       double weight,
                                                       const LeastSquaresOptions& options) {
    return ConstrainedLeastSquares<unknowns, most, Evaluate, Constrain>(evaluate, constrain, weight,
                                                                        options)
        .run(start);
}

}  // namespace hedgerow
