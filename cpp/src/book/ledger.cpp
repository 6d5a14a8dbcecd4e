#include "hedgerow/book/ledger.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "../base/place_index.hpp"
#include "event_table.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/contract/columns.hpp"

namespace hedgerow {

namespace {

using detail::fold;

/// What a fill says, but for its time: a venue that reports one again may give another.
std::uint64_t content_of(const Fill& fill) noexcept {
    std::uint64_t hash = fold(std::uint64_t{fill.owner} << 32 | fill.instrument,
                              static_cast<std::uint64_t>(fill.lots));
    hash = fold(hash, std::bit_cast<std::uint64_t>(fill.price));
    return fold(hash, std::bit_cast<std::uint64_t>(fill.fee) ^ fill.fee_currency);
}

/// What of an instrument a fill needs to know.
struct Tradable {
    Kind kind;
    Settlement settlement;
    bool margined;
    std::uint32_t currency;
    double size;  // of a lot: contracts times multiplier
    double lot;
};

std::uint64_t hash_of(std::span<const std::string> labels) noexcept {
    std::uint64_t hash = 0;
    for (const std::string& label : labels) hash = fold(hash, label);
    return hash;
}

std::size_t key_of(std::uint32_t owner, std::uint32_t instrument) noexcept {
    return std::size_t{owner} * 0x100000001b3u ^ instrument;
}

[[noreturn, gnu::cold]] void refuse(const char* argument, double value, const char* rule) {
    throw InvalidInput(argument, value, rule);
}

[[noreturn, gnu::cold]] void refuse_number(const char* argument, std::size_t number,
                                           std::size_t count) {
    throw InvalidInput(argument, std::to_string(number), "must be below " + std::to_string(count));
}

}  // namespace

std::optional<std::int64_t> whole_lots(double quantity, double lot) noexcept {
    const double lots = quantity / lot;
    const double whole = std::nearbyint(lots);
    if (!(std::abs(whole) <= static_cast<double>(Ledger::largest_lots))) return {};
    if (std::abs(lots - whole) > 8 * std::numeric_limits<double>::epsilon() * std::abs(whole))
        return {};
    return static_cast<std::int64_t>(whole);
}

/// What a fill comes to, once it is found to be one that can be counted.
struct Ledger::Counted {
    double worth;
    Amount paid, fee;
    std::uint32_t fee_currency;
    std::uint32_t place;  // of its position, where there is one
};

struct Ledger::State {
    std::vector<std::string> labels;
    std::vector<std::string> owner_labels;  // of one owner after the other
    std::vector<Instrument> instruments;
    std::vector<Tradable> tradables;
    std::vector<std::string> currencies;
    std::vector<Position> positions;
    std::vector<CashBalance> balances;  // owner by owner, currency_room numbers each
    std::size_t owners = 0, currency_room = 4;
    detail::PlaceIndex owner_index, instrument_index, position_index;
    detail::EventTable events;
    std::vector<OpenLot, detail::HugeAllocator<OpenLot>> lots{
        OpenLot{}};  // the first stands for none
    std::uint32_t free_lots = 0;

    CashBalance& balance(std::uint32_t owner, std::uint32_t currency) noexcept {
        return balances[owner * currency_room + currency];
    }
    const CashBalance& balance(std::uint32_t owner, std::uint32_t currency) const noexcept {
        return balances[owner * currency_room + currency];
    }

    std::uint32_t take_lot(const OpenLot& lot) {
        if (free_lots == 0) {
            lots.push_back(lot);
            return static_cast<std::uint32_t>(lots.size() - 1);
        }
        const std::uint32_t place = free_lots;
        free_lots = lots[place].next;
        lots[place] = lot;
        return place;
    }

    void drop_first_lot(Position& position) noexcept {
        const std::uint32_t place = position.first_lot;
        position.first_lot = lots[place].next;
        if (position.first_lot == 0) position.last_lot = 0;
        lots[place].next = free_lots;
        free_lots = place;
    }

    static Amount cost_of(const OpenLot& lot) noexcept {
        return Amount::of(static_cast<double>(lot.lots) * lot.worth);
    }

