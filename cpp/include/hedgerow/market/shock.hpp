/// Moves of a whole market: the axes of a spot x volatility ladder.
#pragma once

#include <optional>
#include <string>

#include "hedgerow/base/export.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// What a smile does when the spot moves.
enum class SmileDynamics : unsigned char {
    sticky_strike,     ///< each strike keeps its volatility
    sticky_moneyness,  ///< each ratio of strike to spot keeps its volatility: strikes move along
};

HEDGEROW_API const char* name(SmileDynamics dynamics) noexcept;

/// The market after a sudden move; `snapshot` is left as it is, and so is the time.
///
/// Spots are multiplied by `spot_factor`, forwards keep their carry and perpetuals their ratio to
/// the spot. Every quoted volatility rises by `volatility_shift`, never below 0; discount curves
/// stay. Exchange rates follow: a currency that is itself an underlying (a coin) is worth its spot
/// in its quote currency, so its rate moves with it; seen from a reporting currency that is itself
/// such a coin, all the others move against it.
///
/// @param spot_factor positive and finite; 1 leaves the spots.
/// @param volatility_shift decimals per year, finite; 0 leaves the volatilities.
/// @param underlying moves this one alone, where given.
/// @throws InvalidInput on anything else, or when the snapshot has no such underlying.
HEDGEROW_API Snapshot shocked(const Snapshot& snapshot, double spot_factor, double volatility_shift,
                              SmileDynamics dynamics,
                              const std::optional<std::string>& underlying = {});

}  // namespace hedgerow
