// Strips of European options by Fourier inversion: one characteristic function for many strikes.
//
// With k = ln(K/F) and phi the characteristic function of ln(S_T/F), A. L. Lewis 2001 ("A simple
// option formula for general jump-diffusion and other exponential Levy processes"):
//
//     C = F - S,  P = K - S,  S = sqrt(F K) I(k),
//     I(k) = 1/(2 pi) Integral exp(-i u k) phi(u - i/2)/(u^2 + 1/4) du
//
// along any path between the poles at u = i/2 and u = -i/2. Two paths:
//
// Flat: the real axis, less the same integral of a lognormal model of the same variance, whose
// price is Black's. The difference has no poles and falls off in k as far out-of-the-money options
// do, so that the trapezoidal rule with step h errs by their prices at k +- 2 pi/h: bounded by
// moments, c(y) <= E[exp((p + 1) X)] p^p/(p + 1)^(p + 1) exp(-(p + 1/2) y) in units of sqrt(F K).
// It is the sum over equally spaced frequencies of F. Fang and C. W. Oosterlee 2008 (COS), but for
// the mirror image in which a cosine series sees the density: for the same error it needs half to a
// quarter of their frequencies. Per strike it costs two multiplications a node, by Clenshaw.
//
// Curved: u(y) = i a + b sinh(y -+ i w), bent towards where exp(-i u k) phi falls off: S.
// Boyarchenko and S. Levendorskii 2019 ("Sinh-acceleration"), with the sign that L. B. G. Andersen
// and M. Lake 2018 ("Robust high-precision option pricing by Fourier transforms") take for their
// contours. All singularities lie on the imaginary axis; the strip |Im y| <= d around the path
// takes the room between the poles, and the trapezoidal rule with step h errs by exp(-2 pi d/h).
// Some 45 nodes do for any tail; but each needs an exponential per strike.
//
// So flat is taken where it converges before it has cost more than curved would: everywhere but for
// slow decay together with heavy tails.

constexpr std::size_t fourier_tile = 64;    // strikes at a time
constexpr std::size_t fourier_nodes = 384;  // nodes at a time, and most of a curved path
constexpr std::size_t most_flat_nodes = 1 << 17;
constexpr std::size_t fourier_block = 8;  // nodes between two looks at whether it is enough
constexpr double flat_digits = 24.5;      // -ln of the error per sqrt(F K)
constexpr double curved_digits = 25.0;
constexpr double inverse_pi = 0.31830988618379067;

