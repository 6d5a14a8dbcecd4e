/// Money that adds up exactly, in any order.
#pragma once

#include <bit>
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
        // Three parts of the value's own sign: a choice by sign would be foreseen half of the time.
        const auto whole = static_cast<std::int64_t>(value);
        // Exact: what is behind the point has no more digits than the number; so has what is left.
        const double middle = (value - static_cast<double>(whole)) * 0x1p32;
        const auto upper = static_cast<std::int64_t>(middle);
        const double last = (middle - static_cast<double>(upper)) * 0x1p32;
        // The sum of the two lower parts is of at most 65 bits; rounded is the last alone, to even.
        return Amount((Integer{whole} << 64) + (Integer{upper} << 32) + nearest(last));
    }
    /// Whether a number has an amount: false for NaN too.
    static bool holds(double value) noexcept { return std::abs(value) <= largest; }

    /// The amount as a double, within one unit in the last place.
    double value() const noexcept {
        const Integer sign = units_ >> 127;  // 0 or -1, as in of()
        const Integer size = (units_ ^ sign) - sign;
        const auto low = static_cast<std::uint64_t>(size);
        // Halves of 32 bits are exact: their sum is the low part, rounded once.
        const double upper = static_cast<double>(static_cast<std::int64_t>(low >> 32));
        const double lower = static_cast<double>(static_cast<std::int64_t>(low & 0xffffffffu));
        const double fraction = upper * 0x1p-32 + lower * 0x1p-64;
        const double sum = static_cast<double>(static_cast<std::int64_t>(size >> 64)) + fraction;
        return std::copysign(sum, static_cast<double>(static_cast<std::int64_t>(units_ >> 64)));
    }
    /// Whether the amount is below `largest` in size; sums of two such amounts are exact.
    bool is_moderate() const noexcept {
        constexpr std::int64_t end = std::int64_t{1} << 62;
        const auto whole = static_cast<std::int64_t>(units_ >> 64);
        return whole >= -end && whole < end;
    }

    /// The two halves of the number: high x 1 + low x 2^-64 is the amount, exactly.
    std::int64_t high() const noexcept { return static_cast<std::int64_t>(units_ >> 64); }
    std::uint64_t low() const noexcept { return static_cast<std::uint64_t>(units_); }
    static Amount of_halves(std::int64_t high, std::uint64_t low) noexcept {
        return Amount((Integer{high} << 64) + low);
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
    /// The whole number nearest to one of at most 2^32 in size.
    static std::int64_t nearest(double number) noexcept {
        constexpr double shift = 0x1.8p52;  // doubles of this size are whole
        return std::bit_cast<std::int64_t>(number + shift) - std::bit_cast<std::int64_t>(shift);
    }

    Integer units_ = 0;
};

}  // namespace hedgerow
