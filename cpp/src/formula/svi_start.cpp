#include "svi_start.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hedgerow::smile {

namespace {

/// Weighted second moments about the means of x = (k - m)/sigma, z = sqrt(x^2 + 1) and w.
struct Moments {
    double x = 0, z = 0, w = 0;  // means
    double xx = 0, xz = 0, zz = 0, xw = 0, zw = 0;

    double cost(double d, double c) const {  // less that of a flat line
        return d * (d * xx + 2 * (c * xz - xw)) + c * (c * zz - 2 * zw);
    }
};

struct Linear {
    double d, c;
    double cost;
};

/// w = a + d x + c z with |d| <= most_rho c.
Linear solve(const Moments& moments) {
    const double determinant = moments.xx * moments.zz - moments.xz * moments.xz;
    const double d = (moments.xw * moments.zz - moments.zw * moments.xz) / determinant;
    const double c = (moments.zw * moments.xx - moments.xw * moments.xz) / determinant;
    if (determinant > 0 && c >= 0 && std::abs(d) <= most_rho * c) return {d, c, moments.cost(d, c)};
    Linear best{0, 0, 0};
    for (const double rho : {-most_rho, most_rho}) {
        const double square = rho * rho * moments.xx + 2 * rho * moments.xz + moments.zz;
        const double along = rho * moments.xw + moments.zw;
        const double edge = square > 0 && along > 0 ? along / square : 0.0;
        const double cost = moments.cost(rho * edge, edge);
        if (cost < best.cost) best = {rho * edge, edge, cost};
    }
    return best;
}

}  // namespace

Range range_of(const Rows& rows) noexcept {
    const auto [low, high] = std::minmax_element(rows.places().begin(), rows.places().end());
    return {*low, *high};
}

SviParameters svi_start(const Rows& rows, const Range& range, SmileResidual residual) noexcept {
    std::array<double, most_smile_quotes> weights;
    double total = 0, mean = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
        const double slope = residual == SmileResidual::volatility ? 1 / rows.volatilities[i] : 1.0;
        weights[i] = rows.weights[i] * slope * slope;
        total += weights[i];
        mean += weights[i] * rows.variances[i];
    }
    mean /= total;
    for (std::size_t i = 0; i < rows.count; ++i) weights[i] /= total;

    SviParameters best{mean, 0, 0, range.low + range.width() / 2, range.width()};
    double least = std::numeric_limits<double>::infinity();
    // Places of m in the range of the quotes, then values of sigma in its width.
    for (const double place : {0.05, 0.3, 0.5, 0.7, 0.95}) {
        const double m = range.low + place * range.width();
        for (const double width : {0.04, 0.15, 0.5, 1.5}) {
            const double sigma = width * range.width();
            Moments moments;
            moments.w = mean;
            double xx = 0, xz = 0, xw = 0, zw = 0;
            for (std::size_t i = 0; i < rows.count; ++i) {
                const double x = (rows.log_moneyness[i] - m) / sigma;
                const double square = x * x;
                const double z = std::sqrt(square + 1);
                const double weight = weights[i], w = rows.variances[i] - mean;
                moments.x += weight * x;
                moments.z += weight * z;
                xx += weight * square;
                xz += weight * x * z;
                xw += weight * x * w;
                zw += weight * z * w;
            }
            moments.xx = xx - moments.x * moments.x;
            moments.xz = xz - moments.x * moments.z;
            moments.zz = xx + 1 - moments.z * moments.z;
            moments.xw = xw;
            moments.zw = zw;
            const Linear line = solve(moments);
            if (!(line.cost < least)) continue;
            least = line.cost;
            const double a = mean - line.d * moments.x - line.c * moments.z;
            const double rho = line.c > 0 ? line.d / line.c : 0.0;
            best = {a, line.c / sigma, rho, m, sigma};
        }
    }
    return best;
}

}  // namespace hedgerow::smile
