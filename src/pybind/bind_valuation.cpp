// book: a book against a snapshot.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <memory>

#include "arrays.hpp"
#include "hedgerow/book/valuation.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

using KeyTuple = std::pair<py::object, std::uint32_t>;

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

py::dict net(const Valuation& values, const std::vector<KeyTuple>& keys,
             const std::vector<std::string>& names) {
    // Copies: other Python threads may write to the arrays while the GIL is released.
    std::vector<std::vector<std::uint32_t>> codes;
    for (const auto& key : keys) codes.push_back(as_codes("key", key.first));
    std::vector<GroupKey> group_keys;
    for (std::size_t j = 0; j < keys.size(); ++j) group_keys.push_back({codes[j], keys[j].second});
    std::vector<Measure> measures;
    for (const std::string& wanted : names) measures.push_back(measure_named(wanted));
    const auto pool = current_pool();
    Totals totals;
    std::vector<std::uint32_t> first;
    {
        const py::gil_scoped_release released;
        Groups groups = group_rows(group_keys, values.size());
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
}
