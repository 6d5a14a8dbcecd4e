// eSSVI expiry by expiry: the unknowns of each slice range over what the slice before leaves free.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

#include "hedgerow/formula/ssvi_fit.hpp"
#include "hedgerow/math/jet.hpp"
#include "smile_minimize.hpp"
#include "smile_rows.hpp"
#include "svi_start.hpp"

namespace hedgerow {

namespace {

using smile::Rows;
using Vector = std::array<double, 3>;
using Number = Jet<3, 1>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t unknowns = 3;
/// A wing of slope 2 itself is arbitrage: psi (1 + |rho|) stays this far below 4, relatively.
constexpr double below = 1 - 1e-9;

Number least(const Number& a, const Number& b) {
    return a.value() <= b.value() ? a : b;
}
Number greatest(const Number& a, const Number& b) {
    return a.value() >= b.value() ? a : b;
}

/// A slice and its derivatives by the unknowns.
struct Slice {
    Number theta, rho, psi;

    SsviSlice value() const { return {theta.value(), rho.value(), psi.value()}; }
};

/// Unknowns to slices: x = (rho, rise, part), with theta the least that the slice before allows at
/// this rho plus `rise`, and psi between its bounds by `part` in [0, 1].
class Parametrization {
  public:
    explicit Parametrization(const std::optional<SsviSlice>& before) : before_(before) {}

    Slice slice(const Vector& x) const {
        const Number rho = Number::variable(0, x[0]), rise = Number::variable(1, x[1]);
        const Number part = Number::variable(2, x[2]);
        const Number one(1.0), skewness = one + abs(rho);
        if (!before_) {
            const Number highest =
                least(Number(4 * below) / skewness, Number(2.0) * sqrt(rise / skewness));
            return {rise, rho, part * highest};
        }
        // psi (1 + rho) and psi (1 - rho) must not fall: psi >= lowest. So that phi need not rise
        // and the curvature bound holds at `lowest`, theta must have risen too.
        const Number growth = greatest(Number(1 + before_->rho) / (one + rho),
                                       Number(1 - before_->rho) / (one - rho));
        const Number lowest = Number(before_->psi) * growth;
        const Number theta =
            greatest(Number(before_->theta) * growth, lowest * lowest * skewness / Number(4.0)) +
            rise;
        const Number highest = least(
            least(Number(before_->psi / before_->theta) * theta, Number(4 * below) / skewness),
            Number(2.0) * sqrt(theta / skewness));
        return {theta, rho, lowest + part * (highest - lowest)};
    }

    /// Where lowest (1 + |rho|) <= 4: an interval around the rho before.
    Box<unknowns> box(double most_theta) const {
        Box<unknowns> box{{-smile::most_rho, 0, 0}, {smile::most_rho, most_theta, 1}};
        if (!before_) {
            box.low[1] = 1e-12 * most_theta;
            return box;
        }
        const auto furthest = [&](double rho) {
            const double ratio = 4 * below / (before_->psi * (1 - rho));
            return (ratio - 1) / (ratio + 1);
        };
        if (before_->psi > 0) {
            box.high[0] = std::min(box.high[0], furthest(before_->rho));
            box.low[0] = std::max(box.low[0], -furthest(-before_->rho));
        }
        return box;
    }

  private:
    const std::optional<SsviSlice>& before_;
};

class EssviFit {
  public:
    EssviFit(const Rows& rows, const std::optional<SsviSlice>& before,
             const SsviFitOptions& options)
        : rows_(rows), before_(before), options_(options), space_(before), loss_{options.loss} {
        const auto last = rows.variances.begin() + static_cast<std::ptrdiff_t>(rows.count);
        box_ = space_.box(100 * *std::max_element(rows.variances.begin(), last));
    }

    EssviSliceFit run() {
        const auto evaluate = [&](const Vector& x, const smile::Scaled& loss,
                                  NormalEquations<unknowns>& equations) {
            add_quotes(space_.slice(x), loss, equations);
        };
        const auto deviation = [&](const Vector& x) {
            const SsviSlice slice = space_.slice(x).value();
            return smile::deviation(rows_, options_.residual, unknowns,
                                    [&](double k) { return ssvi_total_variance(slice, k); });
        };
        const auto result = smile::minimize<unknowns>(evaluate, deviation, start(), box_,
                                                      options_.most_iterations, loss_);
        fit_.iterations = result.iterations;
        fit_.outcome = result.outcome == LeastSquaresOutcome::converged
                           ? SmileFitOutcome::converged
                           : SmileFitOutcome::not_converged;
        record(space_.slice(result.parameters).value());
        return fit_;
    }

