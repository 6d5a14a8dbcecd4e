// What a book holds, netted for revaluation: one holding per group and contract.
#pragma once

#include <cstdint>
#include <vector>

#include "hedgerow/base/pool.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/market/shock.hpp"
#include "hedgerow/price/units.hpp"
#include "moved_market.hpp"

namespace hedgerow::risk {

/// Units of a contract, quantity times multiplier, and what they cost.
struct Holding {
    std::uint32_t group;
    std::uint32_t contract;
    double held = 0;
    double cost = 0;  ///< of margined contracts; the worth now of those of unknown cost
};

/// Per contract: its status now, or not_a_number where some scenario could not value it.
std::vector<Status> examine(const ContractColumns& contracts, const UnitValues& units,
                            const MovedMarket& market, SmileDynamics dynamics, ThreadPool* pool);

/// Whether an option's volatility moves by more than one addition: the quotes of its smile move
/// along with the spot, or some shift takes one of them to the floor.
bool follows_smile(const SmileSegment& segment, const MovedSpot& spot,
                   SmileDynamics dynamics) noexcept;

/// An option's volatilities in scenarios [begin, begin + n) of at most a tile.
void moved_volatilities(const Smile& smile, double strike, const MovedSpot& spot,
                        SmileDynamics dynamics, std::size_t begin, std::size_t n,
                        double* volatilities) noexcept;

/// The positions of status ok, netted, ordered by group; within it by kind, underlying, currency
/// and settlement.
std::vector<Holding> net_holdings(const Book& book, const Groups& groups, const UnitValues& units,
                                  const std::vector<Status>& status);

}  // namespace hedgerow::risk
