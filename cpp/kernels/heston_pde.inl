// A time step of Heston's equation on a grid of spots and variances, by alternating directions.
//
// In time to expiry, with s the spot (or any price that is a martingale but for its carry b):
//
//     dU/dt = A0 U + A1 U + A2 U
//     A1 = v s^2/2 d2/ds2 + b s d/ds - r/2        implicit: a tridiagonal system per variance
//     A2 = sigma^2 v/2 d2/dv2 + (k - l v) d/dv - r/2   implicit: one per spot, of one matrix
//     A0 = rho sigma v s d2/dsdv                  explicit
//
// A step of the modified Craig-Sneyd or the Hundsdorfer-Verwer scheme (K. J. In 't Hout and S.
// Foulon 2010, equations 2.11 and 2.12) is two rounds of: one pass that applies A0, A1 and A2 with
// weights, the systems along spots, those along variances. All that the second round needs of the
// values before the step is one weighted sum, which the first pass leaves; Douglas' scheme is the
// first round alone. An early exercise is the operator splitting of S. Ikonen and J. Toivanen 2004.
//
// A spot is a row, whose variances lie side by side. Systems along spots go row by row, all
// variances in the lanes; those along variances take sixteen rows as lanes, turned in a tile.

/// What a round weighs A0 u, A1 u and A2 u with.
struct HestonWeights {
    double mixed, spots, variances;
};

HEDGEROW_INLINE double three(double lower, double middle, double upper, double a, double b,
                             double c) {
    return muladd(lower, a, muladd(middle, b, upper * c));
}

/// s du/ds of a row, for the mixed derivative.
HEDGEROW_INLINE void heston_slopes(const HestonPdeGrid& grid, std::size_t i, const double* u,
                                   double* slope) {
    const double lower = grid.first[0][i], middle = grid.first[1][i], upper = grid.first[2][i];
    const double *const below = u - grid.stride, *const above = u + grid.stride;
    _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j) slope[j] =
        three(lower, middle, upper, below[j], u[j], above[j]);
}

struct HestonRow {
    double lower, middle, upper, carry, half_rate;
    HestonWeights one, two;
    double variances_weight;
};

/// The first round leaves a sum for the second; that of Hundsdorfer and Verwer takes off its own
/// A2 u, that of Craig and Sneyd what the first one did.
enum class HestonRound { first, second, second_alone };

template <HestonRound round>
HEDGEROW_INLINE void heston_apply_at(const HestonPdeGrid& grid, const HestonRow& row,
                                     const double* u, const double* slope, const double* base,
                                     double* right, double* sum, double* along, std::size_t j) {
    const double mixed = three(grid.mixed[0][j], grid.mixed[1][j], grid.mixed[2][j],
                               *(slope + j - 1), slope[j], slope[j + 1]);
    const double variances = three(grid.across[0][j], grid.across[1][j], grid.across[2][j],
                                   *(u + j - 1), u[j], u[j + 1]);
    const double diffusion =
        three(row.lower, row.middle, row.upper, *(u + j - grid.stride), u[j], u[j + grid.stride]);
    const double spots =
        muladd(grid.variance[j], diffusion, muladd(row.carry, slope[j], -row.half_rate * u[j]));
    right[j] = muladd(row.one.mixed, mixed,
                      muladd(row.one.spots, spots, muladd(row.one.variances, variances, base[j])));
    if constexpr (round != HestonRound::second) along[j] = row.variances_weight * variances;
    if constexpr (round == HestonRound::first)
        sum[j] =
            muladd(row.two.mixed, mixed,
                   muladd(row.two.spots, spots, muladd(row.two.variances, variances, base[j])));
}

