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
// Only the last step needs every digit, since what the one before it misses is raised to the fourth
// power: the start and the first step are made of rough arithmetic, and no stage divides more than
// once, so that the divider works beside the multipliers. In the last step, below s =
// 0.51, the difference of Mills ratios is its odd Taylor series in t, so that nothing cancels.
// Every quantity of the iteration is relative to s: it holds for s of 1e-300.
//
// What the price determines: a relative error e of p moves s by e / (dlnp/dlns), and p of an option
// in the money carries the rounding of the whole price. The terms are exact up to that rounding.

/// The state of the iteration, column by column.
template <std::size_t count>
struct ImpliedBlock {
    static constexpr std::size_t rows = count;
    using Column = double[rows];

    Column part, gap, whole;  ///< of ImpliedFraction; part is the time value before it is that
    Column domain;            ///< added to the result: 0, or NaN where there is none
    Column x;                 ///< |ln(F/K)|
    Column root;              ///< sqrt(2x), the inflection point, to 1e-5
    Column target;            ///< p or 1 - p, times 2^900: what the objective is measured against
    Column side;              ///< +1: the objective is ln p; -1: ln(1 - p)
    Column level;             ///< p or 1 - p at the inflection point; then ln of it over the target
    Column ratio;             ///< root / s
    Column error;             ///< of the model of the start
    Column s;                 ///< the total volatility
    Column h;                 ///< x/s
    Column small;             ///< 1 where the series in t is used, 0 elsewhere
    Column tail;              ///< n(0) - h M(h)
    Column numerator, denominator;  ///< of M(h - t) -+ M(h + t)
    Column objective;               ///< ln p or ln(1 - p) at s, less that of the target
    Column slope;                   ///< of the objective by ln s
    Column newton;                  ///< Newton's step, relative to s
    Column kept, lost;              ///< s, and 1 where it is not good enough, else 0
};

/// Below this p the objective is ln p even above the inflection point: 1 - p determines a small p
/// badly. Above that point such rows have a total volatility below 0.55.
constexpr double least_above = 0.16;

/// Below this total volatility, and for x < 2, the series is used: its first omitted term is 1e-17
/// there, and above it the difference of Mills ratios loses less than a factor 6. For x > 2 it
/// loses a factor h/s, which the slope of the objective, about h^2 = x h/s, more than makes good,
/// whereas the derivatives in the series lose (x/2)^2 a term.
constexpr double small_deviation = 0.51;
constexpr double sqrt_2_over_pi = 0.79788456080286541;
constexpr double sqrt_pi_over_2 = 1.2533141373155003;

/// The inflection point, and p = 1/2 - M(root) there.
template <class Block>
HEDGEROW_INLINE void implied_root(Block& q, std::size_t j) {
    const double twice = q.x[j] + q.x[j];
    const double root = twice * rough_inverse_root(at_least(twice, 1e-300));
    const double excess = root * polynomial(rough_mills_excess, root);
    const double numerator = polynomial(rough_mills_numerator, root);
    q.root[j] = root;
    q.level[j] = 0.5 * excess / (numerator + excess);
}

/// Chooses its side, and with it what is solved for.
template <class Block>
HEDGEROW_INLINE void implied_side(Block& q, std::size_t j) {
    const double p = q.level[j], part = q.part[j];
    const double edge = q.whole[j] * implied_scale * at_least(p, least_above);
    q.side[j] = part > edge ? -1.0 : 1.0;
    q.level[j] = part > edge ? 1.0 - p : p;
    q.target[j] = (part > edge ? q.gap[j] : at_least(part, 0.0)) / q.whole[j];
}

/// Measures the target's distance from the inflection point, and bounds root / s: the ratio of the
/// prices is one bound, the exponential alone gives another.
template <class Block>
HEDGEROW_INLINE void implied_level(Block& q, std::size_t j) {
    const double at_root = q.level[j] * implied_scale;
    q.ratio[j] = at_root / q.target[j];
    q.level[j] = rough_log_ratio(at_root, q.target[j]);
}

