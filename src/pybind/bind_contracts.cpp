// contract: lists of distinct contracts, resolved into columns once; no Python object each.
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>

#include "arrays.hpp"
#include "contract.hpp"
#include "contract_columns.hpp"
#include "hedgerow/contract/distinct.hpp"
#include "hedgerow/contract/symbol.hpp"
#include "module.hpp"
#include "texts.hpp"

using namespace hedgerow;

// Columns are immutable everywhere; pybind11 holds objects by pointers that are not const.
using Handle = std::shared_ptr<ContractColumns>;

namespace {

/// The distinct expiries in nanoseconds, increasing, NaT for none last, and their code per
/// contract.
std::pair<std::vector<std::int64_t>, std::vector<std::uint32_t>> coded_expiries(
    const ContractColumns& c) {
    std::vector<std::int64_t> labels;
    for (const Slice& slice : c.slices) labels.push_back(slice.expiry.nanoseconds);
    std::ranges::sort(labels);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    std::vector<std::uint32_t> of_slice;
    for (const Slice& slice : c.slices)
        of_slice.push_back(static_cast<std::uint32_t>(
            std::ranges::lower_bound(labels, slice.expiry.nanoseconds) - labels.begin()));
    const auto none = static_cast<std::uint32_t>(labels.size());
    labels.push_back(std::numeric_limits<std::int64_t>::min());
    std::vector<std::uint32_t> codes(c.size());
    for (std::size_t i = 0; i < c.size(); ++i)
        codes[i] = c.slice[i] == ContractColumns::no_slice ? none : of_slice[c.slice[i]];
    return {std::move(labels), std::move(codes)};
}

Handle handle(std::shared_ptr<const ContractColumns> contracts) {
    return std::const_pointer_cast<ContractColumns>(std::move(contracts));
}

py::tuple from_contracts(const py::iterable& items) {
    std::vector<Contract> contracts;
    for (const py::handle item : items) contracts.push_back(item.cast<Contract>());
    DistinctContracts result = distinct(std::move(contracts));
    return py::make_tuple(handle(std::move(result.contracts)), to_array(std::move(result.places)));
}

py::tuple parse(const OwnedTexts& symbols) {
    ParsedContracts result;
    {
        const py::gil_scoped_release release;
        result = parse_contracts(symbols.texts());
    }
    py::dict refused;
    for (const RefusedSymbol& symbol : result.refused)
        refused[py::int_(symbol.place)] = py::make_tuple(symbol.argument, symbol.rule);
    return py::make_tuple(handle(std::move(result.distinct.contracts)),
                          to_array(std::move(result.distinct.places)), refused);
}

/// The contracts that rows use, in the order of their first appearance, and the place per row.
py::tuple used_by(const Handle& self, const Column<std::int32_t>& codes) {
    Renumbered rows = renumber(as_span(codes), self->size());
    bool all = rows.used.size() == self->size();
    for (std::size_t i = 0; all && i < rows.used.size(); ++i) all = rows.used[i] == i;
    Handle used = all ? self : handle(take(*self, rows.used));
    return py::make_tuple(std::move(used), to_array(std::move(rows.codes)));
}

}  // namespace

py::object contract_column(const std::shared_ptr<const ContractColumns>& contracts,
                           const std::string& name) {
    const ContractColumns& c = *contracts;
    const py::object owner = py::cast(std::const_pointer_cast<ContractColumns>(contracts));
    using Names = std::vector<std::string>;
    if (name == "kind")
        return py::make_tuple(Names{"cash", "spot", "future", "perpetual", "option"},
                              codes_array(c.kind));
    if (name == "underlying") return py::make_tuple(c.underlyings, view(c.underlying, owner));
    if (name == "currency") return py::make_tuple(c.currencies, view(c.currency, owner));
    if (name == "quote_currency")
        return py::make_tuple(c.currencies, view(c.quote_currency, owner));
    if (name == "settlement")
        return py::make_tuple(Names{"linear", "inverse", "quanto"}, codes_array(c.settlement));
    if (name == "exercise")
        return py::make_tuple(Names{"european", "american"}, codes_array(c.exercise));
    if (name == "expiry") {
        auto [labels, codes] = coded_expiries(c);
        return py::make_tuple(to_array(std::move(labels)), to_array(std::move(codes)));
    }
    if (name == "right") return view(c.right, owner);
    if (name == "strike") return view(c.strike, owner);
    if (name == "multiplier") return view(c.multiplier, owner);
    throw py::key_error(name);
}

std::vector<std::string> symbols(const ContractColumns& contracts) {
    std::vector<std::string> result;
    result.reserve(contracts.size());
    for (const Contract& contract : contracts.contracts) result.push_back(symbol(contract));
    return result;
}

void bind_contracts(py::module_& m) {
    py::class_<ContractColumns, Handle>(m, "Contracts", "Distinct contracts, resolved.")
        .def_static("of", &from_contracts, py::arg("contracts"),
                    "The distinct ones, and the place of each item.")
        .def_static("parse", &parse, py::arg("symbols"),
                    "The distinct ones that texts name, the place per text, -1 where there is "
                    "none, and the\nargument and the rule by the place of the text that breaks "
                    "it.")
        .def("__len__", &ContractColumns::size)
        .def(
            "__getitem__",
            [](const ContractColumns& self, std::size_t i) {
                if (i >= self.size()) throw py::index_error();
                return self.contracts[i];
            },
            py::arg("index"))
        .def(
            "tolist", [](const ContractColumns& self) { return self.contracts; }, "As objects.")
        .def("used_by", &used_by, py::arg("codes"),
             "What rows use, in the order of first appearance, and the place per row.")
        .def_property_readonly("symbols", &symbols, "Their symbols.")
        .def(
            "column",
            [](const Handle& self, const std::string& name) { return contract_column(self, name); },
            py::arg("name"), "One of their terms as a column, or as labels and a code for each.");
}
