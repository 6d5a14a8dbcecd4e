// The two functions that SABR's expansion is made of, stable where they are 0/0.
#pragma once

#include <array>
#include <cmath>

namespace hedgerow::sabr {

// ln(forward / strike), to full relative accuracy near the money too.
inline double log_ratio(double forward, double strike) noexcept {
    const double ratio = forward / strike;
    return ratio > 0.5 && ratio < 2 ? std::log1p((forward - strike) / strike) : std::log(ratio);
}

// S(y) = sinh(y)/y and the first two derivatives of its logarithm.
struct SinhRatio {
    double value, log_by_y, log_by_y_twice;
};

inline SinhRatio sinh_ratio(double y) noexcept {
    double value, slope_over_y;  // S and S'/y
    if (std::abs(y) < 1) {
        // Taylor series in y^2; what is left out is below 1/21! = 2e-20.
        const double square = y * y;
        value = slope_over_y = 0;
        constexpr std::array reciprocal_factorials = {
            1.0,
            1 / 6.0,
            1 / 120.0,
            1 / 5040.0,
            1 / 362880.0,
            1 / 39916800.0,
            1 / 6227020800.0,
            1 / 1307674368000.0,
            1 / 355687428096000.0,
            1 / 121645100408832000.0,
        };
        for (int k = static_cast<int>(reciprocal_factorials.size()) - 1; k > 0; --k) {
            value = value * square + reciprocal_factorials[k];
            slope_over_y = slope_over_y * square + 2 * k * reciprocal_factorials[k];
        }
        value = value * square + 1;
    } else {
        value = std::sinh(y) / y;
        slope_over_y = (std::cosh(y) - value) / (y * y);
    }
    const double first = y * slope_over_y / value;
    // S'' = S - 2 S'/y.
    return {value, first, 1 - 2 * slope_over_y / value - first * first};
}

// The root R = sqrt(1 - 2 rho z + z^2), which does not cancel.
inline double root(double z, double rho) noexcept {
    return std::sqrt((z - rho) * (z - rho) + (1 - rho) * (1 + rho));
}

// x(z) = ln((R + z - rho) / (1 - rho)) for z >= 0; x(-z, rho) = -x(z, -rho) gives the rest.
inline double positive_distance(double z, double rho, double root) noexcept {
    // The argument less 1 is z times a quotient, which where z < rho is one of positive terms.
    const double less_one = z < rho ? z * (1 + (1 + rho) / (root + rho - z)) / (root + 1)
                                    : z * (root + 1 + z - 2 * rho) / ((root + 1) * (1 - rho));
    return std::log1p(less_one);
}

inline double distance(double z, double rho, double root) noexcept {
    return z < 0 ? -positive_distance(-z, -rho, root) : positive_distance(z, rho, root);
}

// H(z) = z / x(z), which is 1 at 0.
inline double distance_ratio(double z, double rho) noexcept {
    return z != 0 ? z / distance(z, rho, root(z, rho)) : 1.0;
}

// H, and the derivatives of ln H.
struct DistanceRatio {
    double value, log_by_z, log_by_z_twice, log_by_rho;
};

inline DistanceRatio distance_ratio_derivatives(double z, double rho) noexcept {
    const double r = root(z, rho);
    DistanceRatio ratio;
    if (std::abs(z) < 0.125) {
        // 1/R generates the Legendre polynomials: x/z = sum P_n(rho) z^n / (n + 1), |P_n| <= 1.
        // What the nineteenth term on would add is below 2^-57.
        double before = 0, legendre = 1, power = 1, over_square = 0;  // z^n, z^(n-2)
        double g = 0, slope = 0, curvature = 0, over = 0;
        for (int n = 0; n < 19; ++n) {
            const double weight = legendre / (n + 1);
            g += weight * power;
            slope += weight * n * over;
            curvature += weight * n * (n - 1) * over_square;
            const double next = ((2 * n + 1) * rho * legendre - n * before) / (n + 1);
            before = legendre;
            legendre = next;
            over_square = over;
            over = power;
            power *= z;
        }
        ratio.value = 1 / g;
        ratio.log_by_z = -slope / g;
        ratio.log_by_z_twice = -curvature / g + (slope / g) * (slope / g);
    } else {
        const double x = distance(z, rho, r), rx = r * x;
        ratio.value = z / x;
        ratio.log_by_z = 1 / z - 1 / rx;
        ratio.log_by_z_twice = 1 / (rx * rx) - 1 / (z * z) + (z - rho) / (r * r * rx);
    }
    // dx/drho = z^2 (R + 1 + rho z - 2 rho^2) / ((1 - rho^2) R (R + 1)^2).
    ratio.log_by_rho = -ratio.value * z * (r + 1 + rho * z - 2 * rho * rho) /
                       ((1 - rho) * (1 + rho) * r * (r + 1) * (r + 1));
    return ratio;
}

}  // namespace hedgerow::sabr
