#include "hedgerow/formula/american.hpp"

#include "run.hpp"

namespace hedgerow {

double american_price(Right right, double spot, double strike, double time, double volatility,
                      double rate, double carry) noexcept {
    return formula::one(kernels::american_price, right, spot, strike, time, volatility, rate,
                        carry);
}

AmericanGreeks american_greeks(Right right, double spot, double strike, double time,
                               double volatility, double rate, double carry) noexcept {
    const double inputs[] = {sign(right), spot, strike, time, volatility, rate, carry};
    AmericanGreeks greeks;
    kernels::table().scalar[kernels::american_greeks](inputs, &greeks.price);
    return greeks;
}

double american_exercise_boundary(Right right, double strike, double time, double volatility,
                                  double rate, double carry) noexcept {
    return formula::one(kernels::american_exercise_boundary, right, strike, time, volatility, rate,
                        carry);
}

ImpliedVolatility american_implied_volatility(Right right, double price, double spot, double strike,
                                              double time, double rate, double carry) noexcept {
    const auto run = [&](kernels::Kernel kernel) {
        return formula::one(kernel, right, price, spot, strike, time, rate, carry);
    };
    return {run(kernels::american_implied_volatility),
            static_cast<Status>(run(kernels::american_implied_volatility_status))};
}

namespace {

std::array<std::span<const double>, 7> inputs(const BsmColumns& options) {
    return {options.right,      options.spot, options.strike, options.time,
            options.volatility, options.rate, options.carry};
}

}  // namespace

void american_price(const BsmColumns& options, std::span<double> price) {
    formula::columns(kernels::american_price, inputs(options), std::array{price});
}

void american_greeks(const BsmColumns& options, const std::array<std::span<double>, 7>& greeks) {
    formula::columns(kernels::american_greeks, inputs(options), greeks);
}

void american_implied_volatility(const AmericanPrices& prices, std::span<double> volatility) {
    const std::array<std::span<const double>, 7> from = {prices.right,  prices.price, prices.spot,
                                                         prices.strike, prices.time,  prices.rate,
                                                         prices.carry};
    formula::columns(kernels::american_implied_volatility, from, std::array{volatility});
}

}  // namespace hedgerow
