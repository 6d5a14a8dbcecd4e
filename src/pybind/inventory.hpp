// The live inventory's doors are in two files: what it is, and what happens to it.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "hedgerow/base/error.hpp"
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

void bind_inventory_events(py::class_<hedgerow::Inventory>& inventory);
void bind_inventory_orders(py::class_<hedgerow::Inventory>& inventory);
