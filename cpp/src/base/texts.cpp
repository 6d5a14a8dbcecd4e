#include "hedgerow/base/texts.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "bytes.hpp"
#include "hedgerow/base/error.hpp"
#include "place_index.hpp"
#include "text_encoder.hpp"

namespace hedgerow {

namespace {

void check(std::span<const std::int32_t> codes, std::size_t count) {
    std::uint32_t largest = 0;  // a negative code becomes a large one
    for (const std::int32_t code : codes)
        largest = std::max(largest, static_cast<std::uint32_t>(code));
    if (!codes.empty() && largest >= count)
        throw InvalidInput("code", std::to_string(static_cast<std::int32_t>(largest)),
                           "must be below " + std::to_string(count));
}

/// Whether a text begins as a decimal number does; "inf" and "nan" do not.
bool begins_a_number(std::string_view text) {
    const char c = text.front() == '-' && text.size() > 1 ? text[1] : text.front();
    return ('0' <= c && c <= '9') || c == '.';
}

}  // namespace

Texts::Texts(std::span<const char> buffer, std::span<const std::int64_t> offsets)
    : buffer_(buffer), offsets_(offsets) {
    std::int64_t before = 0;
    for (const std::int64_t offset : offsets) {
        if (offset < before || offset > static_cast<std::int64_t>(buffer.size()))
            throw InvalidInput("offset", std::to_string(offset),
                               "must not decrease, nor lie beyond the buffer");
        before = offset;
    }
}

EncodedTexts encode(const Texts& texts) {
    EncodedTexts column;
    column.codes.reserve(texts.size());
    detail::TextEncoder encoder;
    for (std::size_t i = 0; i < texts.size(); ++i) encoder.add(texts[i], column);
    return column;
}

bool are_trimmed(const Texts& texts) noexcept {
    const auto visible = [](char c) { return ' ' < c && c < 0x7f; };
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (!texts[i].empty() && !(visible(texts[i].front()) && visible(texts[i].back())))
            return false;
    return true;
}

Renumbered renumber(std::span<const std::int32_t> codes, std::size_t count) {
    constexpr auto none = std::numeric_limits<std::uint32_t>::max();
    check(codes, count);
    Renumbered result;
    std::vector<std::uint32_t> number(count, none);
    result.codes.resize(codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const auto code = static_cast<std::uint32_t>(codes[i]);
        if (number[code] == none) {
            number[code] = static_cast<std::uint32_t>(result.used.size());
            result.used.push_back(code);
        }
        result.codes[i] = number[code];
    }
    return result;
}

Labels distinct_labels(const Texts& texts, std::span<const std::int32_t> codes) {
    Renumbered rows = renumber(codes, texts.size());
    Labels result;
    detail::PlaceIndex index;
    std::vector<std::uint32_t> place;
    place.reserve(rows.used.size());
    for (const std::uint32_t text : rows.used) {
        const std::string_view label = texts[text];
        place.push_back(index.find_or_add(detail::hash_text(label), [&](std::uint32_t known) {
            return result.labels[known] == label;
        }));
        if (place.back() == result.labels.size()) result.labels.emplace_back(label);
    }
    if (result.labels.size() < place.size())  // else every number is the same as before
        for (std::uint32_t& code : rows.codes) code = place[code];
    result.codes = std::move(rows.codes);
    return result;
}

Numbers read_numbers(const Texts& texts) {
    Numbers result;
    result.values.assign(texts.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string_view text = texts[i];
        if (text.empty()) continue;
        const char* end = text.data() + text.size();
        double value = 0;
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (begins_a_number(text) && error == std::errc{} && stop == end)
            result.values[i] = value;
        else
            result.unread.push_back(static_cast<std::uint32_t>(i));
    }
    return result;
}

}  // namespace hedgerow
