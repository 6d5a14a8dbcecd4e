// risk: scenarios and full revaluation.
#include <pybind11/native_enum.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <memory>

#include "arrays.hpp"
#include "hedgerow/formula/revaluation.hpp"
#include "hedgerow/risk/revaluation.hpp"
#include "keys.hpp"
#include "module.hpp"
#include "pool.hpp"
#include "state.hpp"

using namespace hedgerow;
using binding::require_state;
using binding::state_version;

namespace {

using Numbers = Column<double>;
using OwnMoves = std::map<std::string, std::pair<Numbers, Numbers>>;

Scenarios make_scenarios(const Numbers& spot_factor, const Numbers& volatility_shift,
                         const OwnMoves& underlyings) {
    std::map<std::string, Moves> own;
    for (const auto& [underlying, columns] : underlyings)
        own[underlying] = {as_vector(columns.first), as_vector(columns.second)};
    return Scenarios({as_vector(spot_factor), as_vector(volatility_shift)}, std::move(own));
}

py::tuple columns(const Moves& moves, py::handle owner) {
    return py::make_tuple(view(moves.spot_factor, owner), view(moves.volatility_shift, owner));
}

py::dict own_moves(const py::object& self) {
    py::dict result;
    for (const auto& [underlying, moves] : self.cast<const Scenarios&>().own())
        result[underlying.c_str()] = columns(moves, self);
    return result;
}

py::dict run(const std::shared_ptr<Book>& book, const Snapshot& snapshot,
             const Scenarios& scenarios, const std::vector<KeyTuple>& key_tuples,
             SmileDynamics dynamics, Precision precision) {
    const Keys keys(key_tuples);
    const auto pool = current_pool();
    Groups groups;
    Revaluation revaluation;
    {
        const py::gil_scoped_release released;
        groups = keys.group(book->size());
        revaluation = revalue(*book, snapshot, scenarios, groups, dynamics, precision, pool.get());
    }
    py::dict result;
    result["first"] = to_array(std::move(groups.first));
    result["pnl"] = to_array(std::move(revaluation.pnl));
    result["status"] = codes_array(revaluation.status);
    return result;
}

py::object run_on(const std::string& isa, Precision precision,
                  const std::array<Numbers, 6>& options, const Numbers& spot_factor,
                  const Numbers& volatility_shift) {
    std::array<std::span<const double>, 6> spans;
    for (std::size_t j = 0; j < spans.size(); ++j) spans[j] = as_span(options[j]);
    for (const auto& column : spans)
        if (column.size() != spans[0].size())
            throw InvalidInput("options", std::to_string(column.size()) + " values",
                               "must be columns of one length");
    if (spot_factor.size() != volatility_shift.size() ||
        as_span(spot_factor).size() > scenario_tile)
        throw InvalidInput("spot_factor", std::to_string(spot_factor.size()) + " values",
                           "must be one per shift, at most " + std::to_string(scenario_tile));
    py::array_t<double> values({options[0].size(), spot_factor.size()});
    if (!revalue_on(isa, precision, spans, as_span(spot_factor), as_span(volatility_shift),
                    values.mutable_data()))
        return py::none();
    return values;
}

}  // namespace

void bind_risk(py::module_& m) {
    py::native_enum<Precision>(m, "Precision", "enum.IntEnum",
                               "What the arithmetic of a revaluation runs in.")
        .value("FLOAT64", Precision::float64)
        .value("FLOAT32", Precision::float32)
        .finalize();

    py::classh<Scenarios>(m, "Scenarios",
                          "Sudden moves of the market, one scenario per row: every spot times "
                          "spot_factor, every volatility plus volatility_shift; `underlyings` "
                          "gives those that move on their own both columns by name.")
        .def(py::init(&make_scenarios), py::kw_only(), py::arg("spot_factor"),
             py::arg("volatility_shift"), py::arg("underlyings") = OwnMoves{})
        .def("__len__", &Scenarios::size)
        .def_property_readonly(
            "spot_factor",
            [](const py::object& s) {
                return view(s.cast<const Scenarios&>().common().spot_factor, s);
            },
            "By which spots are multiplied.")
        .def_property_readonly(
            "volatility_shift",
            [](const py::object& s) {
                return view(s.cast<const Scenarios&>().common().volatility_shift, s);
            },
            "What is added to volatilities.")
        .def_property_readonly("underlyings", &own_moves,
                               "By underlying, the two columns of those that move on their own.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const Scenarios& s) {
                 std::string text = "Scenarios(" + std::to_string(s.size());
                 for (const auto& [underlying, moves] : s.own()) text += ", " + underlying;
                 return text + ")";
             })
        .def(py::pickle(
            [](const py::object& self) {
                const auto& common = self.cast<const Scenarios&>().common();
                return py::make_tuple(state_version, common.spot_factor, common.volatility_shift,
                                      own_moves(self));
            },
            [](const py::tuple& state) {
                require_state(state, "Scenarios");
                return make_scenarios(state[1].cast<Numbers>(), state[2].cast<Numbers>(),
                                      state[3].cast<OwnMoves>());
            }));

    m.def("revalue", &run, py::arg("book"), py::arg("snapshot"), py::arg("scenarios"),
          py::arg("keys"), py::arg("dynamics"), py::arg("precision"),
          "P&L by group of (codes, cardinality) keys and scenario, and a status per position.");
    m.def("revalue_on", &run_on, py::arg("isa"), py::arg("precision"), py::arg("options"),
          py::arg("spot_factor"), py::arg("volatility_shift"),
          "Values of options under scenarios on a named instruction set, for tests; None where "
          "this processor can't run it.");
}
