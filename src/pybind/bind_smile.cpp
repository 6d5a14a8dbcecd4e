// market: smiles, whatever shape they are of.
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "hedgerow/base/error.hpp"
#include "hedgerow/market/smile.hpp"
#include "instant.hpp"
#include "instant_arrays.hpp"
#include "module.hpp"
#include "state.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::frozen;
using binding::number;
using binding::require_state;
using binding::state_version;

namespace {

using Numbers = std::vector<double>;

std::string shown(const Smile& smile) {
    std::string text = "Smile(" + to_string(smile.expiry()) + ", ";
    if (smile.kind() != SmileKind::quoted) text += std::string(name(smile.kind())) + ", ";
    const auto strikes = smile.strikes();
    if (!strikes.empty())
        text += std::to_string(strikes.size()) + (strikes.size() == 1 ? " strike" : " strikes") +
                " from " + number(strikes.front()) + " to " + number(strikes.back());
    if (const auto* svi = std::get_if<SviVolatilities>(&smile.shape()))
        text += "forward " + number(svi->forward());
    if (const auto* sabr = std::get_if<SabrVolatilities>(&smile.shape()))
        text += "forward " + number(sabr->forward());
    if (smile.move() != SmileMove{}) text += ", moved";
    return text + ")";
}

py::object parameters(const Smile& smile) {
    if (const auto* svi = std::get_if<SviVolatilities>(&smile.shape()))
        return py::cast(svi->parameters());
    if (const auto* sabr = std::get_if<SabrVolatilities>(&smile.shape()))
        return py::cast(sabr->parameters());
    return py::none();
}

/// The forward or the time that a formula was fitted at; NaN for shapes that need none.
template <class Read>
double of_formula(const Smile& smile, Read read) {
    if (const auto* svi = std::get_if<SviVolatilities>(&smile.shape())) return read(*svi);
    if (const auto* sabr = std::get_if<SabrVolatilities>(&smile.shape())) return read(*sabr);
    return std::numeric_limits<double>::quiet_NaN();
}

py::tuple state(const Smile& smile) {
    const std::int64_t expiry = smile.expiry().nanoseconds;
    const Numbers strikes(smile.strikes().begin(), smile.strikes().end());
    const Numbers volatilities(smile.volatilities().begin(), smile.volatilities().end());
    // The layout of quotes is older than the other shapes.
    if (smile.kind() == SmileKind::quoted)
        return py::make_tuple(state_version, expiry, strikes, volatilities);
    Numbers numbers;
    if (const auto* svi = std::get_if<SviVolatilities>(&smile.shape())) {
        const SviParameters& p = svi->parameters();
        numbers = {svi->forward(), svi->time(), p.a, p.b, p.rho, p.m, p.sigma};
    } else if (const auto* sabr = std::get_if<SabrVolatilities>(&smile.shape())) {
        const SabrParameters& p = sabr->parameters();
        numbers = {sabr->forward(), sabr->time(), p.alpha, p.beta, p.rho, p.nu, p.shift};
    }
    const SmileMove& move = smile.move();
    return py::make_tuple(state_version, expiry, strikes, volatilities, name(smile.kind()), numbers,
                          Numbers{move.strike_factor, move.shift, move.floor});
}

Smile from_state(const py::tuple& state) {
    require_state(state, "Smile");
    const Instant expiry{state[1].cast<std::int64_t>()};
    auto strikes = state[2].cast<Numbers>(), volatilities = state[3].cast<Numbers>();
    if (state.size() == 4) return Smile(expiry, std::move(strikes), std::move(volatilities));
    const auto kind = state[4].cast<std::string>();
    const auto numbers = state[5].cast<Numbers>(), moves = state[6].cast<Numbers>();
    const SmileMove move{moves.at(0), moves.at(1), moves.at(2)};
    if (kind == name(SmileKind::spline))
        return Smile(expiry, SplineVolatilities(std::move(strikes), std::move(volatilities)), move);
    const double forward = numbers.at(0), time = numbers.at(1);
    if (kind == name(SmileKind::svi))
        return Smile(expiry,
                     SviVolatilities({numbers.at(2), numbers.at(3), numbers.at(4), numbers.at(5),
                                      numbers.at(6)},
                                     forward, time),
                     move);
    if (kind == name(SmileKind::sabr))
        return Smile(expiry,
                     SabrVolatilities({numbers.at(2), numbers.at(3), numbers.at(4), numbers.at(5),
                                       numbers.at(6)},
                                      forward, time),
                     move);
    throw InvalidInput("Smile", kind, "must be a shape that this version knows");
}

}  // namespace

