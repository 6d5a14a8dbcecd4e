/// SSVI and eSSVI: surfaces of SVI slices whose freedom from arbitrage is a matter of inequalities.
///
/// A slice is w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)): natural SVI with
/// delta = mu = 0. In SSVI one rho and one function phi(theta) serve all expiries (J. Gatheral and
/// A. Jacquier 2014, "Arbitrage-free SVI volatility surfaces", section 4); in eSSVI each expiry has
/// its own (S. Hendriks and C. Martini 2019, "The extended SSVI volatility surface").
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/svi.hpp"

namespace hedgerow {

/// A slice of either surface. Domain: theta > 0, -1 < rho < 1, psi >= 0, all finite.
struct SsviSlice {
    double theta;  ///< w(0), the total variance at the money forward
    double rho;    ///< asymmetry of the wings
    double psi;    ///< theta phi, half the sum of the wings' slopes is psi / 2

    friend bool operator==(const SsviSlice&, const SsviSlice&) = default;
};

/// w(k), by (theta + rho psi k + sqrt(psi^2 k^2 + 2 rho theta psi k + theta^2)) / 2.
inline double ssvi_total_variance(const SsviSlice& slice, double k) noexcept {
    const double wing = slice.psi * k, along = slice.rho * wing;
    const double root = std::sqrt(wing * wing + slice.theta * (2 * along + slice.theta));
    return (slice.theta + along + root) / 2;
}

/// sqrt(w(k) / time): the implied volatility.
inline double ssvi_volatility(const SsviSlice& slice, double k, double time) noexcept {
    return std::sqrt(ssvi_total_variance(slice, k) / time);
}

/// The same slice in raw parameters; NaN out of the domain. psi = 0 leaves m and sigma
/// undetermined: they are 0 and 1.
HEDGEROW_API SviParameters to_raw(const SsviSlice& slice) noexcept;

/// phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma)): a power law, bent so that the surface
/// is free of static arbitrage for every theta where 0 < gamma <= 1/2 and eta (1 + |rho|) <= 2
/// (Gatheral and Jacquier 2014, equation 4.5).
struct SsviPowerLaw {
    double rho;
    double eta;
    double gamma;

    friend bool operator==(const SsviPowerLaw&, const SsviPowerLaw&) = default;
};

/// phi(theta) = (1 - (1 - exp(-lambda theta)) / (lambda theta)) / (lambda theta), as long-dated
/// Heston smiles have it: free of static arbitrage where lambda >= (1 + |rho|) / 4 (Gatheral and
/// Jacquier 2014, section 4, example 4.1).
struct SsviHeston {
    double rho;
    double lambda;

    friend bool operator==(const SsviHeston&, const SsviHeston&) = default;
};

/// @return the argument, or throws InvalidInput unless it lies in its domain: of SsviSlice; -1 <
/// rho < 1, eta >= 0, 0 <= gamma <= 1 and lambda > 0, all finite.
HEDGEROW_API const SsviSlice& require_ssvi(const SsviSlice& slice);
HEDGEROW_API const SsviPowerLaw& require_ssvi(const SsviPowerLaw& surface);
HEDGEROW_API const SsviHeston& require_ssvi(const SsviHeston& surface);

/// The slice of a surface at w(0) = theta; NaN psi where theta is not positive.
HEDGEROW_API SsviSlice ssvi_slice(const SsviPowerLaw& surface, double theta) noexcept;
HEDGEROW_API SsviSlice ssvi_slice(const SsviHeston& surface, double theta) noexcept;

/// What is wrong with an SSVI slice or two of them. Codes never change, new ones are appended.
enum class SsviViolation : unsigned char {
    none,
    domain,              ///< the parameters are not in the domain of SsviSlice
    steep_wing,          ///< psi (1 + |rho|) >= 4: as Roger Lee's bound
    high_curvature,      ///< psi^2 (1 + |rho|) > 4 theta
    falling_variance,    ///< theta is below the earlier one
    falling_left_wing,   ///< psi (1 - rho) is below the earlier one
    falling_right_wing,  ///< psi (1 + rho) is below the earlier one
    rising_phi,          ///< phi = psi / theta is above the earlier one
};

HEDGEROW_API const char* name(SsviViolation violation) noexcept;

/// The first broken one of the conditions that make a slice free of butterfly arbitrage: psi (1 +
/// |rho|) < 4 and psi^2 (1 + |rho|) <= 4 theta (Gatheral and Jacquier 2014, theorem 4.2). They are
/// sufficient; svi_butterfly() of the raw slice decides.
HEDGEROW_API SsviViolation ssvi_butterfly(const SsviSlice& slice) noexcept;

/// The first broken one of the conditions that keep `later` above `earlier` everywhere: theta,
/// psi (1 - rho) and psi (1 + rho) must not fall, which is necessary, nor phi rise, which makes
/// these sufficient (Hendriks and Martini 2019, proposition 3.5; A. Mingone 2022, "No arbitrage
/// global parametrization for the eSSVI volatility surface"). svi_calendar() of the raw slices
/// decides. Quantities that differ by 16 eps of themselves count as equal.
HEDGEROW_API SsviViolation ssvi_calendar(const SsviSlice& earlier, const SsviSlice& later) noexcept;

/// Where a surface, slices in order of expiry, breaks a condition first.
struct SsviCheck {
    SsviViolation violation = SsviViolation::none;
    std::size_t slice = 0;  ///< the slice in breach, against the one before it for the calendar
};

/// The first slice, in order of expiry, that breaks a condition of its own or of the calendar.
HEDGEROW_API SsviCheck ssvi_check(std::span<const SsviSlice> surface) noexcept;

/// The first broken one of the conditions that make a whole surface free of static arbitrage, for
/// every theta: those named at SsviPowerLaw and SsviHeston. `steep_wing` for eta or lambda,
/// `high_curvature` for gamma, `domain` for what is no surface.
HEDGEROW_API SsviViolation ssvi_surface(const SsviPowerLaw& surface) noexcept;
HEDGEROW_API SsviViolation ssvi_surface(const SsviHeston& surface) noexcept;

}  // namespace hedgerow
