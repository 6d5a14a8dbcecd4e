/// What a book gains and loses when the market moves: full revaluation under many scenarios.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/revaluation.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/market/shock.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/risk/scenarios.hpp"

namespace hedgerow {

/// P&L by group and scenario, in the snapshot's reporting currency, against the value now.
///
/// A position is in every scenario or in none: in all those whose status is ok. The others are
/// expired, can't be valued now, or not in some scenario (not_a_number: the market would be beyond
/// what doubles hold, or a gamma infinite, as of an option exactly at the forward that a shift
/// leaves without volatility).
struct HEDGEROW_API Revaluation {
    std::size_t scenarios = 0;
    std::vector<double> pnl;     ///< group after group, a number per scenario
    std::vector<Status> status;  ///< per position

    /// Of one group.
    std::span<const double> of(std::size_t group) const noexcept {
        return std::span(pnl).subspan(group * scenarios, scenarios);
    }
};

/// Revalues a book in every scenario, as valuing it against shocked() snapshots would: the same
/// numbers up to rounding, without the Greeks and without the snapshots.
///
/// Futures and perpetuals of unknown cost count as entered at the mark now. A contract is valued
/// once per group that holds it. The error of an option's P&L is that of two values, see
/// formula/revaluation.hpp. The same bits for any number of threads; memory grows with the book
/// and with groups x scenarios, never with contracts x scenarios.
///
/// @param groups of the book's positions; see group_rows().
/// @throws InvalidInput when the groups are of another number of rows, when a scenario moves an
///     underlying that the snapshot does not have, or when a spot factor does not fit float32.
HEDGEROW_API Revaluation revalue(const Book& book, const Snapshot& snapshot,
                                 const Scenarios& scenarios, const Groups& groups,
                                 SmileDynamics dynamics, Precision precision = Precision::float64,
                                 ThreadPool* pool = nullptr);

}  // namespace hedgerow
