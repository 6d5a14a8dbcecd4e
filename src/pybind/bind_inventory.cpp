// book: the live inventory.
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "contract.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/book/inventory.hpp"
#include "instant.hpp"
#include "module.hpp"

using namespace hedgerow;

namespace {

using InstrumentTuple = std::tuple<std::string, Contract, double>;

std::vector<Instrument> to_instruments(const py::iterable& listed) {
    std::vector<Instrument> all;
    for (const py::handle item : listed) {
        const auto row = py::reinterpret_borrow<py::tuple>(item);
        all.push_back({row[0].cast<std::string>(), row[1].cast<Contract>(), row[2].cast<double>()});
    }
    return all;
}

Inventory::Mode to_mode(bool check) {
    return check ? Inventory::Mode::check : Inventory::Mode::apply;
}

NodeMeasure node_measure(const std::string& wanted) {
    for (std::size_t j = 0; j < node_measure_count; ++j)
        if (wanted == name(static_cast<NodeMeasure>(j))) return static_cast<NodeMeasure>(j);
    throw InvalidInput("measure", wanted, "must be one of node_measures");
}

/// Whole lots of a number of contracts.
std::int64_t to_lots(const Inventory& inventory, std::uint32_t instrument, double quantity) {
    const std::vector<Instrument>& all = inventory.ledger().instruments();
    if (instrument >= all.size())
        throw InvalidInput("instrument", std::to_string(instrument), "must be listed");
    const std::optional<std::int64_t> lots = whole_lots(quantity, all[instrument].lot);
    if (!lots)
        throw InvalidInput(
            "quantity", quantity,
            "must be a multiple of the lot of " + all[instrument].name + ", at most 2^53 of them");
    return *lots;
}

Fill to_fill(const Inventory& inventory, const std::string& venue, const std::string& trade_id,
             Instant time, std::uint32_t owner, std::uint32_t instrument, double quantity,
             double price, double fee, std::optional<std::uint32_t> fee_currency = {}) {
    return {event_id(venue, trade_id),
            time,
            owner,
            instrument,
            to_lots(inventory, instrument, quantity),
            price,
            fee,
            fee_currency.value_or(Fill::of_contract)};
}

/// Orders and other events have ids of their own: a venue may number each kind from 1.
EventId order_id(const std::string& venue, const std::string& id) {
    return event_id("order " + venue, id);
}

/// An order can be amended again and again: these are known by their time and terms too.
EventId amendment_id(const std::string& venue, const std::string& id, Instant time, double quantity,
                     double price) {
    std::string terms(3 * sizeof(double), '\0');
    std::memcpy(terms.data(), &time.nanoseconds, sizeof(double));
    std::memcpy(terms.data() + sizeof(double), &quantity, sizeof(double));
    std::memcpy(terms.data() + 2 * sizeof(double), &price, sizeof(double));
    return event_id("amend " + venue, terms + id);
}

/// Trade ids: texts, or whole numbers, which are their decimals.
class TradeIds {
  public:
    explicit TradeIds(const py::object& ids) {
        if (py::isinstance<py::array>(ids)) {
            const char kind = ids.cast<py::array>().dtype().kind();
            if (kind == 'i' || kind == 'u') {
                numbers_ = as_vector(ids.cast<Column<std::int64_t>>());
                return;
            }
        }
        texts_ = ids.cast<std::vector<std::string>>();
    }
    std::size_t size() const noexcept { return std::max(texts_.size(), numbers_.size()); }
    EventId id(const std::string& venue, std::size_t row) const noexcept {
        if (!texts_.empty()) return event_id(venue, texts_[row]);
        char text[24];
        const char* const end = std::to_chars(text, text + sizeof text, numbers_[row]).ptr;
        return event_id(venue, {text, static_cast<std::size_t>(end - text)});
    }

