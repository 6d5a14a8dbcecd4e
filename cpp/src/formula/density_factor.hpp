// What a smile's volatility and its derivatives say about the density of the underlying.
#pragma once

namespace hedgerow::formula {

// The factor g of the density of ln(K/F), g n(d2) / s, at x = ln(K/F): from s = volatility
// sqrt(time), and its slope and curvature in x. Gatheral and Jacquier 2014, equation 2.1, with s^2
// for their w.
inline double density_factor(double x, double s, double slope, double curvature) noexcept {
    const double tilt = 1 - x * slope / s, steep = 0.5 * s * slope;
    return tilt * tilt - steep * steep + s * curvature;
}

}  // namespace hedgerow::formula
