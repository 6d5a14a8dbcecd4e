#include "hedgerow/formula/displaced.hpp"

#include "run.hpp"

namespace hedgerow {

double displaced_price(Right right, double forward, double strike, double time, double volatility,
                       double discount, double shift) noexcept {
    return formula::one(kernels::displaced_price, right, forward, strike, time, volatility,
                        discount, shift);
}

Greeks displaced_greeks(Right right, double forward, double strike, double time, double volatility,
                        double discount, double shift) noexcept {
    return formula::all(kernels::displaced_greeks, right, forward, strike, time, volatility,
                        discount, shift);
}

namespace {

std::array<std::span<const double>, 7> inputs(const DisplacedColumns& options) {
    return {options.right,      options.forward,  options.strike, options.time,
            options.volatility, options.discount, options.shift};
}

}  // namespace

void displaced_price(const DisplacedColumns& options, std::span<double> price) {
    formula::columns(kernels::displaced_price, inputs(options), std::array{price});
}

void displaced_greeks(const DisplacedColumns& options, const GreekColumns& greeks) {
    formula::columns(kernels::displaced_greeks, inputs(options), greeks);
}

}  // namespace hedgerow