  private:
    void add_quotes(const Slice& slice, const smile::Scaled& loss,
                    NormalEquations<unknowns>& equations) const {
        const Number wings = slice.rho * slice.psi, half(0.5);
        const Number level = half * slice.theta, across = half * slice.psi;
        const std::array<Number, 5> numbers{level, half * wings, level * level, level * wings,
                                            across * across};
        smile::Slice<unknowns> seen{{0, numbers[0].value(), numbers[1].value(), numbers[2].value(),
                                     numbers[3].value(), numbers[4].value()},
                                    {}};
        for (std::size_t i = 0; i < unknowns; ++i)
            for (std::size_t j = 0; j < numbers.size(); ++j)
                seen.by[i][j] = numbers[j].derivative(static_cast<int>(i));
        smile::add_rows(rows_, options_.residual, loss, seen, equations);
    }

    /// The best of a few skews and curvatures around the level of the best SVI slice of a grid.
    Vector start() const {
        const SviParameters slice =
            smile::svi_start(rows_, smile::range_of(rows_), options_.residual);
        const double level = std::max(svi_total_variance(slice, 0), 1e-3 * rows_.variances[0]);
        Vector best{};
        double least_cost = std::numeric_limits<double>::infinity();
        for (const double skew : {-0.9, -0.6, -0.3, 0.0, 0.3, 0.6})
            for (const double part : {0.1, 0.3, 0.6, 0.9}) {
                Vector x{std::clamp(skew, box_.low[0], box_.high[0]), 0, part};
                x[1] = std::clamp(level - space_.slice(x).theta.value(), box_.low[1], box_.high[1]);
                const SsviSlice trial = space_.slice(x).value();
                double cost = 0;
                for (std::size_t i = 0; i < rows_.count; ++i) {
                    const double w = ssvi_total_variance(trial, rows_.log_moneyness[i]);
                    const double value = difference(rows_, i, w, options_.residual).value;
                    cost += rows_.weights[i] * value * value;
                }
                if (!(cost < least_cost)) continue;
                least_cost = cost;
                best = x;
            }
        return best;
    }

    void record(const SsviSlice& slice) {
        fit_.parameters = slice;
        fit_.quotes = rows_.count;
        const smile::Scatter scatter =
            smile::scatter(rows_, options_.residual, loss_, unknowns,
                           [&](double k) { return ssvi_total_variance(slice, k); });
        fit_.residual = scatter.residual;
        fit_.largest_residual = scatter.largest_residual;
        fit_.butterfly = svi_butterfly(to_raw(slice));
        if (before_) fit_.calendar = svi_calendar(to_raw(*before_), to_raw(slice));

        constexpr double infinity = std::numeric_limits<double>::infinity();
        const auto plain = minimize_least_squares<unknowns>(
            [&](const Vector& x, NormalEquations<unknowns>& equations) {
                add_quotes({Number::variable(0, x[0]), Number::variable(1, x[1]),
                            Number::variable(2, x[2])},
                           {}, equations);
            },
            {slice.theta, slice.rho, slice.psi},
            {{-infinity, -infinity, -infinity}, {infinity, infinity, infinity}},
            {.most_iterations = 0});
        Vector errors;
        for (std::size_t i = 0; i < unknowns; ++i)
            errors[i] = std::sqrt(scatter.variance * plain.variances[i]);
        fit_.standard_errors = {errors[0], errors[1], errors[2]};
    }

    const Rows& rows_;
    const std::optional<SsviSlice>& before_;
    const SsviFitOptions& options_;
    Parametrization space_;
    Box<unknowns> box_;
    smile::Scaled loss_;
    EssviSliceFit fit_;
};

EssviSliceFit without_fit(SmileFitOutcome outcome) {
    EssviSliceFit fit;
    fit.outcome = outcome;
    fit.parameters = fit.standard_errors = {nan, nan, nan};
    fit.residual = fit.largest_residual = nan;
    return fit;
}

}  // namespace

void fit_essvi(std::span<const SmileQuotes> expiries, std::span<EssviSliceFit> slices,
               const SsviFitOptions& options) noexcept {
    std::fill(slices.begin(), slices.end(), without_fit(SmileFitOutcome::invalid_input));
    if (slices.size() != expiries.size() || options.most_iterations < 0) return;
    std::optional<SsviSlice> before;
    double time = 0;
    for (std::size_t i = 0; i < expiries.size(); ++i) {
        EssviSliceFit& fit = slices[i];
        Rows rows;
        fit.outcome = rows.read(expiries[i], fit.invalid_row);
        fit.quotes = rows.count;
        if (fit.outcome == SmileFitOutcome::invalid_input || !(expiries[i].time > time)) {
            fit.outcome = SmileFitOutcome::invalid_input;
            return;
        }
        time = expiries[i].time;
        if (fit.outcome != SmileFitOutcome::converged) continue;
        if (rows.distinct() < unknowns) {
            fit.outcome = SmileFitOutcome::too_few_quotes;
            continue;
        }
        fit = EssviFit(rows, before, options).run();
        before = fit.parameters;
    }
}

}  // namespace hedgerow
