#include "hedgerow/risk/margin.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "margin_scan.hpp"
#include "margin_totals.hpp"

namespace hedgerow {

namespace {

using risk::ExpiryTotals;
using risk::InstrumentRisk;
using risk::MarginGrid;
using risk::MarginScan;
using risk::Role;
using risk::UnitTotals;

/// Positions that are added up in one go.
constexpr std::size_t rebuilt_at_once = 64;

/// Where an instrument enters the totals.
struct Place {
    Role role;
    std::uint32_t unit;
    std::uint32_t strike;  ///< of options: one number per expiry and strike
    std::uint32_t expiry;
};

/// What a risk unit is made of.
struct Within {
    std::vector<std::uint32_t> strikes, expiries;
};

void sort_unique(std::vector<std::uint32_t>& numbers) {
    std::ranges::sort(numbers);
    numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
}

/// A risk unit as held.
struct Held {
    UnitTotals totals;
    double coins = 0;  ///< gains of inverse futures not yet paid
    double money = 0;  ///< of linear ones, in the quote currency
    double option_value = 0;
    ScanLoss scan;
    MarginRequirement requirement;
};

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

ScanLoss find_loss(std::span<const double> pnl, std::span<const double> weight) noexcept {
    ScanLoss found;
    for (std::size_t j = 0; j < pnl.size(); ++j)
        if (-weight[j] * pnl[j] > found.loss) found = {-weight[j] * pnl[j], j};
    return found;
}

Role role_of(Kind kind) {
    if (kind == Kind::option) return Role::option;
    return is_margined(kind) ? Role::future : Role::other;
}

}  // namespace

ScanLoss scan_loss(std::span<const double> pnl, std::span<const double> weight) {
    if (pnl.size() != weight.size())
        throw InvalidInput("weight", std::to_string(weight.size()) + " numbers",
                           "must be one per scenario, " + std::to_string(pnl.size()));
    return find_loss(pnl, weight);
}

struct MarginAccount::State {
    MarginRules rules;
    MarginScan scan;
    risk::ContingencyTerms contingency;
    std::vector<Place> places;
    std::vector<double> quantity, cost;  // per instrument; cost of margined contracts alone
    std::vector<unsigned char> known;    // per instrument, whether its cost is
    std::vector<double> at_strike;       // net units
    std::vector<ExpiryTotals> expiries;
    std::vector<Within> within;
    std::vector<Held> held;
    std::vector<double> pnl;  // unit after unit
    MarginRequirement total;
    std::uint64_t invalid = 0, not_margined = 0;

    State(std::shared_ptr<const ContractColumns> contracts, const Snapshot& snapshot,
          MarginRules its_rules, ThreadPool* pool)
        : rules(std::move(its_rules)),
          scan(std::move(contracts), snapshot, rules, pool),
          quantity(scan.contracts().size()),
          cost(quantity.size()),
          known(quantity.size(), 1) {
        for (const AddOn& add_on : rules.add_ons())
            if (const auto* terms = std::get_if<BasisContingency>(&add_on))
                contingency = {terms->fixed, terms->per_year};
        place();
    }

    std::size_t width() const noexcept { return scan.grid().width; }
    double* pnl_of(std::size_t unit) noexcept { return pnl.data() + unit * width(); }
    const double* pnl_of(std::size_t unit) const noexcept { return pnl.data() + unit * width(); }

    /// Numbers the strikes; expiries are the contracts' slices and one bucket per unit.
    void place() {
        const ContractColumns& c = scan.contracts();
        std::vector<std::uint32_t> options;
        for (std::uint32_t i = 0; i < c.size(); ++i)
            if (c.kind[i] == Kind::option) options.push_back(i);
        const auto key = [&](std::uint32_t i) { return std::pair(c.slice[i], c.strike[i]); };
        std::ranges::sort(options, {}, key);
        places.resize(c.size());
        std::uint32_t strikes = 0;
        for (std::size_t k = 0; k < options.size(); ++k) {
            if (k && key(options[k]) != key(options[k - 1])) ++strikes;
            places[options[k]].strike = strikes;
        }
        at_strike.resize(strikes + 1);
        place_units();
    }