template <class Block>
HEDGEROW_INLINE void implied_ratio(Block& q, std::size_t j) {
    const double below = at_least(q.level[j], 1e-300), sum = below + q.x[j];
    const double roots = muladd(below, rough_inverse_root(below), sum * rough_inverse_root(sum));
    const double exponential = 1.4142135623730951 * roots / at_least(q.root[j], 1e-300);
    q.ratio[j] = at_least(at_most(exponential, q.ratio[j]), 1.0);
}

/// Halley's step in ln(root / s) on a model without special functions: the difference of Mills
/// ratios is about s / (1 + sqrt(pi/2) h + h^2).
template <class Block>
HEDGEROW_INLINE void implied_model(Block& q, std::size_t j) {
    const double r = q.ratio[j], u = r - 1.0 / r;
    const double h0 = 0.5 * q.root[j], h = h0 * r;
    const double d0 = muladd(h0, h0 + sqrt_pi_over_2, 1.0), d = muladd(h, h + sqrt_pi_over_2, 1.0);
    q.error[j] = muladd(0.25 * q.x[j] * u, u, rough_log_ratio(r * d, d0)) - q.level[j];
}

template <class Block>
HEDGEROW_INLINE void implied_model_step(Block& q, std::size_t j) {
    const double r = q.ratio[j], inverse = 1.0 / r, x = q.x[j];
    const double u = r - inverse, w = r + inverse, h = 0.5 * q.root[j] * r;
    // The derivatives, times d and times d^2.
    const double d = muladd(h, h + sqrt_pi_over_2, 1.0), g = h * muladd(h, 2.0, sqrt_pi_over_2);
    const double slope = muladd(d, muladd(0.5 * x, u * w, 1.0), g);
    const double bend =
        muladd(d, muladd(x * d, muladd(u, u, 2.0), h * muladd(h, 4.0, sqrt_pi_over_2)), -(g * g));
    const double inverse_slope = rough_reciprocal(slope), over = q.error[j] * inverse_slope;
    const double newton = over * d;
    const double halley = at_least(muladd(-0.5 * over, bend * inverse_slope, 1.0), 0.25);
    // exp(-newton / halley) as 1/(1 + y + y^2/2): the bounds are upper bounds, y is rarely
    // negative.
    const double square = halley * halley;
    const double over_exp = muladd(newton, muladd(0.5, newton, halley), square);
    q.ratio[j] = at_least(r * square * rough_reciprocal(over_exp), 1.0);
}

/// Keeps s on its side of the inflection point, or below what p = least_above may need.
template <class Block>
HEDGEROW_INLINE double implied_inside(const Block& q, std::size_t j, double s) {
    constexpr double most_below = 0.55, most_above = 1e4;
    const double low = q.side[j] < 0 ? q.root[j] : 1e-307;
    const double high = q.side[j] < 0 ? most_above : at_least(q.root[j], most_below);
    return at_least(at_most(s, high), low);
}

/// The first s of the iteration proper.
template <class Block>
HEDGEROW_INLINE void implied_start(Block& q, std::size_t j) {
    const double x = q.x[j], level = q.level[j];
    // Above the inflection: (t - h)^2/2 + sqrt(2/pi) (t - h) is about the level.
    constexpr double c2 = sqrt_2_over_pi * sqrt_2_over_pi;
    const double twice = at_least(level + level, 0.0), sum = twice + c2;
    const double a = muladd(sum, rough_inverse_root(sum), -sqrt_2_over_pi);
    const double square = at_least(muladd(a, a, x + x), 1e-300);
    const double above = muladd(square, rough_inverse_root(square), a);
    // Between it and least_above: p = s (n(0) - h/2 + h^2 n(0)/2).
    const double near =
        muladd(0.5, x, q.target[j] * (1.0 / implied_scale)) * (1.0 / inverse_sqrt_2pi);
    const double between = muladd(-0.5 * x, x * rough_reciprocal(at_least(near, 1e-300)), near);
    const double below = q.root[j] / q.ratio[j];
    const double low = level < 0 ? between : below;
    q.s[j] = implied_inside(q, j, q.side[j] < 0 ? above : low);
}

