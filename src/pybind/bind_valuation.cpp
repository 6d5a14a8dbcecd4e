// book: a book against a snapshot, once or while spots move.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <memory>

#include "arrays.hpp"
#include "hedgerow/book/exposures.hpp"
#include "hedgerow/book/valuation.hpp"
#include "instant.hpp"
#include "keys.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

Measure measure_named(const std::string& wanted) {
    for (int j = 0; j < measure_count; ++j)
        if (wanted == name(static_cast<Measure>(j))) return static_cast<Measure>(j);
    throw py::key_error(wanted);
}

py::array_t<double> column(const Valuation& values, const std::string& wanted) {
    const Measure measure = measure_named(wanted);
    const auto pool = current_pool();
    std::vector<double> result;
    {
        const py::gil_scoped_release released;
        result = values.column(measure, pool.get());
    }
    return to_array(std::move(result));
}

py::array_t<std::uint8_t> status(const Valuation& values) {
    const auto pool = current_pool();
    std::vector<Status> result;
    {
        const py::gil_scoped_release released;
        result = values.statuses(pool.get());
    }
    return codes_array(result);
}

std::vector<Measure> measures_named(const std::vector<std::string>& names) {
    std::vector<Measure> measures;
    for (const std::string& wanted : names) measures.push_back(measure_named(wanted));
    return measures;
}

py::dict net(const Valuation& values, const std::vector<KeyTuple>& key_tuples,
             const std::vector<std::string>& names) {
    const Keys keys(key_tuples);
    const std::vector<Measure> measures = measures_named(names);
    const auto pool = current_pool();
    Totals totals;
    std::vector<std::uint32_t> first;
    {
        const py::gil_scoped_release released;
        Groups groups = keys.group(values.size());
        totals = values.net(groups, measures, pool.get());
        first = std::move(groups.first);
    }
    py::dict result;
    result["first"] = to_array(std::move(first));
    result["positions"] = to_array(std::move(totals.positions));
    result["excluded"] = to_array(std::move(totals.excluded));
    result["unknown_cost"] = to_array(std::move(totals.unknown_cost));
    for (std::size_t j = 0; j < names.size(); ++j)
        result[names[j].c_str()] = to_array(std::move(totals.sums[j]));
    return result;
}

/// Exposures, and the first row of each of their groups.
struct NettedExposures {
    std::vector<std::uint32_t> first;
    Exposures exposures;
};

std::unique_ptr<NettedExposures> make_exposures(const std::shared_ptr<Book>& book,
                                                const Snapshot& snapshot,
                                                const std::vector<KeyTuple>& key_tuples,
                                                const std::vector<std::string>& names) {
    const Keys keys(key_tuples);
    const std::vector<Measure> measures = measures_named(names);
    const py::gil_scoped_release released;
    Groups groups = keys.group(book->size());
    Exposures exposures(*book, snapshot, groups, measures);
    return std::make_unique<NettedExposures>(std::move(groups.first), std::move(exposures));
}

/// A read-only view of numbers that stay where they are as long as `owner` lives.
template <class T>
py::array_t<T> lasting_view(std::span<const T> values, std::vector<std::size_t> shape,
                            py::handle owner) {
    py::array_t<T> array(std::move(shape), values.data(), owner);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    return array;
}

void bind_exposures(py::module_& m) {
    using Count = std::uint64_t;
    const auto counts = [](std::span<const Count> (Exposures::*which)() const noexcept) {
        return [which](py::object self) {
            const Exposures& e = self.cast<NettedExposures&>().exposures;
            return lasting_view<Count>((e.*which)(), {e.groups()}, self);
        };
    };
    py::class_<NettedExposures>(m, "Exposures", "A netted book in a market whose spots move.")
        .def(py::init(&make_exposures), py::arg("book"), py::arg("snapshot"), py::arg("keys"),
             py::arg("measures"))
        .def(
            "move",
            [](NettedExposures& self, const std::string& underlying, double spot) {
                const py::gil_scoped_release released;
                self.exposures.move(self.exposures.find(underlying), spot);
            },
            py::arg("underlying"), py::arg("spot"), "Moves one spot and nets the book anew.")
        .def(
            "spot",
            [](const NettedExposures& self, const std::string& underlying) {
                return self.exposures.spot(self.exposures.find(underlying));
            },
            py::arg("underlying"), "The spot of an underlying now.")
        .def_property_readonly(
            "sums",
            [](py::object self) {
                const Exposures& e = self.cast<NettedExposures&>().exposures;
                return lasting_view(e.sums(), {e.measures().size(), e.groups()}, self);
            },
            "A row per measure, a column per group: a view that follows the moves.")
        .def_property_readonly(
            "first",
            [](py::object self) { return view(self.cast<NettedExposures&>().first, self); },
            "Per group, the first of its positions.")
        .def_property_readonly("positions", counts(&Exposures::positions), "Per group.")
        .def_property_readonly("excluded", counts(&Exposures::excluded),
                               "Per group, how many positions are not valued.")
        .def_property_readonly("unknown_cost", counts(&Exposures::unknown_cost),
                               "Per group, how many valued positions have no cost.");
}

}  // namespace

void bind_valuation(py::module_& m) {
    std::vector<std::string> measures;
    for (int j = 0; j < measure_count; ++j) measures.emplace_back(name(static_cast<Measure>(j)));
    m.attr("measures") = py::tuple(py::cast(measures));

    py::class_<Valuation>(m, "Valuation", "The values of a book's positions.")
        .def(py::init([](const std::shared_ptr<Book>& book, const Snapshot& snapshot) {
                 return Valuation(*book, snapshot);
             }),
             py::arg("book"), py::arg("snapshot"))
        .def("__len__", &Valuation::size)
        .def_property_readonly("as_of", &Valuation::as_of, "The instant of the market.")
        .def_property_readonly("currency", &Valuation::reporting_currency,
                               "The reporting currency.")
        .def_property_readonly("status", &status, "Per position, its Status code.")
        .def("column", &column, py::arg("measure"), "One measure of every position.")
        .def("net", &net, py::arg("keys"), py::arg("measures"),
             "Sums of measures by groups of (codes, cardinality) keys.");
    bind_exposures(m);
}
