#include "hedgerow/formula/svi_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "hedgerow/formula/ssvi.hpp"
#include "hedgerow/math/least_squares.hpp"
#include "smile_minimize.hpp"
#include "smile_rows.hpp"
#include "svi_penalties.hpp"
#include "svi_start.hpp"

namespace hedgerow {

namespace {

using smile::Range;
using smile::Rows;
using smile::SviPenalties;
using smile::SviVector;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t unknowns = 5;
/// A wing of slope 2 itself is arbitrage.
constexpr double steepest_wing = 2 - 1e-3;
/// Of the penalties; real slices take one to six.
constexpr int most_tightenings = 8;

bool in_domain(const SviParameters& slice) {
    return std::isfinite(slice.a) && slice.b >= 0 && std::isfinite(slice.b) &&
           std::abs(slice.rho) < 1 && std::isfinite(slice.m) && slice.sigma > 0 &&
           std::isfinite(slice.sigma);
}

/// Of the quotes' least variance: what a slice may be lifted by and still count as the best.
constexpr double most_lift = 1e-4;

/// How many times the unconstrained residual makes a constrained slice one that is not the quotes'.
constexpr double far_away = 3;

class SliceFit {
  public:
    SliceFit(const Rows& rows, const SviFitOptions& options)
        : rows_(rows), options_(options), range_(smile::range_of(rows)), loss_{options.loss} {
        const double width = range_.width();
        const auto last = rows.variances.begin() + static_cast<std::ptrdiff_t>(rows.count);
        const auto [least, most] = std::minmax_element(rows.variances.begin(), last);
        least_variance_ = *least;
        most_variance_ = *most;
        const double flattest = 1e-4 * *most / width;
        double left = flattest, right = flattest;
        if (options.earlier) {
            constexpr double above = 1 + 1e-12;
            left = std::max(left, above * options.earlier->b * (1 - options.earlier->rho));
            right = std::max(right, above * options.earlier->b * (1 + options.earlier->rho));
        }
        box_.low = {-infinity, left, right, range_.low - width, 1e-3 * width};
        box_.high = {infinity, steepest_wing, steepest_wing, range_.high + width, 10 * width};
    }

    SviFit run() {
        SviVector x = minimize(start(), [](const auto&, auto&) {});
        certify(x);
        const double unconstrained = residual(x);
        if (!satisfied()) x = enforce(x);
        record(x, unconstrained);
        return fit_;
    }

  private:
    bool keeps_butterfly() const { return options_.constraint == SliceConstraint::butterfly; }
    bool satisfied() const {
        return (!keeps_butterfly() || fit_.butterfly.verdict == ArbitrageVerdict::free) &&
               (!options_.earlier || fit_.calendar.verdict == ArbitrageVerdict::free);
    }

    SviVector start() const {
        SviParameters p =
            options_.start ? *options_.start : smile::svi_start(rows_, range_, options_.residual);
        // Volatilities need a positive variance to begin with.
        p.a += std::max(0.0, 0.01 * least_variance_ - svi_minimum(p));
        return smile::to_vector(p);
    }

    void add_quotes(const SviParameters& p, const smile::Scaled& loss,
                    NormalEquations<unknowns>& equations) const {
        for (std::size_t i = 0; i < rows_.count; ++i) {
            const smile::SviDual w = smile::svi_variance_dual(p, rows_.log_moneyness[i]);
            smile::add_row(rows_, i, options_.residual, loss, w.value, smile::by_unknowns(p, w.by),
                           equations);
        }
    }

    template <class Penalties>
    SviVector minimize(const SviVector& from, const Penalties& add_penalties) {
        const auto evaluate = [&](const SviVector& x, const smile::Scaled& loss,
                                  NormalEquations<unknowns>& equations) {
            const SviParameters p = smile::to_parameters(x);
            add_quotes(p, loss, equations);
            add_penalties(p, equations);
        };
        const auto deviation = [&](const SviVector& x) {
            const SviParameters p = smile::to_parameters(x);
            return smile::deviation(rows_, options_.residual, unknowns,
                                    [&](double k) { return svi_total_variance(p, k); });
        };
        const auto result = smile::minimize<unknowns>(evaluate, deviation, from, box_,
                                                      options_.most_iterations, loss_);
        fit_.iterations += result.iterations;
        settled_ = result.outcome == LeastSquaresOutcome::converged;
        return result.parameters;
    }

    void certify(const SviVector& x) {
        const SviParameters p = smile::to_parameters(x);
        fit_.butterfly = svi_butterfly(p);
        if (options_.earlier) fit_.calendar = svi_calendar(*options_.earlier, p);
    }

    /// How much of the quotes' variance is missing from the constraints.
    bool nearly() const {
        const bool butterfly = !keeps_butterfly() ||
                               fit_.butterfly.verdict == ArbitrageVerdict::free ||
                               (fit_.butterfly.violation == SliceViolation::negative_density &&
                                fit_.butterfly.minimum > -1e-4);
        const bool calendar = !options_.earlier ||
                              fit_.calendar.verdict == ArbitrageVerdict::free ||
                              fit_.calendar.depth <= 1e-6 * least_variance_;
        return butterfly && calendar;
    }