/// M(h - t) - M(h + t) or M(t - h) + M(t + h) as a fraction, to five digits. P and Q, expanded into
/// even and odd powers of t around h, give the difference without cancellation; in the sum t and h
/// change places.
template <class Block>
HEDGEROW_INLINE void implied_rough_mills(Block& q, std::size_t j) {
    constexpr const auto& p = rough_mills_numerator;
    constexpr const auto& r = rough_mills_denominator;
    const double s = q.s[j], h = q.x[j] / s, t = 0.5 * s, side = q.side[j];
    const double c = side > 0 ? h : t, w = side > 0 ? t : h, z = w * w;
    const double p_even = muladd(z, muladd(c, 3 * p[3], p[2]), polynomial(p, c));
    const double p_odd = muladd(z, p[3], muladd(c, muladd(c, 3 * p[3], 2 * p[2]), p[1]));
    const double r_even = muladd(z, muladd(z, r[4], muladd(c, muladd(c, 6 * r[4], 3 * r[3]), r[2])),
                                 polynomial(r, c));
    const double r_odd =
        muladd(z, muladd(c, 4 * r[4], r[3]),
               muladd(c, muladd(c, muladd(c, 4 * r[4], 3 * r[3]), 2 * r[2]), r[1]));
    const double difference = s * muladd(p_even, r_odd, -(p_odd * r_even));
    const double sum = 2.0 * muladd(p_even, r_even, -(z * (p_odd * r_odd)));
    q.h[j] = h;
    q.numerator[j] = side > 0 ? difference : sum;
    q.denominator[j] = muladd(r_even, r_even, -(z * (r_odd * r_odd)));
}

template <class Block>
HEDGEROW_INLINE void implied_rough_objective(Block& q, std::size_t j) {
    const double a = muladd(-0.5, q.s[j], q.h[j]);
    q.objective[j] =
        muladd(-0.5 * a, a,
               rough_log_ratio(q.numerator[j] * implied_scale, q.denominator[j] * q.target[j]));
}

/// Newton's step, relative to s, and the slope of the objective by ln s.
template <class Block>
HEDGEROW_INLINE void implied_rough_newton(Block& q, std::size_t j) {
    const double slope =
        inverse_sqrt_2pi * q.s[j] * q.denominator[j] * rough_reciprocal(q.numerator[j]);
    q.slope[j] = q.side[j] * slope;
    q.newton[j] = -q.side[j] * q.objective[j] * rough_reciprocal(slope);
}

/// Householder's step of fourth order, from Newton's and the derivatives of the logarithm of vega.
template <class Block>
HEDGEROW_INLINE double implied_step(const Block& q, std::size_t j) {
    const double s = q.s[j], h = q.h[j], t = 0.5 * s, slope = q.slope[j], newton = q.newton[j];
    const double vega1 = (h - t) * (h + t);
    const double vega2 = muladd(vega1, vega1, muladd(-3.0 * h, h, -(t * t)));
    const double second = vega1 - slope;
    const double third = muladd(slope, muladd(2.0, slope, -3.0 * vega1), vega2);
    const double sixth = third * (1.0 / 6.0) * newton;
    const double over = muladd(newton, sixth + second, 1.0);
    // newton (1 + second newton/2) / over, as a correction to newton, which keeps all its digits.
    const double bend = newton * muladd(0.5, second, sixth) / over;
    const double step = muladd(-newton, bend, newton);
    return muladd(s, at_least(at_most(step, 4.0), -0.8), s);
}

