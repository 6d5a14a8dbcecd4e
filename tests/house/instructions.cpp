// Runs one of the hottest kernels over so many rows, for an instruction counter to watch:
// instructions ISA JOB PASSES. Prints the rows of a pass, and a number that depends on the results.
#include <algorithm>
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
    std::vector<std::vector<double>> columns = options();
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

}  // namespace

int main(int, char** arguments) {
    const std::string_view job = arguments[2];
    const Table& table = table_of(arguments[1]);
    const int passes = std::atoi(arguments[3]);
    const int kernel = hedgerow::find_kernel(job);
    if (kernel < 0) return 1;
    std::printf("%zu %.17g\n", rows, run(table, kernel, passes));
}
