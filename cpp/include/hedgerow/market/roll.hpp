/// A market some time later.
#pragma once

#include "hedgerow/base/export.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// The market at a later time when nothing has moved but the clock.
///
/// Spots, perpetuals, exchange rates and the volatilities of every smile stay; forwards and
/// discount factors keep their carry and their zero rate to each of their pillars, so that an
/// option decays as its theta says. Pillars that time has passed are left out (a curve that has
/// passed all of them keeps the rate of its last), smiles are kept. Averages of settlement windows
/// go on at the spot.
///
/// @throws InvalidInput when `as_of` is before that of the snapshot.
HEDGEROW_API Snapshot rolled(const Snapshot& snapshot, Instant as_of);

}  // namespace hedgerow
