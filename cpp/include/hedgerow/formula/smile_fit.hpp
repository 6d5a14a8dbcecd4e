/// What fits of smiles share: the quotes of an expiry, what a residual counts, how a fit can end.
#pragma once

#include <cstddef>
#include <span>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// Quotes of one expiry, a row each, in any order. Rows of weight 0 are left out.
struct SmileQuotes {
    std::span<const double> log_moneyness;  ///< ln(K/F)
    std::span<const double> volatility;     ///< decimals per year, positive
    std::span<const double> weight;         ///< of the squared residual; empty where all are 1
    double time;                            ///< years to expiry
};

/// What a fit makes small.
enum class SmileResidual : unsigned char {
    volatility,      ///< of implied volatility
    total_variance,  ///< of volatility^2 time
};

/// How much a large residual counts.
enum class Loss : unsigned char {
    squares,
    huber,  ///< linearly beyond 1.345 deviations (P. Huber 1964): 95 % efficient on normal errors
    tukey,  ///< no further beyond 4.685 deviations (A. Beaton, J. Tukey 1974): outliers are let go
};

/// Codes are part of the interface: they never change, new ones are appended.
enum class SmileFitOutcome : unsigned char {
    converged,
    not_converged,    ///< the iterations were used up: the parameters are the best ones met
    too_few_quotes,   ///< fewer log-moneynesses than unknowns: nothing was fitted
    invalid_quote,    ///< row `invalid_row` is not finite, or its volatility or weight negative
    invalid_input,    ///< the time, the columns' lengths, or the earlier slice's or start's domain
    too_many_quotes,  ///< more than most_smile_quotes
    not_enforced,     ///< no slice was found that keeps to the constraints: the parameters don't
    far_from_quotes,  ///< the constraints are kept at thrice the residual without them, or more
};

inline constexpr std::size_t most_smile_quotes = 1024;

HEDGEROW_API const char* name(SmileFitOutcome outcome) noexcept;

}  // namespace hedgerow
