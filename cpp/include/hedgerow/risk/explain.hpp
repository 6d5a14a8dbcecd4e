/// P&L explain: what a book gained between two markets, term by term, against full revaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// What a gain is made of. V is a position's value in the quote currency and a function of the spot
/// S, the volatility v, calendar time t, the rate r and the yield q; d is the change from the first
/// market to the second. Greeks are those at the first (base/greeks.hpp). The gain of v is that of
/// the smile at the option's own strike; r and q are the zero rates to its expiry in both markets,
/// q the rate less the carry of the forward. All are converted at the exchange rates of the first
/// market, but for `fx`.
enum class ExplainTerm : std::uint8_t {
    delta,    ///< dS
    gamma,    ///< dS^2 / 2
    vega,     ///< dv
    theta,    ///< dt
    rho,      ///< dr
    phi,      ///< dq
    vanna,    ///< dS dv
    volga,    ///< dv^2 / 2
    charm,    ///< dS dt
    veta,     ///< dv dt
    speed,    ///< dS^3 / 6
    zomma,    ///< dS^2 dv / 2
    color,    ///< dS^2 dt / 2
    ultima,   ///< dv^3 / 6
    basis,    ///< what perpetuals gained beyond the move of the spot: their mark against it
    fx,       ///< value in the second market x change of the exchange rates
    expired,  ///< all that was gained in quote currency by what is expired in either market
};

inline constexpr int explain_term_count = 17;
/// Of these, Taylor terms; the others are exact and always in an explanation.
inline constexpr int taylor_term_count = 14;

/// The term's name, as "vanna".
HEDGEROW_API const char* name(ExplainTerm term) noexcept;

/// The complete expansion of second order in (S, v) and of first order in t, r and q, which move in
/// the square of what S and v do: what it leaves over is of third order. Halve the moves of S and v
/// and quarter the others, and an eighth remains.
HEDGEROW_API std::span<const ExplainTerm> second_order_terms() noexcept;

/// What positions gained in every interval of a list of markets, in the reporting currency.
///
/// In every row of sums and up to rounding, the terms and the unexplained add up to the total: the
/// value in the second market less that in the first. The unexplained is summed from the rows,
/// each of which is computed before it is multiplied by what is held, so that it keeps its digits
/// where it is small against the total.
struct HEDGEROW_API Explanation {
    std::size_t intervals = 0;
    std::size_t groups = 0;
    std::vector<ExplainTerm> terms;  ///< the Taylor terms asked for, then basis, fx, expired
    /// Interval after interval, in it column after column: the total, the terms, the unexplained;
    /// a number per group.
    std::vector<double> sums;
    /// Interval after interval: per group, the positions that one of its markets can't value. They
    /// are in none of its sums.
    std::vector<std::uint64_t> excluded;

    std::vector<double> total;        ///< per position, of its intervals; NaN where it has none
    std::vector<double> unexplained;  ///< the same
    /// Per position: the first reason why it is not in an interval; else its status in the last
    /// market.
    std::vector<Status> status;

    std::size_t columns() const noexcept { return terms.size() + 2; }
    /// One column of sums of one interval: 0 is the total, the last one the unexplained.
    std::span<const double> of(std::size_t interval, std::size_t column) const noexcept {
        return std::span(sums).subspan((interval * columns() + column) * groups, groups);
    }
};

/// Explains the gain of a book that is held through a list of markets: one interval from each to
/// the next, with Greeks struck anew at its beginning. A coin-settled contract is worth S times its
/// coins in the quote currency: the coins of a premium, and those that a margined contract has won
/// or lost, are delta. With a coin as the reporting currency `fx` holds the other side of
/// them.
///
/// Futures and perpetuals of unknown cost count as entered at the mark of the first market that
/// values them. The same bits for any number of threads; memory grows with contracts x terms,
/// however long the list.
///
/// @param markets at least two, in the order of time (equal instants are a move of the market
///     alone), with one reporting currency.
/// @param groups of the book's positions; see group_rows().
/// @param terms distinct Taylor terms; what is left out is unexplained.
/// @throws InvalidInput otherwise, or when the groups are of another number of rows.
HEDGEROW_API Explanation explain(const Book& book, std::span<const Snapshot> markets,
                                 const Groups& groups,
                                 std::span<const ExplainTerm> terms = second_order_terms(),
                                 ThreadPool* pool = nullptr);

}  // namespace hedgerow