/// Weighted values of the characteristic function and its derivatives on a path, u its nodes.
template <int outputs>
struct FourierNodes {
    alignas(64) double re[outputs][fourier_nodes], im[outputs][fourier_nodes];
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

/// Keeps weight exp(shift) phi(z), and for gradients the same times each derivative of ln phi.
template <class Model, int outputs>
HEDGEROW_INLINE void set_node(const Model& model, Complex z, Complex weight, Complex shift,
                              FourierNodes<outputs>& nodes, std::size_t i) {
    Complex slope[outputs];
    Complex exponent;
    if constexpr (outputs > 1)
        exponent = model.gradient(
            z, [&slope](int j, Complex value) HEDGEROW_LAMBDA { slope[j + 1] = value; });
    else
        exponent = model.exponent(z);
    const Complex value = weight * exp_of(exponent + shift);
    nodes.re[0][i] = value.re;
    nodes.im[0][i] = value.im;
#pragma GCC unroll 16
    for (int j = 1; j < outputs; ++j) {
        const Complex derivative = value * slope[j];
        nodes.re[j][i] = derivative.re;
        nodes.im[j][i] = derivative.im;
    }
}

template <class Model, int outputs>
HEDGEROW_INLINE void set_flat_node(const Model& model, double step, std::size_t first,
                                   FourierNodes<outputs>& nodes, std::size_t i) {
    const double u = step * counted(first + i), square = muladd(u, u, 0.25);
    const double weight = step * inverse_pi / square;
    set_node(model, {u, -0.5}, {weight, 0.0}, {0.0, 0.0}, nodes, i);
    nodes.re[0][i] -= weight * exp_of(-0.5 * model.variance * square);
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

template <class Model, int outputs>
HEDGEROW_INLINE void set_curved_node(const Model& model, const Curve& curve, double k,
                                     FourierNodes<outputs>& nodes, std::size_t i) {
    const double y = curve.step * counted(i);
    const double up = exp_of(y), down = 1.0 / up;
    const double hyperbolic_cosine = 0.5 * (up + down), hyperbolic_sine = 0.5 * (up - down);
    const Complex u{curve.along * hyperbolic_sine,
                    curve.side * muladd(curve.across, hyperbolic_cosine, curve.offset)};
    const Complex slope{curve.along * hyperbolic_cosine,
                        curve.side * curve.across * hyperbolic_sine};
    const Complex weight =
        (curve.step * inverse_pi) * (slope * inverse(square(u) + Complex{0.25, 0.0}));
    nodes.u_re[i] = u.re;
    nodes.u_im[i] = u.im;
    set_node(model, u - Complex{0.0, 0.5}, weight, (-k) * times_i(u), nodes, i);
}

/// The largest of the last node's values; derivatives count by 1/64, as they are told to be less
/// accurate.
template <int outputs>
HEDGEROW_INLINE double last_size(const FourierNodes<outputs>& nodes) {
    const std::size_t last = nodes.count - 1;
    double largest = 0;
    for (int j = 0; j < outputs; ++j) {
        const double size = absolute(nodes.re[j][last]) + absolute(nodes.im[j][last]);
        const double counts = j > 0 ? size * 0x1p-6 : size;
        largest = counts > largest ? counts : largest;
    }
    return largest;
}

template <int outputs>
HEDGEROW_INLINE void halve_first(FourierNodes<outputs>& nodes) {
    for (int j = 0; j < outputs; ++j) {
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
template <class Model, int outputs>
HEDGEROW_INLINE bool set_flat(const Model& model, double step, std::size_t first,
                              FourierNodes<outputs>& nodes) {
    const double enough = exp_of(-flat_digits - 3.0);
    for (nodes.count = 0; nodes.count < fourier_nodes;) {
        const std::size_t end = nodes.count + fourier_block;
#pragma omp simd
        for (std::size_t i = nodes.count; i < end; ++i) set_flat_node(model, step, first, nodes, i);
        nodes.count = end;
        if (last_size(nodes) > enough) continue;
        if (has_ended(model, step, step * counted(first + nodes.count))) return false;
    }
    return true;
}

template <class Model, int outputs>
HEDGEROW_INLINE void set_curved(const Model& model, FourierNodes<outputs>& nodes, double side,
                                double nearest) {
    const double enough = exp_of(-curved_digits - 2.0);
    const Curve curve(model.slant(), side);
    for (nodes.count = 0; nodes.count < fourier_nodes;) {
        const std::size_t end = nodes.count + fourier_block;
#pragma omp simd
        for (std::size_t i = nodes.count; i < end; ++i)
            set_curved_node(model, curve, nearest, nodes, i);
        nodes.count = end;
        if (!(last_size(nodes) > enough)) break;
    }
    halve_first(nodes);
}

/// A tile of options: columns as the kernel of Black's price takes them, and sums over the nodes.
template <int outputs>
struct FourierTile {
    alignas(64) double right[fourier_tile], forward[fourier_tile], strike[fourier_tile];
    alignas(64) double discount[fourier_tile], k[fourier_tile], black[fourier_tile];
    alignas(64) double sum[outputs][fourier_tile];
    alignas(64) double cosine[fourier_tile], twice[fourier_tile], sine[fourier_tile];
    alignas(64) double turn_re[fourier_tile], turn_im[fourier_tile];
    alignas(64) double last[fourier_tile], before[fourier_tile];
    std::size_t row[fourier_tile];
    std::size_t count;
};

HEDGEROW_INLINE void set_turn(const double* k, double step, double* cosine, double* twice,
                              double* sine, std::size_t i) {
    const Complex turned = turn(step * k[i]);
    cosine[i] = turned.re;
    twice[i] = turned.re + turned.re;
    sine[i] = turned.im;
}

constexpr int clenshaw_steps = 8;  // whose coefficients and two sums fit into sixteen registers

struct ClenshawSteps {
    double coefficient[clenshaw_steps];
};

/// So many steps of b_j = 2 cos(t) b_(j+1) - b_(j+2) + a_j, from the last one down.
HEDGEROW_INLINE void clenshaw(const ClenshawSteps& a, const double* twice, double* last,
                              double* before, std::size_t i) {
    const double c = twice[i];
    double b = last[i], b_before = before[i];
#pragma GCC unroll 8
    for (int j = clenshaw_steps - 1; j >= 0; --j) {
        const double next = muladd(c, b, a.coefficient[j] - b_before);
        b_before = b;
        b = next;
    }
    last[i] = b;
    before[i] = b_before;
}

/// b_0 and b_1 of a series for every angle.
HEDGEROW_INLINE void sum_series(const double* coefficients, std::size_t count, const double* twice,
                                double* last, double* before, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) last[i] = before[i] = 0;
    for (std::size_t j = count; j > 0;) {
        j -= clenshaw_steps;
        ClenshawSteps steps;
        for (int k = 0; k < clenshaw_steps; ++k) steps.coefficient[k] = coefficients[j + k];
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) clenshaw(steps, twice, last, before, i);
    }
}

/// Adds re cos(J t) + im sin(J t), where re and im are those of the sum of H_j exp(-i j t), for a
/// series in the real parts (part 0) or the imaginary parts (part 1) of H_j.
HEDGEROW_INLINE void add_series(int part, const double* cosine, const double* sine,
                                const double* last, const double* before, const double* turn_re,
                                const double* turn_im, double* sum, std::size_t i) {
    const double even = muladd(-cosine[i], before[i], last[i]), odd = sine[i] * before[i];
    const double re = part == 0 ? even : odd, im = part == 0 ? -odd : even;
    sum[i] += muladd(re, turn_re[i], im * turn_im[i]);
}

/// Adds the real parts of the sums of H_(first + j) exp(-i (first + j) t).
template <int outputs>
HEDGEROW_INLINE void add_flat(const FourierNodes<outputs>& nodes, double step, std::size_t first,
                              FourierTile<outputs>& tile, std::size_t n) {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
        set_turn(tile.k, step * counted(first), tile.turn_re, tile.twice, tile.turn_im, i);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
        set_turn(tile.k, step, tile.cosine, tile.twice, tile.sine, i);
    for (int output = 0; output < outputs; ++output) {
        double* const sum = tile.sum[output];
        sum_series(nodes.re[output], nodes.count, tile.twice, tile.last, tile.before, n);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i)
            add_series(0, tile.cosine, tile.sine, tile.last, tile.before, tile.turn_re,
                       tile.turn_im, sum, i);
        sum_series(nodes.im[output], nodes.count, tile.twice, tile.last, tile.before, n);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i)
            add_series(1, tile.cosine, tile.sine, tile.last, tile.before, tile.turn_re,
                       tile.turn_im, sum, i);
    }
}

