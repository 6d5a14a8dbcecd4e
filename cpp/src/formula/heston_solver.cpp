#include "heston_solver.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../../kernels/table.hpp"
#include "heston_mesh.hpp"

namespace hedgerow {

namespace {

using kernels::HestonPdeScheme;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
// A correction of a price beyond this part of the strike or spot says that the mesh is too coarse
// to be corrected: in the tests none is above a tenth of it.
constexpr double most_correction = 0.01;
// In the place of the first step, implicit ones take out what the payoff's kink and corners leave.
constexpr int damped_parts = 2;
// The least that is stable whatever the steps: K. J. In 't Hout and C. Mishra 2011, "Stability of
// the modified Craig-Sneyd scheme for two-dimensional convection-diffusion equations with mixed
// derivative term".
double craig_sneyd_theta(double rho) noexcept {
    return std::max(1.0 / 3, 2.0 / 13 * (2 * std::abs(rho) + 1));
}
constexpr double hundsdorfer_verwer_theta = 0.78867513459481288;  // 1/2 + sqrt(3)/6

/// (1 - exp(-x t)) / x, for x of either sign.
double faded(double x, double time) noexcept {
    return x == 0 ? time : -std::expm1(-x * time) / x;
}

/// Doubles for the grids, all in one piece that begins a cache line; 0 to begin with.
class Room {
  public:
    explicit Room(std::size_t size) : kept_(size + line, 0.0) {
        const auto address = reinterpret_cast<std::uintptr_t>(kept_.data());
        next_ = kept_.data() + (line - address / sizeof(double) % line) % line;
    }
    double* take(std::size_t size) noexcept {
        double* const taken = next_;
        next_ += (size + line - 1) / line * line;
        return taken;
    }
    static constexpr std::size_t line = 8;

  private:
    std::vector<double> kept_;
    double* next_;
};

/// Where the variance will hardly ever be beyond: the tail of its noncentral chi-squared
/// distribution falls as exp(-v / (2 scale)).
double highest_variance(const HestonVariance& v, double time) noexcept {
    constexpr double digits = 12;  // -ln of the probability beyond
    const double scale = 0.25 * v.sigma * v.sigma * faded(v.speed, time);
    const double most = std::max(v.v0, v.expected(time));
    const double root = std::sqrt(most) + std::sqrt(2 * scale * digits);
    return root * root;
}

/// Dense about today's variance, where it stays for a while, and about 0, where diffusion ends.
std::vector<double> variance_mesh(const HestonVariance& v, double time, std::size_t intervals) {
    const double high = std::max(highest_variance(v, time), 1.05 * v.v0);
    const double least = high / 200;
    const double width = std::clamp(v.deviation(time), least, high);
    const mesh::Center centers[] = {{v.v0, width}, {0.0, std::max(0.3 * width, least)}};
    const std::span<const double> pins(&v.v0, v.v0 > 0 ? 1 : 0);
    return mesh::concentrated(0.0, high, centers, pins, intervals);
}

/// The grid's coefficients and values in one piece of memory, and its steps.
class Solver {
  public:
    Solver(const HestonProblem& problem, std::span<const double> spots,
           std::span<const double> variances)
        : problem_(problem),
          spots_(spots),
          variances_(variances),
          skipped_(problem.lower == HestonEnd::known ? 1 : 0),
          rows_(spots.size() - skipped_ - (problem.upper == HestonEnd::known ? 1 : 0)),
          columns_(variances_.size()),
          stride_((columns_ + Room::line - 1) / Room::line * Room::line),
          room_(9 * (rows_ + 2) * stride_ + 8 * (rows_ + Room::line) + 13 * stride_ +
                4 * Room::line + kernels::heston_pde_lanes * columns_) {
        const auto grid_values = [&] { return room_.take((rows_ + 2) * stride_) + stride_; };
        state_.values = grid_values();
        state_.right = grid_values();
        state_.along = grid_values();
        state_.sum = grid_values();
        state_.middle = grid_values();
        step_.spot_inverse = grid_values();
        step_.spot_upper = grid_values();
        const bool early = problem.exercise == HestonExercise::any_time;
        state_.source = early ? grid_values() : state_.values;
        state_.added = early ? grid_values() : nullptr;
        state_.line = room_.take(stride_ + 2 * Room::line) + Room::line;
        state_.tile = room_.take(kernels::heston_pde_lanes * columns_);
        state_.payoff = payoff_ = room_.take(rows_);
        differ_by_spot();
        differ_by_variance();
        begin();
    }

