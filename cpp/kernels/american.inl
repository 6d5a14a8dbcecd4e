// American options under Black-Scholes-Merton: spectral collocation of the exercise boundary.
//
// L. Andersen, M. Lake and D. Offengenden 2016, "High performance American option pricing". Of a
// put, with strike and time to expiry as units, x = ln(S/K), s = vol sqrt(T), rates times T:
//
//     V = European + int_0^1 r e^(-r v) N(-d-(v, x - y)) - q e^x e^(-q v) N(-d+(v, x - y)) dv,
//     d+-(v, x) = (x + (r - q) v)/(s sqrt(v)) +- s sqrt(v)/2,   y the log boundary at 1 - v.
//
// (I. J. Kim 1990.) The boundary solves their equation FP-A, exp(y + (r - q) t) = N(t)/D(t) at time
// t to expiry, which is iterated at a few times, the earlier ones first, from the approximation
// QD+ (M. Li 2010, "Analytical approximations for the critical stock prices of American options").
// Between them H = (y - limit)^2 is interpolated in sqrt(t), limit the boundary's at expiry. Calls
// are puts with spot and strike, r and q exchanged (R. McDonald and M. Schroder 1998).
//
// A block holds a few options side by side: the loops over nodes are outside, those over options
// inside.

/// The scheme of all kernels; errors against others: docs/american.md.
using AmericanDefault = AmericanScheme<7, 7, 14, 3, 4>;

/// What is known of some puts, of which each is a lane.
template <class Scheme_, int lanes_>
struct AmericanBlock {
    using Scheme = Scheme_;
    static constexpr int lanes = lanes_;
    using Lane = double[lanes];
    alignas(64) Lane spot, deviation, rate, yield;  ///< ln(S/K), s, r T, q T
    Lane limit, per_deviation, drift;               ///< the boundary at expiry, 1/s, d- per sqrt(v)
    Lane level, root;                               ///< at a node: y, and limit - y
    Lane start_slope, start_theta, start_rate, start_yield;  ///< of QD+ at a node
    Lane minus, plus, tail;                                  ///< sums over nodes
    Lane minus_slope, plus_slope;               ///< and their derivatives in y, negative
    Lane premium, slope, curvature;             ///< and its derivatives in x
    Lane square[Scheme::points];                ///< H
    Lane grown[Scheme::points][Scheme::nodes];  ///< exp(q u)
};

#define HEDGEROW_LANES _Pragma("omp simd") for (int j = 0; j < Block::lanes; ++j)

/// exp(x) for any x below 700, some 1e-304 where it would be less.
HEDGEROW_INLINE double exp_down(double x) {
    return exp_sum(at_least(x, -700.0), 0.0);
}

/// N(-x) from exp(-x^2/2).
HEDGEROW_INLINE double normal_tail(double x, double density) {
    const Fraction m = mills(at_most(absolute(x), 38.0));
    const double tail = density * (m.numerator / m.denominator);
    return x < 0 ? 1.0 - tail : tail;
}

template <class Block>
HEDGEROW_INLINE void american_begin(Block& q, int j) {
    const double s = q.deviation[j], rate = q.rate[j], yield = q.yield[j];
    // min(K, K r/q) at expiry. A rate of zero leaves some distance to where logarithms end.
    const double share = at_least(rate, 1e-12) / at_least(yield, 1e-12);
    const double limit = log_ratio(at_most(share, 1.0), 1.0);
    q.limit[j] = yield > 0 ? limit : 0.0;
    q.per_deviation[j] = 1.0 / s;
    q.drift[j] = (rate - yield) * q.per_deviation[j] - 0.5 * s;
}