template <int outputs>
HEDGEROW_INLINE void add_curved(const FourierNodes<outputs>& nodes, std::size_t j, double nearest,
                                FourierTile<outputs>& tile, std::size_t i) {
    // exp(-i u (k - nearest)), whose size falls from 1 but for the flat part of the path.
    const double gap = nearest - tile.k[i];
    const Complex turned =
        exp_sum(at_least(-nodes.u_im[j] * gap, -708.0), 0.0) * turn(nodes.u_re[j] * gap);
#pragma GCC unroll 16
    for (int output = 0; output < outputs; ++output)
        tile.sum[output][i] +=
            muladd(nodes.re[output][j], turned.re, -(nodes.im[output][j] * turned.im));
}

template <int outputs>
HEDGEROW_INLINE void sum_curved(const FourierNodes<outputs>& nodes, double nearest,
                                FourierTile<outputs>& tile, std::size_t n) {
    for (int output = 0; output < outputs; ++output)
        for (std::size_t i = 0; i < n; ++i) tile.sum[output][i] = 0;
    for (std::size_t j = 0; j < nodes.count; ++j) {
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) add_curved(nodes, j, nearest, tile, i);
    }
}

/// sqrt(F K) without overflow.
HEDGEROW_INLINE double mean_price(double forward, double strike) {
    return square_root(forward) * square_root(strike);
}

