#include "hedgerow/formula/sabr_arbitrage.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "../math/golden.hpp"
#include "density_factor.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/math/normal.hpp"
#include "sabr_terms.hpp"

namespace hedgerow {

namespace {

constexpr int intervals = 256;
// Halvings of an interval: 256 2^40 parts of a range of a few units of ln(strike).
constexpr int halvings = 40;
constexpr int golden_sections = 40;  // 0.618^40 of two intervals, which squares in the minimum

// The density factor, and what makes a density of it.
struct Factor {
    double value, deviation, d2;
};

Factor density_factor(const SabrParameters& p, double forward, double strike,
                      double time) noexcept {
    const SabrVolatility v = sabr_derivatives(p, forward, strike, time);
    const double root = std::sqrt(time), k = strike + p.shift;
    const double s = v.volatility * root;
    const double log_moneyness = sabr::log_ratio(k, forward + p.shift);
    // Derivatives in ln(K + shift).
    const double slope = k * v.by_strike * root;
    const double curvature = k * k * v.by_strike_twice * root + slope;
    return {formula::density_factor(log_moneyness, s, slope, curvature), s,
            -log_moneyness / s - 0.5 * s};
}

// Not negative, and a number.
bool is_sound(double factor) noexcept {
    return factor >= 0;
}

// The factor at the strike of moneyness exp(x).
class Smile {
  public:
    Smile(const SabrParameters& p, double forward, double time) noexcept
        : parameters_(p), forward_(forward), time_(time) {}

    double strike(double x) const noexcept {
        return (forward_ + parameters_.shift) * std::exp(x) - parameters_.shift;
    }
    double x(double strike) const noexcept {
        return sabr::log_ratio(strike + parameters_.shift, forward_ + parameters_.shift);
    }
    double factor(double x) const noexcept {
        return density_factor(parameters_, forward_, strike(x), time_).value;
    }

    // The least factor between three points of which the middle one is lowest.
    double minimize(double left, double right) const noexcept {
        double lowest = left, least = std::numeric_limits<double>::infinity();
        look_by_golden_sections(left, right, golden_sections, [&](double x) {
            const double there = factor(x);
            if (there < least) least = there, lowest = x;
            return there;
        });
        return lowest;
    }

    // The last sound point on the way from a sound one to another.
    double edge(double sound, double other) const noexcept {
        for (int i = 0; i < halvings; ++i) {
            const double middle = 0.5 * (sound + other);
            (is_sound(factor(middle)) ? sound : other) = middle;
        }
        return sound;
    }

  private:
    const SabrParameters& parameters_;
    double forward_, time_;
};

struct Point {
    double x, factor;
};

}  // namespace

double sabr_density_factor(const SabrParameters& parameters, double forward, double strike,
                           double time) noexcept {
    return density_factor(parameters, forward, strike, time).value;
}

double sabr_density(const SabrParameters& parameters, double forward, double strike,
                    double time) noexcept {
    const Factor g = density_factor(parameters, forward, strike, time);
    return g.value * normal_pdf(g.d2) / (g.deviation * (strike + parameters.shift));
}

double sabr_normal_density(const SabrParameters& parameters, double forward, double strike,
                           double time) noexcept {
    const SabrVolatility v = sabr_normal_derivatives(parameters, forward, strike, time);
    const double root = std::sqrt(time), s = v.volatility * root;
    const double d = (forward - strike) / s, slope = v.by_strike * root;
    const double tilt = 1 + d * slope;
    return (tilt * tilt / s + v.by_strike_twice * root) * normal_pdf(d);
}

SabrButterfly sabr_butterfly(const SabrParameters& parameters, double forward, double time,
                             double low, double high) {
    require_sabr(parameters);
    require_positive("time", time);
    require_positive("forward + shift", forward + parameters.shift);
    if (!(low + parameters.shift > 0 && low < forward))
        throw InvalidInput("low", low, "must be above -shift and below the forward");
    if (!(high > forward && std::isfinite(high)))
        throw InvalidInput("high", high, "must be above the forward and finite");

    const Smile smile(parameters, forward, time);
    const double from = smile.x(low), step = (smile.x(high) - from) / intervals;
    std::array<Point, intervals + 1> points;
    for (int i = 0; i <= intervals; ++i) {
        const double x = from + i * step;
        points[i] = {x, smile.factor(x)};
    }
    // Dips between the points take the place of the lowest of them.
    for (int i = 1; i < intervals; ++i)
        if (points[i].factor < points[i - 1].factor && points[i].factor <= points[i + 1].factor) {
            const double x = smile.minimize(points[i - 1].x, points[i + 1].x);
            const double factor = smile.factor(x);
            if (factor < points[i].factor) points[i] = {x, factor};
        }

    Point least = points[0];
    for (const Point& point : points) {
        if (std::isnan(point.factor)) {
            least = point;
            break;
        }
        if (point.factor < least.factor) least = point;
    }
    SabrButterfly found{least.factor, smile.strike(least.x), low, high};
    if (found.is_free()) return found;
    if (!is_sound(smile.factor(0))) {
        found.low = found.high = forward;
        return found;
    }
    double sound = 0;
    for (int i = intervals; i >= 0; --i) {
        if (points[i].x > 0) continue;
        if (!is_sound(points[i].factor)) {
            found.low = smile.strike(smile.edge(sound, points[i].x));
            break;
        }
        sound = points[i].x;
    }
    sound = 0;
    for (const Point& point : points) {
        if (point.x < 0) continue;
        if (!is_sound(point.factor)) {
            found.high = smile.strike(smile.edge(sound, point.x));
            break;
        }
        sound = point.x;
    }
    return found;
}

}  // namespace hedgerow
