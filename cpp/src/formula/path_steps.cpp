#include "path_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/formula/fourier.hpp"

namespace hedgerow::formula {

namespace {

constexpr std::uint32_t model_stream = 0, jump_stream = 1;
constexpr double most_jumps = 100;  // in the mean of one step

void require_times(std::span<const double> times) {
    if (times.empty()) throw InvalidInput("times", "none", "must be one at least");
    if (!(times.back() > 0)) throw InvalidInput("times", times.back(), "must end after 0");
    double before = 0;
    for (std::size_t i = 0; i < times.size(); before = times[i++]) {
        const bool first = i == 0;
        if (!std::isfinite(times[i]) || (first ? times[i] < 0 : !(times[i] > before)))
            throw InvalidInput("times", times[i], "must be finite, from 0 on and increasing");
    }
}

void require_parameters(FourierModel model, std::span<const double> parameters) {
    if (model != FourierModel::heston && model != FourierModel::bates)
        throw InvalidInput("model", std::to_string(static_cast<int>(model)),
                           "must be Heston or Bates");
    const auto names = parameter_names(model);
    if (parameters.size() != names.size())
        throw InvalidInput("parameters", std::to_string(parameters.size()) + " numbers",
                           "must be " + std::to_string(names.size()));
    if (const auto invalid = find_invalid(model, parameters))
        throw InvalidInput(names[invalid->index], parameters[invalid->index], invalid->rule);
}

kernels::HestonStep heston_step(std::span<const double> p, double h) {
    const double kappa = p[1], theta = p[2], sigma = p[3], rho = p[4];
    const double gone = -std::expm1(-kappa * h), decay = 1.0 - gone;
    const double spread = sigma * sigma * gone / kappa;
    kernels::HestonStep step;
    step.decay = decay;
    step.mean = theta * gone;
    step.spread = spread * decay;
    step.constant = 0.5 * theta * spread * gone;
    step.from_variance = 0.5 * h * (kappa * rho / sigma - 0.5) + rho / sigma;
    step.share = 0.5 * h * (1.0 - rho) * (1.0 + rho);
    step.exponent = step.from_variance + 0.5 * step.share;
    // 2 a and g of the kernel are at most `spread`, whatever the variance.
    if (!(step.exponent * spread < 1.0))
        throw InvalidInput("step", h,
                           "is too long for a martingale where rho is positive: must be below "
                           "about 1/(rho sigma)");
    return step;
}

/// P(N <= 0), P(N <= 1), ... of a Poisson number, up to the last that a uniform can exceed.
std::vector<double> poisson_chances(double mean) {
    std::vector<double> chances;
    double chance = std::exp(-mean), sum = chance;
    while (sum < 1.0 - 0x1p-53 && static_cast<double>(chances.size()) < 20 * most_jumps) {
        chances.push_back(sum);
        chance *= mean / static_cast<double>(chances.size());
        sum += chance;
        if (chance < 0x1p-60 && static_cast<double>(chances.size()) > mean) break;
    }
    return chances;
}

}  // namespace

PathSteps::PathSteps(const kernels::Table& table, const SimulationPlan& plan)
    : table_(table), plan_(plan) {
    require_parameters(plan.model, plan.parameters);
    require_times(plan.times);
    require_positive("step", plan.longest_step);
    if (plan.paths == 0) throw InvalidInput("paths", "0", "must be positive");
    double start = 0;
    for (const double end : plan.times) {
        intervals_.push_back(interval(start, end));
        count_ += intervals_.back().steps;
        start = end;
    }
    if (count_ > std::numeric_limits<std::uint32_t>::max())
        throw InvalidInput("step", plan.longest_step, "makes more than 2^32 steps");
}

PathSteps::Interval PathSteps::interval(double start, double end) const {
    const double length = end - start;
    // No step more for what rounding adds to a length.
    const double wanted = std::ceil(length / plan_.longest_step * (1.0 - 1e-12));
    if (wanted > 4e9) throw InvalidInput("step", plan_.longest_step, "makes more than 2^32 steps");
    Interval made{};
    if (length == 0) return made;
    made.steps = std::max<std::size_t>(1, static_cast<std::size_t>(wanted));
    const double h = length / static_cast<double>(made.steps);
    made.heston = heston_step(plan_.parameters, h);
    if (plan_.model == FourierModel::bates && plan_.parameters[5] > 0) {
        const auto p = plan_.parameters.subspan(5);
        const double jumps = p[0] * h;
        if (!(jumps <= most_jumps))
            throw InvalidInput("step", h, "makes more than 100 jumps a step");
        made.chances = poisson_chances(jumps);
        made.jump_drift = -jumps * std::expm1(p[1] + 0.5 * p[2] * p[2]);
    }
    return made;
}

void PathSteps::take(const Interval& interval, std::size_t first, std::uint32_t step, double* x,
                     double* v, std::size_t n) const noexcept {
    RandomRow row{plan_.seed, first, step, model_stream, plan_.antithetic};
    table_.simulation.heston_step(row, interval.heston, x, v, n);
    if (interval.chances.empty()) return;
    row.stream = jump_stream;
    const kernels::JumpStep jump{interval.chances.data(), interval.chances.size(),
                                 plan_.parameters[6], plan_.parameters[7], interval.jump_drift};
    table_.simulation.jump_step(row, jump, x, n);
}

}  // namespace hedgerow::formula
