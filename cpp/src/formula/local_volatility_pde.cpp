#include "hedgerow/formula/local_volatility_pde.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "../math/tridiagonal.hpp"
#include "diffusion_mesh.hpp"
#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

using formula::Differences;
using formula::DiffusionMesh;
using formula::time_steps;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Deviations from the middle to the ends: beyond lies 3e-12 of the probability.
constexpr double reach = 7;
/// The part of the deviation within which nodes are evenly spaced.
constexpr double dense = 0.35;
/// Nearer to a barrier than this part of it, nothing is left to tell the nodes between apart.
constexpr double touching = 1e-9;
/// Steps are even in time^(1/power): forward from today's narrow density, backward from the kink.
constexpr double forward_power = 3, backward_power = 1.5;

void require(const DiffusionGrid& grid) {
    if (grid.nodes < 20 || grid.nodes > 100000)
        throw InvalidInput("nodes", grid.nodes, "must be within 20 to 100000");
    if (grid.steps < 4 || grid.steps > 100000)
        throw InvalidInput("steps", grid.steps, "must be within 4 to 100000");
}

/// Deviations of ln S at a time as the local variance shows it: in the middle, and of each side
/// along what a path two deviations off meets.
struct Deviations {
    double middle, low, high;
};

Deviations deviations_of(const LocalVariance& variance, std::span<const double> times) {
    std::array<double, 3> sums{}, k{}, found{};
    for (std::size_t j = 1; j < times.size(); ++j) {
        const double length = times[j] - times[j - 1];
        k = {-2 * std::sqrt(sums[1]), 0.0, 2 * std::sqrt(sums[2])};
        variance.variance(k, times[j] - 0.5 * length, found);
        sums[0] += found[1] * length;
        sums[1] += found[0] * length;
        sums[2] += found[2] * length;
    }
    // The mesh has a width where nothing moves, too.
    const double middle = std::max(std::sqrt(sums[0]), 1e-6);
    return {middle, std::max(middle, std::sqrt(sums[1])), std::max(middle, std::sqrt(sums[2]))};
}

/// The deviation in the middle at the first of the times that results are wanted for.
double first_deviation(const LocalVariance& variance, std::span<const double> times, double first) {
    const auto count = std::ranges::upper_bound(times, first) - times.begin();
    return deviations_of(variance, times.first(static_cast<std::size_t>(count))).middle;
}

/// A step in time: its middle, its length, and how implicit it is.
struct Step {
    double middle, length, theta;
};

/// The times from 0 to `end` of steps that go backward, short at first.
std::vector<double> times_back(double end, std::span<const double> jumps, int steps) {
    std::vector<double> mirrored;
    for (const double jump : jumps) mirrored.push_back(end - jump);
    std::vector<double> times = time_steps(end, mirrored, steps, backward_power);
    for (double& time : times) time = end - time;
    std::ranges::reverse(times);
    return times;
}

/// The steps of `times`, in turn or backward, the first two as halves that are implicit.
std::vector<Step> steps_of(std::vector<double> times, bool backward) {
    if (backward) std::ranges::reverse(times);
    std::vector<Step> steps;
    for (std::size_t j = 1; j < times.size(); ++j) {
        const double from = times[j - 1], length = std::abs(times[j] - from);
        const double sign = times[j] > from ? 1 : -1;
        if (j > 2) {
            steps.push_back({from + sign * 0.5 * length, length, 0.5});
            continue;
        }
        steps.push_back({from + sign * 0.25 * length, 0.5 * length, 1.0});
        steps.push_back({from + sign * 0.75 * length, 0.5 * length, 1.0});
    }
    return steps;
}

/// The local variances of a step at places k, and how many are missing.
std::size_t fill(const LocalVariance& variance, std::span<const double> k, double time,
                 std::span<double> values) {
    variance.variance(k, time, values);
    return static_cast<std::size_t>(
        std::ranges::count_if(values, [](double v) { return !(v >= 0 && std::isfinite(v)); }));
}

/// The mean of the payoff within `half` of a node, by which it does not matter where the kink lies
/// between nodes.
double averaged_payoff(Right right, double strike, double node, double half) {
    const double inside = sign(right) * (node - strike);
    if (inside >= half) return inside;
    if (inside <= -half) return 0;
    return (inside + half) * (inside + half) / (4 * half);
}

