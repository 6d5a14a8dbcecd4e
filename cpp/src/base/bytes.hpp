// Short texts, eight bytes at a time: what a reader of millions of fields spends its time on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hedgerow::detail {

inline std::uint64_t load_word(const char* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// The first byte that is one of three, or `end`.
inline const char* find_any(const char* at, const char* end, char a, char b, char c) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    // A byte of the word is zero, or lies above one that is, where its high bit is set; see
    // Warren, Hacker's Delight, section 6-1. So whether there is one is exact.
    const auto zeros = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
    const auto repeated = [](char x) { return ones * static_cast<unsigned char>(x); };
    const std::uint64_t as = repeated(a), bs = repeated(b), cs = repeated(c);
    for (; end - at >= 8; at += 8) {
        const std::uint64_t word = load_word(at);
        if (zeros(word ^ as) | zeros(word ^ bs) | zeros(word ^ cs)) break;
    }
    while (at != end && *at != a && *at != b && *at != c) ++at;
    return at;
}

/// A hash for tables inside one run. Words are folded by a multiplication with the golden ratio,
/// whose high half, where every bit of the word has arrived, comes down again.
inline std::size_t hash_text(std::string_view text) noexcept {
    std::uint64_t hash = text.size();
    const auto fold = [&](std::uint64_t word) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    };
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) fold(load_word(at));
    if (left > 0 && text.size() >= 8) {
        fold(load_word(text.data() + text.size() - 8));  // overlaps the word before
    } else if (left > 0) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < left; ++i)
            word |= std::uint64_t{static_cast<unsigned char>(at[i])} << 8 * i;
        fold(word);
    }
    return static_cast<std::size_t>(hash);
}

}  // namespace hedgerow::detail
