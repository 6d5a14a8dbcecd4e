#include "hedgerow/base/grouped_sums.hpp"

#include "../../kernels/table.hpp"

namespace hedgerow {

void add_grouped(std::span<const double* const> columns, std::span<const double> weights,
                 std::span<const std::uint32_t> groups, double* sums, std::size_t stride) noexcept {
    kernels::table().grouped_sums(columns.data(), static_cast<int>(columns.size()), weights.data(),
                                  groups.data(), weights.size(), sums, stride);
}

double sum_of_sizes(std::span<const double* const> columns, std::size_t rows) noexcept {
    return kernels::table().sum_of_sizes(columns.data(), static_cast<int>(columns.size()), rows);
}

}  // namespace hedgerow
