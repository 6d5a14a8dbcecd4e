/// What happened to one row of a batch: valued, or the reason why not.
#pragma once

#include <cstdint>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// Codes are part of the interface: they never change, new ones are appended.
enum class Status : std::uint8_t {
    ok = 0,
    expired = 1,                 ///< at or past expiry: intrinsic value, Greeks are zero
    unknown_underlying = 2,      ///< the snapshot has no market for the underlying
    missing_smile = 3,           ///< the snapshot has no smile for this underlying and expiry
    missing_rate = 4,            ///< no exchange rate from the contract's or its market's currency
    unsupported_exercise = 5,    ///< no pricing method for this exercise style
    unsupported_settlement = 6,  ///< no pricing method for this settlement (quanto)
    invalid_quantity = 7,        ///< the position's quantity is not finite or beyond largest_amount
    not_a_number = 8,            ///< the model's answer, price or Greeks, was not finite
    below_intrinsic = 9,         ///< implied volatility: the price is under the no-arbitrage bound
    above_maximum = 10,          ///< implied volatility: the price is over the no-arbitrage bound
    invalid_input = 11,          ///< an input was outside the function's domain
    wrong_currency = 12,         ///< the snapshot quotes the underlying in another currency
};

inline constexpr int status_count = 13;

/// Whether a row of this status carries numbers (and so enters the totals).
constexpr bool is_valued(Status status) noexcept {
    return status == Status::ok || status == Status::expired;
}

/// The name of the code, as "missing_smile".
HEDGEROW_API const char* name(Status status) noexcept;

}  // namespace hedgerow
