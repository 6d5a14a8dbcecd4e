// Prices of options on simulated paths: block by block the observations that payoffs need, then
// sums over paths for every option, which least squares turn into a price and its error.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/formula/fourier.hpp"
#include "path_steps.hpp"

namespace hedgerow {

namespace {

using formula::path_block;
using formula::PathSteps;

/// Chunks of paths, each with its own sums: enough for any number of threads, few enough to keep.
constexpr std::size_t most_chunks = 1024;
constexpr std::size_t least_samples = 16;

/// Sums over samples of a payoff y and its controls c and d, whose means are 0.
struct Sums {
    double y = 0, c = 0, d = 0, yy = 0, cc = 0, dd = 0, cy = 0, dy = 0, cd = 0;

    void add(double payoff, double forward, double option) noexcept {
        y += payoff, c += forward, d += option;
        yy += payoff * payoff, cc += forward * forward, dd += option * option;
        cy += forward * payoff, dy += option * payoff, cd += forward * option;
    }
    void add(const Sums& o) noexcept {
        y += o.y, c += o.c, d += o.d;
        yy += o.yy, cc += o.cc, dd += o.dd;
        cy += o.cy, dy += o.dy, cd += o.cd;
    }
};

struct Estimate {
    double mean, standard_error;
};

/// The mean of y at controls of 0, by least squares: first on c, then on what c leaves of d.
Estimate estimate(const Sums& s, double n) {
    const double cc = s.cc - s.c * s.c / n, cy = s.cy - s.c * s.y / n;
    const double cd = s.cd - s.c * s.d / n;
    const double on_c = cc > 0 ? cy / cc : 0.0, d_on_c = cc > 0 ? cd / cc : 0.0;
    const double whole = s.dd - s.d * s.d / n, dd = whole - d_on_c * cd;
    const double dy = s.dy - s.d * s.y / n - d_on_c * cy;
    const double on_d = dd > 1e-10 * whole ? dy / dd : 0.0;  // below it d is c, but for rounding
    const double mean = (s.y - on_c * s.c - on_d * (s.d - d_on_c * s.c)) / n;
    const double squares = s.yy - s.y * s.y / n - on_c * cy - on_d * dy;
    return {mean, std::sqrt(std::max(squares, 0.0) / ((n - 3.0) * n))};
}

/// What payoffs need of a block of paths.
struct Observations {
    alignas(64) double last[path_block], sum[path_block], log_sum[path_block];
    alignas(64) double least[path_block], largest[path_block], geometric[path_block];

