// The constraints of a slice's fit as residuals: an augmented Lagrangian on the points in breach.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

#include "hedgerow/formula/svi.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"
#include "hedgerow/math/least_squares.hpp"

namespace hedgerow::smile {

using SviVector = std::array<double, 5>;

/// The unknowns of a fit: w(m), the slopes of the left and the right wing, m, sigma. Given the last
/// two, w is linear in them, and bounds on the wings are bounds on unknowns.
inline SviParameters to_parameters(const SviVector& x) noexcept {
    const double b = (x[1] + x[2]) / 2;
    return {x[0] - b * x[4], b, (x[2] - x[1]) / (x[1] + x[2]), x[3], x[4]};
}
inline SviVector to_vector(const SviParameters& p) noexcept {
    return {p.a + p.b * p.sigma, p.b * (1 - p.rho), p.b * (1 + p.rho), p.m, p.sigma};
}

/// A value of a slice and its derivatives by the five parameters.
struct SviDual {
    double value;
    SviVector by;
};

/// Derivatives by the parameters as those by the unknowns.
inline SviVector by_unknowns(const SviParameters& p, const SviVector& by) noexcept {
    const double both = by[1] / 2 - p.sigma / 2 * by[0];
    const double turn = by[2] / (2 * p.b);  // d rho / d slope is -(1 + rho) / 2b and (1 - rho) / 2b
    return {by[0], both - (1 + p.rho) * turn, both + (1 - p.rho) * turn, by[3],
            by[4] - p.b * by[0]};
}

/// w(k).
inline SviDual svi_variance_dual(const SviParameters& p, double k) noexcept {
    const double x = k - p.m;
    const double root = std::sqrt(x * x + p.sigma * p.sigma);
    const double wing = p.rho * x + root;
    return {p.a + p.b * wing,
            {1, wing, p.b * x, -p.b * (p.rho + x / root), p.b * (p.sigma / root)}};
}

/// g(k).
SviDual svi_density_dual(const SviParameters& p, double k) noexcept;

/// Constraints c(p) >= 0 as rows sqrt(weight) max(0, target + shift - c).
class SviPenalties {
  public:
    SviPenalties(bool butterfly, const std::optional<SviParameters>& earlier, double variance,
                 double weight) noexcept
        : butterfly_(butterfly), earlier_(earlier), variance_(variance), weight_(weight) {}

    /// After a fit: moves the shifts, and adds the points where the certificates found a breach.
    void tighten(const SviParameters& at, const SviButterfly& butterfly,
                 const SviCalendar& calendar) noexcept;
    void add_to(NormalEquations<5>& equations, const SviParameters& p) const noexcept;

  private:
    enum class Kind : unsigned char { density, calendar, minimum };
    struct Point {
        Kind kind;
        double k;
        double shift;
    };
    static constexpr std::size_t most_points = 40;

    /// c - target, in a unit of its kind.
    SviDual margin(const Point& point, const SviParameters& p) const noexcept;
    void add(Kind kind, double k, double near = 0) noexcept;

    bool butterfly_;
    const std::optional<SviParameters>& earlier_;
    double variance_;  ///< the unit of total variance
    double weight_;
    double breach_ = 0;  ///< of the last tightening
    std::array<Point, most_points> points_;
    std::size_t count_ = 0;
};

}  // namespace hedgerow::smile
