/// Forward price and discount factor implied from put-call parity of the quotes of one expiry.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// The two-sided quotes of the call and the put at one strike: in the quote currency for linear
/// contracts, in the coin for inverse ones.
struct ParityQuote {
    double strike;
    double call_bid, call_ask;
    double put_bid, put_ask;
};

enum class ParityOutcome : unsigned char {
    converged,       ///< forward and discount factor stand
    too_few_quotes,  ///< fewer usable strikes than the fit needs: no answer
    not_identified,  ///< the strikes' spread does not determine the discount factor: no answer
    out_of_range,    ///< the fit implies a forward or discount factor that is not positive
    not_converged,   ///< the robust weights did not settle: no answer
};

HEDGEROW_API const char* name(ParityOutcome outcome) noexcept;

/// A discount factor whose standard error would be larger than this is `not_identified`: it would
/// tell less than any interest rate curve does. State the factor instead.
inline constexpr double largest_discount_error = 0.02;

/// Numbers that the outcome does not give are NaN, never a best guess.
struct ParityResult {
    ParityOutcome outcome = ParityOutcome::too_few_quotes;
    double forward = std::numeric_limits<double>::quiet_NaN();
    double discount = std::numeric_limits<double>::quiet_NaN();
    /// Standard error of the forward.
    double forward_error = std::numeric_limits<double>::quiet_NaN();
    /// Standard error of the discount factor: 0 when it was given, measured when not_identified.
    double discount_error = std::numeric_limits<double>::quiet_NaN();
    /// Weighted root mean square of C - P - D (F - K) over `used`, in the quotes' unit.
    double residual = std::numeric_limits<double>::quiet_NaN();
    int iterations = 0;                 ///< of the robust weights
    std::vector<std::size_t> used;      ///< indices of quotes that entered the fit
    std::vector<std::size_t> outliers;  ///< usable quotes that the robust fit set aside
    std::vector<std::size_t> unusable;  ///< no bid (zero or less), no ask, crossed or not finite
};

/// Fits C - P = D (F - K) to the middles of the quotes by weighted least squares, each strike
/// weighted by the inverse square of its combined half-spread, robustly: iteratively reweighted
/// with Tukey's biweight from a least-absolute-deviation start (math/robust_line.hpp), so that a
/// stale strike cannot move the answer. A strike whose residual lies within its own combined
/// half-spread is never set aside: its quotes and the fit agree.
///
/// Standard errors are those of the robust fit, propagated to first order; where nothing is left
/// over to measure the noise by (a single strike), the half-spread stands for it.
///
/// @param discount the discount factor where it is known (1 for coin-settled options): one usable
///     strike is enough. Otherwise it is fitted beside the forward, which needs three.
/// @return an outcome and what was set aside; never throws for bad quotes.
/// @throws InvalidInput when `discount` is given and is not positive and finite.
HEDGEROW_API ParityResult implied_forward(std::span<const ParityQuote> quotes,
                                          std::optional<double> discount = {});

/// The same for coin-settled (inverse) options, whose quotes are in the coin and whose strikes are
/// in the quote currency: C - P = D (1 - K/F), D the discount factor of the coin.
///
/// Divided by -K this reads P/K - C/K = D (1/F - 1/K): the parity of calls and puts on the quote
/// currency, paid in the coin, with strike 1/K and forward 1/F (foreign-domestic symmetry: Wystup,
/// "FX Options and Structured Products", section 1.2.9). It needs no index. To multiply the quotes
/// by an index and use `implied_forward` would bend the line wherever the forward is not the index.
///
/// @param discount the coin's discount factor where it is known: 1 where coins pay no interest.
/// @return forward in the quote currency, `residual` in coins at a strike of the forward.
HEDGEROW_API ParityResult implied_forward_inverse(std::span<const ParityQuote> quotes,
                                                  std::optional<double> discount = {});

}  // namespace hedgerow
