// What one lot of every instrument is worth, with its Greeks, kept right while spots move.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "hedgerow/contract/columns.hpp"
#include "moving_market.hpp"

namespace hedgerow {

/// Of one lot, in the reporting currency: value (worth times size, for futures too), delta, gamma,
/// vega, theta, rho, vanna, volga.
struct alignas(64) UnitLine {
    std::array<double, 8> numbers{};

    double operator[](std::size_t j) const noexcept { return numbers[j]; }
};

/// How the holdings of a bundle enter the reporting currency; zeros where none can be valued.
struct BundleTerms {
    double rate = 0;       ///< of the currency that is paid in
    double won_delta = 0;  ///< delta of a unit won on margin: coins are
    double notional = 0;   ///< of one unit of size
    bool margined = false;
    bool option = false;
    bool cash = false;
};

/// Instruments in a market whose spots move. They stand in bundles: those of a bundle move with the
/// same underlyings, pay in the same currency, are of one kind, and have all expired or none.
class UnitLines {
  public:
    /// @param sizes per contract, of one lot: contracts times multiplier.
    UnitLines(std::shared_ptr<const ContractColumns> contracts, const std::vector<double>& sizes,
              Snapshot snapshot);

    /// The same instruments in another market.
    UnitLines in(Snapshot snapshot) const;
    /// Whether the other lines, of the same instruments, stand in the same bundles with the same
    /// status each.
    bool is_like(const UnitLines& other) const noexcept;

    const ContractColumns& contracts() const noexcept { return *contracts_; }
    const MovingMarket& market() const noexcept { return market_; }

    /// One line of eight after the other; zeros where the status is not valued.
    const double* lines() const noexcept { return lines_.data()->numbers.data(); }
    const UnitLine& operator[](std::size_t instrument) const noexcept { return lines_[instrument]; }
    double size(std::size_t instrument) const noexcept { return places_[instrument].size; }
    Status status(std::size_t instrument) const noexcept { return places_[instrument].status; }
    /// Fetches the line of an instrument.
    [[gnu::always_inline]] void prefetch(std::size_t instrument) const noexcept {
        if (instrument < lines_.size()) __builtin_prefetch(&lines_[instrument]);
    }

    std::size_t bundles() const noexcept { return bundles_.size(); }
    std::uint32_t bundle_of(std::size_t instrument) const noexcept {
        return places_[instrument].bundle;
    }
    /// The market of the bundle's underlying, MovingMarket::size() where it has none.
    std::size_t market_of(std::size_t bundle) const noexcept { return bundles_[bundle].market; }
    const BundleTerms& terms(std::size_t bundle) const noexcept { return bundles_[bundle].terms; }

    /// Moves a spot and values anew what that changes.
    /// @return the bundles that did.
    const std::vector<std::uint32_t>& move(std::size_t market, double spot);
    /// Whether the last move has changed a status.
    bool statuses_changed() const noexcept { return statuses_changed_; }

  private:
    struct Place {
        double size = 0;
        std::uint32_t bundle = 0;
        Status status = Status::ok;
    };
    struct Bundle {
        std::size_t market = 0;
        std::vector<bool> moved_by;
        std::uint32_t currency = 0;
        Kind kind = Kind::cash;
        bool expired = false;
        BundleTerms terms;
        MovingOptions options;
        std::vector<std::uint32_t> option_of;  // instruments, of the options
        std::vector<double> option_size;
        std::vector<std::uint32_t> others;  // instruments that are no live options
    };

    std::uint32_t bundle_for(std::size_t series);
    void value(Bundle& bundle);
    void value_options(Bundle& bundle);
    void value_other(std::size_t instrument);
    void put(std::size_t instrument, const SeriesMarket& series, const Greeks& unit, double worth);
    void set_status(std::size_t instrument, Status status) noexcept;

    std::shared_ptr<const ContractColumns> contracts_;
    MovingMarket market_;
    std::vector<UnitLine> lines_;
    std::vector<Place> places_;
    std::vector<Bundle> bundles_;
    std::vector<std::vector<std::uint32_t>> moved_;  // per market, its bundles
    bool statuses_changed_ = false;
};

}  // namespace hedgerow
