// What an Inventory holds: its netting and its live orders.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "hedgerow/base/error.hpp"
#include "hedgerow/book/inventory.hpp"
#include "netting.hpp"

namespace hedgerow {

/// How far orders could move a node: all that raise a measure filled, or all that lower it.
///
/// An order filled at its price changes a measure by an amount that no other order alters, so sums
/// of what each adds, and takes, are the worst that any of them together can do. Gross is not such
/// a sum, as positions of either sign count alike: here it is at most what all orders could add to
/// it.
struct Reach {
    NodeLine added, taken;

    /// The effect of one order, or of its end.
    void include(const NodeLine& effect, double times) noexcept {
        for (std::size_t j = 0; j < node_measure_count; ++j) {
            added.numbers[j] += times * std::max(effect.numbers[j], 0.0);
            taken.numbers[j] += times * std::min(effect.numbers[j], 0.0);
        }
    }
};

struct Inventory::State {
    struct Hash {
        std::size_t operator()(const EventId& id) const noexcept { return id.low; }
    };

    InventorySetup setup;
    Netting net;
    std::vector<bool> closed;  // instruments that are settled
    std::unordered_map<EventId, Order, Hash> orders;
    std::vector<Reach> reach;  // of the orders, by node
    std::uint64_t reach_version = 0;

    State(InventorySetup with, Instant as_of) : setup(std::move(with)), net(setup, as_of) {}

    // What an event has to satisfy.

    void require_time(Instant time) const {
        if (time < net.now())
            throw InvalidInput("time", to_string(time),
                               "must not be before the last event, " + to_string(net.now()));
    }
    bool is_open(std::uint32_t instrument) const noexcept {
        return instrument < closed.size() && !closed[instrument];
    }
    void require_open(std::uint32_t instrument) const {
        if (!is_open(instrument))
            throw InvalidInput("instrument", net.ledger().instruments()[instrument].name,
                               "must not be settled");
    }
    void require_owner(std::uint32_t owner) const {
        if (owner >= net.ledger().owners())
            throw InvalidInput("owner", std::to_string(owner), "must be known");
    }
    void require_instrument(std::uint32_t instrument) const {
        if (instrument >= net.listed())
            throw InvalidInput("instrument", std::to_string(instrument), "must be listed");
        require_open(instrument);
    }

    /// Adds instruments to the ledger, all or none; whether any is new.
    bool list(std::span<const Instrument> instruments, Mode mode) {
        std::unordered_map<std::string_view, const Instrument*> batch;
        bool any = false;
        for (const Instrument& instrument : instruments) {
            any |= net.ledger().would_list(instrument);
            require_beta(instrument.contract);
            const Instrument& first =
                *batch.try_emplace(instrument.name, &instrument).first->second;
            if (first.contract != instrument.contract || first.lot != instrument.lot)
                throw InvalidInput("name", instrument.name, "must not be another instrument's");
        }
        if (mode == Mode::check) return any;
        for (const Instrument& instrument : instruments) net.ledger().list(instrument);
        closed.resize(net.listed());
        return any;
    }
    void require_beta(const Contract& contract) const {
        if (!std::holds_alternative<Cash>(contract)) require_beta(underlying(contract));
    }
    void require_beta(const std::string& of) const {
        if (setup.betas.empty()) return;
        const auto beta = setup.betas.find(of);
        if (beta == setup.betas.end() || !std::isfinite(beta->second))
            throw InvalidInput("betas", of, "must have a finite beta, as all underlyings");
    }
    /// Money that is an underlying of a market is delta of it, and has to be weighted too.
    void require_beta_of_money(const std::string& currency, const Snapshot& market) const {
        if (market.market(currency)) require_beta(currency);
    }
    void require_beta_of_money(const std::string& currency) const {
        require_beta_of_money(currency, net.units().market().snapshot());
    }
    void require_beta_of_money(std::uint32_t currency) const {
        if (currency < net.ledger().currencies().size())  // if not, the ledger refuses it
            require_beta_of_money(net.ledger().currencies()[currency]);
    }
    void require_betas_of_money(const Snapshot& market) const {
        for (const std::string& known : net.ledger().currencies())
            require_beta_of_money(known, market);
    }

    /// Whether an event that is no fill was not counted before.
    bool is_new(EventId id, std::uint64_t content) const {
        return net.ledger().would_admit(id, content);
    }
    /// Counts it.
    void admit(EventId id, Instant time, std::uint64_t content) {
        net.ledger().admit(id, content);
        net.set_time(time);
    }

    /// Lots of an underlying that the exercise of a long option brings, or takes.
    std::int64_t lots_delivered(const Option& option, double option_lot, std::int64_t exercised,
                                std::uint32_t delivered) const {
        const Instrument& listed = net.ledger().instruments()[delivered];
        if (option.terms().settlement() != Settlement::linear)
            throw InvalidInput("delivered", listed.name, "must be none: the option pays in coin");
        if (underlying(listed.contract) != option.terms().underlying())
            throw InvalidInput("delivered", listed.name, "must be the option's underlying");
        const double right = option.right() == Right::call ? 1.0 : -1.0;
        const double units = static_cast<double>(exercised) * option_lot *
                             option.terms().multiplier() / multiplier(listed.contract);
        const std::optional<std::int64_t> lots = whole_lots(right * units, listed.lot);
        if (!lots)
            throw InvalidInput("lots", static_cast<double>(exercised),
                               "must deliver whole lots of " + listed.name);
        return *lots;
    }

