// The density factor of an SVI slice as a ratio of polynomials, and where it is least.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "../math/bernstein.hpp"
#include "../math/golden.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"

namespace hedgerow {

namespace {

using bernstein::Polynomial;
using bernstein::product;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Of the sum of the absolute terms of each coefficient: about thrice the roundings on the way to
/// it and through some thirty halvings.
constexpr double rounding = 64 * epsilon;
/// How far below the least g met the proven bound may lie, relative to it.
constexpr double slack = 1e-4;
/// Enough to close in on five touching points; no slice of the tests takes a tenth of it.
constexpr int most_cells = 4000;
constexpr std::size_t most_halvings = 60;

constexpr Polynomial<10> sum(Polynomial<10> left, const Polynomial<10>& right) {
    for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
    return left;
}

template <std::size_t count>
constexpr std::array<double, count> scaled(double factor, std::array<double, count> polynomial) {
    for (double& each : polynomial) each *= factor;
    return polynomial;
}

template <std::size_t count>
std::array<double, count> absolute(std::array<double, count> polynomial) {
    for (double& each : polynomial) each = std::abs(each);
    return polynomial;
}

/// g = numerator / denominator, in powers of t; the denominator is positive inside.
struct Ratio {
    Polynomial<10> numerator, denominator;

    double at(double t) const {
        double above = numerator[10], below = denominator[10];
        for (std::size_t i = 10; i-- > 0;) {
            above = above * t + numerator[i];
            below = below * t + denominator[i];
        }
        return above / below;
    }
};

/// With P = t w, K = t k and Q = (t^2 + 1) w', all quadratic and divided by their scales,
/// g = [s (2 P s - K Q)^2 - s Q^2 P (p t + q P) + c t^3 P^2] / (4 P^2 s^3) for s = t^2 + 1: the
/// definition of g over one denominator. The numerator is less the rounding of its terms.
Ratio density_ratio(const SviParameters& slice) {
    const double opening = slice.b * slice.sigma;
    const double scale = std::max(opening, std::abs(slice.a));
    const double part = opening / scale;
    const double height = scale / slice.sigma;
    const Polynomial<2> total{part * (1 - slice.rho), 2 * (slice.a / scale),
                              part * (1 + slice.rho)};
    const Polynomial<2> slope{-part * (1 - slice.rho), 0, part * (1 + slice.rho)};
    const Polynomial<2> place{-1, 2 * (slice.m / slice.sigma), 1};
    constexpr Polynomial<2> s{1, 0, 1};
    const Polynomial<4> first = scaled(2, product(total, s)), second = product(place, slope);
    const Polynomial<4> squares = product(total, total);

    const auto positive = [&](const Polynomial<4>& root) {
        const Polynomial<10> bent = product(product(Polynomial<4>{0, 0, 0, 1, 0}, squares),
                                            Polynomial<2>{16 * (slice.b / slice.sigma), 0, 0});
        return sum(product(s, product(root, root)), bent);
    };
    const auto negative = [&](const Polynomial<2>& variance) {
        const Polynomial<2> steep{height * height / 4 * variance[0],
                                  height * height / 4 * variance[1] + 2 * height / slice.sigma,
                                  height * height / 4 * variance[2]};
        return product(product(s, product(slope, slope)), product(variance, steep));
    };
    Polynomial<4> root, terms;
    for (std::size_t i = 0; i < root.size(); ++i) {
        root[i] = first[i] - second[i];
        terms[i] = std::abs(first[i]) + std::abs(second[i]);
    }
    const Polynomial<10> value = sum(positive(root), scaled(-1, negative(total)));
    const Polynomial<2> sizes = absolute(total);
    const Polynomial<10> size = sum(positive(terms), absolute(negative(sizes)));
    return {sum(value, scaled(-rounding, size)),
            scaled(4, product(squares, product(s, product(s, s))))};
}

/// The log-moneyness of a place u in [0, 1].
double log_moneyness(const SviParameters& slice, double u) {
    const double t = u / (1 - u);
    return slice.m + slice.sigma * (t - 1 / t) / 2;
}

struct Least {
    double value = infinity;
    double u = 0.5;