/// QD+ at the time z^2: what does not depend on the boundary.
template <class Block>
HEDGEROW_INLINE void american_start(Block& q, int j, double z) {
    const double rate = q.rate[j], yield = q.yield[j], st = q.deviation[j] * z;
    const double x = rate * (z * z), discount = exp_down(-x);
    const double ratio = x < 1e-5 ? 1.0 + 0.5 * x : x / (1.0 - discount);
    const double a = 2.0 * ratio / (st * st);  // alpha/h of Li
    const double per_variance = 2.0 * q.per_deviation[j] * q.per_deviation[j];
    const double w = muladd(per_variance, rate - yield, -1.0);
    const double root = square_root(muladd(w, w, 4.0 * a)), per_root = 1.0 / root;
    const double part = a * per_root;
    q.start_slope[j] = discount * part * (1.0 - part * per_root) - 0.5 * (w + root);
    q.start_theta[j] = -per_variance * per_root;
    q.start_rate[j] = discount;
    q.start_yield[j] = exp_down(-yield * (z * z));
}

/// A step of Newton's method in y = ln(B/K) on Li's equation, multiplied by K - S - p.
template <class Block>
HEDGEROW_INLINE void american_start_step(Block& q, int j, double z) {
    const double rate = q.rate[j], yield = q.yield[j], s = q.deviation[j], st = s * z;
    const double y = q.level[j], b = exp_down(y), per_st = q.per_deviation[j] * (1.0 / z);
    const double d2 = muladd(y, per_st, z * q.drift[j]), d1 = d2 + st;
    const double e1 = exp_down(-0.5 * d1 * d1), e2 = exp_down(-0.5 * d2 * d2);
    const double n1 = q.start_yield[j] * (inverse_sqrt_2pi * e1 * per_st);
    const double put_delta = q.start_yield[j] * normal_tail(d1, e1);
    const double leg = q.start_rate[j] * normal_tail(d2, e2), price = leg - b * put_delta;
    const double half_variance = 0.5 * s * s, kept = 1.0 - put_delta;
    const double theta = rate * leg - b * (yield * put_delta + half_variance * n1);
    const double theta_slope =
        -(n1 * (rate - yield + half_variance * (1.0 - d1 * per_st)) + yield * put_delta);
    const double f = kept * b + q.start_slope[j] * (1.0 - b - price) + q.start_theta[j] * theta;
    const double slope = kept + n1 - q.start_slope[j] * kept + q.start_theta[j] * theta_slope;
    const double step = at_most(at_least(-f / (b * slope), -0.7), 0.7);
    q.level[j] = at_most(y + step, q.limit[j] - 1e-7);
}

template <class Block>
HEDGEROW_INLINE double american_interpolate(const Block& q, int j,
                                            const double (&weights)[Block::Scheme::points]) {
    double square = 0.0;
#pragma GCC unroll 32
    for (int m = 0; m < Block::Scheme::points; ++m)
        square = muladd(weights[m], q.square[m][j], square);
    return square_root(at_least(square, 0.0));  // limit - y
}

template <class Block>
HEDGEROW_INLINE void american_node(Block& q, int j, int i) {
    q.root[j] = square_root(q.square[i][j]);
    q.minus[j] = q.plus[j] = q.tail[j] = q.minus_slope[j] = q.plus_slope[j] = 0.0;
}

/// A node of the integrals of FP-A.
template <class Block>
HEDGEROW_INLINE void american_sum(Block& q, int j, const double (&weights)[Block::Scheme::points],
                                  double grown, double z, double sine, double cosine,
                                  double weight) {
    const double gap = american_interpolate(q, j, weights) - q.root[j], v = z * sine;
    const double zc = z * cosine;
    const double d2 = muladd(gap * q.per_deviation[j], 1.0 / v, v * q.drift[j]);
    const double d1 = muladd(q.deviation[j], v, d2);
    const double e1 = exp_down(-0.5 * d1 * d1);
    const double e2 = exp_down(muladd(-0.5 * d2, d2, q.rate[j] * (zc * zc)));
    const double minus = weight * e2, plus = weight * grown * e1, slope = d2 * (1.0 / v);
    q.minus[j] += minus;
    q.plus[j] += plus;
    q.minus_slope[j] = muladd(minus, slope, q.minus_slope[j]);
    q.plus_slope[j] = muladd(plus, slope, q.plus_slope[j]);
    q.tail[j] = muladd(weight * sine * grown, normal_tail(-d1, e1), q.tail[j]);
}

