#include "hedgerow/formula/andreasen_huge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "andreasen_huge_step.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/formula/black.hpp"
#include "hedgerow/formula/implied_volatility.hpp"

namespace hedgerow {

using formula::DiffusionMesh;
using formula::ImplicitStep;
using formula::PriceState;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Vector = std::vector<double>;

/// The bounds of ln theta^2.
const double lowest = 2 * std::log(1e-3), highest = 2 * std::log(10.0);

Right out_of_the_money(double k) {
    return k < 0 ? Right::put : Right::call;
}

void require(const AndreasenHugeQuotes& quotes, const AndreasenHugeOptions& options) {
    const std::size_t rows = quotes.k.size();
    if (rows == 0) throw InvalidInput("log_moneyness", "[]", "must name a quote at least");
    const auto require_rows = [rows](const char* what, std::size_t size) {
        if (size != rows)
            throw InvalidInput(what, std::to_string(size) + " rows",
                               "must have " + std::to_string(rows) + ", as log_moneyness");
    };
    require_rows("time", quotes.time.size());
    require_rows("volatility", quotes.volatility.size());
    if (!quotes.weight.empty()) require_rows("weight", quotes.weight.size());
    for (std::size_t i = 0; i < rows; ++i) {
        if (!(std::abs(quotes.k[i]) <= 100))
            throw InvalidInput("log_moneyness", quotes.k[i], "must be within -100 to 100");
        require_positive("time", quotes.time[i]);
        require_positive("volatility", quotes.volatility[i]);
        if (!(quotes.volatility[i] * std::sqrt(quotes.time[i]) <= 20))
            throw InvalidInput("volatility", quotes.volatility[i],
                               "times the root of time must not be above 20");
        if (!quotes.weight.empty()) require_positive("weight", quotes.weight[i]);
    }
    if (options.nodes < 20 || options.nodes > 100000)
        throw InvalidInput("nodes", options.nodes, "must be within 20 to 100000");
    if (options.most_iterations < 1)
        throw InvalidInput("most_iterations", options.most_iterations, "must be positive");
}

/// A mesh that holds the quotes and eight deviations of the widest, dense enough for the narrowest.
DiffusionMesh mesh_of(const AndreasenHugeQuotes& quotes, int nodes) {
    double low = 0, high = 0, widest = 0;
    double narrowest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < quotes.k.size(); ++i) {
        const double deviation = quotes.volatility[i] * std::sqrt(quotes.time[i]);
        widest = std::max(widest, deviation);
        narrowest = std::min(narrowest, deviation);
        low = std::min(low, quotes.k[i]);
        high = std::max(high, quotes.k[i]);
    }
    constexpr double reach = 8, dense = 0.35;
    const double width = dense * std::sqrt(widest * narrowest);
    return DiffusionMesh::make(std::min(-reach * widest, low - 2 * widest),
                               std::max(reach * widest, high + 2 * widest), width,
                               static_cast<std::size_t>(nodes), false);
}

/// An expiry's quotes by log-moneyness, as rows of the whole.
struct Expiry {
    double time;
    std::vector<std::size_t> rows;
};

std::vector<Expiry> expiries_of(const AndreasenHugeQuotes& quotes) {
    std::vector<std::size_t> order(quotes.k.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {},
                      [&](std::size_t i) { return std::pair(quotes.time[i], quotes.k[i]); });
    std::vector<Expiry> expiries;
    for (const std::size_t row : order) {
        const double time = quotes.time[row];
        if (expiries.empty() || expiries.back().time != time) expiries.push_back({time, {}});
        std::vector<std::size_t>& rows = expiries.back().rows;
        if (!rows.empty() && quotes.k[rows.back()] == quotes.k[row])
            throw InvalidInput("log_moneyness", quotes.k[row], "must be quoted once an expiry");
        rows.push_back(row);
    }
    return expiries;
}

