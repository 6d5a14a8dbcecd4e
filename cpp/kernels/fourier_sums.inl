// Tiles of a strip's options: sums over the nodes for every strike, and what is made of them.

/// A tile of options: columns as the kernels of Black's model take them, and sums over the nodes,
/// which what is made of them replaces.
struct FourierTile {
    alignas(64) double right[fourier_tile], forward[fourier_tile], strike[fourier_tile];
    alignas(64) double discount[fourier_tile], k[fourier_tile];
    alignas(64) double sum[fourier_columns][fourier_tile];
    alignas(64) double cosine[fourier_tile], twice[fourier_tile], sine[fourier_tile];
    alignas(64) double turn_re[fourier_tile], turn_im[fourier_tile];
    alignas(64) double last[fourier_tile], before[fourier_tile];
    std::size_t row[fourier_tile];
    std::size_t count;

    /// The rows with those that fill the last vector: compilers see that none are left over.
    HEDGEROW_INLINE std::size_t size() const { return (count + 3) / 4 * 4; }
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
/// @tparam begins whether these are the first ones, before which both sums are 0.
template <bool begins>
HEDGEROW_INLINE void clenshaw(const ClenshawSteps& a, const double* twice, double* last,
                              double* before, std::size_t i) {
    const double c = twice[i];
    double b = begins ? a.coefficient[clenshaw_steps - 1] : last[i];
    double b_before = begins ? 0.0 : before[i];
#pragma GCC unroll 8
    for (int j = clenshaw_steps - (begins ? 2 : 1); j >= 0; --j) {
        const double next = muladd(c, b, a.coefficient[j] - b_before);
        b_before = b;
        b = next;
    }
    last[i] = b;
    before[i] = b_before;
}

template <bool begins>
HEDGEROW_INLINE void sum_steps(const double* coefficients, const double* twice, double* last,
                               double* before, std::size_t n) {
    ClenshawSteps steps;
    for (int k = 0; k < clenshaw_steps; ++k) steps.coefficient[k] = coefficients[k];
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) clenshaw<begins>(steps, twice, last, before, i);
}

/// b_0 and b_1 of a series of some blocks of coefficients for every angle.
HEDGEROW_INLINE void sum_series(const double* coefficients, std::size_t count, const double* twice,
                                double* last, double* before, std::size_t n) {
    std::size_t j = count - clenshaw_steps;
    for (sum_steps<true>(coefficients + j, twice, last, before, n); j > 0;) {
        j -= clenshaw_steps;
        sum_steps<false>(coefficients + j, twice, last, before, n);
    }
}

/// re cos(J t) + im sin(J t), where re and im are those of the sum of H_j exp(-i j t): for a series
/// in the real parts (part 0) of H_j it is set, for one in the imaginary parts (part 1) added.
template <int part>
HEDGEROW_INLINE void add_series(FourierTile& tile, double* sum, std::size_t i) {
    const double before = tile.before[i];
    const double even = muladd(-tile.cosine[i], before, tile.last[i]), odd = tile.sine[i] * before;
    const double re = part == 0 ? even : odd, im = part == 0 ? -odd : even;
    const double value = muladd(re, tile.turn_re[i], im * tile.turn_im[i]);
    sum[i] = part == 0 ? value : sum[i] + value;
}

/// The real parts of the sums of H_(first + j) exp(-i (first + j) t).
[[gnu::noinline]] void sum_flat(const FourierNodes& nodes, int sums, double step, std::size_t first,
                                FourierTile& tile) {
    const std::size_t n = tile.size();
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
        set_turn(tile.k, step * counted(first), tile.turn_re, tile.twice, tile.turn_im, i);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
        set_turn(tile.k, step, tile.cosine, tile.twice, tile.sine, i);
    for (int j = 0; j < sums; ++j) {
        double* const sum = tile.sum[j];
        sum_series(nodes.re[j], nodes.count, tile.twice, tile.last, tile.before, n);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) add_series<0>(tile, sum, i);
        sum_series(nodes.im[j], nodes.count, tile.twice, tile.last, tile.before, n);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) add_series<1>(tile, sum, i);
    }
}