/// What a step goes of the way to the boundary that the equation gives, at most: a full step leaves
/// some 0.16 of the error, with its sign.
constexpr double american_reach = 1.12;

/// And of Newton's step in the boundary at one time, all others held: where the interest on the
/// strike is large against the variance, the equation overshoots, and full steps diverge. Two such
/// steps in one direction would do no better than none.
constexpr double american_damped_reach = 1.5;

template <class Block>
HEDGEROW_INLINE void american_update(Block& q, int j, double z, double* square) {
    const double s = q.deviation[j], st = s * z, per_st = q.per_deviation[j] * (1.0 / z);
    const double rate = q.rate[j], yield = q.yield[j], level = q.limit[j] - q.root[j];
    const double d2 = muladd(level, per_st, z * q.drift[j]), d1 = d2 + st;
    const double e1 = exp_down(-0.5 * d1 * d1), e2 = exp_down(-0.5 * d2 * d2);
    const double spread = z * q.per_deviation[j], slope = d2 * per_st;
    const double paid = rate * spread, lost = yield * spread, per_s = q.per_deviation[j];
    const double top = muladd(e2, per_st, paid * q.minus[j]);
    const double density = muladd(e1, per_st, lost * q.plus[j]);
    const double bottom =
        inverse_sqrt_2pi * density + normal_tail(-d1, e1) + yield * (z * z) * q.tail[j];
    const double top_slope = muladd(e2 * per_st, slope, paid * per_s * q.minus_slope[j]);
    const double bottom_slope = muladd(e1 * per_st, slope, lost * per_s * q.plus_slope[j]);
    const double found =
        log_ratio(inverse_sqrt_2pi * at_least(top, 1e-300), at_least(bottom, 1e-300)) -
        (rate - yield) * (z * z);
    const double change = inverse_sqrt_2pi * bottom_slope / bottom - top_slope / top;
    const double reach = american_damped_reach / at_least(1.0 - change, 0.5);
    const double y = muladd(found - level, at_most(reach, american_reach), level);
    const double root = at_most(y - q.limit[j], 0.0);
    square[j] = root * root;
}

template <class Scheme>
constexpr Scheme american_scheme{};

template <class Block>
HEDGEROW_INLINE void american_sweep(Block& q) {
    using Scheme = typename Block::Scheme;
    constexpr const Scheme& scheme = american_scheme<Scheme>;
    for (int i = Scheme::points - 1; i >= 0; --i) {
        const double z = scheme.root[i];
        HEDGEROW_LANES american_node(q, j, i);
        for (int k = 0; k < Scheme::nodes; ++k) {
            const double sine = scheme.rule.sine[k], cosine = scheme.rule.cosine[k];
            const double weight = scheme.rule.weight[k];
            const double* const grown = q.grown[i][k];
            HEDGEROW_LANES american_sum(q, j, scheme.at[i][k], grown[j], z, sine, cosine, weight);
        }
        double* const square = q.square[i];
        HEDGEROW_LANES american_update(q, j, z, square);
    }
}

template <class Block>
HEDGEROW_INLINE void american_boundary(Block& q) {
    using Scheme = typename Block::Scheme;
    constexpr const Scheme& scheme = american_scheme<Scheme>;
    HEDGEROW_LANES american_begin(q, j);
    for (int i = Scheme::points - 1; i >= 0; --i) {
        const double z = scheme.root[i];
        const bool first = i == Scheme::points - 1;
        if (first) HEDGEROW_LANES q.level[j] = q.limit[j] - 1.2 * z * q.deviation[j];
        HEDGEROW_LANES american_start(q, j, z);
        for (int step = first ? -1 : 0; step < Scheme::start_steps; ++step)
            HEDGEROW_LANES american_start_step(q, j, z);
        double* const square = q.square[i];
        HEDGEROW_LANES square[j] = (q.limit[j] - q.level[j]) * (q.limit[j] - q.level[j]);
        for (int k = 0; k < Scheme::nodes; ++k) {
            const double u = z * z * scheme.rule.cosine[k] * scheme.rule.cosine[k];
            double* const grown = q.grown[i][k];
            HEDGEROW_LANES grown[j] = exp_down(q.yield[j] * u);
        }
    }
    for (int sweep = 0; sweep < Scheme::sweeps; ++sweep) american_sweep(q);
}

