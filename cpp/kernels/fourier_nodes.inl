// The paths of strips and their nodes: weighted values of a model's characteristic function and of
// what else is wanted. fourier.inl says which path is for what.

constexpr std::size_t fourier_tile = 64;    // strikes at a time
constexpr std::size_t fourier_nodes = 384;  // nodes at a time, and most of a curved path
constexpr std::size_t most_flat_nodes = 1 << 17;
constexpr std::size_t fourier_block = 8;  // nodes between two looks at whether it is enough
constexpr double flat_digits = 24.5;      // -ln of the error per sqrt(F K)
constexpr double curved_digits = 25.0;
constexpr double inverse_pi = 0.31830988618379067;

// What a kernel computes: how many sums over the nodes, and how many columns it makes of them.

struct WantPrices {
    static constexpr int sums = 1, columns = 1;
    static constexpr bool greeks = false;
};
/// Prices and their derivatives in the parameters.
template <class Model>
struct WantGradient {
    static constexpr int sums = 1 + Model::parameters, columns = sums;
    static constexpr bool greeks = false;
};
/// Price, delta, gamma, theta, dual delta, dual gamma and, if there is one, in the variance today;
/// from I, I', J, the integral of dphi/dT and that of dphi/dv.
template <class Model>
struct WantGreeks {
    static constexpr int sums = Model::has_variance ? 5 : 4, columns = sums + 2;
    static constexpr bool greeks = true;
};

constexpr int fourier_columns = 1 + maximum_fourier_parameters;  // that any of them has at most

/// Weighted values of the characteristic function and its derivatives on a path, u its nodes.
struct FourierNodes {
    alignas(64) double re[fourier_columns][fourier_nodes], im[fourier_columns][fourier_nodes];
    alignas(64) double u_re[fourier_nodes], u_im[fourier_nodes];
    std::size_t count;
};

/// ln(K/F), or NaN for a row with a number outside its domain.
HEDGEROW_INLINE double log_moneyness(double right, double forward, double strike, double discount) {
    constexpr double least = 0x1p-1022;
    double k = log_ratio(strike, forward);
    k = forward >= least ? k : not_a_number;
    k = forward < infinity ? k : not_a_number;
    k = strike >= least ? k : not_a_number;
    k = strike < infinity ? k : not_a_number;
    k = discount > 0 ? k : not_a_number;
    k = discount < infinity ? k : not_a_number;
    return absolute(right) == 1.0 ? k : not_a_number;
}

/// A count as a double, by its bits: not every instruction set converts integers of 64 bits.
HEDGEROW_INLINE double counted(std::size_t i) {
    return from_bits(static_cast<std::int64_t>(i | 0x4330000000000000u)) - 0x1p52;
}

/// Where out-of-the-money prices, in units of sqrt(F K), end: below exp(-digits) beyond.
struct FourierRange {
    double low, high;
};

template <class Model>
HEDGEROW_INLINE void bound_tails(const Model& model, double largest, double digits, double* low,
                                 double* high, std::size_t i) {
    // From the order that is best for a lognormal model down by factors of 3/2. Where moments of a
    // seventeenth of it are infinite, the range is so wide that a model that can takes the curved
    // path.
    const double p = largest * exp_of(-0.40546510810816438 * counted(i));
    const double bound = digits + p * log_of(p) - (p + 1.0) * log_of(p + 1.0);
    const double up = (model.exponent({0.0, -(p + 1.0)}).re + bound) / (p + 0.5);
    const double down = (model.exponent({0.0, p}).re + bound) / (p + 0.5);
    high[i] = model.has_moment(p + 1.0) ? up : infinity;
    low[i] = model.has_moment(-p) ? down : infinity;
}

