// Texts cross as the arrays that hold them: no Python object per text.
#pragma once

#include "arrays.hpp"
#include "hedgerow/base/texts.hpp"

/// Texts together with the arrays that own them.
class OwnedTexts {
  public:
    OwnedTexts(Column<std::uint8_t> buffer, Column<std::int64_t> offsets)
        : buffer_(std::move(buffer)),
          offsets_(std::move(offsets)),
          texts_({reinterpret_cast<const char*>(buffer_.data()),
                  static_cast<std::size_t>(buffer_.size())},
                 as_span(offsets_)) {}

    const hedgerow::Texts& texts() const noexcept { return texts_; }

  private:
    Column<std::uint8_t> buffer_;
    Column<std::int64_t> offsets_;
    hedgerow::Texts texts_;
};