    void clear() noexcept {
        std::ranges::fill(sum, 0.0);
        std::ranges::fill(log_sum, 0.0);
        std::ranges::fill(least, std::numeric_limits<double>::infinity());
        std::ranges::fill(largest, 0.0);
    }
};

struct Row {
    double right, strike, barrier;
    double european;  // of the control, undiscounted; NaN where there is none
    bool valid;
};

double vanilla(const Row& row, double spot) noexcept {
    return std::max(row.right * (spot - row.strike), 0.0);
}

/// The payoff of every path of a block.
template <class Value>
void fill(std::size_t n, double* out, Value value) noexcept {
    for (std::size_t i = 0; i < n; ++i) out[i] = value(i);
}

void pay(PathPayoff payoff, const Row& row, const Observations& seen, std::size_t times,
         std::size_t n, double* out) noexcept {
    const double count = static_cast<double>(times);
    const bool is_call = row.right > 0;
    const auto european = [&](std::size_t i) { return vanilla(row, seen.last[i]); };
    const auto while_holds = [&](std::size_t i, bool holds) { return holds ? european(i) : 0.0; };
    switch (payoff) {
        case PathPayoff::european:
            return fill(n, out, european);
        case PathPayoff::asian:
            return fill(n, out, [&](auto i) { return vanilla(row, seen.sum[i] / count); });
        case PathPayoff::geometric_asian:
            return fill(n, out, [&](auto i) { return vanilla(row, seen.geometric[i]); });
        case PathPayoff::lookback:
            return fill(n, out, [&, extreme = is_call ? seen.largest : seen.least](auto i) {
                return vanilla(row, extreme[i]);
            });
        case PathPayoff::floating_lookback:
            return fill(n, out, [&, extreme = is_call ? seen.least : seen.largest](auto i) {
                return row.right * (seen.last[i] - extreme[i]);
            });
        case PathPayoff::up_and_out:
            return fill(n, out,
                        [&](auto i) { return while_holds(i, seen.largest[i] < row.barrier); });
        case PathPayoff::up_and_in:
            return fill(n, out,
                        [&](auto i) { return while_holds(i, seen.largest[i] >= row.barrier); });
        case PathPayoff::down_and_out:
            return fill(n, out,
                        [&](auto i) { return while_holds(i, seen.least[i] > row.barrier); });
        case PathPayoff::down_and_in:
            return fill(n, out,
                        [&](auto i) { return while_holds(i, seen.least[i] <= row.barrier); });
    }
}

class Pricer {
  public:
    Pricer(const SimulationPlan& plan, std::span<const double> forward, PathPayoff payoff,
           const PathOptions& options)
        : table_(kernels::table()),
          steps_(table_, plan),
          antithetic_(plan.antithetic),
          payoff_(payoff),
          forward_(forward.begin(), forward.end()) {
        if (forward.size() != plan.times.size())
            throw InvalidInput("forward", std::to_string(forward.size()) + " numbers",
                               "must be one per time");
        for (const double f : forward)
            log_forward_.push_back(std::log(require_positive("forward", f)));
        control_mean_ = is_averaged() ? std::accumulate(forward_.begin(), forward_.end(), 0.0)
                                      : forward_.back();
        const std::size_t wanted = least_samples * (antithetic_ ? 2 : 1);
        if (plan.paths < wanted)
            throw InvalidInput("paths", std::to_string(plan.paths),
                               "must be " + std::to_string(wanted) + " at least");
        if (antithetic_ && plan.paths % 2 != 0)
            throw InvalidInput("paths", std::to_string(plan.paths),
                               "must be even where they are antithetic");
        set_rows(plan, options);
    }

    /// Sums per option over all paths, in an order that threads do not change.
    std::vector<Sums> run(ThreadPool* pool) const {
        const std::size_t per_chunk = (steps_.blocks() + most_chunks - 1) / most_chunks;
        const std::size_t chunks = (steps_.blocks() + per_chunk - 1) / per_chunk;
        std::vector<Sums> parts(chunks * rows_.size());
        run_chunks(pool, chunks, [&](std::size_t chunk) noexcept {
            const std::size_t end = std::min(steps_.blocks(), (chunk + 1) * per_chunk);
            for (std::size_t block = chunk * per_chunk; block < end; ++block)
                add(block, parts.data() + chunk * rows_.size());
        });
        std::vector<Sums> sums(rows_.size());
        for (std::size_t i = 0; i < parts.size(); ++i) sums[i % rows_.size()].add(parts[i]);
        return sums;
    }

    bool is_valid(std::size_t row) const noexcept { return rows_[row].valid; }
    double samples() const noexcept {
        return static_cast<double>(antithetic_ ? steps_.paths() / 2 : steps_.paths());
    }

