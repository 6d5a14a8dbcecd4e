#include "svi_penalties.hpp"

namespace hedgerow::smile {

namespace {

/// What the density factor should keep from 0, and the least variance in units of the quotes': so
/// much less to repair after the last round, and hardly a loss of fit.
constexpr double margin_of_density = 1e-4;
constexpr double margin_of_variance = 1e-3;
/// What a slice should keep above the earlier one, in units of the quotes' variance.
constexpr double margin_of_calendar = 1e-6;

/// Between points of penalty, in sigma.
constexpr double nearest = 0.05;
/// Where the density is looked at between the certificate's least ones.
constexpr int samples = 20;

SviDual scaled(SviDual dual, double factor, double less) {
    dual.value = dual.value * factor - less;
    for (double& each : dual.by) each *= factor;
    return dual;
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

SviDual SviPenalties::margin(const Point& point, const SviParameters& p) const noexcept {
    switch (point.kind) {
        case Kind::density:
            return scaled(svi_density_dual(p, point.k), 1, margin_of_density);
        case Kind::calendar: {
            const double level = svi_total_variance(*earlier_, point.k) / variance_;
            return scaled(svi_variance_dual(p, point.k), 1 / variance_, level + margin_of_calendar);
        }
        case Kind::minimum: {
            const double cosine = std::sqrt((1 - p.rho) * (1 + p.rho));
            const SviDual least{
                svi_minimum(p),
                {1, p.sigma * cosine, -p.b * p.sigma * p.rho / cosine, 0, p.b * cosine}};
            return scaled(least, 1 / variance_, margin_of_variance);
        }
    }
    return {};
}

void SviPenalties::add(Kind kind, double k, double near) noexcept {
    // Two penalties at nearly one place would bind twice.
    for (std::size_t i = 0; i < count_; ++i)
        if (points_[i].kind == kind && std::abs(points_[i].k - k) <= near) return;
    if (count_ < most_points) points_[count_++] = {kind, k, 0};
}

void SviPenalties::tighten(const SviParameters& at, const SviButterfly& butterfly,
                           const SviCalendar& calendar) noexcept {
    double breach = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        const double missing = -margin(points_[i], at).value;
        breach = std::max(breach, missing);
        points_[i].shift = std::max(0.0, points_[i].shift + missing);
    }
    if (breach > 0.25 * breach_) {
        // The shifts are those of forces, which the weight turns into distances.
        weight_ *= 10;
        for (std::size_t i = 0; i < count_; ++i) points_[i].shift /= 10;
    }
    breach_ = breach;
    const double near = nearest * at.sigma;
    if (butterfly_ && butterfly.verdict != ArbitrageVerdict::free) {
        add(Kind::minimum, 0);
        const bool density = butterfly.violation == SliceViolation::negative_density ||
                             butterfly.violation == SliceViolation::none;
        if (density && std::isfinite(butterfly.where)) add(Kind::density, butterfly.where, near);
        // A density may be negative over a whole range, which one point after another would
        // take long to fill.
        for (int i = 1; density && i < samples; ++i) {
            const double t = static_cast<double>(i) / (samples - i);
            const double k = at.m + at.sigma * (t - 1 / t) / 2;
            if (svi_density_factor(at, k) < 0) add(Kind::density, k, near);
        }
    }
    if (earlier_ && calendar.verdict != ArbitrageVerdict::free) {
        if (std::isfinite(calendar.where)) add(Kind::calendar, calendar.where, near);
    }
}

void SviPenalties::add_to(NormalEquations<5>& equations, const SviParameters& p) const noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
        const SviDual row = margin(points_[i], p);
        const double breach = points_[i].shift - row.value;
        if (breach <= 0) continue;
        SviVector by = by_unknowns(p, row.by);
        for (double& each : by) each = -each;
        equations.add(breach, by, weight_);  // a breach that is NaN is a step not taken
    }
}

}  // namespace hedgerow::smile
