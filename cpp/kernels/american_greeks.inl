// The Greeks of American options: those of the European option and those of the premium.
//
// In the spot the premium is differentiated under its integral; the boundary does not depend on the
// spot. In r and q the whole solution is moved: differences of it are as smooth as the scheme. In
// time it obeys the equation of Black, Scholes and Merton; and as it depends on s^2 = vol^2 T, r T
// and q T alone, T dP/dT = vol/2 dP/dvol + r dP/dr + q dP/dq, which leaves vega.

/// Of which a Greeks struct begins.
constexpr int american_greek_count = 7;

/// A step of r T or q T. The difference errs by it times the second derivative over two, and by
/// rounding errors over it, 1e-9.
constexpr double american_step = 0x1p-20;

/// The premium and its derivatives in units of the strike, the time to expiry and ln S.
struct AmericanPremium {
    double price, by_spot, by_spot_twice, by_rate, by_yield;
};

template <int lanes>
struct AmericanGreeks : AmericanQueue<lanes> {
    using Queue = AmericanQueue<lanes>;
    double european[american_greek_count][lanes];
    AmericanPremium premium[lanes];
    double right[lanes];
    bool held[lanes];

    HEDGEROW_INLINE void solve() {
        const auto again = [this] { american_solve(static_cast<Queue&>(*this)); };
        again();
        for (int j = 0; j < lanes; ++j) {
            premium[j] = {this->q.premium[j], this->q.slope[j], this->q.curvature[j], 0.0, 0.0};
            held[j] = american_held(*this, j);
            this->q.rate[j] += american_step;
        }
        again();
        for (int j = 0; j < lanes; ++j) {
            premium[j].by_rate = (this->q.premium[j] - premium[j].price) * (1.0 / american_step);
            this->q.rate[j] -= american_step;
            this->q.yield[j] += american_step;
        }
        again();
        for (int j = 0; j < lanes; ++j)
            premium[j].by_yield = (this->q.premium[j] - premium[j].price) * (1.0 / american_step);
    }

    HEDGEROW_INLINE void write(int j, double* const* out) {
        const AmericanPut& p = this->put[j];
        const std::size_t i = this->row[j];
        const bool call = right[j] > 0;
        const AmericanPremium& m = premium[j];
        // A put's spot is a call's strike.
        const double bend = m.by_spot_twice - m.by_spot, ratio = p.strike / p.spot;
        const double s = p.volatility * square_root(p.time), r = p.rate * p.time;
        const double y = p.yield * p.time;
        const double grown = 0.5 * s * s * bend + (r - y) * m.by_spot - r * m.price;
        const double by_s = grown - (r * m.by_rate + y * m.by_yield);
        const double vega = 2.0 / p.volatility * by_s;
        const double delta = call ? m.price - m.by_spot : m.by_spot * ratio;
        const double gamma = call ? bend / p.strike : bend * ratio / p.spot;
        const double rho = call ? m.by_yield : m.by_rate, phi = call ? m.by_rate : m.by_yield;
        const double k = p.strike, t = p.time;
        const double values[] = {american_value(p, european[0][j], m.price, held[j]),
                                 european[1][j] + delta,
                                 european[2][j] + gamma,
                                 european[3][j] + k * vega,
                                 european[4][j] - k * grown / t,
                                 european[5][j] + k * t * rho,
                                 european[6][j] + k * t * phi};
        out[0][i] = values[0];
        for (int g = 1; g < american_greek_count; ++g) out[g][i] = held[j] ? values[g] : 0.0;
        if (!held[j]) out[1][i] = right[j];
    }

    HEDGEROW_INLINE void finish(double* const* out) {
        if (this->count == 0) return;
        this->fill();
        solve();
        for (int j = 0; j < this->count; ++j) write(j, out);
        this->count = 0;
    }

    /// The Greeks of what is sure: the discounted payoff at the time at which it is worth most.
    HEDGEROW_INLINE static void write_sure(const AmericanPut& p, double right, std::size_t i,
                                           double* const* out) {
        const double at = american_best_time(p);
        const double paid = p.strike * exp_of(-p.rate * at), lost = p.spot * exp_of(-p.yield * at);
        const bool worth = paid > lost;
        const bool call = right > 0;
        const double last = at == p.time && p.time > 0 ? p.rate * paid - p.yield * lost : 0.0;
        const double leg = call ? paid : -lost;
        const double spot = call ? p.strike : p.spot;
        const double unit = spot > 0 ? leg / spot : right * exp_of(-(call ? p.rate : p.yield) * at);
        const double values[] = {paid - lost,
                                 unit,
                                 0.0,
                                 0.0,
                                 last,
                                 at * (call ? lost : -paid),
                                 at * (call ? -paid : lost)};
        for (int g = 0; g < american_greek_count; ++g) out[g][i] = worth ? values[g] : 0.0;
    }

    template <class In>
    HEDGEROW_INLINE void add_row(In in, std::size_t i, const double (&greeks)[american_greek_count],
                                 double* const* out) {
        const AmericanPut p = american_put(in(0), in(1), in(2), in(3), in(4), in(5), in(6));
        const AmericanKind kind = american_kind(p);
        if (kind == AmericanKind::early && greeks[0] == greeks[0]) {
            const int j = this->count;
            for (int g = 0; g < american_greek_count; ++g) european[g][j] = greeks[g];
            right[j] = in(0);
            this->add(i, p);
            if (this->count == lanes) finish(out);
        } else if (kind == AmericanKind::sure && greeks[0] == greeks[0]) {
            write_sure(p, in(0), i, out);
        } else {
            const double poison = kind == AmericanKind::unknown ? not_a_number : 0.0;
            for (int g = 0; g < american_greek_count; ++g) out[g][i] = greeks[g] + poison;
        }
    }
};

void american_greeks_scalar(const double* inputs, double* outputs) noexcept {
    AmericanGreeks<1> w;
    double all[greek_count], greeks[american_greek_count];
    double* out[american_greek_count];
    bsm_greeks_scalar(inputs, all);
    for (int g = 0; g < american_greek_count; ++g) greeks[g] = all[g], out[g] = outputs + g;
    w.add_row([inputs](int j) HEDGEROW_LAMBDA { return inputs[j]; }, 0, greeks, out);
    w.finish(out);
}

void american_greeks_columns(const double* const* inputs, double* const* outputs,
                             std::size_t n) noexcept {
    constexpr std::size_t rows = 64;
    AmericanGreeks<american_lanes> w;
    double all[greek_count][rows], greeks[american_greek_count];
    double* to[greek_count];
    for (int g = 0; g < greek_count; ++g) to[g] = all[g];
    for (std::size_t start = 0; start < n; start += rows) {
        const std::size_t end = n - start < rows ? n : start + rows;
        const double* in[7];
        for (int c = 0; c < 7; ++c) in[c] = inputs[c] + start;
        bsm_greeks_columns(in, to, end - start);
        for (std::size_t i = start; i < end; ++i) {
            for (int g = 0; g < american_greek_count; ++g) greeks[g] = all[g][i - start];
            w.add_row([inputs, i](int j) HEDGEROW_LAMBDA { return inputs[j][i]; }, i, greeks,
                      outputs);
        }
    }
    w.finish(outputs);
}
