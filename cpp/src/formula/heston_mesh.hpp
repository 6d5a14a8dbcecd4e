/// Meshes that are dense about some points, and differences on them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace hedgerow::mesh {

/// A point about which nodes lie densely: within some `width` of it.
struct Center {
    double at, width;
};

/// Nodes from low to high, `intervals` + 1 of them, so that the sum of asinh((x - at) / width) over
/// the centers grows evenly: D. Tavella and C. Randall 2000, "Pricing financial instruments", 5.3.
///
/// @param pins ascending, between low and high: each becomes a node of even number, and between two
///     of them the growth is even.
/// @param intervals an even number, of more than two per pin.
std::vector<double> concentrated(double low, double high, std::span<const Center> centers,
                                 std::span<const double> pins, std::size_t intervals);

/// What the values below, at and above a node are multiplied with.
using Three = std::array<double, 3>;

/// The first derivative at a node, from the steps below and above it; exact for parabolas.
Three slope(double below, double above) noexcept;

/// The second derivative there.
Three curvature(double below, double above) noexcept;

/// The value and its first two derivatives at x of the polynomial through up to six nodes.
struct Interpolation {
    std::size_t first, count;  ///< the nodes
    std::array<std::array<double, 6>, 3> weight;
};

/// Through the nodes around x.
/// Source: B. Fornberg 1988, "Generation of finite difference formulas on arbitrarily spaced
/// grids".
Interpolation interpolate(std::span<const double> nodes, double x) noexcept;

}  // namespace hedgerow::mesh
