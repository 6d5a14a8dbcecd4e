// SABR's expansion over the strikes of one expiry, in two steps: what depends on the strikes alone,
// and what depends on alpha, rho and nu too, which a fit evaluates again and again. The letters are
// those of cpp/src/formula/sabr.cpp.

/// ln(1 + u) for u >= 0: what 1 + u loses is added to the logarithm of what it keeps. One division.
HEDGEROW_INLINE double log_one_plus(double u) {
    const double sum = 1.0 + u, lost = u - (sum - 1.0);
    const Ratio ratio = reduce_ratio(sum, 1.0);
    const double plus = ratio.mantissa + 1.0;
    const double reciprocal = 1.0 / (plus * sum);
    return log_assemble(ratio.exponent, (ratio.mantissa - 1.0) * (sum * reciprocal),
                        lost * (plus * reciprocal));
}

/// sinh(y)/y in y^2, |y| < 1: Taylor's series, whose next term is below 2e-20.
constexpr double sinh_ratio_coefficients[] = {
    1.0,
    1.0 / 6.0,
    1.0 / 120.0,
    1.0 / 5040.0,
    1.0 / 362880.0,
    1.0 / 39916800.0,
    1.0 / 6227020800.0,
    1.0 / 1307674368000.0,
    1.0 / 355687428096000.0,
    1.0 / 121645100408832000.0,
};

HEDGEROW_INLINE void sabr_place(const SabrExpiry& expiry, double strike, double* per_alpha,
                                double* level, double* reach) {
    const double log_moneyness = log_ratio(expiry.forward, strike);
    const double y = 0.5 * expiry.one_less_beta * log_moneyness;
    const double e = exp_sum(at_most(at_least(y, -708.3), 708.3), 0.0);
    const double series = polynomial(sinh_ratio_coefficients, y * y);
    const double direct = muladd(e, e, -1.0) / (2.0 * y * e);
    const double s = absolute(y) < 1.0 ? series : direct;
    // M^-b = F^-b exp(b L/2). No number outside of the domain of strikes.
    const double known = strike > 0.0 ? expiry.forward_power * e : not_a_number;
    const double power = strike < infinity ? known : not_a_number;
    *per_alpha = power;
    *level = power / s;
    *reach = log_moneyness * s / power;
}

/// For every strike, moved by the shift: a/alpha, a/(alpha S) and z alpha/nu.
void sabr_places_columns(const SabrExpiry& expiry, const double* strike, double* const* out,
                         std::size_t n) noexcept {
    const SabrExpiry fixed = expiry;
    double *const per_alpha = out[0], *const level = out[1], *const reach = out[2];
    _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i)
        sabr_place(fixed, strike[i], per_alpha + i, level + i, reach + i);
}

/// What alpha, rho and nu make of the expansion's coefficients.
struct SabrCoefficients {
    double alpha, rho, z_per_reach;
    double constant, linear, quadratic;

    HEDGEROW_INLINE explicit SabrCoefficients(const SabrModel& m)
        : alpha(m.alpha),
          rho(m.rho),
          z_per_reach(m.nu / m.alpha),
          constant(1.0 + m.time * (2.0 - 3.0 * m.rho * m.rho) * m.nu * m.nu / 24.0),
          linear(0.25 * m.time * m.rho * m.nu * m.beta),
          quadratic(m.time * (1.0 - m.beta) * (1.0 - m.beta) / 24.0) {}
};

/// R and H(z) = z/x(z), 1 at 0, from |z| and the correlation with the sign of z.
struct SabrDistance {
    double root, ratio;
};

HEDGEROW_INLINE SabrDistance sabr_distance(double z, double rho) {
    const double size = absolute(z);
    const double turned = z < 0.0 ? -rho : rho;
    const double off = size - turned;
    const double root = square_root(muladd(off, off, (1.0 - rho) * (1.0 + rho)));
    const double plus = root + 1.0;
    // exp(x) - 1 in positive terms, on either side of z = rho.
    const double across = off < 0.0 ? turned - off : off - turned;
    const double below = off < 0.0 ? root - off : 1.0 - turned;
    const double x = log_one_plus(size * (plus + across) / (plus * below));
    return {root, size > 0.0 ? size / x : 1.0};
}

