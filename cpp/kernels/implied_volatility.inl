// Black implied volatility over the whole double domain, without an exponential in the iteration.
//
// P. Jaeckel 2013/2024, "Let's Be Rational": out of the money only, an objective in the logarithm
// of the price on each side of the inflection point, and Householder steps of fourth order. Here
// the objectives come from Mills ratios M(x) = N(-x) exp(x^2/2) alone. With x = |ln(F/K)|, the
// total volatility s = vol sqrt(T), h = x/s, t = s/2 and p the price in units of its upper bound D
// min(F, K), less intrinsic value:
//
//     ln p       = -(h - t)^2/2 + ln(M(h - t) - M(h + t))     below the inflection s = sqrt(2x)
//     ln (1 - p) = -(t - h)^2/2 + ln(M(t - h) + M(t + h))     above it
//
// Below s = 0.35 the difference of Mills ratios is its odd Taylor series in t, so that nothing
// cancels. Every quantity of the iteration is relative to s: it holds for s of 1e-300.
//
// What the price determines: a relative error e of p moves s by e / (dlnp/dlns), and p of an option
// in the money carries the rounding of the whole price. The terms are exact up to that rounding.

/// Prices are carried 2^900 times too large, which keeps p of 1e-570 in the normal range.
constexpr double implied_scale = 0x1p900;

/// What the solver needs of one option, and whether it can be solved at all.
struct ImpliedTerms {
    double log_moneyness;  ///< |ln(F/K)|
    double price;          ///< p 2^900
    double complement;     ///< 1 - p, from the difference of the amounts; 0 at the bound and above
    double time_value;     ///< positive: to be solved; 0: at intrinsic; negative: below
    double domain;         ///< 0, or NaN when an input is outside the domain
};

HEDGEROW_INLINE ImpliedTerms implied_terms(double right, double price, double forward,
                                           double strike, double time, double discount) {
    const double lowest = at_most(at_most(forward, strike), at_most(time, discount));
    const double sign = absolute(right) == 1.0 ? 0.0 : not_a_number;
    double domain =
        (lowest > 0 ? sign : not_a_number) + 0.0 * ((price + forward) + (strike + time) + discount);

    // Out of the subnormal range: all amounts together, and the smaller one alone if it must.
    const double lift = at_least(forward, strike) < 1.0 ? 0x1p54 : 1.0;
    const double f = forward * lift, k = strike * lift, v = price * lift;
    const double high = at_least(f, k), low = at_most(f, k);
    const double alone = low < 0x1p-1022 ? 0x1p54 : 1.0;
    const double least = low * alone;

    ImpliedTerms terms;
    terms.log_moneyness = log_ratio(high, least) + (alone > 1.0 ? 54 * (ln2_head + ln2_tail) : 0.0);

    // The discounted intrinsic value D |F - K| with the errors of both operations.
    const double d = f - k, b = d - f;
    const double d_error = (f - (d - b)) - (k + b);
    const bool in_the_money = right * d > 0;
    const double intrinsic = in_the_money ? right * d : 0.0;
    const double intrinsic_error = in_the_money ? right * d_error : 0.0;
    const double floor = discount * intrinsic;
    const double floor_error = product_error(discount, intrinsic, floor);
    const double exact = muladd(-discount, intrinsic_error, (v - floor) - floor_error) * alone;
    // A price computed as D (F - K) is at the bound: it may lie two roundings below it.
    const double rounded = at_most(muladd(0x1p-52 * alone, v, exact), 0.0);
    terms.time_value = exact < 0 ? rounded : exact;

    const double cap = discount * least;
    const double cap_error = product_error(discount, least, cap);
    // A price computed as D min(F, K) is at the bound too, which no volatility reaches.
    const double gap = (cap - terms.time_value) + cap_error;
    terms.complement = terms.time_value < cap ? gap / cap : 0.0;
    const bool large = cap > 1.0;
    terms.price = (large ? terms.time_value : terms.time_value * implied_scale) /
                  (large ? cap * (1.0 / implied_scale) : cap);
    const double known = terms.time_value > 0 ? terms.price : 1.0;
    domain += cap >= 0x1p-1022 ? 0.0 : not_a_number;
    terms.domain = domain + (known >= 0x1p-1022 ? 0.0 : not_a_number);
    return terms;
}