void bind_smile(py::module_& m) {
    py::native_enum<SmileKind>(m, "SmileKind", "enum.IntEnum", "What a smile is made of.")
        .value("QUOTED", SmileKind::quoted)
        .value("SPLINE", SmileKind::spline)
        .value("SVI", SmileKind::svi)
        .value("SABR", SmileKind::sabr)
        .finalize();

    py::classh<Smile>(
        m, "Smile",
        "Volatility by strike of one expiry. Made from strikes and volatilities it is "
        "linear in ln(strike) between the quotes and flat beyond; `spline`, `svi` and "
        "`sabr` make the other shapes.")
        .def(py::init<Instant, Numbers, Numbers>(), py::kw_only(), py::arg("expiry"),
             py::arg("strikes"), py::arg("volatilities"))
        .def_static(
            "spline",
            [](Instant expiry, Numbers strikes, Numbers volatilities, double factor, double shift,
               double floor) {
                return Smile(expiry,
                             SplineVolatilities(std::move(strikes), std::move(volatilities)),
                             {factor, shift, floor});
            },
            py::kw_only(), py::arg("expiry"), py::arg("strikes"), py::arg("volatilities"),
            py::arg("strike_factor") = 1.0, py::arg("shift") = 0.0, py::arg("floor") = 0.0,
            "A natural cubic spline in ln(strike), flat beyond its nodes.")
        .def_static(
            "svi",
            [](Instant expiry, const SviParameters& parameters, double forward, double time,
               double factor, double shift, double floor) {
                return Smile(expiry, SviVolatilities(parameters, forward, time),
                             {factor, shift, floor});
            },
            py::kw_only(), py::arg("expiry"), py::arg("parameters"), py::arg("forward"),
            py::arg("time"), py::arg("strike_factor") = 1.0, py::arg("shift") = 0.0,
            py::arg("floor") = 0.0,
            "SVI: sqrt(w(ln(strike/forward)) / time), with the forward and the years to expiry "
            "that "
            "the parameters were fitted at.")
        .def_static(
            "sabr",
            [](Instant expiry, const SabrParameters& parameters, double forward, double time,
               double factor, double shift, double floor) {
                return Smile(expiry, SabrVolatilities(parameters, forward, time),
                             {factor, shift, floor});
            },
            py::kw_only(), py::arg("expiry"), py::arg("parameters"), py::arg("forward"),
            py::arg("time"), py::arg("strike_factor") = 1.0, py::arg("shift") = 0.0,
            py::arg("floor") = 0.0,
            "SABR, with the forward and the years to expiry that the parameters were fitted at.")
        .def_property_readonly("expiry", &Smile::expiry, "The expiry that it belongs to.")
        .def_property_readonly("kind", &Smile::kind, "What it is made of.")
        .def_property_readonly(
            "strikes",
            [](const Smile& s) { return frozen(Numbers(s.strikes().begin(), s.strikes().end())); },
            "The quoted strikes, increasing, or the nodes of a spline; none of a formula.")
        .def_property_readonly(
            "volatilities",
            [](const Smile& s) {
                return frozen(Numbers(s.volatilities().begin(), s.volatilities().end()));
            },
            "Implied volatilities at the strikes, decimals per year.")
        .def_property_readonly("parameters", &parameters,
                               "SviParameters or SabrParameters; None without a formula.")
        .def_property_readonly(
            "forward",
            [](const Smile& s) { return of_formula(s, [](const auto& f) { return f.forward(); }); },
            "The forward that a formula was fitted at; NaN without a formula.")
        .def_property_readonly(
            "time",
            [](const Smile& s) { return of_formula(s, [](const auto& f) { return f.time(); }); },
            "The years to expiry that a formula was fitted at; NaN without a formula.")
        .def_property_readonly(
            "strike_factor", [](const Smile& s) { return s.move().strike_factor; },
            "What the strikes of the shape have moved by since; 1 for quotes, which move "
            "themselves.")
        .def_property_readonly(
            "shift", [](const Smile& s) { return s.move().shift; },
            "What its volatilities have moved by since, down to the floor; 0 for quotes.")
        .def_property_readonly(
            "floor", [](const Smile& s) { return s.move().floor; },
            "What no volatility is below after the shift; 0 for quotes.")
        .def("volatility", py::vectorize([](const Smile* smile, double strike) {
                 return smile->volatility(strike);
             }),
             py::arg("strikes"),
             "Implied volatilities per year; NaN where a strike is not positive.")
        .def("moved", &Smile::moved, py::kw_only(), py::arg("strike_factor") = 1.0,
             py::arg("volatility_shift") = 0.0,
             "The smile after its strikes have moved in proportion and then every volatility by a "
             "shift, but not below 0.")
        .def(py::self == py::self)
        .def("__repr__", &shown)
        .def(py::pickle(&state, &from_state));
}
