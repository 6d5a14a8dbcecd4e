// Full revaluation: European options over a row of scenarios, their price changes added to sums.
//
// Black's formula (see black.inl) in units of max(D F, D K), with all that a scenario leaves alone
// taken out of the loop. A scenario multiplies the forward by f and moves s = vol sqrt(T):
//
//     x = ln(F/K) + ln f,  d1,2 = x/s +- s/2,  V = right (F f N(right d1) - K N(right d2))
//
// As F f n(d1) = K n(d2), one exponential serves both tails. What is wanted is the change of a
// whole book, so that errors count in the units above, for both legs alike: a tail N(-a) needs no
// relative accuracy, and beyond `reach` no accuracy at all. That makes its rational short.

/// Mills ratio M(a) = N(-a) exp(a^2/2) on [0, 9], by the error in N(-a): 4.5e-17. All coefficients
/// are positive. From cpp/kernels/coefficients.py, as all arrays here.
constexpr double tail_numerator[] = {
    0x1.0000000000000p-1, 0x1.012e6bd43137bp-1,  0x1.049cfc246e7b3p-2, 0x1.3b6f685d7250ap-4,
    0x1.da4ed7991a62ap-7, 0x1.a0f59cd170d3bp-10, 0x1.4fe6917324189p-14};
constexpr double tail_denominator[] = {
    0x1.0000000000000p+0, 0x1.cd709572d2ed3p+0, 0x1.727b773535590p+0, 0x1.58cba680a343cp-1,
    0x1.9396d61b598bap-3, 0x1.2ad8f8a68f673p-5, 0x1.054cf125a9f34p-8, 0x1.a4fb37f959379p-13};

/// The same in single precision on [0, 6]: 1.6e-9.
constexpr float tail_numerator_single[] = {0x1.0000000000000p-1, 0x1.310c4a0000000p-2,
                                           0x1.625f820000000p-4, 0x1.45ea900000000p-7};
constexpr float tail_denominator_single[] = {0x1.0000000000000p+0, 0x1.64c84e0000000p+0,
                                             0x1.91efa80000000p-1, 0x1.b914a60000000p-3,
                                             0x1.99cd740000000p-6};

/// exp(x) - 1 on |x| <= ln(2)/2 is x + x^2 p(x); relative error of exp 3.8e-9.
constexpr float exp_coefficients_single[] = {0x1.fffffc0000000p-2, 0x1.5554920000000p-3,
                                             0x1.5558f20000000p-5, 0x1.1239e20000000p-7,
                                             0x1.6a24360000000p-10};

HEDGEROW_INLINE std::int32_t bits(float x) {
    return __builtin_bit_cast(std::int32_t, x);
}
HEDGEROW_INLINE float from_bits(std::int32_t i) {
    return __builtin_bit_cast(float, i);
}
HEDGEROW_INLINE float muladd(float a, float b, float c) {
#if HEDGEROW_FMA
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}
HEDGEROW_INLINE float absolute(float x) {
    return __builtin_fabsf(x);
}

template <int n>
HEDGEROW_INLINE float polynomial(const float (&coefficients)[n], float x) {
    float sum = coefficients[n - 1];
#pragma GCC unroll 16
    for (int i = n - 2; i >= 0; --i) sum = muladd(sum, x, coefficients[i]);
    return sum;
}

/// The lesser and the greater of two numbers of which one is positive. As integers where these
/// compare as fast: that is one instruction, where the rules for NaN and signed zeros make the same
/// of floating point three.
template <class Real>
HEDGEROW_INLINE Real lesser(Real x, Real positive) {
#if HEDGEROW_FMA
    const auto a = bits(x), b = bits(positive);
    return from_bits(a < b ? a : b);
#else
    return x < positive ? x : positive;
#endif
}
template <class Real>
HEDGEROW_INLINE Real greater(Real x, Real positive) {
#if HEDGEROW_FMA
    const auto a = bits(x), b = bits(positive);
    return from_bits(a > b ? a : b);
#else
    return x > positive ? x : positive;
#endif
}

