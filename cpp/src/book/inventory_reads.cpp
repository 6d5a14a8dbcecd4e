// An inventory: what is netted, as it stands.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "hedgerow/book/inventory.hpp"
#include "inventory_state.hpp"

namespace hedgerow {

const char* name(NodeMeasure measure) noexcept {
    constexpr const char* names[node_measure_count] = {
        "value", "delta",    "gamma", "vega",    "theta",   "rho",  "vanna",         "volga",
        "pnl",   "notional", "gross", "options", "capture", "fees", "scenario_loss", "margin"};
    const auto number = static_cast<std::size_t>(measure);
    return number < node_measure_count ? names[number] : "unknown";
}

void Inventory::give(std::uint32_t node, NodeMeasure measure, double value) {
    State& s = *state_;
    if (node >= s.net.nodes().size())
        throw InvalidInput("node", std::to_string(node), "must be one of the inventory");
    if (measure != NodeMeasure::scenario_loss && measure != NodeMeasure::margin)
        throw InvalidInput("measure", name(measure), "must be scenario_loss or margin");
    require_finite("value", value);
    NodeRecord& record = s.net.nodes()[node];
    record.line[measure] = value;
    s.net.limits().look(node, record, s.net.now());
}

std::size_t Inventory::nodes() const noexcept {
    return state_->net.nodes().size();
}

const NodeName& Inventory::node_name(std::uint32_t node) const noexcept {
    return state_->net.nodes().name(node);
}

std::optional<std::uint32_t> Inventory::find(std::uint32_t dimension,
                                             std::span<const std::string> labels) const {
    if (dimension >= state_->net.keys().size())
        throw InvalidInput("dimension", std::to_string(dimension), "must be one of the setup");
    return state_->net.nodes().find(dimension, {labels.begin(), labels.end()});
}

NodeLine Inventory::read(std::uint32_t node) const noexcept {
    NodeLine line = state_->net.nodes()[node].line;
    if (state_->net.is_improper(node))
        for (const auto m : {NodeMeasure::delta, NodeMeasure::gamma, NodeMeasure::vanna})
            line[m] = std::numeric_limits<double>::quiet_NaN();
    return line;
}

std::uint32_t Inventory::open_positions(std::uint32_t node) const noexcept {
    return static_cast<std::uint32_t>(state_->net.nodes().open(node));
}

std::uint32_t Inventory::excluded_positions(std::uint32_t node) const noexcept {
    return static_cast<std::uint32_t>(state_->net.nodes().excluded(node));
}

Status Inventory::status(std::uint32_t instrument) const noexcept {
    state_->net.require_unit(instrument);
    return state_->net.units().status(instrument);
}

NodeLine Inventory::unit(std::uint32_t instrument) const noexcept {
    state_->net.require_unit(instrument);
    return state_->net.effect(instrument, 1.0);
}

double Inventory::spot(std::string_view underlying) const {
    const MovingMarket& market = state_->net.units().market();
    return market.spot(market.find(underlying));
}

Book Inventory::book() const {
    state_->net.require_units();
    const State& s = *state_;
    std::vector<std::uint32_t> contract, owner;
    std::vector<double> quantity, cost;
    for (std::size_t p = 0; p < s.net.positions().size(); ++p) {
        const Position& position = s.net.ledger().positions()[p];
        const Instrument& instrument = s.net.ledger().instruments()[position.instrument];
        const double multiplied = multiplier(instrument.contract);
        contract.push_back(position.instrument);
        owner.push_back(position.owner);
        quantity.push_back(static_cast<double>(position.lots) * instrument.lot);
        cost.push_back(-(position.traded - position.settled).value() / multiplied);
    }
    for (const Money& row : s.net.money()) {
        contract.push_back(row.holding.instrument);
        owner.push_back(row.owner);
        quantity.push_back(row.holding.lots);
        cost.push_back(row.holding.lots);
    }
    std::vector<Tag> tags;
    for (std::size_t l = 0; l < s.setup.labels.size(); ++l) {
        Tag tag{s.setup.labels[l], {}, {}};
        std::vector<std::uint32_t> code_of(s.net.ledger().owners());
        for (std::uint32_t o = 0; o < s.net.ledger().owners(); ++o) {
            const std::string& label = s.net.ledger().owner_labels(o)[l];
            const auto found = std::ranges::find(tag.labels, label);
            code_of[o] = static_cast<std::uint32_t>(found - tag.labels.begin());
            if (found == tag.labels.end()) tag.labels.push_back(label);
        }
        for (const std::uint32_t o : owner) tag.codes.push_back(code_of[o]);
        tags.push_back(std::move(tag));
    }
    std::vector<Contract> contracts;
    for (const Contract& c : s.net.units().contracts().contracts) contracts.push_back(c);
    return Book(std::move(contracts), std::move(contract), std::move(quantity), std::move(cost),
                std::move(tags));
}

Snapshot Inventory::market() const {
    return state_->net.market();
}

const Snapshot& Inventory::given_market() const noexcept {
    return state_->net.units().market().snapshot();
}

void Inventory::rebuild() {
    state_->net.require_units();
    state_->net.rebuild();
}

void Inventory::reserve(std::size_t events, std::size_t positions) {
    state_->net.ledger().reserve(events, positions);
}

}  // namespace hedgerow
