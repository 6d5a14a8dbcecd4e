// What the three kinds of names share: numbers as text, upper-case words, and a name or a reason.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "hedgerow/base/error.hpp"
#include "hedgerow/contract/contract.hpp"

namespace hedgerow::detail {

/// The name that a listing has for a contract, or the reason why it has none.
using ListedName = std::variant<std::string, InvalidInput>;

ListedName find_deribit_name(const Contract& contract);
ListedName find_osi_symbol(const Contract& contract, std::string_view root);

/// Whether a text has the form of an OSI symbol: it ends in date, right and strike.
bool looks_like_osi(std::string_view text) noexcept;

inline std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

constexpr bool is_digit(char c) noexcept {
    return '0' <= c && c <= '9';
}

constexpr bool is_upper(char c) noexcept {
    return 'A' <= c && c <= 'Z';
}

constexpr bool all_digits(std::string_view text) noexcept {
    for (const char c : text)
        if (!is_digit(c)) return false;
    return true;
}

/// Whether a text is a word of upper-case letters and digits, as listed names are.
constexpr bool is_code(std::string_view text) noexcept {
    for (const char c : text)
        if (!is_digit(c) && !is_upper(c)) return false;
    return !text.empty();
}

/// The shortest text that reads back as exactly `value`; without an exponent where that is legible.
inline std::string print_number(double value) {
    std::array<char, 40> text;
    const bool legible = 1e-6 <= value && value < 1e15;
    const auto format = legible ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
    return {text.data(), end};
}

/// The number that the whole text stands for, or nothing.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return {};
    return value;
}

/// The first `Most` parts between separators, and how many there are: one more than separators.
template <std::size_t Most>
struct Split {
    std::array<std::string_view, Most> parts;
    std::size_t count = 0;

    Split(std::string_view text, char separator) {
        for (;; ++count) {
            const std::size_t at = text.find(separator);
            if (count < Most) parts[count] = text.substr(0, at);
            if (at == text.npos) break;
            text.remove_prefix(at + 1);
        }
        ++count;
    }
    std::string_view operator[](std::size_t i) const { return parts[i]; }
};

inline Right read_right(std::string_view text) {
    if (text == "C") return Right::call;
    if (text == "P") return Right::put;
    throw InvalidInput("right", quoted(text), "must be C or P");
}

constexpr char letter(Right right) noexcept {
    return right == Right::call ? 'C' : 'P';
}

/// The name itself; throws the reason where there is none.
inline std::string value_or_throw(ListedName name) {
    if (const auto* reason = std::get_if<InvalidInput>(&name)) throw *reason;
    return std::get<std::string>(std::move(name));
}

}  // namespace hedgerow::detail
