// Implied volatility in Bachelier's model, without a search.
//
// P. Jäckel 2017, "Implied normal volatility", Wilmott: the out-of-the-money price over the
// distance to the strike depends on a = |F - K|/s alone, so that one inverse function serves every
// option. Here u = D |F - K| / (time value) = a / g(a); a rational start, in u near the money and
// in sqrt(ln u) far from it, is polished by one step of Householder's third-order method (error to
// the fourth power) on ln(g(a)/a) + ln(u) = 0, in which no price underflows. The start and the
// step's small corrections use the reciprocals of rough.inl; three exact divisions are left.

/// a / u for u in [0, 30]: relative error 4.2e-5.
constexpr double near_numerator[] = {0x1.987ff531db722p-2, 0x1.cd634d3fc09ecp-3,
                                     0x1.0bb4af5860503p-6, 0x1.f5196e0b0c86ap-16};
constexpr double near_denominator[] = {1.0, 0x1.104c836125f7cp+0, 0x1.fad2dfad7654cp-3,
                                       0x1.3c68196d31e71p-7};

/// a for sqrt(ln u) in [1.7, 38.2], which is up to the largest double over the smallest: relative
/// error 5.0e-6.
constexpr double far_numerator[] = {-0x1.0fed21c71be7ap-1, 0x1.cfd3182825562p+0,
                                    -0x1.5e3eccb01e6c0p+0, 0x1.b4310378d4904p-2,
                                    0x1.074c301f7f965p-3};
constexpr double far_denominator[] = {1.0, -0x1.d9a2243390bbfp-2, 0x1.3998a9d2c6710p-2,
                                      0x1.743463c677b5bp-4};

/// A positive number brought into the normal range: value 2^(120 exponent).
struct Scaled {
    double value;
    double exponent;  ///< 0 or -1
};

HEDGEROW_INLINE Scaled scaled(double x) {
    const double value = x < 0x1p-900 ? x * 0x1p120 : x;
    return {at_least(value, 0x1p-1020), x < 0x1p-900 ? -1.0 : 0.0};
}

/// 2^n for an integer n from -1022 to 1023.
HEDGEROW_INLINE double power_of_two(double n) {
    const auto exponent = static_cast<std::uint64_t>(bits(n + round_to_integer)) << 52;
    return from_bits(static_cast<std::int64_t>(exponent + 0x3ff0000000000000u));
}

/// What the price says about the option before any volatility is looked for.
struct TimeValue {
    double distance;  ///< |F - K|
    double value;     ///< price - D intrinsic value
    double poison;    ///< NaN off the domain, else 0
};

HEDGEROW_INLINE TimeValue time_value(double right, double price, double forward, double strike,
                                     double time, double discount) {
    const double signed_distance = right * (forward - strike);
    const double sign = absolute(right) == 1.0 ? 0.0 : not_a_number;
    const double positive = discount > 0 ? 0.0 : not_a_number;
    const double finite = signed_distance + time + discount + price;
    return {absolute(signed_distance), price - discount * at_least(signed_distance, 0.0),
            (time >= 0 ? sign : not_a_number) + (positive + 0.0 * finite)};
}

/// The rows of a block on their way through the stages, as in implied_volatility.inl.
template <std::size_t count>
struct BachelierBlock {
    static constexpr std::size_t rows = count;
    using Column = double[rows];

    Column mantissa, exponent;      ///< u = mantissa 2^exponent, the mantissa from 0.66 to 1.51
    Column distance, value;         ///< of TimeValue
    Column poison;                  ///< NaN off the domain, else 0
    Column near;                    ///< 1 where u < 30, else 0
    Column start;                   ///< a / u near the money, a far from it, to 5e-5
    Column a;                       ///< the moneyness that goes with it
    Column numerator, denominator;  ///< of H(a)
    Column error;                   ///< ln(g(a) u / a)
    Column change;                  ///< of a, relative
};

template <class Block>
HEDGEROW_INLINE void bachelier_read(Block& q, std::size_t j, double right, double price,
                                    double forward, double strike, double time, double discount) {
    const TimeValue v = time_value(right, price, forward, strike, time, discount);
    q.distance[j] = v.distance;
    q.value[j] = v.value;
    q.poison[j] = v.poison;
}

template <class Block>
HEDGEROW_INLINE void bachelier_ratio(Block& q, std::size_t j, double discount) {
    const Scaled distance = scaled(discount * q.distance[j]), value = scaled(q.value[j]);
    const Ratio ratio = reduce_ratio(distance.value, value.value);
    q.mantissa[j] = ratio.mantissa / value.value;
    // Below 2^-500 the moneyness is 0 to all digits, and its square is not yet.
    const double shift = distance.exponent - value.exponent;
    q.exponent[j] = at_least(muladd(120.0, shift, ratio.exponent), -500.0);
}