/// Prices lie between the intrinsic value and that of the forward or the strike.
HEDGEROW_INLINE double within_bounds(double value, double right, double forward, double strike) {
    const double most = right > 0 ? forward : strike;
    return at_most(at_least(value, at_least(right * (forward - strike), 0.0)), most);
}

template <int outputs>
HEDGEROW_INLINE void finish_flat_row(FourierTile<outputs>& tile, const FourierRange& range,
                                     std::size_t i) {
    const double k = tile.k[i], right = tile.right[i];
    double unit = mean_price(tile.forward[i], tile.strike[i]);
    unit = k > range.high ? 0.0 : unit;
    unit = k < -range.low ? 0.0 : unit;
    const double value = muladd(-unit, tile.sum[0][i], tile.black[i]);
    const double discount = tile.discount[i];
    // NaN of the logarithm, which marks a row outside its domain, goes through the sum.
    tile.sum[0][i] =
        discount * within_bounds(value + 0.0 * k, right, tile.forward[i], tile.strike[i]);
#pragma GCC unroll 16
    for (int j = 1; j < outputs; ++j) tile.sum[j][i] *= -discount * unit;
}

template <int outputs>
HEDGEROW_INLINE void finish_curved_row(FourierTile<outputs>& tile, std::size_t i) {
    const double right = tile.right[i], discount = tile.discount[i];
    const double unit = mean_price(tile.forward[i], tile.strike[i]);
    const double all = right > 0 ? tile.forward[i] : tile.strike[i];
    const double value = muladd(-unit, tile.sum[0][i], all);
    tile.sum[0][i] = discount * within_bounds(value, right, tile.forward[i], tile.strike[i]);
#pragma GCC unroll 16
    for (int j = 1; j < outputs; ++j) tile.sum[j][i] *= -discount * unit;
}

HEDGEROW_INLINE void set_log_moneyness(const FourierRows& rows, double* k, std::size_t start,
                                       std::size_t i) {
    const std::size_t row = start + i;
    k[i] = log_moneyness(rows.right[row], rows.forward[row], rows.strike[row], rows.discount[row]);
}

/// The least and the largest logarithm of moneyness in the rows, and those next to the center.
struct FourierSpan {
    double least = infinity, most = -infinity, below = -infinity, above = infinity;
};

inline FourierSpan span_of(const FourierRows& rows, double center) {
    FourierSpan span;
    alignas(64) double k[fourier_tile];
    for (std::size_t start = 0; start < rows.size; start += fourier_tile) {
        const std::size_t n = rows.size - start < fourier_tile ? rows.size - start : fourier_tile;
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) set_log_moneyness(rows, k, start, i);
        for (std::size_t i = 0; i < n; ++i) {
            span.least = k[i] < span.least ? k[i] : span.least;
            span.most = k[i] > span.most ? k[i] : span.most;
            const double below = k[i] < center ? k[i] : -infinity;
            const double above = k[i] >= center ? k[i] : infinity;
            span.below = below > span.below ? below : span.below;
            span.above = above < span.above ? above : span.above;
        }
    }
    return span;
}

