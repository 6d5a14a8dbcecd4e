#include "hedgerow/formula/svi.hpp"

#include <cmath>
#include <limits>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// sqrt(1 - rho^2), exact to the last places near |rho| = 1; NaN beyond.
double cosine(double rho) {
    return std::sqrt((1 - rho) * (1 + rho));
}

}  // namespace

const SviParameters& require_svi(const SviParameters& slice) {
    require_finite("a", slice.a);
    require_finite("b", slice.b);
    if (slice.b < 0) throw InvalidInput("b", slice.b, "must not be negative");
    if (!(std::abs(slice.rho) < 1)) throw InvalidInput("rho", slice.rho, "must be within -1 to 1");
    require_finite("m", slice.m);
    require_positive("sigma", slice.sigma);
    return slice;
}

SviParameters to_raw(const SviNatural& slice) noexcept {
    if (!(slice.zeta > 0) || !(std::abs(slice.rho) < 1)) return {nan, nan, nan, nan, nan};
    const double square = (1 - slice.rho) * (1 + slice.rho);
    return {slice.delta + slice.omega / 2 * square, slice.omega * slice.zeta / 2, slice.rho,
            slice.mu - slice.rho / slice.zeta, std::sqrt(square) / slice.zeta};
}

SviNatural to_natural(const SviParameters& slice) noexcept {
    if (!(slice.sigma > 0) || !(std::abs(slice.rho) < 1)) return {nan, nan, nan, nan, nan};
    const double root = cosine(slice.rho);
    return {slice.a - slice.b * slice.sigma * root, slice.m + slice.rho * slice.sigma / root,
            slice.rho, 2 * slice.b * slice.sigma / root, root / slice.sigma};
}

SviParameters to_raw(const SviJumpWings& slice) noexcept {
    const double at_money = slice.variance * slice.time;
    const double root = std::sqrt(at_money);
    const double wings = slice.put_wing + slice.call_wing;
    const double b = root * wings / 2;
    const double rho = (slice.call_wing - slice.put_wing) / wings;
    // With r = sqrt(m^2 + sigma^2): m = beta r, sigma = sqrt(1 - beta^2) r, and w(0) less the least
    // w is b r (1 - rho beta - sqrt(1 - rho^2) sqrt(1 - beta^2)), by way of the sum that does not
    // cancel. Unlike the paper's lemma 3.2, this has no special case at m = 0.
    const double tilt = 4 * slice.skew / wings;
    const double beta = rho - tilt;
    const bool exists = at_money > 0 && slice.time > 0 && wings > 0 && std::abs(beta) < 1 &&
                        std::abs(rho) < 1 && tilt != 0;
    if (!exists) return {nan, nan, nan, nan, nan};
    const double cosines = cosine(rho) * cosine(beta);
    const double excess = (slice.variance - slice.minimum_variance) * slice.time;
    const double r = excess * (1 - rho * beta + cosines) / (b * tilt * tilt);
    const double sigma = cosine(beta) * r;
    const double a = slice.minimum_variance * slice.time - b * sigma * cosine(rho);
    return {a, b, rho, beta * r, sigma};
}

SviJumpWings to_jump_wings(const SviParameters& slice, double time) noexcept {
    const SviPoint at_money = svi_point(slice, 0.0);
    const double root = std::sqrt(at_money.total_variance);
    if (!(root > 0) || !(time > 0)) return {nan, nan, nan, nan, nan, nan};
    return {at_money.total_variance / time,   at_money.slope / (2 * root),
            slice.b * (1 - slice.rho) / root, slice.b * (1 + slice.rho) / root,
            svi_minimum(slice) / time,        time};
}

}  // namespace hedgerow
