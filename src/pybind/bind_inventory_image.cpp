// book: the live inventory's state as bytes, and what it was set up with.
#include <pybind11/stl.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory.hpp"
#include "state.hpp"

using namespace hedgerow;

namespace {

py::bytes image(const Inventory& inventory) {
    const std::vector<std::byte> bytes = [&] {
        const py::gil_scoped_release released;
        return inventory.image();
    }();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Inventory restore(const py::bytes& image, const Snapshot& market) {
    const std::string_view text = image;
    const py::gil_scoped_release released;
    return Inventory::restore(std::as_bytes(std::span(text)), market);
}

}  // namespace

void bind_inventory_image(py::class_<Inventory>& inventory) {
    inventory.def("image", &image, "All but the market, as bytes.")
        .def_static("restore", &restore, py::arg("image"), py::arg("market"),
                    "The inventory of such bytes, in its given_market.")
        .def(py::pickle(
            [](const Inventory& self) {
                return py::make_tuple(binding::state_version, image(self), self.given_market());
            },
            [](const py::tuple& state) {
                binding::require_state(state, "Inventory");
                return restore(state[1].cast<py::bytes>(), state[2].cast<Snapshot>());
            }))
        .def_property_readonly("given_market", &Inventory::given_market,
                               "The market of the last update or clock, before any tick since.")
        .def_property_readonly(
            "setup",
            [](const Inventory& self) {
                const InventorySetup& setup = self.setup();
                py::list dimensions;
                for (const Dimension& dimension : setup.dimensions)
                    dimensions.append(dimension.keys);
                return py::make_tuple(setup.labels, dimensions, setup.tenors, setup.betas);
            },
            "Labels, dimensions, tenors and betas.")
        .def_property_readonly(
            "limits",
            [](const Inventory& self) {
                py::list all;
                for (const Limit& limit : self.limits())
                    all.append(py::make_tuple(limit.dimension, name(limit.measure)));
                return all;
            },
            "(dimension, measure) of every limit.");
}
