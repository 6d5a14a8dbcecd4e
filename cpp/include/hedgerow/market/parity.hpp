/// Forward price and discount factor implied from put-call parity of the quotes of one expiry.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// The two-sided quotes of the call and the put at one strike. Linear: in the quote currency;
/// coin-settled: multiply by the index first.
struct ParityQuote {
    double strike;
    double call_bid, call_ask;
    double put_bid, put_ask;
};

enum class ParityOutcome : unsigned char {
    converged,       ///< forward and discount factor stand
    too_few_quotes,  ///< fewer usable strikes than unknowns: no answer
    not_identified,  ///< the strikes' spread does not determine the discount factor: no answer
    out_of_range,    ///< the fit implies a forward or discount factor that is not positive
};

HEDGEROW_API const char* name(ParityOutcome outcome) noexcept;

struct ParityResult {
    ParityOutcome outcome = ParityOutcome::too_few_quotes;
    double forward = 0;
    double discount = 0;
    double forward_error = 0;   ///< standard error of the forward, from the weights
    double discount_error = 0;  ///< standard error of the factor; 0 when it was given
    double residual = 0;  ///< weighted root mean square of C - P - D (F - K), without outliers
    std::vector<std::size_t> used;      ///< indices of quotes that entered the fit
    std::vector<std::size_t> outliers;  ///< usable quotes that the robust fit set aside
    std::vector<std::size_t> unusable;  ///< one side missing, crossed or not finite
};

/// Fits C - P = D (F - K) by weighted least squares, each strike weighted by the inverse square of
/// its combined half-spread, robustly: iteratively reweighted with Tukey's biweight from a
/// least-absolute-deviation start, so that a stale strike cannot move the answer.
///
/// @param discount the discount factor where it is known (1 for coin-settled options); otherwise
///     it is fitted beside the forward, which needs at least three usable strikes.
/// @return an outcome and what was set aside; never throws for bad quotes.
HEDGEROW_API ParityResult implied_forward(std::span<const ParityQuote> quotes,
                                          std::optional<double> discount = {});

}  // namespace hedgerow
