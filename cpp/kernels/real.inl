// The primitives that every kernel is written in: plain double operations, branch-free, so that
// the compiler turns a loop over them into vector code for the instruction set at hand.
//
// Contraction is off in the whole core: a multiplication and an addition are fused where and only
// where it says fma or muladd. So the same source gives the same bits as scalar, AVX2, AVX-512 and
// NEON code; the baseline of x86-64, which has no fused operation, differs within stated bounds.

constexpr double infinity = __builtin_inf();
constexpr double not_a_number = __builtin_nan("");

/// a b + c in one rounding where the machine has it, in two where it has not.
HEDGEROW_INLINE double muladd(double a, double b, double c) {
#if HEDGEROW_FMA
    return __builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/// The rounding error of the product p = a b, exactly: a b - p. Without a fused operation by
/// Dekker's splitting (T. J. Dekker 1971, "A floating-point technique for extending the available
/// precision"), for |a|, |b| < 2^996.
HEDGEROW_INLINE double product_error(double a, double b, double p) {
#if HEDGEROW_FMA
    return __builtin_fma(a, b, -p);
#else
    constexpr double split = 134217729.0;  // 2^27 + 1
    const double ta = split * a, tb = split * b;
    const double ah = ta - (ta - a), al = a - ah;
    const double bh = tb - (tb - b), bl = b - bh;
    return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
#endif
}

HEDGEROW_INLINE std::int64_t bits(double x) {
    return __builtin_bit_cast(std::int64_t, x);
}
HEDGEROW_INLINE double from_bits(std::int64_t i) {
    return __builtin_bit_cast(double, i);
}
HEDGEROW_INLINE double absolute(double x) {
    return __builtin_fabs(x);
}
HEDGEROW_INLINE double square_root(double x) {
    return __builtin_sqrt(x);
}
/// NaN in the first argument passes; NaN in the second is ignored.
HEDGEROW_INLINE double at_least(double x, double bound) {
    return x < bound ? bound : x;
}
HEDGEROW_INLINE double at_most(double x, double bound) {
    return x > bound ? bound : x;
}

/// Horner's rule; coefficients from the constant term up.
template <int n>
HEDGEROW_INLINE double polynomial(const double (&coefficients)[n], double x) {
    double sum = coefficients[n - 1];
#pragma GCC unroll 16
    for (int i = n - 2; i >= 0; --i) sum = muladd(sum, x, coefficients[i]);
    return sum;
}
