// The normal distribution through one rational function, its Mills ratio.

constexpr double inverse_sqrt_2pi = 0.39894228040143268;

/// Mills ratio M(x) = N(-x) exp(x^2/2) = P(x)/Q(x) on [-0.25, 39]: relative error 7.7e-17, of its
/// derivative 7e-16. All coefficients are positive: nothing cancels, and one rational serves the
/// center, the tail and, through divided differences, M(x) - M(y) for x near y. Coefficients from
/// cpp/kernels/coefficients_bachelier.py.
constexpr double mills_numerator[] = {0.5,
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
