#include "hedgerow/base/node_sums.hpp"

#include "../../kernels/table.hpp"

namespace hedgerow {

std::uint32_t add_to_nodes(double* records, const std::uint32_t* nodes, const NodeShares& shares,
                           const double* change, const double* money) noexcept {
    return kernels::table().add_to_nodes(records, nodes, shares, change, money);
}

void add_units(const double* units, const std::uint32_t* instruments, const double* lots,
               const std::uint32_t* leaves, std::size_t n, double* sums) noexcept {
    kernels::table().add_units(units, instruments, lots, leaves, n, sums);
}

}  // namespace hedgerow