  private:
    std::vector<std::string> texts_;
    std::vector<std::int64_t> numbers_;
};

py::array_t<bool> fills(Inventory& inventory, const std::string& venue, const py::object& trade_ids,
                        const Column<std::int64_t>& time, const py::object& owner,
                        const py::object& instrument, const Column<double>& quantity,
                        const Column<double>& price, const Column<double>& fee) {
    const TradeIds ids(trade_ids);
    const std::vector<std::uint32_t> owners = as_codes("owner", owner);
    const std::vector<std::uint32_t> instruments = as_codes("instrument", instrument);
    const auto times = as_span(time);
    const auto quantities = as_span(quantity), prices = as_span(price), fees = as_span(fee);
    for (const std::size_t rows : {owners.size(), instruments.size(), times.size(),
                                   quantities.size(), prices.size(), fees.size()})
        if (rows != ids.size())
            throw InvalidInput("column", std::to_string(rows) + " rows",
                               "must have " + std::to_string(ids.size()));
    py::array_t<bool> applied(static_cast<py::ssize_t>(ids.size()));
    bool* const out = applied.mutable_data();
    const py::gil_scoped_release released;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        try {
            out[i] = inventory.fill({ids.id(venue, i),
                                     {times[i]},
                                     owners[i],
                                     instruments[i],
                                     to_lots(inventory, instruments[i], quantities[i]),
                                     prices[i],
                                     fees[i]});
        } catch (const InvalidInput& error) {
            throw InvalidInput("row " + std::to_string(i) + ": " + error.argument(), error.value(),
                               error.rule());
        }
    }
    return applied;
}

/// The nodes of a dimension: their numbers, their labels, and a row of measures for each.
py::tuple nodes_of(const Inventory& inventory, std::uint32_t dimension) {
    std::vector<std::uint32_t> numbers, open, excluded;
    std::vector<double> lines;
    py::list labels;
    for (std::uint32_t node = 0; node < inventory.nodes(); ++node) {
        const NodeName& its = inventory.node_name(node);
        if (its.dimension != dimension) continue;
        numbers.push_back(node);
        labels.append(py::cast(its.labels));
        open.push_back(inventory.open_positions(node));
        excluded.push_back(inventory.excluded_positions(node));
        const NodeLine line = inventory.read(node);
        lines.insert(lines.end(), line.numbers.begin(), line.numbers.end());
    }
    const auto rows = static_cast<py::ssize_t>(numbers.size());
    return py::make_tuple(
        to_array(std::move(numbers)), labels, to_array(std::move(open)),
        to_array(std::move(excluded)),
        to_array(std::move(lines)).reshape({rows, static_cast<py::ssize_t>(node_measure_count)}));
}

py::dict positions(const Inventory& inventory) {
    const Ledger& ledger = inventory.ledger();
    std::vector<std::uint32_t> owner, instrument;
    std::vector<double> quantity, traded, average, fifo, average_price;
    for (std::uint32_t place = 0; place < ledger.positions().size(); ++place) {
        const Position& p = ledger.positions()[place];
        const Instrument& listed = ledger.instruments()[p.instrument];
        const Terms* its = terms(listed.contract);
        const double held = static_cast<double>(p.lots) * listed.lot * multiplier(listed.contract);
        owner.push_back(p.owner);
        instrument.push_back(p.instrument);
        quantity.push_back(static_cast<double>(p.lots) * listed.lot);
        traded.push_back(p.traded.value());
        average.push_back(p.realized_by_average());
        fifo.push_back(ledger.realized_by_fifo(place));
        average_price.push_back(p.lots == 0 ? NAN
                                            : price_at(static_cast<Kind>(listed.contract.index()),
                                                       its ? its->settlement() : Settlement::linear,
                                                       p.average_cost / held));
    }
    py::dict columns;
    columns["owner"] = to_array(std::move(owner));
    columns["instrument"] = to_array(std::move(instrument));
    columns["quantity"] = to_array(std::move(quantity));
    columns["average_price"] = to_array(std::move(average_price));
    columns["traded"] = to_array(std::move(traded));
    columns["realized"] = to_array(std::move(average));
    columns["realized_fifo"] = to_array(std::move(fifo));
    return columns;
}

