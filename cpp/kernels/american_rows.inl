// American options, row by row: which of them need their exercise boundary, and the blocks that
// those are solved in.

/// An option as the put that it is worth: of a call spot and strike, r and q change places.
struct AmericanPut {
    double spot, strike, time, volatility, rate, yield;
};

HEDGEROW_INLINE AmericanPut american_put(double right, double spot, double strike, double time,
                                         double volatility, double rate, double carry) {
    const double yield = rate - carry;
    if (right > 0) return {strike, spot, time, volatility, yield, rate};
    return {spot, strike, time, volatility, rate, yield};
}

/// What an early exercise can bring.
enum class AmericanKind {
    european,  ///< nothing: no interest on the strike is lost by waiting
    sure,      ///< what is known today: without time or volatility nothing is uncertain
    early,     ///< what the boundary tells
    unknown,   ///< between two boundaries, or an input is off the domain
};

HEDGEROW_INLINE AmericanKind american_kind(const AmericanPut& p) {
    const double sum = p.spot + p.strike + p.time + p.volatility + p.rate + p.yield;
    const double lowest = at_most(at_most(p.spot, p.strike), at_most(p.time, p.volatility));
    if (!(lowest >= 0 && absolute(sum) < infinity)) return AmericanKind::unknown;
    if (p.rate <= 0 && p.yield >= p.rate) return AmericanKind::european;
    if (p.rate < 0) return AmericanKind::unknown;
    const double s = p.volatility * square_root(p.time);
    return at_most(s, at_most(p.spot, p.strike)) > 0 ? AmericanKind::early : AmericanKind::sure;
}

HEDGEROW_INLINE double american_worth(const AmericanPut& p, double time) {
    return p.strike * exp_of(-p.rate * time) - p.spot * exp_of(-p.yield * time);
}

/// When an exercise brings most if the spot grows at its carry, r >= 0. The discounted payoff has
/// one extreme at most, where exp((r - q) t) = r K/(q S).
HEDGEROW_INLINE double american_best_time(const AmericanPut& p) {
    const double extreme = log_of(p.rate * p.strike / (p.yield * p.spot)) / (p.rate - p.yield);
    const double between = extreme > 0 && extreme < p.time ? extreme : 0.0;
    const double inner = american_worth(p, between) > american_worth(p, 0.0) ? between : 0.0;
    return american_worth(p, p.time) > american_worth(p, inner) ? p.time : inner;
}

HEDGEROW_INLINE double american_sure(const AmericanPut& p) {
    return at_least(american_worth(p, american_best_time(p)), 0.0);
}

/// Puts side by side, and what solving them fills.
template <int lanes_>
struct AmericanQueue {
    static constexpr int lanes = lanes_;
    AmericanBlock<AmericanDefault, lanes> q;
    AmericanPut put[lanes];
    std::size_t row[lanes];
    int count = 0;

    HEDGEROW_INLINE void set(int j, const AmericanPut& p) {
        q.spot[j] = log_ratio(at_least(p.spot, tiny), at_least(p.strike, tiny));
        q.deviation[j] = p.volatility * square_root(p.time);
        q.rate[j] = p.rate * p.time;
        q.yield[j] = p.yield * p.time;
    }

    HEDGEROW_INLINE void add(std::size_t i, const AmericanPut& p) {
        put[count] = p;
        row[count] = i;
        set(count++, p);
    }

    /// Copies of the first put in lanes that have none.
    HEDGEROW_INLINE void fill() {
        for (int j = count; j < lanes; ++j) set(j, put[0]);
    }
};

template <class Queue>
[[gnu::noinline]] void american_solve(Queue& w) noexcept {
    american_boundary(w.q);
    american_premium(w.q);
}

/// Whether the put of a lane whose block is solved is better held than exercised.
template <class Queue>
HEDGEROW_INLINE bool american_held(const Queue& w, int j) {
    return w.q.spot[j] > w.q.limit[j] - w.q.root[j];
}

HEDGEROW_INLINE double american_value(const AmericanPut& p, double european, double premium,
                                      bool held) {
    const double exercised = p.strike - p.spot;
    const double value = muladd(p.strike, at_least(premium, 0.0), european);
    return held ? at_least(value, exercised) : exercised;
}

// --- price --------------------------------------------------------------------------------------

template <int lanes>
struct AmericanPrices : AmericanQueue<lanes> {
    double european[lanes];

