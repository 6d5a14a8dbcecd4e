// An image of an inventory: limits and protections, and how they stand at their nodes.
#include <cstdint>
#include <vector>

#include "inventory_image.hpp"

namespace hedgerow {

namespace {

/// What limits and protections say of their nodes.
template <class Rule>
void write_place(ImageWriter& to, const Rule& rule) {
    to.put(rule.dimension);
    to.put(rule.labels);
}

template <class Rule>
void read_place(ImageReader& from, const Netting& net, Rule& rule) {
    rule.dimension = from.place(net.keys().size());
    rule.labels = from.texts();
}

LimitLevel read_level(ImageReader& from) {
    return static_cast<LimitLevel>(from.below(3));
}

}  // namespace

void InventoryImage::write_rules(ImageWriter& to, const Netting& net) {
    const LimitTable& limits = net.limits_;
    to.put_count(limits.limits_.size());
    for (const Limit& limit : limits.limits_) {
        write_place(to, limit);
        to.put(limit.measure);
        to.put(limit.bounds.hard_low);
        to.put(limit.bounds.soft_low);
        to.put(limit.bounds.soft_high);
        to.put(limit.bounds.hard_high);
        to.put(limit.hysteresis);
    }
    to.put_count(limits.states_.size());
    for (const LimitState& state : limits.states_) {
        to.put(state.limit);
        to.put(state.node);
        to.put(state.level);
        to.put(state.since);
        to.put(state.value);
        to.put(state.peak);
    }
    to.put_count(limits.changes_.size());
    for (const LimitChange& change : limits.changes_) {
        to.put(change.limit);
        to.put(change.node);
        to.put(change.before);
        to.put(change.after);
        to.put(change.value);
        to.put(change.time);
    }

    const ProtectionTable& protections = net.protections_;
    to.put_count(protections.protections_.size());
    for (const Protection& protection : protections.protections_) {
        write_place(to, protection);
        to.put(protection.window);
        to.put(protection.freeze);
        to.put(protection.quantity);
        to.put(protection.delta);
        to.put(protection.vega);
    }
    std::vector<std::uint32_t> node_of(protections.guards_.size());
    for (std::uint32_t node = 0; node < protections.guards_of_.size(); ++node)
        for (const std::uint32_t guard : protections.guards_of_[node]) node_of[guard] = node;
    to.put_count(protections.guards_.size());
    for (std::size_t g = 0; g < protections.guards_.size(); ++g) {
        const ProtectionTable::Guard& guard = protections.guards_[g];
        to.put(guard.protection);
        to.put(node_of[g]);
        to.put(guard.frozen);
        to.put(guard.until);
        to.put(guard.quantity);
        to.put(guard.delta);
        to.put(guard.vega);
        to.put_count(guard.trades.size());
        for (const ProtectionTable::Trade& trade : guard.trades) {
            to.put(trade.time);
            to.put(trade.quantity);
            to.put(trade.delta);
            to.put(trade.vega);
        }
    }
}

void InventoryImage::read_rules(ImageReader& from, Netting& net) {
    LimitTable& limits = net.limits_;
    for (std::size_t left = from.count(6 * sizeof(std::uint64_t)); left > 0; --left) {
        Limit limit;
        read_place(from, net, limit);
        limit.measure = static_cast<NodeMeasure>(from.below(node_measure_count));
        limit.bounds.hard_low = from.number();
        limit.bounds.soft_low = from.number();
        limit.bounds.soft_high = from.number();
        limit.bounds.hard_high = from.number();
        limit.hysteresis = from.number();
        limits.add(limit);
    }
    for (std::size_t left = from.count(4 * sizeof(std::uint64_t)); left > 0; --left) {
        LimitState state;
        state.limit = from.place(limits.limits_.size());
        state.node = from.place(net.nodes_.size());
        state.level = read_level(from);
        state.since = from.instant();
        state.value = from.number();
        state.peak = from.number();
        limits.attach(state.limit, state.node, net.nodes_[state.node]);
        limits.states_.back() = state;
    }
    for (std::size_t left = from.count(3 * sizeof(std::uint64_t)); left > 0; --left) {
        LimitChange change;
        change.limit = from.place(limits.limits_.size());
        change.node = from.place(net.nodes_.size());
        change.before = read_level(from);
        change.after = read_level(from);
        change.value = from.number();
        change.time = from.instant();
        limits.changes_.push_back(change);
    }

    ProtectionTable& protections = net.protections_;
    for (std::size_t left = from.count(6 * sizeof(std::uint64_t)); left > 0; --left) {
        Protection protection;
        read_place(from, net, protection);
        protection.window = from.integer();
        protection.freeze = from.integer();
        protection.quantity = from.number();
        protection.delta = from.number();
        protection.vega = from.number();
        protections.add(protection);
    }
    for (std::size_t left = from.count(6 * sizeof(std::uint64_t)); left > 0; --left) {
        const std::uint32_t protection = from.place(protections.protections_.size());
        protections.attach(protection, from.place(net.nodes_.size()));
        ProtectionTable::Guard& guard = protections.guards_.back();
        guard.frozen = from.flag();
        guard.until = from.instant();
        guard.quantity = from.number();
        guard.delta = from.number();
        guard.vega = from.number();
        for (std::size_t trades = from.count(4 * sizeof(std::uint64_t)); trades > 0; --trades) {
            ProtectionTable::Trade trade{};
            trade.time = from.instant();
            trade.quantity = from.number();
            trade.delta = from.number();
            trade.vega = from.number();
            guard.trades.push_back(trade);
        }
    }
}

}  // namespace hedgerow
