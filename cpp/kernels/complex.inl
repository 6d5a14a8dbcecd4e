// Complex numbers, as far as characteristic functions need them. Coefficients are minimax fits from
// cpp/kernels/coefficients.py, which prints the errors quoted here.

struct Complex {
    double re, im;
};

HEDGEROW_INLINE Complex operator+(Complex a, Complex b) {
    return {a.re + b.re, a.im + b.im};
}
HEDGEROW_INLINE Complex operator-(Complex a, Complex b) {
    return {a.re - b.re, a.im - b.im};
}
HEDGEROW_INLINE Complex operator-(Complex a) {
    return {-a.re, -a.im};
}
HEDGEROW_INLINE Complex operator*(double s, Complex a) {
    return {s * a.re, s * a.im};
}
HEDGEROW_INLINE Complex operator*(Complex a, Complex b) {
    return {muladd(a.re, b.re, -(a.im * b.im)), muladd(a.re, b.im, a.im * b.re)};
}
HEDGEROW_INLINE Complex times_i(Complex a) {
    return {-a.im, a.re};
}
HEDGEROW_INLINE Complex square(Complex a) {
    return {muladd(a.re, a.re, -(a.im * a.im)), 2.0 * a.re * a.im};
}

/// |a|^2: for numbers between 1e-150 and 1e150, as all here.
HEDGEROW_INLINE double norm(Complex a) {
    return muladd(a.re, a.re, a.im * a.im);
}
HEDGEROW_INLINE Complex inverse(Complex a) {
    const double scale = 1.0 / norm(a);
    return {a.re * scale, -a.im * scale};
}

/// The root with a real part that is not negative.
HEDGEROW_INLINE Complex square_root(Complex a) {
    const double large = square_root(0.5 * (square_root(norm(a)) + absolute(a.re)));
    const double small = 0.5 * a.im / at_least(large, 1e-150);
    const double turned = __builtin_copysign(large, a.im);
    return {a.re < 0 ? absolute(small) : large, a.re < 0 ? turned : small};
}

/// On z = x^2 <= (pi/4)^2: sin(x) = x + x z p(z), relative error 5.5e-18; cos(x) = 1 - z/2 +
/// z^2 p(z), error 9.1e-19.
constexpr double sine_coefficients[] = {-0x1.5555555555549p-3,  0x1.111111110f883p-7,
                                        -0x1.a01a019c127c8p-13, 0x1.71de357852e0ap-19,
                                        -0x1.ae5e6699803d0p-26, 0x1.5d9315df5427bp-33};
constexpr double cosine_coefficients[] = {0x1.555555555554cp-5,  -0x1.6c16c16c15180p-10,
                                          0x1.a01a019cb1ea9p-16, -0x1.27e4f80a07c48p-22,
                                          0x1.1ee9ebf434929p-29, -0x1.8faea054caa71p-37};
/// On z = s^2 <= tan(pi/8)^2: atan(s) = s + s z p(z), relative error 3.9e-17.
constexpr double arctangent_coefficients[] = {
    -0x1.5555555555324p-2, 0x1.999999994ac77p-3, -0x1.24924905e781dp-3, 0x1.c71c65f05af08p-4,
    -0x1.745bc60a6db29p-4, 0x1.3afc5bc15cb33p-4, -0x1.10066d0303d28p-4, 0x1.d26161e38adc8p-5,
    -0x1.653a66c43d05fp-5, 0x1.5ca0a06d28141p-6};

constexpr double half_pi = 1.5707963267948966;
// pi/2 as a sum: multiples of the first two by less than 2^20 are exact.
constexpr double half_pi_head = 0x1.921fb54400000p+0, half_pi_middle = 0x1.0b4611a600000p-34,
                 half_pi_tail = 0x1.3198a2e037073p-69;

/// b where `mask` has all bits set, a where it has none.
HEDGEROW_INLINE double either(double a, double b, std::int64_t mask) {
    return from_bits((bits(a) & ~mask) | (bits(b) & mask));
}

/// {cos(x), sin(x)} for |x| < 1e6; error 1e-16.
HEDGEROW_INLINE Complex turn(double x) {
    const double shifted = muladd(x, 1.0 / half_pi, round_to_integer);
    const double n = shifted - round_to_integer;
    double r = muladd(-n, half_pi_head, x);
    r = muladd(-n, half_pi_middle, r);
    r = muladd(-n, half_pi_tail, r);
    const double z = r * r;
    const double sine = muladd(r * z, polynomial(sine_coefficients, z), r);
    const double cosine = muladd(z * z, polynomial(cosine_coefficients, z), muladd(-0.5, z, 1.0));
    const std::int64_t quarter = bits(shifted), odd = -(quarter & 1);
    const double s = either(sine, cosine, odd), c = either(cosine, sine, odd);
    return {from_bits(bits(c) ^ (((quarter + 1) & 2) << 62)),
            from_bits(bits(s) ^ ((quarter & 2) << 62))};
}

/// exp(a); beyond the range of doubles its ends stand in for 0 and infinity.
HEDGEROW_INLINE Complex exp_of(Complex a) {
    return exp_sum(at_most(at_least(a.re, -708.0), 709.0), 0.0) * turn(a.im);
}

/// The angle of a, which is not 0, in [-pi, pi].
HEDGEROW_INLINE double angle(Complex a) {
    const double x = absolute(a.re), y = absolute(a.im);
    const double large = x < y ? y : x, small = x < y ? x : y;
    const bool beyond = small > 0.41421356237309503 * large;  // tan(pi/8)
    const double s = (beyond ? small - large : small) / (beyond ? small + large : large);
    const double z = s * s;
    const double rest = muladd(s * z, polynomial(arctangent_coefficients, z), s);
    const double octant = (beyond ? 0.5 * half_pi : 0.0) + rest;
    const double quadrant = x < y ? half_pi - octant : octant;
    return __builtin_copysign(a.re < 0 ? 2.0 * half_pi - quadrant : quadrant, a.im);
}

/// ln(1 + a), principal branch, with the relative accuracy of a where it is small.
HEDGEROW_INLINE Complex log1p_of(Complex a) {
    const double excess = muladd(a.re, 2.0 + a.re, a.im * a.im);  // |1 + a|^2 - 1
    const double whole = at_least(1.0 + excess, 1e-300);
    const double lost = (excess - (whole - 1.0)) / whole;
    return {0.5 * (log_ratio(whole, 1.0) + lost), angle({1.0 + a.re, a.im})};
}
