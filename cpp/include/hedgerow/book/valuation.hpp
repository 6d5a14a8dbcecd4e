/// A book against a snapshot: every position's value and Greeks, and their sums by any key.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/price/units.hpp"

namespace hedgerow {

/// What can be asked of a position. V is its value in the quote currency, S the spot.
///
/// Everything but the first three is in the snapshot's reporting currency (V and its derivatives
/// times the rate of the quote currency) and additive. Greeks are raw derivatives. Those in the
/// underlying (premium_adjusted_delta, coin_delta, coin_gamma) are zero for money, which has none;
/// what has expired has no Greeks.
enum class Measure : std::uint8_t {
    price,         ///< of one unit, as quoted, in the contract's currency
    native_value,  ///< in the contract's currency
    native_pnl,    ///< in the contract's currency
    value,  ///< quantity x multiplier x worth; for margined contracts less the cost: what is owed
    pnl,    ///< multiplier x (quantity x worth - cost); NaN where the cost is unknown
    delta,
    gamma,
    vega,
    theta,
    rho,
    phi,
    vanna,
    volga,
    charm,
    veta,
    speed,
    zomma,
    color,
    ultima,
    dual_delta,
    dual_gamma,
    premium_adjusted_delta,  ///< delta - V/S: the delta of one who counts in the underlying
    coin_delta,              ///< d(V/S)/dS, coins per unit of the quote currency: in no currency
    coin_gamma,              ///< d2(V/S)/dS2
    dollar_delta,            ///< delta x S: gain for a rise of 100 %, to first order
    dollar_gamma,            ///< gamma x S^2 / 100: change of delta for a rise of 1 %, times S
};

inline constexpr int measure_count = 26;

/// Whether the measure needs a known cost.
constexpr bool is_profit(Measure measure) noexcept {
    return measure == Measure::pnl || measure == Measure::native_pnl;
}

/// The measure's name, as "premium_adjusted_delta".
HEDGEROW_API const char* name(Measure measure) noexcept;

/// Sums over groups of positions, one row per group.
struct HEDGEROW_API Totals {
    std::vector<Measure> measures;
    std::vector<std::vector<double>> sums;    ///< per measure, per group; of the valued positions
    std::vector<std::uint64_t> positions;     ///< per group
    std::vector<std::uint64_t> excluded;      ///< of these not valued: they are in no sum
    std::vector<std::uint64_t> unknown_cost;  ///< valued ones without a cost: they are in no P&L
};

/// The values of a book's positions. Contracts are priced once, however many positions hold them;
/// columns are made when asked for. So are the values per contract: sums by group need none.
class HEDGEROW_API Valuation {
  public:
    /// Of the book in this market; nothing is computed yet.
    Valuation(Book book, Snapshot snapshot);

    std::size_t size() const noexcept { return book_.size(); }
    const Book& book() const noexcept { return book_; }
    const Snapshot& snapshot() const noexcept { return snapshot_; }
    Instant as_of() const noexcept { return snapshot_.as_of(); }
    const std::string& reporting_currency() const noexcept { return snapshot_.rates().reporting(); }

    /// The value of one unit of every contract: priced by whoever asks first, see value_units().
    const UnitValues& units(ThreadPool* pool = nullptr) const;

    /// Per position: the contract's status, or invalid_quantity.
    std::vector<Status> statuses(ThreadPool* pool = nullptr) const;

    /// One measure of every position; NaN where the status is not valued.
    std::vector<double> column(Measure measure, ThreadPool* pool = nullptr) const;

    /// Sums by group. Positions that are not valued are left out and counted, so that one bad row
    /// never poisons a sum. Same bits for any number of threads, and whether or not units() were
    /// asked for. Values block by block what it adds up and keeps no value: O(groups) memory where
    /// groups are few.
    ///
    /// Accuracy: within 1e-13 of the sum of the columns, relative to the sum of the sizes of what
    /// is added, where a unit's price, delta and gamma count with the measures made of them.
    /// @param measures distinct, and additive: not the price.
    /// @throws InvalidInput otherwise, or when the groups are of another number of rows.
    Totals net(const Groups& groups, std::span<const Measure> measures,
               ThreadPool* pool = nullptr) const;

  private:
    struct Units;

    Status status(const UnitValues& units, std::size_t row) const noexcept;

    Book book_;
    Snapshot snapshot_;
    std::shared_ptr<Units> units_;
};

}  // namespace hedgerow
