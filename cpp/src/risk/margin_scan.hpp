// What one unit of every instrument gains and loses in the scenarios of a margin scheme.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hedgerow/base/large_array.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/contract/columns.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/price/series.hpp"
#include "hedgerow/risk/margin_rules.hpp"

namespace hedgerow::risk {

/// The scenarios as rows, padded with ones in which nothing moves and nothing counts.
struct MarginGrid {
    explicit MarginGrid(const MarginRules& rules);

    std::size_t scenarios;         ///< of the rules; what follows is for the basis contingency
    std::size_t width;             ///< of all rows: a multiple of scenario_lanes
    std::size_t down = 0, up = 0;  ///< where the spot alone moves for the basis contingency
    std::vector<double> spot_factor, log_spot_factor, volatility_move, weight;
};

/// How volatilities at one expiry move: v scale[j] + shift[j], at least floor[j].
struct TermMoves {
    double time = 0;       ///< years to expiry
    double root_time = 0;  ///< of what is left after the look-ahead
    std::vector<double> scale, shift, floor;
};

/// A risk unit's market.
struct UnitMarket {
    std::string underlying;
    bool known = false;      ///< whether the snapshot has a market for it
    bool reporting = false;  ///< whether the reporting currency is this coin
    double base_spot = 1, spot = 1;
    double quote_rate = 0;  ///< reporting currency per unit of the quote currency, now
    double coin_rate = 0;   ///< reporting currency per unit of the underlying as a coin, now
    double base_quote_rate = 0, base_coin_rate = 0;
    std::vector<std::uint32_t> instruments;
};

/// What add-ons need of one unit of an instrument, multiplier applied.
struct InstrumentRisk {
    double delta = 0;    ///< in units of the underlying
    double size = 0;     ///< units: of options and spots the multiplier, of futures |delta|
    double value = 0;    ///< of options, in the reporting currency
    double accrued = 0;  ///< of margined contracts: worth now, in the currency they pay in
};

/// The cached vectors. Instruments are those of the contracts, in their order.
class MarginScan {
  public:
    static constexpr std::uint32_t no_unit = 0xffffffffu;

    MarginScan(std::shared_ptr<const ContractColumns> contracts, const Snapshot& snapshot,
               const MarginRules& rules, ThreadPool* pool);

    void rescan(const Snapshot& snapshot, ThreadPool* pool);
    void move(std::size_t unit, double spot);

    const MarginGrid& grid() const noexcept { return grid_; }
    const ContractColumns& contracts() const noexcept { return *contracts_; }
    const std::shared_ptr<const ContractColumns>& shared() const noexcept { return contracts_; }
    const std::string& reporting() const noexcept { return reporting_; }
    const std::vector<UnitMarket>& units() const noexcept { return units_; }
    std::uint32_t unit_of(std::size_t instrument) const noexcept { return unit_of_[instrument]; }
    const double* row(std::size_t instrument) const noexcept {
        return rows_.get() + instrument * grid_.width;
    }
    /// What money in the reporting coin's quote currency is worth per scenario, against now.
    const std::vector<double>& worth() const noexcept { return worth_; }
    const InstrumentRisk& risk(std::size_t instrument) const noexcept { return risk_[instrument]; }
    const std::vector<Status>& status() const noexcept { return status_; }
    double years(std::uint32_t slice) const noexcept { return terms_[slice].time; }

  private:
    struct Batch;

    void place_instruments(const Snapshot& snapshot);
    void set_terms(const Snapshot& snapshot);
    void set_unit(UnitMarket& unit, double spot) noexcept;
    void scan(std::span<const std::uint32_t> instruments) noexcept;
    void hoist_option(std::uint32_t instrument, Batch& batch) noexcept;
    void scan_options(Batch& batch) noexcept;
    void scan_averaged(std::uint32_t instrument) noexcept;
    void scan_linear(std::uint32_t instrument) noexcept;
    void finish(std::uint32_t instrument, double value) noexcept;

    std::shared_ptr<const ContractColumns> contracts_;
    VolatilityRule volatility_;
    double look_ahead_;
    bool with_delta_;
    MarginGrid grid_;
    std::string reporting_;
    std::vector<UnitMarket> units_;
    std::vector<std::uint32_t> unit_of_;
    std::vector<std::uint32_t> order_;  // of the instruments, unit after unit
    std::vector<TermMoves> terms_;      // per slice
    std::vector<SeriesMarket> base_, now_;
    std::vector<double> growth_, discount_;  // per series: D F / S and D
    std::vector<double> worth_;    // per scenario, of a quote currency's unit in the reporting coin
    std::vector<double> implied_;  // per instrument, of options
    std::vector<Status> status_;
    std::vector<InstrumentRisk> risk_;
    LargeArray rows_;
};

}  // namespace hedgerow::risk
