/// Limits on nodes: what they bound, and whether they are kept.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/book/node.hpp"

namespace hedgerow {

/// Bounds of one measure: beyond the soft ones somebody looks, beyond the hard ones nothing more
/// may be added. Not finite where there is none.
struct Bounds {
    double hard_low = -std::numeric_limits<double>::infinity();
    double soft_low = -std::numeric_limits<double>::infinity();
    double soft_high = std::numeric_limits<double>::infinity();
    double hard_high = std::numeric_limits<double>::infinity();

    /// The same on either side of zero.
    static Bounds symmetric(double soft, double hard) noexcept {
        return {-hard, -soft, soft, hard};
    }
    friend bool operator==(const Bounds&, const Bounds&) = default;
};

/// A limit on one measure, of one node or of every node of a dimension.
struct Limit {
    std::uint32_t dimension = 0;      ///< by number
    std::vector<std::string> labels;  ///< of the node; none: every node of the dimension
    NodeMeasure measure = NodeMeasure::delta;
    Bounds bounds;
    /// A breach ends when the measure is back inside its bound by this much, in its own unit.
    double hysteresis = 0;

    friend bool operator==(const Limit&, const Limit&) = default;
};

enum class LimitLevel : std::uint8_t { kept, soft, hard };

HEDGEROW_API const char* name(LimitLevel level) noexcept;

/// A limit at a node. A breach is a state, with a beginning and a peak, not an accident.
struct LimitState {
    std::uint32_t limit = 0;  ///< its number, in the order in which limits were set
    std::uint32_t node = 0;
    LimitLevel level = LimitLevel::kept;
    Instant since{};   ///< when the level was reached
    double value = 0;  ///< when it was looked at last
    double peak = 0;   ///< the worst since the breach began
};

/// A level that changed.
struct LimitChange {
    std::uint32_t limit = 0;
    std::uint32_t node = 0;
    LimitLevel before = LimitLevel::kept;
    LimitLevel after = LimitLevel::kept;
    double value = 0;
    Instant time{};
};

/// Market maker protection: what may be traded at a node within a moment. Fills of more than that
/// freeze it; see Inventory::frozen(). As Deribit's and Bybit's.
struct Protection {
    std::uint32_t dimension = 0;
    std::vector<std::string> labels;  ///< none: every node of the dimension, each on its own
    std::int64_t window = 5 * nanoseconds_per_second;  ///< nanoseconds, the moment itself included
    std::int64_t freeze = 0;  ///< nanoseconds; 0: until Inventory::unfreeze()
    double quantity =
        std::numeric_limits<double>::infinity();             ///< units of the underlying, unsigned
    double delta = std::numeric_limits<double>::infinity();  ///< of the fills together, unsigned
    double vega = std::numeric_limits<double>::infinity();

    friend bool operator==(const Protection&, const Protection&) = default;
};

}  // namespace hedgerow
