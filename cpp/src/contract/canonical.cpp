// The canonical name: a text of our own for every contract, exact and independent of any listing.
#include "hedgerow/contract/symbol.hpp"
#include "text.hpp"

namespace hedgerow {

namespace {

using namespace detail;

/// Characters that the grammar or a table of text needs for itself.
bool is_reserved(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f || c == ':' || c == '/' || c == '%';
}

std::string escape(std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char c : name) {
        if (is_reserved(c)) {
            const auto byte = static_cast<unsigned char>(c);
            text += '%';
            text += digits[byte / 16];
            text += digits[byte % 16];
        } else {
            text += c;
        }
    }
    return text;
}

std::string unescape(std::string_view argument, std::string_view text) {
    const auto hexadecimal = [](char c) {
        return is_digit(c) ? c - '0' : 'A' <= c && c <= 'F' ? c - 'A' + 10 : -1;
    };
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            if (is_reserved(text[i]))
                throw InvalidInput(argument, quoted(text), "must escape spaces, : / and % as %20");
            name += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hexadecimal(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            throw InvalidInput(argument, quoted(text), "% must be followed by two digits 0 to F");
        name += static_cast<char>(16 * high + low);
        i += 2;
    }
    return name;
}

// Printing.

std::string pair(const std::string& base, const std::string& quote) {
    return escape(base) + "/" + escape(quote);
}

std::string suffix(const Terms& terms) {
    std::string text;
    if (terms.settlement() == Settlement::inverse) text += ":inverse";
    if (terms.settlement() == Settlement::quanto) text += ":quanto=" + escape(terms.currency());
    if (terms.multiplier() != 1) text += ":x" + print_number(terms.multiplier());
    return text;
}

std::string suffix(const std::string& fixing) {
    return fixing.empty() ? "" : ":fixing=" + escape(fixing);
}

struct Printer {
    std::string operator()(const Cash& cash) const { return ":" + escape(cash.currency()); }
    std::string operator()(const Spot& spot) const {
        return ":" + pair(spot.underlying(), spot.currency());
    }
    std::string operator()(const Perpetual& perpetual) const {
        const Terms& terms = perpetual.terms();
        return ":" + pair(terms.underlying(), terms.quote_currency()) + suffix(terms);
    }
    std::string operator()(const Future& future) const {
        const Terms& terms = future.terms();
        return ":" + pair(terms.underlying(), terms.quote_currency()) + ":" +
               to_string(future.expiry()) + suffix(terms) + suffix(future.fixing());
    }
    std::string operator()(const Option& option) const {
        const Terms& terms = option.terms();
        std::string text = ":" + pair(terms.underlying(), terms.quote_currency()) + ":" +
                           to_string(option.expiry()) + ":" + print_number(option.strike()) + ":" +
                           letter(option.right());
        if (option.exercise() == Exercise::american) text += ":american";
        return text + suffix(terms) + suffix(option.fixing());
    }
};

// Parsing.

/// Hands out the parts of a canonical name one after the other.
class Parts {
  public:
    explicit Parts(std::string_view text) : text_(text), left_(text) {}

    bool done() const { return left_.data() == nullptr; }
    std::string_view next(std::string_view argument) {
        if (done()) throw InvalidInput(argument, quoted(text_), "is missing from the name");
        const std::size_t at = left_.find(':');
        const std::string_view part = left_.substr(0, at);
        left_ = at == left_.npos ? std::string_view{} : left_.substr(at + 1);
        return part;
    }
    /// The next part, which may hold colons, as far as 'Z' ends it.
    Instant next_instant() {
        if (done()) throw InvalidInput("expiry", quoted(text_), "is missing from the name");
        const std::size_t length = left_.find('Z') + 1;  // 0 when there is none
        const std::string_view part = left_.substr(0, length);
        const bool last = length == left_.size();
        if (length == 0 || !(last || left_[length] == ':'))
            throw InvalidInput("expiry", quoted(left_), "must read like 2026-03-27T08:00:00Z");
        left_ = last ? std::string_view{} : left_.substr(length + 1);
        try {
            return parse_instant(part);
        } catch (const InvalidInput& error) {
            throw InvalidInput("expiry", quoted(part), error.rule());
        }
    }

  private:
    std::string_view text_;
    std::string_view left_;  // without data when nothing is left
};

struct Pair {
    std::string base;
    std::string quote;
};

Pair next_pair(Parts& parts) {
    const std::string_view text = parts.next("underlying");
    const std::size_t at = text.find('/');
    if (at == text.npos) throw InvalidInput("underlying", quoted(text), "must read like BTC/USD");
    return {unescape("underlying", text.substr(0, at)),
            unescape("quote_currency", text.substr(at + 1))};
}

/// The parts after the obvious ones, in any order, each at most once.
struct Suffix {
    std::optional<double> multiplier;
    std::optional<std::string> fixing;
    std::optional<std::string> quanto;
    std::optional<Settlement> settlement;
    std::optional<Exercise> exercise;