py::dict balances(const Inventory& inventory) {
    const Ledger& ledger = inventory.ledger();
    std::vector<std::uint32_t> owner;
    py::list currency;
    std::vector<double> cash, invested, fees, funding;
    for (std::uint32_t o = 0; o < ledger.owners(); ++o)
        for (std::uint32_t c = 0; c < ledger.currencies().size(); ++c) {
            const CashBalance& balance = ledger.balance(o, c);
            if (balance == CashBalance{}) continue;
            owner.push_back(o);
            currency.append(ledger.currencies()[c]);
            cash.push_back(balance.cash.value());
            invested.push_back(balance.invested.value());
            fees.push_back(balance.fees.value());
            funding.push_back(balance.funding.value());
        }
    py::dict columns;
    columns["owner"] = to_array(std::move(owner));
    columns["currency"] = currency;
    columns["cash"] = to_array(std::move(cash));
    columns["invested"] = to_array(std::move(invested));
    columns["fees"] = to_array(std::move(fees));
    columns["funding"] = to_array(std::move(funding));
    return columns;
}

py::list open_lots(const Inventory& inventory, std::uint32_t owner, std::uint32_t instrument) {
    py::list lots;
    const Ledger& ledger = inventory.ledger();
    const std::uint32_t place = ledger.find(owner, instrument);
    if (place == Ledger::duplicate) return lots;
    const Instrument& listed = ledger.instruments()[instrument];
    const Terms* its = terms(listed.contract);
    const double size = listed.lot * multiplier(listed.contract);
    for (const Ledger::OpenLot& lot : ledger.open_lots(place))
        lots.append(py::make_tuple(
            static_cast<double>(lot.lots) * listed.lot,
            price_at(static_cast<Kind>(listed.contract.index()),
                     its ? its->settlement() : Settlement::linear, lot.worth / size)));
    return lots;
}

py::list limit_states(const Inventory& inventory) {
    py::list rows;
    for (const LimitState& s : inventory.limit_states())
        rows.append(py::make_tuple(s.limit, s.node, name(s.level), py::cast(s.since),
                                   inventory.read(s.node)[inventory.limits()[s.limit].measure],
                                   s.peak));
    return rows;
}

py::list take_changes(Inventory& inventory) {
    py::list rows;
    for (const LimitChange& c : inventory.take_changes())
        rows.append(py::make_tuple(c.limit, c.node, name(c.before), name(c.after), c.value,
                                   py::cast(c.time)));
    return rows;
}

Ledger::Payment payment(const std::string& what) {
    if (what == "invested") return Ledger::Payment::invested;
    if (what == "fee") return Ledger::Payment::fee;
    if (what == "funding") return Ledger::Payment::funding;
    if (what == "other") return Ledger::Payment::other;
    throw InvalidInput("what", what, "must be invested, fee, funding or other");
}

/// A node of an inventory, whose measures are attributes: a read costs one call.
struct NodeDoor {
    const Inventory& inventory;
    std::uint32_t number;
};

template <std::size_t... measures>
void bind_node_measures(py::class_<NodeDoor>& node, std::index_sequence<measures...>) {
    (node.def_property_readonly(name(static_cast<NodeMeasure>(measures)),
                                [](const NodeDoor& self) {
                                    return self.inventory.read(
                                        self.number)[static_cast<NodeMeasure>(measures)];
                                }),
     ...);
}