/// The status code of an option's price as a number.
HEDGEROW_INLINE double implied_status(const ImpliedTerms& terms) {
    constexpr auto below = static_cast<double>(Status::below_intrinsic);
    constexpr auto above = static_cast<double>(Status::above_maximum);
    constexpr auto invalid = static_cast<double>(Status::invalid_input);
    const double floored = terms.time_value < 0 ? below : 0.0;
    const double bounded = terms.complement > 0 ? floored : above;
    return terms.domain == 0 ? bounded : invalid;
}

/// The state of the iteration: a block of rows that stays in the first-level cache, column by
/// column, because each stage runs over the whole block before the next one starts. Short stages
/// keep the chains of dependent operations short and the registers free.
struct ImpliedBlock {
    static constexpr std::size_t rows = 64;
    using Column = double[rows];

    Column x;           ///< |ln(F/K)|
    Column p;           ///< p, 0 where it underflows
    Column price;       ///< p 2^900
    Column complement;  ///< 1 - p
    Column target;      ///< p or 1 - p, times 2^900: what the objective is measured against
    Column side;        ///< +1: the objective is ln p; -1: ln(1 - p)
    Column small;       ///< 1 where the series in t is used, 0 elsewhere
    Column root;        ///< sqrt(2x), the inflection point
    Column level;       ///< ln of the objective at the inflection point over the target, >= 0
    Column ratio;       ///< root / s
    Column deviation;   ///< s
    Column numerator, denominator;  ///< of M(h - t) -+ M(h + t), divided by s where small
    Column domain;                  ///< added to the result: 0, or NaN where there is none
};

/// Below this total volatility, and for x < 1, the series is used: its first omitted term is 1e-17
/// there, and above it the difference of Mills ratios loses less than two bits. For x > 1 it loses
/// a factor h/s, which the slope of the objective, about h^2 = x h/s, more than makes good, whereas
/// the derivatives in the series would lose (x/2)^2 a term.
constexpr double small_deviation = 0.35;
constexpr double sqrt_2_over_pi = 0.79788456080286541;
constexpr double sqrt_pi_over_2 = 1.2533141373155003;

/// Chooses the side of the inflection point.
HEDGEROW_INLINE void implied_side(ImpliedBlock& q, std::size_t j) {
    q.p[j] = at_least(q.price[j] * (1.0 / implied_scale), 0.0);
    q.root[j] = square_root(q.x[j] + q.x[j]);
    const Fraction m = mills_wide(q.root[j]);
    const double mills_root = m.numerator / m.denominator;
    const double inflection = 0.5 - mills_root;  // p at s = root
    const bool above = inflection < q.p[j];
    q.side[j] = above ? -1.0 : 1.0;
    q.target[j] = above ? q.complement[j] * implied_scale : q.price[j];
    // Until the next stage: the objective at the inflection point, and its ratio to the price.
    q.level[j] = at_least(above ? 0.5 + mills_root : inflection, 1e-290);
    q.ratio[j] = inflection / at_least(q.p[j], 1e-300);
}

/// Measures the target's distance from the inflection point: -ln of it, and a bound of root / s.
HEDGEROW_INLINE void implied_level(ImpliedBlock& q, std::size_t j) {
    q.level[j] = at_least(log_ratio(q.level[j] * implied_scale, q.target[j]), 0.0);
    // The exponential alone gives one bound, the ratio of the prices another.
    const double exponential = 1.4142135623730951 *
                               (square_root(q.level[j]) + square_root(q.level[j] + q.x[j])) /
                               q.root[j];
    q.ratio[j] = at_least(at_most(exponential, q.ratio[j]), 1.0);
}

/// A Newton step in ln(root / s) on a model without special functions: the difference of Mills
/// ratios is about s / (1 + sqrt(pi/2) h + h^2).
HEDGEROW_INLINE void implied_model_step(ImpliedBlock& q, std::size_t j) {
    const double r = q.ratio[j], inverse = 1.0 / r, quarter = 0.25 * q.x[j];
    const double h0 = 0.5 * q.root[j], h = h0 * r;
    const double d0 = muladd(h0, h0 + sqrt_pi_over_2, 1.0), d = muladd(h, h + sqrt_pi_over_2, 1.0);
    const double u = r - inverse, w = r + inverse;
    const double error = muladd(quarter * u, u, log_ratio(r * d, d0)) - q.level[j];
    const double slope =
        muladd(d, muladd(quarter + quarter, u * w, 1.0), h * muladd(h, 2.0, sqrt_pi_over_2));
    const double step = at_least(at_most(error * d / slope, 1.2), -1.2);
    q.ratio[j] = at_least(r * ((2.0 - step) / (2.0 + step)), 1.0);
}