/// Adds a row to the tile.
template <int outputs>
HEDGEROW_INLINE void take_row(const FourierRows& rows, std::size_t row,
                              FourierTile<outputs>& tile) {
    const std::size_t i = tile.count++;
    tile.right[i] = rows.right[row];
    tile.forward[i] = rows.forward[row];
    tile.strike[i] = rows.strike[row];
    tile.discount[i] = rows.discount[row];
    tile.row[i] = row;
}

/// Repeats the last row until vectors are full, and sets the logarithms of moneyness.
/// @return the number of rows with those.
template <int outputs>
HEDGEROW_INLINE std::size_t fill_tile(FourierTile<outputs>& tile) {
    const std::size_t n = (tile.count + 3) / 4 * 4, last = tile.count - 1;
    for (std::size_t i = tile.count; i < n; ++i) {
        tile.right[i] = tile.right[last];
        tile.forward[i] = tile.forward[last];
        tile.strike[i] = tile.strike[last];
        tile.discount[i] = tile.discount[last];
    }
    const FourierRows rows{tile.right, tile.forward, tile.strike, tile.discount, n};
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) set_log_moneyness(rows, tile.k, 0, i);
    return n;
}

/// Hands the results of a tile out.
template <int outputs>
HEDGEROW_INLINE void give_rows(FourierTile<outputs>& tile, double* const* out) {
    for (int j = 0; j < outputs; ++j)
        for (std::size_t i = 0; i < tile.count; ++i) out[j][tile.row[i]] = tile.sum[j][i];
    tile.count = 0;
}

/// Takes up to a tile of rows from `row` on. @return the row after the last one.
template <int outputs>
HEDGEROW_INLINE std::size_t take_rows(const FourierRows& rows, std::size_t row,
                                      FourierTile<outputs>& tile) {
    tile.count = 0;
    while (row < rows.size && tile.count < fourier_tile) take_row(rows, row++, tile);
    return row;
}

/// From sums over the nodes to prices, by Black's price of the control.
template <class Model, int outputs>
HEDGEROW_INLINE void finish_flat(const Model& model, const FourierRange& range,
                                 FourierTile<outputs>& tile, std::size_t n) {
    alignas(64) double one[fourier_tile], deviation[fourier_tile];
    const double root = square_root(model.variance);
    for (std::size_t i = 0; i < n; ++i) {
        one[i] = 1.0;
        deviation[i] = root;
    }
    const double* const in[] = {tile.right, tile.forward, tile.strike, one, deviation, one};
    double* const black[] = {tile.black};
    black_price_columns(in, black, n);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) finish_flat_row(tile, range, i);
}

inline void fill_with_nan(const FourierRows& rows, int outputs, double* const* out) {
    for (int j = 0; j < outputs; ++j)
        for (std::size_t i = 0; i < rows.size; ++i) out[j][i] = not_a_number;
}

/// All rows along the flat path; NaN where even most_flat_nodes are not enough. The nodes are set
/// once where they fit into their arrays, which is nearly always; else the sums so far wait in
/// `out` for the next nodes.
template <class Model, int outputs>
HEDGEROW_INLINE void flat_strip(const Model& model, const FourierRange& range, double step,
                                const FourierRows& rows, double* const* out) {
    FourierNodes<outputs> nodes;
    FourierTile<outputs> tile;
    bool more = true;
    for (std::size_t first = 0; more && first < most_flat_nodes; first += nodes.count) {
        more = set_flat(model, step, first, nodes);
        if (first == 0) halve_first(nodes);
        for (std::size_t row = 0; row < rows.size;) {
            row = take_rows(rows, row, tile);
            const std::size_t n = fill_tile(tile);
            for (int j = 0; j < outputs; ++j)
                for (std::size_t i = 0; i < n; ++i)
                    tile.sum[j][i] = first > 0 && i < tile.count ? out[j][tile.row[i]] : 0.0;
            add_flat(nodes, step, first, tile, n);
            if (!more || first + nodes.count >= most_flat_nodes) finish_flat(model, range, tile, n);
            give_rows(tile, out);
        }
    }
    if (more) fill_with_nan(rows, outputs, out);
}

