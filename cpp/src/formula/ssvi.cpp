#include "hedgerow/formula/ssvi.hpp"

#include <cmath>
#include <limits>

#include "hedgerow/base/error.hpp"
#include "ssvi_shape.hpp"

namespace hedgerow {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

bool in_domain(const SsviSlice& slice) {
    return slice.theta > 0 && std::isfinite(slice.theta) && std::abs(slice.rho) < 1 &&
           slice.psi >= 0 && std::isfinite(slice.psi);
}

void require_rho(double rho) {
    if (!(std::abs(rho) < 1)) throw InvalidInput("rho", rho, "must be within -1 to 1");
}

void require_not_negative(const char* argument, double value) {
    require_finite(argument, value);
    if (value < 0) throw InvalidInput(argument, value, "must not be negative");
}

bool falls(double before, double after) {
    return after < before * (1 - 16 * epsilon);
}

}  // namespace

const SsviSlice& require_ssvi(const SsviSlice& slice) {
    require_positive("theta", slice.theta);
    require_rho(slice.rho);
    require_not_negative("psi", slice.psi);
    return slice;
}

const SsviPowerLaw& require_ssvi(const SsviPowerLaw& surface) {
    require_rho(surface.rho);
    require_not_negative("eta", surface.eta);
    require_not_negative("gamma", surface.gamma);
    if (surface.gamma > 1) throw InvalidInput("gamma", surface.gamma, "must not be above 1");
    return surface;
}

const SsviHeston& require_ssvi(const SsviHeston& surface) {
    require_rho(surface.rho);
    require_positive("lambda", surface.lambda);
    return surface;
}

SviParameters to_raw(const SsviSlice& slice) noexcept {
    if (!in_domain(slice)) return {nan, nan, nan, nan, nan};
    if (slice.psi == 0) return {slice.theta, 0, slice.rho, 0, 1};
    return to_raw(SviNatural{0, 0, slice.rho, slice.theta, slice.psi / slice.theta});
}

SsviSlice ssvi_slice(const SsviPowerLaw& surface, double theta) noexcept {
    const bool exists = theta > 0;
    return {theta, surface.rho,
            exists ? ssvi::power_law_psi(surface.eta, surface.gamma, theta) : nan};
}

SsviSlice ssvi_slice(const SsviHeston& surface, double theta) noexcept {
    const bool exists = theta > 0;
    return {theta, surface.rho, exists ? ssvi::heston_psi(surface.lambda, theta) : nan};
}

const char* name(SsviViolation violation) noexcept {
    switch (violation) {
        case SsviViolation::none:
            return "none";
        case SsviViolation::domain:
            return "domain";
        case SsviViolation::steep_wing:
            return "steep_wing";
        case SsviViolation::high_curvature:
            return "high_curvature";
        case SsviViolation::falling_variance:
            return "falling_variance";
        case SsviViolation::falling_left_wing:
            return "falling_left_wing";
        case SsviViolation::falling_right_wing:
            return "falling_right_wing";
        case SsviViolation::rising_phi:
            return "rising_phi";
    }
    return "unknown";
}

SsviViolation ssvi_butterfly(const SsviSlice& slice) noexcept {
    if (!in_domain(slice)) return SsviViolation::domain;
    const double wing = slice.psi * (1 + std::abs(slice.rho));
    if (!(wing < 4)) return SsviViolation::steep_wing;
    // Twice the rounding of a slice that was made to lie on the bound.
    if (wing * slice.psi > 4 * slice.theta * (1 + 8 * epsilon))
        return SsviViolation::high_curvature;
    return SsviViolation::none;
}

SsviViolation ssvi_calendar(const SsviSlice& earlier, const SsviSlice& later) noexcept {
    if (!in_domain(earlier) || !in_domain(later)) return SsviViolation::domain;
    if (falls(earlier.theta, later.theta)) return SsviViolation::falling_variance;
    if (falls(earlier.psi * (1 - earlier.rho), later.psi * (1 - later.rho)))
        return SsviViolation::falling_left_wing;
    if (falls(earlier.psi * (1 + earlier.rho), later.psi * (1 + later.rho)))
        return SsviViolation::falling_right_wing;
    if (falls(later.psi * earlier.theta, earlier.psi * later.theta))
        return SsviViolation::rising_phi;
    return SsviViolation::none;
}

SsviCheck ssvi_check(std::span<const SsviSlice> surface) noexcept {
    for (std::size_t i = 0; i < surface.size(); ++i) {
        SsviViolation violation = ssvi_butterfly(surface[i]);
        if (violation == SsviViolation::none && i > 0)
            violation = ssvi_calendar(surface[i - 1], surface[i]);
        if (violation != SsviViolation::none) return {violation, i};
    }
    return {};
}

SsviViolation ssvi_surface(const SsviPowerLaw& surface) noexcept {
    const bool within = std::abs(surface.rho) < 1 && surface.eta >= 0 &&
                        std::isfinite(surface.eta) && std::isfinite(surface.gamma);
    if (!within) return SsviViolation::domain;
    if (surface.eta * (1 + std::abs(surface.rho)) > 2) return SsviViolation::steep_wing;
    if (!(surface.gamma > 0 && surface.gamma <= 0.5)) return SsviViolation::high_curvature;
    return SsviViolation::none;
}

SsviViolation ssvi_surface(const SsviHeston& surface) noexcept {
    const bool within =
        std::abs(surface.rho) < 1 && surface.lambda > 0 && std::isfinite(surface.lambda);
    if (!within) return SsviViolation::domain;
    if (surface.lambda < (1 + std::abs(surface.rho)) / 4) return SsviViolation::steep_wing;
    return SsviViolation::none;
}

}  // namespace hedgerow
