// book: the live inventory, and what is read of it.
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "contract.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/book/inventory.hpp"
#include "instant.hpp"
#include "inventory.hpp"
#include "module.hpp"

using namespace hedgerow;

namespace {

std::vector<Instrument> to_instruments(const py::iterable& listed) {
    std::vector<Instrument> all;
    for (const py::handle item : listed) {
        const auto row = py::reinterpret_borrow<py::tuple>(item);
        all.push_back({row[0].cast<std::string>(), row[1].cast<Contract>(), row[2].cast<double>()});
    }
    return all;
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

/// A node of an inventory, whose measures are attributes: a read costs one call.
struct NodeDoor {
    const Inventory& inventory;
    std::uint32_t number;
};

constexpr std::array<const char*, node_measure_count> measure_words = {
    "Worth in the reporting currency; of futures and perpetuals what is owed.",
    "dV/dS; beta-weighted dollars where underlyings are added up.",
    "d2V/dS2; beta-weighted where underlyings are added up.",
    "dV/dvol, per 1.00.",
    "dV/dt, per year.",
    "dV/dr, per 1.00.",
    "d2V/dS dvol; beta-weighted where underlyings are added up.",
    "d2V/dvol2.",
    "Profit of contracts since the beginning; of money less fees and funding.",
    "Units of the underlying times its spot, signed.",
    "The same without the signs of positions.",
    "Options, signed, in units of the underlying.",
    "What fills were better than the value at their moment.",
    "Fees paid, at the exchange rates of their moments.",
    "As it was given.",
    "As it was given.",
};

template <std::size_t... measures>
void bind_node_measures(py::class_<NodeDoor>& node, std::index_sequence<measures...>) {
    (node.def_property_readonly(
         name(static_cast<NodeMeasure>(measures)),
         [](const NodeDoor& self) {
             return self.inventory.read(self.number)[static_cast<NodeMeasure>(measures)];
         },
         measure_words[measures]),
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
            [](Inventory& self, const py::iterable& instruments, Instant time, bool check) {
                return self.list(to_instruments(instruments), time, to_mode(check));
            },
            py::arg("instruments"), py::arg("time"), py::arg("check") = false,
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
        .def_property_readonly(
            "known_names",
            [](const Inventory& self) {
                return std::pair(self.ledger().owners(), self.ledger().currencies().size());
            },
            "How many owners and currencies have numbers.")
        .def("forget_names", &Inventory::forget_names, py::arg("owners"), py::arg("currencies"),
             "Forgets those from these numbers on, which have nothing.")
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
    bind_inventory_events(inventory);
    bind_inventory_orders(inventory);
    bind_inventory_rows(inventory);
    bind_inventory_image(inventory);
}
