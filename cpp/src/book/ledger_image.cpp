// An image of an inventory: its ledger.
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include "inventory_image.hpp"

namespace hedgerow {

namespace {

void write(ImageWriter& to, const Terms& terms) {
    to.put(terms.settlement());
    to.put(terms.underlying());
    to.put(terms.quote_currency());
    to.put(terms.currency());
    to.put(terms.multiplier());
}

Terms read_terms(ImageReader& from) {
    const auto settlement = static_cast<Settlement>(from.below(3));
    std::string underlying = from.text(), quote_currency = from.text(), currency = from.text();
    const double multiplier = from.number();
    switch (settlement) {
        case Settlement::linear:
            return Terms::linear(std::move(underlying), std::move(quote_currency), multiplier);
        case Settlement::inverse:
            return Terms::inverse(std::move(underlying), std::move(quote_currency), multiplier);
        case Settlement::quanto:
            break;
    }
    return Terms::quanto(std::move(underlying), std::move(quote_currency), std::move(currency),
                         multiplier);
}

void write(ImageWriter& to, const Contract& contract) {
    to.put(static_cast<Kind>(contract.index()));
    if (const Cash* cash = std::get_if<Cash>(&contract)) to.put(cash->currency());
    if (const Spot* spot = std::get_if<Spot>(&contract)) {
        to.put(spot->underlying());
        to.put(spot->currency());
    }
    if (const Terms* its = terms(contract)) write(to, *its);
    if (const Future* future = std::get_if<Future>(&contract)) {
        to.put(future->expiry());
        to.put(future->fixing());
    }
    if (const Option* option = std::get_if<Option>(&contract)) {
        to.put(option->expiry());
        to.put(option->strike());
        to.put(option->right() == Right::call);
        to.put(option->exercise());
        to.put(option->fixing());
    }
}

Contract read_contract(ImageReader& from) {
    switch (static_cast<Kind>(from.below(std::variant_size_v<Contract>))) {
        case Kind::cash:
            return Cash(from.text());
        case Kind::spot: {
            std::string underlying = from.text();
            return Spot(std::move(underlying), from.text());
        }
        case Kind::future: {
            Terms terms = read_terms(from);
            const Instant expiry = from.instant();
            return Future(std::move(terms), expiry, from.text());
        }
        case Kind::perpetual:
            return Perpetual(read_terms(from));
        case Kind::option:
            break;
    }
    Terms terms = read_terms(from);
    const Instant expiry = from.instant();
    const double strike = from.number();
    const Right right = from.flag() ? Right::call : Right::put;
    const auto exercise = static_cast<Exercise>(from.below(2));
    return Option(std::move(terms), expiry, strike, right, exercise, from.text());
}

void write(ImageWriter& to, Amount amount) {
    to.put(amount.high());
    to.put(amount.low());
}

Amount read_amount(ImageReader& from) {
    const std::int64_t high = from.integer();
    const Amount amount = Amount::of_halves(high, from.word());
    from.require(amount.is_moderate());
    return amount;
}

void write(ImageWriter& to, const CashBalance& money) {
    for (const Amount sum : {money.cash, money.invested, money.traded, money.fees, money.funding})
        write(to, sum);
}

CashBalance read_money(ImageReader& from) {
    CashBalance money;
    for (Amount* sum : {&money.cash, &money.invested, &money.traded, &money.fees, &money.funding})
        *sum = read_amount(from);
    return money;
}

double read_finite(ImageReader& from) {
    const double number = from.number();
    from.require(std::isfinite(number));
    return number;
}

std::int64_t read_lots(ImageReader& from) {
    const std::int64_t lots = from.integer();
    from.require(lots <= Ledger::largest_lots && lots >= -Ledger::largest_lots);
    return lots;
}

/// Lots of one sign that add up to a position, and whose cost is an amount.
void read_open_lots(ImageReader& from, std::int64_t held, std::vector<Ledger::OpenLot>& lots) {
    lots.resize(from.count(3 * sizeof(std::uint64_t)));
    Amount cost;
    for (Ledger::OpenLot& lot : lots) {
        lot.lots = read_lots(from);
        lot.worth = read_finite(from);
        lot.fill = from.word();
        lot.next = 0;
        from.require(lot.lots != 0 && (lot.lots > 0) == (held > 0) &&
                     std::abs(lot.lots) <= std::abs(held));
        held -= lot.lots;
        const double each = static_cast<double>(lot.lots) * lot.worth;
        from.require(Amount::holds(each));
        cost += Amount::of(each);
        from.require(cost.is_moderate());
    }
    from.require(held == 0);
}

}  // namespace

void InventoryImage::write(ImageWriter& to, const Ledger& ledger) {
    to.put(ledger.currencies());
    to.put_count(ledger.instruments().size());
    for (const Instrument& instrument : ledger.instruments()) {
        to.put(instrument.name);
        hedgerow::write(to, instrument.contract);
        to.put(instrument.lot);
    }
    to.put_count(ledger.owners());
    for (std::uint32_t owner = 0; owner < ledger.owners(); ++owner) {
        for (const std::string& label : ledger.owner_labels(owner)) to.put(label);
        for (std::uint32_t currency = 0; currency < ledger.currencies().size(); ++currency)
            hedgerow::write(to, ledger.balance(owner, currency));
    }
    to.put_count(ledger.positions().size());
    for (std::uint32_t place = 0; place < ledger.positions().size(); ++place) {
        const Position& position = ledger.positions()[place];
        to.put(position.owner);
        to.put(position.instrument);
        to.put(position.lots);
        hedgerow::write(to, position.traded);
        hedgerow::write(to, position.settled);
        to.put(position.average_cost);
        const std::vector<Ledger::OpenLot> lots = ledger.open_lots(place);
        to.put_count(lots.size());
        for (const Ledger::OpenLot& lot : lots) {
            to.put(lot.lots);
            to.put(lot.worth);
            to.put(lot.fill);
        }
    }
}

void InventoryImage::write_events(ImageWriter& to, const Ledger& ledger) {
    to.put_count(ledger.known_events());
    ledger.events().each([&](const EventId& id, std::uint64_t content) {
        to.put(id);
        to.put(content);
    });
}

void InventoryImage::read(ImageReader& from, Ledger& ledger) {
    for (const std::string& name : from.texts()) {
        const std::size_t known = ledger.currencies().size();
        from.require(ledger.currency(name) == known);
    }
    const std::size_t currencies = ledger.currencies().size();
    const std::size_t instruments = from.count(2 * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < instruments; ++i) {
        std::string name = from.text();
        Contract contract = read_contract(from);
        from.require(ledger.list({std::move(name), std::move(contract), from.number()}) == i);
    }
    from.require(ledger.currencies().size() == currencies);

    const std::size_t owners = from.count(sizeof(std::uint64_t));
    std::vector<std::string> labels(ledger.labels().size());
    for (std::size_t i = 0; i < owners; ++i) {
        for (std::string& label : labels) label = from.text();
        const std::uint32_t owner = ledger.owner(labels);
        from.require(owner == i);
        for (std::uint32_t currency = 0; currency < currencies; ++currency)
            ledger.money(owner, currency) = read_money(from);
    }

    const std::size_t positions = from.count(8 * sizeof(std::uint64_t));
    std::vector<Ledger::OpenLot> lots;
    for (std::size_t i = 0; i < positions; ++i) {
        Position position;
        position.owner = from.place(owners);
        position.instrument = from.place(instruments);
        position.lots = read_lots(from);
        position.traded = read_amount(from);
        position.settled = read_amount(from);
        position.average_cost = read_finite(from);
        read_open_lots(from, position.lots, lots);
        from.require(ledger.find(position.owner, position.instrument) == Ledger::duplicate);
        ledger.adopt(position, lots);
    }
}

void InventoryImage::read_events(ImageReader& from, Ledger& ledger) {
    const std::size_t events = from.count(3 * sizeof(std::uint64_t));
    ledger.reserve(events, ledger.positions().size());
    for (std::size_t i = 0; i < events; ++i) {
        const EventId id = from.id();
        from.require(ledger.events().restore(id, from.word()));
    }
}

}  // namespace hedgerow
