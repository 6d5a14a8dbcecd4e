/// One option under many scenarios: what stays the same in all of them, and what each one moves.
#pragma once

#include <cstddef>

namespace hedgerow {

/// Rows of scenarios are padded to a multiple of this many, so that no vector is half full,
inline constexpr std::size_t scenario_lanes = 16;

/// and have at most so many, which with the sums stay in the first cache.
inline constexpr std::size_t scenario_tile = 512;

/// What the arithmetic of a revaluation runs in.
enum class Precision : unsigned char {
    float64,
    float32,  ///< twice as many options at once, to some seven digits
};

/// A European option by what no scenario changes. Values are in units of max(D F, D K), so that
/// they fit into single precision whatever the currency.
template <class Real>
struct HoistedOption {
    Real right;          ///< +1 call, -1 put
    Real log_moneyness;  ///< right ln(F/K)
    Real deviation;      ///< s = volatility sqrt(T)
    Real root_time;      ///< sqrt(T)
    Real forward;        ///< F / max(F, K)
    Real strike;         ///< K / max(F, K)
    Real weight;         ///< right times what is held
    Real base;           ///< right times the value where nothing moves
};

/// Scenarios as rows of `size` numbers.
template <class Real>
struct ScenarioRow {
    const Real* spot_factor;       ///< by which the forward is multiplied; positive
    const Real* log_spot_factor;   ///< its logarithm
    const Real* volatility_shift;  ///< added to the volatility
    std::size_t size;              ///< a multiple of scenario_lanes, at most scenario_tile
};

}  // namespace hedgerow