template <class Model>
HEDGEROW_INLINE FourierRange fourier_range(const Model& model, double digits) {
    constexpr std::size_t orders = Model::bends ? 8 : 32;
    const double normal = square_root(2.0 * digits * model.variance);  // that of the control
    const double largest = at_least(2.0 * digits / normal - 0.5, 1.0);
    alignas(64) double low[orders], high[orders];
#pragma omp simd
    for (std::size_t i = 0; i < orders; ++i) bound_tails(model, largest, digits, low, high, i);
    FourierRange range{infinity, infinity};
    for (std::size_t i = 0; i < orders; ++i) {
        range.low = low[i] < range.low ? low[i] : range.low;
        range.high = high[i] < range.high ? high[i] : range.high;
    }
    return {at_least(range.low, normal), at_least(range.high, normal)};
}

/// What a node of the flat path weighs at most: ln |phi(u - i/2)| - ln(u^2 + 1/4).
template <class Model>
HEDGEROW_INLINE double flat_size(const Model& model, double u) {
    return model.exponent({u, -0.5}).re - log_of(muladd(u, u, 0.25));
}

HEDGEROW_INLINE void keep(FourierNodes& nodes, int j, std::size_t i, Complex value) {
    nodes.re[j][i] = value.re;
    nodes.im[j][i] = value.im;
}

/// Keeps weight exp(shift) phi(u - i/2), where the weight is 1/(u^2 + 1/4) times `measure`, and the
/// same times what else is wanted.
template <class Model, class Wanted>
HEDGEROW_INLINE void set_node(const Model& model, Complex u, Complex weight, Complex measure,
                              Complex shift, FourierNodes& nodes, std::size_t i) {
    const Complex z{u.re, u.im - 0.5};
    if constexpr (Wanted::greeks) {
        Complex decay, slope;
        const Complex exponent = model.gradient(z, [&](int j, Complex value) HEDGEROW_LAMBDA {
            if (j == in_time) decay = value;
            if (j == 0) slope = value;
        });
        const Complex value = exp_of(exponent + shift), weighted = weight * value;
        keep(nodes, 0, i, weighted);
        keep(nodes, 1, i, -times_i(u * weighted));
        keep(nodes, 2, i, measure * value);
        keep(nodes, 3, i, weighted * decay);
        if constexpr (Model::has_variance) keep(nodes, 4, i, weighted * slope);
    } else if constexpr (Wanted::sums > 1) {
        Complex slope[Model::parameters];
        const Complex exponent = model.gradient(z, [&slope](int j, Complex value) HEDGEROW_LAMBDA {
            if (j != in_time) slope[j] = value;
        });
        const Complex value = weight * exp_of(exponent + shift);
        keep(nodes, 0, i, value);
#pragma GCC unroll 16
        for (int j = 0; j < Model::parameters; ++j) keep(nodes, 1 + j, i, value * slope[j]);
    } else {
        keep(nodes, 0, i, weight * exp_of(model.exponent(z) + shift));
    }
}

template <class Model, class Wanted>
HEDGEROW_INLINE void set_flat_node(const Model& model, double step, std::size_t first,
                                   FourierNodes& nodes, std::size_t i) {
    const double u = step * counted(first + i), square = muladd(u, u, 0.25);
    const double measure = step * inverse_pi, weight = measure / square;
    set_node<Model, Wanted>(model, {u, 0.0}, {weight, 0.0}, {measure, 0.0}, {0.0, 0.0}, nodes, i);
    const double control = weight * exp_of(-0.5 * model.variance * square);
    nodes.re[0][i] -= control;
    if constexpr (Wanted::greeks) nodes.im[1][i] += u * control;
}

/// The path u = i side (a + b cosh(y) sin(w)) + b sinh(y) cos(w), w > 0, between -i/2 and i/2.
struct Curve {
    double step, side, offset, along, across;  // a, b cos(w), b sin(w)

    /// @param slant w as a part of a right angle.
    HEDGEROW_INLINE Curve(double slant, double toward) : side(toward) {
        const double angle = half_pi * slant, room = 0.88 * angle;
        const Complex middle = turn(angle), width = turn(room);
        // sin(w + d) and sin(w - d) times b plus a are the poles, less a hundredth on each side.
        const double b = 0.49 / (middle.re * width.im);
        offset = -b * middle.im * width.re;
        along = b * middle.re;
        across = b * middle.im;
        step = 4.0 * half_pi * room / curved_digits;
    }
};

