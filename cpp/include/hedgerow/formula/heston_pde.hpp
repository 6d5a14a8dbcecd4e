/// Heston's partial differential equation on a grid of spots and variances: options that can be
/// exercised early, barrier options and lookbacks.
///
/// With S the spot, v its variance, b the cost of carry and r the rate, to expiry and back:
///
///     dV/dt + v S^2/2 V_SS + rho sigma v S V_Sv + sigma^2 v/2 V_vv
///           + b S V_S + kappa (theta - v) V_v - r V = 0
///
/// Method: second-order differences on meshes that are dense where the payoff bends and about
/// today's variance; at v = 0 the equation itself, at its upper end no slope in v, at far spots
/// values linear in S. In time an alternating-directions scheme, after steps that damp what the
/// payoff's kinks leave. Early exercise by operator splitting; lookbacks as options on the ratio of
/// the extreme and the spot, measured in the spot, which leaves two dimensions. One grid gives all
/// spots.
///
/// Units: money, time in years, rates continuously compounded, b = r - q for a dividend or foreign
/// yield q.
///
/// Measured error on the default grid, in units of the strike or the extreme: European and barrier
/// options 5e-6, American ones 1e-5, lookbacks 3e-5; 3e-4 for tails as heavy as those of sigma = 1,
/// kappa = 0.5, theta = 0.04 over five years; tests/formula/test_heston_pde.py.
///
/// Sources: K. J. In 't Hout and S. Foulon 2010, "ADI finite difference schemes for option pricing
/// in the Heston model with correlation"; S. Ikonen and J. Toivanen 2004, "Operator splitting
/// methods for American option pricing"; T. Haentjens and K. J. In 't Hout 2015, "ADI schemes for
/// pricing American options under the Heston model"; J. Andreasen 1998, "The pricing of discretely
/// sampled Asian and lookback options: a change of numeraire approach".
#pragma once

#include <span>

#include "hedgerow/base/barrier.hpp"
#include "hedgerow/base/export.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/fourier.hpp"

namespace hedgerow {

/// Schemes of alternating directions, both of second order and stable with a mixed derivative.
enum class HestonScheme : unsigned char {
    modified_craig_sneyd,  ///< theta = max(1/3, 2/13 (2 |rho| + 1)), the least that is stable
    hundsdorfer_verwer,    ///< theta = 1/2 + sqrt(3)/6
};

/// How fine a grid is: even numbers, since the grid of half of each is solved too.
struct HestonGrid {
    int spots = 100;     ///< intervals of the spot, 40 to 4096
    int variances = 50;  ///< intervals of the variance, 8 to 4096
    int times = 50;      ///< steps in time, 8 to 65536
    HestonScheme scheme = HestonScheme::modified_craig_sneyd;
};

/// The terms of an option, and its market but for the spot.
struct HestonTerms {
    Right right = Right::call;
    double strike = 0;  ///< positive
    double time = 0;    ///< to expiry, years, positive
    double rate = 0;    ///< continuously compounded
    double carry = 0;   ///< cost of carry of the spot: rate less its yield
};

/// Columns of results, a row per spot.
struct HestonGridColumns {
    std::span<double> price;
    std::span<double> delta;  ///< by the spot
    std::span<double> gamma;  ///< by the spot, twice
    std::span<double> v0;     ///< the derivative by today's variance
};

/// European options: the check of a grid, since fourier_price() is exact and faster.
///
/// @param spots positive and finite; NaN gives NaN, as anything else does.
/// @param results NaN too where halving the grid's steps changes the price by more than 3 % of the
///     strike or the spot: it is too coarse.
/// @throws InvalidInput for parameters, terms or a grid out of range, or where lengths differ.
HEDGEROW_API void heston_european_pde(const HestonParameters& parameters, const HestonTerms& terms,
                                      std::span<const double> spots,
                                      const HestonGridColumns& results,
                                      const HestonGrid& grid = {});

/// American options: to be exercised at any time up to expiry. Otherwise as heston_european_pde().
HEDGEROW_API void heston_american_pde(const HestonParameters& parameters, const HestonTerms& terms,
                                      std::span<const double> spots,
                                      const HestonGridColumns& results,
                                      const HestonGrid& grid = {});

/// A barrier that is watched continuously.
struct HestonBarrier {
    BarrierKind kind;
    double level;       ///< of the spot, positive
    double rebate = 0;  ///< paid at the moment that the option ends; 0 for in
};

/// European options with a single barrier. Beyond it a spot has hit: out is worth the rebate, in
/// the European option. In is that less out on the same grid.
/// @throws InvalidInput as heston_european_pde(), and for a barrier out of range.
HEDGEROW_API void heston_barrier_pde(const HestonParameters& parameters, const HestonTerms& terms,
                                     const HestonBarrier& barrier, std::span<const double> spots,
                                     const HestonGridColumns& results, const HestonGrid& grid = {});

/// Lookbacks with a floating strike: call S_T - min, put max - S_T. `terms.strike` is the extreme
/// so far, the least or the greatest spot; where today's spot goes beyond it, that is the extreme.
HEDGEROW_API void heston_floating_lookback_pde(const HestonParameters& parameters,
                                               const HestonTerms& terms,
                                               std::span<const double> spots,
                                               const HestonGridColumns& results,
                                               const HestonGrid& grid = {});

/// Lookbacks with a fixed strike: call max(max - K, 0), put max(K - min, 0).
/// @param extreme the greatest spot so far for a call, the least for a put.
HEDGEROW_API void heston_fixed_lookback_pde(const HestonParameters& parameters,
                                            const HestonTerms& terms, double extreme,
                                            std::span<const double> spots,
                                            const HestonGridColumns& results,
                                            const HestonGrid& grid = {});

}  // namespace hedgerow
