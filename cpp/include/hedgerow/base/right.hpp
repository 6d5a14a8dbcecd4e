/// The right of an option: to buy (call) or to sell (put).
#pragma once

namespace hedgerow {

/// +1 and -1, so that `sign(right) * (forward - strike)` is the moneyness of either.
enum class Right : signed char { put = -1, call = +1 };

constexpr double sign(Right right) noexcept {
    return static_cast<double>(right);
}

constexpr Right opposite(Right right) noexcept {
    return right == Right::call ? Right::put : Right::call;
}

}  // namespace hedgerow
