#include "hedgerow/book/group.hpp"

#include <algorithm>
#include <numeric>

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
    const auto largest = std::ranges::max_element(key.codes);
    if (largest != key.codes.end() && *largest >= key.cardinality)
        throw InvalidInput("key", std::to_string(*largest),
                           "must be below its cardinality, " + std::to_string(key.cardinality));
}

/// One pass of the stable counting sort.
void sort_by(const GroupKey& key, std::vector<std::uint32_t>& order,
             std::vector<std::uint32_t>& scratch) {
    std::vector<std::size_t> begin(std::size_t{key.cardinality} + 1, 0);
    for (const std::uint32_t code : key.codes) ++begin[std::size_t{code} + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    for (const std::uint32_t row : order) scratch[begin[key.codes[row]]++] = row;
    order.swap(scratch);
}

}  // namespace

Groups group_rows(std::span<const GroupKey> keys, std::size_t rows) {
    std::vector<std::uint32_t> order(rows), scratch(rows);
    std::iota(order.begin(), order.end(), 0u);
    for (const GroupKey& key : keys) check(key, rows);
    for (std::size_t j = keys.size(); j-- > 0;)
        if (keys[j].cardinality > 1) sort_by(keys[j], order, scratch);

    std::vector<std::size_t> offsets;
    const auto differ = [&](std::uint32_t a, std::uint32_t b) {
        return std::ranges::any_of(
            keys, [&](const GroupKey& key) { return key.codes[a] != key.codes[b]; });
    };
    for (std::size_t i = 0; i < rows; ++i)
        if (i == 0 || differ(order[i - 1], order[i])) offsets.push_back(i);
    offsets.push_back(rows);
    return {std::move(order), std::move(offsets)};
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
