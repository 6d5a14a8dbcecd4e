#include "hedgerow/math/robust_line.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hedgerow {

namespace {

/// 95 % efficiency at the normal distribution (Holland and Welsch 1977).
constexpr double biweight_constant = 4.685;
/// The median absolute deviation of a standard normal variable is 1/1.4826.
constexpr double normal_deviation_per_median = 1.4826;
/// Redescending weights settle linearly; real quotes take 5 to 30 rounds.
constexpr int most_iterations = 500;
/// Evenly spaced points of equal width make exact ties, which rounding must not decide.
constexpr double tie = 1e-12;

struct Points {
    std::span<const double> x, y, half_width;

    std::size_t size() const { return x.size(); }
};

/// The least absolute deviation: sum |y - height - slope x| / half_width is least.
class LeastAbsoluteDeviation {
  public:
    explicit LeastAbsoluteDeviation(Points points) : points_(points), order_(points.size()) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        heights_.resize(points.size());
        for (double width : points.half_width) total_weight_ += 1 / width;
    }

    /// The best height for a slope is the weighted median. @return the point that the line touches.
    std::size_t touch(double slope) {
        for (std::size_t i = 0; i < points_.size(); ++i)
            heights_[i] = points_.y[i] - slope * points_.x[i];
        std::ranges::sort(order_, {}, [this](std::size_t i) { return heights_[i]; });
        double weight = 0;
        for (std::size_t i : order_)
            if ((weight += 1 / points_.half_width[i]) >= (0.5 - tie) * total_weight_) return i;
        return order_.back();
    }

    /// With the best height for each slope the sum is convex in the slope: bisection on the sign of
    /// its derivative. The best line passes through two points, so its slope lies between the least
    /// and the largest slope of neighbors.
    double slope() {
        std::ranges::sort(order_, {}, [this](std::size_t i) { return points_.x[i]; });
        double low = std::numeric_limits<double>::infinity(), high = -low;
        for (std::size_t k = 1; k < order_.size(); ++k) {
            const std::size_t i = order_[k - 1], j = order_[k];
            if (points_.x[i] == points_.x[j]) continue;
            const double slope = (points_.y[j] - points_.y[i]) / (points_.x[j] - points_.x[i]);
            low = std::min(low, slope);
            high = std::max(high, slope);
        }
        if (!(low < high)) return std::isfinite(low) ? low : 0.0;
        // The scale of the residuals is measured here, so the start must not depend on the units:
        // far below the narrowest width at the far end.
        const double reach = points_.x[order_.back()] - points_.x[order_.front()];
        const double near = 1e-10 * std::ranges::min(points_.half_width) / reach;
        while (high - low > near) {
            const double middle = std::midpoint(low, high);
            if (middle == low || middle == high) break;
            (rises(middle) ? high : low) = middle;
        }
        return std::midpoint(low, high);
    }

  private:
    bool rises(double slope) {
        const std::size_t pivot = touch(slope);
        double derivative = 0, arms = 0;
        for (std::size_t i = 0; i < points_.size(); ++i) {
            const double arm = (points_.x[i] - points_.x[pivot]) / points_.half_width[i];
            if (heights_[i] > heights_[pivot]) derivative -= arm;
            if (heights_[i] < heights_[pivot]) derivative += arm;
            arms += std::abs(arm);
        }
        return derivative > tie * arms;
    }

    Points points_;
    std::vector<std::size_t> order_;
    std::vector<double> heights_;
    double total_weight_ = 0;
};

