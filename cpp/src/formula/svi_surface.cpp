#include "hedgerow/formula/svi_surface.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "hedgerow/formula/local_volatility.hpp"

namespace hedgerow {

namespace {

/// The surface at one time: w = early_weight early + late_weight late + added.
struct Section {
    SviParameters early, late;
    double early_weight, late_weight, added;
    double early_rate, late_rate, added_rate;  // the derivatives of the three in time

    [[gnu::always_inline]] SurfacePoint at(double k) const noexcept {
        const SviPoint a = svi_point(early, k), b = svi_point(late, k);
        const SviPoint mixed{
            early_weight * a.total_variance + late_weight * b.total_variance + added,
            early_weight * a.slope + late_weight * b.slope,
            early_weight * a.curvature + late_weight * b.curvature};
        // Of one slice alone its own: before the first expiry w is a multiple of it, 0 at T = 0.
        const double whole = early_weight + std::abs(added);
        const double of_late = b.slope / b.total_variance,
                     of_all = mixed.slope / mixed.total_variance;
        const double relative = whole == 0 ? of_late : of_all;
        const double rate =
            early_rate * a.total_variance + late_rate * b.total_variance + added_rate;
        return {mixed, relative, rate};
    }
};

Section section_of(std::span<const double> times, std::span<const SviParameters> slices,
                   double time) noexcept {
    const auto above = std::ranges::lower_bound(times, time);
    const auto i = static_cast<std::size_t>(above - times.begin());
    if (!(time >= 0)) {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        return {slices[0], slices[0], nan, nan, nan, nan, nan, nan};
    }
    if (i == 0) {
        const double rate = 1 / times[0];
        return {slices[0], slices[0], 0, time / times[0], 0, 0, rate, 0};
    }
    if (i == times.size()) {
        const SviParameters& last = slices[i - 1];
        const double rate = svi_total_variance(last, 0.0) / times[i - 1];
        return {last, last, 0, 1, (time - times[i - 1]) * rate, 0, 0, rate};
    }
    const double span = times[i] - times[i - 1];
    const double weight = (time - times[i - 1]) / span;
    return {slices[i - 1], slices[i], 1 - weight, weight, 0, -1 / span, 1 / span, 0};
}

}  // namespace

SviSurface::SviSurface(std::vector<double> times, std::vector<SviParameters> slices)
    : times_(std::move(times)), slices_(std::move(slices)) {
    if (times_.empty()) throw InvalidInput("times", "[]", "must name an expiry at least");
    if (times_.size() != slices_.size())
        throw InvalidInput("slices", std::to_string(slices_.size()) + " slices",
                           "must be as many as times, " + std::to_string(times_.size()));
    for (std::size_t i = 0; i < times_.size(); ++i) {
        require_positive("times", times_[i]);
        if (i > 0 && !(times_[i] > times_[i - 1]))
            throw InvalidInput("times", times_[i], "must be above the time before it");
        require_svi(slices_[i]);
    }
}

SurfacePoint SviSurface::at(double k, double time) const noexcept {
    return section_of(times_, slices_, time).at(k);
}

double SviSurface::volatility(double k, double time) const noexcept {
    if (time == 0) return svi_volatility(slices_[0], k, times_[0]);
    return std::sqrt(at(k, time).at.total_variance / time);
}

void SviSurface::local_variance(std::span<const double> k, double time,
                                std::span<double> variance) const noexcept {
    const Section section = section_of(times_, slices_, time);
    const double* from = k.data();
    double* to = variance.data();
    const std::size_t count = k.size();
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i)
        to[i] = hedgerow::local_variance(from[i], section.at(from[i]));
}

}  // namespace hedgerow
