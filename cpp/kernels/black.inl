// Black-76 and Black-Scholes-Merton with any carry: one body for price and Greeks.
//
// F. Black 1976, "The pricing of commodity contracts"; E. G. Haug 2007, "The Complete Guide to
// Option Pricing Formulas", ch. 1-2. With F = S exp(b T), D = exp(-r T), s = vol sqrt(T):
//
//     V = right D (F N(right d1) - K N(right d2)),  d1,2 = ln(F/K)/s +- s/2
//
// D F n(d1) = D K n(d2), so one exponential serves both normal cdfs; each tail is Mills ratio times
// that density; both divisions merge into one. The price is its intrinsic value and the value of
// the out-of-the-money option, which with h = |ln(F/K)|/s, a = h - s/2, c = h + s/2 is
//
//     D F n(d1) (M(a) - M(c)),  M(x) = N(-x)/n(x),
//
// a difference that would cancel for small s. For the rational M = P/Q it is taken exactly, as
// s (P(a) Q[a,c] - Q(a) P[a,c]) / (Q(a) Q(c)) with divided differences P[a,c] of the polynomials.

/// What every output is made of, in spot terms.
struct BlackTerms {
    double right, spot, strike, time, volatility, rate, carry;
    double growth;         ///< exp((b - r) T): dV/dS of a forward contract
    double discount;       ///< exp(-r T)
    double log_moneyness;  ///< ln(F/K)
    double forward_value;  ///< D (F - K), of the forward contract
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

/// P(x) and the divided difference (P(y) - P(x))/(y - x), in one pass of Horner's rule: for
/// positive coefficients, x and y a sum of positive terms.
struct Divided {
    double value;
    double slope;
};

template <int n>
HEDGEROW_INLINE Divided divided(const double (&coefficients)[n], double x, double y) {
    double value = muladd(coefficients[n - 1], x, coefficients[n - 2]), slope = coefficients[n - 1];
#pragma GCC unroll 16
    for (int i = n - 3; i >= 0; --i) {
        slope = muladd(slope, y, value);
        value = muladd(value, x, coefficients[i]);
    }
    return {value, slope};
}

/// The distribution's part: densities and probabilities at d1 and d2.
struct BlackState {
    double d1, d2;
    double inverse_deviation;  ///< 1/s, s = vol sqrt(T), and 0 where s = 0
    double root_time;          ///< sqrt(T)
    double density;            ///< exp(-d1^2/2), without 1/sqrt(2 pi)
    double side1, side2;       ///< the signs for which the tails are N(-side d)
    double tail1, tail2;       ///< N(-side1 d1), and N(-side2 d2) in units of F/K
    double price;              ///< of the option, discounted
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
    const double half = 0.5 * at_most(s, 1e6), h = absolute(center);
    q.d1 = center + half;
    q.d2 = center - half;
    // The square's own rounding is not corrected for: d1 carries the larger error of ln(F/K)/s.
    const double square = at_most(absolute(q.d1), 38.0) * at_most(absolute(q.d1), 38.0);
    const double e = exp_sum(-0.5 * at_most(square, 1416.0), 0.0);
    q.density = (square < 1416.0 ? e : 0.0) + poison;

    // Where s/2 exceeds h the smaller argument is negative. As far as the rational reaches the
    // difference stands; beyond it M(a) = 1/n(a) - M(-a), and nothing cancels anymore.
    const double a = h - half, c = h + half;
    const bool reached = a >= -0.25;
    const double argument = reached ? a : -a, gap = reached ? half + half : h + h;
    const Divided p = divided(mills_numerator, argument, c);
    const Divided r = divided(mills_denominator, argument, c);
    const double p_c = muladd(gap, p.slope, p.value), r_c = muladd(gap, r.slope, r.value);
    const double scale = q.density / (r.value * r_c);
    const double tail_a = scale * (p.value * r_c), tail_c = scale * (p_c * r.value);
    const double difference = scale * (gap * (p.value * r.slope - r.value * p.slope));
    const double forward = t.spot * t.growth;
    const double near = forward * difference;
    const double wide = at_most(forward, t.strike * t.discount) - forward * (tail_a + tail_c);
    q.price = (reached ? near : wide) + at_least(t.right * t.forward_value, 0.0);

    const double direction = reached ? 1.0 : -1.0;
    q.side1 = center > 0 ? 1.0 : -direction;
    q.side2 = center > 0 ? direction : -1.0;
    q.tail1 = center > 0 ? tail_c : tail_a;
    q.tail2 = center > 0 ? tail_a : tail_c;
    q.kink = absolute(t.log_moneyness) + s + poison;
    return q;
}

HEDGEROW_INLINE double black_price_of(const BlackTerms& t) {
    return black_state(t).price;
}

HEDGEROW_INLINE Greeks black_greeks_of(const BlackTerms& t) {
    const BlackState q = black_state(t);
    const double forward = t.spot * t.growth, strike = t.strike * t.discount;
    const double leg1 =
        t.right * (t.right * q.side1 < 0 ? forward * q.tail1 : forward - forward * q.tail1);
    const double leg2 =
        t.right * (t.right * q.side2 < 0 ? forward * q.tail2 : strike - forward * q.tail2);
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
    g.price = q.price;
    g.delta = t.right * t.growth * (t.right * q.side1 < 0 ? q.tail1 : 1.0 - q.tail1);
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
    g.dual_delta = -t.right * (t.right * q.side2 < 0 ? tail2 : t.discount - tail2);
    g.dual_gamma = density * t.spot * per_s * per_strike * per_strike;

    g.gamma = q.kink == 0 ? infinity : g.gamma;
    g.dual_gamma = q.kink == 0 ? infinity : g.dual_gamma;
    return g;
}

HEDGEROW_INLINE BlackTerms spot_terms(double right, double spot, double strike, double time,
                                      double volatility, double rate, double carry) {
    const double carried = carry * time;
    const double growth = exp_of(muladd(-rate, time, carried)), discount = exp_of(-rate * time);
    return {right,
            spot,
            strike,
            time,
            volatility,
            rate,
            carry,
            growth,
            discount,
            moneyness(spot, strike, carried),
            spot * growth - strike * discount};
}

/// In forward terms the spot is the forward, it is not carried, and the discount factor is given;
/// its rate, -ln(D)/T, is what the derivatives in time need.
HEDGEROW_INLINE BlackTerms forward_terms(double right, double forward, double strike, double time,
                                         double volatility, double discount, double rate) {
    // A discount factor that is not positive and finite poisons the rate, which is in the domain.
    const double poison = (discount > 0 ? 0.0 : not_a_number) + 0.0 * discount;
    return {right,
            forward,
            strike,
            time,
            volatility,
            rate + poison,
            0.0,
            discount,
            discount,
            moneyness(forward, strike, 0.0),
            discount * (forward - strike)};
}

HEDGEROW_INLINE double black_price(double right, double forward, double strike, double time,
                                   double volatility, double discount) {
    return black_price_of(forward_terms(right, forward, strike, time, volatility, discount, 0.0));
}

HEDGEROW_INLINE Greeks black_greeks(double right, double forward, double strike, double time,
                                    double volatility, double discount) {
    const double per_time = reciprocal_or_zero(time), rate = log_ratio(1.0, discount) * per_time;
    Greeks g =
        black_greeks_of(forward_terms(right, forward, strike, time, volatility, discount, rate));
    g.theta = muladd(rate, g.price, -(g.vega * (0.5 * volatility) * per_time));
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
