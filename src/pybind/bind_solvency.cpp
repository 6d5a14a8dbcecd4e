// risk: equity, distance to liquidation.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <memory>
#include <tuple>

#include "arrays.hpp"
#include "hedgerow/risk/solvency.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

using Balances = std::vector<std::tuple<std::string, double, double>>;
using Directions = std::vector<std::tuple<std::string, double, double, std::optional<std::string>>>;

Account make_account(const std::shared_ptr<Book>& book, const Balances& balances) {
    std::vector<Balance> rows;
    for (const auto& [currency, amount, weight] : balances)
        rows.push_back({currency, amount, weight});
    return Account(*book, std::move(rows));
}

/// A function of Scenarios that gives numbers; it runs with the GIL, whoever calls it.
MaintenanceMargin margin_of(const py::object& source) {
    if (PyFloat_Check(source.ptr()) || PyLong_Check(source.ptr()))
        return constant_margin(source.cast<double>());
    return [&source](const Scenarios& scenarios) {
        const py::gil_scoped_acquire held;
        const py::object answer = source(scenarios);
        const auto numbers = Column<double>::ensure(answer);
        if (!numbers) {
            PyErr_Clear();
            throw InvalidInput("margin", std::string(py::repr(answer)), "must be numbers");
        }
        return as_vector(numbers);
    };
}

py::dict run_equities(const Account& account, const Snapshot& snapshot, const Scenarios& scenarios,
                      SmileDynamics dynamics) {
    const auto pool = current_pool();
    Equities found;
    {
        const py::gil_scoped_release released;
        found = equities(account, snapshot, scenarios, dynamics, pool.get());
    }
    py::dict result;
    result["book"] = to_array(std::move(found.book));
    result["collateral"] = to_array(std::move(found.collateral));
    result["excluded"] = found.excluded;
    return result;
}

py::dict run_solvency(const Account& account, const Snapshot& snapshot, const py::object& margin,
                      const Directions& wanted, double reach, SmileDynamics dynamics) {
    std::vector<Direction> directions;
    for (const auto& [label, spot, volatility, underlying] : wanted)
        directions.push_back({label, spot, volatility, underlying});
    const MaintenanceMargin function = margin_of(margin);
    const auto pool = current_pool();
    Solvency found;
    {
        const py::gil_scoped_release released;
        found = solvency(account, snapshot, function, directions, reach, dynamics, pool.get());
    }
    const auto column = [&](auto of) {
        std::vector<double> values;
        for (const Distance& distance : found.distances)
            values.push_back(static_cast<double>(of(distance)));
        return to_array(std::move(values));
    };
    std::vector<Crossing> crossing;
    for (const Distance& distance : found.distances) crossing.push_back(distance.crossing);
    py::dict result;
    result["book"] = found.book;
    result["collateral"] = found.collateral;
    result["margin"] = found.margin;
    result["ratio"] = found.ratio();
    result["excluded"] = found.excluded;
    result["nearest"] = found.nearest();
    result["crossing"] = codes_array(crossing);
    result["size"] = column([](const Distance& d) { return d.size; });
    result["spot_factor"] = column([](const Distance& d) { return d.spot_factor; });
    result["volatility_shift"] = column([](const Distance& d) { return d.volatility_shift; });
    result["crossings"] = column([](const Distance& d) { return d.crossings; });
    result["least"] = column([](const Distance& d) { return d.least; });
    result["least_at"] = column([](const Distance& d) { return d.least_at; });
    return result;
}

}  // namespace

void bind_solvency(py::module_& m) {
    py::native_enum<Crossing>(m, "Crossing", "enum.IntEnum",
                              "What was found along a direction of stress.")
        .value("FOUND", Crossing::found)
        .value("INSOLVENT", Crossing::insolvent)
        .value("NONE", Crossing::none)
        .value("NOT_A_NUMBER", Crossing::not_a_number)
        .finalize();
    py::native_enum<SolvencyState>(m, "SolvencyState", "enum.IntEnum",
                                   "Rungs of the ratio of equity to maintenance margin.")
        .value("HEALTHY", SolvencyState::healthy)
        .value("WATCHED", SolvencyState::watched)
        .value("WARNED", SolvencyState::warned)
        .value("RESTRICTED", SolvencyState::restricted)
        .value("LIQUIDATION", SolvencyState::liquidation)
        .finalize();
    m.attr("unimmr_levels") = py::tuple(py::cast(unimmr_levels()));

    py::class_<Account>(m, "Account", "A book and the collateral behind it.")
        .def(py::init(&make_account), py::arg("book"), py::arg("balances"));

    m.def("equities", &run_equities, py::arg("account"), py::arg("snapshot"), py::arg("scenarios"),
          py::arg("dynamics"), "Equity by scenario, of the book and of the collateral.");
    m.def("solvency", &run_solvency, py::arg("account"), py::arg("snapshot"), py::arg("margin"),
          py::arg("directions"), py::arg("reach"), py::arg("dynamics"),
          "Equity, margin and the distances to liquidation.");
    m.def("solvency_state", &solvency_state, py::arg("ratio"), py::arg("levels") = unimmr_levels(),
          "The rung of a ratio of equity to maintenance margin: the levels are those below which\n"
          "it is worse than HEALTHY, WATCHED, WARNED, RESTRICTED (2, 1.5, 1.2 and 1.05, after\n"
          "Binance's uniMMR, unless given). Raises InvalidInput for NaN, or levels that do not\n"
          "fall.");
    m.def("hitting_probability", &hitting_probability, py::arg("distance"), py::arg("volatility"),
          py::arg("time"), py::kw_only(), py::arg("drift") = 0.0,
          "The probability that a Brownian motion falls by `distance` within `time` years: exact,\n"
          "by reflection. That of a linear book's liquidation, in prices (distance = available /\n"
          "quantity, volatility in prices) or in logarithms (ln(S / B), drift -volatility^2 / 2).\n"
          "1 where the distance is not positive, NaN where an input is none.");
}