template <class Model, class Wanted>
HEDGEROW_INLINE void set_curved_node(const Model& model, const Curve& curve, double k,
                                     FourierNodes& nodes, std::size_t i) {
    const double y = curve.step * counted(i);
    const double up = exp_of(y), down = 1.0 / up;
    const double hyperbolic_cosine = 0.5 * (up + down), hyperbolic_sine = 0.5 * (up - down);
    const Complex u{curve.along * hyperbolic_sine,
                    curve.side * muladd(curve.across, hyperbolic_cosine, curve.offset)};
    const Complex slope{curve.along * hyperbolic_cosine,
                        curve.side * curve.across * hyperbolic_sine};
    const double measure = curve.step * inverse_pi;
    const Complex weight = measure * (slope * inverse(square(u) + Complex{0.25, 0.0}));
    nodes.u_re[i] = u.re;
    nodes.u_im[i] = u.im;
    set_node<Model, Wanted>(model, u, weight, measure * slope, (-k) * times_i(u), nodes, i);
}

/// The largest of the last node's values; derivatives count by 1/64, as they are told to be less
/// accurate.
HEDGEROW_INLINE double last_size(const FourierNodes& nodes, int sums) {
    const std::size_t last = nodes.count - 1;
    double largest = 0;
    for (int j = 0; j < sums; ++j) {
        const double size = absolute(nodes.re[j][last]) + absolute(nodes.im[j][last]);
        const double counts = j > 0 ? size * 0x1p-6 : size;
        largest = counts > largest ? counts : largest;
    }
    return largest;
}

inline void halve_first(FourierNodes& nodes, int sums) {
    for (int j = 0; j < sums; ++j) {
        nodes.re[j][0] *= 0.5;
        nodes.im[j][0] *= 0.5;
    }
}

/// Whether nodes beyond u are negligible, given that the one at u is: what falls does not rise
/// again but in models with lognormal jumps, whose phases come round.
template <class Model>
HEDGEROW_INLINE bool has_ended(const Model& model, double step, double u) {
    if constexpr (Model::bends) {
        return true;
    } else {
        const double weight = log_of(step * inverse_pi / muladd(u, u, 0.25));
        return model.envelope(u) + weight < -flat_digits - 3.0;
    }
}

/// Sets nodes from number `first` on.
/// @return whether those that follow are still too large to be left out.
template <class Model, class Wanted>
HEDGEROW_INLINE bool set_flat(const Model& model, double step, std::size_t first,
                              FourierNodes& nodes) {
    const double enough = exp_of(-flat_digits - 3.0);
    for (nodes.count = 0; nodes.count < fourier_nodes;) {
        const std::size_t start = nodes.count;
#pragma omp simd
        for (std::size_t i = 0; i < fourier_block; ++i)
            set_flat_node<Model, Wanted>(model, step, first, nodes, start + i);
        nodes.count += fourier_block;
        if (last_size(nodes, Wanted::sums) > enough) continue;
        if (has_ended(model, step, step * counted(first + nodes.count))) return false;
    }
    return true;
}

template <class Model, class Wanted>
HEDGEROW_INLINE void set_curved(const Model& model, FourierNodes& nodes, double side,
                                double nearest) {
    const double enough = exp_of(-curved_digits - 2.0);
    const Curve curve(model.slant(), side);
    for (nodes.count = 0; nodes.count < fourier_nodes;) {
        const std::size_t start = nodes.count;
#pragma omp simd
        for (std::size_t i = 0; i < fourier_block; ++i)
            set_curved_node<Model, Wanted>(model, curve, nearest, nodes, start + i);
        nodes.count += fourier_block;
        if (!(last_size(nodes, Wanted::sums) > enough)) break;
    }
    halve_first(nodes, Wanted::sums);
}
