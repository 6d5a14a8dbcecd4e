/// A book kept netted while the spots of its underlyings move.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/book/valuation.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// The measures of a book, netted by group, in a market whose spots move.
///
/// What Valuation::net() looks up and adds up every time stands ready here: options as columns,
/// ordered by underlying, each with its strike, time, volatility and rates; all else as sums. A
/// move() values the options of one underlying anew, block by block in scratch that stays in L1,
/// and allocates nothing; no option has a value of its own.
///
/// After any moves the sums are those of Valuation::net() in shocked() snapshots with the same
/// spots and sticky strikes: forwards keep their carry, perpetuals their ratio to the spot, every
/// contract its volatility, and exchange rates follow the coins. Positions that can't be valued are
/// left out and counted in the same way.
///
/// Accuracy: within 1e-12 of Valuation::net(), relative to the sum of the sizes of what is added,
/// where value, cost and delta count with the measures that are made of them. Of theta and charm
/// within 1e-11 from 20 hours to expiry on: the carry that shocked() finds from the moved forwards
/// has a rounding of its own, 2e-16 over the time to expiry. See tests/book/test_exposures.py.
///
/// Not to be moved by one thread while another one reads.
class HEDGEROW_API Exposures {
  public:
    /// @param groups a group per position of the book.
    /// @param measures distinct, and additive: not the price.
    /// @throws InvalidInput otherwise, or when the groups are of another number of rows.
    Exposures(const Book& book, const Snapshot& snapshot, const Groups& groups,
              std::span<const Measure> measures);
    ~Exposures();
    Exposures(Exposures&&) noexcept;
    Exposures& operator=(Exposures&&) noexcept;

    /// Moves the spot of one underlying and nets the book anew.
    /// @param underlying its number, of find().
    /// @throws InvalidInput unless the spot is positive and finite.
    void move(std::size_t underlying, double spot);

    /// The number of an underlying that the snapshot has a market for.
    /// @throws InvalidInput when there is none of this name.
    std::size_t find(std::string_view underlying) const;
    /// The spot of an underlying now.
    double spot(std::size_t underlying) const noexcept;

    std::size_t groups() const noexcept;
    const std::vector<Measure>& measures() const noexcept;
    /// Sums of the valued positions: one row of groups() numbers per measure, in their order. The
    /// same memory after every move.
    std::span<const double> sums() const noexcept;
    std::span<const std::uint64_t> positions() const noexcept;  ///< per group
    std::span<const std::uint64_t> excluded() const noexcept;   ///< of these not valued
    /// Valued ones without a cost: they are in no P&L.
    std::span<const std::uint64_t> unknown_cost() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hedgerow