void bind_node(py::module_& m, py::class_<Inventory>& inventory) {
    py::class_<NodeDoor> node(m, "InventoryNode", "A node of an inventory, as it is now.");
    bind_node_measures(node, std::make_index_sequence<node_measure_count>());
    node.def_property_readonly(
            "labels",
            [](const NodeDoor& self) { return self.inventory.node_name(self.number).labels; },
            "One per key of its dimension.")
        .def_readonly("number", &NodeDoor::number, "Its number in the inventory.")
        .def_property_readonly(
            "positions",
            [](const NodeDoor& self) { return self.inventory.open_positions(self.number); },
            "Open positions, and owners' money.")
        .def_property_readonly(
            "excluded",
            [](const NodeDoor& self) { return self.inventory.excluded_positions(self.number); },
            "Positions that can't be valued: they are in no measure.")
        .def_property_readonly(
            "frozen", [](const NodeDoor& self) { return self.inventory.frozen(self.number); },
            "Whether market maker protection froze it.")
        .def(
            "to_dict",
            [](const NodeDoor& self) {
                py::dict all;
                const NodeLine line = self.inventory.read(self.number);
                for (std::size_t j = 0; j < node_measure_count; ++j)
                    all[name(static_cast<NodeMeasure>(j))] = line.numbers[j];
                return all;
            },
            "All measures by name.")
        .def("__repr__", [](const NodeDoor& self) {
            std::string at;
            for (const std::string& label : self.inventory.node_name(self.number).labels)
                at += (at.empty() ? "" : "/") + label;
            const NodeLine line = self.inventory.read(self.number);
            char numbers[80];
            std::snprintf(numbers, sizeof numbers, "value %.10g, delta %.10g",
                          line[NodeMeasure::value], line[NodeMeasure::delta]);
            return "InventoryNode(" + (at.empty() ? "all" : at) + ": " + numbers + ")";
        });
    inventory.def(
        "node",
        [](const Inventory& self, std::uint32_t dimension,
           const std::vector<std::string>& labels) -> std::optional<NodeDoor> {
            const std::optional<std::uint32_t> number = self.find(dimension, labels);
            if (!number) return {};
            return NodeDoor{self, *number};
        },
        py::arg("dimension"), py::arg("labels"), py::keep_alive<0, 1>(), "A node, or None.");
}

void bind_fills(py::class_<Inventory>& inventory) {
    using Text = std::optional<std::string>;
    using Code = std::optional<std::uint32_t>;
    inventory
        .def(
            "fill",
            [](Inventory& self, const std::string& venue, const std::string& trade_id, Instant time,
               std::uint32_t owner, std::uint32_t instrument, double quantity, double price,
               double fee, const Code& fee_currency, const Text& order, bool check) {
                std::optional<EventId> id;
                if (order) id = order_id(venue, *order);
                return self.fill(to_fill(self, venue, trade_id, time, owner, instrument, quantity,
                                         price, fee, fee_currency),
                                 id, to_mode(check));
            },
            py::arg("venue"), py::arg("trade_id"), py::arg("time"), py::arg("owner"),
            py::arg("instrument"), py::arg("quantity"), py::arg("price"), py::arg("fee") = 0.0,
            py::arg("fee_currency") = py::none(), py::arg("order_id") = py::none(),
            py::arg("check") = false, "Counts a fill; False when it was counted before.")
        .def("fills", &fills, py::arg("venue"), py::arg("trade_ids"), py::arg("time"),
             py::arg("owner"), py::arg("instrument"), py::arg("quantity"), py::arg("price"),
             py::arg("fee"), "Counts fills in columns; per row, whether it is new.")
        .def(
            "bust",
            [](Inventory& self, const std::string& venue, const std::string& trade_id, Instant time,
               std::uint32_t owner, std::uint32_t instrument, double quantity, double price,
               double fee, const Code& fee_currency, bool check) {
                return self.bust(to_fill(self, venue, trade_id, time, owner, instrument, quantity,
                                         price, fee, fee_currency),
                                 time, to_mode(check));
            },
            py::arg("venue"), py::arg("trade_id"), py::arg("time"), py::arg("owner"),
            py::arg("instrument"), py::arg("quantity"), py::arg("price"), py::arg("fee") = 0.0,
            py::arg("fee_currency") = py::none(), py::arg("check") = false, "Takes a fill back.");
}