    void append_lot(Position& position, const OpenLot& lot) {
        const std::uint32_t place = take_lot(lot);
        (position.last_lot == 0 ? position.first_lot : lots[position.last_lot].next) = place;
        position.last_lot = place;
    }

    /// Closes lots first in, first out; what is more opens the other side.
    void close_lots(Position& position, std::int64_t bought, double worth, std::uint64_t fill) {
        while (bought != 0 && position.first_lot != 0) {
            OpenLot& lot = lots[position.first_lot];
            if (std::abs(lot.lots) > std::abs(bought)) {
                lot.lots += bought;
                return;
            }
            bought += lot.lots;  // nothing, where it was busted
            drop_first_lot(position);
        }
        if (bought != 0) append_lot(position, {bought, worth, fill, 0});
    }

    /// Whether a trade opens more of what is held, rather than to close it.
    static bool opens(std::int64_t held, std::int64_t bought) noexcept {
        return held == 0 || (held > 0) == (bought > 0);
    }
    void trade_lots(Position& position, std::int64_t held, std::int64_t bought, double worth,
                    std::uint64_t fill) {
        // All open lots are of the side that is held: to add one takes no look at them.
        if (opens(held, bought))
            append_lot(position, {bought, worth, fill, 0});
        else
            close_lots(position, bought, worth, fill);
    }

    /// The cost of what is open after a trade, at its average.
    static double average_after(const Position& position, std::int64_t bought,
                                double worth) noexcept {
        const std::int64_t before = position.lots, after = before + bought;
        if (opens(before, bought))
            return position.average_cost + static_cast<double>(bought) * worth;
        if (after == 0) return 0;
        if ((after > 0) != (before > 0)) return static_cast<double>(after) * worth;
        return position.average_cost * (static_cast<double>(after) / static_cast<double>(before));
    }

    void trade(Position& position, std::int64_t bought, double worth, Amount paid,
               std::uint64_t fill) {
        position.average_cost = average_after(position, bought, worth);
        trade_lots(position, position.lots, bought, worth, fill);
        book(position, bought, paid);
    }

    /// Quantity, payments and profit.
    void book(Position& position, std::int64_t bought, Amount paid) noexcept {
        position.lots += bought;
        position.traded -= paid;
        if (tradables[position.instrument].margined) return;
        CashBalance& balance =
            this->balance(position.owner, tradables[position.instrument].currency);
        balance.cash -= paid;
        balance.traded -= paid;
    }

    void book_fee(std::uint32_t owner, std::uint32_t currency, Amount fee) noexcept {
        CashBalance& balance = this->balance(owner, currency);
        balance.cash -= fee;
        balance.fees += fee;
    }

    std::uint32_t find(std::string_view name) const noexcept {
        return instrument_index.find(detail::hash_text(name),
                                     [&](std::uint32_t i) { return instruments[i].name == name; });
    }
    std::uint32_t find(std::uint32_t owner, std::uint32_t instrument) const noexcept {
        return position_index.find(key_of(owner, instrument), [&](std::uint32_t p) {
            return positions[p].instrument == instrument && positions[p].owner == owner;
        });
    }

    std::uint32_t position(std::uint32_t owner, std::uint32_t instrument) {
        const std::uint32_t place =
            position_index.find_or_add(key_of(owner, instrument), [&](std::uint32_t p) {
                return positions[p].instrument == instrument && positions[p].owner == owner;
            });
        if (place == positions.size()) {
            positions.emplace_back();
            positions.back().owner = owner;
            positions.back().instrument = instrument;
        }
        return place;
    }

    void require(std::uint32_t owner, std::uint32_t instrument) const {
        if (owner >= owners) refuse_number("owner", owner, owners);
        if (instrument >= tradables.size())
            refuse_number("instrument", instrument, tradables.size());
    }

