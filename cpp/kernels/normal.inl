// The normal distribution through one rational function, its Mills ratio. The coefficients are
// minimax fits from cpp/kernels/coefficients.py, which verifies the errors quoted here.

constexpr double inverse_sqrt_2pi = 0.39894228040143268;

/// Mills ratio M(x) = N(-x) exp(x^2/2) = P(x)/Q(x) on [-0.25, 39]: relative error 7.7e-17, of its
/// derivative 7e-16. All coefficients are positive: nothing cancels, and one rational serves the
/// center, the tail and, through divided differences, M(x) - M(y) for x near y. Coefficients from
/// cpp/kernels/coefficients.py.
constexpr double mills_numerator[] = {0x1.0p-1,
                                      0x1.a26be72c725cfp-1,
                                      0x1.5357b7c5659f5p-1,
                                      0x1.6085af7ae80b0p-2,
                                      0x1.013126860576cp-3,
                                      0x1.1209ef85070a9p-5,
                                      0x1.af1d190e34d69p-8,
                                      0x1.eec482af36af5p-11,
                                      0x1.8dabc4f47914fp-14,
                                      0x1.96ac503a63d2bp-18,
                                      0x1.95e19abfef5e9p-23};
constexpr double mills_denominator[] = {1.0,
                                        0x1.375708658a07bp+1,
                                        0x1.6215ada1a3b1ap+1,
                                        0x1.f20b70405d232p+0,
                                        0x1.e268a511020b9p-1,
                                        0x1.52bed95906003p-2,
                                        0x1.610576118a6e5p-4,
                                        0x1.1209e8639ec30p-6,
                                        0x1.380a64b3fe5eap-9,
                                        0x1.f36673a46b16bp-13,
                                        0x1.fdb06bc5b3126p-17,
                                        0x1.fcb25cf12d45bp-22};

struct Fraction {
    double numerator;
    double denominator;
};

/// The Mills ratio of x in [-0.25, 39] as a fraction: callers merge its division with their own.
HEDGEROW_INLINE Fraction mills(double x) {
    return {polynomial(mills_numerator, x), polynomial(mills_denominator, x)};
}

/// exp(-x^2/2) with the square's rounding error carried along: without it the tail would lose
/// x^2 ulp. Underflows gradually to 0 at 38.6; `x` may have either sign.
HEDGEROW_INLINE double gaussian(double x) {
    const double a = at_most(absolute(x), 38.6);
    const double square = a * a, low = product_error(a, a, square);
    // Below the normal range: compute exp(100) times as much, and let the last product round.
    const bool deep = a > 37.0;
    const double e = exp_sum(muladd(square, -0.5, deep ? 100.0 : 0.0), -0.5 * low);
    return absolute(x) > 38.6 ? 0.0 : deep ? e * 3.720075976020836e-44 : e;
}

/// N(x) for every x, NaN for NaN.
HEDGEROW_INLINE double normal_cdf_of(double x) {
    const Fraction m = mills(at_most(absolute(x), 38.6));
    const double tail = gaussian(x) * (m.numerator / m.denominator);
    return x < 0 ? tail : x >= 0 ? 1.0 - tail : not_a_number;
}

/// n(x) for every x, NaN for NaN.
HEDGEROW_INLINE double normal_pdf_of(double x) {
    return x == x ? inverse_sqrt_2pi * gaussian(x) : not_a_number;
}

/// The Mills ratio of x in [0, 1e40]: beyond the rational's interval by six terms of Laplace's
/// continued fraction M(x) sqrt(2 pi) = 1/(x + 1/(x + 2/(x + ...))), truncated below 1e-16 there.
HEDGEROW_INLINE Fraction mills_wide(double x) {
    constexpr double sqrt_2pi = 2.5066282746310002;
    const Fraction near = mills(x);
    const double z = x * x;
    const double numerator = x * muladd(z, z + 14.0, 33.0);
    const double denominator = sqrt_2pi * muladd(z, muladd(z, z + 15.0, 45.0), 15.0);
    return {x > 39.0 ? numerator : near.numerator, x > 39.0 ? denominator : near.denominator};
}

/// The Mills ratio of any x >= 0 as a number.
HEDGEROW_INLINE double mills_value(double x) {
    constexpr double edge = 1e40;  // from here on M(x) is proportional to 1/x
    const Fraction m = mills_wide(at_most(x, edge));
    return m.numerator / m.denominator * at_most(edge / x, 1.0);
}

/// exp(scale x^2), scale a power of two, with the square's rounding error carried along; inf or
/// close to it where the exponential overflows.
HEDGEROW_INLINE double exp_square(double x, double scale) {
    const double a = at_most(absolute(x), 40.0);
    const double square = a * a, low = product_error(a, a, square);
    return exp_sum(at_most(scale * square, 709.7), scale * low);
}

/// exp(x^2) erfc(x) = 2 M(sqrt(2) x) for every x: inf below -26.63, NaN for NaN.
HEDGEROW_INLINE double erfcx_of(double x) {
    constexpr double sqrt_2 = 1.4142135623730951;
    const double right = 2.0 * mills_value(sqrt_2 * absolute(x));
    return x < 0 ? 2.0 * exp_square(x, 1.0) - right : x >= 0 ? right : not_a_number;
}

