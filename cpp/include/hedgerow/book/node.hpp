/// Where inventory is added up live: nodes, and what is known of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// What is known of a node at any time. Money is in the reporting currency; the first eight are
/// those of Measure, of contracts and of money.
enum class NodeMeasure : std::uint8_t {
    value,          ///< Measure::value
    delta,          ///< Measure::delta; beta-weighted where underlyings are added up, see Dimension
    gamma,          ///< Measure::gamma; beta-weighted in the same way
    vega,           ///< Measure::vega
    theta,          ///< Measure::theta
    rho,            ///< Measure::rho
    vanna,          ///< Measure::vanna; beta-weighted in the same way
    volga,          ///< Measure::volga
    pnl,            ///< profit of contracts since the beginning; of money: fees and funding
    notional,       ///< signed: units of the underlying times its spot
    gross,          ///< the same without the signs of positions
    options,        ///< signed number of options, in units of the underlying
    capture,        ///< spread capture: what fills were better than the value at their moment
    fees,           ///< paid, at the exchange rates of their moments; rebates are negative
    scenario_loss,  ///< given: see Inventory::give()
    margin,         ///< given
};

inline constexpr std::size_t node_measure_count = 16;

/// The measure's name, as "scenario_loss".
HEDGEROW_API const char* name(NodeMeasure measure) noexcept;

/// All measures of a node, or what something adds to them.
struct alignas(64) NodeLine {
    std::array<double, node_measure_count> numbers{};

    double& operator[](NodeMeasure measure) noexcept {
        return numbers[static_cast<std::size_t>(measure)];
    }
    double operator[](NodeMeasure measure) const noexcept {
        return numbers[static_cast<std::size_t>(measure)];
    }
};

/// The keys by which positions are told apart: any of "underlying", "expiry", "tenor", "strike",
/// "right", "kind", "currency" and the labels of owners. No key at all is everything together.
///
/// Deltas of two underlyings are no sum of anything. Where a dimension has no "underlying", delta,
/// gamma and vanna are weighted: beta S delta, (beta S)^2 gamma / 100 and beta S vanna, the dollar
/// measures of the reference that the betas are of. Without betas they are plain, and not a number
/// at nodes of several underlyings.
struct Dimension {
    std::vector<std::string> keys;

    friend bool operator==(const Dimension&, const Dimension&) = default;
};

/// A node: its place in a dimension.
struct NodeName {
    std::uint32_t dimension = 0;
    std::vector<std::string> labels;  ///< one per key; "" where the key means nothing

    friend bool operator==(const NodeName&, const NodeName&) = default;
};

}  // namespace hedgerow