void bind_events(py::class_<Inventory>& inventory) {
    using Code = std::optional<std::uint32_t>;
    inventory
        .def(
            "pay",
            [](Inventory& self, const std::string& venue, const std::string& id, Instant time,
               std::uint32_t owner, const std::string& currency, double amount,
               const std::string& what, bool check) {
                return self.pay(event_id("payment " + venue, id), time, owner, currency, amount,
                                payment(what), to_mode(check));
            },
            py::arg("venue"), py::arg("event_id"), py::arg("time"), py::arg("owner"),
            py::arg("currency"), py::arg("amount"), py::arg("what"), py::arg("check") = false,
            "Pays an owner.")
        .def(
            "fund",
            [](Inventory& self, const std::string& venue, const std::string& id, Instant time,
               const std::vector<std::uint32_t>& owners, std::uint32_t instrument, double amount,
               bool check) {
                return self.fund(event_id("funding " + venue, id), time, owners, instrument, amount,
                                 to_mode(check));
            },
            py::arg("venue"), py::arg("event_id"), py::arg("time"), py::arg("owners"),
            py::arg("instrument"), py::arg("amount"), py::arg("check") = false,
            "Every contract that these owners hold long pays an amount.")
        .def(
            "transfer",
            [](Inventory& self, const std::string& id, Instant time, std::uint32_t from,
               std::uint32_t to, std::uint32_t instrument, double quantity, double price,
               bool check) {
                return self.transfer(event_id("transfer", id), time, from, to, instrument,
                                     to_lots(self, instrument, quantity), price, to_mode(check));
            },
            py::arg("event_id"), py::arg("time"), py::arg("from_owner"), py::arg("to_owner"),
            py::arg("instrument"), py::arg("quantity"), py::arg("price"), py::arg("check") = false,
            "Moves a position to another owner.")
        .def(
            "exercise",
            [](Inventory& self, const std::string& venue, const std::string& id, Instant time,
               std::uint32_t owner, std::uint32_t instrument, double quantity,
               double settlement_price, const Code& delivered, bool check) {
                return self.exercise(event_id("exercise " + venue, id), time, owner, instrument,
                                     to_lots(self, instrument, quantity), settlement_price,
                                     delivered, to_mode(check));
            },
            py::arg("venue"), py::arg("event_id"), py::arg("time"), py::arg("owner"),
            py::arg("instrument"), py::arg("quantity"), py::arg("settlement_price"),
            py::arg("delivered") = py::none(), py::arg("check") = false,
            "Options exercised or assigned.")
        .def(
            "settle",
            [](Inventory& self, const std::string& id, Instant time, const std::string& underlying,
               Instant expiry, const std::string& fixing, double price, bool check) {
                return self.settle(event_id("settlement", id), time, underlying, expiry, fixing,
                                   price, to_mode(check));
            },
            py::arg("event_id"), py::arg("time"), py::arg("underlying"), py::arg("expiry"),
            py::arg("fixing"), py::arg("price"), py::arg("check") = false,
            "Settles what fixes together from one price.")
        .def(
            "move",
            [](Inventory& self, const std::string& underlying, double spot, Instant time,
               bool check) {
                const py::gil_scoped_release released;
                self.move(underlying, spot, time, to_mode(check));
            },
            py::arg("underlying"), py::arg("spot"), py::arg("time"), py::arg("check") = false,
            "A tick of one spot.")
        .def(
            "update",
            [](Inventory& self, const Snapshot& market, bool check) {
                self.update(market, to_mode(check));
            },
            py::arg("market"), py::arg("check") = false, "A new market.")
        .def(
            "advance",
            [](Inventory& self, Instant time, bool check) { self.advance(time, to_mode(check)); },
            py::arg("time"), py::arg("check") = false, "The clock.");
}

