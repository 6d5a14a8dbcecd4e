// A market whose spots move, as its series see it, and its options as the formula takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "hedgerow/contract/columns.hpp"
#include "hedgerow/formula/bsm.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/price/series.hpp"

namespace hedgerow {

/// Every series of a list of contracts in a snapshot, kept up to date while spots move: as in
/// shocked() snapshots, forwards keep their carry, perpetuals their ratio to the spot, and exchange
/// rates follow the coins.
class MovingMarket {
  public:
    MovingMarket(const ContractColumns& contracts, Snapshot snapshot);

    const Snapshot& snapshot() const noexcept { return snapshot_; }
    /// Underlyings with a market, numbered as in the snapshot.
    std::size_t size() const noexcept { return spots_.size(); }
    /// @throws InvalidInput when the snapshot has no such underlying.
    std::size_t find(std::string_view underlying) const;
    double spot(std::size_t market) const noexcept { return spots_[market].now; }
    double base_spot(std::size_t market) const noexcept { return spots_[market].base; }

    /// Moves one spot, and all rates and series that follow.
    void move(std::size_t market, double spot) noexcept;

    const SeriesMarket& operator[](std::size_t series) const noexcept { return now_[series]; }
    /// The series before any move.
    const SeriesMarket& base(std::size_t series) const noexcept { return base_[series]; }
    /// The market of a series' underlying; size() where it has none.
    std::size_t market_of(std::size_t series) const noexcept { return market_of_[series]; }
    /// Whether a move of this market's spot changes anything of a series.
    bool moves_with(std::size_t series, std::size_t market) const noexcept;

  private:
    /// An exchange rate as a product of powers of spots: what it was, what it is.
    struct Rate {
        double base = 0, now = 0;
        std::vector<int> powers;  // per market
    };
    struct Spot {
        double base, now;
    };

    std::size_t rate_number(std::vector<std::string>& names, const std::string& currency,
                            double rate);
    void follow() noexcept;

    Snapshot snapshot_;
    std::vector<Spot> spots_;
    std::vector<SeriesMarket> base_, now_;
    std::vector<std::size_t> market_of_;
    std::vector<std::size_t> rate_of_, quote_rate_of_;  // by series, into `rates_`
    std::vector<Rate> rates_;
};

/// Live options of one market as columns, with what stays while nothing but the spot moves.
class MovingOptions {
  public:
    std::size_t size() const noexcept { return right_.size(); }
    /// Adds an option of this series, which is_live_option().
    void add(const SeriesMarket& series, double right, double strike, double log_strike);
    /// Makes ready for greeks(), once all are added.
    /// @param spot as it was when the series were looked up.
    void hoist(double spot);
    /// Price and Greeks of options [begin, begin + n).
    /// @param spots n times the spot now; @param log_moves n times ln(spot now / spot at hoist()).
    void greeks(std::size_t begin, std::span<const double> spots, std::span<const double> log_moves,
                const GreekColumns& to);

  private:
    BsmColumns options(std::size_t begin, std::span<const double> spots) const;
    BsmHoisted hoisted(std::size_t begin, std::size_t n);

    std::vector<double> right_, strike_, time_, volatility_, rate_, carry_;
    std::vector<double> growth_, discount_, log_moneyness_, inverse_deviation_, root_time_;
};

}  // namespace hedgerow
