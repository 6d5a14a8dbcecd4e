// Group keys cross as (codes, cardinality).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "hedgerow/book/group.hpp"

using KeyTuple = std::pair<py::object, std::uint32_t>;

/// Keys as copies: other Python threads may write to the arrays while the GIL is released.
class Keys {
  public:
    explicit Keys(const std::vector<KeyTuple>& keys) {
        for (const auto& key : keys) codes_.push_back(as_codes("key", key.first));
        for (std::size_t j = 0; j < keys.size(); ++j) keys_.push_back({codes_[j], keys[j].second});
    }

    hedgerow::Groups group(std::size_t rows) const { return hedgerow::group_rows(keys_, rows); }

  private:
    std::vector<std::vector<std::uint32_t>> codes_;
    std::vector<hedgerow::GroupKey> keys_;
};
