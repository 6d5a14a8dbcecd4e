// exp and the logarithm of a ratio. Coefficients are minimax fits from
// cpp/kernels/coefficients.py, which prints the errors quoted here.

/// exp(x) - 1 on |x| <= ln(2)/2 is x + x^2 p(x); relative error of exp 1.2e-17.
constexpr double exp_coefficients[] = {
    0x1.000000000000ap-1,  0x1.55555555554f9p-3,  0x1.5555555550879p-5,  0x1.1111111127df6p-7,
    0x1.6c16c1842b8fap-10, 0x1.a01a0129d2b6ep-13, 0x1.a0199a073f27cp-16, 0x1.71df262b8f9d2p-19,
    0x1.28ad782509499p-22, 0x1.ad7e7b9909f66p-26};

constexpr double round_to_integer = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds
constexpr double log2_e = 1.4426950408889634;
constexpr double ln2_head = 0x1.62e42fefa3800p-1;  // ln(2) to 42 bits: 2^11 times it is exact
constexpr double ln2_tail = 0x1.ef35793c76730p-45;

/// exp(high + low) for high in [-708.3, 709.7], |low| << 1: Cody and Waite's reduction by ln(2)
/// (Software Manual for the Elementary Functions, 1980) and a polynomial.
HEDGEROW_INLINE double exp_sum(double high, double low) {
    const double shifted = muladd(high, log2_e, round_to_integer);
    const double n = shifted - round_to_integer;
    double r = muladd(-n, ln2_head, high);
    r = muladd(-n, ln2_tail, r) + low;
    const double expm1 = muladd(polynomial(exp_coefficients, r), r * r, r);
    // Adding n to the exponent field multiplies by 2^n: the low bits of `shifted` are n.
    const auto exponent = static_cast<std::uint64_t>(bits(shifted)) << 52;
    return from_bits(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(bits(1.0 + expm1)) + exponent));
}

/// exp(x) for every x: 0 below -708.3, inf above 709.7, NaN for NaN. Error below 1 ulp.
HEDGEROW_INLINE double exp_of(double x) {
    const double y = exp_sum(at_most(at_least(x, -708.3), 709.7), 0.0);
    return x < -708.3 ? 0.0 : x > 709.7 ? infinity : y;
}

/// ln(m) for m = (1 + s)/(1 - s), 0.66 < m < 1.51, is 2 s + s^3 p(s^2); relative error 1.6e-17.
constexpr double log_coefficients[] = {
    0x1.555555555577ap-1, 0x1.99999998efc03p-2, 0x1.249249b2d6c7ap-2, 0x1.c71c00f19a6eap-3,
    0x1.7474f507cbec1p-3, 0x1.385169f4fe687p-3, 0x1.3ac9377957639p-3};

/// A ratio x / y as 2^exponent (mantissa / y), mantissa / y in (0.66, 1.51), found from the
/// difference of the bit patterns: no division, and exact when x is near y.
struct Ratio {
    double mantissa;
    double exponent;
};

HEDGEROW_INLINE Ratio reduce_ratio(double x, double y) {
    constexpr std::uint64_t offset = 0x8008000000000000u;  // 2048.5 * 2^52
    const auto bx = static_cast<std::uint64_t>(bits(x));
    const std::uint64_t biased = (bx - static_cast<std::uint64_t>(bits(y)) + offset) >> 52;
    const double mantissa = from_bits(static_cast<std::int64_t>(bx - ((biased - 2048) << 52)));
    // 2^52 + biased as a double, then minus both: the exponent without an integer conversion.
    const double exponent =
        from_bits(static_cast<std::int64_t>(biased | 0x4330000000000000u)) - (0x1p52 + 2048.0);
    return {mantissa, exponent};
}

/// ln(2^exponent (1 + s)/(1 - s)) + low, summed from the small end.
HEDGEROW_INLINE double log_assemble(double exponent, double s, double low) {
    const double z = s * s;
    const double log_mantissa = muladd(polynomial(log_coefficients, z) * z, s, s + s);
    return muladd(exponent, ln2_head, muladd(exponent, ln2_tail, log_mantissa + low));
}

/// ln(x / y) for positive normal x and y, as one function: the difference x - y is taken before
/// anything is rounded, so that it keeps its relative accuracy at the money.
HEDGEROW_INLINE double log_ratio(double x, double y) {
    const Ratio ratio = reduce_ratio(x, y);
    return log_assemble(ratio.exponent, (ratio.mantissa - y) / (ratio.mantissa + y), 0.0);
}

/// ln(x): -inf at 0, NaN below and for NaN. Error below 2 ulp; subnormals are scaled first.
HEDGEROW_INLINE double log_of(double x) {
    const bool subnormal = x < 0x1p-1022;
    const double y =
        log_ratio(subnormal ? x * 0x1p54 : x, 1.0) - (subnormal ? 54 * (ln2_head + ln2_tail) : 0.0);
    return x > 0 ? (x < infinity ? y : infinity) : x == 0 ? -infinity : not_a_number;
}