/// What each precision has of its own.
template <class Real>
struct Tail;

template <>
struct Tail<double> {
    static constexpr double reach = 9.0, least_deviation = 1e-290;

    HEDGEROW_INLINE static double numerator(double a) { return polynomial(tail_numerator, a); }
    HEDGEROW_INLINE static double denominator(double a) { return polynomial(tail_denominator, a); }

    /// exp(x) for x in [-41, 0], as exp_sum, but for the rounding error of ln(2), which is 1.3e-17
    /// of 1 at most.
    HEDGEROW_INLINE static double exp(double x) {
        const double shifted = muladd(x, log2_e, round_to_integer);
        const double r = muladd(round_to_integer - shifted, ln2_head + ln2_tail, x);
        const double expm1 = muladd(polynomial(exp_coefficients, r), r * r, r);
        const auto exponent = static_cast<std::uint64_t>(bits(shifted)) << 52;
        return from_bits(
            static_cast<std::int64_t>(static_cast<std::uint64_t>(bits(1.0 + expm1)) + exponent));
    }
};

template <>
struct Tail<float> {
    static constexpr float reach = 6.0f, least_deviation = 1e-30f;

    HEDGEROW_INLINE static float numerator(float a) { return polynomial(tail_numerator_single, a); }
    HEDGEROW_INLINE static float denominator(float a) {
        return polynomial(tail_denominator_single, a);
    }

    /// exp(x) for x in [-18, 0], in the same way.
    HEDGEROW_INLINE static float exp(float x) {
        constexpr float round = 12582912.0f;  // 1.5 * 2^23
        const float shifted = muladd(x, float(log2_e), round);
        const float r = muladd(round - shifted, float(ln2_head), x);
        const float expm1 = muladd(polynomial(exp_coefficients_single, r), r * r, r);
        const auto exponent = static_cast<std::uint32_t>(bits(shifted)) << 23;
        return from_bits(
            static_cast<std::int32_t>(static_cast<std::uint32_t>(bits(1.0f + expm1)) + exponent));
    }
};

/// s, and for s of 0 or less one so small that all mass is on one side.
template <class Real>
HEDGEROW_INLINE Real positive_deviation(Real s) {
    return greater(s, Tail<Real>::least_deviation);
}

template <class Real>
struct Distances {
    Real d1, d2;  ///< times right
};

template <class Real>
HEDGEROW_INLINE Distances<Real> distances(const HoistedOption<Real>& option, Real deviation,
                                          Real log_factor) {
    const Real x = muladd(option.right, log_factor, option.log_moneyness);
    const Real center = x / deviation, half = Real(0.5) * option.right * deviation;
    return {center + half, center - half};
}

/// right V / max(D F, D K) from the distances.
template <class Real>
HEDGEROW_INLINE Real moved_value(const HoistedOption<Real>& option, Real factor, Real d1, Real d2) {
    using T = Tail<Real>;
    const Real a1 = lesser(absolute(d1), T::reach), a2 = lesser(absolute(d2), T::reach);
    const Real q1 = T::denominator(a1), q2 = T::denominator(a2), inverse = Real(1) / (q1 * q2);
    const Real forward = option.forward * factor;
    const Real scale = forward * T::exp(Real(-0.5) * a1 * a1) * inverse;
    const Real tail1 = scale * (T::numerator(a1) * q2), tail2 = scale * (T::numerator(a2) * q1);
    const Real leg1 = d1 < 0 ? tail1 : forward - tail1;
    const Real leg2 = d2 < 0 ? tail2 : option.strike - tail2;
    return leg1 - leg2;
}

template <class Real>
HEDGEROW_INLINE void set_base(HoistedOption<Real>& option) {
    const auto d = distances(option, positive_deviation(option.deviation), Real(0));
    option.base = moved_value(option, Real(1), d.d1, d.d2);
}