/// A symmetric positive definite system, in place. @return false where it is not.
bool solve_dense(std::vector<double>& matrix, Vector& x) {
    const std::size_t n = x.size();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = matrix[i * n + j];
            for (std::size_t m = 0; m < j; ++m) sum -= matrix[i * n + m] * matrix[j * n + m];
            if (j < i) {
                matrix[i * n + j] = sum / matrix[j * n + j];
            } else if (sum > 0) {
                matrix[i * n + i] = std::sqrt(sum);
            } else {
                return false;
            }
        }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t m = 0; m < i; ++m) x[i] -= matrix[i * n + m] * x[m];
        x[i] /= matrix[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t m = i + 1; m < n; ++m) x[i] -= matrix[m * n + i] * x[m];
        x[i] /= matrix[i * n + i];
    }
    return true;
}

/// The fit of one expiry: ln theta^2 of each segment from the quotes in it.
class Segments {
  public:
    Segments(const AndreasenHugeQuotes& quotes, const Expiry& expiry, const PriceState& before,
             double length, ImplicitStep& step)
        : before_(before), length_(length), step_(step), segment_(step.mesh().size()) {
        for (const std::size_t row : expiry.rows) {
            const double k = quotes.k[row], volatility = quotes.volatility[row];
            const double strike = std::exp(k);
            const Greeks black =
                black_greeks(out_of_the_money(k), 1.0, strike, expiry.time, volatility, 1.0);
            k_.push_back(k);
            start_.push_back(2 * std::log(volatility));
            target_.push_back(black.price);
            // In units of volatility: a relative error of the price, over vega's.
            const double weight = quotes.weight.empty() ? 1.0 : quotes.weight[row];
            scale_.push_back(weight * black.price / black.vega);
            if (!(black.price > 0) || !(black.vega > 0))
                throw InvalidInput("log_moneyness", k, "is too far out to have a price");
        }
        for (std::size_t i = 0; i < segment_.size(); ++i) {
            std::size_t j = 0;
            while (j + 1 < k_.size() && step.mesh().log[i] > 0.5 * (k_[j] + k_[j + 1])) ++j;
            segment_[i] = j;
        }
    }

    /// theta^2 at the nodes.
    Vector squares(const Vector& logs) const {
        Vector result(segment_.size());
        for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::exp(logs[segment_[i]]);
        return result;
    }

    /// Levenberg-Marquardt as in math/least_squares.hpp, for any number of unknowns.
    std::pair<LeastSquaresOutcome, int> fit(int most_iterations, Vector& logs) {
        const std::size_t n = k_.size();
        logs = start_;
        for (double& each : logs) each = std::clamp(each, lowest, highest);
        Vector slopes(n * n), trial_slopes(n * n), residuals(n), trial_residuals(n);
        double cost = evaluate(logs, residuals, slopes);
        if (!std::isfinite(cost)) return {LeastSquaresOutcome::not_finite, 0};
        double damping = 1e-6, growth = 2;
        for (int iteration = 0; iteration < most_iterations; ++iteration) {
            if (cost <= static_cast<double>(n) * 1e-26)
                return {LeastSquaresOutcome::converged, iteration};
            Vector step = descent(residuals, slopes, damping, logs);
            Vector trial = logs;
            double furthest = 0;
            for (std::size_t j = 0; j < n; ++j) {
                trial[j] = std::clamp(logs[j] + std::clamp(step[j], -2.0, 2.0), lowest, highest);
                furthest = std::max(furthest, std::abs(trial[j] - logs[j]));
            }
            if (furthest <= 1e-13) return {LeastSquaresOutcome::converged, iteration};
            const double there = evaluate(trial, trial_residuals, trial_slopes);
            if (there < cost) {
                const bool settled = cost - there <= 1e-12 * cost;
                logs = trial;
                cost = there;
                residuals.swap(trial_residuals);
                slopes.swap(trial_slopes);
                damping = std::max(damping / 5, 1e-15);
                growth = 2;
                if (settled) return {LeastSquaresOutcome::converged, iteration + 1};
            } else if (damping > 1e12) {
                return {LeastSquaresOutcome::converged, iteration};
            } else {
                damping *= growth;
                growth *= 2;
            }
        }
        return {LeastSquaresOutcome::not_converged, most_iterations};
    }

