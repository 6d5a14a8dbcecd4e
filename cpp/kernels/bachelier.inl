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

template <class In>
HEDGEROW_INLINE BachelierTerms bachelier_terms(In in) {
    return {in(0), in(1), in(2), in(3), in(4), in(5)};
}

/// 0 for inputs in the domain (any finite forward and strike), NaN otherwise.
HEDGEROW_INLINE double domain(const BachelierTerms& t) {
    const double lowest = at_most(t.time, t.volatility);
    const double sign = absolute(t.right) == 1.0 ? 0.0 : not_a_number;
    const double positive = t.discount > 0 ? 0.0 : not_a_number;
    const double finite = (t.forward - t.strike) + (t.time + t.volatility) + t.discount;
    return (lowest >= 0 ? sign : not_a_number) + (positive + 0.0 * finite);
}

/// What one stage of the evaluation hands to the next.
template <class Number>
struct BachelierState {
    Number deviation;       ///< s = vol sqrt(T)
    Number per_s;           ///< 1/s, and 0 where s = 0
    Number root_time;       ///< sqrt(T)
    Number d;               ///< (F - K)/s
    Number rate, per_time;  ///< -ln(D)/T and 1/T, 0 where T = 0
    Number density;  ///< exp(-d^2/2), without 1/sqrt(2 pi); before that 0, NaN off the domain
    Number tail;     ///< N(-|d|)
    Number price;
};

/// First stage: how many standard deviations the forward is from the strike.
struct BachelierDistance {
    template <class In, class State>
    HEDGEROW_INLINE static void run(In in, State& q) {
        const BachelierTerms t = bachelier_terms(in);
        const Discounting discounting = discounting_of(t.discount, t.time);
        q.rate = discounting.rate;
        q.per_time = discounting.per_time;
        q.density = domain(t);
        const double root_time = square_root(t.time), s = t.volatility * root_time;
        q.root_time = root_time;
        q.deviation = s;
        const double inverse = 1.0 / at_least(s, 1e-290);
        q.per_s = s > 0 ? inverse : 0.0;
        q.d = at_least(at_most((t.forward - t.strike) * inverse, 1e6), -1e6);
    }
};

/// The density, and the price D (s g(|d|) + intrinsic value): two terms of one sign.
template <class In, class State>
HEDGEROW_INLINE double bachelier_sum(In in, State& q) {
    const BachelierTerms t = bachelier_terms(in);
    const double a = at_most(absolute(q.d), 38.0), square = a * a;
    const double e = exp_sum(-0.5 * square, 0.0);
    const double density = (square < 1416.0 ? e : 0.0) + q.density;
    q.density = density;
    const Fraction h = bachelier_tail(a);
    const double intrinsic = at_least(t.right * (t.forward - t.strike), 0.0);
    return t.discount * muladd(q.deviation, density * (h.numerator / h.denominator), intrinsic);
}

/// The second stage as the last one: the price alone.
struct BachelierPrice {
    template <class In, class State>
    HEDGEROW_INLINE static double run(In in, State& q) {
        return bachelier_sum(in, q);
    }
};

/// Second stage: the density, the tail and the price.
struct BachelierTails {
    template <class In, class State>
    HEDGEROW_INLINE static void run(In in, State& q) {
        q.price = bachelier_sum(in, q);
        const Fraction m = mills(at_most(absolute(q.d), 38.0));
        q.tail = q.density * (m.numerator / m.denominator);
    }
};

/// Third stage: every derivative.
struct BachelierGreeks {
    template <class In, class State>
    HEDGEROW_INLINE static Greeks run(In in, State& q) {
        const BachelierTerms t = bachelier_terms(in);
        const double rate = q.rate, per_s = q.per_s, per_2t = 0.5 * q.per_time;
        const double per_vol = per_s * q.root_time;                          // 1/vol
        const double density = t.discount * (inverse_sqrt_2pi * q.density);  // D n(d)
        const double d = q.d, dd = d * d, gamma = density * per_s;
        // Without time or volatility left gamma is 0, and infinite at the kink.
        const double spike = absolute(t.forward - t.strike) + q.deviation == 0 ? infinity : per_s;

        Greeks g;
        g.price = q.price;
        g.delta = t.right * t.discount * (t.right * d < 0 ? q.tail : 1.0 - q.tail);
        g.gamma = density * spike;
        g.vega = density * q.root_time;
        g.theta = muladd(rate, g.price, -(g.vega * (0.5 * t.volatility) * q.per_time));
        g.rho = -(t.time * g.price);  // the forward is held, only the discount factor moves
        g.phi = g.price * 0.0;        // 0, and NaN with the price
        g.vanna = -(density * d * per_vol);
        const double vega_vol = g.vega * per_vol;
        g.volga = vega_vol * dd;
        g.charm = muladd(density * d, per_2t, rate * g.delta);
        g.veta = g.vega * muladd(-(1.0 + dd), per_2t, rate);
        g.speed = -(gamma * d * per_s);
        g.zomma = gamma * (dd - 1.0) * per_vol;
        g.color = gamma * muladd(1.0 - dd, per_2t, rate);
        g.ultima = vega_vol * per_vol * (dd * (dd - 3.0));
        g.dual_delta = -g.delta;
        g.dual_gamma = g.gamma;
        return g;
    }
};
