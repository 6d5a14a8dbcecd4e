// The steps of a simulation's plan, made ready once for all paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../../kernels/table.hpp"
#include "hedgerow/formula/heston_simulation.hpp"

namespace hedgerow::formula {

/// Paths that are taken along together: their state stays in the first-level cache. Even, so that
/// no antithetic pair is parted.
inline constexpr std::size_t path_block = 256;

class PathSteps {
  public:
    /// @throws InvalidInput for a plan outside its domain, or a step too long for the correction.
    PathSteps(const kernels::Table& table, const SimulationPlan& plan);

    std::size_t count() const noexcept { return count_; }
    std::size_t paths() const noexcept { return plan_.paths; }
    std::size_t times() const noexcept { return plan_.times.size(); }
    std::size_t blocks() const noexcept { return (paths() + path_block - 1) / path_block; }
    std::size_t paths_in(std::size_t block) const noexcept {
        const std::size_t left = paths() - block * path_block;
        return left < path_block ? left : path_block;
    }

    /// Takes a block of paths through all times, and calls observe(time's number) at each. `x` and
    /// `v` have room for a block: ln(F/F_0) and the variance.
    template <class Observe>
    void run(std::size_t block, double* x, double* v, Observe observe) const noexcept {
        const std::size_t n = paths_in(block);
        for (std::size_t i = 0; i < n; ++i) x[i] = 0.0, v[i] = plan_.parameters[0];
        std::uint32_t step = 0;
        for (std::size_t t = 0; t < intervals_.size(); ++t) {
            for (std::size_t j = 0; j < intervals_[t].steps; ++j)
                take(intervals_[t], block * path_block, step++, x, v, n);
            observe(t);
        }
    }

  private:
    struct Interval {
        std::size_t steps;
        kernels::HestonStep heston;
        std::vector<double> chances;  // of at most 0, 1, ... jumps in a step; empty without jumps
        double jump_drift;
    };

    Interval interval(double start, double end) const;
    void take(const Interval& interval, std::size_t first, std::uint32_t step, double* x, double* v,
              std::size_t n) const noexcept;

    const kernels::Table& table_;
    SimulationPlan plan_;
    std::vector<Interval> intervals_;
    std::size_t count_ = 0;
};

}  // namespace hedgerow::formula