    /// Units may be more after a rescan: a reporting currency that is a coin is one.
    void place_units() {
        const ContractColumns& c = scan.contracts();
        const auto slices = static_cast<std::uint32_t>(c.slices.size());
        for (std::uint32_t i = 0; i < c.size(); ++i) {
            const std::uint32_t unit = scan.unit_of(i), slice = c.slice[i];
            places[i].role = role_of(c.kind[i]);
            places[i].unit = unit;
            places[i].expiry = slice == ContractColumns::no_slice ? slices + unit : slice;
        }
        held.resize(scan.units().size());
        within.assign(held.size(), {});
        for (std::uint32_t i = 0; i < c.size(); ++i) {
            Within& unit = within[places[i].unit];
            if (places[i].role == Role::option) unit.strikes.push_back(places[i].strike);
            unit.expiries.push_back(places[i].expiry);
        }
        for (std::uint32_t unit = 0; unit < within.size(); ++unit) {
            within[unit].expiries.push_back(slices + unit);
            sort_unique(within[unit].strikes);
            sort_unique(within[unit].expiries);
        }
        pnl.resize(held.size() * width());
        expiries.resize(slices + held.size());
    }

    /// Whether instruments are of other units than before: money is where the reporting coin is.
    bool has_moved_units() const noexcept {
        if (scan.units().size() != held.size()) return true;
        for (std::uint32_t i = 0; i < places.size(); ++i)
            if (places[i].unit != scan.unit_of(i)) return true;
        return false;
    }

    /// What `quantity` of an instrument changes in its unit's totals, strike and expiry.
    void change(std::uint32_t i, double by, UnitTotals& totals, double& strike,
                ExpiryTotals& expiry) const noexcept {
        const Place& place = places[i];
        const InstrumentRisk& risk = scan.risk(i);
        risk::add_contract(totals, place.role, risk, quantity[i], -1);
        risk::add_contract(totals, place.role, risk, quantity[i] + by, 1);
        if (place.role == Role::option) {
            totals.short_at_strikes -= risk::positive(-strike);
            strike += by * risk.size;
            totals.short_at_strikes += risk::positive(-strike);
        }
        risk::add_expiry(totals, expiry, contingency, -1);
        const double* row = scan.row(i);
        expiry.delta += by * risk.delta;
        expiry.down += by * row[scan.grid().down];
        expiry.up += by * row[scan.grid().up];
        risk::add_expiry(totals, expiry, contingency, 1);
    }

    /// Adds to the cost of a margined contract. What is not stated is the mark now; where there is
    /// none, the cost stays unknown and no gain is seen.
    void add_cost(std::uint32_t i, double by, double stated) noexcept {
        const double multiplier = scan.contracts().multiplier[i];
        if (std::abs(stated * multiplier) <= largest_amount)
            cost[i] += stated;
        else if (scan.status()[i] == Status::ok)
            cost[i] += by * (scan.risk(i).accrued / multiplier);
        else
            known[i] = 0;
    }

    /// Gains not yet paid of a margined contract, in the currency it pays in.
    double accrued(std::uint32_t i) const noexcept {
        if (places[i].role != Role::future || !known[i]) return 0;
        const double gain =
            quantity[i] * scan.risk(i).accrued - cost[i] * scan.contracts().multiplier[i];
        return scan.status()[i] == Status::ok ? gain : 0;
    }

    /// Adds gains to a unit: coins move with the spot, other money with a reporting coin.
    void add_accrued(std::uint32_t i, double gain) noexcept {
        const std::uint32_t unit = places[i].unit;
        const risk::UnitMarket& market = scan.units()[unit];
        const bool inverse = scan.contracts().settlement[i] == Settlement::inverse;
        (inverse ? held[unit].coins : held[unit].money) += gain;
        double* row = pnl_of(unit);
        if (market.reporting && !inverse) {
            for (std::size_t j = 0; j < width(); ++j)
                row[j] += gain * market.quote_rate * (scan.worth()[j] - 1);
        } else if (!market.reporting && inverse) {
            for (std::size_t j = 0; j < width(); ++j)
                row[j] += gain * market.coin_rate * (scan.grid().spot_factor[j] - 1);
        }
        if (!inverse) return;
        UnitTotals& totals = held[unit].totals;
        ExpiryTotals& bucket = expiries[scan.contracts().slices.size() + unit];
        risk::add_expiry(totals, bucket, contingency, -1);
        totals.delta += gain;
        bucket.delta += gain;
        risk::add_expiry(totals, bucket, contingency, 1);
    }

    /// Adds a position to the totals of its unit; `quantity` is not yet changed.
    void add_to_totals(std::uint32_t i, double by) noexcept {
        const Place& place = places[i];
        Held& unit = held[place.unit];
        unit.option_value += by * scan.risk(i).value;
        if (!rules.add_ons().empty())
            change(i, by, unit.totals, at_strike[place.strike], expiries[place.expiry]);
    }

