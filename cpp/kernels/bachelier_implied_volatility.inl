// Implied volatility in Bachelier's model, without a search.
//
// P. Jäckel 2017, "Implied normal volatility", Wilmott: the out-of-the-money price over the
// distance to the strike depends on a = |F - K|/s alone, so that one inverse function serves every
// option. Here u = D |F - K| / (time value) = a / g(a); a rational start, in u near the money and
// in sqrt(ln u) far from it, is polished by one step of Householder's third-order method (error to
// the fourth power) on ln(g(a)/a) + ln(u) = 0, in which no price underflows.

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

/// The relative change of a that solves ln(H(a) factor / a) - a^2/2 + offset = 0, to third order.
HEDGEROW_INLINE double polish_moneyness(double a, double factor, double offset) {
    const Fraction h = bachelier_tail(a);
    const double per_a = 1.0 / a;
    const double f =
        log_ratio(h.numerator * factor, h.denominator * a) + muladd(-0.5 * a, a, offset);
    // The derivatives of f over its first one, -q = -n(0)/(a H(a)).
    const double q = inverse_sqrt_2pi * h.denominator * per_a / h.numerator;
    const double b = muladd(2.0, per_a, a) - q;
    const double cubic = muladd(b, b - q, muladd(2.0 * per_a, per_a, -1.0));
    const double newton = f / q;
    const double step = newton * muladd(-0.5 * b, newton, 1.0) /
                        muladd(newton, muladd(cubic * (1.0 / 6), newton, -b), 1.0);
    return step * per_a;
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

/// The volatility; 0 for a price at its lower bound, NaN below it and for a time value at no time.
HEDGEROW_INLINE double bachelier_implied_volatility(double right, double price, double forward,
                                                    double strike, double time, double discount) {
    const TimeValue v = time_value(right, price, forward, strike, time, discount);
    const Scaled distance = scaled(discount * v.distance), value = scaled(v.value);
    const double shift = distance.exponent - value.exponent;
    const double power =
        muladd(shift, shift < 0 ? 1.0 : 0x1p120, 1.0);  // 2^(120 shift), shift >= 0
    const double u = shift < 0 ? 0.0 : distance.value / value.value * power;
    const double log_u =
        muladd(shift, 120 * (ln2_head + ln2_tail), log_ratio(distance.value, value.value));
    // Below 1e-150 the moneyness is 0 to all digits, and its square is not yet.
    const double u_near = at_least(at_most(u, 30.0), 1e-150);
    const double h = square_root(at_least(at_most(log_u, 1456.0), 2.9));
    const double ratio = polynomial(near_numerator, u_near) / polynomial(near_denominator, u_near);
    const double far = polynomial(far_numerator, h) / polynomial(far_denominator, h);
    const bool is_near = u < 30.0;
    const double change = polish_moneyness(is_near ? u_near * ratio : far, is_near ? u_near : 1.0,
                                           is_near ? 0.0 : log_u);
    // s = |F - K| / a, which near the money is time value / (D a / u).
    const double top = is_near ? v.value : v.distance;
    const double bottom = is_near ? discount * ratio : far;
    const double volatility = top / (muladd(bottom, change, bottom) * square_root(time));
    const double at_no_time = time > 0 ? volatility : not_a_number;
    const double below = v.value == 0 ? 0.0 : not_a_number;
    return (v.value > 0 ? at_no_time : below) + v.poison;
}

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