template <class Block>
HEDGEROW_INLINE void implied_rough_step(Block& q, std::size_t j) {
    q.s[j] = implied_inside(q, j, implied_step(q, j));
}

/// h to all digits, and where the series is used.
template <class Block>
HEDGEROW_INLINE void implied_quotient(Block& q, std::size_t j) {
    const double limit = q.x[j] < 2.0 ? q.side[j] * small_deviation : 0.0;
    q.h[j] = q.x[j] / q.s[j];
    q.small[j] = q.s[j] < limit ? 1.0 : 0.0;
}

/// The Mills ratios to all digits. The rational is good to 1e-13 up to 150 too, and the slope of
/// the objective, about h^2, makes that good.
template <class Block>
HEDGEROW_INLINE void implied_mills(Block& q, std::size_t j) {
    const double h = q.h[j], t = 0.5 * q.s[j], side = q.side[j];
    const Fraction m1 = mills(at_least((h - t) * side, -0.25)), m2 = mills(h + t);
    q.numerator[j] =
        muladd(m1.numerator, m2.denominator, -(side * (m2.numerator * m1.denominator)));
    q.denominator[j] = m1.denominator * m2.denominator;
}

/// Where s is small: M(h - t) - M(h + t) by Taylor's series to t^15, whose derivatives follow from
/// M' = h M - n(0). The first, in which those two cancel, is Bachelier's price, and M follows from
/// it: of the odd derivatives alone, no rounding error of M is seen.
template <class Block>
HEDGEROW_INLINE void implied_tail(Block& q, std::size_t j) {
    const Fraction tail = bachelier_tail(q.h[j]);
    q.tail[j] = tail.numerator / tail.denominator;
}

template <class Block>
HEDGEROW_INLINE void implied_series(Block& q, std::size_t j) {
    const double h = q.h[j], t = 0.5 * q.s[j], z = t * t, d1 = -q.tail[j];
    const double mills_h = (inverse_sqrt_2pi + d1) / at_least(h, 1e-290);
    const double d2 = muladd(h, d1, mills_h);
    const double d3 = muladd(h, d2, 2.0 * d1), d4 = muladd(h, d3, 3.0 * d2);
    const double d5 = muladd(h, d4, 4.0 * d3), d6 = muladd(h, d5, 5.0 * d4);
    const double d7 = muladd(h, d6, 6.0 * d5), d8 = muladd(h, d7, 7.0 * d6);
    const double d9 = muladd(h, d8, 8.0 * d7), d10 = muladd(h, d9, 9.0 * d8);
    const double d11 = muladd(h, d10, 10.0 * d9), d12 = muladd(h, d11, 11.0 * d10);
    const double d13 = muladd(h, d12, 12.0 * d11), d14 = muladd(h, d13, 13.0 * d12);
    const double d15 = muladd(h, d14, 14.0 * d13);
    const double z2 = z * (1.0 / 6.0), z4 = z2 * (z * (1.0 / 20.0)), z6 = z4 * (z * (1.0 / 42.0));
    const double z8 = z6 * (z * (1.0 / 72.0)), z10 = z8 * (z * (1.0 / 110.0));
    const double z12 = z10 * (z * (1.0 / 156.0)), z14 = z12 * (z * (1.0 / 210.0));
    const double end = muladd(d15, z14, muladd(d13, z12, muladd(d11, z10, d9 * z8)));
    const double tail = end + muladd(d7, z6, d5 * z4);
    const double sum = d1 + muladd(d3, z2, tail);
    q.numerator[j] = q.small[j] > 0 ? -sum * q.s[j] : q.numerator[j];
    q.denominator[j] = q.small[j] > 0 ? 1.0 : q.denominator[j];
}

template <class Block>
HEDGEROW_INLINE void implied_objective(Block& q, std::size_t j) {
    const double a = muladd(-0.5, q.s[j], q.h[j]);
    q.objective[j] = muladd(
        -0.5 * a, a, log_ratio(q.numerator[j] * implied_scale, q.denominator[j] * q.target[j]));
}