template <class Real>
HEDGEROW_INLINE void set_distances(const HoistedOption<Real>& option, const Real* log_factor,
                                   const Real* shift, Real* d1, Real* d2, std::size_t j) {
    const Real s = muladd(shift[j], option.root_time, option.deviation);
    const auto d = distances(option, positive_deviation(s), log_factor[j]);
    d1[j] = d.d1;
    d2[j] = d.d2;
}

template <class Real>
HEDGEROW_INLINE void set_distances_at(const HoistedOption<Real>& option, const Real* log_factor,
                                      const Real* deviation, Real* d1, Real* d2, std::size_t j) {
    const auto d = distances(option, positive_deviation(deviation[j]), log_factor[j]);
    d1[j] = d.d1;
    d2[j] = d.d2;
}

template <class Real>
HEDGEROW_INLINE void add_change(const HoistedOption<Real>& option, const Real* factor,
                                const Real* d1, const Real* d2, Real* sums, std::size_t j) {
    const Real change = moved_value(option, factor[j], d1[j], d2[j]) - option.base;
    sums[j] = muladd(option.weight, change, sums[j]);
}

template <class Real>
HEDGEROW_INLINE void set_bases(HoistedOption<Real>* options, std::size_t count) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) set_base(options[i]);
}

// Two loops, because everything else waits for the quotient x/s: a processor that looks so many
// instructions ahead would find nothing to do in the meantime.
template <class Real>
HEDGEROW_INLINE void add_changes(const HoistedOption<Real>* options, std::size_t count,
                                 const ScenarioRow<Real>& row, Real* sums) {
    const std::size_t n = row.size & ~(scenario_lanes - 1);
    const Real *factor = row.spot_factor, *log_factor = row.log_spot_factor,
               *shift = row.volatility_shift;
    alignas(64) Real d1[scenario_tile], d2[scenario_tile];
    for (std::size_t i = 0; i < count; ++i) {
        const HoistedOption<Real> option = options[i];
#pragma omp simd
        for (std::size_t j = 0; j < n; ++j) set_distances(option, log_factor, shift, d1, d2, j);
#pragma omp simd
        for (std::size_t j = 0; j < n; ++j) add_change(option, factor, d1, d2, sums, j);
    }
}

template <class Real>
HEDGEROW_INLINE void add_changes_at(const HoistedOption<Real>& from, const Real* deviation,
                                    const ScenarioRow<Real>& row, Real* sums) {
    const std::size_t n = row.size & ~(scenario_lanes - 1);
    const Real *factor = row.spot_factor, *log_factor = row.log_spot_factor;
    const HoistedOption<Real> option = from;
    alignas(64) Real d1[scenario_tile], d2[scenario_tile];
#pragma omp simd
    for (std::size_t j = 0; j < n; ++j) set_distances_at(option, log_factor, deviation, d1, d2, j);
#pragma omp simd
    for (std::size_t j = 0; j < n; ++j) add_change(option, factor, d1, d2, sums, j);
}

// HEDGEROW_REVALUATION(Real): the kernels of one precision, one after the other in Revaluation.
#define HEDGEROW_REVALUATION(Real)                                                             \
    void revaluation_##Real##_base(HoistedOption<Real>* options, std::size_t count) noexcept { \
        set_bases(options, count);                                                             \
    }                                                                                          \
    void revaluation_##Real##_columns(const HoistedOption<Real>* options, std::size_t count,   \
                                      const ScenarioRow<Real>& row, Real* sums) noexcept {     \
        add_changes(options, count, row, sums);                                                \
    }                                                                                          \
    void revaluation_##Real##_smile(const HoistedOption<Real>& option, const Real* deviation,  \
                                    const ScenarioRow<Real>& row, Real* sums) noexcept {       \
        add_changes_at(option, deviation, row, sums);                                          \
    }
HEDGEROW_REVALUATION(double)
HEDGEROW_REVALUATION(float)
