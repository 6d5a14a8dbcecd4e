// One interval of an explanation: what a unit of every contract gained in it, column by column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hedgerow/base/large_array.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/contract/columns.hpp"
#include "hedgerow/price/series.hpp"
#include "hedgerow/risk/explain.hpp"

namespace hedgerow::risk {

/// A market and what it says of every series; the snapshot must live as long.
struct ResolvedMarket {
    const Snapshot& snapshot;
    std::vector<SeriesMarket> series;

    ResolvedMarket(const ContractColumns& contracts, const Snapshot& market)
        : snapshot(market), series(resolve_series(contracts, market)) {}
};

/// Gains are linear in what is held and, of margined contracts, in what it cost: the factors of
/// both, for every column of an explanation. Options are valued block by block, with Greeks in the
/// first market and without them in the second, in scratch that stays in L1.
class Interval {
  public:
    /// @param terms those of the explanation: Taylor terms, then basis, fx, expired.
    Interval(const ContractColumns& contracts, const ResolvedMarket& before,
             const ResolvedMarket& after, std::span<const ExplainTerm> terms, ThreadPool* pool);

    /// Whether both markets value the contract, or why not; expired when it is afterwards.
    Status status(std::uint32_t contract) const noexcept { return status_[contract]; }
    /// Per column, the gain of one unit; of a contract that is valued.
    const double* of_held(std::uint32_t contract) const noexcept {
        return &held_[contract * columns_];
    }
    /// Per column, the gain for every unit of cost; of a margined contract that is valued.
    const double* of_cost(std::uint32_t contract) const noexcept {
        return &cost_[contracts_.series[contract] * columns_];
    }

  private:
    /// What all contracts of a series share.
    struct Move {
        double spot, years, rate, yield;   ///< changes
        double scale_before, scale_after;  ///< quote currency per unit of what the contract pays in
        double quote_before, quote_after;  ///< reporting currency per unit of quote currency
        Status status;                     ///< of its contracts, but for single options
        bool live;                         ///< neither market is at or past the expiry
    };
    class Options;

    Move move(std::uint32_t series) const;
    void explain_cost(std::uint32_t series) noexcept;
    void explain_other(std::uint32_t contract) noexcept;
    void finish(std::uint32_t contract, double total, double left, double size) noexcept;
    void run(std::size_t begin, std::size_t end) noexcept;

    const ContractColumns& contracts_;
    const ResolvedMarket &before_, &after_;
    std::span<const ExplainTerm> terms_;
    std::size_t columns_;
    bool with_delta_;
    std::vector<Move> moves_;   ///< per series
    LargeArray held_;           ///< per contract
    std::vector<double> cost_;  ///< per series
    std::vector<Status> status_;
};

}  // namespace hedgerow::risk
