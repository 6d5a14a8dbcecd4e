#include "margin_positions.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hedgerow::risk {

namespace {

/// Positions that are added up in one go.
constexpr std::size_t rebuilt_at_once = 64;

void sort_unique(std::vector<std::uint32_t>& numbers) {
    std::ranges::sort(numbers);
    numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
}

Role role_of(Kind kind) {
    if (kind == Kind::option) return Role::option;
    return is_margined(kind) ? Role::future : Role::other;
}

}  // namespace

ScanLoss find_loss(std::span<const double> pnl, std::span<const double> weight) noexcept {
    ScanLoss found;
    for (std::size_t j = 0; j < pnl.size(); ++j)
        if (-weight[j] * pnl[j] > found.loss) found = {-weight[j] * pnl[j], j};
    return found;
}

MarginPositions::MarginPositions(std::shared_ptr<const ContractColumns> contracts,
                                 const Snapshot& snapshot, MarginRules its_rules, ThreadPool* pool)
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

void MarginPositions::place() {
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

void MarginPositions::place_units() {
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

bool MarginPositions::has_moved_units() const noexcept {
    if (scan.units().size() != held.size()) return true;
    for (std::uint32_t i = 0; i < places.size(); ++i)
        if (places[i].unit != scan.unit_of(i)) return true;
    return false;
}

void MarginPositions::add_cost(std::uint32_t i, double by, double stated) noexcept {
    const double multiplier = scan.contracts().multiplier[i];
    if (std::abs(stated * multiplier) <= largest_amount)
        cost[i] += stated;
    else if (scan.status()[i] == Status::ok)
        cost[i] += by * (scan.risk(i).accrued / multiplier);
    else
        known[i] = 0;
}

double MarginPositions::accrued(std::uint32_t i) const noexcept {
    if (places[i].role != Role::future || !known[i]) return 0;
    const double gain =
        quantity[i] * scan.risk(i).accrued - cost[i] * scan.contracts().multiplier[i];
    return scan.status()[i] == Status::ok ? gain : 0;
}

void MarginPositions::add_accrued(std::uint32_t i, double gain) noexcept {
    const std::uint32_t unit = places[i].unit;
    const UnitMarket& market = scan.units()[unit];
    const bool inverse = scan.contracts().settlement[i] == Settlement::inverse;
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
    add_expiry(totals, bucket, contingency, -1);
    totals.delta += gain;
    bucket.delta += gain;
    add_expiry(totals, bucket, contingency, 1);
}

void MarginPositions::add_to_totals(std::uint32_t i, double by) noexcept {
    const Place& place = places[i];
    Held& unit = held[place.unit];
    unit.option_value += by * scan.risk(i).value;
    if (!rules.add_ons().empty())
        change(i, by, unit.totals, at_strike[place.strike], expiries[place.expiry]);
}

void MarginPositions::add_to_pnl(std::uint32_t unit, std::span<const std::uint32_t> instruments,
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

void MarginPositions::evaluate(std::size_t unit) noexcept {
    Held& h = held[unit];
    total.initial -= h.requirement.initial;
    total.maintenance -= h.requirement.maintenance;
    h.scan = find_loss({pnl_of(unit), width()}, scan.grid().weight);
    h.requirement = require(unit, h.scan.loss, h.totals);
    total.initial += h.requirement.initial;
    total.maintenance += h.requirement.maintenance;
}

void MarginPositions::rebuild(std::size_t number) noexcept {
    const auto unit = static_cast<std::uint32_t>(number);
    const MarginRequirement before = held[unit].requirement;
    held[unit] = {};
    held[unit].requirement = before;
    std::fill_n(pnl_of(unit), width(), 0.0);
    for (const std::uint32_t strike : within[unit].strikes) at_strike[strike] = 0;
    for (const std::uint32_t expiry : within[unit].expiries) {
        const bool expires = expiry < scan.contracts().slices.size();
        expiries[expiry] = {expires, expires ? scan.years(expiry) : 0.0};
    }
    const std::span<const std::uint32_t> all = scan.units()[unit].instruments;
    for (std::size_t begin = 0; begin < all.size(); begin += rebuilt_at_once)
        rebuild_part(unit, all.subspan(begin, std::min(rebuilt_at_once, all.size() - begin)));
    UnitTotals& totals = held[unit].totals;
    for (const std::uint32_t strike : within[unit].strikes)
        totals.short_at_strikes += positive(-at_strike[strike]);
    for (const std::uint32_t expiry : within[unit].expiries)
        add_expiry(totals, expiries[expiry], contingency, 1);
    for (const std::uint32_t i : all)
        if (const double gain = accrued(i); gain != 0) add_accrued(i, gain);
    evaluate(unit);
}

void MarginPositions::rebuild_part(std::uint32_t unit,
                                   std::span<const std::uint32_t> part) noexcept {
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
        add_contract(h.totals, place.role, risk, q, 1);
        h.option_value += q * risk.value;
        if (place.role == Role::option) at_strike[place.strike] += q * risk.size;
        expiry.delta += q * risk.delta;
        expiry.down += q * row[scan.grid().down];
        expiry.up += q * row[scan.grid().up];
    }
    add_to_pnl(unit, {instruments, n}, by);
}

void MarginPositions::count() noexcept {
    not_margined = invalid;
    for (std::size_t i = 0; i < quantity.size(); ++i) not_margined += is_left_out(i);
}

void MarginPositions::rebuild_all() noexcept {
    total = {};
    for (Held& h : held) h.requirement = {};
    for (std::size_t unit = 0; unit < held.size(); ++unit) rebuild(unit);
    count();
}

}  // namespace hedgerow::risk
