/// Local volatility: the diffusion that gives the prices of a surface.
///
/// B. Dupire 1994, "Pricing with a smile", in total variance as J. Gatheral 2006, "The Volatility
/// Surface", equation 1.10: volatility^2(k, T) = w_T / g, with g the density factor of svi.hpp. k
/// is ln(S_T / F(T)), of the price then and the forward to T known today.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/svi_surface.hpp"

namespace hedgerow {

/// g at a point of a surface; at T = 0 its limit.
inline double density_factor(double k, const SurfacePoint& point) noexcept {
    const double tilt = 1 - k * point.relative_slope / 2;
    const double quarter = point.at.slope / 4;
    return tilt * tilt - quarter * (point.relative_slope + quarter) + point.at.curvature / 2;
}

/// The local variance per year, w_T / g. NaN where there is none: where total variance is negative
/// or falls with time (a calendar spread costs less than nothing), or g is not positive (a
/// butterfly does). Rounding: a few eps of the terms that w_T and g are sums of.
inline double local_variance(double k, const SurfacePoint& point) noexcept {
    // One comparison per select, so that loops over k vectorize.
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const double factor = density_factor(k, point);
    double variance = point.time_slope / factor;
    variance = point.at.total_variance >= 0 ? variance : nan;
    variance = point.time_slope >= 0 ? variance : nan;
    return factor > 0 ? variance : nan;
}

/// A local variance that engines can ask for, whatever it is made of.
struct LocalVariance {
    /// variance(k, time, result) gives the local variances per year at log-moneynesses k, all at
    /// one time of 0 or more; NaN where there is none.
    std::function<void(std::span<const double>, double, std::span<double>)> variance;
    /// Times at which it jumps, increasing: engines end steps there.
    std::vector<double> jumps;
};

/// The local variance of a surface, which must outlive it.
HEDGEROW_API LocalVariance local_variance_of(const SviSurface& surface);

/// The local variance of one constant volatility per root year.
HEDGEROW_API LocalVariance local_variance_of(double volatility);

/// What is wrong at the nodes of a grid: counts, the first fault of each node.
struct LocalVolatilityCheck {
    std::size_t nodes = 0;
    std::size_t negative_variance = 0;  ///< w < 0
    std::size_t calendar = 0;           ///< w_T < 0
    std::size_t butterfly = 0;          ///< g <= 0
    std::size_t invalid = 0;            ///< NaN in, or a time below 0

    std::size_t bad() const noexcept { return negative_variance + calendar + butterfly + invalid; }
};

/// Counts the nodes (every k at every time) where the surface has no local variance. A look at
/// points, no proof; svi_butterfly() and svi_calendar() prove what they say of the slices.
HEDGEROW_API LocalVolatilityCheck check_local_volatility(const SviSurface& surface,
                                                         std::span<const double> k,
                                                         std::span<const double> times) noexcept;

}  // namespace hedgerow
