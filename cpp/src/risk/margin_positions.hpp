// What an account holds under a margin scheme: positions, and what is summed up of them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hedgerow/base/pool.hpp"
#include "hedgerow/contract/columns.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/risk/margin.hpp"
#include "hedgerow/risk/margin_rules.hpp"
#include "margin_scan.hpp"
#include "margin_totals.hpp"

namespace hedgerow::risk {

/// Where an instrument enters the totals.
struct Place {
    Role role;
    std::uint32_t unit;
    std::uint32_t strike;  ///< of options: one number per expiry and strike
    std::uint32_t expiry;
};

/// What a risk unit is made of.
struct Within {
    std::vector<std::uint32_t> strikes, expiries;
};

/// A risk unit as held.
struct Held {
    UnitTotals totals;
    double option_value = 0;
    ScanLoss scan;
    MarginRequirement requirement;
};

/// The greatest weighted loss.
ScanLoss find_loss(std::span<const double> pnl, std::span<const double> weight) noexcept;

/// All of it, in a market. What changes a position keeps the sums; rebuild() makes them anew.
struct MarginPositions {
    MarginRules rules;
    MarginScan scan;
    ContingencyTerms contingency;
    std::vector<Place> places;
    std::vector<double> quantity, cost;  // per instrument; cost of margined contracts alone
    std::vector<unsigned char> known;    // per instrument, whether its cost is
    std::vector<double> at_strike;       // net units
    std::vector<ExpiryTotals> expiries;
    std::vector<Within> within;
    std::vector<Held> held;
    std::vector<double> pnl;  // unit after unit
    MarginRequirement total;
    std::uint64_t invalid = 0, not_margined = 0;

    MarginPositions(std::shared_ptr<const ContractColumns> contracts, const Snapshot& snapshot,
                    MarginRules its_rules, ThreadPool* pool);

    std::size_t width() const noexcept { return scan.grid().width; }
    double* pnl_of(std::size_t unit) noexcept { return pnl.data() + unit * width(); }
    const double* pnl_of(std::size_t unit) const noexcept { return pnl.data() + unit * width(); }

    /// Numbers the strikes; expiries are the contracts' slices and one bucket per unit.
    void place();

    /// Units may be more after a rescan: a reporting currency that is a coin is one.
    void place_units();

    /// Whether instruments are of other units than before: money is where the reporting coin is.
    bool has_moved_units() const noexcept;

    /// What `by` more of an instrument changes in its unit's totals, strike and expiry.
    void change(std::uint32_t i, double by, UnitTotals& totals, double& strike,
                ExpiryTotals& expiry) const noexcept {
        const Place& place = places[i];
        const InstrumentRisk& risk = scan.risk(i);
        add_contract(totals, place.role, risk, quantity[i], -1);
        add_contract(totals, place.role, risk, quantity[i] + by, 1);
        if (place.role == Role::option) {
            totals.short_at_strikes -= positive(-strike);
            strike += by * risk.size;
            totals.short_at_strikes += positive(-strike);
        }
        add_expiry(totals, expiry, contingency, -1);
        const double* row = scan.row(i);
        expiry.delta += by * risk.delta;
        expiry.down += by * row[scan.grid().down];
        expiry.up += by * row[scan.grid().up];
        add_expiry(totals, expiry, contingency, 1);
    }

    /// Adds to the cost of a margined contract. What is not stated is the mark now; where there is
    /// none, the cost stays unknown and no gain is seen.
    void add_cost(std::uint32_t i, double by, double stated) noexcept;

    /// Gains not yet paid of a margined contract, in the currency it pays in.
    double accrued(std::uint32_t i) const noexcept;

    /// Adds gains to a unit: coins move with the spot, other money with a reporting coin.
    void add_accrued(std::uint32_t i, double gain) noexcept;

    /// Adds a position to the totals of its unit; `quantity` is not yet changed.
    void add_to_totals(std::uint32_t i, double by) noexcept;

    /// Adds positions to the P&L of their unit, four at a time: so the sums are loaded less often.
    void add_to_pnl(std::uint32_t unit, std::span<const std::uint32_t> instruments,
                    const double* by) noexcept;

    /// What a unit needs with this loss and these totals.
    MarginRequirement require(std::size_t unit, double loss,
                              const UnitTotals& totals) const noexcept {
        const UnitMarket& market = scan.units()[unit];
        return requirement(rules, loss, totals, market.spot * market.quote_rate, market.quote_rate);
    }

    /// Takes the requirement of a unit from its sums.
    void evaluate(std::size_t unit) noexcept;

    /// Adds up one unit from its positions.
    void rebuild(std::size_t number) noexcept;

    /// Sums alone; what is made of the sums by strike and expiry follows at the end.
    void rebuild_part(std::uint32_t unit, std::span<const std::uint32_t> part) noexcept;

    /// Counts what is held and not margined.
    void count() noexcept;

    bool is_left_out(std::size_t i) const noexcept {
        return quantity[i] != 0 && !is_valued(scan.status()[i]);
    }

    void rebuild_all() noexcept;
};

}  // namespace hedgerow::risk
