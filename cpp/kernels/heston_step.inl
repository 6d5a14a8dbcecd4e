// A step of Heston's model by the scheme QE-M of L. B. G. Andersen 2008, "Simple and efficient
// simulation of the Heston stochastic volatility model", with gamma1 = gamma2 = 1/2. Letters are
// his: m and s^2 are the conditional mean and variance of the next variance, psi = s^2/m^2.
//
// Both of his samples of the variance are computed and one selected, so that a loop over paths is
// vector code. The correction of the drift, K0*, makes the forward a martingale in every step.

/// Andersen's psi_c: at or below it the quadratic sample, above it the exponential one.
constexpr double psi_critical = 1.5;

struct VarianceSample {
    double variance, correction;
};

/// The next variance and -ln E[exp(A v') | v], A = step.exponent, from a uniform and its deviate.
HEDGEROW_INLINE VarianceSample sample_variance(const HestonStep& step, double v, double u,
                                               double z) {
    const double m = at_least(muladd(v, step.decay, step.mean), 1e-130);  // 0 where it is absorbed
    const double square = m * m;
    const double s2 = at_least(muladd(v, step.spread, step.constant), 1e-20 * square);
    const bool is_quadratic = s2 <= psi_critical * square;
    const double A = step.exponent;

    // v' = a (b + z)^2, with a + a b^2 = m.
    const double w = 2.0 * square / s2;
    const double root = square_root(w * (w - 1.0));
    const double a = m / (w + root);
    const double from_zero = square_root(w - 1.0 + root) + z;
    const double quadratic = a * from_zero * from_zero;
    const double left = muladd(-2.0 * A, a, 1.0);

    // v' = 0 with probability p, else exponential of mean g = (s^2 + m^2)/(2 m).
    const double sum = s2 + square;
    const double g = 0.5 * sum / m;
    const double exponential = at_least(log_ratio(2.0 * square, sum * (1.0 - u)) * g, 0.0);
    const double short_of = muladd(-A, g, 1.0);

    const double logarithm =
        log_ratio(is_quadratic ? left : short_of, is_quadratic ? 1.0 : muladd(A, m, short_of));
    return {is_quadratic ? quadratic : exponential,
            is_quadratic ? muladd(0.5, logarithm, A * (a - m) / left) : logarithm};
}

HEDGEROW_INLINE void heston_row(const HestonStep& step, const RandomBlock& uniform, std::size_t i,
                                double* x, double* v) {
    const double u = uniform.at[0][i];
    const double z = normal_deviate(u), other = normal_deviate(uniform.at[1][i]);
    const VarianceSample next = sample_variance(step, *v, u, z);
    const double deviation = square_root(step.share * (*v + next.variance));
    const double drift = muladd(-0.5 * step.share, *v, next.correction);
    *x += muladd(deviation, other, muladd(step.from_variance, next.variance, drift));
    *v = next.variance;
}

HEDGEROW_INLINE void heston_block(const HestonStep& step, const RandomBlock& uniform, double* x,
                                  double* v, std::size_t n) {
    const HestonStep fixed = step;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) heston_row(fixed, uniform, i, x + i, v + i);
}

/// Takes n paths, ln(F/F_0) in x and variances in v, one step on.
void heston_step_columns(const RandomRow& row, const HestonStep& step, double* x, double* v,
                         std::size_t n) {
    const PhiloxKeys keys(row.seed);
    RandomBlock uniform;
    for (std::size_t start = 0; start < n; start += random_rows) {
        uniform_block(row, keys, start, uniform);
        heston_block(step, uniform, x + start, v + start, rows_from(start, n));
    }
}

HEDGEROW_INLINE void jump_row(const JumpStep& step, double count, double u, double* x) {
    const double size = muladd(square_root(count) * step.deviation, normal_deviate(u), step.drift);
    *x += muladd(count, step.mean, size);
}

HEDGEROW_INLINE void jump_block(const JumpStep& step, const RandomBlock& uniform, double* x,
                                std::size_t n) {
    const JumpStep fixed = step;
    alignas(64) double count[random_rows] = {};
    for (std::size_t k = 0; k < fixed.count; ++k) {
        const double chance = fixed.chances[k];
#pragma omp simd
        for (std::size_t i = 0; i < random_rows; ++i)
            count[i] += uniform.at[0][i] > chance ? 1.0 : 0.0;
    }
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) jump_row(fixed, count[i], uniform.at[1][i], x + i);
}

/// Adds the jumps of a step: their number by inversion, the sum of their sizes by one deviate.
void jump_step_columns(const RandomRow& row, const JumpStep& step, double* x, std::size_t n) {
    const PhiloxKeys keys(row.seed);
    RandomBlock uniform;
    for (std::size_t start = 0; start < n; start += random_rows) {
        uniform_block(row, keys, start, uniform);
        jump_block(step, uniform, x + start, rows_from(start, n));
    }
}

HEDGEROW_INLINE void observe_row(double forward, double log_forward, double x, double* last,
                                 double* sum, double* log_sum, double* least, double* largest) {
    const double spot = forward * exp_of(x);
    *last = spot;
    *sum += spot;
    *log_sum += log_forward + x;
    *least = at_most(*least, spot);
    *largest = at_least(*largest, spot);
}

void observe_columns(double forward, double log_forward, const double* x, double* const* out,
                     std::size_t n) noexcept {
    double *const last = out[0], *const sum = out[1], *const log_sum = out[2];
    double *const least = out[3], *const largest = out[4];
    _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i) observe_row(
        forward, log_forward, x[i], last + i, sum + i, log_sum + i, least + i, largest + i);
}