/// The first s of the iteration proper.
HEDGEROW_INLINE void implied_start(ImpliedBlock& q, std::size_t j) {
    // Above the inflection: (t - h)^2/2 + sqrt(2/pi) (t - h) is about the level.
    const double a =
        2.0 * q.level[j] /
        (sqrt_2_over_pi + square_root(muladd(2.0, q.level[j], sqrt_2_over_pi * sqrt_2_over_pi)));
    const double high = a + square_root(muladd(a, a, q.x[j] + q.x[j]));
    // Near the money and small: p = s (n(0) - h/2 + h^2 n(0)/2).
    const double half = muladd(0.5, q.x[j], q.p[j]) / inverse_sqrt_2pi;
    const double correction = 0.5 * q.x[j] * (q.x[j] / at_least(half, 1e-307));
    const double near = half - correction;
    const double above = q.p[j] < 0.04 ? near : high;
    const double s = at_least(q.side[j] < 0 ? above : q.root[j] / q.ratio[j], 1e-307);
    q.deviation[j] = s;
    const double limit = q.x[j] < 1.0 ? small_deviation : 0.0;
    q.small[j] = s < limit ? 1.0 : 0.0;
    q.target[j] = s < limit ? q.price[j] : q.target[j];
    q.side[j] = s < limit ? 1.0 : q.side[j];
}

/// M(h - t) - M(h + t) or M(t - h) + M(t + h) as a fraction.
HEDGEROW_INLINE void implied_mills(ImpliedBlock& q, std::size_t j) {
    const double h = q.x[j] / q.deviation[j], t = 0.5 * q.deviation[j];
    const Fraction m1 = mills_wide(at_least((h - t) * q.side[j], -0.05)), m2 = mills_wide(h + t);
    q.numerator[j] =
        muladd(m1.numerator, m2.denominator, -(q.side[j] * (m2.numerator * m1.denominator)));
    q.denominator[j] = m1.denominator * m2.denominator;
}

/// Where s is small: (M(h - t) - M(h + t)) / s by Taylor's series to t^12, whose derivatives
/// follow from M' = h M - n(0).
HEDGEROW_INLINE void implied_series(ImpliedBlock& q, std::size_t j) {
    const double h = q.x[j] / q.deviation[j], t = 0.5 * q.deviation[j], z = t * t;
    const Fraction m = mills_wide(h);
    const double mills_h = m.numerator / m.denominator;
    const double d1 = muladd(h, mills_h, -inverse_sqrt_2pi), d2 = muladd(h, d1, mills_h);
    const double d3 = muladd(h, d2, 2.0 * d1), d4 = muladd(h, d3, 3.0 * d2);
    const double d5 = muladd(h, d4, 4.0 * d3), d6 = muladd(h, d5, 5.0 * d4);
    const double d7 = muladd(h, d6, 6.0 * d5), d8 = muladd(h, d7, 7.0 * d6);
    const double d9 = muladd(h, d8, 8.0 * d7), d10 = muladd(h, d9, 9.0 * d8);
    const double d11 = muladd(h, d10, 10.0 * d9), d12 = muladd(h, d11, 11.0 * d10);
    const double d13 = muladd(h, d12, 12.0 * d11);
    const double z2 = z * (1.0 / 6.0), z4 = z2 * (z * (1.0 / 20.0)), z6 = z4 * (z * (1.0 / 42.0));
    const double z8 = z6 * (z * (1.0 / 72.0)), z10 = z8 * (z * (1.0 / 110.0));
    const double z12 = z10 * (z * (1.0 / 156.0));
    const double end = muladd(d13, z12, muladd(d11, z10, d9 * z8));
    const double tail = end + muladd(d7, z6, d5 * z4);
    const double sum = d1 + muladd(d3, z2, tail);
    q.numerator[j] = q.small[j] > 0 ? -sum : q.numerator[j];
    q.denominator[j] = q.small[j] > 0 ? 1.0 : q.denominator[j];
}

