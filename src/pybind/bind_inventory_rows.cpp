// book: what happens to a live inventory in rows, as they are read from a journal.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory.hpp"

using namespace hedgerow;

namespace {

/// One event: a tuple of its kind and its fields.
class Row {
  public:
    explicit Row(PyObject* tuple) : tuple_(tuple) {}

    void require_size(Py_ssize_t size) const {
        if (PyTuple_GET_SIZE(tuple_) != size)
            throw InvalidInput("row", std::to_string(PyTuple_GET_SIZE(tuple_)) + " fields",
                               "must have " + std::to_string(size));
    }
    std::string_view text(Py_ssize_t field) const { return text_of(at(field)); }
    std::string string(Py_ssize_t field) const { return std::string(text(field)); }
    double number(Py_ssize_t field) const {
        if (PyFloat_CheckExact(at(field))) return PyFloat_AS_DOUBLE(at(field));
        if (!PyLong_CheckExact(at(field))) refuse(field, "must be a number");
        const double value = PyLong_AsDouble(at(field));
        if (value == -1.0 && PyErr_Occurred()) throw py::error_already_set();
        return value;
    }
    Instant instant(Py_ssize_t field) const {
        if (!PyLong_CheckExact(at(field))) refuse(field, "must be an int");
        const long long value = PyLong_AsLongLong(at(field));
        if (value == -1 && PyErr_Occurred()) throw py::error_already_set();
        return {value};
    }
    /// The owner that an account, a venue and the tags in these fields name.
    std::uint32_t owner(Inventory& inventory, Py_ssize_t account, Py_ssize_t venue, Py_ssize_t tags,
                        const std::vector<py::str>& names, std::vector<std::string>& labels) const {
        labels[0] = text(account);
        labels[1] = text(venue);
        if (!PyDict_Check(at(tags))) refuse(tags, "must be a dict");
        for (std::size_t i = 0; i < names.size(); ++i) {
            PyObject* const value = PyDict_GetItemWithError(at(tags), names[i].ptr());
            if (!value && PyErr_Occurred()) throw py::error_already_set();
            labels[2 + i] = value ? text_of(value) : std::string_view();
        }
        return inventory.owner(labels);
    }

  private:
    PyObject* at(Py_ssize_t field) const noexcept { return PyTuple_GET_ITEM(tuple_, field); }
    [[noreturn]] void refuse(Py_ssize_t field, const char* rule) const {
        throw InvalidInput("field " + std::to_string(field),
                           py::repr(at(field)).cast<std::string>(), rule);
    }
    static std::string_view text_of(PyObject* object) {
        Py_ssize_t size = 0;
        const char* const bytes =
            PyUnicode_Check(object) ? PyUnicode_AsUTF8AndSize(object, &size) : nullptr;
        if (bytes) return {bytes, static_cast<std::size_t>(size)};
        if (PyErr_Occurred()) throw py::error_already_set();
        throw InvalidInput("field", py::repr(object).cast<std::string>(), "must be text");
    }

    PyObject* tuple_;
};

/// Applies rows, with what they share at hand.
class Rows {
  public:
    explicit Rows(Inventory& inventory)
        : inventory_(inventory), labels_(inventory.setup().labels.size()) {
        for (std::size_t i = 2; i < labels_.size(); ++i)
            tags_.emplace_back(inventory.setup().labels[i]);
    }

    /// Whether the event is new.
    bool apply(const Row& row) {
        const std::string_view kind = row.text(0);
        if (kind == "fill") return fill(row);
        if (kind == "tick") {
            row.require_size(4);
            inventory_.move(row.text(2), row.number(3), row.instant(1));
            return true;
        }
        if (kind == "order_placed") return place(row);
        if (kind == "order_amended") return amend(row);
        if (kind == "order_cancelled") {
            row.require_size(4);
            const std::string venue = row.string(2), id = row.string(3);
            return inventory_.cancel(cancel_id(venue, id), order_id(venue, id), row.instant(1));
        }
        throw InvalidInput("kind", kind, "must be of a row");
    }

  private:
    bool fill(const Row& row) {
        row.require_size(12);
        const std::string venue = row.string(2);
        Fill fill;
        fill.id = event_id(venue, row.text(3));
        fill.time = row.instant(1);
        fill.owner = row.owner(inventory_, 4, 2, 5, tags_, labels_);
        fill.instrument = inventory_.instrument(row.text(6));
        fill.price = row.number(8);
        fill.fee = row.number(9);
        if (const std::string currency = row.string(10); !currency.empty())
            fill.fee_currency = inventory_.currency(currency);
        fill.lots = to_lots(inventory_, fill.instrument, row.number(7));
        std::optional<EventId> order;
        if (const std::string id = row.string(11); !id.empty()) order = order_id(venue, id);
        return inventory_.fill(fill, order);
    }
    bool place(const Row& row) {
        row.require_size(9);
        const std::string venue = row.string(2);
        Order order;
        order.id = order_id(venue, row.string(3));
        order.owner = row.owner(inventory_, 4, 2, 5, tags_, labels_);
        order.instrument = inventory_.instrument(row.text(6));
        order.lots = to_lots(inventory_, order.instrument, row.number(7));
        order.price = row.number(8);
        return inventory_.place(order, row.instant(1));
    }
    bool amend(const Row& row) {
        row.require_size(6);
        const std::string venue = row.string(2), id = row.string(3);
        const Instant time = row.instant(1);
        const double quantity = row.number(4), price = row.number(5);
        const EventId order = order_id(venue, id);
        // Of an order that is gone nothing is known, nor needed.
        const Order* const live = inventory_.order(order);
        const std::int64_t lots = live ? to_lots(inventory_, live->instrument, quantity) : 0;
        return inventory_.amend(amendment_id(venue, id, time, quantity, price), order, lots, price,
                                time);
    }

    Inventory& inventory_;
    std::vector<py::str> tags_;
    std::vector<std::string> labels_;
};

std::size_t apply_rows(Inventory& inventory, const py::list& rows) {
    Rows door(inventory);
    std::size_t added = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        PyObject* const row = PyList_GET_ITEM(rows.ptr(), static_cast<Py_ssize_t>(i));
        if (!PyTuple_Check(row) || PyTuple_GET_SIZE(row) == 0)
            throw InvalidInput("row " + std::to_string(i), py::repr(row).cast<std::string>(),
                               "must be a tuple of an event's fields");
        try {
            added += door.apply(Row(row));
        } catch (const InvalidInput& error) {
            throw InvalidInput("row " + std::to_string(i) + ": " + error.argument(), error.value(),
                               error.rule());
        }
    }
    return added;
}

}  // namespace

void bind_inventory_rows(py::class_<Inventory>& inventory) {
    inventory.def(
        "apply_rows", &apply_rows, py::arg("rows"),
        "Events as tuples, each its kind, its time in nanoseconds and its fields: fill (venue, "
        "trade_id, account, tags, instrument, quantity, price, fee, fee_currency, order_id), tick "
        "(underlying, spot), order_placed (venue, order_id, account, tags, instrument, quantity, "
        "price), order_amended (venue, order_id, quantity, price), order_cancelled (venue, "
        "order_id). How many are new.");
}
