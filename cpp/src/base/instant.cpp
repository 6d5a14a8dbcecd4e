#include "hedgerow/base/instant.hpp"

#include <chrono>
#include <cstdio>
#include <limits>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

constexpr std::int64_t day = nanoseconds_per_day;
constexpr std::int64_t minute = 60 * nanoseconds_per_second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();

/// Whole days since 1970 and the nanoseconds of the day: unlike the count of nanoseconds, it
/// cannot overflow while an instant is being put together.
struct DayTime {
    std::int64_t days;
    std::int64_t rest;  // 0 <= rest < day

    DayTime(std::int64_t whole, std::int64_t nanoseconds)
        : days(whole + nanoseconds / day), rest(nanoseconds % day) {
        if (rest < 0) {
            rest += day;
            --days;
        }
    }
    explicit DayTime(Instant instant) : DayTime(0, instant.nanoseconds) {}

    friend auto operator<=>(const DayTime&, const DayTime&) = default;
};

/// The least 64-bit integer is NumPy's NaT, so the range is symmetric.
bool in_range(DayTime time) {
    return DayTime(Instant{-last}) <= time && time <= DayTime(Instant{last});
}

Instant compose(DayTime time) {
    // Both terms have the same sign, so that no intermediate value leaves the range.
    if (time.days < 0) return {(time.days + 1) * day + (time.rest - day)};
    return {time.days * day + time.rest};
}

std::string print(Date date) {
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", date.year, date.month, date.day);
    return text;
}

std::chrono::year_month_day calendar(Date date) {
    return std::chrono::year{date.year} / std::chrono::month{date.month} /
           std::chrono::day{date.day};
}

bool exists(Date date) {
    // The calendar keeps one byte for months and days: larger numbers would wrap around.
    return -9999 <= date.year && date.year <= 9999 && date.month <= 12 && date.day <= 31 &&
           calendar(date).ok();
}

std::int64_t day_number(Date date) {
    return std::chrono::sys_days{calendar(date)}.time_since_epoch().count();
}

void check(Date date, std::int64_t nanoseconds_of_day) {
    if (!exists(date)) throw InvalidInput("date", print(date), "must be a day of the calendar");
    if (nanoseconds_of_day < 0 || nanoseconds_of_day >= day)
        throw InvalidInput("nanoseconds_of_day", std::to_string(nanoseconds_of_day),
                           "must lie within one day");
}

bool is_daylight_saving(Date date, std::int64_t nanoseconds_of_day) {
    using namespace std::chrono;
    const auto today = sys_days{calendar(date)};
    const auto start = sys_days{year{date.year} / March / Sunday[2]};
    const auto end = sys_days{year{date.year} / November / Sunday[1]};
    if (today == start) return nanoseconds_of_day >= 3 * hour;  // 02:00 to 03:00 does not exist
    if (today == end) return nanoseconds_of_day < 2 * hour;     // 01:00 to 02:00 comes twice
    return start < today && today < end;
}

/// Reads a text from left to right; every failure is the same "not an instant".
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text), left_(text) {}

    [[noreturn]] void fail(std::string_view rule) const {
        throw InvalidInput("instant", '"' + std::string(text_) + '"', rule);
    }
    bool done() const { return left_.empty(); }
    bool skip(char c) {
        if (done() || left_.front() != c) return false;
        left_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!skip(c)) fail("must read like 2026-03-27T08:00:00Z");
    }
    bool at_digit() const { return !done() && left_.front() >= '0' && left_.front() <= '9'; }
    int digit() {
        if (!at_digit()) fail("must read like 2026-03-27T08:00:00Z");
        const int value = left_.front() - '0';
        left_.remove_prefix(1);
        return value;
    }
    int number(int digits) {
        int value = 0;
        for (int i = 0; i < digits; ++i) value = 10 * value + digit();
        return value;
    }
    /// A number below `limit` of two digits.
    int part(int limit, std::string_view rule) {
        const int value = number(2);
        if (value >= limit) fail(rule);
        return value;
    }

  private:
    std::string_view text_;
    std::string_view left_;
};