    /// Counts a fill, or finds out whether it could be; false where it was counted before.
    bool fill(const Fill& fill, Mode mode) {
        Ledger& ledger = net.ledger();
        if (fill.fee_currency != Fill::of_contract) [[unlikely]]
            require_beta_of_money(fill.fee_currency);
        if (fill.time < net.now() || !is_open(fill.instrument) || mode == Mode::check)
            [[unlikely]] {
            if (!ledger.would_fill(fill)) return false;
            require_time(fill.time);
            require_instrument(fill.instrument);
            if (mode == Mode::check) return true;
        }
        Ledger::LotTrade lots;
        const std::uint32_t place = ledger.fill(fill, lots);
        if (place == Ledger::duplicate) return false;
        net.set_time(fill.time);
        follow_fill(place, fill, 1.0);
        ledger.trade(lots);
        protect(place, fill);
        return true;
    }

    /// The nodes follow a fill, or one that is taken back.
    void follow_fill(std::uint32_t place, const Fill& fill, double sign) {
        if (fill.fee_currency == Fill::of_contract) [[likely]]
            return net.follow(place, true, sign * fill.fee);
        net.follow(place, true, 0.0);
        net.follow_fee(place, fill.fee_currency, sign * fill.fee);
    }

    /// Whether all positions in an instrument can be closed at a price.
    void require_close(std::uint32_t instrument, double price) const {
        for (const Position& position : net.ledger().positions())
            if (position.instrument == instrument && position.lots != 0)
                net.ledger().require_trade(position.owner, instrument, -position.lots, price);
    }

    /// Closes all positions in an instrument, and what is owed on them, at a price.
    void close(std::uint32_t instrument, double price) {
        Ledger& ledger = net.ledger();
        for (std::uint32_t place = 0; place < net.positions().size(); ++place) {
            const Position position = ledger.positions()[place];
            if (position.instrument != instrument) continue;
            if (position.lots != 0) ledger.trade(position.owner, instrument, -position.lots, price);
            ledger.settle_margin(place, price);
            net.follow(place);
            net.follow_money(position.owner, ledger.currency_of(instrument));
        }
        closed[instrument] = true;
    }

    /// Counts a fill in the protections of its nodes.
    void protect(std::uint32_t place, const Fill& fill) {
        if (net.protections().protections().empty()) return;
        const Leaf& leaf = net.nodes().leaves()[net.positions()[place].leaf];
        const NodeLine traded = net.effect(fill.instrument, static_cast<double>(fill.lots));
        for (std::size_t d = 0; d < net.keys().size(); ++d)
            net.protections().trade(leaf.nodes[d], traded, net.now());
    }

    void end_orders_of_closed() {
        std::erase_if(orders, [&](const auto& order) { return closed[order.second.instrument]; });
        reach.clear();
    }

    // Orders.

    /// The effect of an order joins the reach of its nodes, or leaves it.
    void include(const Order& order, double times) {
        const OrderEffect effect = net.effect_of(order);
        if (reach.size() < net.nodes().size()) reach.resize(net.nodes().size());
        for (std::size_t i = 0; i < effect.size(); ++i)
            reach[effect.node(i)].include(effect.line(i), times);
    }

    /// The reach of all orders at the values now: after a tick it is made anew.
    void refresh_reach() {
        if (reach_version == net.version() && reach.size() >= net.nodes().size()) return;
        reach.assign(net.nodes().size(), {});
        for (const auto& [id, order] : orders) include(order, 1.0);
        reach.resize(net.nodes().size());
        reach_version = net.version();
    }

    /// An order becomes this one; without lots it is gone.
    void replace(const Order& order) {
        net.require_unit(order.instrument);
        refresh_reach();
        const auto before = orders.find(order.id);
        if (before != orders.end()) include(before->second, -1.0);
        if (order.lots != 0) {
            orders.insert_or_assign(order.id, order);
            include(order, 1.0);
            return;
        }
        orders.erase(order.id);
        if (orders.empty()) reach.assign(net.nodes().size(), {});  // no rounding is left behind
    }

    /// What an order alone does to the gross of its position: less than nothing where it closes.
    double gross_change(const Order& order) const noexcept {
        const std::uint32_t place = net.ledger().find(order.owner, order.instrument);
        const std::int64_t held =
            place == Ledger::duplicate ? 0 : net.ledger().positions()[place].lots;
        const double more =
            static_cast<double>(std::abs(held + order.lots)) - static_cast<double>(std::abs(held));
        return more * net.effect(order.instrument, 1.0)[NodeMeasure::gross];
    }

    /// Takes what was filled off an order that is live.
    void take_off(EventId id, std::int64_t lots) {
        const auto found = orders.find(id);
        if (found == orders.end()) return;
        Order left = found->second;
        // A venue may fill more than was known to be left.
        const bool done = std::abs(lots) >= std::abs(left.lots) || (lots > 0) != (left.lots > 0);
        left.lots = done ? 0 : left.lots - lots;
        replace(left);
    }

    const Order& live(EventId id) const {
        const auto found = orders.find(id);
        if (found == orders.end()) throw InvalidInput("order", "of this id", "must be live");
        return found->second;
    }
};

}  // namespace hedgerow
