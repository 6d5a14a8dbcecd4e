/// Heston's equation on a grid, from the payoff back to today: what the products share.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "hedgerow/formula/heston_pde.hpp"

namespace hedgerow {

/// What is known at an end of the mesh of spots.
enum class HestonEnd {
    linear,  ///< values are linear in the spot
    known,   ///< the value
    level,   ///< no slope in the spot
};

/// The variance, dv = (pull - speed v) dt + sigma sqrt(v) dZ: today's, and where it goes.
struct HestonVariance {
    double v0, pull, speed, sigma, rho;

    /// E[integral of v], which is the variance of ln S to first order.
    double expected_total(double time) const noexcept;
    double expected(double time) const noexcept;
    /// Some deviation of v at that time.
    double deviation(double time) const noexcept;
};

enum class HestonExercise { at_expiry, any_time };

/// The payoff max(right (s - strike), 0), and all that leads to it but the meshes.
struct HestonProblem {
    HestonVariance variance;
    HestonTerms terms;
    HestonExercise exercise = HestonExercise::at_expiry;
    HestonEnd lower = HestonEnd::linear, upper = HestonEnd::linear;
    double known = 0;  ///< at ends that are
};

struct HestonValue {
    double price, delta, gamma, v0;
};

/// Today's values at today's variance, over a mesh of spots.
struct HestonSlice {
    std::vector<double> spots, price, v0;

    /// @param spot within the mesh.
    HestonValue at(double spot) const noexcept;
};

/// Those of the mesh, and what half its steps say of their error.
struct HestonValues {
    HestonSlice fine, correction;
    double strike;

    /// NaN where the correction is so large that it is none.
    HestonValue at(double spot) const noexcept;
};

/// The values on a mesh of spots, ends that are known among them, by Richardson's extrapolation: a
/// third of what halving all steps changes, on top of it.
/// @param spots ascending, grid.spots + 1 of them.
HestonValues solve_heston(const HestonProblem& problem, std::vector<double> spots,
                          const HestonGrid& grid);

}  // namespace hedgerow