/// The rows on one side of the center by the path bent that way; others stay as they are.
template <class Model, int outputs>
HEDGEROW_INLINE void curved_side(const Model& model, double side, double nearest,
                                 const FourierRows& rows, double* const* out) {
    FourierNodes<outputs> nodes;
    set_curved(model, nodes, side, nearest);
    FourierTile<outputs> tile;
    tile.count = 0;
    for (std::size_t row = 0; row < rows.size; ++row) {
        const double k =
            log_moneyness(rows.right[row], rows.forward[row], rows.strike[row], rows.discount[row]);
        if (side < 0 ? k >= model.center : k < model.center) take_row(rows, row, tile);
        const bool more = tile.count < fourier_tile && row + 1 < rows.size;
        if (more || tile.count == 0) continue;
        const std::size_t n = fill_tile(tile);
        sum_curved(nodes, nearest, tile, n);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) finish_curved_row(tile, i);
        give_rows(tile, out);
    }
}

/// Prices, and for outputs > 1 their derivatives in the parameters, of options of one expiry.
template <class Model, int outputs>
HEDGEROW_INLINE void fourier_strip(const double* parameters, double time, const FourierRows& rows,
                                   double* const* out) {
    const Model model(parameters, time);
    const FourierSpan span = span_of(rows, model.center);
    fill_with_nan(rows, outputs, out);  // what has no logarithm stays so
    if (span.least > span.most) return;

    // Errors are counted in units of sqrt(F K): far in-the-money puts want more digits.
    const double digits = flat_digits + at_least(0.5 * span.most, 0.0);
    const FourierRange range = fourier_range(model, digits);
    const double least = at_least(span.least, -range.low), most = at_most(span.most, range.high);
    const double to_right = range.high - least, to_left = most + range.low;
    const double step = 4.0 * half_pi / (to_right > to_left ? to_right : to_left);

    // A compound Poisson process of lognormal jumps stays on the flat path: off the axis its
    // exponent may grow exponentially. For others: the node from which on the curved path is the
    // cheaper one, by the instructions that each takes. In units of a node's characteristic
    // function, a node and strike cost 1/60 of it flat and 1/5 curved, and for each derivative 1/60
    // and 1/30 more; curved has two sides.
    const double strikes = static_cast<double>(rows.size), more = outputs - 1;
    const double curved = (17.0 / model.slant()) * (2.0 + strikes * (0.2 + more / 30.0));
    double limit = curved / (1.0 + strikes * (1.0 + more) / 60.0);
    limit = at_most(limit, static_cast<double>(fourier_nodes) - 1.0);
    const double last = flat_size(model, step * limit) + log_of(step * inverse_pi * limit);
    // The step is 0 where tails are too heavy to be bounded.
    if (step > 0 && (!Model::bends || last < -flat_digits)) {
        flat_strip<Model, outputs>(model, range, step, rows, out);
        return;
    }
    if constexpr (Model::bends) {
        if (span.above < infinity) curved_side<Model, outputs>(model, -1.0, span.above, rows, out);
        if (span.below > -infinity) curved_side<Model, outputs>(model, 1.0, span.below, rows, out);
    }
}

// HEDGEROW_STRIP(name, Model, outputs): defines a kernel, of prices alone or with all derivatives.
#define HEDGEROW_STRIP(name, Model, outputs)                                  \
    void name(const double* parameters, double time, const FourierRows& rows, \
              double* const* out) noexcept {                                  \
        fourier_strip<Model, outputs>(parameters, time, rows, out);           \
    }
