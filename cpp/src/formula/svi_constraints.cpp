#include "svi_constraints.hpp"

#include <algorithm>
#include <cmath>

namespace hedgerow::smile {

namespace {

/// What the density factor should keep from 0, and the least variance in units of the quotes': so
/// much less to repair after the last round, and hardly a loss of fit.
constexpr double margin_of_density = 1e-4;
constexpr double margin_of_variance = 1e-3;
/// What a slice should keep above the earlier one, in parts of that.
constexpr double margin_of_calendar = 1e-6;
/// Of the unknowns that must be positive, in their units.
constexpr double least_unknown = 1e-4;

/// Between points, in sigma.
constexpr double nearest = 1e-4;
/// Where a slice is looked at between the places that the certificates name.
constexpr int samples = 20;
/// More points than this are thinned out: of those that are far from binding, which else might bind
/// in the next round.
constexpr std::size_t enough_points = SviConstraints::most_points - 6;
constexpr double density_to_spare = 0.05, variance_to_spare = 0.02;

SviVector scaled(SviVector by, double factor) {
    for (double& each : by) each *= factor;
    return by;
}

}  // namespace

SviDual svi_density_dual(const SviParameters& p, double k) noexcept {
    const double x = k - p.m;
    const double square = x * x + p.sigma * p.sigma;
    const double root = std::sqrt(square);
    const double cosine = x / root, sine = p.sigma / root;
    const double bend = sine * sine / root;  // d (x / root) / dx
    const SviDual w = svi_variance_dual(p, k);
    const double slope = p.b * (p.rho + cosine), curvature = p.b * bend;
    const SviVector slope_by{0, p.rho + cosine, p.b, -curvature, -p.b * bend * (x / p.sigma)};
    const SviVector curvature_by{0, bend, 0, 3 * curvature * x / square,
                                 curvature * (2 / p.sigma - 3 * p.sigma / square)};

    const double tilt = 1 - k * slope / (2 * w.value);
    const double by_w =
        tilt * k * slope / (w.value * w.value) + slope * slope / (4 * w.value * w.value);
    const double by_slope = -tilt * k / w.value - slope / 2 * (1 / w.value + 0.25);
    SviDual g{density_factor(k, {w.value, slope, curvature}), {}};
    for (std::size_t i = 0; i < 5; ++i)
        g.by[i] = by_w * w.by[i] + by_slope * slope_by[i] + curvature_by[i] / 2;
    return g;
}

void SviConstraints::Points::add(double k, double near) noexcept {
    if (!std::isfinite(k) || count_ == most_points) return;
    for (const double other : *this)
        if (std::abs(other - k) <= near) return;
    places_[count_++] = k;
}

template <class Dispensable>
void SviConstraints::Points::thin(const Dispensable& dispensable) noexcept {
    if (count_ <= enough_points) return;
    const auto last = std::remove_if(places_.begin(), places_.begin() + count_, dispensable);
    count_ = static_cast<std::size_t>(last - places_.begin());
}

void SviConstraints::tighten(const SviParameters& at, const SviButterfly* butterfly,
                             const SviCalendar* calendar,
                             const std::optional<SviParameters>& earlier) noexcept {
    positive_ = positive_ || butterfly != nullptr;
    earlier_ = earlier;
    densities_.thin([&](double k) { return svi_density_factor(at, k) > density_to_spare; });
    const auto above = [&](double k) {
        return svi_total_variance(at, k) / svi_total_variance(*earlier_, k) - 1;
    };
    variances_.thin([&](double k) { return above(k) > variance_to_spare; });
    const bool thick = butterfly == nullptr || butterfly->verdict == ArbitrageVerdict::free;
    const bool late = calendar == nullptr || calendar->verdict == ArbitrageVerdict::free;
    const double near = nearest * at.sigma;
    if (butterfly != nullptr) densities_.add(butterfly->where, near);
    if (calendar != nullptr) variances_.add(calendar->where, near);
    // Either may be missing over a whole range, which one point after another would take long to
    // fill.
    for (int i = 1; i < samples; ++i) {
        const double t = static_cast<double>(i) / (samples - i);
        const double k = at.m + at.sigma * (t - 1 / t) / 2;
        if (!thick && svi_density_factor(at, k) < 0) densities_.add(k, near);
        if (!late && above(k) < 0) variances_.add(k, near);
    }
}

void SviConstraints::add_to(Rows& rows, const SviVector& x, const SviChart& at) const noexcept {
    const auto [level, slope, curvature, left, right] = x;
    const SviParameters& p = at.parameters;
    const double by_slope = width_ / variance_, by_curvature = width_ * by_slope;
    rows.add((left - slope - wings_.left) * by_slope, {0, -by_slope, 0, by_slope, 0});
    rows.add((right + slope - wings_.right) * by_slope, {0, by_slope, 0, 0, by_slope});
    rows.add((wings_.steepest - left + slope) * by_slope, {0, by_slope, 0, -by_slope, 0});
    rows.add((wings_.steepest - right - slope) * by_slope, {0, -by_slope, 0, 0, -by_slope});
    rows.add(curvature * by_curvature - least_unknown, {0, 0, by_curvature, 0, 0});
    rows.add(left * by_slope - least_unknown, {0, 0, 0, by_slope, 0});
    rows.add(right * by_slope - least_unknown, {0, 0, 0, 0, by_slope});
    if (positive_) {
        const double cosine = std::sqrt((1 - p.rho) * (1 + p.rho));
        const SviVector by{1, p.sigma * cosine, -p.b * p.sigma * p.rho / cosine, 0, p.b * cosine};
        rows.add(svi_minimum(p) / variance_ - margin_of_variance,
                 scaled(at.by_unknowns(by), 1 / variance_));
    }
    for (const double k : densities_) {
        const SviDual g = svi_density_dual(p, k);
        rows.add(g.value - margin_of_density, at.by_unknowns(g.by));
    }
    for (const double k : variances_) {
        const SviDual w = svi_variance_dual(p, k);
        const double before = svi_total_variance(*earlier_, k);
        rows.add(w.value / before - 1 - margin_of_calendar,
                 scaled(at.by_unknowns(w.by), 1 / before));
    }
}

}  // namespace hedgerow::smile