/// One option on a mesh of spot prices, in units of today's.
class Backward {
  public:
    Backward(const LocalVariance& variance, const DiffusionOption& option, DiffusionMesh mesh,
             bool absorbs_low, bool absorbs_high)
        : variance_(variance),
          option_(option),
          mesh_(std::move(mesh)),
          differences_(mesh_.price),
          absorbs_low_(absorbs_low),
          absorbs_high_(absorbs_high),
          matrix_(mesh_.size()),
          values_(mesh_.size()),
          explicit_(mesh_.size()),
          local_(mesh_.size()),
          k_(mesh_.size()),
          exercise_(mesh_.size()),
          exercised_(mesh_.size()) {}

    DiffusionPrice run(const std::vector<Step>& steps) {
        start();
        std::size_t undefined = 0;
        for (const Step& step : steps) {
            const std::size_t n = mesh_.size();
            for (std::size_t i = 0; i < n; ++i) k_[i] = mesh_.log[i] - option_.carry * step.middle;
            const std::size_t missing = fill(variance_, k_, step.middle, local_);
            undefined += missing;
            if (missing == 0) advance(step);
        }
        if (undefined > 0) return {DiffusionOutcome::undefined_variance, nan, nan, nan, undefined};
        return read();
    }

  private:
    void start() {
        const std::size_t n = mesh_.size();
        const double strike = option_.strike / option_.spot;
        const std::vector<double>& x = mesh_.price;
        for (std::size_t i = 0; i < n; ++i) {
            const double half = i > 0 && i + 1 < n ? 0.25 * (x[i + 1] - x[i - 1]) : 0.0;
            exercise_[i] = std::max(sign(option_.right) * (x[i] - strike), 0.0);
            values_[i] =
                half > 0 ? averaged_payoff(option_.right, strike, x[i], half) : exercise_[i];
        }
        absorb(values_);
        absorb(exercise_);
    }

    void absorb(std::vector<double>& values) const {
        if (absorbs_low_) values.front() = 0;
        if (absorbs_high_) values.back() = 0;
    }

    /// The rows of 1 - weight A, and A values into explicit_.
    void advance(const Step& step) {
        const std::size_t n = mesh_.size();
        const double implicit = step.theta * step.length;
        const double remaining = step.length - implicit;
        for (std::size_t i = 0; i < n; ++i) {
            const double x = mesh_.price[i];
            const bool inner = i > 0 && i + 1 < n;
            const double spread = inner ? 0.5 * local_[i] * x * x : 0.0;
            const double drift = option_.carry * x;
            const double below =
                spread * differences_.second_lower[i] + drift * differences_.first_lower[i];
            const double above =
                spread * differences_.second_upper[i] + drift * differences_.first_upper[i];
            const double here = -below - above - option_.rate;
            matrix_.lower[i] = -implicit * below;
            matrix_.upper[i] = -implicit * above;
            matrix_.diagonal[i] = 1 - implicit * here;
            double sum = here * values_[i];
            if (i > 0) sum += below * values_[i - 1];
            if (i + 1 < n) sum += above * values_[i + 1];
            explicit_[i] = values_[i] + remaining * sum;
        }
        if (absorbs_low_) hold(0);
        if (absorbs_high_) hold(n - 1);
        if (option_.american) {
            solve_exercised();
        } else {
            values_ = explicit_;
            matrix_.factorize_and_solve(values_);
        }
    }

    /// Row i: the value is what it is worth exercised, or absorbed.
    void hold(std::size_t i) {
        matrix_.lower[i] = matrix_.upper[i] = 0;
        matrix_.diagonal[i] = 1;
        explicit_[i] = exercise_[i];
    }

    /// min(row . values - right side, values - exercise) = 0 in every row, by policy iteration from
    /// the policy of the last step: each round solves with the rows where exercising is better
    /// held. It ends when none changes; more rounds than nodes are not possible but for rounding.
    void solve_exercised() {
        const std::size_t n = mesh_.size();
        const Tridiagonal rows = matrix_;
        const std::vector<double> right_side = explicit_;
        for (std::size_t round = 0; round <= n; ++round) {
            matrix_.lower = rows.lower;
            matrix_.diagonal = rows.diagonal;
            matrix_.upper = rows.upper;
            explicit_ = right_side;
            for (std::size_t i = 0; i < n; ++i)
                if (exercised_[i]) hold(i);
            values_ = explicit_;
            matrix_.factorize_and_solve(values_);
            bool changed = false;
            for (std::size_t i = 0; i < n; ++i) {
                double kept = rows.diagonal[i] * values_[i] - right_side[i];
                if (i > 0) kept += rows.lower[i] * values_[i - 1];
                if (i + 1 < n) kept += rows.upper[i] * values_[i + 1];
                const double rounding = 1e-15 * rows.diagonal[i];
                const bool better =
                    exercised_[i] ? kept >= -rounding : values_[i] < exercise_[i] - rounding;
                changed |= better != static_cast<bool>(exercised_[i]);
                exercised_[i] = better;
            }
            if (!changed) break;
        }
    }

