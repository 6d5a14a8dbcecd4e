// Kernels that invert a price: many stages, some of which a whole block of rows can do without,
// which is why they are not HEDGEROW_STAGES of batch.inl. Each stage runs over a block, whose state
// stays in the first-level cache column by column, before the next one starts. The stages are
// short: of a long one the processor's window holds too few rows to hide its chain of dependent
// operations, and its time grows with the square of its length.

/// A loop over the first `n` rows of a block whose body is a stage.
#define HEDGEROW_ROWS _Pragma("omp simd") for (std::size_t j = 0; j < n; ++j)

constexpr std::size_t block_rows = 128;

/// n rounded up to whole vectors of any width: the compiler sees that no row is left over.
HEDGEROW_INLINE std::size_t whole_vectors(std::size_t n) {
    return (n + 7) & ~std::size_t{7};
}

/// One block: `n` rows, rounded up to whole vectors, which the columns must have.
template <class Stages>
void inversion_block(const double* const* in, double* out, std::size_t n) noexcept {
    typename Stages::template Block<block_rows> q;
    Stages::run(q, in, out, whole_vectors(n));
}

template <class Stages>
HEDGEROW_INLINE void inversion_columns(const double* const* inputs, double* out, std::size_t n) {
    const double* in[Stages::inputs];
    std::size_t i = 0;
    for (; i + block_rows <= n; i += block_rows) {
        for (int c = 0; c < Stages::inputs; ++c) in[c] = inputs[c] + i;
        inversion_block<Stages>(in, out + i, block_rows);
    }
    if (i == n) return;
    // The rest, filled up with copies of its first row.
    double rest[Stages::inputs][block_rows], found[block_rows];
    const std::size_t rows = whole_vectors(n - i);
    for (int c = 0; c < Stages::inputs; ++c) {
        for (std::size_t j = 0; j < rows; ++j) rest[c][j] = inputs[c][i + j < n ? i + j : i];
        in[c] = rest[c];
    }
    inversion_block<Stages>(in, found, n - i);
    // Not a plain copy: compilers make memcpy of one, and kernels call nothing.
    for (std::size_t j = 0; j < rows; ++j) {
        const std::size_t row = i + j < n ? j : 0;
        out[i + row] = found[row];
    }
}

/// One row: the same stages, one after the other.
template <class Stages>
HEDGEROW_INLINE void inversion_row(const double* inputs, double* out) {
    typename Stages::template Block<1> q;
    const double* in[Stages::inputs];
    for (int c = 0; c < Stages::inputs; ++c) in[c] = inputs + c;
    Stages::run(q, in, out, 1);
}

/// Defines the scalar and the column kernel `name` from its stages.
#define HEDGEROW_INVERSION(name, Stages)                                     \
    void name##_scalar(const double* inputs, double* outputs) noexcept {     \
        inversion_row<Stages>(inputs, outputs);                              \
    }                                                                        \
    void name##_columns(const double* const* inputs, double* const* outputs, \
                        std::size_t n) noexcept {                            \
        inversion_columns<Stages>(inputs, outputs[0], n);                    \
    }