/// A node by itself: values that no store into a tile can change.
template <int sums>
struct CurvedNode {
    double u_re, u_im, re[sums], im[sums];

    HEDGEROW_INLINE CurvedNode(const FourierNodes& nodes, std::size_t j)
        : u_re(nodes.u_re[j]), u_im(nodes.u_im[j]) {
        for (int s = 0; s < sums; ++s) {
            re[s] = nodes.re[s][j];
            im[s] = nodes.im[s][j];
        }
    }
};

/// @tparam begins whether it is the first node, whose value is set where others are added.
template <int sums, bool begins>
HEDGEROW_INLINE void add_curved(const CurvedNode<sums>& node, double nearest, FourierTile& tile,
                                std::size_t i) {
    // exp(-i u (k - nearest)), whose size falls from 1 but for the flat part of the path.
    const double gap = nearest - tile.k[i];
    const Complex turned = exp_sum(at_least(-node.u_im * gap, -708.0), 0.0) * turn(node.u_re * gap);
#pragma GCC unroll 16
    for (int s = 0; s < sums; ++s) {
        const double value = muladd(node.re[s], turned.re, -(node.im[s] * turned.im));
        tile.sum[s][i] = begins ? value : tile.sum[s][i] + value;
    }
}

template <int sums>
[[gnu::noinline]] void sum_curved(const FourierNodes& nodes, double nearest, FourierTile& tile) {
    const std::size_t n = tile.size();
    const CurvedNode<sums> first(nodes, 0);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) add_curved<sums, true>(first, nearest, tile, i);
    for (std::size_t j = 1; j < nodes.count; ++j) {
        const CurvedNode<sums> node(nodes, j);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) add_curved<sums, false>(node, nearest, tile, i);
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

/// Price and Greeks of a row from its sums, by those of the control, undiscounted.
/// @param unit sqrt(F K), or 0 where the control is all.
template <class Wanted>
HEDGEROW_INLINE void finish_greeks(FourierTile& tile, double time, double unit, double price,
                                   double delta, double dual_delta, std::size_t i) {
    const double right = tile.right[i], forward = tile.forward[i], strike = tile.strike[i];
    const double discount = tile.discount[i], paid = discount * unit;
    const double half = 0.5 * tile.sum[0][i], slope = tile.sum[1][i];
    const double density = at_least(paid * tile.sum[2][i], 0.0);
    const double in_forward = muladd(-(unit / forward), half - slope, delta);
    const double in_strike = muladd(-(unit / strike), half + slope, dual_delta);
    const double up = at_least(right, 0.0), down = at_least(-right, 0.0);
    if constexpr (Wanted::sums > 4) tile.sum[6][i] = -paid * tile.sum[4][i];
    // As Black's, with the rate -ln(D)/T held.
    tile.sum[3][i] = muladd(paid, tile.sum[3][i], -(log_of(discount) / time) * (discount * price));
    tile.sum[0][i] = discount * price;
    tile.sum[1][i] = discount * at_most(at_least(in_forward, -down), up);
    tile.sum[2][i] = density / forward / forward;
    tile.sum[4][i] = discount * at_most(at_least(in_strike, -up), down);
    tile.sum[5][i] = density / strike / strike;
}

/// Black's price of the control, and where Greeks are wanted delta and dual delta.
struct FourierControl {
    alignas(64) double price[fourier_tile], delta[fourier_tile], dual_delta[fourier_tile];
};

template <class Wanted>
HEDGEROW_INLINE void finish_flat_row(FourierTile& tile, double time, const FourierRange& range,
                                     const FourierControl& control, std::size_t i) {
    const double k = tile.k[i], right = tile.right[i];
    double unit = mean_price(tile.forward[i], tile.strike[i]);
    unit = k > range.high ? 0.0 : unit;
    unit = k < -range.low ? 0.0 : unit;
    // NaN of the logarithm, which marks a row outside its domain, goes through the sum.
    const double value = muladd(-unit, tile.sum[0][i], control.price[i]) + 0.0 * k;
    const double price = within_bounds(value, right, tile.forward[i], tile.strike[i]);
    if constexpr (Wanted::greeks) {
        finish_greeks<Wanted>(tile, time, unit, price, control.delta[i], control.dual_delta[i], i);
    } else {
        const double discount = tile.discount[i];
        tile.sum[0][i] = discount * price;
#pragma GCC unroll 16
        for (int j = 1; j < Wanted::sums; ++j) tile.sum[j][i] *= -discount * unit;
    }
}