    /// The parabola through five nodes around the spot, in prices: value, slope, curvature.
    DiffusionPrice read() const {
        constexpr std::size_t points = 5;
        const std::size_t last = mesh_.size() - points;
        const std::size_t start =
            std::min(mesh_.origin > 2 ? mesh_.origin - 2 : std::size_t{0}, last);
        // Newton's divided differences, then the polynomial and two derivatives at the price 1.
        std::array<double, points> x, c;
        for (std::size_t i = 0; i < points; ++i) {
            x[i] = mesh_.price[start + i] - 1;
            c[i] = values_[start + i];
        }
        for (std::size_t order = 1; order < points; ++order)
            for (std::size_t i = points - 1; i >= order; --i)
                c[i] = (c[i] - c[i - 1]) / (x[i] - x[i - order]);
        double value = 0, slope = 0, half_curvature = 0;
        for (std::size_t i = points; i-- > 0;) {
            half_curvature = half_curvature * -x[i] + slope;
            slope = slope * -x[i] + value;
            value = value * -x[i] + c[i];
        }
        return {DiffusionOutcome::valued, value * option_.spot, slope,
                2 * half_curvature / option_.spot, 0};
    }

    const LocalVariance& variance_;
    const DiffusionOption& option_;
    DiffusionMesh mesh_;
    Differences differences_;
    bool absorbs_low_, absorbs_high_;
    Tridiagonal matrix_;
    std::vector<double> values_, explicit_, local_, k_, exercise_;
    std::vector<char> exercised_;
};

void require(const DiffusionOption& option) {
    require_positive("spot", option.spot);
    require_positive("strike", option.strike);
    require_positive("time", option.time);
    require_finite("rate", option.rate);
    require_finite("carry", option.carry);
    if (!option.barrier) return;
    require_positive("level", option.level);
    if (option.american && is_in(*option.barrier))
        throw InvalidInput("barrier", "knock-in", "must not be exercised early");
}

DiffusionPrice price_out(const LocalVariance& variance, const DiffusionOption& option,
                         const DiffusionGrid& grid) {
    const bool down = option.barrier == BarrierKind::down_and_out;
    const bool up = option.barrier == BarrierKind::up_and_out;
    const double barrier = std::log(option.level / option.spot);
    if ((down && barrier >= -touching) || (up && barrier <= touching))
        return {DiffusionOutcome::valued, 0, 0, 0, 0};
    const std::vector<double> times = times_back(option.time, variance.jumps, grid.steps);
    const Deviations deviations = deviations_of(variance, times);
    if (!(deviations.low + deviations.high < 100))
        return {DiffusionOutcome::undefined_variance, nan, nan, nan, 1};
    const double shift = option.carry * option.time;
    const double strike = std::log(option.strike / option.spot);
    // The mesh holds today's price, the density at expiry around the forward, and the strike.
    double low = std::min({0.0, shift, strike}) - reach * deviations.low;
    double high = std::max({0.0, shift, strike}) + reach * deviations.high;
    double width = dense * deviations.middle;
    if (down) low = barrier;
    if (up) high = barrier;
    if (down || up) width = std::min(width, std::abs(barrier));
    if (!(high - low < 600))
        throw InvalidInput("strike", option.strike,
                           "must be, as the forward, within e^300 of the spot");
    DiffusionMesh mesh =
        DiffusionMesh::make(low, high, width, static_cast<std::size_t>(grid.nodes), up);
    return Backward(variance, option, std::move(mesh), down, up).run(steps_of(times, true));
}

}  // namespace

