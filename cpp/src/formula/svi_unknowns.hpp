// The unknowns of an SVI slice's fit: what quotes near one place tell of it, each by itself.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "hedgerow/formula/svi.hpp"
#include "smile_minimize.hpp"

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
    std::array<SviVector, 5> by;  ///< those of a, b, rho, m and sigma, by each unknown

    /// Derivatives by the parameters as those by the unknowns.
    SviVector by_unknowns(const SviVector& by_parameters) const noexcept {
        SviVector result{};
        for (std::size_t i = 0; i < 5; ++i)
            for (std::size_t j = 0; j < 5; ++j) result[i] += by_parameters[j] * by[i][j];
        return result;
    }
};

/// A slice as a fit sees it.
/// @param by the derivatives of a, b, rho, m and sigma by each unknown.
inline Slice<5> svi_slice(const SviParameters& p, const std::array<SviVector, 5>& by) noexcept {
    const double square = p.b * p.b;
    Slice<5> slice{{p.m, p.a, p.b * p.rho, square * p.sigma * p.sigma, 0, square}, {}};
    for (std::size_t i = 0; i < 5; ++i) {
        const auto [a, b, rho, m, sigma] = by[i];
        slice.by[i] = {a - p.b * p.rho * m, p.rho * b + p.b * rho,
                       2 * p.b * p.sigma * (p.sigma * b + p.b * sigma), -2 * square * m,
                       2 * p.b * b};
    }
    return slice;
}

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
        const auto by_wing = [&](double by_cosine) -> SviVector {
            const double by_root =
                square / (2 * curvature) - 2 * b * cosine * by_cosine / curvature;
            const double by_apart = cosine * by_root + root * by_cosine;
            return {-slope * by_apart - root * square / 2 - b * square * by_root +
                        2 * b * root * cosine * by_cosine,
                    0.5, -slope / (2 * b * b) - by_cosine, -by_apart,
                    sine * by_root - root * cosine / sine * by_cosine};
        };
        return {
            {level - slope * apart - bottom, b, slope / b - cosine, place_ - apart, sigma},
            {SviVector{1, 0, 0, 0, 0},
             {-apart, 0, 1 / b, 0, 0},
             {(slope * apart + bottom) / curvature, 0, 0, apart / curvature, -sigma / curvature},
             by_wing(right / b / (2 * b)),
             by_wing(-left / b / (2 * b))}};
    }

  private:
    double place_;
};

}  // namespace hedgerow::smile
