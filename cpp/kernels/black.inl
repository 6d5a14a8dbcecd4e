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

/// The contract and the market in spot terms; on a forward it is the forward that stands for S.
struct BlackTerms {
    double right, spot, strike, time, volatility;
    double growth;         ///< exp((b - r) T): dV/dS of a forward contract
    double discount;       ///< exp(-r T)
    double forward_value;  ///< D (F - K), of the forward contract
};

/// What one stage of the evaluation hands to the next: `Number` is double for one option, double&
/// for a row of a block.
template <class Number>
struct BlackState {
    Number growth, discount;  ///< of the terms, where they had to be computed
    Number center, half;      ///< ln(F/K)/s and s/2, s = vol sqrt(T): d1,2 = center +- half
    Number root_time;         ///< sqrt(T)
    Number per_s;             ///< 1/s, and 0 where s = 0
    Number rate, carry;       ///< r and b, for the derivatives in time
    Number per_time;          ///< 1/T, and 0 where nothing depends on it
    Number density;           ///< exp(-d1^2/2), without 1/sqrt(2 pi)
    Number side1, side2;      ///< -1 where the tails below are N(right d), +1 where 1 - N(right d)
    Number tail1, tail2;      ///< at d1, and at d2 in units of F/K
    Number price;             ///< of the option, discounted; before that 0, NaN off the domain
};

/// The smallest price that is told from zero.
constexpr double tiny = 0x1p-1022;

/// 1 / x, and 0 for 0: what multiplies it vanishes there.
HEDGEROW_INLINE double reciprocal_or_zero(double x) {
    return x > 0 ? 1.0 / x : 0.0;
}

/// 0 for inputs in the domain, NaN for any that is NaN, infinite or negative: added to a result it
/// keeps or poisons it. Plain arithmetic with one comparison per select is what compilers
/// vectorize; a chain of logical ands is not.
HEDGEROW_INLINE double domain(const BlackTerms& t, double rates) {
    const double amounts = t.spot + t.strike + t.time + t.volatility;
    const double lowest = at_most(at_most(t.spot, t.strike), at_most(t.time, t.volatility));
    const double sign = absolute(t.right) == 1.0 ? 0.0 : not_a_number;
    return (lowest >= 0 ? sign : not_a_number) + 0.0 * (amounts + rates);
}

/// What stays while nothing but the spot moves.
struct BlackHoisted {
    double growth, discount;   ///< exp((b - r) T), exp(-r T)
    double log_moneyness;      ///< ln(F/K), NaN off the domain
    double inverse_deviation;  ///< 1/s, s = vol sqrt(T), and 1e290 where s = 0
    double root_time;          ///< sqrt(T)
};

/// `poison` is 0, and NaN off the domain.
HEDGEROW_INLINE BlackHoisted black_hoisted(const BlackTerms& t, double carried, double poison) {
    const double root_time = square_root(t.time);
    // A price of zero counts as tiny in the logarithm; wherever that is used it is multiplied by
    // the price itself.
    const double ratio = log_ratio(at_least(t.spot, tiny), at_least(t.strike, tiny));
    return {t.growth, t.discount, ratio + carried + poison,
            1.0 / at_least(t.volatility * root_time, 1e-290), root_time};
}