  private:
    /// Weighted residuals and their derivatives by segment. @return the sum of squares.
    double evaluate(const Vector& logs, Vector& residuals, Vector& slopes) {
        const std::size_t n = k_.size();
        step_.set(squares(logs), length_);
        const PriceState after = step_.advance(before_);
        Vector adjoint(segment_.size());
        double cost = 0;
        for (std::size_t q = 0; q < n; ++q) {
            const double price = step_.price(after, k_[q]);
            residuals[q] = scale_[q] * std::log(price / target_[q]);
            cost += residuals[q] * residuals[q];
            step_.price_adjoint(k_[q], adjoint);
            double* row = slopes.data() + q * n;
            std::fill(row, row + n, 0.0);
            for (std::size_t i = 0; i < adjoint.size(); ++i)
                row[segment_[i]] += adjoint[i] * step_.spread(i) * after.density[i];
            for (std::size_t j = 0; j < n; ++j) row[j] *= scale_[q] / price;
        }
        return cost;
    }

    /// The damped step; unknowns that rest on a bound and are pressed against it stay.
    Vector descent(const Vector& residuals, const Vector& slopes, double damping,
                   const Vector& logs) const {
        const std::size_t n = k_.size();
        Vector matrix(n * n), step(n);
        double largest = 0;
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t i = 0; i < n; ++i) {
                step[i] -= slopes[q * n + i] * residuals[q];
                for (std::size_t j = 0; j <= i; ++j)
                    matrix[i * n + j] += slopes[q * n + i] * slopes[q * n + j];
            }
        for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, matrix[i * n + i]);
        for (std::size_t i = 0; i < n; ++i) {
            const bool rests =
                (logs[i] <= lowest && step[i] <= 0) || (logs[i] >= highest && step[i] >= 0);
            if (rests) {
                for (std::size_t j = 0; j < n; ++j) matrix[std::max(i, j) * n + std::min(i, j)] = 0;
                matrix[i * n + i] = 1;
                step[i] = 0;
            } else {
                matrix[i * n + i] +=
                    damping * std::max(matrix[i * n + i], 1e-12 * largest) + 1e-300;
            }
        }
        if (!solve_dense(matrix, step)) std::ranges::fill(step, 0.0);
        return step;
    }

    const PriceState& before_;
    double length_;
    ImplicitStep& step_;
    std::vector<std::size_t> segment_;  // of each node
    Vector k_, start_, target_, scale_;
};

}  // namespace

struct AndreasenHuge::Columns {
    explicit Columns(DiffusionMesh made) : mesh(std::move(made)) {}

    DiffusionMesh mesh;
    Vector times;
    std::vector<Vector> squares;     // theta^2 at the nodes, one per expiry
    std::vector<PriceState> states;  // at time 0 and at the expiries but the last
    Vector residuals;
    AndreasenHugeFit fit;

    /// Which step holds a time.
    std::size_t index(double time) const {
        const auto above = std::ranges::lower_bound(times, time);
        return std::min(static_cast<std::size_t>(above - times.begin()), times.size() - 1);
    }
    double start(std::size_t i) const { return i == 0 ? 0.0 : times[i - 1]; }
};

