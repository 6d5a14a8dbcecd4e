// Black-76 and Black-Scholes-Merton with any carry: one body for price and Greeks.
//
// F. Black 1976, "The pricing of commodity contracts"; E. G. Haug 2007, "The Complete Guide to
// Option Pricing Formulas", ch. 1-2. With F = S exp(b T), D = exp(-r T), s = vol sqrt(T):
//
//     V = right D (F N(right d1) - K N(right d2)),  d1,2 = ln(F/K)/s +- s/2
//
// Three identities keep it short: D F n(d1) = D K n(d2), so one exponential serves both normal
// cdfs; each tail is Mills ratio times that density; both divisions merge into one.

/// What every output is made of, in spot terms.
struct BlackTerms {
    double right, spot, strike, time, volatility, rate, carry;
    double growth;         ///< exp((b - r) T): dV/dS of a forward contract
    double discount;       ///< exp(-r T)
    double log_moneyness;  ///< ln(F/K)
};

/// 1 / x, and 0 for 0: what multiplies it vanishes there.
HEDGEROW_INLINE double reciprocal_or_zero(double x) {
    return x > 0 ? 1.0 / x : 0.0;
}

/// 0 for inputs in the domain, NaN for any that is NaN, infinite or negative: added to a result it
/// keeps or poisons it. Plain arithmetic with one comparison per select is what compilers
/// vectorize; a chain of logical ands is not.
HEDGEROW_INLINE double domain(const BlackTerms& t) {
    const double amounts = t.spot + t.strike + t.time + t.volatility;
    const double lowest = at_most(at_most(t.spot, t.strike), at_most(t.time, t.volatility));
    const double sign = absolute(t.right) == 1.0 ? 0.0 : not_a_number;
    return (lowest >= 0 ? sign : not_a_number) + 0.0 * (amounts + (t.rate + t.carry));
}

/// ln(S/K) + cost of carry. A price of zero counts as the smallest normal number here; wherever
/// the logarithm is used it is multiplied by that price itself.
HEDGEROW_INLINE double moneyness(double spot, double strike, double carry_time) {
    constexpr double tiny = 0x1p-1022;
    return log_ratio(at_least(spot, tiny), at_least(strike, tiny)) + carry_time;
}

/// The distribution's part: densities and probabilities at d1 and d2.
struct BlackState {
    double d1, d2;
    double inverse_deviation;  ///< 1/s, s = vol sqrt(T), and 0 where s = 0
    double root_time;          ///< sqrt(T)
    double density;            ///< exp(-d1^2/2), without 1/sqrt(2 pi)
    double tail1, tail2;       ///< density M(|d1|), density M(|d2|): tail2 is in units of F/K
    double kink;               ///< 0 where F = K and s = 0, positive elsewhere, NaN off the domain
};

HEDGEROW_INLINE BlackState black_state(const BlackTerms& t) {
    BlackState q;
    const double poison = domain(t);
    q.root_time = square_root(t.time);
    const double s = t.volatility * q.root_time;
    const double inverse = 1.0 / at_least(s, 1e-290);
    q.inverse_deviation = s > 0 ? inverse : 0.0;
    // Where s = 0 all mass is on one side: |d| is huge, or 0 at the kink. The bounds change nothing
    // where the density is not zero; they keep its products finite where it is.
    const double center = at_least(at_most(t.log_moneyness * inverse, 1e6), -1e6);
    const double half = 0.5 * at_most(s, 1e6);
    q.d1 = center + half;
    q.d2 = center - half;
    const double a1 = at_most(absolute(q.d1), 38.0), a2 = at_most(absolute(q.d2), 38.0);
    // The square's own rounding is not corrected for: d1 carries the larger error of ln(F/K)/s.
    const double e = exp_sum(-0.5 * at_most(a1 * a1, 1416.0), 0.0);
    q.density = (a1 * a1 < 1416.0 ? e : 0.0) + poison;
    const Fraction m1 = mills(a1), m2 = mills(a2);
    const double scale = q.density / (m1.denominator * m2.denominator);
    q.tail1 = scale * (m1.numerator * m2.denominator);
    q.tail2 = scale * (m2.numerator * m1.denominator);
    q.kink = absolute(t.log_moneyness) + s + poison;
    return q;
}

HEDGEROW_INLINE double black_price_of(const BlackTerms& t) {
    const BlackState q = black_state(t);
    const double forward = t.spot * t.growth, strike = t.strike * t.discount;
    const double leg1 = t.right * q.d1 < 0 ? forward * q.tail1 : forward - forward * q.tail1;
    const double leg2 = t.right * q.d2 < 0 ? forward * q.tail2 : strike - forward * q.tail2;
    return t.right * (leg1 - leg2);
}