template <class Block>
HEDGEROW_INLINE void implied_newton(Block& q, std::size_t j) {
    const double inverse = q.numerator[j] / (inverse_sqrt_2pi * q.s[j] * q.denominator[j]);
    q.slope[j] = q.side[j] * close_reciprocal(inverse);
    q.newton[j] = -q.side[j] * q.objective[j] * inverse;
}

template <class Block>
HEDGEROW_INLINE void implied_last_step(Block& q, std::size_t j) {
    q.s[j] = implied_step(q, j);
}

/// Rows without a solution get one that is harmless, and NaN to be added to it.
template <class Block>
HEDGEROW_INLINE void implied_divide(Block& q, std::size_t j, double forward, double strike,
                                    double discount) {
    const double value = q.part[j];
    const ImpliedFraction p = implied_fraction(value, forward, strike, discount);
    const double known = at_most(p.known, value) >= 0 ? 0.0 : not_a_number;
    q.domain[j] = p.bounded > 0 ? known : not_a_number;
    q.part[j] = p.part;
    q.gap[j] = p.gap;
    q.whole[j] = p.whole;
}

/// The volatility of row j: 0 at intrinsic value, NaN without a solution.
template <class Block>
HEDGEROW_INLINE double implied_result(const Block& q, std::size_t j, double time) {
    const double volatility = q.s[j] / square_root(time);
    return (q.target[j] > 0 ? volatility : 0.0) + q.domain[j];
}

template <class Block>
HEDGEROW_INLINE void implied_rough(Block& q, std::size_t n) {
    HEDGEROW_ROWS implied_rough_mills(q, j);
    HEDGEROW_ROWS implied_rough_objective(q, j);
    HEDGEROW_ROWS implied_rough_newton(q, j);
    HEDGEROW_ROWS implied_rough_step(q, j);
}

/// The last step on the first `n` rows of a block. What no row of it needs is left out.
template <class Block>
HEDGEROW_INLINE void implied_finish(Block& q, std::size_t n) {
    HEDGEROW_ROWS implied_quotient(q, j);
    double small = 0;
#pragma omp simd reduction(+ : small)
    for (std::size_t j = 0; j < n; ++j) small += q.small[j];
    if (small < static_cast<double>(n)) {
        HEDGEROW_ROWS implied_mills(q, j);
    }
    if (small > 0) {
        HEDGEROW_ROWS implied_tail(q, j);
        HEDGEROW_ROWS implied_series(q, j);
    }
    HEDGEROW_ROWS implied_objective(q, j);
    HEDGEROW_ROWS implied_newton(q, j);
    HEDGEROW_ROWS implied_last_step(q, j);
}

/// Solves the first `n` rows of a block: two steps on the model, two on the objective.
template <class Block>
HEDGEROW_INLINE void implied_solve(Block& q, std::size_t n) {
    HEDGEROW_ROWS implied_level(q, j);
    // One row alone needs the model only below the inflection point.
    if (Block::rows > 1 || (q.side[0] > 0 && q.level[0] >= 0)) {
        HEDGEROW_ROWS implied_ratio(q, j);
        for (int step = 0; step < 2; ++step) {
            HEDGEROW_ROWS implied_model(q, j);
            HEDGEROW_ROWS implied_model_step(q, j);
        }
    }
    HEDGEROW_ROWS implied_start(q, j);
    implied_rough(q, n);
    implied_finish(q, n);
}