std::int64_t read_clock(Reader& reader) {
    std::int64_t time = reader.part(24, "the hour must be below 24") * hour;
    reader.expect(':');
    time += reader.part(60, "the minute must be below 60") * minute;
    if (!reader.skip(':')) return time;
    time += reader.part(60, "the second must be below 60") * nanoseconds_per_second;
    if (!reader.skip('.')) return time;
    std::int64_t unit = nanoseconds_per_second;
    do {
        unit /= 10;
        if (unit == 0) reader.fail("a second has at most nine decimals");
        time += reader.digit() * unit;
    } while (reader.at_digit());
    return time;
}

std::int64_t read_offset(Reader& reader) {
    if (reader.done() || reader.skip('Z')) return 0;
    const bool east = reader.skip('+');
    if (!east) reader.expect('-');
    std::int64_t offset = reader.part(24, "the offset must be below 24 hours") * hour;
    reader.skip(':');
    offset += reader.part(60, "the minutes of the offset must be below 60") * minute;
    return east ? offset : -offset;
}

}  // namespace

Instant make_instant(Date date, std::int64_t nanoseconds_of_day) {
    check(date, nanoseconds_of_day);
    const DayTime time(day_number(date), nanoseconds_of_day);
    if (!in_range(time)) throw InvalidInput("date", print(date), "must lie in 1678 to 2261");
    return compose(time);
}

Date date_of(Instant instant) noexcept {
    const auto days = std::chrono::days{DayTime(instant).days};
    const std::chrono::year_month_day date{std::chrono::sys_days{days}};
    return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()}};
}

Weekday weekday(Date date) {
    check(date, 0);
    return static_cast<Weekday>(
        std::chrono::weekday{std::chrono::sys_days{calendar(date)}}.iso_encoding());
}

Date add_days(Date date, int days) {
    check(date, 0);
    const std::chrono::year_month_day moved{std::chrono::sys_days{calendar(date)} +
                                            std::chrono::days{days}};
    return {int{moved.year()}, unsigned{moved.month()}, unsigned{moved.day()}};
}

Instant new_york_instant(Date date, std::int64_t nanoseconds_of_day) {
    check(date, nanoseconds_of_day);
    if (date.year < 2007) throw InvalidInput("date", print(date), "must be in 2007 or later");
    const std::int64_t behind = (is_daylight_saving(date, nanoseconds_of_day) ? 4 : 5) * hour;
    const DayTime time(day_number(date), nanoseconds_of_day + behind);
    if (!in_range(time)) throw InvalidInput("date", print(date), "must lie in 2007 to 2261");
    return compose(time);
}

Instant parse_instant(std::string_view text) {
    Reader reader(text);
    Date date;
    date.year = reader.number(4);
    reader.expect('-');
    date.month = static_cast<unsigned>(reader.number(2));
    reader.expect('-');
    date.day = static_cast<unsigned>(reader.number(2));
    if (!exists(date)) reader.fail("the date must be a day of the calendar");
    std::int64_t clock = 0;
    if (!reader.done()) {
        if (!reader.skip('T')) reader.expect(' ');
        clock = read_clock(reader);
        clock -= read_offset(reader);
        if (!reader.done()) reader.fail("must end after the time and its offset");
    }
    const DayTime time(day_number(date), clock);
    if (!in_range(time)) reader.fail("must lie in 1678 to 2261");
    return compose(time);
}

std::string to_string(Instant instant) {
    const std::int64_t time = DayTime(instant).rest;
    char text[64];
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%09d", static_cast<int>(time / hour),
                  static_cast<int>(time % hour / minute),
                  static_cast<int>(time % minute / nanoseconds_per_second),
                  static_cast<int>(time % nanoseconds_per_second));
    std::string result = print(date_of(instant)) + text;
    while (result.back() == '0') result.pop_back();
    if (result.back() == '.') result.pop_back();
    return result + "Z";
}

}  // namespace hedgerow
