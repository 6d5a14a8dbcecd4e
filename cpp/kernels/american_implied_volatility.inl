// The volatility that gives an American option's price, by a bracketed secant on the kernel's own
// price.
//
// Solved is ln(time value) as a function of the volatility, which is closer to a line than the
// price: time value is what the price exceeds the exercise by. No premium is negative, so the
// European volatility of the price lies above the American one. In the money parity gives another
// upper bound: for q >= 0 a put is worth no less than C - S + K exp(-r T), C the European call.

/// What a price says of its put before it is inverted.
struct AmericanQuote {
    AmericanKind kind;
    double exercised, time_value;  ///< max(K - S, 0), and the price less it
    Status status;
};

HEDGEROW_INLINE AmericanQuote american_quote(const AmericanPut& p, double right, double price) {
    AmericanQuote q{american_kind(p), at_least(p.strike - p.spot, 0.0), 0.0, Status::ok};
    q.time_value = price - q.exercised;
    const double least = at_most(at_most(p.spot, p.strike), p.time);
    if (q.kind == AmericanKind::unknown || !(least > 0) || !(absolute(price) < infinity) ||
        absolute(right) != 1.0)
        q.status = Status::invalid_input;
    else if (price - american_sure(p) < -0x1p-51 * price)
        q.status = Status::below_intrinsic;
    else if (price >= p.strike)
        q.status = Status::above_maximum;
    return q;
}

/// Of European options by Black's formula, 0 where there is none.
HEDGEROW_INLINE double european_volatility(const AmericanPut& p, double right, double price) {
    const double discount = exp_of(-p.rate * p.time);
    const double in[] = {right,    price,  p.spot * exp_of((p.rate - p.yield) * p.time),
                         p.strike, p.time, discount};
    double volatility;
    black_implied_volatility_scalar(in, &volatility);
    return volatility > 0 ? volatility : 0.0;
}

/// A search for a root of an increasing function.
struct AmericanSearch {
    /// A step of a secant that is relatively so small leaves about its square.
    static constexpr double enough = 1e-9;
    /// Stands for the logarithm of no time value.
    static constexpr double none = -1e3;

    double x, low, high;    ///< the place that is tried, and what the root lies between
    double last_x, last_f;  ///< tried before
    bool done;

    /// Takes f(x), and moves on. `slope` serves where there is no secant yet.
    HEDGEROW_INLINE void move(double f, double slope, int trial) {
        if (f < 0)
            low = x;
        else
            high = x;
        const bool alone = trial == 0 || last_f == none || f == none;
        const double chord = alone ? slope : (f - last_f) / (x - last_x);
        double next = x - f / chord;
        done = absolute(next - x) <= enough * x && f > none;
        if (done) {
            x = next;
            return;
        }
        const bool open = !(high < infinity);
        const bool slow = trial > 2 && absolute(f) > 0.5 * absolute(last_f);
        if (open)
            next = next > low && next < 4.0 * low ? next : 2.0 * low;
        else if (!(next > low && next < high) || slow)
            next = 0.5 * (low + high);
        last_x = x;
        last_f = f;
        x = next;
        done = high - low <= enough * low;
    }
};

template <int lanes>
struct AmericanInversions : AmericanQueue<lanes> {
    using Queue = AmericanQueue<lanes>;
    double time_value[lanes], exercised[lanes];

    HEDGEROW_INLINE void begin(AmericanSearch& search, int j) const {
        const AmericanPut& p = this->put[j];
        const double whole = european_volatility(p, -1.0, exercised[j] + time_value[j]);
        const double forward = p.spot - p.strike * exp_of(-p.rate * p.time);
        const double call = exercised[j] + time_value[j] + forward;
        const double part = p.yield >= 0 ? european_volatility(p, 1.0, call) : 0.0;
        double bound = whole > 0 ? whole : part;
        if (part > 0 && part < bound) bound = part;
        search = {bound > 0 ? bound : 0.2 / square_root(p.time),
                  0.0,
                  bound > 0 ? bound * (1.0 + 1e-9) : infinity,
                  0.0,
                  0.0,
                  false};
    }

    /// The European prices at the volatilities that are tried.
    HEDGEROW_INLINE void price_europeans(double (&price)[lanes], const double (&x)[lanes]) const {
        double columns[7][lanes];
        for (int j = 0; j < lanes; ++j) {
            const AmericanPut& p = this->put[j < this->count ? j : 0];
            const double row[] = {-1.0, p.spot, p.strike, p.time, x[j], p.rate, p.rate - p.yield};
            for (int c = 0; c < 7; ++c) columns[c][j] = row[c];
        }
        const double* in[7];
        for (int c = 0; c < 7; ++c) in[c] = columns[c];
        double* const out = price;
        bsm_price_columns(in, &out, lanes);
    }

