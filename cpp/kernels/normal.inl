// The normal distribution through one rational function, its Mills ratio.

constexpr double inverse_sqrt_2pi = 0.39894228040143268;

/// Mills ratio M(x) = N(-x) exp(x^2/2) = P(x)/Q(x) on [0, 39]: relative error 5.3e-17. All
/// coefficients are positive: nothing cancels, and one rational serves the center and the tail.
constexpr double mills_numerator[] = {0x1.0p-1,
                                      0x1.8cbd4b8e51dcdp-1,
                                      0x1.30285005b630dp-1,
                                      0x1.2848eee6e29dap-2,
                                      0x1.9031010db433ap-4,
                                      0x1.830c4a2295931p-6,
                                      0x1.0c033e38c69d9p-8,
                                      0x1.01233e874efeep-11,
                                      0x1.38893abe1c52bp-15,
                                      0x1.7401d4ac65c85p-20};
constexpr double mills_denominator[] = {1.0,
                                        0x1.2c7fba9679c64p+1,
                                        0x1.47d79a7b88a04p+1,
                                        0x1.b6e3deb6638f0p+0,
                                        0x1.906a55be955c0p-1,
                                        0x1.0516a8a942059p-2,
                                        0x1.ef1b5db2c222bp-5,
                                        0x1.52f6da3e23a66p-7,
                                        0x1.432f56364d9cbp-10,
                                        0x1.87b4b2ca5544fp-14,
                                        0x1.d23de80c41df4p-19};

struct Fraction {
    double numerator;
    double denominator;
};

/// The Mills ratio of x in [0, 39] as a fraction: callers merge its division with their own.
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