    /// With early exercise all steps are as long as each other; otherwise their ends lie as the
    /// squares of their numbers: a payoff that its boundary contradicts changes fast at first, and
    /// would cost schemes of alternating directions an order.
    void run(int times, HestonScheme scheme) {
        const kernels::HestonPde& kernel = kernels::table().heston_pde;
        const double part = problem_.terms.time / times;
        const bool even = problem_.exercise == HestonExercise::any_time;
        const double first = even ? part : part / times;
        prepare(HestonPdeScheme::douglas, first / damped_parts, 1.0);
        for (int i = 0; i < damped_parts; ++i) kernel.step(grid_, step_, state_);
        rescale_added(damped_parts);

        const bool craig = scheme == HestonScheme::modified_craig_sneyd;
        const auto kind =
            craig ? HestonPdeScheme::modified_craig_sneyd : HestonPdeScheme::hundsdorfer_verwer;
        const double theta =
            craig ? craig_sneyd_theta(problem_.variance.rho) : hundsdorfer_verwer_theta;
        for (int i = 1; i < times; ++i) {
            if (!even)
                prepare(kind, first * (2 * i + 1), theta);
            else if (i == 1)
                prepare(kind, part, theta);
            kernel.step(grid_, step_, state_);
        }
    }

    HestonSlice slice() const {
        const double v0 = problem_.variance.v0;
        const auto weights = mesh::interpolate(variances_, v0);
        HestonSlice slice{{spots_.begin(), spots_.end()}, {}, {}};
        // The row before the first is known where the mesh has it.
        const double* const nodes = state_.values - skipped_ * stride_ + weights.first;
        for (std::size_t i = 0; i < spots_.size(); ++i) {
            const double* const row = nodes + i * stride_;
            double price = 0, by_variance = 0;
            for (std::size_t j = 0; j < weights.count; ++j) {
                price += weights.weight[0][j] * row[j];
                by_variance += weights.weight[1][j] * row[j];
            }
            slice.price.push_back(price);
            slice.v0.push_back(by_variance);
        }
        return slice;
    }

  private:
    void differ_by_spot() {
        const std::span<const double> s = spots_;
        std::array<double*, 3> first, second;
        for (std::size_t k = 0; k < 3; ++k) {
            grid_.first[k] = first[k] = room_.take(rows_);
            grid_.second[k] = second[k] = room_.take(rows_);
        }
        for (std::size_t i = 0; i < rows_; ++i) {
            const std::size_t n = i + skipped_;
            mesh::Three slope{}, curvature{};
            const bool at_low = n == 0, at_high = n + 1 == s.size();
            const HestonEnd end = at_low ? problem_.lower : problem_.upper;
            if (!at_low && !at_high) {
                slope = mesh::slope(s[n] - s[n - 1], s[n + 1] - s[n]);
                curvature = mesh::curvature(s[n] - s[n - 1], s[n + 1] - s[n]);
            } else {
                const double step = at_low ? s[n + 1] - s[n] : s[n] - s[n - 1];
                const std::size_t inner = at_low ? 2 : 0;
                if (end == HestonEnd::linear) {
                    slope[inner] = (at_low ? 1 : -1) / step;
                    slope[1] = -slope[inner];
                } else {
                    curvature[inner] = 2 / (step * step);
                    curvature[1] = -curvature[inner];
                }
            }
            for (std::size_t k = 0; k < 3; ++k) {
                first[k][i] = s[n] * slope[k];
                second[k][i] = 0.5 * s[n] * s[n] * curvature[k];
            }
        }
    }

