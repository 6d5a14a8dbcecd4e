// An image of an inventory: all but its ledger, its limits and protections.
#include "inventory_image.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace hedgerow {

void InventoryImage::write(ImageWriter& to, const InventorySetup& setup) {
    to.put(setup.labels);
    to.put_count(setup.dimensions.size());
    for (const Dimension& dimension : setup.dimensions) to.put(dimension.keys);
    to.put_count(setup.tenors.size());
    for (const double days : setup.tenors) to.put(days);
    to.put_count(setup.betas.size());
    for (const auto& [underlying, beta] : setup.betas) {
        to.put(underlying);
        to.put(beta);
    }
}

InventorySetup InventoryImage::read_setup(ImageReader& from) {
    InventorySetup setup;
    setup.labels = from.texts();
    setup.dimensions.resize(from.count(sizeof(std::uint64_t)));
    for (Dimension& dimension : setup.dimensions) dimension.keys = from.texts();
    setup.tenors.resize(from.count(sizeof(double)));
    for (double& days : setup.tenors) days = from.number();
    for (std::size_t left = from.count(2 * sizeof(std::uint64_t)); left > 0; --left) {
        std::string underlying = from.text();
        setup.betas.emplace(std::move(underlying), from.number());
    }
    return setup;
}

void InventoryImage::write_closed(ImageWriter& to, const Inventory::State& state) {
    for (const bool closed : state.closed) to.put(closed);
}

void InventoryImage::read_closed(ImageReader& from, Inventory::State& state) {
    state.closed.resize(state.net.listed());
    for (std::size_t i = 0; i < state.closed.size(); ++i) state.closed[i] = from.flag();
}

/// Which market it is, where its spots have moved to, and the averages of its windows.
void InventoryImage::write_market(ImageWriter& to, const Netting& net) {
    const MovingMarket& market = net.units().market();
    to.put(market.snapshot().as_of());
    to.put(market.snapshot().rates().reporting());
    to.put_count(market.size());
    for (std::size_t m = 0; m < market.size(); ++m) {
        to.put(market.snapshot().markets()[m].underlying());
        to.put(market.base_spot(m));
        to.put(market.spot(m));
    }
    to.put(net.observed_);
    to.put_count(net.averaged_.size());
    for (const Netting::Averaged& averaged : net.averaged_) to.put(averaged.sum);
}

void InventoryImage::read_market(ImageReader& from, Netting& net, Snapshot market) {
    bool same = from.instant() == market.as_of();
    same = from.text() == market.rates().reporting() && same;
    std::vector<double> spots(from.count(3 * sizeof(std::uint64_t)));
    same = spots.size() == market.markets().size() && same;
    for (std::size_t m = 0; m < spots.size(); ++m) {
        const std::string underlying = from.text();
        const double base = from.number();
        same = same && underlying == market.markets()[m].underlying() &&
               base == market.markets()[m].spot();
        spots[m] = from.number();
        from.require(spots[m] > 0 && std::isfinite(spots[m]));
    }
    const Instant observed = from.instant();
    std::vector<double> sums(from.count(sizeof(double)));
    for (double& sum : sums) sum = from.number();
    net.watch_windows(market);
    if (!same || sums.size() != net.averaged_.size())
        throw InvalidInput("market", to_string(market.as_of()), "must be the image's");
    net.observed_ = observed;
    for (std::size_t a = 0; a < sums.size(); ++a) net.averaged_[a].sum = sums[a];
    net.resolve_units(std::move(market));
    for (std::size_t m = 0; m < spots.size(); ++m)
        if (spots[m] != net.units().market().base_spot(m)) net.units_->move(m, spots[m]);
}

void InventoryImage::write_nodes(ImageWriter& to, const Netting& net) {
    to.put_count(net.nodes_.size());
    for (std::size_t node = 0; node < net.nodes_.size(); ++node) {
        to.put(net.nodes_.name(node).dimension);
        to.put(net.nodes_.name(node).labels);
        to.put(net.underlying_of_node_[node]);
        to.put(net.nodes_[node].line[NodeMeasure::scenario_loss]);
        to.put(net.nodes_[node].line[NodeMeasure::margin]);
    }
}

void InventoryImage::read_nodes(ImageReader& from, Netting& net) {
    const std::size_t nodes = from.count(4 * sizeof(std::uint64_t));
    for (std::size_t number = 0; number < nodes; ++number) {
        const std::uint32_t dimension = from.place(net.keys().size());
        std::vector<std::string> labels = from.texts();
        from.require(labels.size() == net.setup_.dimensions[dimension].keys.size());
        from.require(net.nodes_.node(dimension, std::move(labels)) == number);
        net.underlying_of_node_.push_back(from.text());
        NodeLine& line = net.nodes_[number].line;
        line[NodeMeasure::scenario_loss] = from.number();
        line[NodeMeasure::margin] = from.number();
    }
}

