#include "limit_table.hpp"

#include <algorithm>
#include <limits>

namespace hedgerow {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The level that a value has reached, when bounds are moved inside by a margin.
LimitLevel level_of(const Bounds& bounds, double value, double margin = 0) noexcept {
    if (value > bounds.hard_high - margin || value < bounds.hard_low + margin)
        return LimitLevel::hard;
    if (value > bounds.soft_high - margin || value < bounds.soft_low + margin)
        return LimitLevel::soft;
    return LimitLevel::kept;
}

/// How far a value is out of the soft bounds, which orders peaks.
double excess(const Bounds& bounds, double value) noexcept {
    return std::max(value - std::min(bounds.soft_high, bounds.hard_high),
                    std::max(bounds.soft_low, bounds.hard_low) - value);
}

}  // namespace

const char* name(LimitLevel level) noexcept {
    switch (level) {
        case LimitLevel::kept:
            return "kept";
        case LimitLevel::soft:
            return "soft";
        case LimitLevel::hard:
            return "hard";
    }
    return "unknown";
}

void LimitTable::attach(std::uint32_t limit, std::uint32_t node, NodeRecord& record) {
    if (node >= states_of_.size()) states_of_.resize(node + 1);
    states_of_[node].push_back(static_cast<std::uint32_t>(states_.size()));
    LimitState state;
    state.limit = limit;
    state.node = node;
    states_.push_back(state);
    set_bounds(node, record);
}

/// A limit that is not kept has to be looked at whatever happens, for its peak and its end.
void LimitTable::set_bounds(std::uint32_t node, NodeRecord& record) const noexcept {
    record.low.numbers.fill(-infinity);
    record.high.numbers.fill(infinity);
    for (const std::uint32_t s : states_of(node)) {
        const Limit& limit = limits_[states_[s].limit];
        double& low = record.low[limit.measure];
        double& high = record.high[limit.measure];
        if (states_[s].level != LimitLevel::kept) low = infinity;
        low = std::max({low, limit.bounds.soft_low, limit.bounds.hard_low});
        high = std::min({high, limit.bounds.soft_high, limit.bounds.hard_high});
    }
}

void LimitTable::look(std::uint32_t node, NodeRecord& record, Instant time) {
    for (const std::uint32_t s : states_of(node)) {
        LimitState& state = states_[s];
        const Limit& limit = limits_[state.limit];
        const double value = record.line[limit.measure];
        LimitLevel level = level_of(limit.bounds, value);
        // Inside a bound, but not by as much as it takes to end a breach.
        if (level < state.level)
            level = std::max(
                level, std::min(state.level, level_of(limit.bounds, value, limit.hysteresis)));
        state.value = value;
        if (state.level == LimitLevel::kept ||
            excess(limit.bounds, value) > excess(limit.bounds, state.peak))
            state.peak = value;
        if (level == state.level) continue;
        changes_.push_back({state.limit, state.node, state.level, level, value, time});
        state.level = level;
        state.since = time;
    }
    set_bounds(node, record);
}

std::uint32_t LimitTable::broken(std::uint32_t node, const NodeLine& most, const NodeLine& least,
                                 const NodeLine& change, double& value) const noexcept {
    for (const std::uint32_t s : states_of(node)) {
        const Limit& limit = limits_[states_[s].limit];
        const double by = change[limit.measure];
        if (by > 0 && most[limit.measure] > limit.bounds.hard_high) {
            value = most[limit.measure];
            return states_[s].limit;
        }
        if (by < 0 && least[limit.measure] < limit.bounds.hard_low) {
            value = least[limit.measure];
            return states_[s].limit;
        }
    }
    return none;
}

void ProtectionTable::attach(std::uint32_t protection, std::uint32_t node) {
    if (node >= guards_of_.size()) guards_of_.resize(node + 1);
    guards_of_[node].push_back(static_cast<std::uint32_t>(guards_.size()));
    guards_.push_back({protection, false, {}, 0, 0, 0, {}});
}

void ProtectionTable::trade(Guard& guard, const NodeLine& change, Instant time) {
    const Protection& limit = protections_[guard.protection];
    while (!guard.trades.empty() &&
           time.nanoseconds - guard.trades.front().time.nanoseconds > limit.window) {
        const Trade& old = guard.trades.front();
        guard.quantity -= old.quantity;
        guard.delta -= old.delta;
        guard.vega -= old.vega;
        guard.trades.pop_front();
    }
    if (guard.trades.empty()) guard.quantity = guard.delta = guard.vega = 0;
    const Trade now{time, std::abs(change[NodeMeasure::options]), change[NodeMeasure::delta],
                    change[NodeMeasure::vega]};
    guard.trades.push_back(now);
    guard.quantity += now.quantity;
    guard.delta += now.delta;
    guard.vega += now.vega;
    if (guard.quantity > limit.quantity || std::abs(guard.delta) > limit.delta ||
        std::abs(guard.vega) > limit.vega) {
        guard.frozen = true;
        guard.until = {limit.freeze > 0 ? time.nanoseconds + limit.freeze
                                        : std::numeric_limits<std::int64_t>::max()};
        guard.trades.clear();
    }
}

bool ProtectionTable::frozen(std::uint32_t node, Instant now) const noexcept {
    if (node >= guards_of_.size()) return false;
    return std::ranges::any_of(guards_of_[node], [&](std::uint32_t g) {
        return guards_[g].frozen && now < guards_[g].until;
    });
}

void ProtectionTable::unfreeze(std::uint32_t node) noexcept {
    if (node >= guards_of_.size()) return;
    for (const std::uint32_t g : guards_of_[node]) guards_[g].frozen = false;
}

}  // namespace hedgerow
