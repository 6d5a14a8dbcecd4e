// Keeps the texts of a column once each, as rows come in.
#pragma once

#include <cstdint>
#include <string_view>

#include "bytes.hpp"
#include "hedgerow/base/texts.hpp"
#include "place_index.hpp"

namespace hedgerow::detail {

/// Gives every text of a column its code.
class TextEncoder {
  public:
    void add(std::string_view text, EncodedTexts& column) {
        column.codes.push_back(looks_up_ ? find(text, column) : append(text, column));
    }

  private:
    // Beyond so many texts the table leaves the cache, and where most are new it saves nothing.
    static constexpr std::size_t many = 32768;

    std::int32_t append(std::string_view text, EncodedTexts& column) {
        column.buffer.insert(column.buffer.end(), text.begin(), text.end());
        column.offsets.push_back(static_cast<std::int64_t>(column.buffer.size()));
        return static_cast<std::int32_t>(column.offsets.size() - 2);
    }

    std::int32_t find(std::string_view text, EncodedTexts& column) {
        const std::size_t known = index_.size();
        const std::uint32_t place = index_.find_or_add(hash_text(text), [&](std::uint32_t i) {
            const auto begin = static_cast<std::size_t>(column.offsets[i]);
            const auto end = static_cast<std::size_t>(column.offsets[i + 1]);
            return std::string_view(reinterpret_cast<const char*>(column.buffer.data()) + begin,
                                    end - begin) == text;
        });
        if (place < known) return static_cast<std::int32_t>(place);
        looks_up_ = known < many || 2 * known < column.codes.size();
        return append(text, column);
    }

    detail::PlaceIndex index_;
    bool looks_up_ = true;
};

}  // namespace hedgerow::detail