template <class Block>
HEDGEROW_INLINE void bachelier_start(Block& q, std::size_t j) {
    const double exponent = q.exponent[j], mantissa = q.mantissa[j];
    const double u = at_most(mantissa * power_of_two(at_most(exponent, 10.0)), 30.0);
    const double log_u = muladd(exponent, ln2_head + ln2_tail, rough_log_ratio(mantissa, 1.0));
    const double h = square_root(at_least(at_most(log_u, 1456.0), 2.9));
    const double top = u < 30.0 ? polynomial(near_numerator, u) : polynomial(far_numerator, h);
    const double bottom =
        u < 30.0 ? polynomial(near_denominator, u) : polynomial(far_denominator, h);
    const double start = top / bottom;
    q.start[j] = start;
    q.near[j] = u < 30.0 ? 1.0 : 0.0;
    q.a[j] = start * (u < 30.0 ? u : 1.0);
}

template <class Block>
HEDGEROW_INLINE void bachelier_tails(Block& q, std::size_t j) {
    const Fraction h = bachelier_tail(q.a[j]);
    q.numerator[j] = h.numerator;
    q.denominator[j] = h.denominator;
}

/// The exponent of u joins that of the logarithm before anything is rounded.
template <class Block>
HEDGEROW_INLINE void bachelier_error(Block& q, std::size_t j) {
    const double a = q.a[j], below = q.denominator[j] * a;
    const Ratio ratio = reduce_ratio(q.numerator[j] * q.mantissa[j], below);
    const double s = (ratio.mantissa - below) / (ratio.mantissa + below);
    const double exponent = ratio.exponent + q.exponent[j];
    q.error[j] = muladd(-0.5 * a, a, exponent * ln2_head) +
                 muladd(exponent, ln2_tail, log_assemble(0.0, s, 0.0));
}

/// The relative change of a that makes the error 0, to third order.
template <class Block>
HEDGEROW_INLINE void bachelier_polish(Block& q, std::size_t j) {
    const double a = q.a[j], per_a = close_reciprocal(a);
    const double unit = q.numerator[j] / (inverse_sqrt_2pi * q.denominator[j]);
    const double relative = q.error[j] * unit, newton = relative * a;
    // The derivatives of the error over its first one, -slope = -n(0)/(a H(a)).
    const double slope = 1.0 / (unit * a);
    const double b = muladd(2.0, per_a, a) - slope;
    const double cubic = muladd(b, b - slope, muladd(2.0 * per_a, per_a, -1.0));
    const double sixth = cubic * (1.0 / 6) * newton;
    // newton (1 - b newton/2) / (1 - b newton + ...), as a correction that keeps newton's digits.
    const double correction = newton * muladd(0.5, b, -sixth) / muladd(newton, sixth - b, 1.0);
    q.change[j] = muladd(relative, correction, relative);
}

/// The volatility; 0 for a price at its lower bound, NaN below it and for a time value at no time.
template <class Block>
HEDGEROW_INLINE double bachelier_result(const Block& q, std::size_t j, double time,
                                        double discount) {
    const double value = q.value[j], start = q.start[j];
    // s = |F - K| / a, which near the money is time value / (D a / u).
    const double top = q.near[j] > 0 ? value : q.distance[j];
    const double bottom = start * (q.near[j] > 0 ? discount : 1.0);
    const double volatility = top / (muladd(bottom, q.change[j], bottom) * square_root(time));
    const double at_no_time = time > 0 ? volatility : not_a_number;
    const double below = value == 0 ? 0.0 : not_a_number;
    return (value > 0 ? at_no_time : below) + q.poison[j];
}

/// The first n rows; the columns are as long as whole vectors need.
struct BachelierInversion {
    static constexpr int inputs = 6;
    template <std::size_t rows>
    using Block = BachelierBlock<rows>;

    template <class Block>
    HEDGEROW_INLINE static void run(Block& q, const double* const* in, double* out, std::size_t n) {
        const double *right = in[0], *price = in[1], *forward = in[2], *strike = in[3],
                     *time = in[4], *discount = in[5];
        HEDGEROW_ROWS bachelier_read(q, j, right[j], price[j], forward[j], strike[j], time[j],
                                     discount[j]);
        HEDGEROW_ROWS bachelier_ratio(q, j, discount[j]);
        HEDGEROW_ROWS bachelier_start(q, j);
        HEDGEROW_ROWS bachelier_tails(q, j);
        HEDGEROW_ROWS bachelier_error(q, j);
        HEDGEROW_ROWS bachelier_polish(q, j);
        HEDGEROW_ROWS out[j] = bachelier_result(q, j, time[j], discount[j]);
    }
};

HEDGEROW_INVERSION(bachelier_implied_volatility, BachelierInversion)

/// Why the volatility is what it is, as a hedgerow::Status.
HEDGEROW_INLINE double bachelier_implied_volatility_status(double right, double price,
                                                           double forward, double strike,
                                                           double time, double discount) {
    constexpr double ok = static_cast<double>(Status::ok);
    constexpr double below = static_cast<double>(Status::below_intrinsic);
    constexpr double above = static_cast<double>(Status::above_maximum);
    constexpr double invalid = static_cast<double>(Status::invalid_input);
    const TimeValue v = time_value(right, price, forward, strike, time, discount);
    const double at_no_time = time > 0 ? ok : above;
    const double priced = v.value > 0 ? at_no_time : ok;
    const double bounded = v.value < 0 ? below : priced;
    return v.poison == 0 ? bounded : invalid;
}