    /// Adds positions to the P&L of their unit, four at a time: so the sums are loaded less often.
    void add_to_pnl(std::uint32_t unit, std::span<const std::uint32_t> instruments,
                    const double* by) noexcept {
        double* to = pnl_of(unit);
        std::size_t k = 0;
        for (; k + 4 <= instruments.size(); k += 4) {
            const double *a = scan.row(instruments[k]), *b = scan.row(instruments[k + 1]),
                         *c = scan.row(instruments[k + 2]), *d = scan.row(instruments[k + 3]);
            const double p = by[k], q = by[k + 1], r = by[k + 2], s = by[k + 3];
#pragma omp simd
            for (std::size_t j = 0; j < width(); ++j)
                to[j] += (p * a[j] + q * b[j]) + (r * c[j] + s * d[j]);
        }
        for (; k < instruments.size(); ++k) {
            const double* a = scan.row(instruments[k]);
#pragma omp simd
            for (std::size_t j = 0; j < width(); ++j) to[j] += by[k] * a[j];
        }
    }

    MarginRequirement require(std::size_t unit, double loss,
                              const UnitTotals& totals) const noexcept {
        const risk::UnitMarket& market = scan.units()[unit];
        return risk::requirement(rules, loss, totals, market.spot * market.quote_rate,
                                 market.quote_rate);
    }

    void evaluate(std::size_t unit) noexcept {
        Held& h = held[unit];
        total.initial -= h.requirement.initial;
        total.maintenance -= h.requirement.maintenance;
        h.scan = find_loss({pnl_of(unit), width()}, scan.grid().weight);
        h.requirement = require(unit, h.scan.loss, h.totals);
        total.initial += h.requirement.initial;
        total.maintenance += h.requirement.maintenance;
    }

    /// Adds up one unit from its positions.
    void rebuild(std::size_t number) noexcept {
        const auto unit = static_cast<std::uint32_t>(number);
        const MarginRequirement before = held[unit].requirement;
        held[unit] = {};
        held[unit].requirement = before;
        std::fill_n(pnl_of(unit), width(), 0.0);
        for (const std::uint32_t strike : within[unit].strikes) at_strike[strike] = 0;
        for (const std::uint32_t expiry : within[unit].expiries) {
            const bool ever = expiry < scan.contracts().slices.size();
            expiries[expiry] = {ever ? scan.years(expiry) : 0.0, 0, 0, 0};
        }
        const std::span<const std::uint32_t> all = scan.units()[unit].instruments;
        for (std::size_t begin = 0; begin < all.size(); begin += rebuilt_at_once)
            rebuild_part(unit, all.subspan(begin, std::min(rebuilt_at_once, all.size() - begin)));
        UnitTotals& totals = held[unit].totals;
        for (const std::uint32_t strike : within[unit].strikes)
            totals.short_at_strikes += risk::positive(-at_strike[strike]);
        for (const std::uint32_t expiry : within[unit].expiries)
            risk::add_expiry(totals, expiries[expiry], contingency, 1);
        for (const std::uint32_t i : all)
            if (const double gain = accrued(i); gain != 0) add_accrued(i, gain);
        evaluate(unit);
    }

    /// Sums alone; what is made of the sums by strike and expiry follows at the end.
    void rebuild_part(std::uint32_t unit, std::span<const std::uint32_t> part) noexcept {
        std::uint32_t instruments[rebuilt_at_once];
        double by[rebuilt_at_once];
        std::size_t n = 0;
        Held& h = held[unit];
        for (const std::uint32_t i : part) {
            const double q = quantity[i];
            if (q == 0) continue;
            instruments[n] = i;
            by[n++] = q;
            const Place& place = places[i];
            const InstrumentRisk& risk = scan.risk(i);
            const double* row = scan.row(i);
            ExpiryTotals& expiry = expiries[place.expiry];
            risk::add_contract(h.totals, place.role, risk, q, 1);
            h.option_value += q * risk.value;
            if (place.role == Role::option) at_strike[place.strike] += q * risk.size;
            expiry.delta += q * risk.delta;
            expiry.down += q * row[scan.grid().down];
            expiry.up += q * row[scan.grid().up];
        }
        add_to_pnl(unit, {instruments, n}, by);
    }

    void count() noexcept {
        not_margined = invalid;
        for (std::size_t i = 0; i < quantity.size(); ++i) not_margined += is_left_out(i);
    }

    bool is_left_out(std::size_t i) const noexcept {
        return quantity[i] != 0 && !is_valued(scan.status()[i]);
    }

    void rebuild_all() noexcept {
        total = {};
        for (Held& h : held) h.requirement = {};
        for (std::size_t unit = 0; unit < held.size(); ++unit) rebuild(unit);
        count();
    }
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
    const Place& place = s.places[i];
    const Held& held = s.held[place.unit];
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
    const Held& held = s.held[unit];
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