HEDGEROW_INLINE Greeks black_greeks_of(const BlackTerms& t) {
    const BlackState q = black_state(t);
    const double forward = t.spot * t.growth, strike = t.strike * t.discount;
    const double leg1 =
        t.right * (t.right * q.d1 < 0 ? forward * q.tail1 : forward - forward * q.tail1);
    const double leg2 =
        t.right * (t.right * q.d2 < 0 ? forward * q.tail2 : strike - forward * q.tail2);
    const double per_spot = reciprocal_or_zero(t.spot), per_strike = reciprocal_or_zero(t.strike);
    const double per_s = q.inverse_deviation;
    const double per_vol = per_s * q.root_time;                        // 1/vol
    const double per_root = t.volatility * per_s;                      // 1/sqrt(T)
    const double per_2t = 0.5 * (per_root * per_root);                 // 1/(2T)
    const double density = t.growth * (inverse_sqrt_2pi * q.density);  // exp((b-r)T) n(d1)
    const double dd = q.d1 * q.d2, odd = 1.0 - dd;
    const double b_s = t.carry * per_s;
    const double drift = t.rate - t.carry;
    const double decay = muladd(b_s, q.d1, drift);

    Greeks g;
    g.price = leg1 - leg2;
    g.delta = t.right * t.growth * (t.right * q.d1 < 0 ? q.tail1 : 1.0 - q.tail1);
    g.gamma = density * per_s * per_spot;
    g.vega = density * t.spot * q.root_time;
    g.theta = muladd(density * t.spot * -0.5 * t.volatility, per_root,
                     muladd(drift, leg1, -(t.rate * leg2)));
    g.rho = t.time * leg2;
    g.phi = -(t.time * leg1);
    g.vanna = -(density * q.d2 * per_vol);
    const double vega_vol = g.vega * per_vol;
    g.volga = vega_vol * dd;
    g.charm = muladd(drift, g.delta, -(density * muladd(-q.d2, per_2t, b_s)));
    g.veta = g.vega * muladd(-(1.0 + dd), per_2t, decay);
    g.speed = -(g.gamma * per_spot * muladd(q.d1, per_s, 1.0));
    g.zomma = -(g.gamma * odd * per_vol);
    g.color = g.gamma * muladd(odd, per_2t, decay);
    g.ultima = -(vega_vol * per_vol * muladd(dd, odd, muladd(q.d1, q.d1, q.d2 * q.d2)));
    const double tail2 = forward * q.tail2 * per_strike;
    g.dual_delta = -t.right * (t.right * q.d2 < 0 ? tail2 : t.discount - tail2);
    g.dual_gamma = density * t.spot * per_s * per_strike * per_strike;

    g.gamma = q.kink == 0 ? infinity : g.gamma;
    g.dual_gamma = q.kink == 0 ? infinity : g.dual_gamma;
    return g;
}

HEDGEROW_INLINE BlackTerms spot_terms(double right, double spot, double strike, double time,
                                      double volatility, double rate, double carry) {
    const double carried = carry * time;
    return {right,
            spot,
            strike,
            time,
            volatility,
            rate,
            carry,
            exp_of(muladd(-rate, time, carried)),
            exp_of(-rate * time),
            moneyness(spot, strike, carried)};
}

/// In forward terms the spot is the forward, it is not carried, and the discount factor is given;
/// its rate, -ln(D)/T, is what the derivatives in time need.
HEDGEROW_INLINE BlackTerms forward_terms(double right, double forward, double strike, double time,
                                         double volatility, double discount, double rate) {
    // A discount factor that is not positive and finite poisons the rate, which is in the domain.
    const double poison = (discount > 0 ? 0.0 : not_a_number) + 0.0 * discount;
    return {right,         forward, strike,   time,     volatility,
            rate + poison, 0.0,     discount, discount, moneyness(forward, strike, 0.0)};
}

HEDGEROW_INLINE double black_price(double right, double forward, double strike, double time,
                                   double volatility, double discount) {
    return black_price_of(forward_terms(right, forward, strike, time, volatility, discount, 0.0));
}

HEDGEROW_INLINE Greeks black_greeks(double right, double forward, double strike, double time,
                                    double volatility, double discount) {
    const double rate = log_ratio(1.0, discount) * reciprocal_or_zero(time);
    Greeks g =
        black_greeks_of(forward_terms(right, forward, strike, time, volatility, discount, rate));
    g.rho = -(time * g.price);  // the forward is held, only the discount factor moves
    g.phi = g.price * 0.0;      // 0, and NaN with the price
    return g;
}

HEDGEROW_INLINE double bsm_price(double right, double spot, double strike, double time,
                                 double volatility, double rate, double carry) {
    return black_price_of(spot_terms(right, spot, strike, time, volatility, rate, carry));
}

HEDGEROW_INLINE Greeks bsm_greeks(double right, double spot, double strike, double time,
                                  double volatility, double rate, double carry) {
    return black_greeks_of(spot_terms(right, spot, strike, time, volatility, rate, carry));
}
