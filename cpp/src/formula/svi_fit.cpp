#include "hedgerow/formula/svi_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "hedgerow/formula/ssvi.hpp"
#include "hedgerow/math/constrained_least_squares.hpp"
#include "hedgerow/math/least_squares.hpp"
#include "smile_minimize.hpp"
#include "smile_rows.hpp"
#include "svi_constraints.hpp"
#include "svi_start.hpp"
#include "svi_unknowns.hpp"

namespace hedgerow {

namespace {

using smile::Range;
using smile::Rows;
using smile::SviChart;
using smile::SviConstraints;
using smile::SviUnknowns;
using smile::SviVector;
using smile::SviWings;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t unknowns = 5;
/// A wing of slope 2 itself is arbitrage.
constexpr double steepest_wing = 2 - 1e-3;
/// Of the constraints; real slices take one to six.
constexpr int most_tightenings = 12;
/// Of the squares of what is missing from the constraints, in units of the cost: so little is
/// missing that their margins make up for it.
constexpr double weight_of_constraints = 1e6;

bool in_domain(const SviParameters& slice) {
    return std::isfinite(slice.a) && slice.b >= 0 && std::isfinite(slice.b) &&
           std::abs(slice.rho) < 1 && std::isfinite(slice.m) && slice.sigma > 0 &&
           std::isfinite(slice.sigma);
}

/// Of the quotes' least variance: what a slice may be lifted by and still count as the best.
constexpr double most_lift = 1e-4;
constexpr double unseen_lift = 1e-5;

/// How many times the unconstrained residual makes a constrained slice one that is not the quotes'.
constexpr double far_away = 3;

class SliceFit {
  public:
    SliceFit(const Rows& rows, const SviFitOptions& options)
        : rows_(rows),
          options_(options),
          range_(smile::range_of(rows)),
          unknowns_(center(rows)),
          loss_{options.loss} {
        const double width = range_.width();
        const auto last = rows.variances.begin() + static_cast<std::ptrdiff_t>(rows.count);
        const auto [least, most] = std::minmax_element(rows.variances.begin(), last);
        least_variance_ = *least;
        most_variance_ = *most;
        flattest_ = 1e-4 * *most / width;
        wings_ = {flattest_, flattest_, steepest_wing};
        if (options.earlier) {
            constexpr double above = 1 + 1e-6;
            const SviParameters& earlier = *options.earlier;
            wings_.left = std::max(flattest_, above * earlier.b * (1 - earlier.rho));
            wings_.right = std::max(flattest_, above * earlier.b * (1 + earlier.rho));
        }
    }

    SviFit run() {
        SviConstraints constraints(wings_, least_variance_, range_.width());
        SviVector x = minimize(start(), constraints, false);
        certify(x);
        const double unconstrained = residual(x);
        if (!satisfied()) x = enforce(x, constraints);
        record(x, unconstrained);
        return fit_;
    }

  private:
    bool keeps_butterfly() const { return options_.constraint == SliceConstraint::butterfly; }
    bool satisfied() const {
        return (!keeps_butterfly() || fit_.butterfly.verdict == ArbitrageVerdict::free) &&
               (!options_.earlier || fit_.calendar.verdict == ArbitrageVerdict::free);
    }

    /// The mean place of the quotes, as they weigh.
    static double center(const Rows& rows) {
        double sum = 0, total = 0;
        for (std::size_t i = 0; i < rows.count; ++i) {
            sum += rows.weights[i] * rows.log_moneyness[i];
            total += rows.weights[i];
        }
        return sum / total;
    }

    /// With wings as steep as they must and may be; level, slope and curvature stay.
    SviVector within(SviVector x) const {
        x[3] = std::clamp(x[3], wings_.left + x[1], wings_.steepest + x[1]);
        x[4] = std::clamp(x[4], wings_.right - x[1], wings_.steepest - x[1]);
        x[2] = std::max(x[2], flattest_ / range_.width());
        return x;
    }

    SviVector start() const {
        SviParameters p =
            options_.start ? *options_.start : smile::svi_start(rows_, range_, options_.residual);
        // A straight line has no unknowns, and volatilities need a positive variance to begin with.
        p.b = std::max(p.b, flattest_);
        p.a += std::max(0.0, 0.01 * least_variance_ - svi_minimum(p));
        return unknowns_.vector(p);
    }

    void add_quotes(const SviChart& at, const smile::Scaled& loss,
                    NormalEquations<unknowns>& equations) const {
        smile::add_rows(rows_, options_.residual, loss, smile::svi_slice(at.parameters, at.by),
                        equations);
    }

