#include "hedgerow/formula/black.hpp"

#include "run.hpp"

namespace hedgerow {

double black_price(Right right, double forward, double strike, double time, double volatility,
                   double discount) noexcept {
    return formula::one(kernels::black_price, right, forward, strike, time, volatility, discount);
}

Greeks black_greeks(Right right, double forward, double strike, double time, double volatility,
                    double discount) noexcept {
    return formula::all(kernels::black_greeks, right, forward, strike, time, volatility, discount);
}

namespace {

std::array<std::span<const double>, 6> inputs(const BlackColumns& options) {
    return {options.right, options.forward,    options.strike,
            options.time,  options.volatility, options.discount};
}

}  // namespace

void black_price(const BlackColumns& options, std::span<double> price) {
    formula::columns(kernels::black_price, inputs(options), std::array{price});
}

void black_greeks(const BlackColumns& options, const GreekColumns& greeks) {
    formula::columns(kernels::black_greeks, inputs(options), greeks);
}

}  // namespace hedgerow
