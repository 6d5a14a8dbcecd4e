#include "hedgerow/formula/implied_volatility.hpp"

#include <algorithm>

#include "../../kernels/table.hpp"
#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

ImpliedVolatility solve(kernels::Kernel kernel, const double* inputs) noexcept {
    double volatility, status;
    const kernels::Table& table = kernels::table();
    table.scalar[kernel](inputs, &volatility);
    table.scalar[kernels::black_implied_volatility_status](inputs, &status);
    return {volatility, static_cast<Status>(status)};
}

/// The kernel reads the first six columns, one that starts from a guess the seventh too.
void solve(kernels::Kernel kernel, const BlackPrices& prices, std::span<const double> guess,
           std::span<double> volatility, std::span<Status> status) {
    const std::size_t n = volatility.size();
    const std::span<const double> columns[] = {prices.right,  prices.price, prices.forward,
                                               prices.strike, prices.time,  prices.discount,
                                               guess};
    const auto count = static_cast<std::size_t>(kernels::information[kernel].inputs);
    const double* inputs[std::size(columns)];
    for (std::size_t j = 0; j < count; ++j) {
        if (columns[j].size() != n)
            throw InvalidInput(j < 6 ? "prices" : "guess", static_cast<double>(columns[j].size()),
                               "every column must be as long as volatility");
        inputs[j] = columns[j].data();
    }
    if (!status.empty() && status.size() != n)
        throw InvalidInput("status", static_cast<double>(status.size()),
                           "must be empty or as long as volatility");

    const kernels::Table& table = kernels::table();
    double* output = volatility.data();
    table.columns[kernel](inputs, &output, n);

    constexpr std::size_t block = 256;
    double codes[block], *code = codes;
    for (std::size_t i = 0; i < status.size(); i += block) {
        const std::size_t rows = std::min(block, n - i);
        table.columns[kernels::black_implied_volatility_status](inputs, &code, rows);
        std::transform(codes, codes + rows, status.begin() + static_cast<std::ptrdiff_t>(i),
                       [](double c) { return static_cast<Status>(c); });
        for (std::size_t j = 0; j < 6; ++j) inputs[j] += rows;
    }
}

}  // namespace

ImpliedVolatility black_implied_volatility(Right right, double price, double forward, double strike,
                                           double time, double discount) noexcept {
    const double inputs[] = {sign(right), price, forward, strike, time, discount};
    return solve(kernels::black_implied_volatility, inputs);
}

void black_implied_volatility(const BlackPrices& prices, std::span<double> volatility,
                              std::span<Status> status) {
    solve(kernels::black_implied_volatility, prices, {}, volatility, status);
}

ImpliedVolatility black_implied_volatility_from(Right right, double price, double forward,
                                                double strike, double time, double discount,
                                                double guess) noexcept {
    const double inputs[] = {sign(right), price, forward, strike, time, discount, guess};
    return solve(kernels::black_implied_volatility_from, inputs);
}

void black_implied_volatility_from(const BlackPrices& prices, std::span<const double> guess,
                                   std::span<double> volatility, std::span<Status> status) {
    solve(kernels::black_implied_volatility_from, prices, guess, volatility, status);
}

}  // namespace hedgerow
