// Nodes, the leaves that are added up in them, and the names of both.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hedgerow/base/node_sums.hpp"
#include "hedgerow/book/node.hpp"

namespace hedgerow {

/// Adds a line, or takes it.
inline void add(NodeLine& to, const NodeLine& line, double times = 1.0) noexcept {
    for (std::size_t j = 0; j < node_measure_count; ++j) to.numbers[j] += times * line.numbers[j];
}

/// A node as the kernel takes it: beyond these bounds it has to be looked at.
struct NodeRecord {
    NodeLine line, low, high;

    NodeRecord() noexcept {
        low.numbers.fill(-std::numeric_limits<double>::infinity());
        high.numbers.fill(std::numeric_limits<double>::infinity());
    }
};
static_assert(sizeof(NodeRecord) == 48 * sizeof(double));

/// What delta and vanna, and gamma, count at nodes of several underlyings.
struct Weights {
    double delta = 1, gamma = 1;

    NodeLine operator()(const NodeLine& plain) const noexcept {
        NodeLine line = plain;
        line[NodeMeasure::delta] *= delta;
        line[NodeMeasure::vanna] *= delta;
        line[NodeMeasure::gamma] *= gamma;
        return line;
    }
};

/// What money that is paid changes: of its measures these alone.
struct MoneyChange {
    double value = 0, delta = 0, pnl = 0;

    NodeLine line() const noexcept {
        return {{value, delta, 0, 0, 0, 0, 0, 0, pnl, 0, 0, 0, 0, 0, 0, 0}};
    }
    void add_to(NodeLine& to) const noexcept {
        to[NodeMeasure::value] += value;
        to[NodeMeasure::delta] += delta;
        to[NodeMeasure::pnl] += pnl;
    }
};

using NodesOfLeaf = std::array<std::uint32_t, 8>;

/// Nodes that a change goes to, and which of its lines each of them takes.
struct Route {
    std::array<std::uint32_t, 16> nodes;
    std::array<std::uint8_t, 16> lines;
    std::uint32_t size = 0;

    void add(std::uint32_t node, std::uint8_t line) noexcept {
        nodes[size] = node;
        lines[size++] = line;
    }
};

/// Holdings of the same nodes and the same bundle, added up: what of them no spot changes.
struct Leaf {
    NodesOfLeaf nodes{};
    std::uint32_t bundle = 0;
    std::uint32_t rank = 0;  // among the leaves of its bundle
    std::int32_t open = 0, excluded = 0;
    double units = 0, gross = 0;  // lots x size, with signs and without
    double traded = 0;            // in the currency of the bundle; of cash: its profit
    double owed = 0;              // won on margin and not paid, in the currency of the bundle
    double capture = 0, fees = 0;
    NodeLine line;  // as the nodes have it
    Weights weights;
    Route route;                    // of lines 0 plain, 1 weighted
    std::uint32_t money = no_leaf;  // the leaf of its owner's money
    Route route_with_money;  // of lines 0 its own, 1 the money's, 2 both; the same weighted from 3

    static constexpr std::uint32_t no_leaf = 0xffffffffu;
};

/// The nodes of all dimensions.
class NodeTable {
  public:
    static constexpr std::size_t most_dimensions = 8;

    /// @param mixed per dimension, whether it adds up several underlyings.
    explicit NodeTable(const std::vector<bool>& mixed)
        : dimensions_(mixed.size()), index_(mixed.size()) {
        for (std::size_t d = 0; d < mixed.size(); ++d) mixed_[d] = mixed[d];
        any_mixed_ = std::ranges::find(mixed, true) != mixed.end();
    }

    /// The leaf of these nodes and this bundle, made where it is new.
    std::uint32_t leaf(const NodesOfLeaf& nodes, std::uint32_t bundle, const Weights& weights) {
        const auto [found, added] = leaf_index_.try_emplace(
            std::pair(nodes, bundle), static_cast<std::uint32_t>(leaves_.size()));
        if (!added) return found->second;
        if (bundle >= of_bundle_.size()) of_bundle_.resize(bundle + 1);
        Leaf leaf;
        leaf.nodes = nodes;
        leaf.bundle = bundle;
        leaf.rank = static_cast<std::uint32_t>(of_bundle_[bundle].size());
        leaf.weights = weights;
        for (std::size_t d = 0; d < dimensions_; ++d) leaf.route.add(nodes[d], mixed_[d] ? 1 : 0);
        of_bundle_[bundle].push_back(found->second);
        leaves_.push_back(leaf);
        return found->second;
    }
    /// The node of these labels, made where it is new.
    std::uint32_t node(std::uint32_t dimension, std::vector<std::string> labels) {
        const auto [found, added] =
            index_[dimension].try_emplace(labels, static_cast<std::uint32_t>(records_.size()));
        if (added) {
            records_.emplace_back();
            open_.push_back(0);
            excluded_.push_back(0);
            names_.push_back({dimension, std::move(labels)});
        }
        return found->second;
    }
    std::optional<std::uint32_t> find(std::uint32_t dimension,
                                      const std::vector<std::string>& labels) const {
        const auto found = index_[dimension].find(labels);
        if (found == index_[dimension].end()) return {};
        return found->second;
    }

    /// Nodes that are beyond a bound after a change: of a route, by a mask.
    struct Beyond {
        const Route& route;
        std::uint32_t mask;
    };

