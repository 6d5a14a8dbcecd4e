#include "hedgerow/formula/heston_simulation.hpp"

#include <cmath>
#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/pool.hpp"
#include "path_steps.hpp"

namespace hedgerow {

namespace {

using formula::path_block;
using formula::PathSteps;

void require_size(const char* what, std::span<const double> column, std::size_t size) {
    if (column.size() != size)
        throw InvalidInput(what, std::to_string(column.size()) + " numbers",
                           "must be " + std::to_string(size) + ", times x paths");
}

void simulate(const kernels::Table& table, const SimulationPlan& plan,
              std::span<double> forward_ratio, std::span<double> variance, ThreadPool* pool) {
    const PathSteps steps(table, plan);
    require_size("forward_ratio", forward_ratio, plan.times.size() * plan.paths);
    require_size("variance", variance, plan.times.size() * plan.paths);
    run_chunks(pool, steps.blocks(), [&](std::size_t block) noexcept {
        double x[path_block], v[path_block];
        const std::size_t n = steps.paths_in(block);
        steps.run(block, x, v, [&](std::size_t time) {
            const std::size_t start = time * plan.paths + block * path_block;
            const double* in[] = {x};
            double* out[] = {forward_ratio.data() + start};
            table.columns[kernels::exp](in, out, n);
            for (std::size_t i = 0; i < n; ++i) variance[start + i] = v[i];
        });
    });
}

}  // namespace

std::size_t simulation_steps(const SimulationPlan& plan) {
    return PathSteps(kernels::table(), plan).count();
}

void simulate_paths(const SimulationPlan& plan, std::span<double> forward_ratio,
                    std::span<double> variance, ThreadPool* pool) {
    simulate(kernels::table(), plan, forward_ratio, variance, pool);
}

bool simulate_paths_on(std::string_view isa, const SimulationPlan& plan,
                       std::span<double> forward_ratio, std::span<double> variance) {
    for (const kernels::Table* table : kernels::supported_tables()) {
        if (isa != table->isa) continue;
        simulate(*table, plan, forward_ratio, variance, nullptr);
        return true;
    }
    return false;
}

}  // namespace hedgerow
