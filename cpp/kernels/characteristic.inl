// Characteristic functions of X = ln(S_T / F): ln E[exp(i z X)] at complex z, and its derivatives
// in the parameters and in time. Each is 0 at z = 0 and z = -i, the latter because F is the
// forward.
//
// A model gives, beside `exponent` and `gradient`, which calls put(j, .) with the derivative in
// parameter j and put(in_time, .):
//   variance   that of the lognormal control,
//   center     c such that exp(-i z c) takes the rotation out of the function at large z,
//   bends      whether paths may leave the real axis at all,
//   envelope(u) for those that may not, a bound of ln |phi(u - i/2)| that falls with u,
//   slant()    the angle at which curved paths leave the real axis, as a part of a right angle:
//              a Gaussian factor grows beyond a half,
//   has_moment(s) whether E[exp(s X)] is finite,
//   has_variance whether the first parameter is a variance today.

constexpr int in_time = -1;

/// The Gaussian part of a model with jumps: volatility squared times time, and its drift.
HEDGEROW_INLINE Complex gaussian_exponent(double variance, Complex z) {
    return (-0.5 * variance) * (square(z) + times_i(z));
}

/// S. L. Heston 1993 in the form of J. Gatheral, which H. Albrecher et al. 2007 ("The little Heston
/// trap") found free of rotations. With b = kappa - i rho sigma z, w = z^2 + i z,
/// D = sqrt(b^2 + sigma^2 w), E = exp(-D T), everything divided by sigma^2 before it is subtracted:
///
///     (b - D)/sigma^2 = -w/(b + D),  W = 1 + (b - D)(1 - E)/(2 D),
///     ln phi = kappa theta ((b - D) T - 2 ln W)/sigma^2 - v0 w (1 - E)/(2 D W).
///
/// Parameters: v0, kappa, theta, sigma, rho.
struct HestonModel {
    static constexpr int parameters = 5;
    static constexpr bool bends = true, has_variance = true;
    double v0, kappa, theta, sigma, rho, time, variance, center;

    HEDGEROW_INLINE HestonModel(const double* p, double t)
        : v0(p[0]), kappa(p[1]), theta(p[2]), sigma(p[3]), rho(p[4]), time(t) {
        const double x = kappa * t;  // (1 - exp(-x))/x, by its series where x is small
        const double mean = x < 1e-4 ? 1.0 - 0.5 * x * (1.0 - x / 3.0) : (1.0 - exp_of(-x)) / x;
        variance = t * (theta + (v0 - theta) * mean);
        center = -rho * (v0 + kappa * theta * t) / sigma;
    }

    /// Whether the function reaches its linear decay before a contour of more than 45 degrees has
    /// left the region where it is Gaussian; measured, see tests/formula/test_fourier.py.
    HEDGEROW_INLINE double slant() const {
        const double scale = kappa / sigma, other = 1.0 / (sigma * time);
        const double z = scale > other ? scale : other, growth = variance * z * z;
        return growth < 0.3 ? 0.5 : growth < 2.5 ? 0.4 : 0.25;
    }

    HEDGEROW_INLINE Complex exponent(Complex z) const {
        return gradient(z, [](int, Complex) HEDGEROW_LAMBDA {});
    }

    /// In v0, kappa, theta, sigma and rho: Y. Cui, S. del Bano Rollin and G. Germano 2017, here
    /// through Q = 2 D W = (b + D) - (b - D) E and its derivatives in b and D. In time: Riccati's
    /// equation for the factor of v0.
    template <class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        const double s2 = sigma * sigma, rs = rho * sigma;
        const Complex one{1.0, 0.0}, w = square(z) + times_i(z);
        const Complex b{muladd(rs, z.im, kappa), -(rs * z.re)};
        const Complex d = square_root(square(b) + s2 * w);
        const Complex e = exp_of((-time) * d), decay = one - e;
        const Complex half_inverse_d = 0.5 * inverse(d);
        const Complex drop = -(w * inverse(b + d));  // (b - D)/sigma^2
        const Complex y = decay * half_inverse_d, excess = s2 * (drop * y);
        const Complex level = time * drop - (2.0 / s2) * log1p_of(excess);
        const Complex inverse_q = half_inverse_d * inverse(one + excess);
        const Complex q = decay * inverse_q, wq = w * q;  // q = (1 - E)/Q

