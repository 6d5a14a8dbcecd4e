// Greeks summed by group as they come out of the kernel.
#include <algorithm>
#include <vector>

#include "hedgerow/base/grouped_sums.hpp"
#include "hedgerow/formula/bsm.hpp"
#include "run.hpp"

namespace hedgerow {

namespace {

constexpr std::size_t inputs = 7;
/// Rows valued at a time: inputs and outputs stay in L1.
constexpr std::size_t block = 128;
/// From column to column in scratch: not a power of two, or they would share few places in L1.
constexpr std::size_t stride = block + 8;
/// Rows whose sums are kept apart at least, so that threads have something to do.
constexpr std::size_t rows_per_run = 32768;
/// Numbers in the sums of all runs at most, unless a single one has more.
constexpr std::size_t largest_sums = std::size_t{1} << 22;

using Inputs = std::array<std::span<const double>, inputs>;

void check(const Inputs& columns, std::size_t rows, std::span<const std::uint32_t> group,
           const GreekColumns& sums) {
    const auto require = [](const char* what, std::size_t size, std::size_t wanted) {
        if (size != wanted)
            throw InvalidInput(what, std::to_string(size) + " rows",
                               "must have " + std::to_string(wanted));
    };
    for (const auto& column : columns)
        if (column.size() != 1) require("input column", column.size(), rows);
    require("group", group.size(), rows);
    for (const auto& column : sums) require("sums", column.size(), sums[0].size());
    const auto largest = std::ranges::max_element(group);
    if (largest != group.end() && *largest >= sums[0].size())
        throw InvalidInput("group", std::to_string(*largest),
                           "must be below the number of groups, " + std::to_string(sums[0].size()));
}

/// Adds rows [begin, end) to sums of greek_count numbers per group.
void add_rows(const Inputs& columns, std::span<const double> quantity,
              std::span<const std::uint32_t> group, std::size_t begin, std::size_t end,
              double* sums) {
    alignas(64) double same[inputs][stride];
    alignas(64) double greeks[greek_count][stride];
    std::array<const double*, greek_count> from;
    for (std::size_t j = 0; j < greek_count; ++j) from[j] = greeks[j];
    for (std::size_t j = 0; j < inputs; ++j)
        if (columns[j].size() == 1) std::fill_n(same[j], block, columns[j][0]);
    for (std::size_t row = begin; row < end; row += block) {
        const std::size_t n = std::min(block, end - row);
        const auto in = [&](std::size_t j) {
            return columns[j].size() == 1 ? std::span<const double>(same[j], n)
                                          : columns[j].subspan(row, n);
        };
        GreekColumns to;
        for (std::size_t j = 0; j < greek_count; ++j) to[j] = {greeks[j], n};
        bsm_greeks({in(0), in(1), in(2), in(3), in(4), in(5), in(6)}, to);
        add_grouped(from, quantity.subspan(row, n), group.subspan(row, n), sums, greek_count);
    }
}

}  // namespace

void bsm_net_greeks(const BsmColumns& options, std::span<const double> quantity,
                    std::span<const std::uint32_t> group, const GreekColumns& sums,
                    ThreadPool* pool) {
    const Inputs columns{options.right,      options.spot, options.strike, options.time,
                         options.volatility, options.rate, options.carry};
    const std::size_t rows = quantity.size(), groups = sums[0].size();
    check(columns, rows, group, sums);
    const std::size_t size = groups * greek_count;
    const std::size_t most =
        std::max<std::size_t>(largest_sums / std::max<std::size_t>(size, 1), 1);
    const std::size_t runs = std::clamp<std::size_t>(rows / rows_per_run, 1, most);
    const std::size_t per_run = (rows / runs + block) / block * block;  // runs x that >= rows
    std::vector<double> partial(runs * size, 0.0);
    run_chunks(pool, runs, [&](std::size_t run) {
        add_rows(columns, quantity, group, std::min(rows, run * per_run),
                 std::min(rows, (run + 1) * per_run), partial.data() + run * size);
    });
    for (std::size_t j = 0; j < greek_count; ++j)
        for (std::size_t g = 0; g < groups; ++g) {
            double sum = 0;
            for (std::size_t run = 0; run < runs; ++run)
                sum += partial[run * size + g * greek_count + j];
            sums[j][g] = sum;
        }
}

}  // namespace hedgerow
