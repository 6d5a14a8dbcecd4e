/// Prices under local volatility, by finite differences: one option backward, all strikes forward.
///
/// dS/S = carry dt + volatility(k, t) dW with k = ln(S_t / F(t)), F(t) = spot e^(carry t) the
/// forward known today. Both equations are solved on nodes dense around today's price, with
/// three-point differences that are exact for parabolas in price, by Crank-Nicolson steps after
/// four implicit half steps (R. Rannacher 1984; M. Giles and R. Carter 2006). Steps end where the
/// local variance jumps.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "hedgerow/base/barrier.hpp"
#include "hedgerow/base/export.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/local_volatility.hpp"

namespace hedgerow {

/// How fine the mesh is. The error falls with the square of both numbers.
struct DiffusionGrid {
    int nodes = 400;  ///< of price, 20 to 100,000
    int steps = 200;  ///< of time, 4 to 100,000; steps that end at jumps come on top
};

/// What came of it: numbers, or no local variance at some node that the mesh needs.
enum class DiffusionOutcome : unsigned char {
    valued,
    undefined_variance,  ///< the surface has arbitrage there; results are NaN
};

/// A call or put on a spot price, with a continuously watched barrier or none.
struct DiffusionOption {
    Right right = Right::call;
    double spot = 0, strike = 0;  ///< positive
    double time = 0;              ///< years, positive
    double rate = 0;              ///< of discounting, per year
    double carry = 0;             ///< of the forward, per year
    bool american = false;        ///< can be exercised at any time; not with a knock-in
    std::optional<BarrierKind> barrier = {};
    double level = 0;  ///< of the barrier, positive; ignored without one. No rebate. A
                       ///< spot at it, but for 1e-9, or beyond has touched it.
};

/// Delta and gamma are those of the grid: in today's spot, the local volatility at each future
/// price and time held.
struct DiffusionPrice {
    DiffusionOutcome outcome;
    double price, delta, gamma;
    std::size_t undefined;  ///< nodes, over all steps, without a local variance
};

/// The value of an option.
///
/// Under a constant volatility of 5 % to 100 % the default grid is within 3e-5 of the spot of
/// Black's price and within 2e-5 of the spot of American and barrier references
/// (tests/formula/test_local_volatility.py). American exercise is decided at every step by policy
/// iteration (P. Forsyth and K. Vetzal 2002 discuss the accuracy), so early exercise on either
/// side of the strike, or both, is found.
///
/// @throws InvalidInput for numbers outside of what DiffusionOption and DiffusionGrid state.
HEDGEROW_API DiffusionPrice price_diffusion(const LocalVariance& variance,
                                            const DiffusionOption& option,
                                            const DiffusionGrid& grid = {});

/// European prices of many strikes and expiries at once, by Dupire's forward equation
/// c_T = volatility^2/2 (c_kk - c_k) for c = price / (D F).
///
/// @param k log-moneynesses ln(K/F(T)), any order.
/// @param times years, one per k, not negative.
/// @param price receives the undiscounted price over the forward of the option that is out of the
///     money: the put where k < 0, the call elsewhere. NaN where the outcome is not `valued`, and
///     beyond the mesh, some seven deviations out.
/// @throws InvalidInput for lengths that differ, a time or k that is not finite, or a grid outside
///     of DiffusionGrid.
HEDGEROW_API DiffusionOutcome price_diffusion_strikes(const LocalVariance& variance,
                                                      std::span<const double> k,
                                                      std::span<const double> times,
                                                      std::span<double> price,
                                                      const DiffusionGrid& grid = {});

}  // namespace hedgerow
