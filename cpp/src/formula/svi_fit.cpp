#include "hedgerow/formula/svi_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

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
constexpr int most_tightenings = 30;

bool in_domain(const SviParameters& slice) {
    return std::isfinite(slice.a) && slice.b >= 0 && std::isfinite(slice.b) &&
           std::abs(slice.rho) < 1 && std::isfinite(slice.m) && slice.sigma > 0 &&
           std::isfinite(slice.sigma);
}

/// Of the quotes' least variance: what a slice may be lifted by and still count as the best.
constexpr double most_lift = 1e-4;

class SliceFit {
  public:
    SliceFit(const Rows& rows, const SviFitOptions& options)
        : rows_(rows), options_(options), range_(smile::range_of(rows)), loss_{options.loss} {
        const double width = range_.width();
        const auto last = rows.variances.begin() + static_cast<std::ptrdiff_t>(rows.count);
        const auto [least, most] = std::minmax_element(rows.variances.begin(), last);
        least_variance_ = *least;
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
        SviVector x = minimize(start(), nullptr);
        certify(x);
        if (!satisfied()) x = enforce(x);
        record(x);
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

    SviVector minimize(const SviVector& from, const SviPenalties* penalties) {
        const auto evaluate = [&](const SviVector& x, const smile::Scaled& loss,
                                  NormalEquations<unknowns>& equations) {
            const SviParameters p = smile::to_parameters(x);
            add_quotes(p, loss, equations);
            if (penalties) penalties->add_to(equations, p);
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
        // be a hundredth of the quotes.
        double unit = 0;
        for (std::size_t i = 0; i < rows_.count; ++i) {
            const double size = options_.residual == SmileResidual::volatility
                                    ? rows_.volatilities[i]
                                    : rows_.variances[i];
            unit += rows_.weights[i] * size * size;
        }
        const double weight = 1e5 * (equations.cost() + 1e-6 * unit);
        SviPenalties rows(keeps_butterfly(), options_.earlier, least_variance_, weight);
        for (int i = 0; i < most_tightenings && !satisfied() && !(i > 0 && nearly()); ++i) {
            rows.tighten(smile::to_parameters(x), fit_.butterfly, fit_.calendar);
            x = minimize(x, &rows);
            certify(x);
        }
        return satisfied() ? x : lift(x);
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

    void record(const SviVector& x) {
        fit_.parameters = smile::to_parameters(x);
        fit_.quotes = rows_.count;
        const smile::Scatter scatter =
            smile::scatter(rows_, options_.residual, loss_, unknowns,
                           [&](double k) { return svi_total_variance(fit_.parameters, k); });
        fit_.residual = scatter.residual;
        fit_.largest_residual = scatter.largest_residual;
        const bool best = settled_ && lifted_ <= most_lift * least_variance_;
        fit_.outcome = !satisfied() ? SmileFitOutcome::not_enforced
                       : best       ? SmileFitOutcome::converged
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
    double least_variance_ = 0;
    smile::Scaled loss_;
    double lifted_ = 0;
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