    void meet(double there, double at) {
        if (there < value) *this = {there, at};
    }
    /// What the proof is of.
    double target() const { return value - slack * std::abs(value) - 16 * epsilon; }
};

/// The least g of a grid of u, and what golden sections beside it find.
void look_for_least(const Ratio& ratio, Least& least) {
    constexpr int grid = 16;
    least.meet(ratio.numerator[0] / ratio.denominator[0], 0);
    least.meet(ratio.numerator[10] / ratio.denominator[10], 1);
    const auto look = [&](double u) {
        const double there = ratio.at(u / (1 - u));
        least.meet(there, u);
        return there;
    };
    for (int i = 1; i < grid; ++i) look(static_cast<double>(i) / grid);
    const double from = std::max(least.u - 1.0 / grid, 0.0);
    look_by_golden_sections(from, std::min(least.u + 1.0 / grid, 1.0), 14, look);
}

/// numerator - target denominator over an interval of u.
struct Excess {
    Polynomial<10> coefficients;
    double from, to;
};

/// By branch and bound. @return whether the bound, `least.target()`, is proven.
bool find_least(const Ratio& ratio, Least& least) {
    look_for_least(ratio, least);
    const auto excess = [&] {
        const double target = least.target();
        Polynomial<10> difference;
        for (std::size_t i = 0; i <= 10; ++i)
            difference[i] = ratio.numerator[i] - target * ratio.denominator[i];
        return Excess{bernstein::from_powers(difference), 0, 1};
    };
    std::array<Excess, most_halvings + 2> open;
    std::size_t count = 0;
    open[count++] = excess();
    for (int cells = 0; count > 0; ++cells) {
        Excess& right = open[count - 1];
        if (*std::min_element(right.coefficients.begin(), right.coefficients.end()) >= 0) {
            --count;
            continue;
        }
        if (cells == most_cells || count == open.size()) return false;
        const double middle = 0.5 * (right.from + right.to);
        Excess& left = open[count++];
        left = {bernstein::halve(right.coefficients), right.from, middle};
        right.from = middle;
        const double before = least.value;
        if (right.coefficients[0] < 0) least.meet(ratio.at(middle / (1 - middle)), middle);
        if (least.value < before) {  // from which the proof begins anew
            open[0] = excess();
            count = 1;
        }
    }
    return true;
}

}  // namespace

SviButterfly svi_butterfly(const SviParameters& slice) noexcept {
    SviButterfly result;
    result.minimum = result.bound = nan;
    result.where = nan;
    result.least_total_variance = svi_minimum(slice);
    result.left_slope = slice.b * (1 - slice.rho);
    result.right_slope = slice.b * (1 + slice.rho);
    const bool within = slice.b >= 0 && std::abs(slice.rho) < 1 && slice.sigma > 0 &&
                        std::isfinite(slice.a + slice.b + slice.m + slice.sigma);
    if (!within) return result;

    if (!(result.least_total_variance > 0)) {
        result.verdict = ArbitrageVerdict::violated;
        result.violation = SliceViolation::negative_variance;
        const double root = std::sqrt((1 - slice.rho) * (1 + slice.rho));
        result.where = slice.m - slice.rho * slice.sigma / root;
        return result;
    }
    if (slice.b == 0) {
        result.verdict = ArbitrageVerdict::free;
        result.minimum = result.bound = 1;
        result.where = 0;
        return result;
    }
    Least least;
    const bool proven = find_least(density_ratio(slice), least);
    const double steeper = std::max(result.left_slope, result.right_slope);
    result.where = least.u <= 0   ? -infinity
                   : least.u >= 1 ? infinity
                                  : log_moneyness(slice, least.u);
    const double wing = least.u <= 0 ? result.left_slope : result.right_slope;
    result.minimum = std::isinf(result.where) ? (2 - wing) * (2 + wing) / 16
                                              : svi_density_factor(slice, result.where);
    if (proven) result.bound = least.target();
    const bool rounded = result.least_total_variance <= 4 * epsilon * std::abs(slice.a);
    if (steeper >= 2) {
        result.verdict = ArbitrageVerdict::violated;
        result.violation = SliceViolation::steep_wing;
    } else if (result.minimum < 0) {
        result.verdict = ArbitrageVerdict::violated;
        result.violation = SliceViolation::negative_density;
    } else if (proven && result.bound >= 0 && !rounded) {
        result.verdict = ArbitrageVerdict::free;
    }
    return result;
}

}  // namespace hedgerow
