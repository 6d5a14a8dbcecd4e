#include "hedgerow/formula/bsm.hpp"

#include "run.hpp"

namespace hedgerow {

double bsm_price(Right right, double spot, double strike, double time, double volatility,
                 double rate, double carry) noexcept {
    return formula::one(kernels::bsm_price, right, spot, strike, time, volatility, rate, carry);
}

Greeks bsm_greeks(Right right, double spot, double strike, double time, double volatility,
                  double rate, double carry) noexcept {
    return formula::all(kernels::bsm_greeks, right, spot, strike, time, volatility, rate, carry);
}

namespace {

std::array<std::span<const double>, 7> inputs(const BsmColumns& options) {
    return {options.right,      options.spot, options.strike, options.time,
            options.volatility, options.rate, options.carry};
}

}  // namespace

void bsm_price(const BsmColumns& options, std::span<double> price) {
    formula::columns(kernels::bsm_price, inputs(options), std::array{price});
}

void bsm_greeks(const BsmColumns& options, const GreekColumns& greeks) {
    formula::columns(kernels::bsm_greeks, inputs(options), greeks);
}

void bsm_hoist(const BsmColumns& options, const BsmHoisted& h) {
    formula::columns(
        kernels::table().bsm_hoist, inputs(options),
        std::array{h.growth, h.discount, h.log_moneyness, h.inverse_deviation, h.root_time});
}

void bsm_moved_greeks(const BsmColumns& options, const BsmHoisted& h,
                      std::span<const double> log_move, const GreekColumns& greeks) {
    const std::array<std::span<const double>, 13> from = {
        options.right,       options.spot,  options.strike, options.time, options.volatility,
        options.rate,        options.carry, h.growth,       h.discount,   h.log_moneyness,
        h.inverse_deviation, h.root_time,   log_move};
    formula::columns(kernels::table().bsm_moved_greeks, from, greeks);
}

}  // namespace hedgerow