/// A node of the premium less the same of a boundary that is flat and met without drift, whose
/// integral is known: at small times their difference is smooth even on the boundary.
template <class Block>
HEDGEROW_INLINE void american_premium_sum(Block& q, int j,
                                          const double (&weights)[Block::Scheme::points],
                                          double sine, double weight) {
    const double s = q.deviation[j], x = q.spot[j], ratio = exp_down(x);
    const double y = q.limit[j] - american_interpolate(q, j, weights);
    const double per_st = q.per_deviation[j] * (1.0 / sine);
    const double d2 = muladd(x - y, per_st, sine * q.drift[j]), d1 = muladd(s, sine, d2);
    const double d0 = (x - q.limit[j] + q.root[j]) * per_st;
    const double e0 = exp_down(-0.5 * d0 * d0), e1 = exp_down(-0.5 * d1 * d1);
    const double e2 = exp_down(-0.5 * d2 * d2);
    const double v = sine * sine;
    const double paid = q.rate[j] * exp_down(-q.rate[j] * v);
    const double lost = q.yield[j] * ratio * exp_down(-q.yield[j] * v);
    const double flat_paid = q.rate[j], flat_lost = q.yield[j] * ratio,
                 flat = flat_paid - flat_lost;
    const double t0 = normal_tail(d0, e0), t1 = normal_tail(d1, e1), t2 = normal_tail(d2, e2);
    const double n = inverse_sqrt_2pi;
    const double value = paid * t2 - lost * t1 - flat * t0;
    const double held = lost * t1 - flat_lost * t0;
    const double slope = -n * per_st * (paid * e2 - lost * e1 - flat * e0) - held;
    const double bend = n * per_st * per_st * (paid * d2 * e2 - lost * d1 * e1 - flat * d0 * e0);
    const double curvature = bend + 2.0 * n * per_st * (lost * e1 - flat_lost * e0) - held;
    const double w = weight * sine;
    q.premium[j] = muladd(w, value, q.premium[j]);
    q.slope[j] = muladd(w, slope, q.slope[j]);
    q.curvature[j] = muladd(w, curvature, q.curvature[j]);
}

/// The integral of the flat boundary: int_0^1 N(-c/sqrt(v)) dv = (1 + c^2) N(-c) - c n(c).
template <class Block>
HEDGEROW_INLINE void american_premium_begin(Block& q, int j) {
    q.root[j] = square_root(q.square[0][j]);
    const double c = (q.spot[j] - q.limit[j] + q.root[j]) * q.per_deviation[j];
    const double e = exp_down(-0.5 * c * c), n = inverse_sqrt_2pi * e, tail = normal_tail(c, e);
    const double lost = q.yield[j] * exp_down(q.spot[j]), flat = q.rate[j] - lost;
    const double value = muladd(c, c, 1.0) * tail - c * n;
    const double slope = -2.0 * (n - c * tail) * q.per_deviation[j];
    const double curvature = 2.0 * tail * q.per_deviation[j] * q.per_deviation[j];
    q.premium[j] = flat * value;
    q.slope[j] = flat * slope - lost * value;
    q.curvature[j] = flat * curvature - lost * (2.0 * slope + value);
}

template <class Block>
HEDGEROW_INLINE void american_premium(Block& q) {
    using Scheme = typename Block::Scheme;
    constexpr const Scheme& scheme = american_scheme<Scheme>;
    HEDGEROW_LANES american_premium_begin(q, j);
    for (int k = 0; k < Scheme::price_nodes; ++k) {
        const double sine = scheme.price_rule.sine[k], weight = scheme.price_rule.weight[k];
        HEDGEROW_LANES american_premium_sum(q, j, scheme.price_at[k], sine, weight);
    }
}
