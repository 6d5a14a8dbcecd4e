/// Money that adds up exactly, in any order.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

namespace hedgerow {

/// An amount of money as a fixed-point number of 128 bits, 64 of them behind the point: sums of
/// amounts are exact, so that no order of additions shows in them and what was added and taken
/// away again is gone. One unit is 2^-64 = 5.4e-20 of a dollar or a coin; the largest amount is
/// 2^62 = 4.6e18. A number becomes an amount by one rounding, to nearest.
class Amount {
  public:
    /// Numbers up to this size, in absolute value, have an amount.
    static constexpr double largest = 0x1p62;

    constexpr Amount() noexcept = default;
    /// The amount nearest to a number.
    /// @param value holds(value).
    static Amount of(double value) noexcept {
        const double size = std::abs(value);
        const auto whole = static_cast<std::int64_t>(size);
        // Exact: what is behind the point has no more digits than the number.
        const double fraction = (size - static_cast<double>(whole)) * 0x1p64;
        // Rounds to nearest what has digits behind the last place; more is whole.
        const double rounded = fraction < 0x1p52 ? (fraction + 0x1p52) - 0x1p52 : fraction;
        Amount amount;
        amount.units_ = (Integer{whole} << 64) + to_integer(rounded);
        return value < 0 ? -amount : amount;
    }
    /// Whether a number has an amount: false for NaN too.
    static bool holds(double value) noexcept { return std::abs(value) <= largest; }

    /// The amount as a double, within one unit in the last place.
    double value() const noexcept {
        const Integer size = units_ < 0 ? -units_ : units_;
        const double sum = static_cast<double>(static_cast<std::uint64_t>(size >> 64)) +
                           static_cast<double>(static_cast<std::uint64_t>(size)) * 0x1p-64;
        return units_ < 0 ? -sum : sum;
    }

    /// Whether the amount is below `largest` in size; sums of two such amounts are exact.
    bool is_moderate() const noexcept {
        constexpr std::int64_t end = std::int64_t{1} << 62;
        const auto whole = static_cast<std::int64_t>(units_ >> 64);
        return whole >= -end && whole < end;
    }

    Amount operator-() const noexcept { return Amount(-units_); }
    Amount& operator+=(Amount more) noexcept {
        units_ += more.units_;
        return *this;
    }
    Amount& operator-=(Amount less) noexcept {
        units_ -= less.units_;
        return *this;
    }
    friend Amount operator+(Amount a, Amount b) noexcept { return a += b; }
    friend Amount operator-(Amount a, Amount b) noexcept { return a -= b; }
    friend auto operator<=>(const Amount&, const Amount&) noexcept = default;

  private:
    __extension__ typedef __int128 Integer;

    constexpr explicit Amount(Integer units) noexcept : units_(units) {}
    /// Of a whole number of at most 2^64.
    static Integer to_integer(double whole) noexcept {
        constexpr double half = 0x1p63;
        return whole < half ? Integer{static_cast<std::int64_t>(whole)}
                            : (Integer{1} << 63) + static_cast<std::int64_t>(whole - half);
    }

    Integer units_ = 0;
};

}  // namespace hedgerow
