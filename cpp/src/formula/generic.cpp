#include "hedgerow/formula/generic.hpp"

namespace hedgerow {

namespace {

/// The independent variables of a price in forward terms: D = exp(-r T).
struct ForwardVariables {
    PriceJet forward, strike, time, volatility, discount;

    ForwardVariables(double f, double k, double t, double vol, double d) noexcept
        : forward(PriceJet::variable(by_spot, f)),
          strike(PriceJet::variable(by_strike, k)),
          time(PriceJet::variable(by_time, t)),
          volatility(PriceJet::variable(by_volatility, vol)),
          discount(exp(-PriceJet::variable(by_rate, -std::log(d) / t) * time)) {}
};

}  // namespace

Greeks greeks_of(const PriceJet& v) noexcept {
    Greeks g;
    g.price = v.value();
    g.delta = v.derivative(by_spot);
    g.gamma = v.derivative(by_spot, by_spot);
    g.vega = v.derivative(by_volatility);
    g.theta = -v.derivative(by_time);
    g.rho = v.derivative(by_rate);
    g.phi = v.derivative(by_dividend);
    g.vanna = v.derivative(by_spot, by_volatility);
    g.volga = v.derivative(by_volatility, by_volatility);
    g.charm = -v.derivative(by_spot, by_time);
    g.veta = -v.derivative(by_volatility, by_time);
    g.speed = v.derivative(by_spot, by_spot, by_spot);
    g.zomma = v.derivative(by_spot, by_spot, by_volatility);
    g.color = -v.derivative(by_spot, by_spot, by_time);
    g.ultima = v.derivative(by_volatility, by_volatility, by_volatility);
    g.dual_delta = v.derivative(by_strike);
    g.dual_gamma = v.derivative(by_strike, by_strike);
    return g;
}

Greeks black_greeks_by_jet(Right right, double forward, double strike, double time,
                           double volatility, double discount) noexcept {
    const ForwardVariables x(forward, strike, time, volatility, discount);
    return greeks_of(generic::black(right, x.forward, x.strike, x.time, x.volatility, x.discount));
}

Greeks bsm_greeks_by_jet(Right right, double spot, double strike, double time, double volatility,
                         double rate, double carry) noexcept {
    const PriceJet r = PriceJet::variable(by_rate, rate);
    const PriceJet q = PriceJet::variable(by_dividend, rate - carry);
    return greeks_of(generic::bsm(right, PriceJet::variable(by_spot, spot),
                                  PriceJet::variable(by_strike, strike),
                                  PriceJet::variable(by_time, time),
                                  PriceJet::variable(by_volatility, volatility), r, r - q));
}

Greeks bachelier_greeks_by_jet(Right right, double forward, double strike, double time,
                               double volatility, double discount) noexcept {
    const ForwardVariables x(forward, strike, time, volatility, discount);
    return greeks_of(
        generic::bachelier(right, x.forward, x.strike, x.time, x.volatility, x.discount));
}

Greeks displaced_greeks_by_jet(Right right, double forward, double strike, double time,
                               double volatility, double discount, double shift) noexcept {
    const ForwardVariables x(forward, strike, time, volatility, discount);
    return greeks_of(generic::displaced_black(right, x.forward, x.strike, x.time, x.volatility,
                                              x.discount, PriceJet(shift)));
}

}  // namespace hedgerow