    Suffix(Parts& parts, bool may_fix, bool may_exercise) {
        while (!parts.done()) {
            const std::string_view part = parts.next("suffix");
            const auto rest = [&](std::string_view start) { return part.substr(start.size()); };
            if (may_exercise && (part == "european" || part == "american")) {
                set(exercise, part == "american" ? Exercise::american : Exercise::european, part);
            } else if (part == "linear" || part == "inverse") {
                set(settlement, part == "linear" ? Settlement::linear : Settlement::inverse, part);
            } else if (part.starts_with("quanto=")) {
                set(settlement, Settlement::quanto, part);
                quanto = unescape("currency", rest("quanto="));
            } else if (may_fix && part.starts_with("fixing=")) {
                set(fixing, unescape("fixing", rest("fixing=")), part);
            } else if (part.starts_with("x")) {
                const auto number = read_number<double>(rest("x"));
                if (!number) throw InvalidInput("multiplier", quoted(part), "must read like x100");
                set(multiplier, *number, part);
            } else {
                throw InvalidInput("suffix", quoted(part), "must be a term of this contract");
            }
        }
    }

    Terms terms(Pair pair) const {
        const double size = multiplier.value_or(1);
        switch (settlement.value_or(Settlement::linear)) {
            case Settlement::inverse:
                return Terms::inverse(std::move(pair.base), std::move(pair.quote), size);
            case Settlement::quanto:
                return Terms::quanto(std::move(pair.base), std::move(pair.quote), *quanto, size);
            default:
                return Terms::linear(std::move(pair.base), std::move(pair.quote), size);
        }
    }

  private:
    template <class Value>
    static void set(std::optional<Value>& target, Value value, std::string_view part) {
        if (target) throw InvalidInput("suffix", quoted(part), "must state each term once");
        target = std::move(value);
    }
};

void require_end(Parts& parts) {
    if (!parts.done())
        throw InvalidInput("suffix", quoted(parts.next("suffix")), "must not follow this contract");
}

double next_strike(Parts& parts) {
    const std::string_view text = parts.next("strike");
    const auto strike = read_number<double>(text);
    if (!strike) throw InvalidInput("strike", quoted(text), "must be a number");
    return *strike;
}

Contract parse_canonical(std::string_view text) {
    Parts parts(text);
    const std::string_view kind = parts.next("kind");
    if (kind == "cash") {
        std::string currency = unescape("currency", parts.next("currency"));
        require_end(parts);
        return Cash(std::move(currency));
    }
    if (kind == "spot") {
        Pair pair = next_pair(parts);
        require_end(parts);
        return Spot(std::move(pair.base), std::move(pair.quote));
    }
    if (kind == "perpetual") {
        Pair pair = next_pair(parts);
        return Perpetual(Suffix(parts, false, false).terms(std::move(pair)));
    }
    if (kind == "future") {
        Pair pair = next_pair(parts);
        const Instant expiry = parts.next_instant();
        const Suffix suffix(parts, true, false);
        return Future(suffix.terms(std::move(pair)), expiry, suffix.fixing.value_or(""));
    }
    if (kind == "option") {
        Pair pair = next_pair(parts);
        const Instant expiry = parts.next_instant();
        const double strike = next_strike(parts);
        const Right right = read_right(parts.next("right"));
        const Suffix suffix(parts, true, true);
        return Option(suffix.terms(std::move(pair)), expiry, strike, right,
                      suffix.exercise.value_or(Exercise::european), suffix.fixing.value_or(""));
    }
    throw InvalidInput("kind", quoted(kind), "must be cash, spot, future, perpetual or option");
}

}  // namespace

std::string canonical_name(const Contract& contract) {
    return kind(contract) + std::visit(Printer{}, contract);
}

Contract parse_contract(std::string_view text) {
    if (text.find(':') != text.npos) return parse_canonical(text);
    if (looks_like_osi(text)) return parse_osi(text);
    if (text.find_first_of("-_") != text.npos) return parse_deribit(text);
    throw InvalidInput("symbol", quoted(text),
                       "must be a Deribit name, an OSI symbol or a name like option:ES/USD:...");
}

std::string symbol(const Contract& contract) {
    auto listed = find_deribit_name(contract);
    if (std::holds_alternative<InvalidInput>(listed)) listed = find_osi_symbol(contract, "");
    if (auto* text = std::get_if<std::string>(&listed)) return std::move(*text);
    return canonical_name(contract);
}

}  // namespace hedgerow
