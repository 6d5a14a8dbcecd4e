/// Columns of text as files and data frames keep them: distinct texts in one buffer, a code per
/// row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// Texts one after the other in a buffer, as in Arrow's large strings: text i lies between the
/// offsets i and i + 1. A view, which owns neither.
class HEDGEROW_API Texts {
  public:
    /// No texts.
    Texts() = default;
    /// @param offsets one more than there are texts, increasing; empty for none.
    /// @throws InvalidInput when an offset lies before the one before it or beyond the buffer.
    Texts(std::span<const char> buffer, std::span<const std::int64_t> offsets);

    std::size_t size() const noexcept { return offsets_.empty() ? 0 : offsets_.size() - 1; }
    std::string_view operator[](std::size_t i) const noexcept {
        return {buffer_.data() + offsets_[i],
                static_cast<std::size_t>(offsets_[i + 1] - offsets_[i])};
    }

  private:
    std::span<const char> buffer_;
    std::span<const std::int64_t> offsets_;
};

/// Texts with a code per row, owned.
///
/// Texts are kept once each, in the order of their first appearance. Where most turn out to be new
/// they are not looked up any further: from there on every row has a text of its own.
struct EncodedTexts {
    std::vector<std::uint8_t> buffer;
    std::vector<std::int64_t> offsets = {0};
    std::vector<std::int32_t> codes;
};

/// Encodes a column in which texts may repeat. O(bytes).
HEDGEROW_API EncodedTexts encode(const Texts& texts);

/// Whether no text can begin or end with a blank of any script: both ends are visible ASCII.
HEDGEROW_API bool are_trimmed(const Texts& texts) noexcept;

/// Values in the order of their first appearance, by their old number, and the new one per row.
struct Renumbered {
    std::vector<std::uint32_t> used;   ///< per new number, the old one
    std::vector<std::uint32_t> codes;  ///< per row, the new number
};

/// Numbers anew what the rows use of `count` values. O(rows + count).
/// @throws InvalidInput when a code is negative or not below `count`.
HEDGEROW_API Renumbered renumber(std::span<const std::int32_t> codes, std::size_t count);

/// Labels, each once, in the order of their first appearance, and a code per row.
struct Labels {
    std::vector<std::string> labels;
    std::vector<std::uint32_t> codes;
};

/// The labels that rows have by their codes of `texts`, of which some may be equal or unused.
/// @throws InvalidInput when a code is negative or not below the number of texts.
HEDGEROW_API Labels distinct_labels(const Texts& texts, std::span<const std::int32_t> codes);

/// Decimal numbers, and which texts are none.
struct Numbers {
    std::vector<double> values;         ///< NaN where the text is empty or unread
    std::vector<std::uint32_t> unread;  ///< texts that are no decimal number within range
};

/// Reads decimal numbers, correctly rounded: digits with a point, an exponent or a minus sign.
/// What else a reader might call a number ("inf", "+1", blanks around it) is left to the caller.
HEDGEROW_API Numbers read_numbers(const Texts& texts);

}  // namespace hedgerow
