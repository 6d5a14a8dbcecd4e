#include "hedgerow/risk/margin.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "margin_positions.hpp"

namespace hedgerow {

namespace {

using risk::ExpiryTotals;
using risk::Role;
using risk::UnitTotals;

/// The worst of P&L + quantity x unit. Four at a time: each waits for the one before it.
double worst_loss(const double* weight, const double* pnl, const double* unit, double quantity,
                  std::size_t width) noexcept {
    double worst[4] = {0, 0, 0, 0};
    for (std::size_t j = 0; j < width; j += 4)
        for (std::size_t k = 0; k < 4; ++k) {
            const double loss = -weight[j + k] * (pnl[j + k] + quantity * unit[j + k]);
            worst[k] = loss > worst[k] ? loss : worst[k];
        }
    return std::max(std::max(worst[0], worst[1]), std::max(worst[2], worst[3]));
}

}  // namespace

ScanLoss scan_loss(std::span<const double> pnl, std::span<const double> weight) {
    if (pnl.size() != weight.size())
        throw InvalidInput("weight", std::to_string(weight.size()) + " numbers",
                           "must be one per scenario, " + std::to_string(pnl.size()));
    return risk::find_loss(pnl, weight);
}

struct MarginAccount::State : risk::MarginPositions {
    using MarginPositions::MarginPositions;
};

MarginAccount::MarginAccount(std::shared_ptr<const ContractColumns> contracts,
                             const Snapshot& snapshot, MarginRules rules, ThreadPool* pool)
    : state_(std::make_unique<State>(std::move(contracts), snapshot, std::move(rules), pool)) {
    state_->rebuild_all();
}

MarginAccount::MarginAccount(const Book& book, const Snapshot& snapshot, MarginRules rules,
                             ThreadPool* pool)
    : MarginAccount(book.contracts(), snapshot, std::move(rules), pool) {
    State& s = *state_;
    const ContractColumns& contracts = s.scan.contracts();
    for (std::size_t row = 0; row < book.size(); ++row) {
        const std::uint32_t i = book.contract()[row];
        const double quantity = book.quantity()[row], multiplier = contracts.multiplier[i];
        if (!(std::abs(quantity * multiplier) <= largest_amount)) {
            ++s.invalid;
            continue;
        }
        s.quantity[i] += quantity;
        if (!is_margined(contracts.kind[i])) continue;
        s.add_cost(i, quantity, book.cost()[row]);
    }
    s.rebuild_all();
}

MarginAccount::~MarginAccount() = default;
MarginAccount::MarginAccount(MarginAccount&&) noexcept = default;
MarginAccount& MarginAccount::operator=(MarginAccount&&) noexcept = default;

void MarginAccount::add(std::size_t instrument, double quantity, double cost) {
    State& s = *state_;
    if (instrument >= s.quantity.size())
        throw InvalidInput("instrument", static_cast<double>(instrument),
                           "must be below " + std::to_string(s.quantity.size()));
    const auto i = static_cast<std::uint32_t>(instrument);
    const double multiplier = s.scan.contracts().multiplier[i];
    if (!(std::abs((s.quantity[i] + quantity) * multiplier) <= largest_amount))
        throw InvalidInput("quantity", quantity, "must be finite and keep within 1e90 units");
    const bool stated = std::abs(cost * multiplier) <= largest_amount;
    if (!stated && !std::isnan(cost)) throw InvalidInput("cost", cost, "must be within 1e90");
    const bool left_out = s.is_left_out(i);
    const double before = s.accrued(i);
    s.add_to_totals(i, quantity);
    s.add_to_pnl(s.places[i].unit, {&i, 1}, &quantity);
    s.quantity[i] += quantity;
    if (s.places[i].role == Role::future) {
        s.add_cost(i, quantity, cost);
        if (stated) s.add_accrued(i, s.accrued(i) - before);
    }
    s.not_margined += s.is_left_out(i);
    s.not_margined -= left_out;
    s.evaluate(s.places[i].unit);
}

void MarginAccount::rescan(const Snapshot& snapshot, ThreadPool* pool) {
    State& s = *state_;
    s.scan.rescan(snapshot, pool);
    if (s.has_moved_units()) s.place_units();
    s.rebuild_all();
}

void MarginAccount::move(std::size_t unit, double spot) {
    State& s = *state_;
    require_positive("spot", spot);
    if (unit >= s.held.size() || !s.scan.units()[unit].known)
        throw InvalidInput("unit", static_cast<double>(unit), "must be a risk unit with a market");
    s.scan.move(unit, spot);
    s.rebuild(unit);
    s.count();
}

MarginRequirement MarginAccount::requirement() const noexcept {
    return state_->total;
}

MarginRequirement MarginAccount::marginal(std::size_t instrument, double quantity) const noexcept {
    const State& s = *state_;
    const auto i = static_cast<std::uint32_t>(instrument);
    if (s.scan.status()[i] != Status::ok) return {};
    const risk::Place& place = s.places[i];
    const risk::Held& held = s.held[place.unit];
    const double loss = worst_loss(s.scan.grid().weight.data(), s.pnl_of(place.unit), s.scan.row(i),
                                   quantity, s.width());
    UnitTotals totals = held.totals;
    if (!s.rules.add_ons().empty()) {
        double strike = s.at_strike[place.strike];
        ExpiryTotals expiry = s.expiries[place.expiry];
        s.change(i, quantity, totals, strike, expiry);
    }
    const MarginRequirement then = s.require(place.unit, loss, totals);
    return {then.initial - held.requirement.initial,
            then.maintenance - held.requirement.maintenance};
}

std::size_t MarginAccount::instruments() const noexcept {
    return state_->quantity.size();
}

const std::shared_ptr<const ContractColumns>& MarginAccount::contracts() const noexcept {
    return state_->scan.shared();
}

const MarginRules& MarginAccount::rules() const noexcept {
    return state_->rules;
}

const std::string& MarginAccount::reporting_currency() const noexcept {
    return state_->scan.reporting();
}

std::span<const double> MarginAccount::quantity() const noexcept {
    return state_->quantity;
}

std::span<const Status> MarginAccount::status() const noexcept {
    return state_->scan.status();
}

std::span<const double> MarginAccount::unit_pnl(std::size_t instrument) const noexcept {
    return {state_->scan.row(instrument), state_->scan.grid().scenarios};
}

std::uint64_t MarginAccount::not_margined() const noexcept {
    return state_->not_margined;
}

std::size_t MarginAccount::units() const noexcept {
    return state_->held.size();
}

std::size_t MarginAccount::find(std::string_view underlying) const {
    const auto& units = state_->scan.units();
    const auto found = std::ranges::find(units, underlying, &risk::UnitMarket::underlying);
    if (found == units.end())
        throw InvalidInput("underlying", underlying, "must be one of an instrument");
    return static_cast<std::size_t>(found - units.begin());
}

const std::string& MarginAccount::underlying(std::size_t unit) const noexcept {
    return state_->scan.units()[unit].underlying;
}

MarginRequirement MarginAccount::requirement(std::size_t unit) const noexcept {
    return state_->held[unit].requirement;
}

std::span<const double> MarginAccount::pnl(std::size_t unit) const noexcept {
    return {state_->pnl_of(unit), state_->scan.grid().scenarios};
}

MarginUnit MarginAccount::unit(std::size_t unit) const {
    const State& s = *state_;
    const risk::Held& held = s.held[unit];
    const risk::UnitMarket& market = s.scan.units()[unit];
    MarginUnit result{market.underlying, held.requirement, held.scan, held.option_value, {}, {}};
    const auto row = pnl(unit);
    result.pnl.assign(row.begin(), row.end());
    for (const AddOn& add_on : s.rules.add_ons())
        result.add_ons.push_back(
            risk::amount(add_on, held.totals, market.spot * market.quote_rate, market.quote_rate));
    return result;
}

}  // namespace hedgerow