    HEDGEROW_INLINE void finish(double* out) {
        if (this->count == 0) return;
        this->fill();
        american_solve(static_cast<AmericanQueue<lanes>&>(*this));
        for (int j = 0; j < this->count; ++j)
            out[this->row[j]] = american_value(this->put[j], european[j], this->q.premium[j],
                                               american_held(*this, j));
        this->count = 0;
    }

    template <class In>
    HEDGEROW_INLINE void add_row(In in, std::size_t i, double value, double* out) {
        const AmericanPut p = american_put(in(0), in(1), in(2), in(3), in(4), in(5), in(6));
        const AmericanKind kind = american_kind(p);
        if (kind != AmericanKind::early) {
            // The European price is NaN where an input is off the domain.
            out[i] = kind == AmericanKind::european ? value
                     : kind == AmericanKind::sure   ? american_sure(p) + 0.0 * value
                                                    : not_a_number;
        } else if (value == value) {
            european[this->count] = value;
            this->add(i, p);
            if (this->count == lanes) finish(out);
        } else {
            out[i] = value;
        }
    }
};

constexpr int american_lanes = 8;

void american_price_scalar(const double* inputs, double* outputs) noexcept {
    AmericanPrices<1> w;
    double european;
    bsm_price_scalar(inputs, &european);
    w.add_row([inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; }, 0, european, outputs);
    w.finish(outputs);
}

void american_price_columns(const double* const* inputs, double* const* outputs,
                            std::size_t n) noexcept {
    constexpr std::size_t rows = 64;
    AmericanPrices<american_lanes> w;
    double european[rows];
    double* const value = european;
    for (std::size_t start = 0; start < n; start += rows) {
        const std::size_t end = n - start < rows ? n : start + rows;
        const double* in[7];
        for (int c = 0; c < 7; ++c) in[c] = inputs[c] + start;
        bsm_price_columns(in, &value, end - start);
        for (std::size_t i = start; i < end; ++i)
            w.add_row([inputs, i](int j) HEDGEROW_LAMBDA { return inputs[j][i]; }, i,
                      european[i - start], outputs[0]);
    }
    w.finish(outputs[0]);
}

// --- exercise boundary --------------------------------------------------------------------------

HEDGEROW_INLINE double american_limit(const AmericanPut& p) {
    return p.yield > p.rate ? p.rate / p.yield : 1.0;
}

/// right, strike, time, volatility, rate, carry.
template <class In, class Queue>
HEDGEROW_INLINE void american_boundary_row(In in, std::size_t i, Queue& w, double* out) {
    const double right = in(0), strike = in(1);
    const AmericanPut p = american_put(right, strike, strike, in(2), in(3), in(4), in(5));
    const AmericanKind kind = american_kind(p);
    const double sign = absolute(right) == 1.0 ? 0.0 : not_a_number;
    if (kind == AmericanKind::early && sign == 0) {
        w.add(i, p);
        return;
    }
    const double share = kind == AmericanKind::european ? 0.0
                         : kind == AmericanKind::sure   ? american_limit(p)
                                                        : not_a_number;
    out[i] = (right > 0 ? strike / share : strike * share) + sign;
}

template <class Queue>
[[gnu::noinline]] void american_boundary_finish(Queue& w, const double* right,
                                                double* out) noexcept {
    if (w.count == 0) return;
    w.fill();
    american_solve(w);
    for (int j = 0; j < w.count; ++j) {
        const std::size_t i = w.row[j];
        const double share = exp_of(w.q.limit[j] - w.q.root[j]), strike = w.put[j].strike;
        out[i] = right[i] > 0 ? strike / share : strike * share;
    }
    w.count = 0;
}

void american_exercise_boundary_scalar(const double* inputs, double* outputs) noexcept {
    AmericanQueue<1> w;
    american_boundary_row([inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; }, 0, w, outputs);
    american_boundary_finish(w, inputs, outputs);
}

void american_exercise_boundary_columns(const double* const* inputs, double* const* outputs,
                                        std::size_t n) noexcept {
    AmericanQueue<american_lanes> w;
    for (std::size_t i = 0; i < n; ++i) {
        american_boundary_row([inputs, i](int j) HEDGEROW_LAMBDA { return inputs[j][i]; }, i, w,
                              outputs[0]);
        if (w.count == american_lanes) american_boundary_finish(w, inputs[0], outputs[0]);
    }
    american_boundary_finish(w, inputs[0], outputs[0]);
}