    SviVector enforce(SviVector x) {
        NormalEquations<unknowns> equations;
        add_quotes(smile::to_parameters(x), loss_, equations);
        // A breach of a hundredth weighs as much as ten times all residuals, or as those that would
        // be a thousandth of the quotes.
        unit_ = equations.cost() + 1e-6 * size();
        const double weight = 1e5 * unit_;
        SviPenalties rows(keeps_butterfly(), options_.earlier, least_variance_, weight);
        for (int i = 0; i < most_tightenings && !satisfied() && !(i > 0 && nearly()); ++i) {
            rows.tighten(smile::to_parameters(x), fit_.butterfly, fit_.calendar);
            x = minimize(x, [&](const SviParameters& p, NormalEquations<unknowns>& equations) {
                rows.add_to(equations, p);
                add_flatness(p, equations);
            });
            certify(x);
        }
        if (!satisfied()) x = lift(x);
        if (satisfied() && is_best()) return x;

        // The best slice without constraints may be far from all that keep to them: then the way
        // leads from the inside.
        const SviVector other = descend(inside());
        const bool kept = satisfied();
        const double rest = residual(other);
        certify(x);
        if (kept && !(satisfied() && residual(x) <= rest)) x = other;
        certify(x);
        return x;
    }

    /// The least that the level must rise for the certificates to pass, by doubling.
    SviVector lift(SviVector x) {
        const double level = x[0];
        double rise = 1e-9 * least_variance_;
        for (int i = 0; i < 40 && !satisfied(); ++i) {
            x[0] = level + rise;
            certify(x);
            lifted_ = rise;
            rise *= 2;
        }
        return x;
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
    void add_flatness(const SviParameters& p, NormalEquations<unknowns>& equations) const {
        const double weight = 1e-3 * unit_, per_slope = range_.width() / most_variance_;
        equations.add(p.b * (1 - p.rho) * per_slope, {0, per_slope, 0, 0, 0}, weight);
        equations.add(p.b * (1 + p.rho) * per_slope, {0, 0, per_slope, 0, 0}, weight);
    }

    bool is_best() const { return settled_ && lifted_ <= most_lift * least_variance_; }

    double residual(const SviVector& x) const {
        const SviParameters p = smile::to_parameters(x);
        return smile::scatter(rows_, options_.residual, loss_, unknowns,
                              [&](double k) { return svi_total_variance(p, k); })
            .residual;
    }

    /// A slice that keeps to the constraints: the best of a few SSVI ones or the earlier one,
    /// lifted.
    SviVector inside() {
        const double level =
            std::max(svi_total_variance(smile::svi_start(rows_, range_, options_.residual), 0.0),
                     least_variance_);
        SviVector best{};
        double least = infinity;
        for (const double rho : {-0.9, -0.6, -0.3, 0.0, 0.3, 0.6})
            for (const double part : {0.1, 0.3, 0.6, 0.9}) {
                const double skewness = 1 + std::abs(rho);
                const double psi = part * std::min(4 / skewness, 2 * std::sqrt(level / skewness));
                SviVector x = smile::to_vector(to_raw(SsviSlice{level, rho, psi}));
                for (std::size_t j = 0; j < unknowns; ++j)
                    x[j] = std::min(std::max(x[j], box_.low[j]), box_.high[j]);
                const double cost = residual(x);
                if (!(cost < least)) continue;
                least = cost;
                best = x;
            }
        certify(best);
        best = lift(best);
        if (!options_.earlier) return best;
        // The earlier slice itself keeps to the constraints.
        SviVector raised = smile::to_vector(*options_.earlier);
        raised[0] += std::max(level - svi_total_variance(*options_.earlier, 0.0), 0.0);
        for (std::size_t j = 0; j < unknowns; ++j)
            raised[j] = std::min(std::max(raised[j], box_.low[j]), box_.high[j]);
        if (satisfied() && residual(best) <= residual(raised)) return best;
        certify(raised);
        return lift(raised);
    }

    /// Lowers the cost among the slices that keep to the constraints: others are steps not taken,
    /// and near the edge penalties turn the steps along it, within an ever thinner layer.
    SviVector descend(SviVector x) {
        if (!satisfied()) return x;
        lifted_ = 0;
        for (const double layer : {0.1, 0.03, 0.01, 1e-3, 1e-4}) {
            const auto inner = [&](const SviParameters& p, NormalEquations<unknowns>& equations) {
                certify(smile::to_vector(p));
                if (!satisfied()) {
                    equations.add(nan, SviVector{});
                    return;
                }
                add_flatness(p, equations);
                if (keeps_butterfly() && fit_.butterfly.minimum < layer &&
                    std::isfinite(fit_.butterfly.where)) {
                    smile::SviDual g = smile::svi_density_dual(p, fit_.butterfly.where);
                    for (double& each : g.by) each = -each;
                    equations.add(layer - g.value, smile::by_unknowns(p, g.by),
                                  unit_ * 1e-2 / (layer * layer));
                }
                for (std::size_t i = 0; options_.earlier && i < rows_.count; ++i) {
                    const double k = rows_.log_moneyness[i];
                    const double earlier = svi_total_variance(*options_.earlier, k);
                    smile::SviDual w = smile::svi_variance_dual(p, k);
                    const double missing = 1 + 0.1 * layer - w.value / earlier;
                    if (!(missing > 0)) continue;
                    for (double& each : w.by) each /= -earlier;
                    equations.add(missing, smile::by_unknowns(p, w.by),
                                  unit_ * 1e-4 / (layer * layer));
                }
            };
            x = minimize(x, inner);
        }
        certify(x);
        return x;
    }

    void record(const SviVector& x, double unconstrained) {
        fit_.parameters = smile::to_parameters(x);
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
                for (std::size_t i = 0; i < rows_.count; ++i) {
                    const smile::SviDual w =
                        smile::svi_variance_dual(fit_.parameters, rows_.log_moneyness[i]);
                    smile::add_row(rows_, i, options_.residual, {}, w.value, w.by, equations);
                }
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
    Box<unknowns> box_;
    double least_variance_ = 0, most_variance_ = 0;  ///< of the quotes
    smile::Scaled loss_;
    double unit_ = 0;    ///< of the penalties' cost
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
