#include "hedgerow/book/ledger.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "ledger_state.hpp"

namespace hedgerow {

std::optional<std::int64_t> whole_lots(double quantity, double lot) noexcept {
    const double lots = quantity / lot;
    const double whole = std::nearbyint(lots);
    if (!(std::abs(whole) <= static_cast<double>(Ledger::largest_lots))) return {};
    if (std::abs(lots - whole) > 8 * std::numeric_limits<double>::epsilon() * std::abs(whole))
        return {};
    return static_cast<std::int64_t>(whole);
}

Ledger::Ledger(std::vector<std::string> labels) : state_(std::make_unique<State>()) {
    if (labels.empty()) throw InvalidInput("labels", "none", "must be given: owners need a name");
    for (const std::string& label : labels)
        if (require_name("labels", label); std::ranges::count(labels, label) > 1)
            throw InvalidInput("labels", label, "must be distinct");
    state_->labels = std::move(labels);
}

Ledger::~Ledger() = default;
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

const std::vector<std::string>& Ledger::labels() const noexcept {
    return state_->labels;
}

bool Ledger::would_list(const Instrument& instrument) const {
    require_name("name", instrument.name);
    require_positive("lot", instrument.lot);
    require_positive("lot x multiplier", instrument.lot * multiplier(instrument.contract));
    const std::uint32_t known = state_->find(instrument.name);
    if (known == detail::PlaceIndex::none) return true;
    const Instrument& same = state_->instruments[known];
    if (same.contract != instrument.contract || same.lot != instrument.lot)
        throw InvalidInput("name", instrument.name, "must not be another instrument's");
    return false;
}

std::uint32_t Ledger::list(const Instrument& instrument) {
    State& s = *state_;
    if (!would_list(instrument)) return s.find(instrument.name);
    const double size = instrument.lot * multiplier(instrument.contract);
    const Terms* terms = hedgerow::terms(instrument.contract);
    const Kind kind = static_cast<Kind>(instrument.contract.index());
    const std::uint32_t paid_in = currency(hedgerow::currency(instrument.contract));
    s.instruments.push_back(instrument);
    s.tradables.push_back({kind, terms ? terms->settlement() : Settlement::linear,
                           is_margined(kind), paid_in, size, instrument.lot});
    return s.instrument_index.find_or_add(detail::hash_text(instrument.name),
                                          [](std::uint32_t) { return false; });
}

const std::vector<Instrument>& Ledger::instruments() const noexcept {
    return state_->instruments;
}

std::uint32_t Ledger::instrument(std::string_view name) const {
    const std::uint32_t place = state_->find(name);
    if (place == detail::PlaceIndex::none) throw InvalidInput("instrument", name, "must be listed");
    return place;
}

std::uint32_t Ledger::owner(std::span<const std::string> values) {
    State& s = *state_;
    const std::size_t n = s.labels.size();
    if (values.size() != n)
        throw InvalidInput("owner", std::to_string(values.size()) + " labels",
                           "must have " + std::to_string(n));
    const std::uint32_t place = s.owner_index.find_or_add(hash_of(values), [&](std::uint32_t o) {
        return std::equal(values.begin(), values.end(),
                          s.owner_labels.begin() + static_cast<std::ptrdiff_t>(o * n));
    });
    if (place == s.owners) {
        s.owner_labels.insert(s.owner_labels.end(), values.begin(), values.end());
        s.balances.resize(++s.owners * s.currency_room);
    }
    return place;
}

std::size_t Ledger::owners() const noexcept {
    return state_->owners;
}

std::span<const std::string> Ledger::owner_labels(std::uint32_t owner) const noexcept {
    const std::size_t n = state_->labels.size();
    return std::span(state_->owner_labels).subspan(owner * n, n);
}

void Ledger::prefetch(const Fill& fill) const noexcept {
    const State& s = *state_;
    s.events.prefetch(fill.id);
    s.position_index.prefetch(key_of(fill.owner, fill.instrument));
    if (fill.instrument < s.tradables.size()) __builtin_prefetch(&s.tradables[fill.instrument]);
}

std::uint32_t Ledger::prefetch_position(const Fill& fill) const noexcept {
    const State& s = *state_;
    const std::uint32_t place = s.position_index.guess(key_of(fill.owner, fill.instrument));
    if (place == detail::PlaceIndex::none) return duplicate;
    __builtin_prefetch(&s.positions[place]);
    return place;
}

void Ledger::prefetch_lots(std::uint32_t place) const noexcept {
    const Position& position = state_->positions[place];
    __builtin_prefetch(&state_->lots[position.first_lot], 1);
    __builtin_prefetch(&state_->lots[position.last_lot], 1);
}

std::uint32_t Ledger::fill(const Fill& fill) {
    LotTrade lots;
    const std::uint32_t place = this->fill(fill, lots);
    if (place != duplicate) trade(lots);
    return place;
}

void Ledger::trade(const LotTrade& lots) {
    State& s = *state_;
    s.trade_lots(s.positions[lots.position], lots.held, lots.bought, lots.worth, lots.fill);
}

std::uint32_t Ledger::fill(const Fill& fill, LotTrade& lots) {
    State& s = *state_;
    Counted counted = s.require_fill(fill);
    if (!s.has_room(fill, counted, 1)) [[unlikely]] {
        if (!would_admit(fill.id, content_of(fill))) return duplicate;
        State::refuse_room(fill.lots);
    }
    if (!s.admit(fill.id, content_of(fill))) return duplicate;
    if (counted.place == detail::PlaceIndex::none)
        counted.place = s.position(fill.owner, fill.instrument);
    Position& position = s.positions[counted.place];
    lots = {counted.place, position.lots, fill.lots, counted.worth, fill.id.low};
    position.average_cost = State::average_after(position, fill.lots, counted.worth);
    s.book(position, fill.lots, counted.paid);
    s.book_fee(fill.owner, counted.fee_currency, counted.fee);
    return counted.place;
}

bool Ledger::would_fill(const Fill& fill) const {
    const Counted counted = state_->require_fill(fill);
    if (!would_admit(fill.id, content_of(fill))) return false;
    if (!state_->has_room(fill, counted, 1)) State::refuse_room(fill.lots);
    return true;
}

bool Ledger::would_bust(const Fill& fill) const {
    const Counted counted = state_->require_fill(fill);
    switch (state_->events.look(fill.id, content_of(fill))) {
        case detail::EventTable::Found::withdrawn:
            return false;
        case detail::EventTable::Found::same:
            if (!state_->has_room(fill, counted, -1)) State::refuse_room(-fill.lots);
            return true;
        default:
            throw InvalidInput("id", "of a bust", "must be of a fill that was counted, as it was");
    }
}

std::uint32_t Ledger::bust(const Fill& fill) {
    if (!would_bust(fill)) return duplicate;
    State& s = *state_;
    const Counted counted = state_->require_fill(fill);
    s.events.withdraw(fill.id, content_of(fill));
    Position& position = s.positions[counted.place];
    position.average_cost = State::average_after(position, -fill.lots, counted.worth);
    std::int64_t left = fill.lots;
    for (std::uint32_t at = position.first_lot; at != 0; at = s.lots[at].next) {
        OpenLot& lot = s.lots[at];
        if (lot.fill != fill.id.low || (lot.lots > 0) != (left > 0)) continue;
        const std::int64_t still = std::abs(lot.lots) < std::abs(left) ? lot.lots : left;
        lot.lots -= still;
        left -= still;
        break;
    }
    while (position.first_lot != 0 && s.lots[position.first_lot].lots == 0)
        s.drop_first_lot(position);
    const std::int64_t open = position.lots - (fill.lots - left);
    if (left != 0) s.trade_lots(position, open, -left, counted.worth, fill.id.low);
    s.book(position, -fill.lots, -counted.paid);
    s.book_fee(fill.owner, counted.fee_currency, -counted.fee);
    return counted.place;
}

bool Ledger::admit(EventId id, std::uint64_t content) {
    return state_->admit(id, content);
}

bool Ledger::would_admit(EventId id, std::uint64_t content) const {
    return State::is_new(state_->events.look(id, content));
}

void Ledger::require_trade(std::uint32_t owner, std::uint32_t instrument, std::int64_t lots,
                           double price) const {
    State& s = *state_;
    s.require(owner, instrument);
    const Amount paid = s.amount_of(lots, s.worth_of(instrument, price));
    s.require_room(owner, instrument, lots, paid);
}

void Ledger::trade(std::uint32_t owner, std::uint32_t instrument, std::int64_t lots, double price) {
    State& s = *state_;
    s.require(owner, instrument);
    const double worth = s.worth_of(instrument, price);
    const Amount paid = s.amount_of(lots, worth);
    s.require_room(owner, instrument, lots, paid);
    s.trade(s.positions[s.position(owner, instrument)], lots, worth, paid, 0);
}

CashBalance Ledger::after_payment(std::uint32_t owner, std::uint32_t currency, double amount,
                                  Payment what) const {
    const State& s = *state_;
    if (owner >= s.owners) refuse_number("owner", owner, s.owners);
    if (currency >= s.currencies.size()) refuse_number("currency", currency, s.currencies.size());
    if (!Amount::holds(amount)) refuse("amount", amount, "must be at most 2^62");
    const Amount paid = Amount::of(amount);
    CashBalance balance = s.balance(owner, currency);
    balance.cash += paid;
    if (what == Payment::invested) balance.invested += paid;
    if (what == Payment::fee) balance.fees -= paid;
    if (what == Payment::funding) balance.funding -= paid;
    for (const Amount sum : {balance.cash, balance.invested, balance.fees, balance.funding})
        if (!sum.is_moderate()) refuse("amount", amount, "must leave sums of at most 2^62");
    return balance;
}

void Ledger::require_payment(std::uint32_t owner, std::uint32_t currency, double amount,
                             Payment what) const {
    after_payment(owner, currency, amount, what);
}

void Ledger::pay(std::uint32_t owner, std::uint32_t currency, double amount, Payment what) {
    const CashBalance after = after_payment(owner, currency, amount, what);
    state_->balance(owner, currency) = after;
}

void Ledger::settle_margin(std::uint32_t place, double price) {
    State& s = *state_;
    Position& position = s.positions.at(place);
    const Tradable& of = s.tradables[position.instrument];
    if (!of.margined) return;
    const double worth = s.worth_of(position.instrument, price);
    const Amount won = position.traded + Amount::of(static_cast<double>(position.lots) * worth);
    CashBalance& balance = s.balance(position.owner, of.currency);
    balance.cash += won - position.settled;
    balance.traded += won - position.settled;
    position.settled = won;
}

const std::vector<Position>& Ledger::positions() const noexcept {
    return state_->positions;
}

std::uint32_t Ledger::find(std::uint32_t owner, std::uint32_t instrument) const noexcept {
    return state_->find(owner, instrument);
}

const std::vector<std::string>& Ledger::currencies() const noexcept {
    return state_->currencies;
}

std::uint32_t Ledger::currency(const std::string& name) {
    State& s = *state_;
    const auto found = std::ranges::find(s.currencies, require_name("currency", name));
    if (found != s.currencies.end())
        return static_cast<std::uint32_t>(found - s.currencies.begin());
    s.currencies.push_back(name);
    if (s.currencies.size() > s.currency_room) {
        std::vector<CashBalance> wider(s.owners * 2 * s.currency_room);
        for (std::size_t i = 0; i < s.balances.size(); ++i)
            wider[i / s.currency_room * 2 * s.currency_room + i % s.currency_room] = s.balances[i];
        s.balances.swap(wider);
        s.currency_room *= 2;
    }
    return static_cast<std::uint32_t>(s.currencies.size() - 1);
}

bool Ledger::forget_names(std::size_t owners, std::size_t currencies) {
    State& s = *state_;
    if (owners >= s.owners && currencies >= s.currencies.size()) return false;
    const std::size_t n = s.labels.size();
    s.owners = std::min(owners, s.owners);
    s.owner_labels.resize(s.owners * n);
    s.balances.resize(s.owners * s.currency_room);
    s.currencies.resize(std::min(currencies, s.currencies.size()));
    s.owner_index = detail::PlaceIndex(s.owners);
    for (std::uint32_t o = 0; o < s.owners; ++o)
        s.owner_index.find_or_add(hash_of(owner_labels(o)), [](std::uint32_t) { return false; });
    return true;
}

double Ledger::lot(std::uint32_t instrument) const noexcept {
    return state_->tradables[instrument].lot;
}

std::uint32_t Ledger::currency_of(std::uint32_t instrument) const noexcept {
    return state_->tradables[instrument].currency;
}

const CashBalance& Ledger::balance(std::uint32_t owner, std::uint32_t currency) const noexcept {
    return state_->balance(owner, currency);
}

Amount Ledger::fifo_cost(std::uint32_t position) const noexcept {
    Amount cost;
    for (std::uint32_t at = state_->positions[position].first_lot; at != 0;
         at = state_->lots[at].next)
        cost += State::cost_of(state_->lots[at]);
    return cost;
}

std::vector<Ledger::OpenLot> Ledger::open_lots(std::uint32_t position) const {
    std::vector<OpenLot> open;
    for (std::uint32_t at = state_->positions.at(position).first_lot; at != 0;
         at = state_->lots[at].next)
        if (state_->lots[at].lots != 0) open.push_back(state_->lots[at]);
    return open;
}

detail::EventTable& Ledger::events() const noexcept {
    return state_->events;
}

CashBalance& Ledger::money(std::uint32_t owner, std::uint32_t currency) noexcept {
    return state_->balance(owner, currency);
}

/// Adds a position as another ledger had it.
void Ledger::adopt(const Position& position, std::span<const OpenLot> lots) {
    State& s = *state_;
    Position& its = s.positions[s.position(position.owner, position.instrument)];
    its.lots = position.lots;
    its.traded = position.traded;
    its.settled = position.settled;
    its.average_cost = position.average_cost;
    for (const OpenLot& lot : lots) s.append_lot(its, {lot.lots, lot.worth, lot.fill, 0});
}

std::size_t Ledger::known_events() const noexcept {
    return state_->events.size();
}

void Ledger::reserve(std::size_t events, std::size_t positions) {
    state_->events.reserve(events);
    state_->positions.reserve(positions);
    state_->lots.reserve(positions);
}

}  // namespace hedgerow
