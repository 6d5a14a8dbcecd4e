// The market as a list of contracts sees it in every scenario: all by number instead of by name.
#pragma once

#include <cstdint>
#include <vector>

#include "hedgerow/contract/columns.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/price/series.hpp"
#include "hedgerow/risk/scenarios.hpp"

namespace hedgerow::risk {

/// A number now and in every scenario.
struct Path {
    double now = 0;
    std::vector<double> then;
};

/// The least and the greatest of a path.
struct Range {
    double least, greatest;
};

/// Moves, with what is made of them once for all contracts.
struct MovedSpot {
    const Moves* moves;
    Range factors, shifts;
    std::vector<double> log_factor;
    std::vector<std::uint32_t> order;  ///< of the scenarios of each tile, by rising factor
};

/// What a slice needs of the market, looked up once for all its contracts.
struct SliceTerms {
    double time = 0;              // years to expiry
    double carried = 0;           // ln(F/S)
    double growth[2] = {0, 0};    // D F / S, by settlement: linear, inverse
    double discount[2] = {0, 0};  // D, likewise
    const Smile* smile = nullptr;
    double lowest = 0;  // of the smile's volatilities
};

/// @throws InvalidInput when a scenario moves an underlying that the snapshot does not have.
class MovedMarket {
  public:
    MovedMarket(const ContractColumns& contracts, const Snapshot& snapshot,
                const Scenarios& scenarios);

    /// Of an underlying of the contracts; nullptr where the snapshot has none.
    const UnderlyingMarket* market(std::uint32_t underlying) const { return markets_[underlying]; }
    /// Which of spots() an underlying follows.
    std::size_t spot_number(std::uint32_t underlying) const { return number_[underlying]; }
    const std::vector<MovedSpot>& spots() const { return spots_; }
    const MovedSpot& spot(std::uint32_t underlying) const { return spots_[number_[underlying]]; }

    const SliceTerms& slice(std::uint32_t slice) const { return slices_[slice]; }
    /// A series now, before it moves.
    const SeriesMarket& series(std::uint32_t series) const { return series_[series]; }

    /// Reporting currency per unit of a currency of the contracts; NaN where there is no rate.
    const Path& rate(std::uint32_t currency) const { return rates_[currency]; }
    Range rates(std::uint32_t currency) const { return rate_ranges_[currency]; }

  private:
    std::vector<MovedSpot> spots_;
    std::vector<const UnderlyingMarket*> markets_;
    std::vector<std::size_t> number_;
    std::vector<SliceTerms> slices_;
    std::vector<SeriesMarket> series_;
    std::vector<Path> rates_;
    std::vector<Range> rate_ranges_;
};

}  // namespace hedgerow::risk
