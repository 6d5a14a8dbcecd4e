/// Put-call folding: European options of one expiry as call-equivalents, forwards and cash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// All European options and futures of one underlying that fix together, folded by put-call parity,
/// P(K) = C(K) - D (F - K), which holds under any smile:
///
///     sum of options = sum of calls[j] C(strikes[j]) + forwards D F + cash D
///
/// so that it values and hedges exactly like the position it came from. Amounts are quantity times
/// multiplier: units of the underlying, and of the quote currency for cash. Coin-settled options
/// fold in the same way, in the quote currency's terms. American options are not folded.
struct HEDGEROW_API FoldedSlice {
    std::string underlying;
    std::string quote_currency;
    std::string currency;
    Settlement settlement;
    Instant expiry;
    std::string fixing;

    std::vector<double> strikes;  ///< increasing
    std::vector<double> calls;    ///< call-equivalents per strike: calls plus puts, may be 0
    double forwards = 0;          ///< units delivered at expiry, paid in advance: minus the puts
    double cash = 0;              ///< paid at expiry: puts times their strikes
    double futures = 0;           ///< linear: units; inverse: in quote currency
    double futures_cost = 0;  ///< worth at entry, as in Book::cost times multiplier; NaN unknown

    std::vector<double> long_calls, long_puts;  ///< per strike, net before folding
};

/// The folded slices of a book, ordered by underlying, expiry, currency and fixing; American and
/// quanto options, what has no expiry and invalid quantities are left out and counted.
struct HEDGEROW_API FoldedBook {
    std::vector<FoldedSlice> slices;
    std::uint64_t not_folded = 0;  ///< positions left out
};

/// Folds every slice of a book; O(positions log positions).
HEDGEROW_API FoldedBook fold(const Book& book);

/// Value of the folded options (futures are not in it) and its Greeks in the quote currency.
/// An expired slice has its intrinsic value on the spot, or the average that it settles at, and no
/// Greeks.
/// @return NaN when the snapshot lacks the underlying, in that quote currency, or the smile.
HEDGEROW_API Greeks value_folded(const FoldedSlice& slice, const Snapshot& snapshot);

/// A named combination found in a slice before folding.
struct HEDGEROW_API Structure {
    enum class Name : std::uint8_t {
        synthetic,   ///< long call, short put (or the reverse): a forward at the strike
        conversion,  ///< short synthetic against a long future
        reversal,    ///< long synthetic against a short future
        box,         ///< synthetics of opposite sign at two strikes: a loan
    };
    Name name;
    double quantity;  ///< units of the underlying; synthetic: signed; box: bought at low strike > 0
    double strike;    ///< of the synthetic; the lower one of a box
    double high_strike;  ///< of a box, else NaN
};

HEDGEROW_API const char* name(Structure::Name name) noexcept;

/// Boxes first, from the lowest strike up; what is left is matched with the futures into
/// conversions and reversals; the rest are synthetics. O(strikes). Inverse futures are converted
/// to units at the slice's own strikes, so they are not matched.
HEDGEROW_API std::vector<Structure> named_structures(const FoldedSlice& slice);

/// The value of a slice at expiry as a function of the fixing S: piecewise linear, in the quote
/// currency, premiums paid not included; futures count with their profit.
struct HEDGEROW_API Payoff {
    std::vector<double> kinks;   ///< 0 and the strikes
    std::vector<double> values;  ///< at the kinks
    double upper_slope = 0;      ///< beyond the last kink
    double worst = 0;            ///< the least value over S >= 0; -infinity when unbounded
    double worst_at = 0;         ///< where: a kink, or infinity
    double best = 0;
    double best_at = 0;

    /// The value at one fixing, by binary search.
    double operator()(double spot) const noexcept;
};

/// O(strikes). Futures of unknown cost count as entered at `future_price`, NaN without.
HEDGEROW_API Payoff expiry_payoff(const FoldedSlice& slice, double future_price);

}  // namespace hedgerow