    SviVector minimize(const SviVector& from, const SviConstraints& constraints, bool flat) {
        LeastSquaresOptions options;
        options.most_iterations = options_.most_iterations;
        options.least_reduction = smile::least_reduction;
        const auto constrain = [&](const SviVector& x, SviConstraints::Rows& rows) {
            constraints.add_to(rows, x, unknowns_.at(x));
        };
        const auto solve = [&](const SviVector& start, const smile::Scaled& loss) {
            // Of quotes without a residual a part that is no noise.
            const double unit = cost(start, loss) + 1e-6 * size();
            const auto evaluate = [&](const SviVector& x, NormalEquations<unknowns>& equations) {
                const SviChart at = unknowns_.at(x);
                add_quotes(at, loss, equations);
                if (flat) add_flatness(at, unit, equations);
            };
            const auto result = minimize_constrained<unknowns, SviConstraints::most>(
                evaluate, constrain, start, weight_of_constraints * unit, options);
            fit_.iterations += result.iterations;
            settled_ = result.outcome == LeastSquaresOutcome::converged;
            return result.parameters;
        };
        const auto deviation = [&](const SviVector& x) {
            const SviParameters p = unknowns_.parameters(x);
            return smile::deviation(rows_, options_.residual, unknowns,
                                    [&](double k) { return svi_total_variance(p, k); });
        };
        return within(smile::minimize_under(loss_, from, deviation, solve));
    }

    void certify(const SviVector& x) { certify(unknowns_.parameters(x)); }
    void certify(const SviParameters& p) {
        fit_.butterfly = svi_butterfly(p);
        if (options_.earlier) fit_.calendar = svi_calendar(*options_.earlier, p);
    }

    void tighten(const SviVector& x, SviConstraints& constraints) {
        constraints.tighten(unknowns_.parameters(x), keeps_butterfly() ? &fit_.butterfly : nullptr,
                            options_.earlier ? &fit_.calendar : nullptr, options_.earlier);
    }

    SviVector enforce(SviVector x, SviConstraints& constraints) {
        if (options_.start) {
            // The last fit came to rest at constraints, and this one will at much the same.
            tighten(x, constraints);
            x = start();
            certify(x);
            tighten(x, constraints);
            x = minimize(x, constraints, true);
            certify(x);
        }
        for (int i = 0; i < most_tightenings && !satisfied() && !nearly(); ++i) {
            tighten(x, constraints);
            const int before = fit_.iterations;
            x = minimize(x, constraints, true);
            if (fit_.iterations == before) break;  // more points of the same say no more
            certify(x);
        }
        return satisfied() ? x : lift(x);
    }

    /// Whether a lift too small to be seen is all that is missing.
    bool nearly() const {
        return options_.earlier && fit_.calendar.depth <= unseen_lift * least_variance_ &&
               (!keeps_butterfly() || fit_.butterfly.verdict == ArbitrageVerdict::free);
    }

    /// The level rises by what the earlier slice lies above, and where that is not enough, for the
    /// certificates to pass, by doubling.
    SviVector lift(SviVector x) {
        const double level = x[0];
        double rise = 1e-9 * least_variance_;
        if (options_.earlier && std::isfinite(fit_.calendar.depth)) rise += fit_.calendar.depth;
        for (int i = 0; i < 40 && !satisfied(); ++i) {
            x[0] = level + rise;
            certify(x);
            lifted_ = rise;
            rise *= 2;
        }
        return x;
    }

    double cost(const SviVector& x, const smile::Scaled& loss) const {
        NormalEquations<unknowns> equations;
        add_quotes(unknowns_.at(x), loss, equations);
        return equations.cost();
    }

    double total_weight() const {
        double sum = 0;
        for (std::size_t i = 0; i < rows_.count; ++i) sum += rows_.weights[i];
        return sum;
    }

    /// The weighted squares of the quotes.
    double size() const {
        double sum = 0;
        for (std::size_t i = 0; i < rows_.count; ++i) {
            const double each = options_.residual == SmileResidual::volatility
                                    ? rows_.volatilities[i]
                                    : rows_.variances[i];
            sum += rows_.weights[i] * each * each;
        }
        return sum;
    }

    /// A wing that the quotes do not reach may have any slope as far as they go, but not as far as
    /// the constraints go, of later slices too: where nothing else speaks, the flatter is
    /// preferred.
    void add_flatness(const SviChart& at, double cost, NormalEquations<unknowns>& equations) const {
        const SviParameters& p = at.parameters;
        const double weight = 1e-3 * cost, unit = range_.width() / most_variance_;
        equations.add(p.b * (1 - p.rho) * unit, {0, -unit, 0, unit, 0}, weight);
        equations.add(p.b * (1 + p.rho) * unit, {0, unit, 0, 0, unit}, weight);
    }