    /// Of a European put per unit of volatility.
    HEDGEROW_INLINE double european_vega(int j, double x) const {
        const AmericanPut& p = this->put[j];
        const double root = square_root(p.time), s = x * root;
        const double d = (log_ratio(p.spot, p.strike) + (p.rate - p.yield) * p.time) / s + 0.5 * s;
        return p.spot * exp_of(-p.yield * p.time) * inverse_sqrt_2pi * exp_of(-0.5 * d * d) * root;
    }

    HEDGEROW_INLINE void finish(double* out) {
        if (this->count == 0) return;
        AmericanSearch search[lanes];
        for (int j = 0; j < this->count; ++j) begin(search[j], j);
        bool done = false;
        for (int trial = 0; trial < 60 && !done; ++trial) {
            double x[lanes], european[lanes];
            for (int j = 0; j < lanes; ++j) {
                const int from = j < this->count ? j : 0;
                AmericanPut p = this->put[from];
                x[j] = p.volatility = search[from].x;
                this->set(j, p);
            }
            price_europeans(european, x);
            american_solve(static_cast<Queue&>(*this));
            done = true;
            for (int j = 0; j < this->count; ++j) {
                AmericanSearch& s = search[j];
                if (s.done) continue;
                const bool held = american_held(*this, j);
                const double value =
                    american_value(this->put[j], european[j], this->q.premium[j], held) -
                    exercised[j];
                const double f = value > 0 ? log_of(value / time_value[j]) : s.none;
                s.move(f, european_vega(j, s.x) / at_least(value, tiny), trial);
                done = done && s.done;
            }
        }
        for (int j = 0; j < this->count; ++j) out[this->row[j]] = search[j].x;
        this->count = 0;
    }

    /// right, price, spot, strike, time, rate, carry.
    template <class In>
    HEDGEROW_INLINE void add_row(In in, std::size_t i, double* out) {
        const AmericanPut p = american_put(in(0), in(2), in(3), in(4), 0.0, in(5), in(6));
        const AmericanQuote quote = american_quote(p, in(0), in(1));
        if (quote.kind == AmericanKind::european) {
            const double discount = exp_of(-in(5) * in(4));
            const double row[] = {in(0), in(1), in(2) * exp_of(in(6) * in(4)),
                                  in(3), in(4), discount};
            black_implied_volatility_scalar(row, out + i);
        } else if (quote.status != Status::ok) {
            out[i] = not_a_number;
        } else if (in(1) - american_sure(p) <= 0x1p-51 * in(1)) {
            out[i] = 0.0;
        } else {
            const int j = this->count;
            time_value[j] = quote.time_value;
            exercised[j] = quote.exercised;
            this->add(i, p);
            if (this->count == lanes) finish(out);
        }
    }
};

void american_implied_volatility_scalar(const double* inputs, double* outputs) noexcept {
    AmericanInversions<1> w;
    w.add_row([inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; }, 0, outputs);
    w.finish(outputs);
}

void american_implied_volatility_columns(const double* const* inputs, double* const* outputs,
                                         std::size_t n) noexcept {
    AmericanInversions<american_lanes> w;
    for (std::size_t i = 0; i < n; ++i)
        w.add_row([inputs, i](int j) HEDGEROW_LAMBDA { return inputs[j][i]; }, i, outputs[0]);
    w.finish(outputs[0]);
}

template <class In>
HEDGEROW_INLINE double american_status(In in) {
    const AmericanPut p = american_put(in(0), in(2), in(3), in(4), 0.0, in(5), in(6));
    const AmericanQuote quote = american_quote(p, in(0), in(1));
    if (quote.kind != AmericanKind::european) return static_cast<double>(quote.status);
    return implied_status(in(0), in(1), in(2) * exp_of(in(6) * in(4)), in(3), in(4),
                          exp_of(-in(5) * in(4)));
}

void american_implied_volatility_status_scalar(const double* inputs, double* outputs) noexcept {
    *outputs = american_status([inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; });
}

void american_implied_volatility_status_columns(const double* const* inputs, double* const* outputs,
                                                std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        outputs[0][i] =
            american_status([inputs, i](int j) HEDGEROW_LAMBDA { return inputs[j][i]; });
}