template <class Wanted>
HEDGEROW_INLINE void finish_curved_row(FourierTile& tile, double time, std::size_t i) {
    const double right = tile.right[i], discount = tile.discount[i];
    const double unit = mean_price(tile.forward[i], tile.strike[i]);
    const double all = right > 0 ? tile.forward[i] : tile.strike[i];
    const double value = muladd(-unit, tile.sum[0][i], all);
    const double price = within_bounds(value, right, tile.forward[i], tile.strike[i]);
    if constexpr (Wanted::greeks) {
        finish_greeks<Wanted>(tile, time, unit, price, at_least(right, 0.0), at_least(-right, 0.0),
                              i);
    } else {
        tile.sum[0][i] = discount * price;
#pragma GCC unroll 16
        for (int j = 1; j < Wanted::sums; ++j) tile.sum[j][i] *= -discount * unit;
    }
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
HEDGEROW_INLINE void take_row(const FourierRows& rows, std::size_t row, FourierTile& tile) {
    const std::size_t i = tile.count++;
    tile.right[i] = rows.right[row];
    tile.forward[i] = rows.forward[row];
    tile.strike[i] = rows.strike[row];
    tile.discount[i] = rows.discount[row];
    tile.row[i] = row;
}

/// Repeats the last row until vectors are full, and sets the logarithms of moneyness.
inline void fill_tile(FourierTile& tile) {
    const std::size_t n = tile.size(), last = tile.count - 1;
    for (std::size_t i = tile.count; i < n; ++i) {
        tile.right[i] = tile.right[last];
        tile.forward[i] = tile.forward[last];
        tile.strike[i] = tile.strike[last];
        tile.discount[i] = tile.discount[last];
    }
    const FourierRows rows{tile.right, tile.forward, tile.strike, tile.discount, n};
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) set_log_moneyness(rows, tile.k, 0, i);
}

/// Hands so many results of a tile out.
inline void give_rows(FourierTile& tile, int count, double* const* out) {
    for (int j = 0; j < count; ++j)
        for (std::size_t i = 0; i < tile.count; ++i) out[j][tile.row[i]] = tile.sum[j][i];
    tile.count = 0;
}

/// Takes up to a tile of rows from `row` on. @return the row after the last one.
inline std::size_t take_rows(const FourierRows& rows, std::size_t row, FourierTile& tile) {
    tile.count = 0;
    while (row < rows.size && tile.count < fourier_tile) take_row(rows, row++, tile);
    return row;
}

/// Adds what earlier nodes came to, which has waited where the results will be.
inline void add_waiting(FourierTile& tile, int sums, double* const* out) {
    for (int j = 0; j < sums; ++j)
        for (std::size_t i = 0; i < tile.count; ++i) tile.sum[j][i] += out[j][tile.row[i]];
}

/// From sums over the nodes to results, by Black's model of the control.
template <class Model, class Wanted>
HEDGEROW_INLINE void finish_flat(const Model& model, const FourierRange& range, FourierTile& tile) {
    const std::size_t n = tile.size();
    alignas(64) double one[fourier_tile], deviation[fourier_tile];
    const double root = square_root(model.variance);
    for (std::size_t i = 0; i < n; ++i) {
        one[i] = 1.0;
        deviation[i] = root;
    }
    const double* const in[] = {tile.right, tile.forward, tile.strike, one, deviation, one};
    FourierControl control;
    if constexpr (Wanted::greeks) {
        constexpr int delta = 1, dual_delta = 15;  // as in base/greeks.hpp
        alignas(64) double unused[fourier_tile];
        double* black[greek_count];
        for (double*& column : black) column = unused;
        black[0] = control.price;
        black[delta] = control.delta;
        black[dual_delta] = control.dual_delta;
        black_greeks_columns(in, black, n);
    } else {
        double* const black[] = {control.price};
        black_price_columns(in, black, n);
    }
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
        finish_flat_row<Wanted>(tile, model.time, range, control, i);
}
