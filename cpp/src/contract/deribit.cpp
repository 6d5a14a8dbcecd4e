// Deribit's names: BTC-27MAR26-100000-C. The format is documented in the exchange's API reference
// under "Naming", the contract sizes in its support articles on inverse and linear contracts.
#include <algorithm>
#include <cstdio>

#include "hedgerow/contract/symbol.hpp"
#include "text.hpp"

namespace hedgerow {

namespace {

using namespace detail;

constexpr std::int64_t expiry_time = 8 * 3600 * nanoseconds_per_second;  // UTC, every product
constexpr std::array<std::string_view, 12> months = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
/// What linear contracts and spot pairs are quoted in.
constexpr std::array<std::string_view, 4> quote_currencies = {"USDC", "USDT", "EURR", "BTC"};

struct Size {
    std::string_view coin;
    double multiplier;
};
constexpr Size inverse_futures[] = {{"BTC", 10}, {"ETH", 1}};  // US dollars
constexpr Size inverse_options[] = {{"BTC", 1}, {"ETH", 1}};   // coins
constexpr Size linear_options[] = {
    {"BTC", 1}, {"ETH", 1}, {"SOL", 10}, {"XRP", 1000}, {"MATIC", 1000}};  // coins

/// The product that a name begins with: "BTC" or "SOL_USDC". Views the name or the contract.
struct Product {
    std::string_view base;
    std::string_view quote;  // empty: inverse

    bool is_inverse() const { return quote.empty(); }
    std::string print() const {
        return is_inverse() ? std::string(base) : std::string(base).append("_").append(quote);
    }
};

/// The size of one option on a product, or else of its futures and perpetuals, where it is known.
std::optional<double> listed_size(const Product& product, bool is_option) {
    const auto find = [&](const auto& sizes) -> std::optional<double> {
        const auto* found = std::ranges::find(sizes, product.base, &Size::coin);
        if (found == std::end(sizes)) return {};
        return found->multiplier;
    };
    if (product.is_inverse()) return is_option ? find(inverse_options) : find(inverse_futures);
    return is_option ? find(linear_options) : 1;
}

InvalidInput unknown_size(const Product& product) {
    return {"underlying", quoted(product.print()),
            "must be a Deribit product whose contract size is known; construct the contract with "
            "its multiplier instead"};
}

bool is_quote_currency(std::string_view text) {
    return std::ranges::find(quote_currencies, text) != quote_currencies.end();
}

Product read_product(std::string_view text) {
    const Split<2> parts(text, '_');
    if (parts.count > 2 || !is_code(parts[0]))
        throw InvalidInput("underlying", quoted(text), "must read like BTC or SOL_USDC");
    if (parts.count == 1) return {parts[0], ""};
    if (!is_quote_currency(parts[1]))
        throw InvalidInput("quote_currency", quoted(parts[1]), "must be USDC, USDT, EURR or BTC");
    return {parts[0], parts[1]};
}

Terms read_terms(std::string_view text, bool is_option) {
    const Product product = read_product(text);
    const auto size = listed_size(product, is_option);
    if (!size) throw unknown_size(product);
    if (product.is_inverse()) return Terms::inverse(std::string(product.base), "USD", *size);
    return Terms::linear(std::string(product.base), std::string(product.quote), *size);
}

Instant read_expiry(std::string_view text) {
    const auto fail = [&](std::string_view rule) -> InvalidInput {
        return {"expiry", quoted(text), rule};
    };
    if (text.size() != 6 && text.size() != 7) throw fail("must read like 6MAR26 or 27MAR26");
    const auto day = text.substr(0, text.size() - 5);
    const auto year = text.substr(text.size() - 2);
    const auto month = std::ranges::find(months, text.substr(text.size() - 5, 3));
    if (!all_digits(day) || !all_digits(year) || day.front() == '0')
        throw fail("must read like 6MAR26 or 27MAR26");
    if (month == months.end()) throw fail("the month must be JAN to DEC");
    try {
        return make_instant(
            {2000 + *read_number<int>(year), static_cast<unsigned>(month - months.begin()) + 1,
             *read_number<unsigned>(day)},
            expiry_time);
    } catch (const InvalidInput&) {
        throw fail("must be a day of the calendar");
    }
}

std::string print_expiry(Date date) {
    char text[16];
    std::snprintf(text, sizeof text, "%u%s%02d", date.day, months[date.month - 1].data(),
                  date.year % 100);
    return text;
}

/// Strikes print as plain decimals, with a 'd' for the point.
std::string print_strike(double strike) {
    std::string text = print_number(strike);
    std::ranges::replace(text, '.', 'd');
    return text;
}

/// The number that a text of at most 15 digits stands for, if that number prints as this text: no
/// zero leads, and none ends the decimals. Both its digits and the power of ten are exact, so that
/// their quotient is the nearest double, of which 15 digits are the shortest text.
std::optional<double> read_plain(std::string_view text) {
    constexpr double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
    const std::size_t point = std::min(text.find('d'), text.size());
    const std::size_t decimals = point < text.size() ? text.size() - point - 1 : 0;
    if (point == 0 || point + decimals > 15 || text.front() == '0') return {};
    if (point < text.size() && (decimals == 0 || text.back() == '0')) return {};
    std::int64_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == point) continue;
        if (!is_digit(text[i])) return {};
        digits = 10 * digits + (text[i] - '0');
    }
    return static_cast<double>(digits) / powers[decimals];
}