AndreasenHuge::AndreasenHuge(const AndreasenHugeQuotes& quotes,
                             const AndreasenHugeOptions& options) {
    require(quotes, options);
    const std::vector<Expiry> expiries = expiries_of(quotes);
    auto made = std::make_shared<Columns>(mesh_of(quotes, options.nodes));
    made->residuals.resize(quotes.k.size());
    ImplicitStep step(made->mesh);
    PriceState state = step.start();
    double squares = 0;
    for (const Expiry& expiry : expiries) {
        const double before = made->times.empty() ? 0.0 : made->times.back();
        made->states.push_back(state);
        Segments segments(quotes, expiry, made->states.back(), expiry.time - before, step);
        Vector logs;
        const auto [outcome, iterations] = segments.fit(options.most_iterations, logs);
        made->fit.outcome = std::max(made->fit.outcome, outcome);
        made->fit.iterations += iterations;
        made->times.push_back(expiry.time);
        made->squares.push_back(segments.squares(logs));
        step.set(made->squares.back(), expiry.time - before);
        state = step.advance(made->states.back());
        for (const std::size_t row : expiry.rows) {
            const double k = quotes.k[row];
            const double found = black_implied_volatility(out_of_the_money(k), step.price(state, k),
                                                          1.0, std::exp(k), expiry.time, 1.0)
                                     .volatility;
            const double residual = found - quotes.volatility[row];
            made->residuals[row] = residual;
            squares += residual * residual;
            made->fit.largest_residual = std::max(made->fit.largest_residual, std::abs(residual));
        }
    }
    made->fit.residual = std::sqrt(squares / static_cast<double>(quotes.k.size()));
    columns_ = std::move(made);
}

const AndreasenHugeFit& AndreasenHuge::fit() const noexcept {
    return columns_->fit;
}

std::span<const double> AndreasenHuge::times() const noexcept {
    return columns_->times;
}

std::span<const double> AndreasenHuge::residuals() const noexcept {
    return columns_->residuals;
}

void AndreasenHuge::price(std::span<const double> k, double time, std::span<double> result) const {
    if (!(time >= 0) || !std::isfinite(time)) {
        std::ranges::fill(result, nan);
        return;
    }
    const Columns& c = *columns_;
    const std::size_t i = c.index(time);
    ImplicitStep step(c.mesh);
    step.set(c.squares[i], time - c.start(i));
    const PriceState state = step.advance(c.states[i]);
    for (std::size_t row = 0; row < k.size(); ++row) result[row] = step.price(state, k[row]);
}

void AndreasenHuge::volatility(std::span<const double> k, double time,
                               std::span<double> result) const {
    price(k, time, result);
    for (std::size_t row = 0; row < k.size(); ++row)
        result[row] = time > 0 ? black_implied_volatility(out_of_the_money(k[row]), result[row],
                                                          1.0, std::exp(k[row]), time, 1.0)
                                     .volatility
                               : nan;
}

void AndreasenHuge::local_variance(std::span<const double> k, double time,
                                   std::span<double> result) const {
    if (!(time >= 0) || !std::isfinite(time)) {
        std::ranges::fill(result, nan);
        return;
    }
    const Columns& c = *columns_;
    const std::size_t i = c.index(time);
    ImplicitStep step(c.mesh);
    step.set(c.squares[i], time - c.start(i));
    const Vector variance = step.local_variance(c.states[i], c.squares[i]);
    const auto last = static_cast<double>(c.mesh.size() - 1);
    for (std::size_t row = 0; row < k.size(); ++row) {
        const double place = c.mesh.place(k[row]);
        const double below = std::clamp(std::floor(place), 0.0, last - 1);
        const auto j = static_cast<std::size_t>(std::isnan(below) ? 0.0 : below);
        const double part = (k[row] - c.mesh.log[j]) / (c.mesh.log[j + 1] - c.mesh.log[j]);
        const double weight = std::isnan(part) ? nan : std::clamp(part, 0.0, 1.0);
        result[row] = variance[j] + weight * (variance[j + 1] - variance[j]);
    }
}

LocalVariance local_variance_of(const AndreasenHuge& surface) {
    const auto times = surface.times();
    return {[surface](std::span<const double> k, double time, std::span<double> variance) {
                surface.local_variance(k, time, variance);
            },
            {times.begin(), times.end()}};
}

}  // namespace hedgerow
