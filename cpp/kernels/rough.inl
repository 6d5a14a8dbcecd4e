// Reciprocals, roots and logarithms to five digits, for where a better number replaces the result
// anyway: without the divider, which gives a quotient in the time of thirty multiplications.
//
// The seeds read the exponent and the mantissa of a double as one integer, which is about its
// binary logarithm (J. F. Blinn 1997, "Floating-point tricks"); polynomials of the seed's error
// finish. The same bits wherever there is a fused operation.
//
// The errors stated here were found by sampling. They decide how near the last, full step begins,
// and no result otherwise: the tests hold the accuracy of what is inverted.

/// 1/x for positive x from 1e-307 to 1e307: relative error 6.6e-6, the fourth power of the seed's.
HEDGEROW_INLINE double rough_reciprocal(double x) {
    constexpr std::uint64_t seed = 0x7fde623822835eea;
    const double y =
        from_bits(static_cast<std::int64_t>(seed - static_cast<std::uint64_t>(bits(x))));
    const double e = muladd(-x, y, 1.0);
    const double once = muladd(y, e, y);
    return muladd(once, e * e, once);
}

/// 1/x, likewise: relative error 4.4e-11.
HEDGEROW_INLINE double close_reciprocal(double x) {
    const double y = rough_reciprocal(x);
    return muladd(y, muladd(-x, y, 1.0), y);
}

/// 1/sqrt(x) for positive normal x: relative error 6.1e-6.
HEDGEROW_INLINE double rough_inverse_root(double x) {
    constexpr std::uint64_t seed = 0x5fe6eb50c7b537a9;
    const double y =
        from_bits(static_cast<std::int64_t>(seed - (static_cast<std::uint64_t>(bits(x)) >> 1)));
    const double e = muladd(-x * y, y, 1.0);
    return muladd(y * e, muladd(e, muladd(e, 0.3125, 0.375), 0.5), y);
}

/// ln(x / y) for positive normal x and y: error 3e-6, and relative 7e-6 for x near y.
HEDGEROW_INLINE double rough_log_ratio(double x, double y) {
    const Ratio ratio = reduce_ratio(x, y);
    const double s = (ratio.mantissa - y) * rough_reciprocal(ratio.mantissa + y);
    const double z = s * s;
    const double log_mantissa = muladd(muladd(muladd(z, 2.0 / 7, 0.4), z, 2.0 / 3) * z, s, s + s);
    return muladd(ratio.exponent, ln2_head + ln2_tail, log_mantissa);
}
