/// The sums of a live inventory, on this processor's best instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// Adds line which[k], sixteen numbers, to the first sixteen of the 48 of record nodes[k], for k
/// below n <= 32, one after the other. The second and third sixteen are bounds below and above.
/// @return a mask: bit k where a number of nodes[k] is now beyond its bound. NaN is beyond none.
HEDGEROW_API std::uint32_t add_to_nodes(double* records, const std::uint32_t* nodes,
                                        const std::uint8_t* which, std::size_t n,
                                        const double* lines) noexcept;

/// sums[8 leaves[i] + j] += lots[i] units[8 instruments[i] + j] for j < 8 and every i < n, in
/// order: the same bits on every instruction set.
HEDGEROW_API void add_units(const double* units, const std::uint32_t* instruments,
                            const double* lots, const std::uint32_t* leaves, std::size_t n,
                            double* sums) noexcept;

}  // namespace hedgerow