template <class Block>
HEDGEROW_INLINE void implied_begin(Block& q, const double* const* in, std::size_t n) {
    const double *right = in[0], *price = in[1], *forward = in[2], *strike = in[3], *time = in[4],
                 *discount = in[5];
    HEDGEROW_ROWS q.part[j] =
        implied_time_value(right[j], price[j], forward[j], strike[j], discount[j]);
    HEDGEROW_ROWS implied_divide(q, j, forward[j], strike[j], discount[j]);
    HEDGEROW_ROWS q.domain[j] +=
        implied_domain(right[j], price[j], forward[j], strike[j], time[j], discount[j]);
    HEDGEROW_ROWS q.x[j] = implied_moneyness(forward[j], strike[j]);
    HEDGEROW_ROWS implied_root(q, j);
    HEDGEROW_ROWS implied_side(q, j);
}

/// Cold: from the price alone.
struct ImpliedCold {
    static constexpr int inputs = 6;

    template <class Block>
    HEDGEROW_INLINE static void solve(Block& q, const double* const*, std::size_t n) {
        implied_solve(q, n);
    }
};

/// Warm: from a guess in the seventh column. A row is solved if what is left before the last step
/// is so small that the step, of fourth order, leaves nothing; all others are solved cold. A row's
/// result does not depend on its neighbors, only the time that the block takes.
struct ImpliedWarm {
    static constexpr int inputs = 7;

    /// What a step of fourth order leaves is about the last Newton step times the third power of
    /// this, times at most 0.03.
    template <class Block>
    HEDGEROW_INLINE static double distance(const Block& q, std::size_t j) {
        const double h = q.h[j], t = 0.5 * q.s[j];
        const double second = muladd(h - t, h + t, -q.slope[j]);
        return absolute(q.newton[j]) * (1.0 + absolute(second));
    }

    template <class Block>
    HEDGEROW_INLINE static void start(Block& q, std::size_t j, double guess, double time) {
        q.s[j] = implied_inside(q, j, guess * square_root(time));
    }

    /// Marks the rows that need another rough step. NaN compares false: it needs one too.
    template <class Block>
    HEDGEROW_INLINE static void mark(Block& q, std::size_t j, double enough) {
        const double lost = distance(q, j) <= enough ? 0.0 : 1.0;
        const double priced = q.target[j] > 0 ? lost : 0.0;
        q.lost[j] = q.domain[j] == 0 ? priced : 0.0;
        q.kept[j] = q.s[j];
    }

    template <class Block>
    HEDGEROW_INLINE static double marked(const Block& q, std::size_t n) {
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t j = 0; j < n; ++j) sum += q.lost[j];
        return sum;
    }

    template <class Block>
    HEDGEROW_INLINE static void solve(Block& q, const double* const* in, std::size_t n) {
        const double *time = in[4], *guess = in[6];
        HEDGEROW_ROWS start(q, j, guess[j], time[j]);
        implied_rough(q, n);
        HEDGEROW_ROWS mark(q, j, 0.1);
        if (marked(q, n) > 0) {
            implied_rough(q, n);
            HEDGEROW_ROWS q.s[j] = q.lost[j] > 0 ? q.s[j] : q.kept[j];
        }
        implied_finish(q, n);
        HEDGEROW_ROWS mark(q, j, 1e-4);
        if (marked(q, n) > 0) {
            implied_solve(q, n);
            HEDGEROW_ROWS q.s[j] = q.lost[j] > 0 ? q.s[j] : q.kept[j];
        }
    }
};

/// From the columns to the volatilities, by one of the starts above.
template <class Start>
struct ImpliedStages {
    static constexpr int inputs = Start::inputs;
    template <std::size_t rows>
    using Block = ImpliedBlock<rows>;

    template <class Block>
    HEDGEROW_INLINE static void run(Block& q, const double* const* in, double* out, std::size_t n) {
        implied_begin(q, in, n);
        Start::solve(q, in, n);
        const double* time = in[4];
        HEDGEROW_ROWS out[j] = implied_result(q, j, time[j]);
    }
};

HEDGEROW_INVERSION(black_implied_volatility, ImpliedStages<ImpliedCold>)
HEDGEROW_INVERSION(black_implied_volatility_from, ImpliedStages<ImpliedWarm>)
