// Slices of total variance over the quotes of an expiry, and the sums that a least squares fit
// makes of them.

/// w at k and what its derivatives are made of: those by the six numbers of a hyperbola but its
/// place are 1, x, and the last three.
HEDGEROW_INLINE void hyperbola_place(const Hyperbola& h, double k, double* variance, double* place,
                                     double* by_constant, double* by_linear, double* by_quadratic) {
    const double x = k - h.place;
    const double root = square_root(muladd(muladd(h.quadratic, x, h.linear), x, h.constant));
    const double half = 0.5 / root, side = half * x;
    *variance = muladd(h.slope, x, h.level + root);
    *place = x;
    *by_constant = half;
    *by_linear = side;
    *by_quadratic = side * x;
}

/// out[0] = w, and out[1 + j] its derivative by unknown j, whose effect on the hyperbola's level,
/// slope, constant, linear and quadratic are the five numbers of chart from 5 j on.
void hyperbola_columns(const Hyperbola& hyperbola, const double* chart, int unknowns,
                       const double* log_moneyness, double* const* out, std::size_t n) noexcept {
    constexpr std::size_t block = 64;
    alignas(64) double by[4][block];
    const Hyperbola fixed = hyperbola;
    for (std::size_t first = 0; first < n; first += block) {
        const std::size_t rows = n - first < block ? n - first : block;
        const double* const k = log_moneyness + first;
        double* const variance = out[0] + first;
        _Pragma("omp simd") for (std::size_t i = 0; i < rows; ++i)
            hyperbola_place(fixed, k[i], variance + i, by[0] + i, by[1] + i, by[2] + i, by[3] + i);
        for (int j = 0; j < unknowns; ++j) {
            double* const to = out[1 + j] + first;
            const double level = chart[5 * j], slope = chart[5 * j + 1];
            const double constant = chart[5 * j + 2], linear = chart[5 * j + 3];
            const double quadratic = chart[5 * j + 4];
            _Pragma("omp simd") for (std::size_t i = 0; i < rows; ++i) to[i] =
                muladd(slope, by[0][i], level) +
                muladd(constant, by[1][i], muladd(linear, by[2][i], quadratic * by[3][i]));
        }
    }
}

/// The sum of eight partial sums, in the same order on every machine.
HEDGEROW_INLINE double total(const Four& low, const Four& high) {
    const Four sum = low + high;
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/// Adds to `sums`, for every column x_i, first those of squares x_i x_j for j <= i and then that of
/// products x_i; of n rows, a multiple of eight.
void normal_sums_columns(const double* const* columns, int count, const double* squares,
                         const double* products, std::size_t n, double* sums) noexcept {
    constexpr std::size_t block = 64;
    alignas(64) double weighted[block];
    for (std::size_t first = 0; first < n; first += block) {
        const std::size_t rows = n - first < block ? n - first : block;
        double* sum = sums;
        for (int i = 0; i < count; ++i) {
            const double* const x = columns[i] + first;
            Four low{}, high{};
            for (std::size_t r = 0; r < rows; r += 8) {
                four(weighted + r) = four(squares + first + r) * four(x + r);
                four(weighted + r + 4) = four(squares + first + r + 4) * four(x + r + 4);
                low += four(products + first + r) * four(x + r);
                high += four(products + first + r + 4) * four(x + r + 4);
            }
            const double product = total(low, high);
            for (int j = 0; j <= i; ++j) {
                const double* const y = columns[j] + first;
                low = Four{}, high = Four{};
                for (std::size_t r = 0; r < rows; r += 8) {
                    low += four(weighted + r) * four(y + r);
                    high += four(weighted + r + 4) * four(y + r + 4);
                }
                *sum++ += total(low, high);
            }
            *sum++ += product;
        }
    }
}
