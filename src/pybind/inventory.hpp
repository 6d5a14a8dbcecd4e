// The live inventory's doors are in five files: what it is, what happens to it, event by event and
// in rows, its state as bytes, and the same for compiled programs.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/book/inventory.hpp"

namespace py = pybind11;

/// Python says whether an event is only looked at.
inline hedgerow::Inventory::Mode to_mode(bool check) {
    return check ? hedgerow::Inventory::Mode::check : hedgerow::Inventory::Mode::apply;
}

/// A measure of a node by its name.
inline hedgerow::NodeMeasure node_measure(const std::string& wanted) {
    using namespace hedgerow;
    for (std::size_t j = 0; j < node_measure_count; ++j)
        if (wanted == name(static_cast<NodeMeasure>(j))) return static_cast<NodeMeasure>(j);
    throw InvalidInput("measure", wanted, "must be one of node_measures");
}

/// Whole lots of a number of contracts.
inline std::int64_t to_lots(const hedgerow::Inventory& inventory, std::uint32_t instrument,
                            double quantity) {
    const hedgerow::Ledger& ledger = inventory.ledger();
    if (instrument >= ledger.instruments().size())
        throw hedgerow::InvalidInput("instrument", std::to_string(instrument), "must be listed");
    const std::optional<std::int64_t> lots = hedgerow::whole_lots(quantity, ledger.lot(instrument));
    if (!lots)
        throw hedgerow::InvalidInput("quantity", quantity,
                                     "must be a multiple of the lot of " +
                                         ledger.instruments()[instrument].name +
                                         ", at most 2^53 of them");
    return *lots;
}

/// Orders and other events have ids of their own: a venue may number each kind from 1.
inline hedgerow::EventId order_id(const std::string& venue, const std::string& id) {
    return hedgerow::event_id("order " + venue, id);
}

/// An order can be amended again and again: these are known by their time and terms too.
inline hedgerow::EventId amendment_id(const std::string& venue, const std::string& id,
                                      hedgerow::Instant time, double quantity, double price) {
    std::string terms(3 * sizeof(double), '\0');
    std::memcpy(terms.data(), &time.nanoseconds, sizeof(double));
    std::memcpy(terms.data() + sizeof(double), &quantity, sizeof(double));
    std::memcpy(terms.data() + 2 * sizeof(double), &price, sizeof(double));
    return hedgerow::event_id("amend " + venue, terms + id);
}

inline hedgerow::EventId cancel_id(const std::string& venue, const std::string& id) {
    return hedgerow::event_id("cancel " + venue, id);
}

void bind_inventory_events(py::class_<hedgerow::Inventory>& inventory);
void bind_inventory_orders(py::class_<hedgerow::Inventory>& inventory);
void bind_inventory_rows(py::class_<hedgerow::Inventory>& inventory);
void bind_inventory_image(py::class_<hedgerow::Inventory>& inventory);