    /// Worth of one lot at a price.
    double worth_of(std::uint32_t instrument, double price) const {
        const Tradable& of = tradables[instrument];
        if (!std::isfinite(price)) refuse("price", price, "must be finite");
        if (of.margined && of.settlement == Settlement::inverse && price <= 0)
            refuse("price", price, "must be positive where a future pays in coin");
        const double worth = worth_at(of.kind, of.settlement, price) * of.size;
        if (!std::isfinite(worth)) refuse("price", price, "must leave a worth that is finite");
        return worth;
    }

    Amount amount_of(std::int64_t lots_traded, double worth) const {
        if (lots_traded == 0) refuse("lots", 0, "must not be zero");
        if (std::abs(static_cast<double>(lots_traded)) > static_cast<double>(largest_lots))
            refuse("lots", static_cast<double>(lots_traded), "must be at most 2^53");
        const double amount = static_cast<double>(lots_traded) * worth;
        if (!Amount::holds(amount)) refuse("amount", amount, "must be at most 2^62");
        return Amount::of(amount);
    }

    /// Whether an event that was looked for is new; one of the same id must be the same.
    static bool is_new(detail::EventTable::Found found) {
        if (found == detail::EventTable::Found::other) [[unlikely]]
            throw InvalidInput("id", "of an event", "must not be of another one that was counted");
        return found == detail::EventTable::Found::added;
    }
    bool admit(const EventId& id, std::uint64_t content) { return is_new(events.add(id, content)); }

    /// What a fill comes to. Part of its callers: its numbers stay in registers.
    [[gnu::always_inline]] Counted require_fill(const Fill& fill) const {
        require(fill.owner, fill.instrument);
        const Tradable& of = tradables[fill.instrument];
        if (fill.price < 0 && !of.margined) refuse("price", fill.price, "must not be negative");
        const double worth = worth_of(fill.instrument, fill.price);
        const Amount paid = amount_of(fill.lots, worth);
        if (!Amount::holds(fill.fee)) refuse("fee", fill.fee, "must be at most 2^62");
        const std::uint32_t fee_currency =
            fill.fee_currency == Fill::of_contract ? of.currency : fill.fee_currency;
        if (fee_currency >= currencies.size())
            refuse_number("fee_currency", fee_currency, currencies.size());
        return {worth, paid, Amount::of(fill.fee), fee_currency, find(fill.owner, fill.instrument)};
    }

    /// Whether quantity and sums keep within their bounds after a trade.
    bool has_room(std::uint32_t owner, std::uint32_t instrument, std::uint32_t place,
                  std::int64_t bought, Amount paid) const noexcept {
        const CashBalance& money = balance(owner, tradables[instrument].currency);
        const bool moderate =
            (money.cash - paid).is_moderate() && (money.traded - paid).is_moderate();
        if (place == detail::PlaceIndex::none) return moderate;
        const Position& position = positions[place];
        const std::int64_t after = position.lots + bought;  // of two numbers of 54 bits
        return moderate && after <= largest_lots && after >= -largest_lots &&
               (position.traded - paid).is_moderate();
    }
    /// The same after a fill or, with `times` -1, after it is taken back.
    bool has_room(const Fill& fill, const Counted& counted, int times) const noexcept {
        const Amount paid = times < 0 ? -counted.paid : counted.paid;
        if (!has_room(fill.owner, fill.instrument, counted.place, times * fill.lots, paid))
            return false;
        if (fill.fee == 0) return true;
        const Tradable& of = tradables[fill.instrument];
        const CashBalance& money = balance(fill.owner, counted.fee_currency);
        const Amount fee = times < 0 ? -counted.fee : counted.fee;
        Amount cash = money.cash;
        if (!of.margined && counted.fee_currency == of.currency) cash -= paid;
        return (cash - fee).is_moderate() && (money.fees + fee).is_moderate();
    }
    [[noreturn, gnu::cold]] static void refuse_room(std::int64_t bought) {
        refuse("lots", static_cast<double>(bought),
               "must leave a position of at most 2^53 and sums of money of at most 2^62");
    }
    void require_room(std::uint32_t owner, std::uint32_t instrument, std::int64_t bought,
                      Amount paid) const {
        if (!has_room(owner, instrument, find(owner, instrument), bought, paid))
            refuse_room(bought);
    }
};

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
