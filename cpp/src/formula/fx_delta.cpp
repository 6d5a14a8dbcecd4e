#include "hedgerow/formula/fx_delta.hpp"

#include <cmath>
#include <limits>

#include "hedgerow/base/error.hpp"
#include "hedgerow/math/normal.hpp"
#include "sabr_terms.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
// Newton's method at the maximum of a delta halves the distance with each step only.
constexpr int most_steps = 100;

bool is_positive(double value) noexcept {
    return value > 0 && std::isfinite(value);
}

bool is_valid(const FxExpiry& e, double volatility) noexcept {
    return is_positive(e.spot) && is_positive(e.domestic_discount) &&
           is_positive(e.foreign_discount) && is_positive(e.time) && is_positive(volatility);
}

// What a forward delta is multiplied by.
double discount_of(FxDelta convention, const FxExpiry& expiry) noexcept {
    return convention == FxDelta::spot || convention == FxDelta::spot_premium_adjusted
               ? expiry.foreign_discount
               : 1.0;
}

// d2 at which N(d1) is the delta of a call or N(-d1) that of a put: a number between 0 and 1.
double unadjusted_d2(Right right, double delta, double s) noexcept {
    return sign(right) * normal_inverse_cdf(delta) - s;
}

// d2 of a premium-adjusted delta: h = ln(K/F) + ln N(right d2) with ln(K/F) = -s (d2 + s/2) is to
// be ln(delta). h is concave, so that Newton's method comes to lie where h is too small at once and
// then approaches the root from there without passing it. NaN where there is none.
double adjusted_d2(Right right, double delta, double s) noexcept {
    const double target = std::log(delta), omega = sign(right);
    // A call's unadjusted strike is above the adjusted one. A put has deltas of 1 and more, whose
    // strikes are below those at which N(-d2) would be 1.
    double d2 = delta < 1 ? unadjusted_d2(right, delta, s) : -target / s - 0.5 * s;
    for (int i = 0; i < most_steps; ++i) {
        const double slope = omega / mills_ratio(-omega * d2) - s;
        // A call's delta rises with d2 on the side that is quoted: past it there is no root.
        if (omega * slope <= 0) return not_a_number;
        const double gap = target - (log_normal_cdf(omega * d2) - s * (d2 + 0.5 * s));
        const double step = gap / slope;
        const double next = d2 + step;
        // From the right side on steps have one sign, until all that is left is rounding.
        if (next == d2 || (i > 0 && omega * step <= 0)) return next;
        d2 = next;
    }
    return d2;
}

}  // namespace

const FxExpiry& require_fx_expiry(const FxExpiry& expiry) {
    require_positive("spot", expiry.spot);
    require_positive("domestic_discount", expiry.domestic_discount);
    require_positive("foreign_discount", expiry.foreign_discount);
    require_positive("time", expiry.time);
    return expiry;
}

double fx_delta(FxDelta convention, Right right, const FxExpiry& expiry, double strike,
                double volatility) noexcept {
    if (!is_valid(expiry, volatility) || !is_positive(strike)) return not_a_number;
    const double forward = expiry.forward(), s = volatility * std::sqrt(expiry.time);
    const double middle = sabr::log_ratio(forward, strike) / s, omega = sign(right);
    const double unit = omega * discount_of(convention, expiry);
    if (is_premium_adjusted(convention))
        return unit * strike / forward * normal_cdf(omega * (middle - 0.5 * s));
    return unit * normal_cdf(omega * (middle + 0.5 * s));
}

FxStrike fx_strike(FxDelta convention, Right right, const FxExpiry& expiry, double delta,
                   double volatility) noexcept {
    const double size = sign(right) * delta / discount_of(convention, expiry);
    if (!is_valid(expiry, volatility) || !is_positive(size))
        return {not_a_number, FxStrikeOutcome::invalid_input};
    const bool adjusted = is_premium_adjusted(convention);
    if (size >= 1 && !(adjusted && right == Right::put))
        return {not_a_number, FxStrikeOutcome::unreachable};
    const double s = volatility * std::sqrt(expiry.time);
    const double d2 = adjusted ? adjusted_d2(right, size, s) : unadjusted_d2(right, size, s);
    const double strike = expiry.forward() * std::exp(-s * (d2 + 0.5 * s));
    if (!is_positive(strike)) return {not_a_number, FxStrikeOutcome::unreachable};
    return {strike, FxStrikeOutcome::solved};
}

double fx_at_the_money_strike(FxAtTheMoney convention, FxDelta delta, const FxExpiry& expiry,
                              double volatility) noexcept {
    if (!is_valid(expiry, volatility)) return not_a_number;
    if (convention == FxAtTheMoney::spot) return expiry.spot;
    if (convention == FxAtTheMoney::forward) return expiry.forward();
    const double half = 0.5 * volatility * volatility * expiry.time;
    return expiry.forward() * std::exp(is_premium_adjusted(delta) ? -half : half);
}

}  // namespace hedgerow
