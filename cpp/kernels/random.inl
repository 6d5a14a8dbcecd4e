// Random numbers by counting: the numbers of a path at a step are a function of the seed, the path
// and the step, and of nothing that was drawn before.

/// As many words as a register takes, each of 32 bits in the lower half of 64.
#if HEDGEROW_STREAM_WIDTH > 1
using Words [[gnu::vector_size(8 * HEDGEROW_STREAM_WIDTH)]] = std::uint64_t;
using Halves [[gnu::vector_size(8 * HEDGEROW_STREAM_WIDTH)]] = int;
using Numbers [[gnu::vector_size(8 * HEDGEROW_STREAM_WIDTH)]] = double;
#else
using Words = std::uint64_t;
using Numbers = double;
#endif
constexpr std::size_t words = HEDGEROW_STREAM_WIDTH;

/// The products of the lower halves. The one instruction for it has to be asked for: gcc takes
/// a loop over 32-bit factors apart and together again at three times the cost.
HEDGEROW_INLINE Words product_of_halves(Words x, std::uint32_t y) {
#if HEDGEROW_STREAM_WIDTH == 1 || defined(__clang__)
    return (x & 0xffffffffu) * (Words{} + y);
#else
    const Words factor = Words{} + y;
    const Halves left = reinterpret_cast<Halves>(x), right = reinterpret_cast<Halves>(factor);
#if HEDGEROW_STREAM_WIDTH == 2
    return reinterpret_cast<Words>(__builtin_ia32_pmuludq128(left, right));
#elif HEDGEROW_STREAM_WIDTH == 4
    return reinterpret_cast<Words>(__builtin_ia32_pmuludq256(left, right));
#else
    using Signed [[gnu::vector_size(64)]] = long long;
    return reinterpret_cast<Words>(
        __builtin_ia32_pmuludq512_mask(left, right, Signed{}, static_cast<unsigned char>(-1)));
#endif
#endif
}

/// The keys of all rounds, spread over registers once for many counters.
struct PhiloxKeys {
    Words even[10], odd[10];

    HEDGEROW_INLINE explicit PhiloxKeys(std::uint64_t seed) {
        for (std::uint32_t round = 0; round < 10; ++round) {
            even[round] = Words{} + static_cast<std::uint32_t>(seed + round * 0x9e3779b9u);
            odd[round] = Words{} + static_cast<std::uint32_t>((seed >> 32) + round * 0xbb67ae85u);
        }
    }
};

/// Philox4x32-10 of J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw 2011, "Parallel random
/// numbers: as easy as 1, 2, 3": ten rounds that mix a counter of four words under a key of two.
/// Upper halves of the result mean nothing.
HEDGEROW_INLINE void philox(const PhiloxKeys& keys, Words& a, Words& b, Words& c, Words& d) {
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        const Words first = product_of_halves(a, 0xd2511f53u);
        const Words second = product_of_halves(c, 0xcd9e8d57u);
        a = (second >> 32) ^ (b ^ keys.even[round]);
        b = second;
        c = (first >> 32) ^ (d ^ keys.odd[round]);
        d = first;
    }
}

/// The odd multiples of 2^-53 in (0, 1) that 52 bits of two words stand for; 1 - u where all bits
/// of `flip` are set.
HEDGEROW_INLINE Numbers uniform_of(Words high, Words low, Words flip) {
    const Words word = (high << 32 | (low & 0xffffffffu)) ^ flip;
    const Words bits_of_one = Words{} + 0x3ff0000000000000u;
    return __builtin_bit_cast(Numbers, Words(word >> 12 | bits_of_one)) - (1.0 - 0x1p-53);
}

/// x / s^2 with N(-x) = exp(-s^2/2)/2, 0 < s < 8.6, which is every uniform above: relative error
/// 4.5e-12.
constexpr double deviate_numerator[] = {
    0x1.40d931ff680d1p-1, 0x1.2842fd655dc01p+0, 0x1.a35693492c96dp+0,
    0x1.80124592479d9p+0, 0x1.073e654ea6c21p+0, 0x1.fa2458dfadfd6p-2,
    0x1.42af23da026a9p-3, 0x1.a9c1863841863p-6, 0x1.2e43f4a86c3d8p-10};