        const Complex q_d_over_q = (one + e + (time * s2) * (drop * e)) * inverse_q;  // dln Q/dD
        const double scale = kappa * theta / s2;
        const Complex in_b = scale * (Complex{time, 0.0} - 2.0 * q) + v0 * (w * square(q));
        const Complex slope = time * (e * inverse_q) - q * q_d_over_q;  // dq/dD
        const Complex in_d =
            scale * (4.0 * half_inverse_d - Complex{time, 0.0} - 2.0 * q_d_over_q) -
            v0 * (w * slope);
        const Complex along = in_b + 2.0 * (in_d * (b * half_inverse_d));  // dln phi/db, D too
        const Complex turned = times_i(z * along);
        put(0, -wq);
        put(1, theta * level + along);
        put(2, kappa * level);
        put(3, (2.0 * sigma) * (in_d * (w * half_inverse_d)) - rho * turned -
                   (2.0 * kappa * theta / sigma) * level);
        put(4, (-sigma) * turned);
        put(in_time, v0 * ((0.5 * s2) * square(wq) + b * wq - 0.5 * w) - (kappa * theta) * wq);
        return (kappa * theta) * level - v0 * wq;
    }

    /// L. B. G. Andersen and V. V. Piterbarg 2007, "Moment explosions", through the first zero of
    /// Q.
    HEDGEROW_INLINE bool has_moment(double s) const {
        const double b = kappa - rho * sigma * s;
        const double d2 = muladd(b, b, -(sigma * sigma) * (s * s - s));
        const double d = square_root(absolute(d2)), e = exp_of(-d * time);
        const double stays = b * (1.0 - e) + d * (1.0 + e);
        const double turns = angle({-b, d}) - 0.5 * d * time;
        return (d2 < 0 ? turns : stays) > 0;
    }
};

/// Jumps of a lognormal size, exp(N(mean, deviation^2)), at the rate `intensity`: R. C. Merton
/// 1976.
struct LognormalJumps {
    double time, intensity, mean, deviation, compensator;  // the intensity per expiry

    HEDGEROW_INLINE LognormalJumps(const double* p, double t)
        : time(t), intensity(p[0] * t), mean(p[1]), deviation(p[2]) {
        compensator = exp_of(mean + 0.5 * deviation * deviation) - 1.0;
    }

    HEDGEROW_INLINE double variance() const {
        return intensity * (mean * mean + deviation * deviation);
    }
    HEDGEROW_INLINE Complex size(Complex z) const {
        return exp_of(mean * times_i(z) - (0.5 * deviation * deviation) * square(z));
    }
    /// The most that the real part of the exponent reaches at u - i/2: at u = 0, and again wherever
    /// jumps of nearly one size come round to their phase.
    HEDGEROW_INLINE double most() const {
        const double half = exp_of(0.5 * mean + 0.125 * deviation * deviation);
        return intensity * (half - 1.0 - 0.5 * compensator);
    }
    HEDGEROW_INLINE Complex exponent(Complex z) const {
        return intensity * (size(z) - Complex{1.0, 0.0} - compensator * times_i(z));
    }
    /// In intensity, mean and deviation, which are parameters `first` and after.
    template <int first, class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        const Complex iz = times_i(z), one{1.0, 0.0}, jumped = size(z);
        const Complex jump = jumped - one - compensator * iz;
        const double growth = compensator + 1.0;
        put(first, time * jump);
        put(first + 1, intensity * (iz * (jumped - Complex{growth, 0.0})));
        put(first + 2, (-intensity * deviation) * (square(z) * jumped + growth * iz));
        return intensity * jump;
    }
};

/// D. S. Bates 1996: Heston with lognormal jumps.
/// Parameters: those of Heston, then intensity, jump_mean, jump_deviation.
struct BatesModel {
    static constexpr int parameters = 8;
    static constexpr bool bends = false, has_variance = true;
    HestonModel heston;
    LognormalJumps jumps;
    double time, variance, center;

    HEDGEROW_INLINE BatesModel(const double* p, double t) : heston(p, t), jumps(p + 5, t), time(t) {
        variance = heston.variance + jumps.variance();
        center = heston.center - jumps.intensity * jumps.compensator;
    }
    HEDGEROW_INLINE double slant() const { return 0.25; }
    HEDGEROW_INLINE Complex exponent(Complex z) const {
        return heston.exponent(z) + jumps.exponent(z);
    }
    HEDGEROW_INLINE double envelope(double u) const {
        return heston.exponent({u, -0.5}).re + jumps.most();
    }
    template <class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        Complex continuous;
        const Complex exponent = heston.gradient(z, [&](int j, Complex value) HEDGEROW_LAMBDA {
            if (j == in_time)
                continuous = value;
            else
                put(j, value);
        });
        const Complex jump = jumps.gradient<HestonModel::parameters>(z, put);
        put(in_time, continuous + (1.0 / time) * jump);
        return exponent + jump;
    }
    HEDGEROW_INLINE bool has_moment(double s) const { return heston.has_moment(s); }
};