/// A Householder step of fourth order on the objective as a function of s.
HEDGEROW_INLINE void implied_step(ImpliedBlock& q, std::size_t j) {
    const double s = q.deviation[j], h = q.x[j] / s, t = 0.5 * s, a = h - t;
    const double unit = q.small[j] > 0 ? s : 1.0, rest = q.small[j] > 0 ? 1.0 : s;
    const double objective =
        muladd(-0.5 * a, a,
               log_ratio(q.numerator[j] * (unit * implied_scale), q.denominator[j] * q.target[j]));
    // Derivatives by s times powers of s: of the objective, and of the logarithm of vega.
    const double slope = q.side[j] * inverse_sqrt_2pi * rest * q.denominator[j] / q.numerator[j];
    const double newton = -objective / slope;
    const double vega1 = (h - t) * (h + t);
    const double vega2 = muladd(vega1, vega1, muladd(-3.0 * h, h, -(t * t)));
    const double second = vega1 - slope;
    const double third = muladd(slope, muladd(2.0, slope, -3.0 * vega1), vega2);
    const double step = newton * muladd(0.5 * second, newton, 1.0) /
                        muladd(newton, muladd(third * (1.0 / 6.0), newton, second), 1.0);
    q.deviation[j] = muladd(s, at_least(at_most(step, 4.0), -0.8), s);
}

/// Reads row j of the columns; rows without a solution get one that is harmless.
HEDGEROW_INLINE void implied_read(ImpliedBlock& q, std::size_t j, double right, double price,
                                  double forward, double strike, double time, double discount) {
    const ImpliedTerms terms = implied_terms(right, price, forward, strike, time, discount);
    const double bounded = terms.complement > 0 ? terms.domain : not_a_number;
    q.domain[j] = terms.time_value >= 0 ? bounded : not_a_number;
    q.x[j] = terms.log_moneyness;
    q.price[j] = terms.time_value > 0 ? terms.price : 0.0;
    q.complement[j] = terms.complement;
}

/// The volatility of row j: 0 at intrinsic value, NaN without a solution.
HEDGEROW_INLINE double implied_result(const ImpliedBlock& q, std::size_t j, double time) {
    const double volatility = q.deviation[j] / square_root(time);
    return (q.price[j] > 0 ? volatility : 0.0) + q.domain[j];
}

/// A loop over the first `n` rows of a block whose body is one of the stages above.
#define HEDGEROW_STAGE(stage) _Pragma("omp simd") for (std::size_t j = 0; j < n; ++j) stage(q, j)

/// Solves the first `n` rows of a block: three steps on the model, two on the objective.
HEDGEROW_INLINE void implied_solve(ImpliedBlock& q, std::size_t n) {
    HEDGEROW_STAGE(implied_side);
    HEDGEROW_STAGE(implied_level);
    for (int step = 0; step < 3; ++step) HEDGEROW_STAGE(implied_model_step);
    HEDGEROW_STAGE(implied_start);
    double smallest = 0;
#pragma omp simd reduction(+ : smallest)
    for (std::size_t j = 0; j < n; ++j) smallest += q.small[j];
    for (int step = 0; step < 2; ++step) {
        HEDGEROW_STAGE(implied_mills);
        if (smallest > 0) HEDGEROW_STAGE(implied_series);
        HEDGEROW_STAGE(implied_step);
    }
}
#undef HEDGEROW_STAGE

void black_implied_volatility_rows(const double* const* in, double* out, std::size_t n) noexcept {
    ImpliedBlock q;
    const double *right = in[0], *price = in[1], *forward = in[2], *strike = in[3], *time = in[4],
                 *discount = in[5];
#pragma omp simd
    for (std::size_t j = 0; j < n; ++j)
        implied_read(q, j, right[j], price[j], forward[j], strike[j], time[j], discount[j]);
    implied_solve(q, n);
#pragma omp simd
    for (std::size_t j = 0; j < n; ++j) out[j] = implied_result(q, j, time[j]);
}

void black_implied_volatility_columns(const double* const* inputs, double* const* outputs,
                                      std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; i += ImpliedBlock::rows) {
        const double* in[6];
        for (int c = 0; c < 6; ++c) in[c] = inputs[c] + i;
        const std::size_t left = n - i;
        black_implied_volatility_rows(in, outputs[0] + i,
                                      left < ImpliedBlock::rows ? left : ImpliedBlock::rows);
    }
}

void black_implied_volatility_scalar(const double* inputs, double* outputs) noexcept {
    const double* in[6];
    for (int c = 0; c < 6; ++c) in[c] = inputs + c;
    black_implied_volatility_rows(in, outputs, 1);
}
