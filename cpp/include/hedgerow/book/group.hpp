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

/// Rows told apart by their keys: a group per row. Groups are numbered in the order of their codes.
struct HEDGEROW_API Groups {
    std::vector<std::uint32_t> of_row;  ///< per row, its group
    std::vector<std::uint32_t> first;   ///< per group, the first of its rows

    std::size_t count() const noexcept { return first.size(); }
};

/// Groups `rows` rows by all keys at once; no key means one group of everything. Rows are numbered
/// in 32 bits: there are fewer than 2^32. O(rows x keys + cardinalities).
/// @throws InvalidInput when a key has another length or a code beyond its cardinality.
HEDGEROW_API Groups group_rows(std::span<const GroupKey> keys, std::size_t rows);

/// @throws InvalidInput unless the groups are of as many rows as the book has positions.
HEDGEROW_API void require_rows(const Groups& groups, const Book& book);

/// The rows of every group, in their order, one group after the other.
struct HEDGEROW_API Members {
    std::vector<std::uint32_t> rows;
    std::vector<std::size_t> begin;  ///< per group, where it begins in `rows`; and the end

    /// Of one group; never empty.
    std::span<const std::uint32_t> of(std::size_t group) const noexcept {
        return std::span(rows).subspan(begin[group], begin[group + 1] - begin[group]);
    }
};

/// O(rows).
HEDGEROW_API Members members(const Groups& groups);

/// The same tag with its labels in alphabetical order, each once, so that codes compare as labels
/// do.
HEDGEROW_API Tag sorted_labels(const Tag& tag);

/// For every contract its place in the order of Contract: a code that sorts as the contracts do,
/// the same for equal ones.
HEDGEROW_API std::vector<std::uint32_t> contract_ranks(const ContractColumns& contracts);

}  // namespace hedgerow