void bind_orders(py::class_<Inventory>& inventory) {
    inventory
        .def(
            "place",
            [](Inventory& self, const std::string& venue, const std::string& id, Instant time,
               std::uint32_t owner, std::uint32_t instrument, double quantity, double price,
               bool check) {
                return self.place({order_id(venue, id), owner, instrument,
                                   to_lots(self, instrument, quantity), price},
                                  time, to_mode(check));
            },
            py::arg("venue"), py::arg("order_id"), py::arg("time"), py::arg("owner"),
            py::arg("instrument"), py::arg("quantity"), py::arg("price"), py::arg("check") = false,
            "An order is live.")
        .def(
            "amend",
            [](Inventory& self, const std::string& venue, const std::string& id, Instant time,
               double quantity, double price, bool check) {
                const EventId order = order_id(venue, id);
                // Of an order that is gone nothing is known, nor needed.
                const Order* const live = self.order(order);
                const std::int64_t lots = live ? to_lots(self, live->instrument, quantity) : 0;
                return self.amend(amendment_id(venue, id, time, quantity, price), order, lots,
                                  price, time, to_mode(check));
            },
            py::arg("venue"), py::arg("order_id"), py::arg("time"), py::arg("quantity"),
            py::arg("price"), py::arg("check") = false, "An order is amended.")
        .def(
            "cancel",
            [](Inventory& self, const std::string& venue, const std::string& id, Instant time,
               bool check) {
                return self.cancel(event_id("cancel " + venue, id), order_id(venue, id), time,
                                   to_mode(check));
            },
            py::arg("venue"), py::arg("order_id"), py::arg("time"), py::arg("check") = false,
            "An order is gone.")
        .def(
            "check_order",
            [](Inventory& self, const std::string& venue, const std::string& id,
               std::uint32_t owner, std::uint32_t instrument, double quantity, double price) {
                const OrderCheck c = self.check({order_id(venue, id), owner, instrument,
                                                 to_lots(self, instrument, quantity), price});
                return py::make_tuple(name(c.outcome), c.node, c.limit, c.value);
            },
            py::arg("venue"), py::arg("order_id"), py::arg("owner"), py::arg("instrument"),
            py::arg("quantity"), py::arg("price"),
            "Whether an order may be placed: outcome, node, limit, value.")
        .def_property_readonly("live_orders", &Inventory::live_orders, "How many are live.")
        .def(
            "reach",
            [](Inventory& self, std::uint32_t node) {
                const NodeLine added = self.most_added(node), taken = self.most_taken(node);
                return py::make_tuple(added.numbers, taken.numbers);
            },
            py::arg("node"), "What live orders could add to a node at most, and take.")
        .def(
            "set_limit",
            [](Inventory& self, std::uint32_t dimension, std::vector<std::string> labels,
               const std::string& measure, const std::array<double, 4>& bounds, double hysteresis) {
                return self.set_limit({dimension,
                                       std::move(labels),
                                       node_measure(measure),
                                       {bounds[0], bounds[1], bounds[2], bounds[3]},
                                       hysteresis});
            },
            py::arg("dimension"), py::arg("labels"), py::arg("measure"), py::arg("bounds"),
            py::arg("hysteresis") = 0.0, "Sets a limit; its number.")
        .def(
            "set_protection",
            [](Inventory& self, std::uint32_t dimension, std::vector<std::string> labels,
               std::int64_t window, std::int64_t freeze, double quantity, double delta,
               double vega) {
                return self.set_protection(
                    {dimension, std::move(labels), window, freeze, quantity, delta, vega});
            },
            py::arg("dimension"), py::arg("labels"), py::arg("window"), py::arg("freeze"),
            py::arg("quantity"), py::arg("delta"), py::arg("vega"), "Sets a protection.")
        .def_property_readonly("limit_states", &limit_states,
                               "(limit, node, level, since, value, peak) of every limited node.")
        .def("take_changes", &take_changes,
             "(limit, node, before, after, value, time) of levels that changed.")
        .def("unfreeze", &Inventory::unfreeze, py::arg("node"), "Ends a freeze.");
}

}  // namespace

