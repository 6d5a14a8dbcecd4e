// Runs one of the hottest kernels over so many rows, for an instruction counter to watch:
// instructions ISA JOB PASSES. Prints the rows of a pass, and a number that depends on the results.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

#include "../../cpp/kernels/table.hpp"

namespace {

using namespace hedgerow::kernels;

constexpr std::size_t rows = 1024;

/// Numbers in [0, 1) that are the same everywhere.
struct Uniform {
    std::uint64_t state = 88172645463325252u;

    double operator()() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<double>(state >> 11) * 0x1p-53;
    }
};

/// Market-like options in forward terms: right, forward, strike, time, volatility, discount.
std::vector<std::vector<double>> options() {
    std::vector<std::vector<double>> columns(6, std::vector<double>(rows));
    Uniform uniform;
    for (std::size_t i = 0; i < rows; ++i) {
        columns[0][i] = uniform() < 0.5 ? 1.0 : -1.0;
        columns[1][i] = 100.0;
        columns[2][i] = 70.0 + 60.0 * uniform();
        columns[3][i] = 0.02 + 2.0 * uniform();
        columns[4][i] = 0.1 + 0.5 * uniform();
        columns[5][i] = 0.9 + 0.1 * uniform();
    }
    return columns;
}

const Table& table_of(std::string_view isa) {
    for (const Table* table : supported_tables())
        if (isa == table->isa) return *table;
    std::exit(2);  // not on this processor
}

/// A kernel over columns; an inversion gets the prices of the same options.
double run(const Table& table, int kernel, int passes) {
    const std::vector<std::vector<double>> columns = options();
    std::vector<std::vector<double>> results(maximum_outputs, std::vector<double>(rows));
    const double* in[maximum_inputs] = {};
    double* out[maximum_outputs];
    for (std::size_t j = 0; j < columns.size(); ++j) in[j] = columns[j].data();
    for (std::size_t j = 0; j < results.size(); ++j) out[j] = results[j].data();
    std::vector<double> prices(rows);
    if (kernel == black_implied_volatility) {
        double* const price = prices.data();
        table.columns[black_price](in, &price, rows);
        const double* const inverse[] = {in[0], price, in[1], in[2], in[3], in[5]};
        std::copy(std::begin(inverse), std::end(inverse), in);
    }
    for (int pass = 0; pass < passes; ++pass) table.columns[kernel](in, out, rows);
    double sum = 0;
    for (const std::vector<double>& column : results) sum += column.front() + column.back();
    return sum;
}

/// What a tick does to a block of options: their Greeks after a move of the spot, and the sums of
/// eight of them by group.
double run_tick(const Table& table, int passes) {
    std::vector<std::vector<double>> columns = options();
    columns[5].assign(rows, 0.03);                           // the rate in the discount's place
    columns.emplace_back(rows, 0.01);                        // the carry
    for (int j = 0; j < 5; ++j) columns.emplace_back(rows);  // what is hoisted
    columns.emplace_back(rows, 1e-4);                        // the logarithm of the move
    std::vector<std::vector<double>> results(maximum_outputs, std::vector<double>(rows));
    std::vector<const double*> in;
    std::vector<double*> out, hoisted;
    for (std::vector<double>& column : columns) in.push_back(column.data());
    for (std::vector<double>& column : results) out.push_back(column.data());
    for (std::size_t j = 7; j < 12; ++j) hoisted.push_back(columns[j].data());
    table.bsm_hoist(in.data(), hoisted.data(), rows);
    std::vector<std::uint32_t> groups(rows);
    for (std::size_t i = 0; i < rows; ++i) groups[i] = static_cast<std::uint32_t>(i / 50);
    std::vector<double> sums(8 * (rows / 50 + 1));
    for (int pass = 0; pass < passes; ++pass) {
        table.bsm_moved_greeks(in.data(), out.data(), rows);
        table.grouped_sums(out.data(), 8, in[2], groups.data(), rows, sums.data(), 8);
    }
    return sums.front() + sums.back();
}

/// Strips of 64 strikes in Heston: mild parameters stay on the real axis, heavy tails leave it.
double run_strip(const Strip& kernel, const double* parameters, double time, int passes) {
    constexpr std::size_t size = 64;
    std::vector<std::vector<double>> columns = options();
    std::vector<std::vector<double>> results(maximum_outputs, std::vector<double>(size));
    std::vector<double*> out;
    for (std::vector<double>& column : results) out.push_back(column.data());
    double sum = 0;
    for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t first = 0; first < rows; first += size) {
            const auto at = [&](std::size_t j) { return columns[j].data() + first; };
            kernel(parameters, time, {at(0), at(1), at(2), at(5), size}, out.data());
            sum += results[0].front() + results[0].back();
        }
    }
    return sum;
}

/// One option under as many scenarios as there are rows otherwise.
double run_revaluation(const Table& table, int passes) {
    using namespace hedgerow;
    const std::size_t tile = scenario_tile;
    std::vector<double> factor(tile), log_factor(tile), shift(tile), sums(tile);
    Uniform uniform;
    for (std::size_t j = 0; j < tile; ++j) {
        log_factor[j] = 0.4 * uniform() - 0.2;
        factor[j] = std::exp(log_factor[j]);
        shift[j] = 0.1 * uniform() - 0.05;
    }
    std::vector<HoistedOption<double>> option(rows / tile, {1.0, 0.05, 0.2, 1.0, 1.0, 0.95, 1, 0});
    const ScenarioRow<double> row{factor.data(), log_factor.data(), shift.data(), tile};
    for (int pass = 0; pass < passes; ++pass)
        table.revaluation.change(option.data(), option.size(), row, sums.data());
    return sums.front() + sums.back();
}

}  // namespace

int main(int, char** arguments) {
    const std::string_view job = arguments[2];
    const Table& table = table_of(arguments[1]);
    const int passes = std::atoi(arguments[3]);
    const int kernel = hedgerow::find_kernel(job);
    const double mild[] = {0.04, 1.5, 0.05, 0.4, -0.7}, heavy[] = {0.04, 0.5, 0.04, 1.0, -0.9};
    double result = 0;
    if (job == "tick")
        result = run_tick(table, passes);
    else if (job == "revaluation")
        result = run_revaluation(table, passes);
    else if (job == "heston_strip")
        result = run_strip(table.strips[0], mild, 0.5, passes);
    else if (job == "heston_strip_curved")
        result = run_strip(table.strips[0], heavy, 5.0, passes);
    else if (job == "heston_strip_gradient")
        result = run_strip(table.strip_gradients[0], mild, 0.5, passes);
    else if (job == "heston_strip_greeks")
        result = run_strip(table.strip_greeks[0], mild, 0.5, passes);
    else if (kernel >= 0)
        result = run(table, kernel, passes);
    else
        return 1;
    std::printf("%zu %.17g\n", rows, result);
}
