// book: what happens to a live inventory: fills, other events, orders and limits.
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "instant.hpp"
#include "inventory.hpp"

using namespace hedgerow;

namespace {

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
    EventId id(const VenueIds& venue, std::size_t row) const noexcept {
        if (!texts_.empty()) return venue(texts_[row]);
        char text[24];
        const char* const end = std::to_chars(text, text + sizeof text, numbers_[row]).ptr;
        return venue({text, static_cast<std::size_t>(end - text)});
    }

  private:
    std::vector<std::string> texts_;
    std::vector<std::int64_t> numbers_;
};

/// Fills in columns.
class FillColumns {
  public:
    FillColumns(const Inventory& inventory, const std::string& venue, const py::object& trade_ids,
                const Column<std::int64_t>& time, const py::object& owner,
                const py::object& instrument, const Column<double>& quantity,
                const Column<double>& price, const Column<double>& fee)
        : inventory_(inventory),
          venue_(venue),
          ids_(trade_ids),
          owners_(as_codes("owner", owner)),
          instruments_(as_codes("instrument", instrument)),
          times_(as_span(time)),
          quantities_(as_span(quantity)),
          prices_(as_span(price)),
          fees_(as_span(fee)) {
        for (const std::size_t rows : {owners_.size(), instruments_.size(), times_.size(),
                                       quantities_.size(), prices_.size(), fees_.size()})
            if (rows != ids_.size())
                throw InvalidInput("column", std::to_string(rows) + " rows",
                                   "must have " + std::to_string(ids_.size()));
    }
    std::size_t size() const noexcept { return ids_.size(); }

    /// The fill of a row.
    /// @throws InvalidInput when its instrument or its quantity is none.
    Fill operator[](std::size_t row) const {
        return {ids_.id(venue_, row),
                {times_[row]},
                owners_[row],
                instruments_[row],
                to_lots(inventory_, instruments_[row], quantities_[row]),
                prices_[row],
                fees_[row]};
    }

  private:
    const Inventory& inventory_;
    VenueIds venue_;
    TradeIds ids_;
    std::vector<std::uint32_t> owners_, instruments_;
    std::span<const std::int64_t> times_;
    std::span<const double> quantities_, prices_, fees_;
};

py::array_t<bool> fills(Inventory& inventory, const std::string& venue, const py::object& trade_ids,
                        const Column<std::int64_t>& time, const py::object& owner,
                        const py::object& instrument, const Column<double>& quantity,
                        const Column<double>& price, const Column<double>& fee) {
    const FillColumns columns(inventory, venue, trade_ids, time, owner, instrument, quantity, price,
                              fee);
    py::array_t<bool> applied(static_cast<py::ssize_t>(columns.size()));
    bool* const out = applied.mutable_data();
    const py::gil_scoped_release released;
    constexpr std::size_t block = 128;  // fills that stay in the first cache
    std::array<Fill, block> rows;
    std::size_t row = 0;
    const auto refused = [&](const InvalidInput& error) {
        return InvalidInput("row " + std::to_string(row) + ": " + error.argument(), error.value(),
                            error.rule());
    };
    for (std::size_t begin = 0; begin < columns.size(); begin += block) {
        const std::size_t end = std::min(begin + block, columns.size());
        std::optional<InvalidInput> no_fill;  // the first of the block that is none
        for (row = begin; row < end; ++row) try {
                rows[row - begin] = columns[row];
            } catch (const InvalidInput& error) {
                no_fill = refused(error);
                break;
            }
        const std::size_t good = row - begin;
        std::size_t done = 0;
        try {
            inventory.fill({rows.data(), good}, {out + begin, good}, done);
        } catch (const InvalidInput& error) {
            row = begin + done;
            throw refused(error);
        }
        if (no_fill) throw *no_fill;
    }
    return applied;
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

}  // namespace

void bind_inventory_events(py::class_<Inventory>& inventory) {
    bind_fills(inventory);
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
            [](Inventory& self, const Snapshot& market, Instant time, bool check) {
                self.update(market, time, to_mode(check));
            },
            py::arg("market"), py::arg("time"), py::arg("check") = false, "A new market.")
        .def(
            "advance",
            [](Inventory& self, Instant time, bool check) { self.advance(time, to_mode(check)); },
            py::arg("time"), py::arg("check") = false, "The clock.");
}

void bind_inventory_orders(py::class_<Inventory>& inventory) {
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
                return self.cancel(cancel_id(venue, id), order_id(venue, id), time, to_mode(check));
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
