#include "hedgerow/book/group.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// Places of `values` in ascending order, and so the permutation that sorts them.
template <class Value>
std::vector<std::uint32_t> sorting_order(const std::vector<Value>& values) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](std::uint32_t i) -> const Value& { return values[i]; });
    return order;
}

/// Per value its place among the distinct values in ascending order.
template <class Value>
std::vector<std::uint32_t> dense_ranks(const std::vector<Value>& values) {
    const std::vector<std::uint32_t> order = sorting_order(values);
    std::vector<std::uint32_t> rank(order.size());
    std::uint32_t current = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && values[order[i - 1]] != values[order[i]]) ++current;
        rank[order[i]] = current;
    }
    return rank;
}

void check(const GroupKey& key, std::size_t rows) {
    if (key.codes.size() != rows)
        throw InvalidInput("key", std::to_string(key.codes.size()) + " codes",
                           "must have one code per row, " + std::to_string(rows));
    std::uint32_t largest = 0;
    for (const std::uint32_t code : key.codes) largest = std::max(largest, code);
    if (rows > 0 && largest >= key.cardinality)
        throw InvalidInput("key", std::to_string(largest),
                           "must be below its cardinality, " + std::to_string(key.cardinality));
}

/// Numbers the distinct values of `ids`, all below `bound`, in their order; O(rows + bound).
std::uint32_t compact(std::vector<std::uint32_t>& ids, std::size_t bound) {
    std::vector<std::uint32_t> number(bound, 0);
    for (const std::uint32_t id : ids) number[id] = 1;
    std::uint32_t count = 0;
    for (std::uint32_t& place : number) place = place ? count++ : 0;
    for (std::uint32_t& id : ids) id = number[id];
    return count;
}

/// A stable counting sort of `order` by codes below `bound`.
void sort_by(std::span<const std::uint32_t> codes, std::size_t bound,
             std::vector<std::uint32_t>& order) {
    std::vector<std::size_t> begin(bound + 1, 0);
    for (const std::uint32_t code : codes) ++begin[std::size_t{code} + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::uint32_t> sorted(order.size());
    for (const std::uint32_t row : order) sorted[begin[codes[row]]++] = row;
    order.swap(sorted);
}

/// The same for pairs of `ids` (below `count`) and codes that are too many for a table.
std::uint32_t compact_pairs(std::vector<std::uint32_t>& ids, std::size_t count,
                            const GroupKey& key) {
    std::vector<std::uint32_t> order(ids.size());
    std::iota(order.begin(), order.end(), 0u);
    sort_by(key.codes, key.cardinality, order);
    sort_by(ids, count, order);
    std::vector<std::uint32_t> numbers(ids.size());
    std::uint32_t current = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::uint32_t row = order[i], before = order[i ? i - 1 : 0];
        if (ids[row] != ids[before] || key.codes[row] != key.codes[before]) ++current;
        numbers[row] = current;
    }
    ids.swap(numbers);
    return current + 1;
}

}  // namespace

Groups group_rows(std::span<const GroupKey> keys, std::size_t rows) {
    Groups groups;
    std::vector<std::uint32_t>& ids = groups.of_row;
    ids.assign(rows, 0);
    for (const GroupKey& key : keys) check(key, rows);
    // Ids have 32 bits.
    const std::size_t largest_table =
        std::clamp<std::size_t>(4 * rows, 65536, std::size_t{1} << 32);
    std::size_t bound = rows ? 1 : 0;  // of the ids, which may leave gaps below it
    for (const GroupKey& key : keys) {
        if (key.cardinality <= 1) continue;
        if (bound * key.cardinality > largest_table) bound = compact(ids, bound);
        if (bound * key.cardinality > largest_table) {
            bound = compact_pairs(ids, bound, key);
            continue;
        }
        for (std::size_t i = 0; i < rows; ++i) ids[i] = ids[i] * key.cardinality + key.codes[i];
        bound *= key.cardinality;
    }
    const std::size_t count = compact(ids, bound);
    groups.first.resize(count);
    for (std::size_t i = rows; i-- > 0;) groups.first[ids[i]] = static_cast<std::uint32_t>(i);
    return groups;
}

void require_rows(const Groups& groups, const Book& book) {
    if (groups.of_row.size() != book.size())
        throw InvalidInput("groups", std::to_string(groups.of_row.size()) + " rows",
                           "must have one row per position, " + std::to_string(book.size()));
}

Members members(const Groups& groups) {
    Members result;
    result.rows.resize(groups.of_row.size());
    std::iota(result.rows.begin(), result.rows.end(), 0u);
    sort_by(groups.of_row, groups.count(), result.rows);
    result.begin.assign(groups.count() + 1, 0);
    for (const std::uint32_t group : groups.of_row) ++result.begin[std::size_t{group} + 1];
    std::partial_sum(result.begin.begin(), result.begin.end(), result.begin.begin());
    return result;
}

Tag sorted_labels(const Tag& tag) {
    const std::vector<std::uint32_t> rank = dense_ranks(tag.labels);
    Tag sorted{tag.name, tag.labels, tag.codes};
    std::ranges::sort(sorted.labels);
    const auto twins = std::ranges::unique(sorted.labels);
    sorted.labels.erase(twins.begin(), twins.end());
    for (std::uint32_t& code : sorted.codes) code = rank[code];
    return sorted;
}

std::vector<std::uint32_t> contract_ranks(const ContractColumns& contracts) {
    return dense_ranks(contracts.contracts);
}

}  // namespace hedgerow
