/// What a venue asks a book to be backed with, kept up to date by position and by tick.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/contract/columns.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/risk/margin_rules.hpp"

namespace hedgerow {

/// An amount asked for, in the reporting currency.
struct MarginRequirement {
    double initial = 0;      ///< before a position may grow
    double maintenance = 0;  ///< before it is liquidated

    friend bool operator==(const MarginRequirement&, const MarginRequirement&) = default;
};

/// The greatest weighted loss of a row of P&L, and where.
struct ScanLoss {
    double loss = 0;                 ///< not negative
    std::size_t scenario = no_loss;  ///< the first of the worst, or no_loss

    static constexpr std::size_t no_loss = std::numeric_limits<std::size_t>::max();
};

/// The scan of P&L per scenario, as of risk arrays that a clearing house publishes.
/// @param weight as many as `pnl`.
/// @throws InvalidInput when lengths differ.
HEDGEROW_API ScanLoss scan_loss(std::span<const double> pnl, std::span<const double> weight);

/// One risk unit: an underlying and everything that depends on its spot.
struct HEDGEROW_API MarginUnit {
    std::string underlying;
    MarginRequirement requirement;
    ScanLoss scan;                           ///< of the scenarios, before factors and add-ons
    double option_value = 0;                 ///< of the options held
    std::vector<double> pnl;                 ///< per scenario, not weighted
    std::vector<MarginRequirement> add_ons;  ///< in the order of the rules; of a minimum, itself
};

/// An account in a market, under one scheme.
///
/// Holds for every instrument what one unit of it gains and loses in every scenario, so that a
/// change of a position is one multiplication and addition per scenario, and an order's margin is
/// known without valuing anything. Memory: instruments x scenarios (rounded up to 16) doubles.
///
/// Scenarios move one underlying at a time, with its forwards in proportion and every strike
/// keeping its volatility up to the move of the rule; discount factors stay. P&L is in the
/// snapshot's reporting currency. What is settled in a coin is revalued in it and converted at the
/// coin's price in the scenario, and coins held are exposed to their price; seen from a reporting
/// currency that is a coin, so is its quote currency. Gains of futures not yet paid are money in
/// the currency they pay in.
///
/// Instruments that the market cannot value now are in no number: see status() and not_margined().
/// They are again once a rescan() can. Expired ones await their settlement and carry no risk.
///
/// Accuracy: an instrument's P&L has the error of two values, see formula/revaluation.hpp; sums of
/// position changes drift by rounding, 1e-16 of what is added each time, until the next rescan().
///
/// Not to be changed by one thread while another one reads. add(), move() and all reads allocate
/// nothing.
class HEDGEROW_API MarginAccount {
  public:
    /// An account without positions.
    MarginAccount(std::shared_ptr<const ContractColumns> contracts, const Snapshot& snapshot,
                  MarginRules rules, ThreadPool* pool = nullptr);
    /// The positions of a book, tags aside. Futures of unknown cost count as entered at the mark
    /// now; positions of invalid quantity are left out and counted.
    MarginAccount(const Book& book, const Snapshot& snapshot, MarginRules rules,
                  ThreadPool* pool = nullptr);
    ~MarginAccount();
    MarginAccount(MarginAccount&&) noexcept;
    MarginAccount& operator=(MarginAccount&&) noexcept;

    /// Changes a position. O(scenarios).
    /// @param instrument its number in the contracts.
    /// @param cost of `quantity`, as in Book; of futures and perpetuals not given: at the mark now.
    /// @throws InvalidInput, and leaves the account as it was, for an instrument that there is not,
    ///     and unless `quantity` is finite and the position stays within largest_amount.
    void add(std::size_t instrument, double quantity,
             double cost = std::numeric_limits<double>::quiet_NaN());

    /// Takes a new market: every instrument is valued anew, positions are added up anew.
    void rescan(const Snapshot& snapshot, ThreadPool* pool = nullptr);
    /// Moves the spot of one risk unit: forwards keep their carry, perpetuals their ratio, strikes
    /// their volatility. Rates between other currencies follow with the next rescan().
    /// @throws InvalidInput unless `spot` is positive and finite, and the unit one of units().
    void move(std::size_t unit, double spot);

    /// Of the whole account. O(1).
    MarginRequirement requirement() const noexcept;
    /// The requirement with `quantity` more of an instrument, less that without, entered at the
    /// mark: negative for a hedge. 0 for what is not margined. O(scenarios).
    /// `instrument` is below instruments().
    MarginRequirement marginal(std::size_t instrument, double quantity) const noexcept;

    std::size_t instruments() const noexcept;
    const std::shared_ptr<const ContractColumns>& contracts() const noexcept;
    const MarginRules& rules() const noexcept;
    const std::string& reporting_currency() const noexcept;
    /// Signed quantity per instrument.
    std::span<const double> quantity() const noexcept;
    /// Per instrument, whether it can be margined: ok, expired, or why not.
    std::span<const Status> status() const noexcept;
    /// P&L of one unit of an instrument per scenario, multiplier applied.
    std::span<const double> unit_pnl(std::size_t instrument) const noexcept;
    /// How many instruments are held and not margined, and positions of invalid quantity.
    std::uint64_t not_margined() const noexcept;

    std::size_t units() const noexcept;
    /// The number of a risk unit.
    /// @throws InvalidInput when no instrument depends on an underlying of this name.
    std::size_t find(std::string_view underlying) const;
    const std::string& underlying(std::size_t unit) const noexcept;
    /// Of one risk unit.
    MarginRequirement requirement(std::size_t unit) const noexcept;
    /// P&L of one risk unit per scenario, not weighted.
    std::span<const double> pnl(std::size_t unit) const noexcept;
    /// Everything about one risk unit, as a copy.
    MarginUnit unit(std::size_t unit) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hedgerow