constexpr double deviate_denominator[] = {
    0x1.0000000000000p+0, 0x1.d8c3e6be00ebcp+0, 0x1.6e955d6187082p+1, 0x1.6d8a5848e570ap+1,
    0x1.1ff8c75c1e835p+1, 0x1.4e1091bb88b79p+0, 0x1.1f560d30d8791p-1, 0x1.4cd63cf77a55dp-3,
    0x1.aa2038b90cf42p-6, 0x1.2e39d9ebd6ae1p-10};

/// The normal deviate x with N(x) = u, for u from uniform_of(): one rational on both sides of the
/// median, where the logarithm of 1 - 2 |u - 1/2| keeps its relative accuracy. It changes sign with
/// u to 1 - u in every bit.
HEDGEROW_INLINE double normal_deviate(double u) {
    const double from_median = u - 0.5;
    const double t = -2.0 * log_ratio(muladd(-2.0, absolute(from_median), 1.0), 1.0);
    const double s = square_root(t);
    const double x = t * polynomial(deviate_numerator, s) / polynomial(deviate_denominator, s);
    return __builtin_copysign(x, from_median);
}

/// Rows whose numbers stay in the first-level cache from one loop to the next.
constexpr std::size_t random_rows = 64;
struct RandomBlock {
    alignas(64) double at[2][random_rows];
};

/// Both uniforms of random_rows paths, from path row.first + start on.
HEDGEROW_INLINE void uniform_block(const RandomRow& row, const PhiloxKeys& keys, std::size_t start,
                                   RandomBlock& block) {
    const RandomRow fixed = row;
    const int shift = fixed.antithetic ? 1 : 0;
    const std::uint64_t mask = fixed.antithetic ? 1 : 0;
    alignas(64) constexpr std::uint64_t lanes[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const Words lane = *reinterpret_cast<const Words*>(lanes);
    for (std::size_t i = 0; i < random_rows; i += words) {
        const Words number = lane + (fixed.first + start + i);
        Words a = number >> shift, b = a >> 32;
        Words c = Words{} + fixed.step, d = Words{} + fixed.stream;
        philox(keys, a, b, c, d);
        const Words flip = Words{} - (number & mask);
        *reinterpret_cast<Numbers*>(block.at[0] + i) = uniform_of(a, b, flip);
        *reinterpret_cast<Numbers*>(block.at[1] + i) = uniform_of(c, d, flip);
    }
}

HEDGEROW_INLINE std::size_t rows_from(std::size_t start, std::size_t n) {
    return n - start < random_rows ? n - start : random_rows;
}

HEDGEROW_INLINE void normal_block(const RandomBlock& uniform, double* const* out, std::size_t start,
                                  std::size_t n) {
    for (int j = 0; j < 2; ++j) {
        double* to = out[j] + start;
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) to[i] = normal_deviate(uniform.at[j][i]);
    }
}

// These throw nothing; said to be noexcept, gcc's built-in would drag in the C++ library's
// unwinder.
void uniform_columns(const RandomRow& row, double* const* out, std::size_t n) {
    const PhiloxKeys keys(row.seed);
    RandomBlock uniform;
    for (std::size_t start = 0; start < n; start += random_rows) {
        uniform_block(row, keys, start, uniform);
        for (int j = 0; j < 2; ++j)
            for (std::size_t i = 0; i < rows_from(start, n); ++i)
                out[j][start + i] = uniform.at[j][i];
    }
}

void normal_columns(const RandomRow& row, double* const* out, std::size_t n) {
    const PhiloxKeys keys(row.seed);
    RandomBlock uniform;
    for (std::size_t start = 0; start < n; start += random_rows) {
        uniform_block(row, keys, start, uniform);
        normal_block(uniform, out, start, rows_from(start, n));
    }
}
