/// Sums of weighted columns by group, on this processor's best instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// sums[stride * groups[i] + j] += weights[i] * columns[j][i] for every row i, in their order; the
/// same bits on every instruction set. The columns have a row per weight, the groups lie within
/// `sums`, `stride` is at least the number of columns: nothing is checked. A NaN poisons the sums
/// of its own group and column.
HEDGEROW_API void add_grouped(std::span<const double* const> columns,
                              std::span<const double> weights,
                              std::span<const std::uint32_t> groups, double* sums,
                              std::size_t stride) noexcept;

/// The sum of the absolute values in columns of `rows` rows: not finite where anything is not.
HEDGEROW_API double sum_of_sizes(std::span<const double* const> columns, std::size_t rows) noexcept;

}  // namespace hedgerow