void InventoryImage::write_holdings(ImageWriter& to, const Netting& net) {
    for (const Holding& holding : net.positions_) {
        to.put(holding.capture);
        to.put(holding.fees);
    }
    to.put_count(net.money_.size());
    for (const Money& money : net.money_) {
        to.put(money.owner);
        to.put(money.currency);
    }
}

void InventoryImage::read_holdings(ImageReader& from, Netting& net) {
    for (const Position& position : net.ledger_.positions()) {
        Holding& holding = net.positions_.emplace_back();
        holding.instrument = position.instrument;
        holding.lots = static_cast<double>(position.lots);
        holding.traded = position.traded.value();
        if (net.units_->terms(net.units_->bundle_of(position.instrument)).margined)
            holding.owed = (position.traded - position.settled).value();
        holding.capture = from.number();
        holding.fees = from.number();
    }
    std::vector<bool> known(net.ledger_.owners() * net.ledger_.currencies().size());
    for (std::size_t left = from.count(2 * sizeof(std::uint32_t)); left > 0; --left) {
        Money& money = net.money_.emplace_back();
        money.owner = from.place(net.ledger_.owners());
        money.currency = from.place(net.ledger_.currencies().size());
        const std::size_t at = money.owner * net.ledger_.currencies().size() + money.currency;
        from.require(!known[at]);
        known[at] = true;
        const CashBalance& balance = net.ledger_.balance(money.owner, money.currency);
        money.holding.lots = balance.cash.value();
        money.holding.traded = balance.charges().value();
    }
}

void InventoryImage::write_orders(ImageWriter& to, const Inventory::State& state) {
    std::vector<Order> orders;
    for (const auto& [id, order] : state.orders) orders.push_back(order);
    std::ranges::sort(orders, {},
                      [](const Order& order) { return std::pair(order.id.high, order.id.low); });
    to.put_count(orders.size());
    for (const Order& order : orders) {
        to.put(order.id);
        to.put(order.owner);
        to.put(order.instrument);
        to.put(order.lots);
        to.put(order.price);
    }
}

void InventoryImage::read_orders(ImageReader& from, Inventory::State& state) {
    const std::size_t orders = from.count(5 * sizeof(std::uint64_t));
    state.orders.reserve(orders);
    for (std::size_t i = 0; i < orders; ++i) {
        Order order;
        order.id = from.id();
        order.owner = from.place(state.net.ledger().owners());
        order.instrument = from.place(state.net.listed());
        order.lots = from.integer();
        order.price = from.number();
        from.require(order.lots != 0 && order.lots <= Ledger::largest_lots &&
                     order.lots >= -Ledger::largest_lots && !state.closed[order.instrument]);
        from.require(state.orders.emplace(order.id, order).second);
    }
}

std::vector<std::byte> InventoryImage::write(const Inventory::State& state) {
    ImageWriter to;
    write(to, state.setup);
    to.put(state.net.now());
    write(to, state.net.ledger());
    write_closed(to, state);
    write_market(to, state.net);
    write_nodes(to, state.net);
    write_rules(to, state.net);
    write_holdings(to, state.net);
    write_orders(to, state);
    write_events(to, state.net.ledger());
    return std::move(to).finish();
}

Inventory InventoryImage::read(ImageReader& from, Snapshot market) {
    InventorySetup setup = read_setup(from);
    auto state = std::make_unique<Inventory::State>(std::move(setup), from.instant());
    read(from, state->net.ledger());
    read_closed(from, *state);
    read_market(from, state->net, std::move(market));
    read_nodes(from, state->net);
    read_rules(from, state->net);
    read_holdings(from, state->net);
    read_orders(from, *state);
    read_events(from, state->net.ledger());
    from.finish();
    state->net.rebuild();
    return Inventory(std::move(state));
}

std::vector<std::byte> Inventory::image() const {
    return InventoryImage::write(*state_);
}

Inventory Inventory::restore(std::span<const std::byte> image, Snapshot market) {
    ImageReader from(image);
    try {
        return InventoryImage::read(from, std::move(market));
    } catch (const InvalidInput& error) {
        if (error.argument() == "image" || error.argument() == "market") throw;
        throw InvalidInput("image", "by its " + error.argument(), error.rule());
    }
}

}  // namespace hedgerow
