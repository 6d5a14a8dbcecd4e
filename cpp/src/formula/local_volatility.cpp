#include "hedgerow/formula/local_volatility.hpp"

#include <algorithm>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

LocalVariance local_variance_of(const SviSurface& surface) {
    const auto times = surface.times();
    return {[&surface](std::span<const double> k, double time, std::span<double> variance) {
                surface.local_variance(k, time, variance);
            },
            {times.begin(), times.end()}};
}

LocalVariance local_variance_of(double volatility) {
    const double square = require_positive("volatility", volatility) * volatility;
    return {[square](std::span<const double>, double, std::span<double> variance) {
                std::ranges::fill(variance, square);
            },
            {}};
}

LocalVolatilityCheck check_local_volatility(const SviSurface& surface, std::span<const double> k,
                                            std::span<const double> times) noexcept {
    LocalVolatilityCheck check;
    for (const double time : times) {
        for (const double each : k) {
            const SurfacePoint point = surface.at(each, time);
            ++check.nodes;
            const double factor = density_factor(each, point);
            if (point.at.total_variance < 0) {
                ++check.negative_variance;
            } else if (point.time_slope < 0) {
                ++check.calendar;
            } else if (factor <= 0) {
                ++check.butterfly;
            } else if (!(factor > 0 && point.time_slope >= 0)) {
                ++check.invalid;
            }
        }
    }
    return check;
}

}  // namespace hedgerow