/// First stage: how many standard deviations the forward is from the strike.
template <class State>
HEDGEROW_INLINE void black_center(const BlackTerms& t, const BlackHoisted& hoisted, State& q) {
    q.price = 0.0 * hoisted.log_moneyness;
    q.root_time = hoisted.root_time;
    const double s = t.volatility * hoisted.root_time;
    q.per_s = s > 0 ? hoisted.inverse_deviation : 0.0;
    // Where s = 0 all mass is on one side: |d| is huge, or 0 at the kink. The bounds change nothing
    // where the density is not zero; they keep its products finite where it is.
    const double center = hoisted.log_moneyness * hoisted.inverse_deviation;
    q.center = at_least(at_most(center, 1e6), -1e6);
    q.half = 0.5 * at_most(s, 1e6);
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

/// Second stage: the density, the tails and the price.
template <class Number>
HEDGEROW_INLINE void black_tails(const BlackTerms& t, BlackState<Number>& q) {
    const double center = q.center, half = q.half, h = absolute(center);
    // The square's own rounding is not corrected for: d1 carries the larger error of ln(F/K)/s.
    // Beyond 1416 the exponential's bits mean nothing, and the density is 0.
    const double d1 = center + half, square = d1 * d1, e = exp_sum(-0.5 * square, 0.0);
    const double density = (square < 1416.0 ? e : 0.0) + q.price;
    q.density = density;

    // Where s/2 exceeds h the smaller argument is negative. As far as the rational reaches the
    // difference stands; beyond it M(a) = 1/n(a) - M(-a), and nothing cancels anymore.
    const double a = h - half, c = h + half;
    const bool reached = a >= -0.25;
    const double argument = reached ? a : -a, gap = reached ? half + half : h + h;
    const Divided p = divided(mills_numerator, argument, c);
    const Divided r = divided(mills_denominator, argument, c);
    const double p_c = muladd(gap, p.slope, p.value), r_c = muladd(gap, r.slope, r.value);
    const double scale = density / (r.value * r_c);
    const double tail_a = scale * (p.value * r_c), tail_c = scale * (p_c * r.value);
    const double divided_difference = muladd(p.value, r.slope, -(r.value * p.slope));
    const double forward = t.spot * t.growth;
    const double near = forward * (scale * (gap * divided_difference));
    const double wide = at_most(forward, t.strike * t.discount) - forward * (tail_a + tail_c);
    q.price = (reached ? near : wide) + at_least(t.right * t.forward_value, 0.0);

    const double direction = t.right * (reached ? 1.0 : -1.0);
    q.side1 = center > 0 ? t.right : -direction;
    q.side2 = center > 0 ? direction : -t.right;
    q.tail1 = center > 0 ? tail_c : tail_a;
    q.tail2 = center > 0 ? tail_a : tail_c;
}

/// Third stage: every derivative, in spot terms.
template <class Number>
HEDGEROW_INLINE Greeks black_derivatives(const BlackTerms& t, const BlackState<Number>& q) {
    const double rate = q.rate, carry = q.carry, per_time = q.per_time;
    const double per_spot = reciprocal_or_zero(t.spot), per_strike = reciprocal_or_zero(t.strike);
    const double per_s = q.per_s, per_vol = per_s * q.root_time, per_2t = 0.5 * per_time;
    const double d1 = q.center + q.half, d2 = q.center - q.half, dd = d1 * d2, odd = 1.0 - dd;
    const double density = t.growth * (inverse_sqrt_2pi * q.density);  // exp((b-r)T) n(d1)
    // Without time or volatility left gamma is 0, and infinite at the kink.
    const double spike = absolute(q.center) + q.half == 0 ? infinity : per_s;
    const double curvature = density * spike, gamma = density * per_s * per_spot;
    const double part1 = t.growth * q.tail1, part2 = t.growth * t.spot * q.tail2 * per_strike;
    const double drift = rate - carry, b_s = carry * per_s, decay = muladd(b_s, d1, drift);

    Greeks g;
    g.price = q.price;
    g.delta = t.right * (q.side1 < 0 ? part1 : t.growth - part1);
    g.gamma = curvature * per_spot;
    g.vega = density * t.spot * q.root_time;
    g.dual_delta = -t.right * (q.side2 < 0 ? part2 : t.discount - part2);
    g.dual_gamma = curvature * t.spot * per_strike * per_strike;
    const double leg1 = t.spot * g.delta, leg2 = -(t.strike * g.dual_delta);
    g.theta = muladd(-0.5 * t.volatility * per_time, g.vega, muladd(drift, leg1, -(rate * leg2)));
    g.rho = t.time * leg2;
    g.phi = -(t.time * leg1);
    g.vanna = -(density * d2 * per_vol);
    const double vega_vol = g.vega * per_vol;
    g.volga = vega_vol * dd;
    g.charm = muladd(drift, g.delta, -(density * muladd(-d2, per_2t, b_s)));
    g.veta = g.vega * muladd(-(1.0 + dd), per_2t, decay);
    g.speed = -(gamma * per_spot * muladd(d1, per_s, 1.0));
    g.zomma = -(gamma * odd * per_vol);
    g.color = gamma * muladd(odd, per_2t, decay);
    g.ultima = -(vega_vol * per_vol * muladd(dd, odd, muladd(d1, d1, d2 * d2)));
    return g;
}

/// What a discount factor D over the time T says of the rate.
struct Discounting {
    double rate;      ///< -ln(D)/T, and 0 where T = 0
    double per_time;  ///< 1/T, and 0 where T = 0
};

/// One division for the logarithm and for 1/T.
HEDGEROW_INLINE Discounting discounting_of(double discount, double time) {
    const Ratio ratio = reduce_ratio(discount, 1.0);
    const double years = at_least(time, tiny), sum = ratio.mantissa + 1.0;
    const double shared = 1.0 / (sum * years);
    const double per_time = time > 0 ? sum * shared : 0.0;
    const double s = (ratio.mantissa - 1.0) * (years * shared);
    return {-log_assemble(ratio.exponent, s, 0.0) * per_time, per_time};
}

/// On the forward: right, forward, strike, time, volatility, discount. The forward is not carried.
struct BlackForward {
    template <class In, class State>
    HEDGEROW_INLINE static BlackTerms terms(In in, const State&) {
        const double discount = in(5);
        return {in(0), in(1), in(2), in(3), in(4), discount, discount, discount * (in(1) - in(2))};
    }

    template <class In, class State>
    HEDGEROW_INLINE static void distance(In in, State& q) {
        const BlackTerms t = terms(in, q);
        const Discounting discounting = discounting_of(t.discount, t.time);
        q.rate = discounting.rate;
        q.carry = 0.0;
        q.per_time = discounting.per_time;
        const double positive = t.discount > 0 ? 0.0 : not_a_number;
        black_center(t, black_hoisted(t, 0.0, domain(t, t.discount) + positive), q);
    }

    template <class In, class State>
    HEDGEROW_INLINE static Greeks greeks(In in, const State& q) {
        const BlackTerms t = terms(in, q);
        Greeks g = black_derivatives(t, q);
        g.theta = muladd(q.rate, g.price, -(g.vega * (0.5 * t.volatility) * q.per_time));
        g.rho = -(t.time * g.price);  // the forward is held, only the discount factor moves
        g.phi = g.price * 0.0;        // 0, and NaN with the price
        return g;
    }
};

/// On the spot: right, spot, strike, time, volatility, rate, carry.
struct BlackSpot {
    template <class In>
    HEDGEROW_INLINE static BlackHoisted hoisted(In in) {
        const double time = in(3), rate = in(5), carry = in(6), carried = carry * time;
        const double growth = exp_of(muladd(-rate, time, carried)), discount = exp_of(-rate * time);
        const BlackTerms t{in(0), in(1), in(2), time, in(4), growth, discount, 0.0};
        return black_hoisted(t, carried, domain(t, rate + carry));
    }

    template <class In, class State>
    HEDGEROW_INLINE static BlackTerms terms(In in, const State& q) {
        const double growth = q.growth, discount = q.discount;
        return {in(0), in(1),  in(2),    in(3),
                in(4), growth, discount, in(1) * growth - in(2) * discount};
    }

    template <class In, class State>
    HEDGEROW_INLINE static void distance(In in, State& q) {
        const BlackHoisted h = hoisted(in);
        q.growth = h.growth;
        q.discount = h.discount;
        q.rate = in(5);
        q.carry = in(6);
        black_center(terms(in, q), h, q);
        const double per_root = in(4) * q.per_s;
        q.per_time = per_root * per_root;
    }

    template <class In, class State>
    HEDGEROW_INLINE static Greeks greeks(In in, const State& q) {
        return black_derivatives(terms(in, q), q);
    }
};

/// On a spot that has moved: the inputs of BlackSpot, the members of BlackHoisted at the spot
/// before it moved, and the logarithm of the move.
struct BlackMoved {
    template <class In, class State>
    HEDGEROW_INLINE static BlackTerms terms(In in, const State&) {
        const double growth = in(7), discount = in(8);
        return {in(0), in(1),  in(2),    in(3),
                in(4), growth, discount, in(1) * growth - in(2) * discount};
    }

    template <class In, class State>
    HEDGEROW_INLINE static void distance(In in, State& q) {
        const BlackTerms t = terms(in, q);
        q.rate = in(5);
        q.carry = in(6);
        black_center(t, {t.growth, t.discount, in(9) + in(12), in(10), in(11)}, q);
        const double per_root = t.volatility * q.per_s;
        q.per_time = per_root * per_root;
    }

    template <class In, class State>
    HEDGEROW_INLINE static Greeks greeks(In in, const State& q) {
        return black_derivatives(terms(in, q), q);
    }
};

// The stages as the kernels run them, on any kind of terms.

template <class Terms>
struct BlackDistance {
    template <class In, class State>
    HEDGEROW_INLINE static void run(In in, State& q) {
        Terms::distance(in, q);
    }
};

template <class Terms>
struct BlackTails {
    template <class In, class State>
    HEDGEROW_INLINE static void run(In in, State& q) {
        black_tails(Terms::terms(in, q), q);
    }
};

template <class Terms>
struct BlackGreeks {
    template <class In, class State>
    HEDGEROW_INLINE static Greeks run(In in, State& q) {
        return Terms::greeks(in, q);
    }
};

/// The second stage as the last one: the price alone.
template <class Terms>
struct BlackPrice {
    template <class In, class State>
    HEDGEROW_INLINE static double run(In in, State& q) {
        black_tails(Terms::terms(in, q), q);
        return q.price;
    }
};

HEDGEROW_INLINE void store(const BlackHoisted& h, double* const* out, std::size_t i) {
    out[0][i] = h.growth;
    out[1][i] = h.discount;
    out[2][i] = h.log_moneyness;
    out[3][i] = h.inverse_deviation;
    out[4][i] = h.root_time;
}

/// What BlackMoved takes beside the inputs of BlackSpot, as a stage of its own.
struct BlackHoist {
    template <class In, class State>
    HEDGEROW_INLINE static BlackHoisted run(In in, State&) {
        return BlackSpot::hoisted(in);
    }
};
