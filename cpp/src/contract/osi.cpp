// Symbols of the Options Symbology Initiative (OCC, 2010): root, yymmdd, C or P, strike x 1000.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hedgerow/contract/symbol.hpp"
#include "text.hpp"

namespace hedgerow {

namespace {

using namespace detail;

constexpr std::size_t tail_size = 15;  // date, right and strike
constexpr std::size_t root_size = 6;
constexpr double contract_size = 100;
constexpr std::int64_t minute = 60 * nanoseconds_per_second;

/// When the settlement price is fixed, in New York.
enum class Fixed { at_open, at_close };

constexpr std::int64_t time_of_day(Fixed fixed) {
    return (fixed == Fixed::at_open ? 9 * 60 + 30 : 16 * 60) * minute;
}

struct Root {
    std::string_view root;
    std::string_view underlying;
    Exercise exercise;
    Fixed fixed;
    bool monthly;  // whether its series were of the kind dated on Saturdays until 2015
};

constexpr Root index_roots[] = {
    {"SPX", "SPX", Exercise::european, Fixed::at_open, true},
    {"SPXW", "SPX", Exercise::european, Fixed::at_close, false},
    {"XSP", "XSP", Exercise::european, Fixed::at_close, true},
    {"NDX", "NDX", Exercise::european, Fixed::at_open, true},
    {"NDXP", "NDX", Exercise::european, Fixed::at_close, false},
    {"RUT", "RUT", Exercise::european, Fixed::at_open, true},
    {"RUTW", "RUT", Exercise::european, Fixed::at_close, false},
    {"VIX", "VIX", Exercise::european, Fixed::at_open, false},
    {"VIXW", "VIX", Exercise::european, Fixed::at_open, false},
    {"DJX", "DJX", Exercise::european, Fixed::at_open, true},
    {"XEO", "OEX", Exercise::european, Fixed::at_close, true},
};

bool is_root(std::string_view text) {
    return !text.empty() && text.size() <= root_size && std::ranges::all_of(text, is_upper);
}

/// The index root of this name, or an equity's: American, fixed at the close. The result views
/// `name`.
Root find_root(std::string_view name) {
    const auto* found = std::ranges::find(index_roots, name, &Root::root);
    if (found != std::end(index_roots)) return *found;
    return {name, name, Exercise::american, Fixed::at_close, true};
}

/// Monthly series (third Friday) that expired before this date carry the Saturday after.
constexpr Date first_friday_date = {2015, 2, 1};

bool is_third_friday(Date date) {
    return weekday(date) == Weekday::friday && 15 <= date.day && date.day <= 21;
}

/// The day on which a series of this symbol's date is fixed.
Date fixing_date(Date symbol_date) {
    const Date before = add_days(symbol_date, -1);
    return symbol_date < first_friday_date && is_third_friday(before) ? before : symbol_date;
}

/// The date in the symbol of a series that is fixed on `date`.
Date symbol_date(const Root& root, Date date) {
    const Date after = add_days(date, 1);
    const bool saturday = root.monthly && is_third_friday(date) && after < first_friday_date;
    return saturday ? after : date;
}

Instant read_expiry(std::string_view text, const Root& root) {
    const auto fail = [&](std::string_view rule) -> InvalidInput {
        return {"expiry", quoted(text), rule};
    };
    const auto part = [&](std::size_t at) { return *read_number<unsigned>(text.substr(at, 2)); };
    const Date date{static_cast<int>(2000 + part(0)), part(2), part(4)};
    try {
        const Date day = fixing_date(date);
        if (weekday(day) >= Weekday::saturday) throw fail("must not fall on a weekend");
        return new_york_instant(day, time_of_day(root.fixed));
    } catch (const InvalidInput& error) {
        if (error.argument() == "expiry") throw;
        throw fail("must be a day of the calendar, as yymmdd, since 2007");
    }
}

/// The reason why `root` does not list this option, if it does not.
std::optional<InvalidInput> unlisted(const Option& option, const Root& root) {
    const Terms& terms = option.terms();
    if (terms.underlying() != root.underlying)
        return InvalidInput("underlying", terms.underlying(),
                            "must be the underlying of root " + std::string(root.root));
    if (terms.settlement() != Settlement::linear)
        return InvalidInput("settlement", name(terms.settlement()), "must be linear");
    if (terms.quote_currency() != "USD")
        return InvalidInput("quote_currency", terms.quote_currency(), "must be USD");
    if (terms.multiplier() != contract_size)
        return InvalidInput("multiplier", terms.multiplier(), "must be 100");
    if (option.exercise() != root.exercise)
        return InvalidInput("exercise", name(option.exercise()),
                            "must be that of root " + std::string(root.root));
    if (!option.fixing().empty())
        return InvalidInput("fixing", option.fixing(), "must be the exchange's own");
    const Date date = date_of(option.expiry());  // New York's: neither time is near midnight UTC
    if (date.year < 2007 || date.year > 2099 || weekday(date) >= Weekday::saturday ||
        option.expiry() != new_york_instant(date, time_of_day(root.fixed)))
        return InvalidInput("expiry", to_string(option.expiry()),
                            root.fixed == Fixed::at_open
                                ? "must be 09:30 in New York, a working day of 2007 to 2099"
                                : "must be 16:00 in New York, a working day of 2007 to 2099");
    const double thousandths = std::round(option.strike() * 1000);
    if (thousandths / 1000 != option.strike() || thousandths > 99'999'999)
        return InvalidInput("strike", option.strike(), "must be a multiple of 0.001 below 100000");
    return {};
}

std::string print(const Option& option, const Root& root) {
    const Date date = symbol_date(root, date_of(option.expiry()));
    char text[40];
    std::snprintf(text, sizeof text, "%-6.6s%02d%02u%02u%c%08lld", std::string(root.root).c_str(),
                  date.year % 100, date.month, date.day, letter(option.right()),
                  std::llround(option.strike() * 1000));
    return text;
}

ListedName name_at(const Option& option, const Root& root) {
    if (const auto reason = unlisted(option, root)) return *reason;
    return print(option, root);
}

InvalidInput wrong_root(std::string_view root) {
    return {"root", quoted(root),
            "must be one to six upper-case letters (a root with a digit is adjusted or flexible: "
            "its symbol doesn't tell what it delivers)"};
}

}  // namespace

namespace detail {

bool looks_like_osi(std::string_view text) noexcept {
    if (text.size() <= tail_size) return false;
    const std::string_view tail = text.substr(text.size() - tail_size);
    return all_digits(tail.substr(0, 6)) && is_upper(tail[6]) && all_digits(tail.substr(7));
}

ListedName find_osi_symbol(const Contract& contract, std::string_view root) {
    const auto* option = std::get_if<Option>(&contract);
    if (!option) return InvalidInput("contract", kind(contract), "only options have OSI symbols");
    if (!root.empty()) {
        if (!is_root(root)) return wrong_root(root);
        return name_at(*option, find_root(root));
    }
    const std::string& underlying = option->terms().underlying();
    std::optional<InvalidInput> reason;
    for (const Root& candidate : index_roots) {
        if (candidate.underlying != underlying) continue;
        const auto mismatch = unlisted(*option, candidate);
        if (!mismatch) return print(*option, candidate);
        if (!reason) reason = mismatch;
    }
    // OEX is the underlying of the European root XEO and itself the root of American options.
    if (std::ranges::find(index_roots, underlying, &Root::root) != std::end(index_roots))
        return *reason;
    if (!is_root(underlying)) return wrong_root(underlying);
    return name_at(*option, find_root(underlying));
}

}  // namespace detail

Contract parse_osi(std::string_view symbol) {
    if (!looks_like_osi(symbol) || symbol.size() > root_size + tail_size)
        throw InvalidInput("symbol", quoted(symbol), "must read like SPXW  210115C03800000");
    std::string_view root = symbol.substr(0, symbol.size() - tail_size);
    if (root.size() == root_size) root = root.substr(0, root.find_last_not_of(' ') + 1);
    if (!is_root(root)) throw wrong_root(root);
    const Root listed = find_root(root);
    const std::string_view tail = symbol.substr(symbol.size() - tail_size);
    const double strike = *read_number<double>(tail.substr(7)) / 1000;
    if (strike == 0) throw InvalidInput("strike", quoted(tail.substr(7)), "must be positive");
    return Option(Terms::linear(std::string(listed.underlying), "USD", contract_size),
                  read_expiry(tail.substr(0, 6), listed), strike, read_right(tail.substr(6, 1)),
                  listed.exercise);
}

std::string osi_symbol(const Contract& contract, std::string_view root) {
    return detail::value_or_throw(detail::find_osi_symbol(contract, root));
}

}  // namespace hedgerow
