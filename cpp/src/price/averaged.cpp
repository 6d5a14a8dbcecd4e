#include "averaged.hpp"

#include <cmath>

#include "hedgerow/formula/bsm.hpp"

namespace hedgerow {

namespace {

/// A settlement price F = a + f S and its derivatives; those in time along a constant spot.
struct Average {
    double spot, price, known, slope;
    double known_t, slope_t, price_t;

    explicit Average(const SeriesMarket& s) noexcept {
        const double growth = std::exp(s.carry * s.time);
        spot = s.spot;
        known = s.averaging.known;
        slope = s.averaging.remaining * growth;
        price = known + slope * spot;
        known_t = s.averaging.per_year * spot;
        slope_t = -s.averaging.per_year * growth - s.carry * slope;
        price_t = known_t + slope_t * spot;
    }
};

/// What a unit of the quote currency that is paid in coins at the average is worth: g = n S/F,
/// where n is 1 for the coins of a future, as they are won, and e^(bT) for those of an option,
/// which are paid at expiry. Letters after the underscore are derivatives.
struct CoinFactor {
    double g, g_s, g_ss, g_sss, g_t, g_st, g_sst, g_r;

    static CoinFactor of_future(const SeriesMarket& s) noexcept { return {Average(s), s.time}; }
    static CoinFactor of_option(const SeriesMarket& s) noexcept {
        CoinFactor c = of_future(s);
        const double n = std::exp(s.carry * s.time);
        c.g_t -= s.carry * c.g;
        c.g_st -= s.carry * c.g_s;
        c.g_sst -= s.carry * c.g_ss;
        c.g_r += s.time * c.g;
        for (double* each : {&c.g, &c.g_s, &c.g_ss, &c.g_sss, &c.g_t, &c.g_st, &c.g_sst, &c.g_r})
            *each *= n;
        return c;
    }

    CoinFactor(const Average& f, double time) noexcept {
        const double one = 1 / f.price, two = one * one, three = two * one, four = two * two;
        g = f.spot * one;
        g_s = f.known * two;
        g_ss = -2 * f.known * f.slope * three;
        g_sss = 6 * f.known * f.slope * f.slope * four;
        g_t = -f.spot * f.price_t * two;
        g_st = f.known_t * two - 2 * f.known * f.price_t * three;
        g_sst = -2 * (f.known_t * f.slope + f.known * f.slope_t) * three +
                6 * f.known * f.slope * f.price_t * four;
        g_r = -f.spot * f.spot * time * f.slope * two;
    }

    /// The Greeks of g U, by the product rule.
    Greeks of(const Greeks& u) const noexcept {
        Greeks w;
        w.price = g * u.price;
        w.delta = g_s * u.price + g * u.delta;
        w.gamma = g_ss * u.price + 2 * g_s * u.delta + g * u.gamma;
        w.speed = g_sss * u.price + 3 * (g_ss * u.delta + g_s * u.gamma) + g * u.speed;
        w.vega = g * u.vega;
        w.vanna = g_s * u.vega + g * u.vanna;
        w.zomma = g_ss * u.vega + 2 * g_s * u.vanna + g * u.zomma;
        w.volga = g * u.volga;
        w.ultima = g * u.ultima;
        w.theta = g_t * u.price + g * u.theta;
        w.charm = g_st * u.price + g_s * u.theta + g_t * u.delta + g * u.charm;
        w.color = g_sst * u.price + g_ss * u.theta + 2 * (g_st * u.delta + g_s * u.charm) +
                  g_t * u.gamma + g * u.color;
        w.veta = g_t * u.vega + g * u.veta;
        w.rho = g_r * u.price + g * u.rho;
        w.phi = -g_r * u.price + g * u.phi;
        w.dual_delta = g * u.dual_delta;
        w.dual_gamma = g * u.dual_gamma;
        return w;
    }
};

/// A prepaid forward on `spot` less a bond of `strike`: a call that is certain to pay.
Greeks certain_call(double spot, double strike, double time, double rate, double carry) noexcept {
    const double growth = std::exp((carry - rate) * time), discount = std::exp(-rate * time);
    Greeks u;
    u.price = spot * growth - strike * discount;
    u.delta = growth;
    u.theta = (rate - carry) * spot * growth - rate * strike * discount;
    u.rho = time * strike * discount;
    u.phi = -time * spot * growth;
    u.charm = (rate - carry) * growth;
    u.dual_delta = -discount;
    return u;
}

/// The option on w S struck at K - a, and its Greeks in S.
Greeks linear_option(const SeriesMarket& s, double right, double strike,
                     double volatility) noexcept {
    const auto [known, w, per_year] = s.averaging;
    const double spot = w * s.spot, left = strike - known, flow = per_year * s.spot;
    Greeks u{};
    double u_sk = 0, u_vk = 0, u_ssk = 0;  // with respect to the strike as well, by homogeneity
    if (left > 0) {
        u = bsm_greeks(right > 0 ? Right::call : Right::put, spot, left, s.time, volatility,
                       s.interest, s.carry);
        u_sk = -spot * u.gamma / left;
        u_vk = (u.vega - spot * u.vanna) / left;
        u_ssk = -(u.gamma + spot * u.speed) / left;
    } else if (right > 0) {
        u = certain_call(spot, left, s.time, s.interest, s.carry);
    }
    Greeks v = u;
    v.delta = w * u.delta;
    v.gamma = w * w * u.gamma;
    v.speed = w * w * w * u.speed;
    v.vanna = w * u.vanna;
    v.zomma = w * w * u.zomma;
    v.theta = u.theta - flow * (u.delta + u.dual_delta);
    v.charm = w * u.charm - per_year * u.delta - w * flow * (u.gamma + u_sk);
    v.veta = u.veta - flow * (u.vanna + u_vk);
    v.color = w * w * (u.color - flow * (u.speed + u_ssk)) - 2 * w * per_year * u.gamma;
    return v;
}

}  // namespace

Averaging averaging(const SettlementWindow* window, Instant as_of) noexcept {
    if (!window || !window->has_begun(as_of)) return {};
    const double elapsed = window->elapsed(as_of);
    return {elapsed * *window->average(), 1 - elapsed,
            elapsed < 1 ? 1 / year_fraction(window->start(), window->expiry()) : 0.0};
}

Greeks averaged_option(const SeriesMarket& s, double right, double strike,
                       double volatility) noexcept {
    const Greeks v = linear_option(s, right, strike, volatility);
    return s.inverse ? CoinFactor::of_option(s).of(v) : v;
}

Greeks averaged_future(const SeriesMarket& s) noexcept {
    Greeks w;
    if (s.inverse) {
        w.price = -1;
        return CoinFactor::of_future(s).of(w);
    }
    const Average f(s);
    w.price = f.price;
    w.delta = f.slope;
    w.theta = f.price_t;
    w.rho = s.time * f.slope * f.spot;
    w.phi = -w.rho;
    w.charm = f.slope_t;
    return w;
}

double settlement_forward(const SeriesMarket& s) noexcept {
    return Average(s).price;
}

}  // namespace hedgerow
