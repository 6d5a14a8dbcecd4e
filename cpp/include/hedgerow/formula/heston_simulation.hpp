/// Paths of Heston's model and of Bates' by the scheme QE-M, and prices of what depends on them.
///
/// Scheme: L. B. G. Andersen 2008, "Simple and efficient simulation of the Heston stochastic
/// volatility model": the variance is sampled from a distribution with its exact conditional mean
/// and variance (psi_c = 1.5), the forward given it with gamma1 = gamma2 = 1/2 and the corrected
/// drift K0*, which makes it a martingale in every step. Bates' jumps are exact: a Poisson number
/// of lognormal ones in every step, made up for in the drift. Paths are of F_t/F_0, whatever the
/// forward curve.
///
/// What the scheme leaves is a bias from the length of its steps: docs/simulation.md measures it.
///
/// The correction needs a moment of the next variance, E[exp(A v')], A = rho/sigma + O(h) for steps
/// of length h. It exists for every v when A sigma^2 (1 - exp(-kappa h))/kappa < 1: always for
/// rho <= 0, and for steps short against 1/(rho sigma) otherwise. Longer steps are refused rather
/// than taken without the correction.
///
/// Random numbers: math/random.hpp, stream 0 for the model, 1 for jumps. A path is a function of
/// the seed, its number and the steps alone, in every bit, for any number of threads and paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/fourier.hpp"

namespace hedgerow {

class ThreadPool;

/// What is drawn, and how finely.
struct SimulationPlan {
    FourierModel model;                  ///< heston or bates
    std::span<const double> parameters;  ///< of the model; formula/fourier.hpp states the domain
    std::span<const double> times;       ///< of observation, in years: from 0 on, increasing
    double longest_step;  ///< in years: from one time to the next in the fewest equal steps below
    std::uint64_t seed;
    std::size_t paths;
    bool antithetic;  ///< paths 2k and 2k + 1 take u and 1 - u
};

/// How many steps a plan takes along each path.
/// @throws InvalidInput for a plan outside its domain, or a step too long for the correction.
HEDGEROW_API std::size_t simulation_steps(const SimulationPlan& plan);

/// Whole paths: F_t/F_0 and the variance, row by row for every time, a column per path.
/// @param forward_ratio, variance times x paths each.
/// @throws InvalidInput for a plan outside its domain, or other sizes.
HEDGEROW_API void simulate_paths(const SimulationPlan& plan, std::span<double> forward_ratio,
                                 std::span<double> variance, ThreadPool* pool = nullptr);

/// simulate_paths() on a named instruction set, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool simulate_paths_on(std::string_view isa, const SimulationPlan& plan,
                                    std::span<double> forward_ratio, std::span<double> variance);

/// What is paid at the last time T, S observed at the times of the plan and at no other;
/// right = +1 or -1.
enum class PathPayoff : unsigned char {
    european,           ///< max(right (S_T - K), 0)
    asian,              ///< max(right (mean S - K), 0)
    geometric_asian,    ///< max(right (exp(mean ln S) - K), 0)
    lookback,           ///< call max(max S - K, 0), put max(K - min S, 0)
    floating_lookback,  ///< call S_T - min S, put max S - S_T; strikes play no part
    up_and_out,         ///< european if max S < B
    up_and_in,          ///< european if max S >= B
    down_and_out,       ///< european if min S > B
    down_and_in,        ///< european if min S <= B
};
inline constexpr int path_payoff_count = 9;

/// Options on the same paths, columns of one length; +1 and -1 in `right`. Barriers are read where
/// the payoff has one.
struct PathOptions {
    std::span<const double> right, strike, barrier;
};

/// Prices of options on paths and their standard errors; no path is kept.
///
/// Controls: S_T, whose mean is the forward (for options on means the mean of S, whose mean is that
/// of the forwards), and, but for `european` and `floating_lookback`, the European option with the
/// row's right and strike, whose price is known by Fourier inversion. Their coefficients are those
/// of least squares over the paths. Standard errors are of the residuals; with antithetic paths, of
/// pairs.
///
/// Domain, row by row, NaN elsewhere: right +1 or -1; strike positive and finite; barrier positive.
/// @param forward per time, in money: positive and finite.
/// @param discount at the last time, positive and finite.
/// @throws InvalidInput for a plan outside its domain or with fewer than 16 paths (32 antithetic
///     ones, an even number of them), other sizes, forwards or discount outside their domain.
HEDGEROW_API void simulated_prices(const SimulationPlan& plan, std::span<const double> forward,
                                   double discount, PathPayoff payoff, const PathOptions& options,
                                   std::span<double> price, std::span<double> standard_error,
                                   ThreadPool* pool = nullptr);

}  // namespace hedgerow
