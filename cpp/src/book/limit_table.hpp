// Limits and protections at the nodes that they bound.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "hedgerow/book/limits.hpp"
#include "hedgerow/book/node.hpp"
#include "node_table.hpp"

namespace hedgerow {

/// Keeps the states of limits. Whether a node has to be looked at at all, the kernel says that adds
/// to it.
class LimitTable {
  public:
    /// Adds a limit; attach() makes it hold.
    std::uint32_t add(const Limit& limit) {
        limits_.push_back(limit);
        return static_cast<std::uint32_t>(limits_.size() - 1);
    }
    /// Makes a limit hold at a node.
    void attach(std::uint32_t limit, std::uint32_t node, NodeRecord& record);
    /// Looks whether a node keeps its limits now, and sets the bounds beyond which to look again.
    void look(std::uint32_t node, NodeRecord& record, Instant time);
    /// The number of the hard limit at a node that a line breaks in the direction of a change, or
    /// `none`; `value` is set to what breaks it.
    std::uint32_t broken(std::uint32_t node, const NodeLine& most, const NodeLine& least,
                         const NodeLine& change, double& value) const noexcept;

    const std::vector<Limit>& limits() const noexcept { return limits_; }
    std::span<const LimitState> states() const noexcept { return states_; }
    std::vector<LimitChange> take_changes() { return std::exchange(changes_, {}); }

    static constexpr std::uint32_t none = 0xffffffffu;
    /// Whether any limit is of a node.
    bool any(std::uint32_t node) const noexcept { return !states_of(node).empty(); }

  private:
    friend struct InventoryImage;

    std::span<const std::uint32_t> states_of(std::uint32_t node) const noexcept {
        if (node >= states_of_.size()) return {};
        return states_of_[node];
    }
    void set_bounds(std::uint32_t node, NodeRecord& record) const noexcept;

    std::vector<Limit> limits_;
    std::vector<LimitState> states_;
    std::vector<LimitChange> changes_;
    std::vector<std::vector<std::uint32_t>> states_of_;  // by node
};

/// Counts what is traded at nodes within a moment, and freezes them.
class ProtectionTable {
  public:
    std::uint32_t add(const Protection& protection) {
        protections_.push_back(protection);
        return static_cast<std::uint32_t>(protections_.size() - 1);
    }
    void attach(std::uint32_t protection, std::uint32_t node);
    const std::vector<Protection>& protections() const noexcept { return protections_; }

    /// A fill at a node: its options, delta and vega.
    void trade(std::uint32_t node, const NodeLine& change, Instant time) {
        if (node < guards_of_.size())
            for (const std::uint32_t guard : guards_of_[node]) trade(guards_[guard], change, time);
    }
    bool frozen(std::uint32_t node, Instant now) const noexcept;
    void unfreeze(std::uint32_t node) noexcept;

  private:
    friend struct InventoryImage;

    struct Trade {
        Instant time;
        double quantity, delta, vega;
    };
    struct Guard {
        std::uint32_t protection = 0;
        bool frozen = false;
        Instant until{};  // of a freeze that ends by itself
        double quantity = 0, delta = 0, vega = 0;
        std::deque<Trade> trades;
    };

    void trade(Guard& guard, const NodeLine& change, Instant time);

    std::vector<Protection> protections_;
    std::vector<Guard> guards_;
    std::vector<std::vector<std::uint32_t>> guards_of_;  // by node
};

}  // namespace hedgerow
