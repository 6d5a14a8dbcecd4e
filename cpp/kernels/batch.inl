// From one evaluation to columns of them: the loops of most kernels.

HEDGEROW_INLINE void store(double value, double* const* out, std::size_t i) {
    out[0][i] = value;
}

HEDGEROW_INLINE void store(const Greeks& g, double* const* out, std::size_t i) {
    out[0][i] = g.price;
    out[1][i] = g.delta;
    out[2][i] = g.gamma;
    out[3][i] = g.vega;
    out[4][i] = g.theta;
    out[5][i] = g.rho;
    out[6][i] = g.phi;
    out[7][i] = g.vanna;
    out[8][i] = g.volga;
    out[9][i] = g.charm;
    out[10][i] = g.veta;
    out[11][i] = g.speed;
    out[12][i] = g.zomma;
    out[13][i] = g.color;
    out[14][i] = g.ultima;
    out[15][i] = g.dual_delta;
    out[16][i] = g.dual_gamma;
}

HEDGEROW_INLINE void store(double value, double* out) {
    *out = value;
}
HEDGEROW_INLINE void store(const Greeks& g, double* out) {
    *reinterpret_cast<Greeks*>(out) = g;
}

/// A copy of the columns' addresses that no store through a column can change, which is what lets
/// the compiler keep them in registers.
template <class Pointer, int n>
struct Addresses {
    Pointer at[n];

    HEDGEROW_INLINE explicit Addresses(const Pointer* from) {
#pragma GCC unroll 32
        for (int j = 0; j < n; ++j) at[j] = from[j];
    }
};

// HEDGEROW_MAP(name, value): defines the scalar and the column kernel `name` from an expression
// of its inputs in(0), in(1), ...; the loop's body is a function of its own, because variables
// declared inside an `omp simd` loop are kept in arrays and stop it from being vectorized.
#define HEDGEROW_MAP(name, ...)                                                                 \
    template <class In>                                                                         \
    HEDGEROW_INLINE auto name##_value(In in) {                                                  \
        return __VA_ARGS__;                                                                     \
    }                                                                                           \
    void name##_scalar(const double* inputs, double* outputs) noexcept {                        \
        store(name##_value([inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; }), outputs);    \
    }                                                                                           \
    using name##_inputs = Addresses<const double*, information[Kernel::name].inputs>;           \
    using name##_outputs = Addresses<double*, information[Kernel::name].outputs>;               \
    HEDGEROW_INLINE void name##_row(const name##_inputs& from, const name##_outputs& to,        \
                                    std::size_t i) {                                            \
        store(name##_value([&from, i](int j) HEDGEROW_LAMBDA { return from.at[j][i]; }), to.at, \
              i);                                                                               \
    }                                                                                           \
    void name##_columns(const double* const* inputs, double* const* outputs,                    \
                        std::size_t n) noexcept {                                               \
        const name##_inputs from(inputs);                                                       \
        const name##_outputs to(outputs);                                                       \
        _Pragma("omp simd") for (std::size_t i = 0; i < n; ++i) name##_row(from, to, i);        \
    }

/// The scratch of a staged kernel: the states of a block of rows, column by column. It stays in the
/// first-level cache from one stage to the next.
template <template <class> class State>
struct Scratch {
    static constexpr std::size_t rows = 64;
    static constexpr int columns = sizeof(State<double>) / sizeof(double);
    alignas(64) double at[columns][rows];

    HEDGEROW_INLINE State<double&> row(std::size_t i) {
        return [this, i]<int... j>(std::integer_sequence<int, j...>) HEDGEROW_LAMBDA {
            return State<double&>{at[j][i]...};
        }(std::make_integer_sequence<int, columns>());
    }
};

/// An evaluation in stages: `Stage::run(in, state)` for each of them in turn, the last one
/// returning the result. A long chain of dependent operations leaves a processor waiting: it looks
/// ahead a few hundred instructions, which is less than one row. So each stage runs over a block of
/// rows before the next one starts.
template <template <class> class State, class... Stages>
struct Staged {
    template <class In>
    HEDGEROW_INLINE static auto one(In in) {
        State<double> state;
        return (Stages::run(in, state), ...);
    }

    template <class Stage, class From, class To>
    HEDGEROW_INLINE static void row(const From& from, const To& to, Scratch<State>& scratch,
                                    std::size_t start, std::size_t i) {
        State<double&> state = scratch.row(i);
        const auto in = [&from, start, i](int j) HEDGEROW_LAMBDA { return from.at[j][start + i]; };
        if constexpr (std::is_void_v<decltype(Stage::run(in, state))>)
            Stage::run(in, state);
        else
            store(Stage::run(in, state), to.at, start + i);
    }

    template <class Stage, class From, class To>
    HEDGEROW_INLINE static void block(const From& from, const To& to, Scratch<State>& scratch,
                                      std::size_t start, std::size_t n) {
#pragma omp simd
        for (std::size_t i = 0; i < n; ++i) row<Stage>(from, to, scratch, start, i);
    }

    template <class From, class To>
    HEDGEROW_INLINE static void columns(const From& from, const To& to, std::size_t n) {
        Scratch<State> scratch;
        for (std::size_t start = 0; start < n; start += scratch.rows) {
            const std::size_t rows = n - start < scratch.rows ? n - start : scratch.rows;
            (block<Stages>(from, to, scratch, start, rows), ...);
        }
    }
};

// HEDGEROW_STAGED_COLUMNS(name, inputs, outputs, State, stages...): defines the column kernel.
#define HEDGEROW_STAGED_COLUMNS(name, inputs, outputs, ...)                                    \
    void name##_columns(const double* const* in, double* const* out, std::size_t n) noexcept { \
        const Addresses<const double*, inputs> from(in);                                       \
        const Addresses<double*, outputs> to(out);                                             \
        Staged<__VA_ARGS__>::columns(from, to, n);                                             \
    }

// HEDGEROW_STAGES(name, State, stages...): defines the scalar and the column kernel `name`.
#define HEDGEROW_STAGES(name, ...)                                             \
    void name##_scalar(const double* inputs, double* outputs) noexcept {       \
        const auto in = [inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; }; \
        store(Staged<__VA_ARGS__>::one(in), outputs);                          \
    }                                                                          \
    HEDGEROW_STAGED_COLUMNS(name, information[Kernel::name].inputs,            \
                            information[Kernel::name].outputs, __VA_ARGS__)
