/// Grouping of rows by a tuple of keys: the first half of every netting.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/book/book.hpp"

namespace hedgerow {

/// One key of a tuple: a code below `cardinality` for every row.
struct GroupKey {
    std::span<const std::uint32_t> codes;
    std::uint32_t cardinality;
};

/// Rows collected by group. Groups are ordered by their codes, rows within one by their number.
class HEDGEROW_API Groups {
  public:
    Groups(std::vector<std::uint32_t> order, std::vector<std::size_t> offsets)
        : order_(std::move(order)), offsets_(std::move(offsets)) {}

    std::size_t count() const noexcept { return offsets_.size() - 1; }
    /// The rows of a group; never empty.
    std::span<const std::uint32_t> rows(std::size_t group) const noexcept {
        return std::span(order_).subspan(offsets_[group], offsets_[group + 1] - offsets_[group]);
    }
    /// All rows, group after group.
    std::span<const std::uint32_t> order() const noexcept { return order_; }
    /// Where each group begins in order(), and the end.
    std::span<const std::size_t> offsets() const noexcept { return offsets_; }

  private:
    std::vector<std::uint32_t> order_;
    std::vector<std::size_t> offsets_;
};

/// Groups `rows` rows by all keys at once, by a stable counting sort from the last key to the
/// first; no key means one group of everything. O(rows x keys + cardinalities). Rows are numbered
/// in 32 bits: there are fewer than 2^32.
/// @throws InvalidInput when a key has another length or a code beyond its cardinality.
HEDGEROW_API Groups group_rows(std::span<const GroupKey> keys, std::size_t rows);

/// The same tag with its labels in alphabetical order, each once, so that codes compare as labels
/// do.
HEDGEROW_API Tag sorted_labels(const Tag& tag);

/// For every contract its place in the order of Contract: a code that sorts as the contracts do,
/// the same for equal ones.
HEDGEROW_API std::vector<std::uint32_t> contract_ranks(const ContractColumns& contracts);

}  // namespace hedgerow
