// An inventory: limits, protection and orders.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "hedgerow/book/inventory.hpp"
#include "inventory_state.hpp"

namespace hedgerow {

namespace {

/// The number of a rule among those that are set, or their count.
template <class Rule>
std::uint32_t number_of(const std::vector<Rule>& rules, const Rule& rule) {
    return static_cast<std::uint32_t>(std::ranges::find(rules, rule) - rules.begin());
}

/// A limit's or a protection's place.
template <class State, class Rule>
void require_rule(const State& state, const Rule& rule) {
    if (rule.dimension >= state.net.keys().size())
        throw InvalidInput("dimension", std::to_string(rule.dimension), "must be one of the setup");
    const std::size_t parts = state.setup.dimensions[rule.dimension].keys.size();
    if (!rule.labels.empty() && rule.labels.size() != parts)
        throw InvalidInput("labels", std::to_string(rule.labels.size()) + " of them",
                           "must be as many as the dimension has keys, or none");
}

}  // namespace

const char* name(OrderCheck::Outcome outcome) noexcept {
    switch (outcome) {
        case OrderCheck::Outcome::allowed:
            return "allowed";
        case OrderCheck::Outcome::limit:
            return "limit";
        case OrderCheck::Outcome::frozen:
            return "frozen";
        case OrderCheck::Outcome::closed:
            return "closed";
    }
    return "unknown";
}

std::uint32_t Inventory::set_limit(const Limit& limit) {
    State& s = *state_;
    require_rule(s, limit);
    const Bounds& b = limit.bounds;
    if (!(b.hard_low <= b.soft_low && b.soft_low <= b.soft_high && b.soft_high <= b.hard_high))
        throw InvalidInput("bounds", "of a limit",
                           "must be ordered: hard_low, soft_low, soft_high, hard_high");
    if (!(limit.hysteresis >= 0 && std::isfinite(limit.hysteresis)))
        throw InvalidInput("hysteresis", limit.hysteresis, "must not be negative");
    const bool weighted = limit.measure == NodeMeasure::delta ||
                          limit.measure == NodeMeasure::gamma ||
                          limit.measure == NodeMeasure::vanna;
    if (weighted && s.net.keys().is_mixed(limit.dimension) && s.setup.betas.empty() &&
        s.net.underlyings().size() > 1)
        throw InvalidInput("measure", name(limit.measure),
                           "must not be added up over underlyings without betas");
    const std::uint32_t known = number_of(s.net.limits().limits(), limit);
    if (known < s.net.limits().limits().size()) return known;
    const std::uint32_t number = s.net.limits().add(limit);
    for (std::uint32_t node = 0; node < s.net.nodes().size(); ++node)
        if (s.net.is_of(limit, node)) {
            s.net.limits().attach(number, node, s.net.nodes()[node]);
            s.net.limits().look(node, s.net.nodes()[node], s.net.now());
        }
    return number;
}

std::uint32_t Inventory::set_protection(const Protection& protection) {
    State& s = *state_;
    require_rule(s, protection);
    if (protection.window <= 0 || protection.freeze < 0)
        throw InvalidInput("window", std::to_string(protection.window),
                           "must be positive, and the freeze not negative");
    for (const double most : {protection.quantity, protection.delta, protection.vega})
        if (!(most >= 0)) throw InvalidInput("protection", most, "must not be negative");
    const std::uint32_t known = number_of(s.net.protections().protections(), protection);
    if (known < s.net.protections().protections().size()) return known;
    const std::uint32_t number = s.net.protections().add(protection);
    for (std::uint32_t node = 0; node < s.net.nodes().size(); ++node)
        if (s.net.is_of(protection, node)) s.net.protections().attach(number, node);
    return number;
}

const std::vector<Limit>& Inventory::limits() const noexcept {
    return state_->net.limits().limits();
}

std::span<const LimitState> Inventory::limit_states() const noexcept {
    return state_->net.limits().states();
}

std::vector<LimitChange> Inventory::take_changes() {
    return state_->net.limits().take_changes();
}

bool Inventory::frozen(std::uint32_t node) const noexcept {
    return state_->net.protections().frozen(node, state_->net.now());
}

void Inventory::unfreeze(std::uint32_t node) noexcept {
    state_->net.protections().unfreeze(node);
}

OrderCheck Inventory::check(const Order& order) {
    State& s = *state_;
    if (order.instrument < s.closed.size() && s.closed[order.instrument])
        return {OrderCheck::Outcome::closed, 0, 0, 0};
    s.require_owner(order.owner);
    s.require_instrument(order.instrument);
    s.net.ledger().require_trade(order.owner, order.instrument, order.lots, order.price);
    s.net.require_unit(order.instrument);
    s.refresh_reach();
    const OrderEffect effect = s.net.effect_of(order);
    const Leaf& leaf = s.net.leaf_of(order.instrument, order.owner);
    for (std::size_t d = 0; d < s.net.keys().size(); ++d)
        if (s.net.protections().frozen(leaf.nodes[d], s.net.now()))
            return {OrderCheck::Outcome::frozen, leaf.nodes[d], 0, 0};
    const auto found = s.orders.find(order.id);
    std::optional<OrderEffect> replaced;
    if (found != s.orders.end()) replaced = s.net.effect_of(found->second);
    s.reach.resize(s.net.nodes().size());
    const double gross = s.gross_change(order);
    for (std::size_t i = 0; i < effect.size(); ++i) {
        const std::uint32_t node = effect.node(i);
        if (!s.net.limits().any(node)) continue;
        NodeLine change = effect.line(i);
        Reach with = s.reach[node];
        with.include(change, 1.0);
        if (change[NodeMeasure::gross] != 0) change[NodeMeasure::gross] = gross;
        for (std::size_t j = 0; replaced && j < replaced->size(); ++j)
            if (replaced->node(j) == node) with.include(replaced->line(j), -1.0);
        add(with.added, s.net.nodes()[node].line);
        add(with.taken, s.net.nodes()[node].line);
        double value = 0;
        const std::uint32_t limit =
            s.net.limits().broken(node, with.added, with.taken, change, value);
        if (limit != LimitTable::none) return {OrderCheck::Outcome::limit, node, limit, value};
    }
    return {};
}

std::size_t Inventory::live_orders() const noexcept {
    return state_->orders.size();
}

std::vector<Order> Inventory::orders() const {
    std::vector<Order> all;
    for (const auto& [id, order] : state_->orders) all.push_back(order);
    return all;
}

const Order* Inventory::order(EventId id) const noexcept {
    const auto found = state_->orders.find(id);
    return found == state_->orders.end() ? nullptr : &found->second;
}

NodeLine Inventory::most_added(std::uint32_t node) {
    state_->refresh_reach();
    return state_->reach.at(node).added;
}

NodeLine Inventory::most_taken(std::uint32_t node) {
    state_->refresh_reach();
    return state_->reach.at(node).taken;
}

}  // namespace hedgerow