double read_strike(std::string_view text) {
    if (const auto strike = read_plain(text)) return *strike;
    std::string decimal(text);
    std::ranges::replace(decimal, 'd', '.');
    const auto strike = read_number<double>(decimal);
    // What prints differently (1e5, 007, 0d50, 1.5) is no Deribit name.
    if (!strike || !(*strike > 0) || print_strike(*strike) != text)
        throw InvalidInput("strike", quoted(text), "must be a positive number like 100000 or 0d55");
    return *strike;
}

/// The reason why a contract's expiry, fixing or exercise is not Deribit's, if it is not.
std::optional<InvalidInput> unlisted(Instant expiry, const std::string& fixing) {
    const Date date = date_of(expiry);
    if (date.year < 2000 || date.year > 2099 || expiry != make_instant(date, expiry_time))
        return InvalidInput("expiry", to_string(expiry), "must be 08:00 UTC, years 2000 to 2099");
    if (!fixing.empty()) return InvalidInput("fixing", fixing, "must be the exchange's own");
    return {};
}

/// The product whose listed terms are these, or the reason why there is none.
std::variant<Product, InvalidInput> find_product(const Terms& terms, bool is_option) {
    if (!is_code(terms.underlying()))
        return InvalidInput("underlying", terms.underlying(), "must be upper-case letters, digits");
    Product product{terms.underlying(), ""};
    if (terms.settlement() == Settlement::quanto)
        return InvalidInput("settlement", "quanto", "must be linear or inverse");
    if (terms.settlement() == Settlement::linear) {
        product.quote = terms.quote_currency();
        if (!is_quote_currency(product.quote))
            return InvalidInput("quote_currency", product.quote, "must be USDC, USDT, EURR or BTC");
    } else if (terms.quote_currency() != "USD") {
        return InvalidInput("quote_currency", terms.quote_currency(), "must be USD");
    }
    const auto size = listed_size(product, is_option);
    if (!size) return unknown_size(product);
    // All else that a product's terms are follows from its name.
    if (*size != terms.multiplier())
        return InvalidInput("multiplier", terms.multiplier(),
                            "must be the listed " + print_number(*size));
    return product;
}

struct Namer {
    ListedName operator()(const Cash& cash) const {
        return InvalidInput("contract", cash.currency(), "cash has no Deribit name");
    }
    ListedName operator()(const Spot& spot) const {
        if (!is_code(spot.underlying()))
            return InvalidInput("underlying", spot.underlying(),
                                "must be upper-case letters, digits");
        if (!is_quote_currency(spot.currency()))
            return InvalidInput("currency", spot.currency(), "must be USDC, USDT, EURR or BTC");
        return spot.underlying() + "_" + spot.currency();
    }
    ListedName operator()(const Perpetual& perpetual) const {
        const auto product = find_product(perpetual.terms(), false);
        if (const auto* reason = std::get_if<InvalidInput>(&product)) return *reason;
        return std::get<Product>(product).print() + "-PERPETUAL";
    }
    ListedName operator()(const Future& future) const {
        if (const auto reason = unlisted(future.expiry(), future.fixing())) return *reason;
        const auto product = find_product(future.terms(), false);
        if (const auto* reason = std::get_if<InvalidInput>(&product)) return *reason;
        return std::get<Product>(product).print() + "-" + print_expiry(date_of(future.expiry()));
    }
    ListedName operator()(const Option& option) const {
        if (const auto reason = unlisted(option.expiry(), option.fixing())) return *reason;
        if (option.exercise() != Exercise::european)
            return InvalidInput("exercise", name(option.exercise()), "must be european");
        const auto product = find_product(option.terms(), true);
        if (const auto* reason = std::get_if<InvalidInput>(&product)) return *reason;
        const std::string strike = print_strike(option.strike());
        if (strike.find('e') != strike.npos)
            return InvalidInput("strike", option.strike(), "must print without an exponent");
        return std::get<Product>(product).print() + "-" + print_expiry(date_of(option.expiry())) +
               "-" + strike + "-" + letter(option.right());
    }
};

}  // namespace

namespace detail {

ListedName find_deribit_name(const Contract& contract) {
    return std::visit(Namer{}, contract);
}

}  // namespace detail

Contract parse_deribit(std::string_view name) {
    const Split<4> parts(name, '-');
    switch (parts.count) {
        case 1: {
            const Product product = read_product(parts[0]);
            if (product.is_inverse())
                throw InvalidInput("name", quoted(name), "must have an expiry or a quote currency");
            return Spot(std::string(product.base), std::string(product.quote));
        }
        case 2:
            if (parts[1] == "PERPETUAL") return Perpetual(read_terms(parts[0], false));
            return Future(read_terms(parts[0], false), read_expiry(parts[1]));
        case 4:
            return Option(read_terms(parts[0], true), read_expiry(parts[1]), read_strike(parts[2]),
                          read_right(parts[3]));
        default:
            throw InvalidInput("name", quoted(name), "must read like BTC-27MAR26-100000-C");
    }
}

std::string deribit_name(const Contract& contract) {
    return detail::value_or_throw(detail::find_deribit_name(contract));
}

}  // namespace hedgerow