/// Merton 1976. Parameters: volatility, intensity, jump_mean, jump_deviation.
struct MertonModel {
    static constexpr int parameters = 4;
    static constexpr bool bends = false, has_variance = false;
    LognormalJumps jumps;
    double volatility, time, diffusion, variance, center;

    HEDGEROW_INLINE MertonModel(const double* p, double t)
        : jumps(p + 1, t), volatility(p[0]), time(t), diffusion(p[0] * p[0] * t) {
        variance = diffusion + jumps.variance();
        center = -0.5 * diffusion - jumps.intensity * jumps.compensator;
    }
    HEDGEROW_INLINE double slant() const { return 0.25; }
    HEDGEROW_INLINE Complex exponent(Complex z) const {
        return gaussian_exponent(diffusion, z) + jumps.exponent(z);
    }
    HEDGEROW_INLINE double envelope(double u) const {
        return gaussian_exponent(diffusion, {u, -0.5}).re + jumps.most();
    }
    template <class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        const Complex exponent = gaussian_exponent(diffusion, z) + jumps.gradient<1>(z, put);
        put(0, gaussian_exponent(2.0 * volatility * time, z));
        put(in_time, (1.0 / time) * exponent);
        return exponent;
    }
    HEDGEROW_INLINE bool has_moment(double) const { return true; }
};

/// S. G. Kou 2002: double exponential jumps, up by mean 1/up with probability `probability`, else
/// down by mean 1/down. Parameters: volatility, intensity, probability, up, down.
struct KouModel {
    static constexpr int parameters = 5;
    static constexpr bool bends = true, has_variance = false;
    double volatility, intensity, probability, time;
    double diffusion, rising, falling, up, down, compensator, variance, center;

    HEDGEROW_INLINE KouModel(const double* p, double t)
        : volatility(p[0]),
          intensity(p[1] * t),
          probability(p[2]),
          time(t),
          diffusion(p[0] * p[0] * t),
          rising(p[1] * p[2] * t),
          falling(p[1] * (1.0 - p[2]) * t),
          up(p[3]),
          down(p[4]) {
        compensator = rising / (up - 1.0) - falling / (down + 1.0);
        variance = diffusion + 2.0 * (rising / (up * up) + falling / (down * down));
        center = -0.5 * diffusion - compensator;
    }
    HEDGEROW_INLINE double slant() const { return 0.25; }
    HEDGEROW_INLINE Complex exponent(Complex z) const {
        const Complex iz = times_i(z);
        const Complex jumps =
            rising * inverse(Complex{up, 0.0} - iz) - falling * inverse(Complex{down, 0.0} + iz);
        return gaussian_exponent(diffusion, z) + iz * (jumps - Complex{compensator, 0.0});
    }
    template <class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        const Complex iz = times_i(z);
        const Complex above = inverse(Complex{up, 0.0} - iz);
        const Complex below = inverse(Complex{down, 0.0} + iz);
        const Complex mean_above{1.0 / (up - 1.0), 0.0}, mean_below{1.0 / (down + 1.0), 0.0};
        const Complex rise = iz * (above - mean_above), fall = iz * (mean_below - below);
        const Complex exponent = gaussian_exponent(diffusion, z) + rising * rise + falling * fall;
        put(0, gaussian_exponent(2.0 * volatility * time, z));
        put(1, (probability * time) * rise + ((1.0 - probability) * time) * fall);
        put(2, intensity * (rise - fall));
        put(3, (-rising) * (rise * (above + mean_above)));
        put(4, (-falling) * (fall * (below + mean_below)));
        put(in_time, (1.0 / time) * exponent);
        return exponent;
    }
    HEDGEROW_INLINE bool has_moment(double s) const {
        const double above = up - s, below = down + s;
        return (above < below ? above : below) > 0;
    }
};

/// D. B. Madan, P. P. Carr and E. C. Chang 1998: Brownian motion with drift theta and volatility
/// sigma in a gamma time of variance rate nu. Parameters: sigma, nu, theta.
struct VarianceGammaModel {
    static constexpr int parameters = 3;
    static constexpr bool bends = true, has_variance = false;
    double sigma, nu, theta, time;
    double drift, half_square, shape, compensator, variance, center;

