/// The sums of a live inventory, on this processor's best instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// How many of a list of nodes take what: the first a change alone, the next that and money, the
/// last money alone. At most 32 together.
struct NodeShares {
    std::uint8_t alone = 0, both = 0, money = 0;
};

/// Adds a change of sixteen numbers, and money of eight, to the first sixteen of the 48 of records
/// nodes[0], nodes[1], ..., which are distinct. Money is of the numbers 0 to 3 and 8 to 11. The
/// second and third sixteen of a record are bounds below and above.
/// @return a mask: bit k where a number of nodes[k] is now beyond its bound. NaN is beyond none.
HEDGEROW_API std::uint32_t add_to_nodes(double* records, const std::uint32_t* nodes,
                                        const NodeShares& shares, const double* change,
                                        const double* money) noexcept;

/// sums[8 leaves[i] + j] += lots[i] units[8 instruments[i] + j] for j < 8 and every i < n, in
/// order: the same bits on every instruction set.
HEDGEROW_API void add_units(const double* units, const std::uint32_t* instruments,
                            const double* lots, const std::uint32_t* leaves, std::size_t n,
                            double* sums) noexcept;

}  // namespace hedgerow
