#include "heston_mesh.hpp"

#include <algorithm>
#include <cmath>

namespace hedgerow::mesh {

namespace {

/// What grows evenly, and how fast.
struct Growth {
    double value, slope;
};

Growth growth(std::span<const Center> centers, double x) noexcept {
    Growth sum{0, 0};
    for (const Center& center : centers) {
        const double z = (x - center.at) / center.width;
        sum.value += std::asinh(z);
        sum.slope += 1 / (center.width * std::sqrt(1 + z * z));
    }
    return sum;
}

/// Where the growth reaches `value`: Newton's steps, halving where they would leave the bracket.
double reach(std::span<const Center> centers, double low, double high, double value) noexcept {
    constexpr int most_steps = 60;
    constexpr double enough = 1e-13;
    double x = 0.5 * (low + high);
    const double size = enough * (std::abs(low) + std::abs(high));
    for (int step = 0; step < most_steps && high - low > size; ++step) {
        const Growth at = growth(centers, x);
        (at.value < value ? low : high) = x;
        const double next = x - (at.value - value) / at.slope;
        const double moved = next > low && next < high ? next : 0.5 * (low + high);
        if (std::abs(moved - x) <= size) return moved;
        x = moved;
    }
    return x;
}

}  // namespace

std::vector<double> concentrated(double low, double high, std::span<const Center> centers,
                                 std::span<const double> pins, std::size_t intervals) {
    std::vector<double> nodes(intervals + 1);
    nodes.front() = low;
    nodes.back() = high;
    const double start = growth(centers, low).value;
    const double per_interval =
        (growth(centers, high).value - start) / static_cast<double>(intervals);

    std::size_t done = 0;  // nodes[done] stands
    double from = start;
    const auto fill = [&](std::size_t end, double to) {
        const double step = (to - from) / static_cast<double>(end - done);
        for (std::size_t i = done + 1; i < end; ++i)
            nodes[i] = reach(centers, nodes[done], nodes[end],
                             from + step * static_cast<double>(i - done));
        done = end;
        from = to;
    };
    for (std::size_t p = 0; p < pins.size(); ++p) {
        const double value = growth(centers, pins[p]).value;
        const double place = 2 * std::round(0.5 * (value - start) / per_interval);
        const double last = static_cast<double>(intervals - 2 * (pins.size() - p));
        const auto end =
            static_cast<std::size_t>(std::clamp(place, static_cast<double>(done + 2), last));
        nodes[end] = pins[p];
        fill(end, value);
    }
    fill(intervals, growth(centers, high).value);
    return nodes;
}

Three slope(double below, double above) noexcept {
    const double both = below + above;
    return {-above / (below * both), (above - below) / (below * above), below / (above * both)};
}

Three curvature(double below, double above) noexcept {
    const double both = below + above;
    return {2 / (below * both), -2 / (below * above), 2 / (above * both)};
}

Interpolation interpolate(std::span<const double> nodes, double x) noexcept {
    constexpr std::size_t most = 6;
    Interpolation found{};
    found.count = std::min(most, nodes.size());
    const auto above =
        static_cast<std::size_t>(std::upper_bound(nodes.begin(), nodes.end(), x) - nodes.begin());
    const std::size_t half = found.count / 2;
    found.first = std::min(above > half ? above - half : 0, nodes.size() - found.count);
    const std::span<const double> at = nodes.subspan(found.first, found.count);

    auto& w = found.weight;
    w[0][0] = 1;
    double product = 1, distance = at[0] - x;
    for (std::size_t i = 1; i < at.size(); ++i) {
        double next_product = 1;
        const double before = distance;
        distance = at[i] - x;
        for (std::size_t j = 0; j < i; ++j) {
            const double between = at[i] - at[j];
            next_product *= between;
            if (j + 1 == i) {
                for (std::size_t k = 3; k-- > 1;)
                    w[k][i] = product *
                              (static_cast<double>(k) * w[k - 1][i - 1] - before * w[k][i - 1]) /
                              next_product;
                w[0][i] = -product * before * w[0][i - 1] / next_product;
            }
            for (std::size_t k = 3; k-- > 1;)
                w[k][j] = (distance * w[k][j] - static_cast<double>(k) * w[k - 1][j]) / between;
            w[0][j] *= distance / between;
        }
        product = next_product;
    }
    return found;
}

}  // namespace hedgerow::mesh
