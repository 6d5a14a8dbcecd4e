/// SVI: the total implied variance of one expiry as a hyperbola in log-moneyness.
///
/// k = ln(K/F) of strike and forward; w = volatility^2 time is the total variance. Sources: J.
/// Gatheral and A. Jacquier 2014, "Arbitrage-free SVI volatility surfaces", sections 2 and 3.
#pragma once

#include <cmath>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// The raw parameters: w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)).
///
/// Domain: all finite, b >= 0, -1 < rho < 1, sigma > 0; require_svi() throws outside of it. That
/// w is positive and the slice free of arbitrage is for the certificates in svi_arbitrage.hpp.
struct SviParameters {
    double a;      ///< level of variance
    double b;      ///< opening of the wings, half the sum of their slopes
    double rho;    ///< asymmetry of the wings
    double m;      ///< k of the vertex of the hyperbola's axes
    double sigma;  ///< smoothness of the vertex

    friend bool operator==(const SviParameters&, const SviParameters&) = default;
};

/// @return `slice`, or throws InvalidInput unless it lies in the domain of SviParameters.
HEDGEROW_API const SviParameters& require_svi(const SviParameters& slice);

/// The total variance at a log-moneyness and its first two derivatives in k.
struct SviPoint {
    double total_variance;
    double slope;
    double curvature;
};

/// w, w' and w'' at k. The rounding error of w is below 4 eps (|a| + b (|rho (k-m)| + r)) with
/// r = sqrt((k-m)^2 + sigma^2): relative to w, a few eps unless a < 0 or |rho| is near 1.
inline SviPoint svi_point(const SviParameters& slice, double k) noexcept {
    const double x = k - slice.m;
    const double square = x * x + slice.sigma * slice.sigma;
    const double root = std::sqrt(square);
    return {slice.a + slice.b * (slice.rho * x + root), slice.b * (slice.rho + x / root),
            slice.b * (slice.sigma * slice.sigma) / (square * root)};
}

/// w at k: the total variance of svi_point(), to the bit.
inline double svi_total_variance(const SviParameters& slice, double k) noexcept {
    const double x = k - slice.m;
    return slice.a + slice.b * (slice.rho * x + std::sqrt(x * x + slice.sigma * slice.sigma));
}

/// w'(k), in b (rho - 1) to b (rho + 1).
inline double svi_slope(const SviParameters& slice, double k) noexcept {
    return svi_point(slice, k).slope;
}

/// w''(k), positive: the slice is convex.
inline double svi_curvature(const SviParameters& slice, double k) noexcept {
    return svi_point(slice, k).curvature;
}

/// sqrt(w(k) / time): the implied volatility; NaN where w is negative.
inline double svi_volatility(const SviParameters& slice, double k, double time) noexcept {
    return std::sqrt(svi_total_variance(slice, k) / time);
}

/// The least total variance, a + b sigma sqrt(1 - rho^2), at k = m - rho sigma / sqrt(1 - rho^2).
inline double svi_minimum(const SviParameters& slice) noexcept {
    return slice.a + slice.b * slice.sigma * std::sqrt((1 - slice.rho) * (1 + slice.rho));
}

/// g = (1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2 of a total variance and its derivatives at k.
///
/// The risk-neutral density of ln(K/F) is g(k) n(d2) / sqrt(w): where g < 0 a butterfly costs less
/// than nothing. Gatheral and Jacquier 2014, equation 2.1. Of use where w > 0 only.
inline double density_factor(double k, const SviPoint& at) noexcept {
    const double tilt = 1 - k * at.slope / (2 * at.total_variance);
    const double steepness = at.slope * at.slope / 4;
    return tilt * tilt - steepness * (1 / at.total_variance + 0.25) + at.curvature / 2;
}

inline double svi_density_factor(const SviParameters& slice, double k) noexcept {
    return density_factor(k, svi_point(slice, k));
}

/// The natural parameters:
/// w(k) = delta + omega/2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2)).
struct SviNatural {
    double delta;
    double mu;
    double rho;
    double omega;
    double zeta;

    friend bool operator==(const SviNatural&, const SviNatural&) = default;
};

/// The same slice in the other parameters. NaN where there is none: zeta <= 0 or |rho| >= 1.
HEDGEROW_API SviParameters to_raw(const SviNatural& slice) noexcept;
HEDGEROW_API SviNatural to_natural(const SviParameters& slice) noexcept;

/// The jump-wing parameters, in terms that traders quote and that change little with expiry.
struct SviJumpWings {
    double variance;          ///< v = w(0) / time: the variance per year at the money
    double skew;              ///< psi = d volatility sqrt(time) / dk at the money
    double put_wing;          ///< p: the slope of the left wing over sqrt(w(0))
    double call_wing;         ///< c: the slope of the right wing over sqrt(w(0))
    double minimum_variance;  ///< v~: the least variance per year
    double time;              ///< years to expiry

    friend bool operator==(const SviJumpWings&, const SviJumpWings&) = default;
};

/// The raw parameters of a jump-wing slice; NaN where there are none: variance or time not
/// positive, both wings 0, |beta| >= 1 for beta = rho - 2 skew sqrt(w(0)) / b, or skew = 0, which
/// leaves sigma undetermined.
HEDGEROW_API SviParameters to_raw(const SviJumpWings& slice) noexcept;

/// The jump wings of a slice that expires in `time` > 0 years; NaN where w(0) <= 0.
HEDGEROW_API SviJumpWings to_jump_wings(const SviParameters& slice, double time) noexcept;

}  // namespace hedgerow