    void differ_by_variance() {
        const HestonVariance& p = problem_.variance;
        const std::span<const double> v = variances_;
        double* const variance = room_.take(stride_);
        std::ranges::copy(v, variance);
        grid_.variance = variance;
        grid_.zeros = room_.take(stride_);
        std::array<double*, 3> across, mixed;
        for (std::size_t k = 0; k < 3; ++k) {
            grid_.across[k] = across[k] = room_.take(stride_);
            grid_.mixed[k] = mixed[k] = room_.take(stride_);
        }
        step_.variance_inverse = variance_inverse_ = room_.take(stride_);
        step_.variance_upper = variance_upper_ = room_.take(stride_);
        step_.variance_lower = variance_lower_ = room_.take(stride_);
        grid_.rows = rows_;
        grid_.columns = columns_;
        grid_.stride = stride_;
        grid_.carry = problem_.terms.carry;
        grid_.half_rate = 0.5 * problem_.terms.rate;

        // At 0 the equation has a slope alone, by the parabola through three values.
        const double near = v[1] - v[0], far = v[2] - v[1], both = near + far;
        across[1][0] = -p.pull * (near + both) / (near * both) - grid_.half_rate;
        across[2][0] = p.pull * both / (near * far);
        grid_.across_far = -p.pull * near / (far * both);
        for (std::size_t j = 1; j + 1 < columns_; ++j) {
            const auto slope = mesh::slope(v[j] - v[j - 1], v[j + 1] - v[j]);
            const auto curvature = mesh::curvature(v[j] - v[j - 1], v[j + 1] - v[j]);
            const double diffusion = 0.5 * p.sigma * p.sigma * v[j];
            const double drift = p.pull - p.speed * v[j];
            for (std::size_t k = 0; k < 3; ++k) {
                across[k][j] = diffusion * curvature[k] + drift * slope[k];
                mixed[k][j] = p.rho * p.sigma * v[j] * slope[k];
            }
            across[1][j] -= grid_.half_rate;
        }
        // No slope at the upper end.
        const std::size_t last = columns_ - 1;
        const double step = v[last] - v[last - 1];
        across[0][last] = p.sigma * p.sigma * v[last] / (step * step);
        across[1][last] = -across[0][last] - grid_.half_rate;
    }

    void begin() {
        const double right = sign(problem_.terms.right), strike = problem_.terms.strike;
        for (std::size_t i = 0; i < rows_; ++i) {
            const std::size_t n = i + skipped_;
            const double spot = spots_[n];
            payoff_[i] = std::max(right * (spot - strike), 0.0);
            double start = payoff_[i];
            if (spot == strike && n > 0 && n + 1 < spots_.size()) {
                // The mean over what is nearest to this node, which keeps the order of the scheme:
                // D. M. Pooley, K. R. Vetzal and P. A. Forsyth 2003.
                const double below = spot - spots_[n - 1], above = spots_[n + 1] - spot;
                const double inside = right > 0 ? above : below;
                start = 0.25 * inside * inside / (below + above);
            }
            std::fill_n(state_.values + i * stride_, columns_, start);
            std::fill_n(state_.source + i * stride_, columns_, start);
        }
        for (double* values : {state_.values, state_.right, state_.middle}) {
            if (problem_.lower == HestonEnd::known)
                std::fill_n(values - stride_, columns_, problem_.known);
            if (problem_.upper == HestonEnd::known)
                std::fill_n(values + rows_ * stride_, columns_, problem_.known);
        }
    }

