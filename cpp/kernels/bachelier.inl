// Bachelier's model, price and Greeks in one body, and its implied volatility.
//
// L. Bachelier 1900, "Théorie de la spéculation"; J. Choi, M. Kwak, C. W. Tee, Y. Wang 2022, "A
// Black-Scholes user's guide to the Bachelier model", sec. 2. With s = vol sqrt(T), d = (F - K)/s:
//
//     V = D (right (F - K) N(right d) + s n(d))
//
// which is D times intrinsic value plus s g(|d|), g(a) = n(a) - a N(-a) > 0. The kernels evaluate
// g(a) = exp(-a^2/2) H(a) by a rational of positive coefficients for H, so that nothing cancels.

/// H(a) = (n(a) - a N(-a)) exp(a^2/2) on [0, 54]: relative error 6.4e-17. Coefficients from
/// cpp/kernels/coefficients.py.
constexpr double bachelier_tail_numerator[] = {
    0x1.9884533d43651p-2,  0x1.1e6671a616483p-1,  0x1.9725d082f0022p-2, 0x1.79a813d69cc8fp-3,
    0x1.f46a20a5b0bf4p-5,  0x1.ebd995b293552p-7,  0x1.6a47555207d50p-9, 0x1.8b2ac6cba026bp-12,
    0x1.32a2f925a57b0p-15, 0x1.342f2417fb703p-19, 0x1.357e62747f44fp-24};
constexpr double bachelier_tail_denominator[] = {1.0,
                                                 0x1.53e61e6a53002p+1,
                                                 0x1.a9923344456abp+1,
                                                 0x1.4cda4e76b92bbp+1,
                                                 0x1.6b0fae6679da1p+0,
                                                 0x1.23acac483b8d5p-1,
                                                 0x1.630b8683e5822p-3,
                                                 0x1.4b27703302bc2p-5,
                                                 0x1.d7fe179c124c4p-8,
                                                 0x1.f8523f4ee56dbp-11,
                                                 0x1.8295b64eb90eap-14,
                                                 0x1.824065440cb2bp-18,
                                                 0x1.83e48fa50448ap-23};

HEDGEROW_INLINE Fraction bachelier_tail(double a) {
    return {polynomial(bachelier_tail_numerator, a), polynomial(bachelier_tail_denominator, a)};
}

struct BachelierTerms {
    double right, forward, strike, time, volatility, discount;
};

/// 0 for inputs in the domain (any finite forward and strike), NaN otherwise.
HEDGEROW_INLINE double domain(const BachelierTerms& t) {
    const double lowest = at_most(t.time, t.volatility);
    const double sign = absolute(t.right) == 1.0 ? 0.0 : not_a_number;
    const double positive = t.discount > 0 ? 0.0 : not_a_number;
    const double finite = (t.forward - t.strike) + (t.time + t.volatility) + t.discount;
    return (lowest >= 0 ? sign : not_a_number) + (positive + 0.0 * finite);
}

struct BachelierState {
    double deviation;          ///< s = vol sqrt(T)
    double inverse_deviation;  ///< 1/s, and 0 where s = 0
    double root_time;          ///< sqrt(T)
    double d;                  ///< (F - K)/s
    double a;                  ///< |d|, bounded where the density is 0
    double density;            ///< exp(-d^2/2), without 1/sqrt(2 pi)
    double kink;               ///< 0 where F = K and s = 0, positive elsewhere, NaN off the domain
};

HEDGEROW_INLINE BachelierState bachelier_state(const BachelierTerms& t) {
    BachelierState q;
    const double poison = domain(t);
    q.root_time = square_root(t.time);
    q.deviation = t.volatility * q.root_time;
    const double inverse = 1.0 / at_least(q.deviation, 1e-290);
    q.inverse_deviation = q.deviation > 0 ? inverse : 0.0;
    const double distance = t.forward - t.strike;
    q.d = at_least(at_most(distance * inverse, 1e6), -1e6);
    q.a = at_most(absolute(q.d), 38.0);
    const double square = q.a * q.a;
    const double e = exp_sum(-0.5 * at_most(square, 1416.0), 0.0);
    q.density = (square < 1416.0 ? e : 0.0) + poison;
    q.kink = absolute(distance) + q.deviation + poison;
    return q;
}

/// D (s g(|d|) + intrinsic value): two terms of one sign.
HEDGEROW_INLINE double bachelier_sum(const BachelierTerms& t, const BachelierState& q) {
    const Fraction h = bachelier_tail(q.a);
    const double intrinsic = at_least(t.right * (t.forward - t.strike), 0.0);
    return t.discount * muladd(q.deviation, q.density * (h.numerator / h.denominator), intrinsic);
}

HEDGEROW_INLINE double bachelier_price(double right, double forward, double strike, double time,
                                       double volatility, double discount) {
    const BachelierTerms t{right, forward, strike, time, volatility, discount};
    return bachelier_sum(t, bachelier_state(t));
}

HEDGEROW_INLINE Greeks bachelier_greeks(double right, double forward, double strike, double time,
                                        double volatility, double discount) {
    const BachelierTerms t{right, forward, strike, time, volatility, discount};
    const BachelierState q = bachelier_state(t);
    const Fraction m = mills(q.a);
    const double tail = q.density * (m.numerator / m.denominator);
    const double rate = log_ratio(1.0, discount) * reciprocal_or_zero(time);
    const double per_s = q.inverse_deviation;
    const double per_vol = per_s * q.root_time;                        // 1/vol
    const double per_root = volatility * per_s;                        // 1/sqrt(T)
    const double per_2t = 0.5 * (per_root * per_root);                 // 1/(2T)
    const double density = discount * (inverse_sqrt_2pi * q.density);  // D n(d)
    const double d = q.d, dd = d * d;

    Greeks g;
    g.price = bachelier_sum(t, q);
    g.delta = right * discount * (right * d < 0 ? tail : 1.0 - tail);
    g.gamma = density * per_s;
    g.vega = density * q.root_time;
    g.theta = muladd(rate, g.price, -(density * per_root * (0.5 * volatility)));
    g.rho = -(time * g.price);  // the forward is held, only the discount factor moves
    g.phi = g.price * 0.0;      // 0, and NaN with the price
    g.vanna = -(density * d * per_vol);
    const double vega_vol = g.vega * per_vol;
    g.volga = vega_vol * dd;
    g.charm = muladd(density * d, per_2t, rate * g.delta);
    g.veta = g.vega * muladd(-(1.0 + dd), per_2t, rate);
    g.speed = -(g.gamma * d * per_s);
    g.zomma = g.gamma * (dd - 1.0) * per_vol;
    g.color = g.gamma * muladd(1.0 - dd, per_2t, rate);
    g.ultima = vega_vol * per_vol * (dd * (dd - 3.0));
    g.dual_delta = -g.delta;
    g.dual_gamma = g.gamma;

    g.gamma = q.kink == 0 ? infinity : g.gamma;
    g.dual_gamma = q.kink == 0 ? infinity : g.dual_gamma;
    return g;
}