    bool is_best() const { return settled_ && lifted_ <= most_lift * least_variance_; }

    double residual(const SviVector& x) const {
        const SviParameters p = unknowns_.parameters(x);
        return smile::scatter(rows_, options_.residual, loss_, unknowns,
                              [&](double k) { return svi_total_variance(p, k); })
            .residual;
    }

    void record(const SviVector& x, double unconstrained) {
        fit_.parameters = unknowns_.parameters(x);
        fit_.quotes = rows_.count;
        const smile::Scatter scatter =
            smile::scatter(rows_, options_.residual, loss_, unknowns,
                           [&](double k) { return svi_total_variance(fit_.parameters, k); });
        fit_.residual = scatter.residual;
        fit_.largest_residual = scatter.largest_residual;
        const double typical = std::sqrt(size() / total_weight());
        const bool far = fit_.residual > far_away * unconstrained + 1e-3 * typical;
        fit_.outcome = !satisfied() ? SmileFitOutcome::not_enforced
                       : far        ? SmileFitOutcome::far_from_quotes
                       : is_best()  ? SmileFitOutcome::converged
                                    : SmileFitOutcome::not_converged;
        const SviVector at = {fit_.parameters.a, fit_.parameters.b, fit_.parameters.rho,
                              fit_.parameters.m, fit_.parameters.sigma};
        Box<unknowns> everywhere;
        everywhere.low.fill(-infinity);
        everywhere.high.fill(infinity);
        const auto plain = minimize_least_squares<unknowns>(
            [&](const SviVector&, NormalEquations<unknowns>& equations) {
                constexpr std::array<SviVector, 5> itself{SviVector{1, 0, 0, 0, 0},
                                                          {0, 1, 0, 0, 0},
                                                          {0, 0, 1, 0, 0},
                                                          {0, 0, 0, 1, 0},
                                                          {0, 0, 0, 0, 1}};
                smile::add_rows(rows_, options_.residual, {},
                                smile::svi_slice(fit_.parameters, itself), equations);
            },
            at, everywhere, {.most_iterations = 0});
        SviVector errors;
        for (std::size_t i = 0; i < unknowns; ++i)
            errors[i] = std::sqrt(scatter.variance * plain.variances[i]);
        fit_.standard_errors = {errors[0], errors[1], errors[2], errors[3], errors[4]};
    }

    const Rows& rows_;
    const SviFitOptions& options_;
    Range range_;
    SviUnknowns unknowns_;
    SviWings wings_{};
    double flattest_ = 0;                            ///< of a wing
    double least_variance_ = 0, most_variance_ = 0;  ///< of the quotes
    smile::Scaled loss_;
    double lifted_ = 0;  ///< the level, in the end
    bool settled_ = false;
    SviFit fit_;
};

}  // namespace

const char* name(SmileFitOutcome outcome) noexcept {
    switch (outcome) {
        case SmileFitOutcome::converged:
            return "converged";
        case SmileFitOutcome::not_converged:
            return "not_converged";
        case SmileFitOutcome::too_few_quotes:
            return "too_few_quotes";
        case SmileFitOutcome::invalid_quote:
            return "invalid_quote";
        case SmileFitOutcome::invalid_input:
            return "invalid_input";
        case SmileFitOutcome::too_many_quotes:
            return "too_many_quotes";
        case SmileFitOutcome::not_enforced:
            return "not_enforced";
        case SmileFitOutcome::far_from_quotes:
            return "far_from_quotes";
    }
    return "unknown";
}

SviFit fit_svi(const SmileQuotes& quotes, const SviFitOptions& options) noexcept {
    SviFit fit;
    fit.parameters = fit.standard_errors = {nan, nan, nan, nan, nan};
    fit.residual = fit.largest_residual = nan;
    Rows rows;
    fit.outcome = rows.read(quotes, fit.invalid_row);
    fit.quotes = rows.count;
    if (fit.outcome != SmileFitOutcome::converged) return fit;
    const bool domains = (!options.earlier || in_domain(*options.earlier)) &&
                         (!options.start || in_domain(*options.start)) &&
                         options.most_iterations >= 0;
    if (!domains) {
        fit.outcome = SmileFitOutcome::invalid_input;
        return fit;
    }
    if (rows.distinct() < unknowns) {
        fit.outcome = SmileFitOutcome::too_few_quotes;
        return fit;
    }
    return SliceFit(rows, options).run();
}

}  // namespace hedgerow
