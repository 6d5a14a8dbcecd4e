// The unknowns of an SVI slice's fit: what quotes near one place tell of it, each by itself.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "hedgerow/formula/svi.hpp"

namespace hedgerow::smile {

using SviVector = std::array<double, 5>;

/// A value of a slice and its derivatives by the five parameters.
struct SviDual {
    double value;
    SviVector by;
};

/// w(k).
inline SviDual svi_variance_dual(const SviParameters& p, double k) noexcept {
    const double x = k - p.m;
    const double root = std::sqrt(x * x + p.sigma * p.sigma);
    const double wing = p.rho * x + root;
    return {p.a + p.b * wing,
            {1, wing, p.b * x, -p.b * (p.rho + x / root), p.b * (p.sigma / root)}};
}

/// A slice with the derivatives of its parameters by the unknowns.
struct SviChart {
    SviParameters parameters;
    double tilt;                                ///< d a / d slope
    double turn;                                ///< d rho / d slope
    SviVector by_curvature, by_left, by_right;  ///< of a, b, rho, m, sigma

    /// Derivatives by the parameters as those by the unknowns.
    SviVector by_unknowns(const SviVector& by) const noexcept {
        double curvature = 0, left = 0, right = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            curvature += by[i] * by_curvature[i];
            left += by[i] * by_left[i];
            right += by[i] * by_right[i];
        }
        return {by[0], by[0] * tilt + by[2] * turn, curvature, left, right};
    }
};

/// The unknowns: w, w' and w'' at a place among the quotes, and how much steeper than there the
/// left and the right wing become, L = b (1 + c) and R = b (1 - c) with c = (k - m)/sqrt((k - m)^2
/// + sigma^2). Quotes determine the first three; where they do not reach the wings, many slices are
/// alike to them, whose a, b, m and sigma are far apart along a curve, but whose L and R are free.
class SviUnknowns {
  public:
    explicit SviUnknowns(double place) noexcept : place_(place) {}

    SviVector vector(const SviParameters& p) const noexcept {
        const double x = place_ - p.m;
        const double root = std::sqrt(x * x + p.sigma * p.sigma);
        const double cosine = x / root, sine = p.sigma / root;
        // Of two numbers that cancel, the smaller one by the square of the sine.
        const double far = 1 + std::abs(cosine), near = sine * sine / far;
        return {p.a + p.b * (p.rho * x + root), p.b * (p.rho + cosine), p.b * sine * sine / root,
                p.b * (cosine > 0 ? far : near), p.b * (cosine > 0 ? near : far)};
    }

    SviParameters parameters(const SviVector& x) const noexcept { return at(x).parameters; }

    SviChart at(const SviVector& x) const noexcept {
        const auto [level, slope, curvature, left, right] = x;
        const double b = (left + right) / 2, cosine = (left - right) / (left + right);
        const double square = left / b * (right / b), sine = std::sqrt(square);
        const double root = b * square / curvature;
        const double apart = root * cosine;  // place - m
        const double sigma = root * sine;
        const double bottom = b * root * square;
        SviChart point{
            {level - slope * apart - bottom, b, slope / b - cosine, place_ - apart, sigma},
            -apart,
            1 / b,
            {(slope * apart + bottom) / curvature, 0, 0, apart / curvature, -sigma / curvature},
            {},
            {}};
        const auto by_wing = [&](double by_cosine) -> SviVector {
            const double by_root =
                square / (2 * curvature) - 2 * b * cosine * by_cosine / curvature;
            const double by_apart = cosine * by_root + root * by_cosine;
            return {-slope * by_apart - root * square / 2 - b * square * by_root +
                        2 * b * root * cosine * by_cosine,
                    0.5, -slope / (2 * b * b) - by_cosine, -by_apart,
                    sine * by_root - root * cosine / sine * by_cosine};
        };
        point.by_left = by_wing(right / b / (2 * b));
        point.by_right = by_wing(-left / b / (2 * b));
        return point;
    }

  private:
    double place_;
};

}  // namespace hedgerow::smile