/// Residuals in half widths.
std::vector<double> residuals(const Points& points, const RobustLine& line) {
    std::vector<double> result(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        result[i] = (points.y[i] - line.height - line.slope * (points.x[i] - line.center)) /
                    points.half_width[i];
    return result;
}

/// Standard deviation from the median of the absolute residuals but the `unknowns` smallest.
double robust_scale(std::vector<double> residuals, std::size_t unknowns) {
    for (double& residual : residuals) residual = std::abs(residual);
    std::ranges::sort(residuals);
    const std::size_t skipped = std::min(unknowns, residuals.size() - 1);
    const double median = residuals[skipped + (residuals.size() - skipped) / 2];
    return std::max(normal_deviation_per_median * median, 1 / biweight_constant);
}

double square(double x) {
    return x * x;
}

/// Least squares with the biweights of the residuals at `line`.
void reweigh(const Points& points, std::optional<double> slope, double cutoff, RobustLine& line) {
    const std::vector<double> r = residuals(points, line);
    std::vector<double> weights(points.size());
    double sum = 0, sum_x = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        line.outlier[i] = std::abs(r[i]) > cutoff;
        if (line.outlier[i]) continue;
        // At the cutoff itself the weight would be zero, and a lone point on it no point at all.
        weights[i] =
            std::max(square(1 - square(r[i] / cutoff)), 1e-6) / square(points.half_width[i]);
        sum += weights[i];
        sum_x += weights[i] * points.x[i];
    }
    const double center = sum_x / sum;
    double sum_xx = 0, sum_xy = 0, sum_y = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double x = points.x[i] - center;
        sum_xx += weights[i] * x * x;
        sum_xy += weights[i] * x * points.y[i];
        sum_y += weights[i] * (slope ? points.y[i] - *slope * x : points.y[i]);
    }
    line.center = center;
    line.height = sum_y / sum;
    if (!slope && sum_xx > 0) line.slope = sum_xy / sum_xx;
}

/// Huber (1981), section 7.6, on the points that were not set aside.
void measure_errors(const Points& points, bool slope_given, double cutoff, RobustLine& line) {
    const std::vector<double> r = residuals(points, line);
    double count = 0, influence = 0, sensitivity = 0;
    double sum = 0, sum_x = 0, sum_xx = 0, sum_rr = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (line.outlier[i]) continue;
        const double u = square(r[i] / cutoff), weight = 1 / square(points.half_width[i]);
        count += 1;
        influence += square(r[i] * square(1 - u));
        sensitivity += (1 - u) * (1 - 5 * u);
        sum += weight;
        sum_x += weight * points.x[i];
        sum_rr += square(r[i]);
    }
    for (std::size_t i = 0; i < points.size(); ++i)
        if (!line.outlier[i]) sum_xx += square((points.x[i] - sum_x / sum) / points.half_width[i]);
    const double freedom = count - (slope_given ? 1 : 2);
    // Without freedom left, or with most points near the cutoff, the widths stand for the noise.
    const double noise = freedom > 0 && sensitivity > 0
                             ? std::sqrt(influence / freedom) / (sensitivity / count)
                             : 1.0;
    line.height_error = noise / std::sqrt(sum);
    line.slope_error = slope_given ? 0.0 : noise / std::sqrt(sum_xx);
    line.residual = std::sqrt(sum_rr / sum);
}

}  // namespace

RobustLine fit_robust_line(std::span<const double> x, std::span<const double> y,
                           std::span<const double> half_width, std::optional<double> slope) {
    const Points points{x, y, half_width};
    RobustLine line;
    line.outlier.assign(points.size(), false);
    LeastAbsoluteDeviation start(points);
    line.slope = slope ? *slope : start.slope();
    const std::size_t touched = start.touch(line.slope);
    line.center = x[touched];
    line.height = y[touched];

    const double scale = robust_scale(residuals(points, line), slope ? 1 : 2);
    const double cutoff = biweight_constant * scale;
    constexpr double settled = 16 * std::numeric_limits<double>::epsilon();
    while (!line.converged && line.iterations < most_iterations) {
        const RobustLine before = line;
        reweigh(points, slope, cutoff, line);
        ++line.iterations;
        const double moved =
            line.height - before.height - before.slope * (line.center - before.center);
        const double turned = line.slope - before.slope;
        // The line is a weighted sum of all points: the largest of them sets its rounding.
        double size = 0;
        for (std::size_t i = 0; i < points.size(); ++i)
            size = std::max(size, std::abs(y[i]) + std::abs(line.slope * (x[i] - line.center)));
        line.converged = true;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const double change = moved + turned * (x[i] - line.center);
            if (std::abs(change) > settled * size + 1e-9 * half_width[i]) line.converged = false;
        }
    }
    measure_errors(points, slope.has_value(), cutoff, line);
    return line;
}

}  // namespace hedgerow