/// right = base + the weighted operators on u, and so sum with the weights of the second round;
/// along is what the systems along variances take off.
template <HestonRound round>
HEDGEROW_INLINE void heston_apply(const HestonPdeGrid& grid, const HestonWeights& one,
                                  const HestonWeights& two, double variances_weight,
                                  const double* u, const HestonPdeState& state) {
    HestonRow row{0.0, 0.0, 0.0, grid.carry, grid.half_rate, one, two, variances_weight};
    double* const slope = state.line;
    const double far = grid.across_far;
    for (std::size_t i = 0; i < grid.rows; ++i) {
        const std::size_t at = i * grid.stride;
        const double* const values = u + at;
        const double* const base = round == HestonRound::first ? state.source + at : state.sum + at;
        double *const right = state.right + at, *const along = state.along + at;
        double* const sum = state.sum + at;
        heston_slopes(grid, i, values, slope);
        row.lower = grid.second[0][i];
        row.middle = grid.second[1][i];
        row.upper = grid.second[2][i];
        _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j)
            heston_apply_at<round>(grid, row, values, slope, base, right, sum, along, j);
        // The slope in the variance at 0 looks at three values.
        const double beyond = far * values[2];
        right[0] = muladd(one.variances, beyond, right[0]);
        if constexpr (round != HestonRound::second)
            along[0] = muladd(variances_weight, beyond, along[0]);
        if constexpr (round == HestonRound::first) sum[0] = muladd(two.variances, beyond, sum[0]);
    }
}

/// An entry of I - weight A1.
HEDGEROW_INLINE double spot_entry(double second, double first, double variance) {
    return muladd(second, variance, first);
}

/// Gauss's elimination of the matrices along spots: 1 / pivots, and the entries above them.
HEDGEROW_INLINE void heston_pivot_at(double* inverse, double* upper, const double* upper_before,
                                     double a2, double a1, double b2, double b1, double c2,
                                     double c1, double variance) {
    const double lower = spot_entry(a2, a1, variance);
    const double pivot = muladd(-lower, *upper_before, 1.0 + spot_entry(b2, b1, variance));
    const double reciprocal = 1.0 / pivot;
    *inverse = reciprocal;
    *upper = spot_entry(c2, c1, variance) * reciprocal;
}

void heston_pde_factor(const HestonPdeGrid& grid, const HestonPdeStep& step) noexcept {
    const double w = -step.implicit;
    for (std::size_t i = 0; i < grid.rows; ++i) {
        const std::size_t at = i * grid.stride;
        double *const inverse = step.spot_inverse + at, *const upper = step.spot_upper + at;
        const double* const before = i == 0 ? grid.zeros : upper - grid.stride;
        const double a2 = w * grid.second[0][i], b2 = w * grid.second[1][i],
                     c2 = w * grid.second[2][i];
        const double a1 = i == 0 ? 0.0 : w * grid.carry * grid.first[0][i],
                     b1 = w * muladd(grid.carry, grid.first[1][i], -grid.half_rate),
                     c1 = w * grid.carry * grid.first[2][i];
        _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j) heston_pivot_at(
            inverse + j, upper + j, before + j, a2, a1, b2, b1, c2, c1, grid.variance[j]);
    }
}

HEDGEROW_INLINE double heston_forward(double a2, double a1, double variance, double inverse,
                                      double before, double value) {
    return muladd(-spot_entry(a2, a1, variance), before, value) * inverse;
}

HEDGEROW_INLINE void heston_backward_at(double upper, double after, double along, double* line,
                                        double* value) {
    const double solved = muladd(-upper, after, *value);
    *line = solved;
    *value = solved - along;
}

/// Solves the systems along spots in place, and takes off what those along variances begin with.
/// The rows beside the grid hold what is known there.
HEDGEROW_INLINE void heston_solve_spots(const HestonPdeGrid& grid, const HestonPdeStep& step,
                                        const HestonPdeState& state) {
    double* const values = state.right;
    const double w = -step.implicit;
    for (std::size_t i = 0; i < grid.rows; ++i) {
        const std::size_t at = i * grid.stride;
        const double a2 = w * grid.second[0][i], a1 = w * grid.carry * grid.first[0][i];
        const double* const inverse = step.spot_inverse + at;
        double* const row = values + at;
        const double* const before = row - grid.stride;
        _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j) row[j] =
            heston_forward(a2, a1, grid.variance[j], inverse[j], before[j], row[j]);
    }
    const double* after = values + grid.rows * grid.stride;
    double* const line = state.line;
    for (std::size_t i = grid.rows; i-- > 0;) {
        const double* const upper = step.spot_upper + i * grid.stride;
        const double* const along = state.along + i * grid.stride;
        double* const row = values + i * grid.stride;
        _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j)
            heston_backward_at(upper[j], after[j], along[j], line + j, row + j);
        after = line;
    }
}