    void prepare(HestonPdeScheme scheme, double time, double theta) {
        step_.scheme = scheme;
        step_.time = time;
        step_.implicit = theta * time;
        kernels::table().heston_pde.factor(grid_, step_);
        const double w = -step_.implicit;
        const auto& a = grid_.across;
        const double far = w * grid_.across_far;
        step_.fold = far == 0 ? 0 : far / (w * a[2][1]);
        double inverse = 1 / (1 + w * a[1][0] - step_.fold * (w * a[0][1]));
        variance_inverse_[0] = inverse;
        variance_upper_[0] = (w * a[2][0] - step_.fold * (1 + w * a[1][1])) * inverse;
        for (std::size_t j = 1; j < columns_; ++j) {
            const double lower = w * a[0][j];
            inverse = 1 / (1 + w * a[1][j] - lower * variance_upper_[j - 1]);
            variance_inverse_[j] = inverse;
            variance_lower_[j] = lower * inverse;
            variance_upper_[j] = w * a[2][j] * inverse;
        }
    }

    void rescale_added(double factor) {
        if (!state_.added) return;
        for (std::size_t k = 0; k < rows_ * stride_; ++k) {
            state_.added[k] *= factor;
            state_.source[k] = state_.values[k] + state_.added[k];
        }
    }

    const HestonProblem& problem_;
    std::span<const double> spots_, variances_;
    std::size_t skipped_, rows_, columns_, stride_;
    Room room_;
    kernels::HestonPdeGrid grid_{};
    kernels::HestonPdeStep step_{};
    kernels::HestonPdeState state_{};
    double *variance_inverse_ = nullptr, *variance_upper_ = nullptr, *variance_lower_ = nullptr;
    double* payoff_ = nullptr;
};

}  // namespace

double HestonVariance::expected(double time) const noexcept {
    return v0 * std::exp(-speed * time) + pull * faded(speed, time);
}

double HestonVariance::expected_total(double time) const noexcept {
    // v0 f + pull (t - f) / speed with f = faded(); the latter by its series for small speed t.
    const double f = faded(speed, time), x = speed * time;
    const double rest = std::abs(x) < 1e-4 ? time * time * (0.5 - x / 6) : (time - f) / speed;
    return v0 * f + pull * rest;
}

double HestonVariance::deviation(double time) const noexcept {
    const double f = faded(speed, time);
    return sigma * std::sqrt(v0 * std::exp(-speed * time) * f + 0.5 * pull * f * f);
}

HestonValue HestonValues::at(double spot) const noexcept {
    HestonValue value = fine.at(spot);
    const HestonValue change = correction.at(spot);
    if (!(std::abs(change.price) <= most_correction * std::max(spot, strike)))
        return {nan, nan, nan, nan};
    value.price += change.price;
    value.delta += change.delta;
    value.gamma += change.gamma;
    value.v0 += change.v0;
    return value;
}

HestonValue HestonSlice::at(double spot) const noexcept {
    const mesh::Interpolation w = mesh::interpolate(spots, spot);
    HestonValue value{};
    for (std::size_t i = 0; i < w.count; ++i) {
        const double known = price[w.first + i];
        value.price += w.weight[0][i] * known;
        value.delta += w.weight[1][i] * known;
        value.gamma += w.weight[2][i] * known;
        value.v0 += w.weight[0][i] * v0[w.first + i];
    }
    return value;
}

HestonValues solve_heston(const HestonProblem& problem, std::vector<double> spots,
                          const HestonGrid& grid) {
    const auto values = [&](std::span<const double> s, std::span<const double> v, int times) {
        Solver solver(problem, s, v);
        solver.run(times, grid.scheme);
        return solver.slice();
    };
    const auto every_other = [](const std::vector<double>& nodes) {
        std::vector<double> left;
        for (std::size_t i = 0; i < nodes.size(); i += 2) left.push_back(nodes[i]);
        return left;
    };
    const auto variances = variance_mesh(problem.variance, problem.terms.time,
                                         static_cast<std::size_t>(grid.variances));
    HestonValues found{values(spots, variances, grid.times),
                       values(every_other(spots), every_other(variances), grid.times / 2),
                       problem.terms.strike};
    HestonSlice& change = found.correction;
    for (std::size_t i = 0; i < change.spots.size(); ++i) {
        change.price[i] = (found.fine.price[2 * i] - change.price[i]) / 3;
        change.v0[i] = (found.fine.v0[2 * i] - change.v0[i]) / 3;
    }
    return found;
}

}  // namespace hedgerow