DiffusionPrice price_diffusion(const LocalVariance& variance, const DiffusionOption& option,
                               const DiffusionGrid& grid) {
    require(option);
    require(grid);
    if (!option.barrier || !is_in(*option.barrier)) return price_out(variance, option, grid);
    DiffusionOption out = option, plain = option;
    plain.barrier.reset();
    out.barrier = out_of(*option.barrier);
    const DiffusionPrice whole = price_out(variance, plain, grid);
    const DiffusionPrice lost = price_out(variance, out, grid);
    const bool valued = lost.outcome == DiffusionOutcome::valued;
    return {valued ? whole.outcome : lost.outcome, whole.price - lost.price,
            whole.delta - lost.delta, whole.gamma - lost.gamma, whole.undefined + lost.undefined};
}

DiffusionOutcome price_diffusion_strikes(const LocalVariance& variance, std::span<const double> k,
                                         std::span<const double> times, std::span<double> price,
                                         const DiffusionGrid& grid) {
    require(grid);
    if (k.size() != times.size() || k.size() != price.size())
        throw InvalidInput("times", std::to_string(times.size()) + " rows",
                           "must have as many rows as log-moneyness, " + std::to_string(k.size()));
    double first = std::numeric_limits<double>::infinity(), end = 0;
    for (std::size_t i = 0; i < k.size(); ++i) {
        require_finite("log_moneyness", k[i]);
        if (!(times[i] >= 0) || !std::isfinite(times[i]))
            throw InvalidInput("time", times[i], "must be finite and not negative");
        end = std::max(end, times[i]);
        if (times[i] > 0) first = std::min(first, times[i]);
    }
    std::ranges::fill(price, 0.0);
    if (end == 0) return DiffusionOutcome::valued;

    std::vector<double> stops = variance.jumps;
    stops.insert(stops.end(), times.begin(), times.end());
    const std::vector<double> ends = time_steps(end, stops, grid.steps, forward_power);
    const Deviations deviations = deviations_of(variance, ends);
    const auto fail = [&] {
        std::ranges::fill(price, nan);
        return DiffusionOutcome::undefined_variance;
    };
    if (!(deviations.low + deviations.high < 100)) return fail();
    const double share = first_deviation(variance, ends, first) / deviations.middle;
    const DiffusionMesh mesh = DiffusionMesh::make(-reach * deviations.low, reach * deviations.high,
                                                   dense * deviations.middle * std::sqrt(share),
                                                   static_cast<std::size_t>(grid.nodes), false);
    const std::size_t n = mesh.size();
    const Differences differences(mesh.price);
    Tridiagonal matrix(n);
    std::array<std::vector<double>, 2> values;  // of puts and of calls
    for (const double strike : mesh.price) {
        values[0].push_back(std::max(strike - 1, 0.0));
        values[1].push_back(std::max(1 - strike, 0.0));
    }
    std::vector<double> local(n), right_side(n);

    std::vector<std::size_t> order(k.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return times[i]; });
    std::size_t next = 0;
    while (next < order.size() && times[order[next]] == 0) ++next;

    double done = 0;
    for (const Step& step : steps_of(ends, false)) {
        if (fill(variance, mesh.log, step.middle, local) > 0) return fail();
        const double implicit = step.theta * step.length;
        const double remaining = step.length - implicit;
        matrix.diagonal[0] = matrix.diagonal[n - 1] = 1;
        for (std::size_t i = 1; i + 1 < n; ++i) {
            const double spread = 0.5 * local[i] * mesh.price[i] * mesh.price[i];
            matrix.lower[i] = -implicit * spread * differences.second_lower[i];
            matrix.upper[i] = -implicit * spread * differences.second_upper[i];
            matrix.diagonal[i] = 1 - matrix.lower[i] - matrix.upper[i];
        }
        matrix.factorize();
        for (std::vector<double>& column : values) {
            right_side = column;
            for (std::size_t i = 1; remaining > 0 && i + 1 < n; ++i)
                right_side[i] += remaining * 0.5 * local[i] * mesh.price[i] * mesh.price[i] *
                                 differences.second(column, i);
            column.swap(right_side);
            matrix.solve(column);
        }
        done = step.middle + 0.5 * step.length;
        for (; next < order.size() && times[order[next]] <= done * (1 + 1e-14); ++next) {
            const std::size_t row = order[next];
            const bool inside = mesh.log.front() <= k[row] && k[row] <= mesh.log.back();
            price[row] = inside ? mesh.interpolate(values[k[row] < 0 ? 0 : 1], k[row]) : nan;
        }
    }
    return DiffusionOutcome::valued;
}

}  // namespace hedgerow
