// risk: the margin of a book, by scenarios and by strategy.
#include <pybind11/stl.h>

#include <memory>

#include "arrays.hpp"
#include "hedgerow/risk/margin.hpp"
#include "hedgerow/risk/strategy_margin.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

using Pair = std::pair<double, double>;

Pair pair(const MarginRequirement& requirement) {
    return {requirement.initial, requirement.maintenance};
}

/// A read-only view of numbers that stay where they are as long as `owner` lives.
py::array_t<double> lasting_view(std::span<const double> values, py::handle owner) {
    py::array_t<double> array(static_cast<py::ssize_t>(values.size()), values.data(), owner);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    return array;
}

std::unique_ptr<MarginAccount> make_account(const std::shared_ptr<Book>& book,
                                            const Snapshot& snapshot, const MarginRules& rules) {
    const auto pool = current_pool();
    const py::gil_scoped_release released;
    return std::make_unique<MarginAccount>(*book, snapshot, rules, pool.get());
}

std::size_t known_instrument(const MarginAccount& account, std::size_t instrument) {
    if (instrument >= account.instruments())
        throw InvalidInput("instrument", static_cast<double>(instrument),
                           "must be below " + std::to_string(account.instruments()));
    return instrument;
}

std::size_t known_unit(const MarginAccount& account, std::size_t unit) {
    if (unit >= account.units()) throw py::index_error("no such risk unit");
    return unit;
}

py::array_t<double> marginals(const MarginAccount& account, const py::object& instruments,
                              const Column<double>& quantities) {
    const std::vector<std::uint32_t> codes = as_codes("instruments", instruments);
    if (codes.size() != as_span(quantities).size())
        throw InvalidInput("quantities", std::to_string(quantities.size()) + " values",
                           "must be one per instrument, " + std::to_string(codes.size()));
    py::array_t<double> result({codes.size(), std::size_t{2}});
    double* to = result.mutable_data();
    for (std::size_t k = 0; k < codes.size(); ++k) {
        const auto [initial, maintenance] =
            account.marginal(known_instrument(account, codes[k]), quantities.data()[k]);
        *to++ = initial;
        *to++ = maintenance;
    }
    return result;
}

py::tuple unit(const MarginAccount& account, std::size_t number) {
    MarginUnit u = account.unit(known_unit(account, number));
    std::vector<Pair> add_ons;
    for (const MarginRequirement& a : u.add_ons) add_ons.push_back(pair(a));
    py::object worst = py::none();
    if (u.scan.scenario != ScanLoss::no_loss) worst = py::int_(u.scan.scenario);
    return py::make_tuple(u.underlying, pair(u.requirement), u.scan.loss, worst, u.option_value,
                          to_array(std::move(u.pnl)), add_ons);
}

py::tuple scan(const Column<double>& pnl, const Column<double>& weight) {
    const ScanLoss found = scan_loss(as_span(pnl), as_span(weight));
    if (found.scenario == ScanLoss::no_loss) return py::make_tuple(0.0, py::none());
    return py::make_tuple(found.loss, found.scenario);
}

py::dict by_strategy(const std::shared_ptr<Book>& book, const Snapshot& snapshot,
                     const StrategyRules& rules) {
    const auto pool = current_pool();
    StrategyMargin found;
    {
        const py::gil_scoped_release released;
        found = strategy_margin(*book, snapshot, rules, pool.get());
    }
    py::list units, parts;
    for (const StrategyUnit& u : found.units)
        units.append(py::make_tuple(u.underlying, pair(u.requirement), u.option_value));
    for (const StrategyPart& p : found.parts)
        parts.append(
            py::make_tuple(name(p.strategy), p.contract, p.other, p.units, pair(p.margin)));
    py::dict result;
    result["requirement"] = pair(found.requirement);
    result["units"] = units;
    result["parts"] = parts;
    result["status"] = codes_array(found.status);
    result["not_margined"] = found.not_margined;
    return result;
}

}  // namespace

void bind_margin(py::module_& m) {
    py::class_<MarginAccount>(m, "MarginAccount", "An account in a market, under one scheme.")
        .def(py::init(&make_account), py::arg("book"), py::arg("snapshot"), py::arg("rules"))
        .def("add", &MarginAccount::add, py::arg("instrument"), py::arg("quantity"),
             py::arg("cost") = std::numeric_limits<double>::quiet_NaN(), "Changes a position.")
        .def(
            "rescan",
            [](MarginAccount& self, const Snapshot& snapshot) {
                const auto pool = current_pool();
                const py::gil_scoped_release released;
                self.rescan(snapshot, pool.get());
            },
            py::arg("snapshot"), "Takes a new market.")
        .def(
            "move",
            [](MarginAccount& self, const std::string& underlying, double spot) {
                const py::gil_scoped_release released;
                self.move(self.find(underlying), spot);
            },
            py::arg("underlying"), py::arg("spot"), "Moves one spot.")
        .def(
            "marginal",
            [](const MarginAccount& self, std::size_t instrument, double quantity) {
                return pair(self.marginal(known_instrument(self, instrument), quantity));
            },
            py::arg("instrument"), py::arg("quantity"), "Initial and maintenance margin of more.")
        .def("marginals", &marginals, py::arg("instruments"), py::arg("quantities"),
             "The same of many orders, each alone: a row per order.")
        .def_property_readonly(
            "requirement", [](const MarginAccount& self) { return pair(self.requirement()); },
            "Initial and maintenance margin.")
        .def_property_readonly("rules", &MarginAccount::rules, "The scheme.")
        .def_property_readonly("currency", &MarginAccount::reporting_currency,
                               "The reporting currency.")
        .def_property_readonly(
            "quantity",
            [](py::object self) {
                return lasting_view(self.cast<const MarginAccount&>().quantity(), self);
            },
            "Per instrument: a view that follows.")
        .def_property_readonly(
            "status",
            [](const MarginAccount& self) {
                return codes_array(std::vector<Status>(self.status().begin(), self.status().end()));
            },
            "Per instrument, a Status code.")
        .def_property_readonly("not_margined", &MarginAccount::not_margined,
                               "How many instruments are held and in no number.")
        .def(
            "unit_pnl",
            [](const MarginAccount& self, std::size_t instrument) {
                const auto row = self.unit_pnl(known_instrument(self, instrument));
                return to_array(std::vector<double>(row.begin(), row.end()));
            },
            py::arg("instrument"), "P&L of one contract per scenario.")
        .def("__len__", &MarginAccount::units)
        .def("unit", &unit, py::arg("unit"),
             "Underlying, requirement, scan loss, its scenario, option value, P&L, add-ons.");
    m.def("scan_loss", &scan, py::arg("pnl"), py::arg("weight"),
          "The greatest weighted loss and its scenario, None where there is no loss.");
    m.def("strategy_margin", &by_strategy, py::arg("book"), py::arg("snapshot"), py::arg("rules"),
          "Margin by strategy.");
}
