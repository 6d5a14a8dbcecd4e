// Sums of weighted columns by group, and of the sizes in them: the second half of netting.

/// Four doubles, as unaligned as a column may be.
using Four [[gnu::vector_size(32), gnu::aligned(8), gnu::may_alias]] = double;

HEDGEROW_INLINE Four& four(double* at) {
    return *reinterpret_cast<Four*>(at);
}
HEDGEROW_INLINE const Four& four(const double* at) {
    return *reinterpret_cast<const Four*>(at);
}

/// sums[stride group + j] += weight column j, row by row in their order. Four rows by four columns
/// are turned over in registers, so that each row adds to neighbors in memory; products and sums
/// round one by one, so that the bits are those of the plain loop on every machine.
void grouped_sums_columns(const double* const* columns, int count, const double* weights,
                          const std::uint32_t* groups, std::size_t n, double* sums,
                          std::size_t stride) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const Four weight = four(weights + i);
        double* const row0 = sums + groups[i] * stride;
        double* const row1 = sums + groups[i + 1] * stride;
        double* const row2 = sums + groups[i + 2] * stride;
        double* const row3 = sums + groups[i + 3] * stride;
        const bool one_group = row0 == row1 && row1 == row2 && row2 == row3;
        int j = 0;
        for (; j + 4 <= count; j += 4) {
            const Four a = weight * four(columns[j] + i), b = weight * four(columns[j + 1] + i);
            const Four c = weight * four(columns[j + 2] + i), d = weight * four(columns[j + 3] + i);
            const Four ab_even = __builtin_shufflevector(a, b, 0, 4, 2, 6);
            const Four ab_odd = __builtin_shufflevector(a, b, 1, 5, 3, 7);
            const Four cd_even = __builtin_shufflevector(c, d, 0, 4, 2, 6);
            const Four cd_odd = __builtin_shufflevector(c, d, 1, 5, 3, 7);
            const Four first = __builtin_shufflevector(ab_even, cd_even, 0, 1, 4, 5);
            const Four second = __builtin_shufflevector(ab_odd, cd_odd, 0, 1, 4, 5);
            const Four third = __builtin_shufflevector(ab_even, cd_even, 2, 3, 6, 7);
            const Four fourth = __builtin_shufflevector(ab_odd, cd_odd, 2, 3, 6, 7);
            if (one_group) {  // as in a sorted book: the sums need not go through memory
                four(row0 + j) = (((four(row0 + j) + first) + second) + third) + fourth;
            } else {
                four(row0 + j) += first;
                four(row1 + j) += second;
                four(row2 + j) += third;
                four(row3 + j) += fourth;
            }
        }
        for (; j < count; ++j) {
            const double* const column = columns[j] + i;
            row0[j] += weights[i] * column[0];
            row1[j] += weights[i + 1] * column[1];
            row2[j] += weights[i + 2] * column[2];
            row3[j] += weights[i + 3] * column[3];
        }
    }
    for (; i < n; ++i)
        for (int j = 0; j < count; ++j)
            sums[groups[i] * stride + static_cast<std::size_t>(j)] += weights[i] * columns[j][i];
}

/// The sum of the absolute values in the columns.
double sum_of_sizes_columns(const double* const* columns, int count, std::size_t n) noexcept {
    constexpr int lanes = 16;
    double sums[lanes] = {};
    for (int j = 0; j < count; ++j) {
        const double* const column = columns[j];
        std::size_t i = 0;
        for (; i + lanes <= n; i += lanes) _Pragma("omp simd") for (int k = 0; k < lanes; ++k) {
                sums[k] += absolute(column[i + static_cast<std::size_t>(k)]);
            }
        for (; i < n; ++i) sums[0] += absolute(column[i]);
    }
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}