    HEDGEROW_INLINE VarianceGammaModel(const double* p, double t)
        : sigma(p[0]),
          nu(p[1]),
          theta(p[2]),
          time(t),
          drift(p[2] * p[1]),
          half_square(0.5 * p[0] * p[0] * p[1]),
          shape(t / p[1]) {
        compensator = shape * log1p_of({-(drift + half_square), 0.0}).re;
        variance = t * (p[0] * p[0] + p[1] * p[2] * p[2]);
        center = compensator;
    }
    HEDGEROW_INLINE double slant() const { return 0.4; }
    HEDGEROW_INLINE Complex exponent(Complex z) const {
        const Complex iz = times_i(z);
        return compensator * iz - shape * log1p_of(half_square * square(z) - drift * iz);
    }
    template <class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        const Complex iz = times_i(z), zz = square(z);
        const Complex excess = half_square * zz - drift * iz;
        const Complex exponent = compensator * iz - shape * log1p_of(excess);
        const Complex here = inverse(Complex{1.0, 0.0} + excess);
        const double at_forward = 1.0 / (1.0 - (drift + half_square));
        const Complex in_drift = shape * (iz * (here - Complex{at_forward, 0.0}));
        const Complex in_half_square = (-shape) * (at_forward * iz + zz * here);
        put(0, (sigma * nu) * in_half_square);
        put(1, theta * in_drift + (0.5 * sigma * sigma) * in_half_square - (1.0 / nu) * exponent);
        put(2, nu * in_drift);
        put(in_time, (1.0 / time) * exponent);
        return exponent;
    }
    HEDGEROW_INLINE bool has_moment(double s) const {
        return 1.0 - s * (drift + half_square * s) > 0;
    }
};

/// O. E. Barndorff-Nielsen 1997. Parameters: alpha, beta, delta.
struct NormalInverseGaussianModel {
    static constexpr int parameters = 3;
    static constexpr bool bends = true, has_variance = false;
    double alpha, beta, delta, time, scale, root, next, compensator, variance, center;

    HEDGEROW_INLINE NormalInverseGaussianModel(const double* p, double t)
        : alpha(p[0]), beta(p[1]), delta(p[2]), time(t), scale(p[2] * t) {
        root = square_root((alpha - beta) * (alpha + beta));
        next = square_root((alpha - beta - 1.0) * (alpha + beta + 1.0));
        compensator = scale * (2.0 * beta + 1.0) / (root + next);  // scale (root - next)
        variance = scale * alpha * alpha / (root * root * root);
        center = -compensator;
    }
    HEDGEROW_INLINE double slant() const { return 0.4; }
    HEDGEROW_INLINE Complex exponent(Complex z) const {
        // root - sqrt(root^2 - x) = x/(root + sqrt(root^2 - x)), x = (beta + i z)^2 - beta^2.
        const Complex iz = times_i(z), x = iz * (iz + Complex{2.0 * beta, 0.0});
        const Complex other = square_root(Complex{root * root, 0.0} - x);
        return scale * (x * inverse(Complex{root, 0.0} + other)) - compensator * iz;
    }
    template <class Put>
    HEDGEROW_INLINE Complex gradient(Complex z, Put put) const {
        const Complex iz = times_i(z), x = iz * (iz + Complex{2.0 * beta, 0.0});
        const Complex other = square_root(Complex{root * root, 0.0} - x);
        const Complex part = x * inverse(Complex{root, 0.0} + other);
        const Complex exponent = scale * part - compensator * iz;
        const Complex inverse_other = inverse(other), one{1.0, 0.0};
        const double inverse_root = 1.0 / root, inverse_next = 1.0 / next;
        const Complex in_alpha = inverse_root * (one - iz) + inverse_next * iz - inverse_other;
        const Complex in_beta = (iz + Complex{beta, 0.0}) * inverse_other -
                                (beta * inverse_root) * (one - iz) -
                                ((beta + 1.0) * inverse_next) * iz;
        put(0, (scale * alpha) * in_alpha);
        put(1, scale * in_beta);
        put(2, (1.0 / delta) * exponent);
        put(in_time, (1.0 / time) * exponent);
        return exponent;
    }
    HEDGEROW_INLINE bool has_moment(double s) const {
        const double above = alpha - beta - s, below = alpha + beta + s;
        return (above < below ? above : below) > 0;
    }
};