    /// Adds a change to a leaf and its nodes.
    Beyond add_to(Leaf& leaf, const NodeLine& change) noexcept {
        add(leaf.line, change);
        if (!any_mixed_) return send(leaf.route, &change);
        const NodeLine lines[2] = {change, leaf.weights(change)};
        return send(leaf.route, lines);
    }
    /// The same to a leaf and to that of its money, of which only value, delta and P&L change:
    /// nodes that they share are gone through once.
    Beyond add_to(Leaf& leaf, const NodeLine& change, Leaf& money,
                  const MoneyChange& paid) noexcept {
        add(leaf.line, change);
        paid.add_to(money.line);
        NodeLine both = change;
        paid.add_to(both);
        if (!any_mixed_) {
            const NodeLine lines[3] = {change, paid.line(), both};
            return send(leaf.route_with_money, lines);
        }
        const NodeLine weighted = leaf.weights(change);
        const MoneyChange its{paid.value, paid.delta * money.weights.delta, paid.pnl};
        NodeLine both_weighted = weighted;
        its.add_to(both_weighted);
        const NodeLine lines[6] = {change, paid.line(), both, weighted, its.line(), both_weighted};
        return send(leaf.route_with_money, lines);
    }
    /// Tells a leaf which one is that of its money.
    void pair(Leaf& leaf, std::uint32_t money) noexcept {
        leaf.money = money;
        leaf.route_with_money.size = 0;
        const NodesOfLeaf& other = leaves_[money].nodes;
        for (std::size_t d = 0; d < dimensions_; ++d) {
            const auto weighted = static_cast<std::uint8_t>(mixed_[d] ? 3 : 0);
            const bool shared = leaf.nodes[d] == other[d];
            leaf.route_with_money.add(leaf.nodes[d],
                                      static_cast<std::uint8_t>(weighted + (shared ? 2 : 0)));
            if (!shared)
                leaf.route_with_money.add(other[d], static_cast<std::uint8_t>(weighted + 1));
        }
    }
    /// Gives a leaf what it adds up to now, and the nodes the change.
    void replace(Leaf& leaf, const NodeLine& line, const Weights& weights) noexcept {
        NodeLine lines[2] = {line, weights(line)};
        add(lines[0], leaf.line, -1.0);
        add(lines[1], leaf.weights(leaf.line), -1.0);
        send(leaf.route, lines);
        leaf.line = line;
        leaf.weights = weights;
    }
    void count(Leaf& leaf, std::int32_t open, std::int32_t excluded) noexcept {
        leaf.open += open;
        leaf.excluded += excluded;
        for (std::size_t d = 0; d < dimensions_; ++d) {
            open_[leaf.nodes[d]] += open;
            excluded_[leaf.nodes[d]] += excluded;
        }
    }
    /// Forgets all leaves; nodes keep their names and are empty but for what was given to them.
    void clear() noexcept {
        leaves_.clear();
        leaf_index_.clear();
        of_bundle_.clear();
        for (std::size_t n = 0; n < records_.size(); ++n) {
            NodeLine kept;
            for (const auto m : {NodeMeasure::scenario_loss, NodeMeasure::margin})
                kept[m] = records_[n].line[m];
            records_[n].line = kept;
            open_[n] = excluded_[n] = 0;
        }
    }

    /// Fetches a leaf.
    void prefetch(std::uint32_t leaf) const noexcept {
        const char* const lines = reinterpret_cast<const char*>(&leaves_[leaf]);
        for (std::size_t at = 0; at < sizeof(Leaf); at += 64) __builtin_prefetch(lines + at);
    }
    std::vector<Leaf>& leaves() noexcept { return leaves_; }
    const std::vector<Leaf>& leaves() const noexcept { return leaves_; }
    std::span<const std::uint32_t> leaves_of(std::uint32_t bundle) const noexcept {
        if (bundle >= of_bundle_.size()) return {};
        return of_bundle_[bundle];
    }
    NodeRecord& operator[](std::size_t node) noexcept { return records_[node]; }
    const NodeRecord& operator[](std::size_t node) const noexcept { return records_[node]; }
    const NodeName& name(std::size_t node) const noexcept { return names_[node]; }
    std::int32_t open(std::size_t node) const noexcept { return open_[node]; }
    std::int32_t excluded(std::size_t node) const noexcept { return excluded_[node]; }
    std::size_t size() const noexcept { return records_.size(); }
    bool is_mixed(std::size_t dimension) const noexcept { return mixed_[dimension]; }

  private:
    Beyond send(const Route& route, const NodeLine* lines) noexcept {
        return {route, add_to_nodes(records_.data()->line.numbers.data(), route.nodes.data(),
                                    route.lines.data(), route.size, lines->numbers.data())};
    }

    std::size_t dimensions_;
    std::array<bool, most_dimensions> mixed_{};
    bool any_mixed_ = false;
    std::vector<Leaf> leaves_;
    std::map<std::pair<NodesOfLeaf, std::uint32_t>, std::uint32_t> leaf_index_;
    std::vector<std::vector<std::uint32_t>> of_bundle_;
    std::vector<NodeRecord> records_;
    std::vector<NodeName> names_;
    std::vector<std::int32_t> open_, excluded_;
    std::vector<std::map<std::vector<std::string>, std::uint32_t>> index_;
};

}  // namespace hedgerow
