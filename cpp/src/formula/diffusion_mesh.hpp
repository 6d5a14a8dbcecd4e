// Meshes and steps that the one-dimensional equations under local volatility share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace hedgerow::formula {

// Nodes y = width sinh(xi), xi evenly spaced, 0 one of them: dense within `width` of 0, evenly
// spaced in ln|y| beyond, so that early times with their narrow densities are resolved as well.
struct DiffusionMesh {
    double width, step;              // step in xi
    std::size_t origin;              // the node at y = 0
    std::vector<double> log, price;  // y and e^y

    // low < 0 < high are the ends, of which the one with more nodes is met but for rounding to a
    // whole number of steps; `exact_low` or `exact_high` must be met.
    static DiffusionMesh make(double low, double high, double width, std::size_t intervals,
                              bool exact_high) {
        const double left = std::asinh(-low / width), right = std::asinh(high / width);
        const double ideal = (left + right) / static_cast<double>(intervals);
        const double kept = exact_high ? right : left;
        const double fitted = std::max(2.0, std::round(kept / ideal));
        const double step = kept / fitted, other = exact_high ? left : right;
        const auto near = static_cast<std::size_t>(fitted);
        const auto far = static_cast<std::size_t>(std::max(2.0, std::ceil(other / step)));
        DiffusionMesh mesh{width, step, exact_high ? far : near, {}, {}};
        for (std::size_t i = 0; i <= near + far; ++i) {
            const double xi = (static_cast<double>(i) - static_cast<double>(mesh.origin)) * step;
            mesh.log.push_back(width * std::sinh(xi));
            mesh.price.push_back(std::exp(mesh.log.back()));
        }
        return mesh;
    }

    std::size_t size() const noexcept { return log.size(); }

    // The place of y in units of nodes.
    double place(double y) const noexcept {
        return std::asinh(y / width) / step + static_cast<double>(origin);
    }

    // Six-point Lagrange in xi, in which the nodes are evenly spaced. `y` within the mesh.
    double interpolate(std::span<const double> values, double y) const noexcept {
        constexpr int points = 6;
        const double at = place(y);
        const auto last = static_cast<double>(size() - points);
        const double first = std::min(std::max(std::floor(at) - 2, 0.0), last);
        const double x = at - first;
        const auto start = static_cast<std::size_t>(first);
        double result = 0;
        for (int i = 0; i < points; ++i) {
            double weight = 1;
            for (int j = 0; j < points; ++j)
                if (j != i) weight *= (x - j) / (i - j);
            result += weight * values[start + static_cast<std::size_t>(i)];
        }
        return result;
    }
};

// The weights of d2/dX2 and d/dX on three nodes: exact for parabolas, so that a martingale's mean
// and the growth of its second moment are exact too.
struct Differences {
    std::vector<double> second_lower, second_upper, first_lower, first_upper;

    explicit Differences(std::span<const double> x)
        : second_lower(x.size()),
          second_upper(x.size()),
          first_lower(x.size()),
          first_upper(x.size()) {
        for (std::size_t i = 1; i + 1 < x.size(); ++i) {
            const double below = x[i] - x[i - 1], above = x[i + 1] - x[i];
            second_lower[i] = 2 / (below * (below + above));
            second_upper[i] = 2 / (above * (below + above));
            first_lower[i] = -above / (below * (below + above));
            first_upper[i] = below / (above * (below + above));
        }
        const std::size_t n = x.size();
        first_upper[0] = 1 / (x[1] - x[0]);
        first_lower[n - 1] = -1 / (x[n - 1] - x[n - 2]);
    }

    // values'' at an inner node.
    double second(std::span<const double> values, std::size_t i) const noexcept {
        return second_lower[i] * (values[i - 1] - values[i]) +
               second_upper[i] * (values[i + 1] - values[i]);
    }
};

// The ends of steps from 0 to `end`, even in time^(1/power) so that they are short at first, and
// each of `stops` among them. Stops outside (0, end) are left out.
inline std::vector<double> time_steps(double end, std::span<const double> stops, int steps,
                                      double power) {
    std::vector<double> marks;
    for (const double stop : stops)
        if (stop > 0 && stop < end) marks.push_back(stop);
    marks.push_back(end);
    std::ranges::sort(marks);
    std::vector<double> times{0.0};
    const double per_root = steps / std::pow(end, 1 / power);
    for (const double mark : marks) {
        const double from = std::pow(times.back(), 1 / power), to = std::pow(mark, 1 / power);
        const auto count = static_cast<int>(std::ceil((to - from) * per_root * (1 - 1e-12)));
        for (int i = 1; i < count; ++i) {
            times.push_back(std::pow(from + (to - from) * i / count, power));
        }
        if (mark > times.back()) times.push_back(mark);
    }
    return times;
}

}  // namespace hedgerow::formula
