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
    std::array<double, most_smile_quotes> weights, apart;  // apart: of w from its mean
    double total = 0, mean = 0;
    for (std::size_t i = 0; i < rows.count; ++i) {
        const double slope = residual == SmileResidual::volatility ? 1 / rows.volatilities[i] : 1.0;
        weights[i] = rows.weights[i] * slope * slope;
        total += weights[i];
        mean += weights[i] * rows.variances[i];
    }
    mean /= total;
    for (std::size_t i = 0; i < rows.count; ++i) {
        weights[i] /= total;
        apart[i] = rows.variances[i] - mean;
    }

    SviParameters best{mean, 0, 0, range.low + range.width() / 2, range.width()};
    double least = std::numeric_limits<double>::infinity();
    // Places of m in the range of the quotes, then values of sigma in its width.
    for (const double place : {0.05, 0.3, 0.5, 0.7, 0.95}) {
        const double m = range.low + place * range.width();
        for (const double width : {0.04, 0.15, 0.5, 1.5}) {
            const double sigma = width * range.width();
            Moments moments;
            moments.w = mean;
            const double per_sigma = 1 / sigma;
            double x_mean = 0, z_mean = 0, xx = 0, xz = 0, xw = 0, zw = 0;
#pragma omp simd reduction(+ : x_mean, z_mean, xx, xz, xw, zw)
            for (std::size_t i = 0; i < rows.count; ++i) {
                const double x = (rows.log_moneyness[i] - m) * per_sigma;
                const double z = std::sqrt(x * x + 1);
                const double weighted_x = weights[i] * x, weighted_z = weights[i] * z;
                x_mean += weighted_x;
                z_mean += weighted_z;
                xx += weighted_x * x;
                xz += weighted_x * z;
                xw += weighted_x * apart[i];
                zw += weighted_z * apart[i];
            }
            moments.x = x_mean;
            moments.z = z_mean;
            moments.xx = xx - x_mean * x_mean;
            moments.xz = xz - x_mean * z_mean;
            moments.zz = xx + 1 - z_mean * z_mean;
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
