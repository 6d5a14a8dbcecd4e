// What a price says about an option before Black's formula is inverted: the price in units of its
// upper bound, exact up to its own rounding, and on which side of the inflection point it lies.

/// Prices are carried 2^900 times too large, which keeps p of 1e-570 in the normal range.
constexpr double implied_scale = 0x1p900;

/// Out of the subnormal range: all amounts together by `lift`, and the smaller one by `alone` too.
struct ImpliedAmounts {
    double lift, forward, strike, low, alone;

    HEDGEROW_INLINE ImpliedAmounts(double f, double k)
        : lift(at_least(f, k) < 1.0 ? 0x1p54 : 1.0),
          forward(f * lift),
          strike(k * lift),
          low(at_most(forward, strike)),
          alone(low < 0x1p-1022 ? 0x1p54 : 1.0) {}
};

/// x = |ln(F/K)|.
HEDGEROW_INLINE double implied_moneyness(double forward, double strike) {
    const ImpliedAmounts a(forward, strike);
    return log_ratio(at_least(a.forward, a.strike), a.low * a.alone) +
           (a.low < 0x1p-1022 ? 54 * (ln2_head + ln2_tail) : 0.0);
}

/// The price less intrinsic value, lifted: positive: to be solved; 0: at intrinsic; negative:
/// below.
HEDGEROW_INLINE double implied_time_value(double right, double price, double forward, double strike,
                                          double discount) {
    const ImpliedAmounts a(forward, strike);
    const double v = price * a.lift;
    // The discounted intrinsic value D |F - K| with the errors of both operations.
    const double d = a.forward - a.strike, b = d - a.forward;
    const double d_error = (a.forward - (d - b)) - (a.strike + b);
    const double inside = right * d > 0 ? right : 0.0;
    const double intrinsic = inside * d, intrinsic_error = inside * d_error;
    const double floor = discount * intrinsic;
    const double floor_error = product_error(discount, intrinsic, floor);
    const double exact = muladd(-discount, intrinsic_error, (v - floor) - floor_error) * a.alone;
    // A price computed as D (F - K) is at the bound: it may lie two roundings below it.
    const double rounded = at_most(muladd(0x1p-52 * a.alone, v, exact), 0.0);
    return exact < 0 ? rounded : exact;
}

/// The value out of the money as a fraction of its upper bound D min(F, K).
struct ImpliedFraction {
    double part;     ///< the value, times 2^900
    double whole;    ///< the bound: p 2^900 = part / whole
    double gap;      ///< what the value lacks to the bound, times 2^900
    double bounded;  ///< positive below the bound, else not
    double known;    ///< negative when there are no digits in the bound or in p, else not
};

HEDGEROW_INLINE ImpliedFraction implied_fraction(double value, double forward, double strike,
                                                 double discount) {
    const ImpliedAmounts a(forward, strike);
    const double least = a.low * a.alone, cap = discount * least;
    const double cap_error = product_error(discount, least, cap);
    // A price computed as D min(F, K) is at the bound too, which no volatility reaches.
    const double room = cap - value, gap = room + cap_error;
    const double scale = cap > 1.0 ? 1.0 : implied_scale;
    ImpliedFraction result;
    result.bounded = at_most(gap, room);
    result.part = value * scale;
    result.gap = gap * scale;
    result.whole = cap * (scale * (1.0 / implied_scale));
    // A positive p below 2^-1922 has no digits left; p of 0 or less passes.
    const double digits =
        muladd(result.part, 0x1p100, -0x1p-922 * at_least(result.whole, 0x1p-100));
    result.known = at_most(at_least(digits, -result.part), cap - 0x1p-1022);
    return result;
}

/// 0, or NaN when an input is outside the domain.
HEDGEROW_INLINE double implied_domain(double right, double price, double forward, double strike,
                                      double time, double discount) {
    const double lowest = at_most(at_most(forward, strike), at_most(time, discount));
    const double sign = absolute(right) == 1.0 ? 0.0 : not_a_number;
    return (lowest > 0 ? sign : not_a_number) +
           0.0 * ((price + forward) + (strike + time) + discount);
}

/// The status code of an option's price as a number.
HEDGEROW_INLINE double implied_status(double right, double price, double forward, double strike,
                                      double time, double discount) {
    constexpr auto below = static_cast<double>(Status::below_intrinsic);
    constexpr auto above = static_cast<double>(Status::above_maximum);
    constexpr auto invalid = static_cast<double>(Status::invalid_input);
    const double value = implied_time_value(right, price, forward, strike, discount);
    const ImpliedFraction p = implied_fraction(value, forward, strike, discount);
    const double domain = implied_domain(right, price, forward, strike, time, discount);
    const double floored = value < 0 ? below : 0.0;
    const double bounded = p.bounded > 0 ? floored : above;
    return domain + p.known >= domain ? bounded : invalid;
}

/// Mills ratio M(x) = N(-x) exp(x^2/2) = P(x) / (2 P(x) + 2 x R(x)) on [0, 130]: relative error
/// 3.4e-6, of its derivative 1.0e-5, and below 2e-5 and 3e-4 from -0.25 on. M(0) is exactly 1/2, so
/// that 1/2 - M(x) = x R(x) / (2 P(x) + 2 x R(x)) cancels nothing. P and R: coefficients.py.
constexpr double rough_mills_excess[] = {0x1.9883fd55d85f0p-1, 0x1.7873e56dda86bp-1,
                                         0x1.1efc39dbbe232p-2, 0x1.7ca176f010e5ep-5};
constexpr double rough_mills_numerator[] = {1.0, 0x1.8019001b43a5bp-1, 0x1.03521afc2891dp-2,
                                            0x1.2fb2264e2ac95p-5};
constexpr double rough_mills_denominator[5] = {
    2.0, 2 * (rough_mills_numerator[1] + rough_mills_excess[0]),
    2 * (rough_mills_numerator[2] + rough_mills_excess[1]),
    2 * (rough_mills_numerator[3] + rough_mills_excess[2]), 2 * rough_mills_excess[3]};
