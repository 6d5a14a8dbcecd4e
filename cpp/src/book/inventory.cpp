#include "hedgerow/book/inventory.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "event_table.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/market/roll.hpp"
#include "inventory_state.hpp"

namespace hedgerow {

namespace {

constexpr std::uint32_t none = 0xffffffffu;

std::uint64_t content_of(std::initializer_list<std::uint64_t> words) noexcept {
    std::uint64_t hash = words.size();
    for (const std::uint64_t word : words) hash = detail::fold(hash, word);
    return hash;
}

std::uint64_t bits(double number) noexcept {
    return std::bit_cast<std::uint64_t>(number);
}

void require_amount(double amount) {
    if (!Amount::holds(amount)) throw InvalidInput("amount", amount, "must be at most 2^62");
}

/// What the exercise of an option gains, in its quote currency; less than nothing where it loses.
double moneyness(const Option& option, double settlement_price) noexcept {
    return (option.right() == Right::call ? 1.0 : -1.0) * (settlement_price - option.strike());
}

/// What an option pays at expiry, in its currency, as a price.
double payoff(const Option& option, double settlement_price) noexcept {
    const double paid = std::max(moneyness(option, settlement_price), 0.0);
    return option.terms().settlement() == Settlement::inverse ? paid / settlement_price : paid;
}

}  // namespace

Inventory::Inventory(InventorySetup setup, std::vector<Instrument> instruments, Snapshot market)
    : state_(std::make_unique<State>(std::move(setup), market.as_of())) {
    state_->list(instruments, Mode::apply);
    state_->require_betas_of_money(market);
    state_->net.use(std::move(market));
}

Inventory::Inventory(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Inventory::~Inventory() = default;
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;

const InventorySetup& Inventory::setup() const noexcept {
    return state_->setup;
}

const Ledger& Inventory::ledger() const noexcept {
    return state_->net.ledger();
}

Instant Inventory::now() const noexcept {
    return state_->net.now();
}

bool Inventory::list(std::span<const Instrument> instruments, Instant time, Mode mode) {
    for (const Instrument& instrument : instruments)
        state_->require_beta_of_money(hedgerow::currency(instrument.contract));
    if (!state_->list(instruments, Mode::check)) return false;
    state_->require_time(time);
    if (mode == Mode::check) return true;
    state_->list(instruments, mode);
    state_->net.set_time(time);
    return true;
}

std::uint32_t Inventory::instrument(std::string_view name) const {
    return state_->net.ledger().instrument(name);
}

std::uint32_t Inventory::owner(std::span<const std::string> labels) {
    return state_->net.ledger().owner(labels);
}

std::uint32_t Inventory::currency(const std::string& name) {
    return state_->net.ledger().currency(name);
}

void Inventory::forget_names(std::size_t owners, std::size_t currencies) {
    if (state_->net.ledger().forget_names(owners, currencies)) state_->net.forget_asked();
}

bool Inventory::fill(const Fill& fill, const std::optional<EventId>& order, Mode mode) {
    State& s = *state_;
    s.net.prefetch(fill);
    s.net.prefetch_sums(s.net.prefetch_position(fill));
    if (!s.fill(fill, mode)) return false;
    if (order && mode == Mode::apply) s.take_off(*order, fill.lots);
    return true;
}

void Inventory::fill(std::span<const Fill> fills, std::span<bool> applied, std::size_t& row) {
    // How many fills ahead what is fetched: a fill takes as long as a line from memory, or two.
    constexpr std::size_t far = 8, near = 5, next = 2;
    State& s = *state_;
    std::array<std::uint32_t, far> places;  // of positions, by row
    const auto look_ahead = [&](std::size_t at, std::size_t ahead) {
        const std::size_t i = at + ahead - far;
        if (at + ahead < far || i >= fills.size()) return;
        if (ahead == far) s.net.prefetch(fills[i]);
        if (ahead == near) places[i % far] = s.net.prefetch_position(fills[i]);
        if (ahead == next) s.net.prefetch_sums(places[i % far]);
    };
    const std::size_t rows = fills.size();
    for (std::size_t at = 0; at < rows + far; ++at) {
        for (const std::size_t ahead : {far, near, next}) look_ahead(at, ahead);
        if (at < far) continue;
        row = at - far;
        applied[row] = s.fill(fills[row], Mode::apply);
    }
}

bool Inventory::bust(const Fill& fill, Instant time, Mode mode) {
    State& s = *state_;
    if (!s.net.ledger().would_bust(fill)) return false;
    s.require_time(time);
    s.require_instrument(fill.instrument);
    if (mode == Mode::check) return true;
    const std::uint32_t place = s.net.ledger().bust(fill);
    s.net.set_time(time);
    s.follow_fill(place, fill, -1.0);
    return true;
}

bool Inventory::pay(EventId id, Instant time, std::uint32_t owner, const std::string& currency,
                    double amount, Ledger::Payment what, Mode mode) {
    State& s = *state_;
    s.require_owner(owner);
    const std::uint64_t content = content_of(
        {owner, event_id("", currency).low, bits(amount), static_cast<std::uint64_t>(what)});
    if (!s.is_new(id, content)) return false;
    s.require_time(time);
    require_amount(amount);
    s.require_beta_of_money(require_name("currency", currency));
    const std::vector<std::string>& known = s.net.ledger().currencies();
    if (std::ranges::find(known, require_name("currency", currency)) != known.end())
        s.net.ledger().require_payment(owner, this->currency(currency), amount, what);
    if (mode == Mode::check) return true;
    const std::uint32_t number = this->currency(currency);
    s.admit(id, time, content);
    s.net.ledger().pay(owner, number, amount, what);
    s.net.follow_money(owner, number);
    return true;
}

bool Inventory::fund(EventId id, Instant time, std::span<const std::uint32_t> owners,
                     std::uint32_t instrument, double amount, Mode mode) {
    State& s = *state_;
    const std::uint64_t content = content_of({instrument, bits(amount)});
    if (!s.is_new(id, content)) return false;
    s.require_time(time);
    s.require_instrument(instrument);
    require_amount(amount);
    Ledger& ledger = s.net.ledger();
    const double lot = ledger.instruments()[instrument].lot;
    const std::uint32_t currency = ledger.currency_of(instrument);
    constexpr auto funding = Ledger::Payment::funding;
    std::vector<std::pair<std::uint32_t, double>> payments;  // owner, amount
    for (const std::uint32_t owner : owners) {
        s.require_owner(owner);
        const std::uint32_t place = ledger.find(owner, instrument);
        if (place == none || ledger.positions()[place].lots == 0) continue;
        const double held = static_cast<double>(ledger.positions()[place].lots) * lot;
        payments.emplace_back(owner, -amount * held);
        ledger.require_payment(owner, currency, payments.back().second, funding);
    }
    if (mode == Mode::check) return true;
    s.admit(id, time, content);
    for (const auto& [owner, paid] : payments) {
        ledger.pay(owner, currency, paid, funding);
        s.net.follow_money(owner, currency);
    }
    return true;
}

bool Inventory::transfer(EventId id, Instant time, std::uint32_t from, std::uint32_t to,
                         std::uint32_t instrument, std::int64_t lots, double price, Mode mode) {
    State& s = *state_;
    const std::uint64_t content =
        content_of({from, to, instrument, static_cast<std::uint64_t>(lots), bits(price)});
    if (!s.is_new(id, content)) return false;
    s.require_time(time);
    s.require_owner(from);
    s.require_owner(to);
    s.require_instrument(instrument);
    if (from == to) throw InvalidInput("to", std::to_string(to), "must be another owner");
    Ledger& ledger = s.net.ledger();
    ledger.require_trade(from, instrument, -lots, price);
    ledger.require_trade(to, instrument, lots, price);
    if (mode == Mode::check) return true;
    s.admit(id, time, content);
    ledger.trade(from, instrument, -lots, price);
    ledger.trade(to, instrument, lots, price);
    s.net.follow(ledger.find(from, instrument));
    s.net.follow(ledger.find(to, instrument));
    return true;
}

bool Inventory::exercise(EventId id, Instant time, std::uint32_t owner, std::uint32_t instrument,
                         std::int64_t lots, double settlement_price,
                         const std::optional<std::uint32_t>& delivered, Mode mode) {
    State& s = *state_;
    const std::uint64_t content = content_of({owner, instrument, static_cast<std::uint64_t>(lots),
                                              bits(settlement_price), delivered.value_or(none)});
    if (!s.is_new(id, content)) return false;
    s.require_time(time);
    s.require_owner(owner);
    s.require_instrument(instrument);
    require_positive("settlement_price", settlement_price);
    Ledger& ledger = s.net.ledger();
    const Instrument& listed = ledger.instruments()[instrument];
    const Option* option = std::get_if<Option>(&listed.contract);
    if (!option) throw InvalidInput("instrument", listed.name, "must be an option");
    const std::uint32_t place = ledger.find(owner, instrument);
    const std::int64_t held = place == none ? 0 : ledger.positions()[place].lots;
    if (lots == 0 || (held > 0) == (lots > 0) || std::abs(lots) > std::abs(held))
        throw InvalidInput("lots", static_cast<double>(lots), "must close a part of the position");
    double price = payoff(*option, settlement_price);
    std::int64_t bought = 0;
    if (delivered) {
        s.require_instrument(*delivered);
        bought = s.lots_delivered(*option, listed.lot, -lots, *delivered);
        ledger.require_trade(owner, *delivered, bought, settlement_price);
        price = moneyness(*option, settlement_price);
    }
    ledger.require_trade(owner, instrument, lots, price);
    if (mode == Mode::check) return true;
    s.admit(id, time, content);
    ledger.trade(owner, instrument, lots, price);
    s.net.follow(place);
    if (delivered) {
        ledger.trade(owner, *delivered, bought, settlement_price);
        s.net.follow(ledger.find(owner, *delivered));
    }
    return true;
}

bool Inventory::settle(EventId id, Instant time, const std::string& underlying, Instant expiry,
                       const std::string& fixing, double price, Mode mode) {
    State& s = *state_;
    const std::uint64_t content = content_of({static_cast<std::uint64_t>(expiry.nanoseconds),
                                              bits(price), event_id(underlying, fixing).low});
    if (!s.is_new(id, content)) return false;
    s.require_time(time);
    require_positive("price", price);
    std::vector<std::uint32_t> settled;
    for (std::uint32_t i = 0; i < s.net.listed(); ++i) {
        const Contract& contract = s.net.ledger().instruments()[i].contract;
        const Instant* its = hedgerow::expiry(contract);
        if (its && *its == expiry && hedgerow::underlying(contract) == underlying &&
            *hedgerow::fixing(contract) == fixing)
            settled.push_back(i);
    }
    if (settled.empty())
        throw InvalidInput("underlying", underlying, "must have something that settles then");
    const auto its_price = [&](std::uint32_t i) {
        const Option* option = std::get_if<Option>(&s.net.ledger().instruments()[i].contract);
        return option ? payoff(*option, price) : price;
    };
    for (const std::uint32_t i : settled) {
        s.require_open(i);
        s.require_close(i, its_price(i));
    }
    if (mode == Mode::check) return true;
    s.admit(id, time, content);
    for (const std::uint32_t i : settled) s.close(i, its_price(i));
    s.end_orders_of_closed();
    return true;
}

bool Inventory::place(const Order& order, Instant time, Mode mode) {
    State& s = *state_;
    const std::uint64_t content = content_of(
        {order.owner, order.instrument, static_cast<std::uint64_t>(order.lots), bits(order.price)});
    if (!s.is_new(order.id, content)) return false;
    s.require_time(time);
    s.require_owner(order.owner);
    s.require_instrument(order.instrument);
    s.net.ledger().require_trade(order.owner, order.instrument, order.lots, order.price);
    if (mode == Mode::check) return true;
    s.admit(order.id, time, content);
    s.replace(order);
    return true;
}

bool Inventory::amend(EventId id, EventId order, std::int64_t lots, double price, Instant time,
                      Mode mode) {
    State& s = *state_;
    if (!s.is_new(id, order.low)) return false;
    s.require_time(time);
    Order amended = s.live(order);
    s.net.ledger().require_trade(amended.owner, amended.instrument, lots, price);
    if (mode == Mode::check) return true;
    s.admit(id, time, order.low);
    amended.lots = lots;
    amended.price = price;
    s.replace(amended);
    return true;
}

bool Inventory::cancel(EventId id, EventId order, Instant time, Mode mode) {
    State& s = *state_;
    if (!s.is_new(id, order.low)) return false;
    s.require_time(time);
    Order cancelled = s.live(order);
    if (mode == Mode::check) return true;
    s.admit(id, time, order.low);
    cancelled.lots = 0;
    s.replace(cancelled);
    return true;
}

void Inventory::move(std::string_view underlying, double spot, Instant time, Mode mode) {
    State& s = *state_;
    s.require_time(time);
    require_positive("spot", spot);
    const std::size_t market = s.net.units().market().find(underlying);
    if (mode == Mode::check) return;
    s.net.set_time(time);
    s.net.move(market, spot, time);
}

void Inventory::update(const Snapshot& market, Instant time, Mode mode) {
    State& s = *state_;
    s.require_time(time);
    if (time < market.as_of())
        throw InvalidInput("time", to_string(time),
                           "must not be before the market's " + to_string(market.as_of()));
    s.require_betas_of_money(market);
    if (mode == Mode::check) return;
    s.net.set_time(time);
    s.net.use(rolled(market, time));
}

void Inventory::advance(Instant time, Mode mode) {
    state_->require_time(time);
    if (mode == Mode::check) return;
    state_->net.set_time(time);
    state_->net.advance(time);
}

}  // namespace hedgerow
