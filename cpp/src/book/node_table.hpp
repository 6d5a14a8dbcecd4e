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

/// What money that is paid changes: of its measures value, delta and P&L alone.
struct alignas(32) MoneyChange {
    std::array<double, 8> numbers{};  // as add_to_nodes() takes it

    MoneyChange() = default;
    MoneyChange(double value, double delta, double pnl) noexcept
        : numbers{value, delta, 0, 0, pnl, 0, 0, 0} {}
    double value() const noexcept { return numbers[0]; }
    double delta() const noexcept { return numbers[1]; }
    double pnl() const noexcept { return numbers[4]; }

    void add_to(NodeLine& line) const noexcept {
        line[NodeMeasure::value] += value();
        line[NodeMeasure::delta] += delta();
        line[NodeMeasure::pnl] += pnl();
    }
};

using NodesOfLeaf = std::array<std::uint32_t, 8>;

/// Holdings of the same nodes and the same bundle, added up: what of them no spot changes. Six
/// cache lines, of which a fill touches the first five, and of the leaf of its money three.
struct alignas(64) Leaf {
    NodeLine line;  // as the nodes have it

    std::uint32_t bundle = 0;
    std::uint32_t rank = 0;  // among the leaves of its bundle
    std::int32_t open = 0, excluded = 0;
    double units = 0, gross = 0;  // lots x size, with signs and without
    double traded = 0;            // in the currency of the bundle; of cash: its profit
    double owed = 0;              // won on margin and not paid, in the currency of the bundle
    double capture = 0, fees = 0;

    /// The nodes of a fill and of its money: of plain dimensions, then of mixed ones.
    std::array<std::uint32_t, 16> nodes_with_money{};
    NodeShares plain, mixed;
    std::uint32_t money = no_leaf;  // the leaf of its owner's money
    Weights weights;
    NodesOfLeaf ordered{};  // its nodes: of plain dimensions, then of mixed ones

    NodesOfLeaf nodes{};  // by dimension

    static constexpr std::uint32_t no_leaf = 0xffffffffu;
};
static_assert(sizeof(Leaf) == 6 * 64);

/// The nodes of all dimensions.
class NodeTable {
  public:
    static constexpr std::size_t most_dimensions = 8;

    /// @param mixed per dimension, whether it adds up several underlyings.
    explicit NodeTable(const std::vector<bool>& mixed)
        : dimensions_(mixed.size()), index_(mixed.size()) {
        for (std::size_t d = 0; d < mixed.size(); ++d) {
            mixed_[d] = mixed[d];
            ++(mixed[d] ? mixed_shares_ : plain_).alone;
        }
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
        std::size_t at = 0;
        for (const bool mixed : {false, true})
            for (std::size_t d = 0; d < dimensions_; ++d)
                if (mixed_[d] == mixed) leaf.ordered[at++] = nodes[d];
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

    /// Which of some nodes are beyond a bound after a change, by a mask.
    struct Beyond {
        const std::uint32_t* nodes;
        std::uint32_t mask;
    };

    /// Adds a change to a leaf and its nodes.
    Beyond add_to(Leaf& leaf, const NodeLine& change) noexcept {
        add(leaf.line, change);
        return send(leaf.ordered.data(), plain_, mixed_shares_, change, leaf.weights, {}, {});
    }
    /// The same of money.
    Beyond add_to(Leaf& leaf, const MoneyChange& change) noexcept {
        change.add_to(leaf.line);
        const NodeShares plain{0, 0, plain_.alone}, mixed{0, 0, mixed_shares_.alone};
        return send(leaf.ordered.data(), plain, mixed, {}, {}, change, leaf.weights);
    }
    /// The same of a change and of the money paid: nodes that they share are gone through once.
    Beyond add_to(Leaf& leaf, const NodeLine& change, Leaf& money,
                  const MoneyChange& paid) noexcept {
        add(leaf.line, change);
        paid.add_to(money.line);
        return send(leaf.nodes_with_money.data(), leaf.plain, leaf.mixed, change, leaf.weights,
                    paid, money.weights);
    }
    /// Tells a leaf which one is that of its money.
    void pair(Leaf& leaf, std::uint32_t money) noexcept {
        leaf.money = money;
        leaf.plain = leaf.mixed = {};
        const NodesOfLeaf& other = leaves_[money].nodes;
        std::size_t at = 0;
        for (const bool mixed : {false, true}) {
            NodeShares& shares = mixed ? leaf.mixed : leaf.plain;
            const auto list = [&](bool shared, std::uint8_t& share, const NodesOfLeaf& nodes) {
                for (std::size_t d = 0; d < dimensions_; ++d)
                    if (mixed_[d] == mixed && (leaf.nodes[d] == other[d]) == shared) {
                        leaf.nodes_with_money[at++] = nodes[d];
                        ++share;
                    }
            };
            list(false, shares.alone, leaf.nodes);
            list(true, shares.both, leaf.nodes);
            list(false, shares.money, other);
        }
    }
    /// Gives a leaf what it adds up to now, and the nodes the change.
    void replace(Leaf& leaf, const NodeLine& line, const Weights& weights) noexcept {
        NodeLine change = line, weighted = weights(line);
        add(change, leaf.line, -1.0);
        add(weighted, leaf.weights(leaf.line), -1.0);
        add_to_nodes(leaf.ordered.data(), plain_, change, {});
        add_to_nodes(leaf.ordered.data() + plain_.alone, mixed_shares_, weighted, {});
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
    [[gnu::always_inline]] void prefetch(std::uint32_t leaf) const noexcept {
        const char* const lines = reinterpret_cast<const char*>(&leaves_[leaf]);
        for (std::size_t at = 0; at < 5 * 64; at += 64) __builtin_prefetch(lines + at);
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
    std::uint32_t add_to_nodes(const std::uint32_t* nodes, const NodeShares& shares,
                               const NodeLine& change, const MoneyChange& paid) noexcept {
        return hedgerow::add_to_nodes(records_.data()->line.numbers.data(), nodes, shares,
                                      change.numbers.data(), paid.numbers.data());
    }

    Beyond send(const std::uint32_t* nodes, const NodeShares& plain, const NodeShares& mixed,
                const NodeLine& change, const Weights& weights, const MoneyChange& paid,
                const Weights& of_money) noexcept {
        std::uint32_t mask = add_to_nodes(nodes, plain, change, paid);
        if (mixed_shares_.alone == 0) return {nodes, mask};
        const std::size_t first = std::size_t{plain.alone} + plain.both + plain.money;
        const MoneyChange weighted(paid.value(), of_money.delta * paid.delta(), paid.pnl());
        mask |= add_to_nodes(nodes + first, mixed, weights(change), weighted) << first;
        return {nodes, mask};
    }

    std::size_t dimensions_;
    std::array<bool, most_dimensions> mixed_{};
    NodeShares plain_, mixed_shares_;  // of a change alone
    std::vector<Leaf> leaves_;
    std::map<std::pair<NodesOfLeaf, std::uint32_t>, std::uint32_t> leaf_index_;
    std::vector<std::vector<std::uint32_t>> of_bundle_;
    std::vector<NodeRecord> records_;
    std::vector<NodeName> names_;
    std::vector<std::int32_t> open_, excluded_;
    std::vector<std::map<std::vector<std::string>, std::uint32_t>> index_;
};

}  // namespace hedgerow