/// N(-x) / n(x) = sqrt(2 pi) M(x) for every x: inf below -37.65, NaN for NaN.
HEDGEROW_INLINE double mills_ratio_of(double x) {
    constexpr double sqrt_2pi = 2.5066282746310002;
    const double m = mills_value(absolute(x));
    return sqrt_2pi * (x < 0 ? exp_square(x, 0.5) - m : x >= 0 ? m : not_a_number);
}

/// ln N(x) for every x, NaN for NaN: below zero ln M(-x) - x^2/2, above it ln(1 - N(-x)) without
/// the rounding of 1 - N(-x).
HEDGEROW_INLINE double log_normal_cdf_of(double x) {
    const double a = absolute(x);
    const Fraction m = mills_wide(at_most(a, 1e40));
    const double below = muladd(-0.5 * a, a, log_ratio(m.numerator, m.denominator));
    const double tail = gaussian(x) * (m.numerator / m.denominator);
    // ln(1 - q) = ln((1 + s)/(1 - s)), s = -q/(2 - q); and from ln(1/2) where that s is too large.
    const bool half = tail > 1.0 / 3.0;
    const double top = half ? 1.0 - 2.0 * tail : -tail;
    const double bottom = half ? 3.0 - 2.0 * tail : 2.0 - tail;
    const double above = log_assemble(half ? -1.0 : 0.0, top / bottom, 0.0);
    return x < 0 ? below : x >= 0 ? above : not_a_number;
}

/// x / u with N(x) = 1/2 + u, |u| < 0.3535, in powers of 1/8 - u^2: relative error 4.5e-17.
constexpr double quantile_center_numerator[] = {
    0x1.7cca705263992p+1,  0x1.e19aa847e17a9p+5, 0x1.bbffd8a661ef4p+8, 0x1.6bbf305615794p+10,
    0x1.00f4692d05370p+11, 0x1.f4e6f6aebbca6p+9, 0x1.31d6c543ae761p+6};
constexpr double quantile_center_denominator[] = {
    0x1.0000000000000p+0,  0x1.61890f989f63dp+4, 0x1.6d05b992ed931p+7, 0x1.5c8a76c95b9dap+9,
    0x1.33ae19a62e82cp+10, 0x1.b206e34a7ea56p+9, 0x1.3acf6d5fbba20p+7};

/// x / s^2 with N(-x) = exp(-s^2/2)/2, 0.5 < s < 38.7: relative error 8.2e-6, where the fourth
/// order step starts from.
constexpr double quantile_tail_numerator[] = {0x1.43c72bc6e009ep-1, 0x1.d4bf3fd64fd1cp-1,
                                              0x1.7e0ec9aa86fc0p-1, 0x1.ce1a776dadd7ep-4};
constexpr double quantile_tail_denominator[] = {0x1.0000000000000p+0, 0x1.85094197ceb44p+0,
                                                0x1.4a44d280386efp+0, 0x1.806429dd447f6p-1,
                                                0x1.cdf104115f953p-4};

/// The x with N(x) = p: -inf at 0, inf at 1, NaN outside. In the center a rational of p - 1/2; in
/// the tails one Householder step of fourth order on ln N(-x) - ln p, whose derivatives are
/// polynomials of the hazard n(x)/N(-x).
HEDGEROW_INLINE double normal_inverse_cdf_of(double p) {
    const double u = p - 0.5;
    const double w = muladd(-u, u, 0.125);
    const double center =
        u * (polynomial(quantile_center_numerator, w) / polynomial(quantile_center_denominator, w));

    const double tail = at_least(at_most(u > 0 ? 1.0 - p : p, 0.25), 0x1p-1074);
    const double lift = tail < 0x1p-1022 ? 0x1p54 : 1.0;  // out of the subnormal range
    const double q = tail * lift;
    const double t = -2.0 * (log_ratio(q, 0.5) - (lift > 1.0 ? 54 * (ln2_head + ln2_tail) : 0.0));
    const double s = square_root(t);
    const double x =
        t * (polynomial(quantile_tail_numerator, s) / polynomial(quantile_tail_denominator, s));
    const Fraction m = mills(x);
    const double f = muladd(-0.5 * x, x, log_ratio(m.numerator * lift, m.denominator * q));
    const double inverse_hazard = m.numerator / (inverse_sqrt_2pi * m.denominator);
    const double hazard = inverse_sqrt_2pi * m.denominator / m.numerator;
    const double newton = f * inverse_hazard;
    const double second = hazard - x;
    const double third = muladd(second, second + hazard, -1.0);
    const double step = newton * muladd(0.5 * second, newton, 1.0) /
                        muladd(newton, muladd(third * (1.0 / 6.0), newton, second), 1.0);
    const double outer = x + step;

    const double inside = absolute(u) < 0.3535 ? center : u > 0 ? outer : -outer;
    const double low = p > 0 ? inside : p == 0 ? -infinity : not_a_number;
    return p < 1 ? low : p == 1 ? infinity : not_a_number;
}
