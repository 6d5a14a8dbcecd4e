/// Exact instants of time in UTC and the one rule that turns two of them into years.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds, like NumPy's datetime64[ns]: all
/// of the years 1678 to 2261 and a little more on either side.
struct Instant {
    std::int64_t nanoseconds = 0;

    friend auto operator<=>(const Instant&, const Instant&) = default;
};

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
inline constexpr std::int64_t nanoseconds_per_day = 86'400 * nanoseconds_per_second;

/// Time in years from `from` to `to`, ACT/365 fixed; negative when `to` is earlier. A fraction of
/// a day is a fraction of a day: nothing is rounded.
constexpr double year_fraction(Instant from, Instant to) noexcept {
    // Two instants may lie further apart than a signed integer counts, not than an unsigned one.
    const auto a = static_cast<std::uint64_t>(from.nanoseconds);
    const auto b = static_cast<std::uint64_t>(to.nanoseconds);
    const double distance = from <= to ? static_cast<double>(b - a) : -static_cast<double>(a - b);
    return distance / (365.0 * static_cast<double>(nanoseconds_per_day));
}

/// A date of the proleptic Gregorian calendar.
struct Date {
    int year = 1970;
    unsigned month = 1;
    unsigned day = 1;

    friend auto operator<=>(const Date&, const Date&) = default;
};

/// Numbered as in ISO 8601.
enum class Weekday : unsigned char {
    monday = 1,
    tuesday,
    wednesday,
    thursday,
    friday,
    saturday,
    sunday
};

/// @throws InvalidInput when the date does not exist.
HEDGEROW_API Weekday weekday(Date date);

/// The date `days` later, or earlier when negative.
/// @throws InvalidInput when `date` does not exist.
HEDGEROW_API Date add_days(Date date, int days);

/// The instant `nanoseconds_of_day` after midnight UTC of `date`.
/// @throws InvalidInput when the date does not exist, the time of day is not within one day, or the
///     instant is out of range.
HEDGEROW_API Instant make_instant(Date date, std::int64_t nanoseconds_of_day = 0);

/// The date in UTC on which `instant` falls.
HEDGEROW_API Date date_of(Instant instant) noexcept;

/// The instant at which clocks in New York show `nanoseconds_of_day` on `date`; daylight saving by
/// the rule in force since 2007 (second Sunday of March to first Sunday of November, 02:00). Of a
/// time that clocks show twice it is the first; one that they skip is read on winter time.
/// @throws InvalidInput when the date does not exist or lies before 2007, or the time of day is not
///     within one day.
HEDGEROW_API Instant new_york_instant(Date date, std::int64_t nanoseconds_of_day);

/// Parses ISO 8601 in UTC: "2026-03-27T08:00:00Z", "2026-03-27T08:00:00.000000001+00:00",
/// "2026-03-27 08:00", "2026-03-27" (midnight). Another offset from UTC is honored.
/// @throws InvalidInput on anything else.
HEDGEROW_API Instant parse_instant(std::string_view text);

/// Prints "2026-03-27T08:00:00Z", with as many decimals of a second as the instant has.
HEDGEROW_API std::string to_string(Instant instant);

}  // namespace hedgerow