  private:
    void set_rows(const SimulationPlan& plan, const PathOptions& options) {
        const std::size_t count = options.right.size();
        const bool has_control =
            payoff_ != PathPayoff::european && payoff_ != PathPayoff::floating_lookback;
        std::vector<double> european(count, std::numeric_limits<double>::quiet_NaN());
        if (has_control && count > 0) {
            const std::vector<double> forwards(count, forward_.back()), ones(count, 1.0);
            fourier_strip(plan.model, plan.parameters, plan.times.back(),
                          {options.right, forwards, options.strike, ones}, european);
        }
        for (std::size_t i = 0; i < count; ++i) {
            Row row{options.right[i], options.strike[i], options.barrier[i], european[i], true};
            row.valid = std::abs(row.right) == 1;
            if (payoff_ != PathPayoff::floating_lookback)
                row.valid = row.valid && row.strike > 0 && std::isfinite(row.strike);
            if (payoff_ >= PathPayoff::up_and_out) row.valid = row.valid && row.barrier > 0;
            rows_.push_back(row);
        }
    }

    void add(std::size_t block, Sums* sums) const noexcept {
        double x[path_block], v[path_block], paid[path_block];
        Observations seen;
        seen.clear();
        const std::size_t n = steps_.paths_in(block);
        double* const columns[] = {seen.last, seen.sum, seen.log_sum, seen.least, seen.largest};
        steps_.run(block, x, v, [&](std::size_t t) {
            table_.simulation.observe(forward_[t], log_forward_[t], x, columns, n);
        });
        if (payoff_ == PathPayoff::geometric_asian) {
            const double count = static_cast<double>(steps_.times());
            for (std::size_t i = 0; i < n; ++i) seen.log_sum[i] /= count;
            const double* in[] = {seen.log_sum};
            double* out[] = {seen.geometric};
            table_.columns[kernels::exp](in, out, n);
        }
        for (const Row& row : rows_) {
            if (row.valid) {
                pay(payoff_, row, seen, steps_.times(), n, paid);
                add(row, seen, paid, n, *sums);
            }
            ++sums;
        }
    }

    void add(const Row& row, const Observations& seen, const double* paid, std::size_t n,
             Sums& sums) const noexcept {
        const double* last = seen.last;
        const double* forward = is_averaged() ? seen.sum : last;
        const bool has_control = !std::isnan(row.european);
        const auto control = [&](double spot) {
            return has_control ? vanilla(row, spot) - row.european : 0.0;
        };
        if (antithetic_) {
            for (std::size_t i = 0; i < n; i += 2)
                sums.add(0.5 * (paid[i] + paid[i + 1]),
                         0.5 * (forward[i] + forward[i + 1]) - control_mean_,
                         0.5 * (control(last[i]) + control(last[i + 1])));
        } else {
            for (std::size_t i = 0; i < n; ++i)
                sums.add(paid[i], forward[i] - control_mean_, control(last[i]));
        }
    }

    bool is_averaged() const noexcept {
        return payoff_ == PathPayoff::asian || payoff_ == PathPayoff::geometric_asian;
    }

    const kernels::Table& table_;
    PathSteps steps_;
    bool antithetic_;
    PathPayoff payoff_;
    std::vector<double> forward_, log_forward_;
    double control_mean_;  // of S_T, or of the sum of S for means
    std::vector<Row> rows_;
};

}  // namespace

void simulated_prices(const SimulationPlan& plan, std::span<const double> forward, double discount,
                      PathPayoff payoff, const PathOptions& options, std::span<double> price,
                      std::span<double> standard_error, ThreadPool* pool) {
    const std::size_t rows = options.right.size();
    for (const std::size_t size :
         {options.strike.size(), options.barrier.size(), price.size(), standard_error.size()})
        if (size != rows)
            throw InvalidInput("options", std::to_string(size) + " rows",
                               "must have " + std::to_string(rows) + ", as the first column");
    require_positive("discount", discount);
    const Pricer pricer(plan, forward, payoff, options);
    const std::vector<Sums> sums = pricer.run(pool);
    for (std::size_t i = 0; i < rows; ++i) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const Estimate found =
            pricer.is_valid(i) ? estimate(sums[i], pricer.samples()) : Estimate{nan, nan};
        price[i] = discount * found.mean;
        standard_error[i] = discount * found.standard_error;
    }
}

}  // namespace hedgerow
