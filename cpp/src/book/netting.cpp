#include "netting.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "hedgerow/market/roll.hpp"
#include "hedgerow/market/shock.hpp"

namespace hedgerow {

namespace {

constexpr std::uint32_t none = 0xffffffffu;

Kind kind_of(const Contract& contract) noexcept {
    return static_cast<Kind>(contract.index());
}

std::vector<bool> mixed_dimensions(const InventorySetup& setup, const DimensionKeys& keys) {
    std::vector<bool> mixed(keys.size());
    for (std::size_t d = 0; d < keys.size(); ++d)
        mixed[d] = keys.is_mixed(d) && !setup.betas.empty();
    return mixed;
}

}  // namespace

Netting::Netting(const InventorySetup& setup, Instant as_of)
    : setup_(setup),
      weighted_(!setup.betas.empty()),
      keys_(setup),
      ledger_(setup.labels),
      nodes_(mixed_dimensions(setup, keys_)),
      now_(as_of) {}

void Netting::use(Snapshot market) {
    watch_windows(market);
    resolve_units(std::move(market));
    rebuild();
}

void Netting::widen() {
    std::vector<double> spots;
    for (std::size_t m = 0; m < units_->market().size(); ++m)
        spots.push_back(units_->market().spot(m));
    resolve_units(units_->market().snapshot());
    for (std::size_t m = 0; m < spots.size(); ++m)
        if (spots[m] != units_->market().base_spot(m)) units_->move(m, spots[m]);
    rebuild();
}

void Netting::advance(Instant time) {
    observe(time);
    const Instant before = units_->market().snapshot().as_of();
    UnitLines later = units_->in(at(time));
    const bool alike = later.is_like(*units_) &&
                       std::ranges::all_of(units_->contracts().slices, [&](const Slice& slice) {
                           return keys_.is_same(slice.expiry, before, time);
                       });
    watch_windows(later.market().snapshot());
    units_ = std::move(later);
    if (!alike) return rebuild();
    for (std::uint32_t bundle = 0; bundle < units_->bundles(); ++bundle) revalue(bundle);
    look_at_all();
}

/// The averages of a market's windows go on from here.
void Netting::watch_windows(const Snapshot& market) {
    observed_ = market.as_of();
    averaged_.clear();
    for (std::size_t m = 0; m < market.markets().size(); ++m)
        for (std::size_t w = 0; w < market.markets()[m].settlement_windows().size(); ++w)
            averaged_.push_back({m, w});
}

/// The spots have been what they are until now.
void Netting::observe(Instant time) noexcept {
    if (averaged_.empty()) return;
    const std::vector<UnderlyingMarket>& markets = units_->market().snapshot().markets();
    for (Averaged& a : averaged_)
        a.sum += units_->market().spot(a.market) *
                 markets[a.market].settlement_windows()[a.window].overlap(observed_, time);
    observed_ = time;
}

/// The market some time later, the averages as observed.
Snapshot Netting::at(Instant time) const {
    const Snapshot before = market(), after = rolled(before, time);
    if (averaged_.empty()) return after;
    std::vector<std::vector<SettlementWindow>> windows(after.markets().size());
    for (const Averaged& a : averaged_)
        windows[a.market].push_back(
            before.markets()[a.market].settlement_windows()[a.window].observed(before.as_of(),
                                                                               a.sum, time));
    std::vector<UnderlyingMarket> markets;
    for (std::size_t m = 0; m < windows.size(); ++m)
        markets.push_back(after.markets()[m].with_settlement_windows(std::move(windows[m])));
    return Snapshot(time, std::move(markets), after.rates());
}

void Netting::resolve_units(Snapshot market) {
    std::vector<Contract> contracts;
    std::vector<double> sizes;
    for (const Instrument& instrument : ledger_.instruments()) {
        contracts.push_back(instrument.contract);
        sizes.push_back(instrument.lot * multiplier(instrument.contract));
    }
    for (const std::string& currency : ledger_.currencies()) {
        contracts.push_back(Cash(currency));
        sizes.push_back(1.0);
    }
    united_ = ledger_.instruments().size();
    units_.emplace(resolve(std::move(contracts)), sizes, std::move(market));
}

Snapshot Netting::market() const {
    const MovingMarket& moving = units_->market();
    Snapshot snapshot = moving.snapshot();
    for (std::size_t m = 0; m < moving.size(); ++m)
        if (moving.spot(m) != moving.base_spot(m))
            snapshot =
                shocked(snapshot, moving.spot(m) / moving.base_spot(m), 0.0,
                        SmileDynamics::sticky_strike, moving.snapshot().markets()[m].underlying());
    return snapshot;
}

void Netting::move(std::size_t market, double spot, Instant time) {
    observe(time);
    const std::vector<std::uint32_t>& moved = units_->move(market, spot);
    if (units_->statuses_changed()) return rebuild();
    for (const std::uint32_t bundle : moved) revalue(bundle);
    look_at_all();
}

void Netting::rebuild() {
    nodes_.clear();
    leaves_asked_.clear();
    leaves_held_.clear();
    held_.assign(units_->bundles(), {});
    for (std::uint32_t place = 0; place < positions_.size(); ++place)
        settle_in(positions_[place], ledger_.positions()[place].owner);
    for (Money& row : money_) {
        row.holding.instrument = static_cast<std::uint32_t>(cash_unit(row.currency));
        settle_in(row.holding, row.owner);
    }
    for (std::uint32_t bundle = 0; bundle < units_->bundles(); ++bundle) revalue(bundle);
    look_at_all();
}

std::vector<std::string> Netting::underlyings() const {
    std::vector<std::string> all;
    for (const Instrument& instrument : ledger_.instruments())
        if (kind_of(instrument.contract) != Kind::cash &&
            std::ranges::find(all, underlying(instrument.contract)) == all.end())
            all.push_back(underlying(instrument.contract));
    return all;
}

// Leaves and nodes ------------------------------------------------------------------------------

std::uint32_t Netting::node_of(std::size_t dimension, const Contract& contract,
                               std::span<const std::string> owner) {
    const auto d = static_cast<std::uint32_t>(dimension);
    const std::size_t before = nodes_.size();
    const Snapshot& market = units_->market().snapshot();
    const std::uint32_t node =
        nodes_.node(d, keys_.labels(dimension, contract, owner, market.as_of()));
    if (nodes_.size() > before) {
        underlying_of_node_.emplace_back();
        for (std::uint32_t l = 0; l < limits_.limits().size(); ++l)
            if (is_of(limits_.limits()[l], node)) limits_.attach(l, node, nodes_[node]);
        for (std::uint32_t p = 0; p < protections_.protections().size(); ++p)
            if (is_of(protections_.protections()[p], node)) protections_.attach(p, node);
    }
    if (kind_of(contract) != Kind::cash ||
        market.market(underlying(contract))) {  // coins are delta
        std::string& of = underlying_of_node_[node];
        if (of.empty())
            of = underlying(contract);
        else if (of != underlying(contract))
            of = several;
    }
    return node;
}

std::uint32_t Netting::leaf_number(std::size_t unit, std::uint32_t owner) {
    NodesOfLeaf at{};
    for (std::size_t d = 0; d < keys_.size(); ++d)
        at[d] = node_of(d, units_->contracts().contracts[unit], ledger_.owner_labels(owner));
    const std::uint32_t bundle = units_->bundle_of(unit);
    return nodes_.leaf(at, bundle, weights(bundle));
}

/// The leaf of what an owner has of an instrument or of a currency, or would have.
std::uint32_t Netting::leaf_place(std::uint32_t unit, std::uint32_t owner) {
    const std::uint32_t place = unit < instruments() ? ledger_.find(owner, unit) : none;
    if (place < positions_.size()) return positions_[place].leaf;
    const auto [found, added] = leaves_asked_.try_emplace(std::uint64_t{owner} << 32 | unit, 0u);
    if (added) found->second = leaf_number(unit, owner);
    return found->second;
}

/// What a bundle counts where several underlyings are added up.
Weights Netting::weights(std::uint32_t bundle) const {
    const MovingMarket& market = units_->market();
    const std::size_t m = units_->market_of(bundle);
    if (!weighted_ || m == market.size()) return {};
    const auto beta = setup_.betas.find(market.snapshot().markets()[m].underlying());
    if (beta == setup_.betas.end()) return {0.0, 0.0};  // of no instrument
    const double dollars = beta->second * market.spot(m);
    return {dollars, dollars * dollars / 100};
}

/// Puts a holding into its leaf and its bundle.
void Netting::settle_in(Holding& holding, std::uint32_t owner) {
    const std::uint32_t series = units_->contracts().series[holding.instrument];
    const std::uint64_t alike = keys_.is_within_series() ? holding.instrument : series;
    const std::uint64_t key = std::uint64_t{owner} << 32 | alike;
    const auto known = leaves_held_.find(key);
    if (known != leaves_held_.end()) {
        holding.leaf = known->second;
    } else {
        holding.leaf = leaf_number(holding.instrument, owner);
        leaves_held_.emplace(key, holding.leaf);
    }
    Leaf& leaf = nodes_.leaves()[holding.leaf];
    holding.size = units_->size(holding.instrument);
    const bool left_out = !is_valued(units_->status(holding.instrument));
    Held& held = held_[leaf.bundle];
    holding.place = left_out ? Holding::left_out : static_cast<std::uint32_t>(held.lots.size());
    if (holding.lots != 0) count(holding, leaf, 1);
    leaf.fees += holding.fees;
    leaf.capture += holding.capture;
    if (left_out) return;
    held.unit.push_back(holding.instrument);
    held.rank.push_back(leaf.rank);
    held.lots.push_back(holding.lots);
    leaf.units += holding.lots * holding.size;
    leaf.gross += std::abs(holding.lots) * holding.size;
    leaf.traded += holding.traded;
    leaf.owed += holding.owed;
}

/// Positions of the ledger that are new here.
void Netting::adopt_positions() {
    while (positions_.size() < ledger_.positions().size()) {
        const Position& position = ledger_.positions()[positions_.size()];
        require_unit(position.instrument);
        positions_.emplace_back().instrument = position.instrument;
        settle_in(positions_.back(), position.owner);
    }
}

/// The row of an owner's money in a currency.
std::uint32_t Netting::money_in(std::uint32_t owner, std::uint32_t currency) {
    if (currency >= currency_room_ || money_of_.size() < ledger_.owners() * currency_room_) {
        currency_room_ = std::max<std::size_t>(currency_room_, std::bit_ceil(currency + 1u));
        money_of_.assign(std::bit_ceil(ledger_.owners()) * currency_room_, none);
        for (std::size_t i = 0; i < money_.size(); ++i)
            money_of_[money_[i].owner * currency_room_ + money_[i].currency] =
                static_cast<std::uint32_t>(i);
    }
    std::uint32_t& place = money_of_[owner * currency_room_ + currency];
    if (place == none) {
        place = static_cast<std::uint32_t>(money_.size());
        Money& row = money_.emplace_back();
        row.owner = owner;
        row.currency = currency;
        row.holding.instrument = static_cast<std::uint32_t>(cash_unit(currency));
        settle_in(row.holding, owner);
    }
    return place;
}

// Sums --------------------------------------------------------------------------------------------

/// A holding becomes another: what that changes in its leaf.
NodeLine Netting::change(Holding& holding, Leaf& leaf, const BundleTerms& terms, double lots,
                         double traded, double owed) noexcept {
    const double more = lots - holding.lots, gross = std::abs(lots) - std::abs(holding.lots);
    const double paid = traded - holding.traded, owes = owed - holding.owed;
    if ((lots != 0) != (holding.lots != 0)) [[unlikely]]
        count(holding, leaf, lots != 0 ? 1 : -1);
    holding.lots = lots;
    holding.traded = traded;
    holding.owed = owed;
    if (holding.is_left_out()) return {};
    held_[leaf.bundle].lots[holding.place] = lots;
    const double units = more * holding.size, unsigned_units = gross * holding.size;
    leaf.units += units;
    leaf.gross += unsigned_units;
    leaf.traded += paid;
    leaf.owed += owes;
    const UnitLine& unit = (*units_)[holding.instrument];
    const double value = more * unit[0];
    return {{value + owes * terms.rate, more * unit[1] + owes * terms.won_delta, more * unit[2],
             more * unit[3], more * unit[4], more * unit[5], more * unit[6], more * unit[7],
             (terms.cash ? 0.0 : value) + paid * terms.rate, units * terms.notional,
             unsigned_units * terms.notional, terms.option ? units : 0.0, 0, 0, 0, 0}};
}

/// The same of money, of which a unit has a value and a delta alone.
MoneyChange Netting::change(Holding& cash, Leaf& leaf, const CashBalance& balance) noexcept {
    const double amount = balance.cash.value(), charges = balance.charges().value();
    const double more = amount - cash.lots, paid = charges - cash.traded;
    if ((amount != 0) != (cash.lots != 0)) [[unlikely]]
        count(cash, leaf, amount != 0 ? 1 : -1);
    cash.lots = amount;
    cash.traded = charges;
    if (cash.is_left_out()) return {};
    held_[leaf.bundle].lots[cash.place] = amount;
    leaf.units += more;
    leaf.gross += std::abs(amount) - std::abs(amount - more);
    leaf.traded += paid;
    const UnitLine& unit = (*units_)[cash.instrument];
    return {more * unit[0], more * unit[1], paid * units_->terms(leaf.bundle).rate};
}

void Netting::follow(std::uint32_t place, bool captures, double fee) {
    if (place >= positions_.size()) [[unlikely]]
        adopt_positions();
    const Position& position = ledger_.positions()[place];
    Holding& holding = positions_[place];
    Leaf* leaf = &nodes_.leaves()[holding.leaf];
    const BundleTerms& terms = units_->terms(leaf->bundle);
    NodeLine line =
        change(holding, *leaf, terms, static_cast<double>(position.lots), position.traded.value(),
               terms.margined ? (position.traded - position.settled).value() : 0.0);
    if (captures) {
        const double captured = line[NodeMeasure::pnl], fees = fee * terms.rate;
        line[NodeMeasure::capture] = captured;
        line[NodeMeasure::fees] = fees;
        holding.capture += captured;
        holding.fees += fees;
        leaf->capture += captured;
        leaf->fees += fees;
    }
    if (fee == 0 && terms.margined) return look(nodes_.add_to(*leaf, line));
    if (holding.money == Holding::no_money) [[unlikely]] {
        holding.money = money_in(position.owner, ledger_.currency_of(position.instrument));
        leaf = &nodes_.leaves()[holding.leaf];  // the money may have made a new one
    }
    Money& row = money_[holding.money];
    Holding& cash = row.holding;
    Leaf& money = nodes_.leaves()[cash.leaf];
    const MoneyChange paid = change(cash, money, ledger_.balance(row.owner, row.currency));
    if (leaf->money != cash.leaf) [[unlikely]]
        nodes_.pair(*leaf, cash.leaf);
    look(nodes_.add_to(*leaf, line, money, paid));
}

void Netting::follow_fee(std::uint32_t place, std::uint32_t currency, double fee) {
    follow_money(ledger_.positions()[place].owner, currency);
    Holding& holding = positions_[place];
    Leaf& leaf = nodes_.leaves()[holding.leaf];
    NodeLine line;
    line[NodeMeasure::fees] = fee * units_->terms(units_->bundle_of(cash_unit(currency))).rate;
    holding.fees += line[NodeMeasure::fees];
    leaf.fees += line[NodeMeasure::fees];
    look(nodes_.add_to(leaf, line));
}

void Netting::follow_money(std::uint32_t owner, std::uint32_t currency) {
    if (cash_unit(currency) >= units_->contracts().size()) widen();  // its first payment
    Holding& cash = money_[money_in(owner, currency)].holding;
    const CashBalance& balance = ledger_.balance(owner, currency);
    Leaf& leaf = nodes_.leaves()[cash.leaf];
    look(nodes_.add_to(leaf, change(cash, leaf, balance)));
}

NodeLine Netting::effect(std::uint32_t instrument, double lots) const noexcept {
    const BundleTerms& terms = units_->terms(units_->bundle_of(instrument));
    const UnitLine& unit = (*units_)[instrument];
    const double size = lots * units_->size(instrument);
    NodeLine line;
    if (!is_valued(units_->status(instrument))) return line;
    for (std::size_t j = 0; j < 8; ++j) line.numbers[j] = lots * unit[j];
    line[NodeMeasure::notional] = size * terms.notional;
    line[NodeMeasure::gross] = std::abs(size) * terms.notional;
    line[NodeMeasure::options] = terms.option ? size : 0.0;
    return line;
}

/// The line of a leaf from the sums of its lots times their units, and what no spot changes.
NodeLine Netting::line_of(const Leaf& leaf, const double* greeks) const noexcept {
    const BundleTerms& terms = units_->terms(leaf.bundle);
    NodeLine line;
    std::copy_n(greeks, 8, line.numbers.begin());
    line[NodeMeasure::pnl] = (terms.cash ? 0.0 : greeks[0]) + leaf.traded * terms.rate;
    line[NodeMeasure::value] += leaf.owed * terms.rate;
    line[NodeMeasure::delta] += leaf.owed * terms.won_delta;
    line[NodeMeasure::notional] = leaf.units * terms.notional;
    line[NodeMeasure::gross] = leaf.gross * terms.notional;
    line[NodeMeasure::options] = terms.option ? leaf.units : 0.0;
    line[NodeMeasure::capture] = leaf.capture;
    line[NodeMeasure::fees] = leaf.fees;
    return line;
}

/// Adds up what a bundle's holdings are worth now, and gives the nodes the change.
void Netting::revalue(std::uint32_t bundle) {
    const Weights now_weights = weights(bundle);
    const std::span<const std::uint32_t> leaves = nodes_.leaves_of(bundle);
    const Held& held = held_[bundle];
    sums_.assign(8 * leaves.size(), 0.0);
    add_units(units_->lines(), held.unit.data(), held.lots.data(), held.rank.data(),
              held.lots.size(), sums_.data());
    for (std::size_t rank = 0; rank < leaves.size(); ++rank) {
        Leaf& leaf = nodes_.leaves()[leaves[rank]];
        nodes_.replace(leaf, line_of(leaf, sums_.data() + 8 * rank), now_weights);
    }
    ++version_;
}

void Netting::look(const NodeTable::Beyond& beyond) {
    for (std::uint32_t mask = beyond.mask; mask != 0; mask &= mask - 1) {
        const std::uint32_t node = beyond.nodes[static_cast<std::size_t>(std::countr_zero(mask))];
        limits_.look(node, nodes_[node], now_);
    }
}

void Netting::look_at_all() {
    for (std::uint32_t node = 0; node < nodes_.size(); ++node)
        limits_.look(node, nodes_[node], now_);
}

}  // namespace hedgerow
