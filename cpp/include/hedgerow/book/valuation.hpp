/// A book against a snapshot: every position's value and Greeks, and their sums by any key.
#pragma once

#include <cstdint>
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
/// columns are made when asked for.
class HEDGEROW_API Valuation {
  public:
    /// Prices every contract of the book. See value_units() for what a row can be.
    Valuation(Book book, const Snapshot& snapshot, ThreadPool* pool = nullptr);

    std::size_t size() const noexcept { return book_.size(); }
    const Book& book() const noexcept { return book_; }
    const UnitValues& units() const noexcept { return units_; }
    Instant as_of() const noexcept { return as_of_; }
    const std::string& reporting_currency() const noexcept { return currency_; }

    /// Per position: the contract's status, or invalid_quantity.
    Status status(std::size_t row) const noexcept;
    std::vector<Status> statuses() const;

    /// One measure of every position; NaN where the status is not valued.
    std::vector<double> column(Measure measure, ThreadPool* pool = nullptr) const;

    /// Sums by group. Positions that are not valued are left out and counted, so that one bad row
    /// never poisons a sum. Same bits for any number of threads. O(rows x measures).
    /// @param measures distinct, and additive: not the price.
    /// @throws InvalidInput otherwise, or when the groups are of another number of rows.
    Totals net(const Groups& groups, std::span<const Measure> measures,
               ThreadPool* pool = nullptr) const;

  private:
    class Adder;
    /// Every measure of a position is linear in what is held and in what it cost.
    struct Coefficient {
        double held = 0;  ///< per unit of quantity x multiplier
        double cost = 0;  ///< per unit of cost x multiplier
    };
    /// Of one contract: what all its measures are made of, in the quote currency.
    struct Coefficients {
        const UnitValues* units;
        std::uint32_t contract;
        bool margined, cash;
        double delta, delta_owed;  ///< of dV/dS
        double coin, coin_owed;    ///< of dV/dS - V/S

        Coefficient operator[](Measure measure) const noexcept;
    };
    Coefficients coefficients(std::uint32_t contract) const noexcept;
    /// Cost times multiplier; NaN where it is unknown or too large to count with.
    double cost(std::size_t row) const noexcept;
    double measure(Measure measure, std::size_t row, Coefficient unit) const noexcept;

    Book book_;
    UnitValues units_;
    Instant as_of_;
    std::string currency_;
};

}  // namespace hedgerow