void bind_inventory(py::module_& m) {
    std::vector<std::string> measures;
    for (std::size_t j = 0; j < node_measure_count; ++j)
        measures.emplace_back(name(static_cast<NodeMeasure>(j)));
    m.attr("node_measures") = py::tuple(py::cast(measures));

    py::class_<Inventory> inventory(m, "Inventory", "A market maker's inventory, live.");
    inventory
        .def(py::init([](const Snapshot& market, const py::iterable& instruments,
                         std::vector<std::string> labels,
                         const std::vector<std::vector<std::string>>& dimensions,
                         std::vector<double> tenors, std::map<std::string, double> betas) {
                 InventorySetup setup;
                 setup.labels = std::move(labels);
                 setup.dimensions.clear();
                 for (const auto& keys : dimensions) setup.dimensions.push_back({keys});
                 setup.tenors = std::move(tenors);
                 setup.betas = std::move(betas);
                 return Inventory(std::move(setup), to_instruments(instruments), market);
             }),
             py::arg("market"), py::arg("instruments"), py::arg("labels"), py::arg("dimensions"),
             py::arg("tenors"), py::arg("betas"))
        .def_property_readonly("now", &Inventory::now, "The time of the last event.")
        .def(
            "add_instruments",
            [](Inventory& self, const py::iterable& instruments, bool check) {
                return self.list(to_instruments(instruments), to_mode(check));
            },
            py::arg("instruments"), py::arg("check") = false,
            "Adds instruments: (name, contract, lot).")
        .def("instrument", &Inventory::instrument, py::arg("name"), "The number of an instrument.")
        .def(
            "owner",
            [](Inventory& self, const std::vector<std::string>& labels) {
                return self.owner(labels);
            },
            py::arg("labels"), "The number of an owner.")
        .def_property_readonly(
            "instruments",
            [](const Inventory& self) {
                py::list all;
                for (const Instrument& i : self.ledger().instruments())
                    all.append(py::make_tuple(i.name, i.contract, i.lot));
                return all;
            },
            "(name, contract, lot) of every instrument.")
        .def_property_readonly(
            "owners",
            [](const Inventory& self) {
                py::list all;
                for (std::uint32_t o = 0; o < self.ledger().owners(); ++o) {
                    const auto labels = self.ledger().owner_labels(o);
                    all.append(std::vector<std::string>(labels.begin(), labels.end()));
                }
                return all;
            },
            "The labels of every owner.")
        .def("currency", &Inventory::currency, py::arg("name"), "The number of a currency.")
        .def("nodes", &nodes_of, py::arg("dimension"),
             "Numbers, labels, open and excluded positions, and measures of a dimension's nodes.")
        .def(
            "node_name",
            [](const Inventory& self, std::uint32_t node) {
                if (node >= self.nodes())
                    throw InvalidInput("node", std::to_string(node), "must be one of them");
                const NodeName& its = self.node_name(node);
                return py::make_tuple(its.dimension, its.labels);
            },
            py::arg("node"), "The dimension and the labels of a node.")
        .def(
            "give",
            [](Inventory& self, std::uint32_t node, const std::string& measure, double value) {
                self.give(node, node_measure(measure), value);
            },
            py::arg("node"), py::arg("measure"), py::arg("value"), "Gives a node a measure.")
        .def(
            "unit",
            [](const Inventory& self, std::uint32_t instrument) {
                if (instrument >= self.ledger().instruments().size())
                    throw InvalidInput("instrument", std::to_string(instrument), "must be listed");
                return self.unit(instrument).numbers;
            },
            py::arg("instrument"), "What one lot adds to a node.")
        .def(
            "status",
            [](const Inventory& self, std::uint32_t instrument) {
                if (instrument >= self.ledger().instruments().size())
                    throw InvalidInput("instrument", std::to_string(instrument), "must be listed");
                return static_cast<int>(self.status(instrument));
            },
            py::arg("instrument"), "The status code of an instrument.")
        .def("spot", &Inventory::spot, py::arg("underlying"), "The spot of an underlying now.")
        .def("positions", &positions, "Columns of all positions.")
        .def("balances", &balances, "Columns of all money.")
        .def("open_lots", &open_lots, py::arg("owner"), py::arg("instrument"),
             "(quantity, price) of open lots, oldest first.")
        .def(
            "book", [](const Inventory& self) { return self.book(); }, "Everything as a Book.")
        .def("market", &Inventory::market, "The market at the spots now.")
        .def("rebuild", &Inventory::rebuild, "Adds everything up again.")
        .def_property_readonly(
            "known_events", [](const Inventory& self) { return self.ledger().known_events(); },
            "Events whose ids are known.")
        .def("reserve", &Inventory::reserve, py::arg("events"), py::arg("positions"),
             "Room for so many.");
    bind_node(m, inventory);
    bind_fills(inventory);
    bind_events(inventory);
    bind_orders(inventory);
}