/// Solves the systems along variances, some spots at a time; the last ones may be solved twice.
HEDGEROW_INLINE void heston_solve_variances(const HestonPdeGrid& grid, const HestonPdeStep& step,
                                            const HestonPdeState& state, double* out) {
    constexpr std::size_t lanes = heston_pde_lanes;
    const std::size_t columns = grid.columns, stride = grid.stride;
    double* const tile = state.tile;
    for (std::size_t start = 0; start < grid.rows; start += lanes) {
        const std::size_t first = start + lanes <= grid.rows ? start : grid.rows - lanes;
        const double* const right = state.right + first * stride;
        for (std::size_t j = 0; j < columns; ++j) {
            double* const lane = tile + j * lanes;
            _Pragma("omp simd") for (std::size_t l = 0; l < lanes; ++l) lane[l] =
                right[l * stride + j];
        }
        const double fold = step.fold;
        _Pragma("omp simd") for (std::size_t l = 0; l < lanes; ++l) tile[l] =
            muladd(-fold, tile[lanes + l], tile[l]) * step.variance_inverse[0];
        for (std::size_t j = 1; j < columns; ++j) {
            double* const lane = tile + j * lanes;
            const double inverse = step.variance_inverse[j], lower = step.variance_lower[j];
            _Pragma("omp simd") for (std::size_t l = 0; l < lanes; ++l) lane[l] =
                muladd(-lower, *(lane + l - lanes), lane[l] * inverse);
        }
        for (std::size_t j = columns - 1; j-- > 0;) {
            double* const lane = tile + j * lanes;
            const double upper = step.variance_upper[j];
            _Pragma("omp simd") for (std::size_t l = 0; l < lanes; ++l) lane[l] =
                muladd(-upper, lane[l + lanes], lane[l]);
        }
        double* const to = out + first * stride;
        for (std::size_t j = 0; j < columns; ++j) {
            const double* const lane = tile + j * lanes;
#pragma GCC unroll 16
            for (std::size_t l = 0; l < lanes; ++l) to[l * stride + j] = lane[l];
        }
    }
}

/// @param added what the right to exercise adds to the value in a step, not negative.
HEDGEROW_INLINE void heston_exercise_at(double payoff, double* value, double* added) {
    const double held = *value - *added;
    const double exercised = held < payoff ? payoff : held;
    *added = *added + (exercised - *value);
    *value = exercised;
}

/// The values that the exercise leaves, and from what the next step starts.
HEDGEROW_INLINE void heston_exercise(const HestonPdeGrid& grid, const HestonPdeState& state) {
    for (std::size_t i = 0; i < grid.rows; ++i) {
        double* const value = state.values + i * grid.stride;
        double* const added = state.added + i * grid.stride;
        double* const source = state.source + i * grid.stride;
        const double payoff = state.payoff[i];
        _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j)
            heston_exercise_at(payoff, value + j, added + j);
        _Pragma("omp simd") for (std::size_t j = 0; j < grid.stride; ++j) source[j] =
            value[j] + added[j];
    }
}

/// One step of `step.time`, in place. `added` is null without early exercise, and `source` the
/// values themselves.
void heston_pde_step(const HestonPdeGrid& grid, const HestonPdeStep& step,
                     const HestonPdeState& state) noexcept {
    const double t = step.time, w = step.implicit;
    const HestonWeights first{t, t - w, t};
    if (step.scheme == HestonPdeScheme::douglas) {
        heston_apply<HestonRound::first>(grid, first, first, w, state.values, state);
        heston_solve_spots(grid, step, state);
        heston_solve_variances(grid, step, state, state.values);
    } else {
        const bool craig = step.scheme == HestonPdeScheme::modified_craig_sneyd;
        const double half = 0.5 * t;
        const HestonWeights kept{half, half, craig ? half + w : half};
        const HestonWeights second{half, half - w, craig ? half - w : half};
        heston_apply<HestonRound::first>(grid, first, kept, w, state.values, state);
        heston_solve_spots(grid, step, state);
        heston_solve_variances(grid, step, state, state.middle);
        if (craig)
            heston_apply<HestonRound::second>(grid, second, second, w, state.middle, state);
        else
            heston_apply<HestonRound::second_alone>(grid, second, second, w, state.middle, state);
        heston_solve_spots(grid, step, state);
        heston_solve_variances(grid, step, state, state.values);
    }
    if (state.added) heston_exercise(grid, state);
}
