#include "hedgerow/formula/bachelier.hpp"

#include "run.hpp"

namespace hedgerow {

double bachelier_price(Right right, double forward, double strike, double time, double volatility,
                       double discount) noexcept {
    return formula::one(kernels::bachelier_price, right, forward, strike, time, volatility,
                        discount);
}

Greeks bachelier_greeks(Right right, double forward, double strike, double time, double volatility,
                        double discount) noexcept {
    return formula::all(kernels::bachelier_greeks, right, forward, strike, time, volatility,
                        discount);
}

namespace {

std::array<std::span<const double>, 6> inputs(const BachelierColumns& options) {
    return {options.right, options.forward,    options.strike,
            options.time,  options.volatility, options.discount};
}

}  // namespace

void bachelier_price(const BachelierColumns& options, std::span<double> price) {
    formula::columns(kernels::bachelier_price, inputs(options), std::array{price});
}

void bachelier_greeks(const BachelierColumns& options, const GreekColumns& greeks) {
    formula::columns(kernels::bachelier_greeks, inputs(options), greeks);
}

ImpliedVolatility bachelier_implied_volatility(Right right, double price, double forward,
                                               double strike, double time,
                                               double discount) noexcept {
    const double volatility = formula::one(kernels::bachelier_implied_volatility, right, price,
                                           forward, strike, time, discount);
    const double status = formula::one(kernels::bachelier_implied_volatility_status, right, price,
                                       forward, strike, time, discount);
    return {volatility, static_cast<Status>(status)};
}

void bachelier_implied_volatility(const BachelierPriceColumns& options,
                                  std::span<double> volatility, std::span<Status> status) {
    const std::array from{options.right,  options.price, options.forward,
                          options.strike, options.time,  options.discount};
    if (status.size() != volatility.size())
        throw InvalidInput("status", std::to_string(status.size()) + " rows",
                           "must have as many as the volatilities");
    // The statuses pass as numbers through the column that will hold the volatilities.
    formula::columns(kernels::bachelier_implied_volatility_status, from, std::array{volatility});
    std::ranges::transform(volatility, status.begin(),
                           [](double code) { return static_cast<Status>(code); });
    formula::columns(kernels::bachelier_implied_volatility, from, std::array{volatility});
}

}  // namespace hedgerow
