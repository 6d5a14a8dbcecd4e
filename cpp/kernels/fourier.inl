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
//
// Prices are homogeneous in F and K, and time stands in phi alone, so that the same nodes with
// other weights give the Greeks. Undiscounted, for call and put alike but for the ones and zeros,
//
//     dS/dF = sqrt(K/F) (I/2 - I'), dS/dK = sqrt(F/K) (I/2 + I'), d2S/dK2 = -sqrt(F K)/K^2 J,
//     I'(k) = 1/(2 pi) Integral -i u exp(-i u k) phi(u - i/2)/(u^2 + 1/4) du,
//     J(k) = I/4 - I'' = 1/(2 pi) Integral exp(-i u k) phi(u - i/2) du.
//
// J and the integrals of derivatives of phi have no poles and want no control.

inline void fill_with_nan(const FourierRows& rows, int columns, double* const* out) {
    for (int j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < rows.size; ++i) out[j][i] = not_a_number;
}

/// All rows along the flat path; NaN where even most_flat_nodes are not enough. The nodes are set
/// once where they fit into their arrays, which is nearly always; else the sums so far wait in
/// `out` for the next nodes.
template <class Model, class Wanted>
HEDGEROW_INLINE void flat_strip(const Model& model, const FourierRange& range, double step,
                                const FourierRows& rows, double* const* out) {
    FourierNodes nodes;
    FourierTile tile;
    bool more = true;
    for (std::size_t first = 0; more && first < most_flat_nodes; first += nodes.count) {
        more = set_flat<Model, Wanted>(model, step, first, nodes);
        if (first == 0) halve_first(nodes, Wanted::sums);
        for (std::size_t row = 0; row < rows.size;) {
            row = take_rows(rows, row, tile);
            fill_tile(tile);
            sum_flat(nodes, Wanted::sums, step, first, tile);
            if (first > 0) add_waiting(tile, Wanted::sums, out);
            if (!more) finish_flat<Model, Wanted>(model, range, tile);
            give_rows(tile, more ? Wanted::sums : Wanted::columns, out);
        }
    }
    if (more) fill_with_nan(rows, Wanted::columns, out);
}

/// The rows on one side of the center by the path bent that way; others stay as they are.
template <class Model, class Wanted>
HEDGEROW_INLINE void curved_side(const Model& model, double side, double nearest,
                                 const FourierRows& rows, double* const* out) {
    FourierNodes nodes;
    set_curved<Model, Wanted>(model, nodes, side, nearest);
    FourierTile tile;
    tile.count = 0;
    for (std::size_t row = 0; row < rows.size; ++row) {
        const double k =
            log_moneyness(rows.right[row], rows.forward[row], rows.strike[row], rows.discount[row]);
        if (side < 0 ? k >= model.center : k < model.center) take_row(rows, row, tile);
        const bool more = tile.count < fourier_tile && row + 1 < rows.size;
        if (more || tile.count == 0) continue;
        fill_tile(tile);
        const std::size_t n = tile.size();
        sum_curved<Wanted::sums>(nodes, nearest, tile);
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) finish_curved_row<Wanted>(tile, model.time, i);
        give_rows(tile, Wanted::columns, out);
    }
}

/// What is wanted of options of one expiry.
template <class Model, class Wanted>
HEDGEROW_INLINE void fourier_strip(const double* parameters, double time, const FourierRows& rows,
                                   double* const* out) {
    const Model model(parameters, time);
    const FourierSpan span = span_of(rows, model.center);
    fill_with_nan(rows, Wanted::columns, out);  // what has no logarithm stays so
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
    const double strikes = static_cast<double>(rows.size), more = Wanted::sums - 1;
    const double curved = (17.0 / model.slant()) * (2.0 + strikes * (0.2 + more / 30.0));
    double limit = curved / (1.0 + strikes * (1.0 + more) / 60.0);
    limit = at_most(limit, static_cast<double>(fourier_nodes) - 1.0);
    const double end = step * limit;
    double last = flat_size(model, end) + log_of(inverse_pi * end);
    // J has no denominator, and is told to be less accurate, as derivatives are.
    if constexpr (Wanted::greeks) last += log_of(0x1p-6 * muladd(end, end, 0.25));
    // The step is 0 where tails are too heavy to be bounded.
    if (step > 0 && (!Model::bends || last < -flat_digits)) {
        flat_strip<Model, Wanted>(model, range, step, rows, out);
        return;
    }
    if constexpr (Model::bends) {
        if (span.above < infinity) curved_side<Model, Wanted>(model, -1.0, span.above, rows, out);
        if (span.below > -infinity) curved_side<Model, Wanted>(model, 1.0, span.below, rows, out);
    }
}

// HEDGEROW_STRIP(name, Model): defines a model's kernels.
#define HEDGEROW_STRIP(name, Model)                                                      \
    void name##_strip(const double* parameters, double time, const FourierRows& rows,    \
                      double* const* out) noexcept {                                     \
        fourier_strip<Model, WantPrices>(parameters, time, rows, out);                   \
    }                                                                                    \
    void name##_gradient(const double* parameters, double time, const FourierRows& rows, \
                         double* const* out) noexcept {                                  \
        fourier_strip<Model, WantGradient<Model>>(parameters, time, rows, out);          \
    }                                                                                    \
    void name##_greeks(const double* parameters, double time, const FourierRows& rows,   \
                       double* const* out) noexcept {                                    \
        fourier_strip<Model, WantGreeks<Model>>(parameters, time, rows, out);            \
    }