HEDGEROW_INLINE double sabr_row(const SabrCoefficients& m, double per_alpha, double level,
                                double reach) {
    const double a = m.alpha * per_alpha;
    const double grown = muladd(muladd(m.quadratic, a, m.linear), a, m.constant);
    const double v = m.alpha * level * sabr_distance(m.z_per_reach * reach, m.rho).ratio * grown;
    return v > 0.0 ? v : not_a_number;
}

/// Volatilities at the places, NaN where the expansion gives nothing positive.
void sabr_volatility_columns(const SabrModel& model, const double* const* places, double* out,
                             std::size_t n) noexcept {
    const SabrCoefficients m(model);
    const double *const per_alpha = places[0], *const level = places[1], *const reach = places[2];
    _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i) out[i] =
        sabr_row(m, per_alpha[i], level[i], reach[i]);
}

struct SabrGradient {
    double one_per_alpha, one_per_nu, one_per_variance;
    double linear_by_rho, linear_by_nu, constant_by_rho, constant_by_nu;

    HEDGEROW_INLINE explicit SabrGradient(const SabrModel& m)
        : one_per_alpha(1.0 / m.alpha),
          one_per_nu(1.0 / m.nu),
          one_per_variance(1.0 / ((1.0 - m.rho) * (1.0 + m.rho))),
          linear_by_rho(0.25 * m.time * m.nu * m.beta),
          linear_by_nu(0.25 * m.time * m.rho * m.beta),
          constant_by_rho(-0.25 * m.time * m.rho * m.nu * m.nu),
          constant_by_nu(m.time * (2.0 - 3.0 * m.rho * m.rho) * m.nu / 12.0) {}
};

HEDGEROW_INLINE void sabr_gradient_row(const SabrCoefficients& m, const SabrGradient& d,
                                       double per_alpha, double level, double reach,
                                       double* volatility, double* by_alpha, double* by_rho,
                                       double* by_nu) {
    const double z = m.z_per_reach * reach, a = m.alpha * per_alpha;
    const SabrDistance at = sabr_distance(z, m.rho);
    const double plus = at.root + 1.0;
    const double reciprocal = 1.0 / (at.root * plus * plus);
    const double log_by_log_z = 1.0 - at.ratio * (plus * plus * reciprocal);
    const double log_by_rho =
        -at.ratio * z * muladd(m.rho, z - 2.0 * m.rho, plus) * (d.one_per_variance * reciprocal);
    const double grown = muladd(muladd(m.quadratic, a, m.linear), a, m.constant);
    const double leading = m.alpha * level * at.ratio, v = leading * grown;
    *volatility = v;
    *by_alpha = d.one_per_alpha * muladd(leading, muladd(2.0 * m.quadratic, a, m.linear) * a,
                                         v * (1.0 - log_by_log_z));
    *by_rho = muladd(leading, muladd(d.linear_by_rho, a, d.constant_by_rho), v * log_by_rho);
    *by_nu = muladd(leading, muladd(d.linear_by_nu, a, d.constant_by_nu),
                    v * log_by_log_z * d.one_per_nu);
}

/// Volatilities, of whatever sign, and their derivatives by alpha, rho and nu > 0.
void sabr_gradient_columns(const SabrModel& model, const double* const* places, double* const* out,
                           std::size_t n) noexcept {
    const SabrCoefficients m(model);
    const SabrGradient d(model);
    const double *const per_alpha = places[0], *const level = places[1], *const reach = places[2];
    double *const volatility = out[0], *const by_alpha = out[1];
    double *const by_rho = out[2], *const by_nu = out[3];
    _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i)
        sabr_gradient_row(m, d, per_alpha[i], level[i], reach[i], volatility + i, by_alpha + i,
                          by_rho + i, by_nu + i);
}
