// formula: deltas and smiles of foreign exchange.
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "hedgerow/formula/fx_delta.hpp"
#include "hedgerow/formula/fx_smile.hpp"
#include "module.hpp"
#include "state.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::enum_name;
using binding::number;
using binding::require_state;
using binding::state_version;

namespace {

/// +1 and -1; anything else is no right, and its row gives NaN.
std::optional<Right> right_of(double value) noexcept {
    if (value == 1) return Right::call;
    if (value == -1) return Right::put;
    return std::nullopt;
}

std::vector<double> to_vector(std::span<const double> values) {
    return {values.begin(), values.end()};
}

void bind_enums(py::module_& m) {
    py::native_enum<FxDelta>(m, "FxDelta", "enum.IntEnum", "What a quoted delta counts.")
        .value("SPOT", FxDelta::spot)
        .value("FORWARD", FxDelta::forward)
        .value("SPOT_PREMIUM_ADJUSTED", FxDelta::spot_premium_adjusted)
        .value("FORWARD_PREMIUM_ADJUSTED", FxDelta::forward_premium_adjusted)
        .finalize();
    py::native_enum<FxAtTheMoney>(m, "FxAtTheMoney", "enum.IntEnum",
                                  "The strike that is called at the money.")
        .value("FORWARD", FxAtTheMoney::forward)
        .value("SPOT", FxAtTheMoney::spot)
        .value("DELTA_NEUTRAL", FxAtTheMoney::delta_neutral)
        .finalize();
    py::native_enum<FxStrangle>(m, "FxStrangle", "enum.IntEnum",
                                "What a quoted butterfly says of a strangle.")
        .value("SMILE", FxStrangle::smile)
        .value("MARKET", FxStrangle::market)
        .finalize();
    py::native_enum<FxInterpolation>(m, "FxInterpolation", "enum.IntEnum",
                                     "How a smile runs between and beyond its strikes.")
        .value("QUADRATIC_IN_DELTA", FxInterpolation::quadratic_in_delta)
        .value("SPLINE_IN_DELTA", FxInterpolation::spline_in_delta)
        .value("VANNA_VOLGA_FIRST", FxInterpolation::vanna_volga_first)
        .value("VANNA_VOLGA_SECOND", FxInterpolation::vanna_volga_second)
        .finalize();
    py::native_enum<FxStrikeOutcome>(m, "FxStrikeOutcome", "enum.IntEnum",
                                     "Whether there is a strike of a delta.")
        .value("SOLVED", FxStrikeOutcome::solved)
        .value("UNREACHABLE", FxStrikeOutcome::unreachable)
        .value("INVALID_INPUT", FxStrikeOutcome::invalid_input)
        .finalize();
    py::native_enum<FxSmileOutcome>(m, "FxSmileOutcome", "enum.IntEnum",
                                    "Whether quotes determine a smile.")
        .value("SOLVED", FxSmileOutcome::solved)
        .value("UNREACHABLE_DELTA", FxSmileOutcome::unreachable_delta)
        .value("INVALID_SMILE", FxSmileOutcome::invalid_smile)
        .value("NOT_CONVERGED", FxSmileOutcome::not_converged)
        .finalize();
}

void bind_expiry(py::module_& m) {
    const auto make = [](double spot, double domestic, double foreign, double time) {
        return require_fx_expiry({spot, domestic, foreign, time});
    };
    py::classh<FxExpiry>(m, "FxExpiry",
                         "The market of one expiry but for volatility: the spot in domestic per "
                         "unit of foreign currency, the discount factors, and years to expiry.")
        .def(py::init(make), py::kw_only(), py::arg("spot"), py::arg("domestic_discount"),
             py::arg("foreign_discount"), py::arg("time"))
        .def_readonly("spot", &FxExpiry::spot, "Domestic per unit of foreign currency.")
        .def_readonly("domestic_discount", &FxExpiry::domestic_discount,
                      "Price today of one unit of domestic currency at expiry.")
        .def_readonly("foreign_discount", &FxExpiry::foreign_discount,
                      "Price today of one unit of foreign currency at expiry.")
        .def_readonly("time", &FxExpiry::time, "Years to expiry.")
        .def_property_readonly("forward", &FxExpiry::forward, "The forward exchange rate.")
        .def(py::self == py::self)
        .def("__hash__",
             [](const FxExpiry& e) {
                 return py::hash(
                     py::make_tuple(e.spot, e.domestic_discount, e.foreign_discount, e.time));
             })
        .def("__repr__",
             [](const FxExpiry& e) {
                 return "FxExpiry(spot=" + number(e.spot) +
                        ", domestic_discount=" + number(e.domestic_discount) +
                        ", foreign_discount=" + number(e.foreign_discount) +
                        ", time=" + number(e.time) + ")";
             })
        .def(py::pickle(
            [](const FxExpiry& e) {
                return py::make_tuple(state_version, e.spot, e.domestic_discount,
                                      e.foreign_discount, e.time);
            },
            [make](const py::tuple& state) {
                require_state(state, "FxExpiry");
                return make(state[1].cast<double>(), state[2].cast<double>(),
                            state[3].cast<double>(), state[4].cast<double>());
            }));
}

void bind_quotes(py::module_& m) {
    py::classh<FxConventions>(m, "FxConventions", "How quotes of a pair and tenor are to be read.")
        .def(py::init([](FxDelta delta, FxAtTheMoney at_the_money, FxStrangle strangle) {
                 return FxConventions{delta, at_the_money, strangle};
             }),
             py::kw_only(), py::arg("delta"), py::arg("at_the_money"), py::arg("strangle"))
        .def_readonly("delta", &FxConventions::delta, "What deltas count.")
        .def_readonly("at_the_money", &FxConventions::at_the_money,
                      "The strike that is called at the money.")
        .def_readonly("strangle", &FxConventions::strangle, "What butterflies say.")
        .def(py::self == py::self)
        .def("__hash__",
             [](const FxConventions& c) {
                 return py::hash(py::make_tuple(c.delta, c.at_the_money, c.strangle));
             })
        .def("__repr__",
             [](const FxConventions& c) {
                 return "FxConventions(" + enum_name(c.delta) + ", at the money " +
                        enum_name(c.at_the_money) + ", strangle " + enum_name(c.strangle) + ")";
             })
        .def(py::pickle(
            [](const FxConventions& c) {
                return py::make_tuple(state_version, c.delta, c.at_the_money, c.strangle);
            },
            [](const py::tuple& state) {
                require_state(state, "FxConventions");
                return FxConventions{state[1].cast<FxDelta>(), state[2].cast<FxAtTheMoney>(),
                                     state[3].cast<FxStrangle>()};
            }));

    const auto make = [](double delta, double risk_reversal, double butterfly) {
        return require_fx_wing({delta, risk_reversal, butterfly});
    };
    py::classh<FxWing>(m, "FxWing",
                       "The quotes at one delta, such as 0.25: volatility of the call less that of "
                       "the put, and the butterfly.")
        .def(py::init(make), py::kw_only(), py::arg("delta"), py::arg("risk_reversal"),
             py::arg("butterfly"))
        .def_readonly("delta", &FxWing::delta, "Of the call, without sign.")
        .def_readonly("risk_reversal", &FxWing::risk_reversal,
                      "Volatility of the call less that of the put.")
        .def_readonly("butterfly", &FxWing::butterfly, "Of the strangle that the convention means.")
        .def(py::self == py::self)
        .def("__hash__",
             [](const FxWing& w) {
                 return py::hash(py::make_tuple(w.delta, w.risk_reversal, w.butterfly));
             })
        .def("__repr__",
             [](const FxWing& w) {
                 return "FxWing(delta=" + number(w.delta) +
                        ", risk_reversal=" + number(w.risk_reversal) +
                        ", butterfly=" + number(w.butterfly) + ")";
             })
        .def(py::pickle(
            [](const FxWing& w) {
                return py::make_tuple(state_version, w.delta, w.risk_reversal, w.butterfly);
            },
            [make](const py::tuple& state) {
                require_state(state, "FxWing");
                return make(state[1].cast<double>(), state[2].cast<double>(),
                            state[3].cast<double>());
            }));
}

void bind_smiles(py::module_& m) {
    using Numbers = std::vector<double>;
    py::classh<FxSmile>(m, "FxSmile", "Volatilities at three or five strikes, and between them.")
        .def(py::init([](double forward, double time, const Numbers& strikes,
                         const Numbers& volatilities, FxInterpolation interpolation) {
                 return FxSmile(forward, time, strikes, volatilities, interpolation);
             }),
             py::kw_only(), py::arg("forward"), py::arg("time"), py::arg("strikes"),
             py::arg("volatilities"), py::arg("interpolation"))
        .def_property_readonly("forward", &FxSmile::forward, "The forward exchange rate.")
        .def_property_readonly("time", &FxSmile::time, "Years to expiry.")
        .def_property_readonly(
            "strikes", [](const FxSmile& s) { return to_array(to_vector(s.strikes())); },
            "The strikes, increasing; the one at the money is in the middle.")
        .def_property_readonly(
            "volatilities", [](const FxSmile& s) { return to_array(to_vector(s.volatilities())); },
            "Volatilities at the strikes, decimals per root year.")
        .def_property_readonly("interpolation", &FxSmile::interpolation,
                               "How the smile runs between and beyond its strikes.")
        .def("volatility", py::vectorize([](const FxSmile* smile, double strike) {
                 return smile->volatility(strike);
             }),
             py::arg("strikes"), "Volatilities; NaN where a strike is not positive.")
        .def(
            "density_factor", py::vectorize([](const FxSmile* smile, double strike) {
                return smile->density_factor(strike);
            }),
            py::arg("strikes"),
            "What has the density's sign, 1 for a flat smile: negative where butterflies cost less "
            "than nothing.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const FxSmile& s) {
                 return "FxSmile(forward " + number(s.forward()) + ", time " + number(s.time()) +
                        ", " + std::to_string(s.strikes().size()) + " strikes from " +
                        number(s.strikes().front()) + " to " + number(s.strikes().back()) + ", " +
                        enum_name(s.interpolation()) + ")";
             })
        .def(py::pickle(
            [](const FxSmile& s) {
                return py::make_tuple(state_version, s.forward(), s.time(), to_vector(s.strikes()),
                                      to_vector(s.volatilities()), s.interpolation());
            },
            [](const py::tuple& state) {
                require_state(state, "FxSmile");
                return FxSmile(state[1].cast<double>(), state[2].cast<double>(),
                               state[3].cast<Numbers>(), state[4].cast<Numbers>(),
                               state[5].cast<FxInterpolation>());
            }));

    py::classh<FxSmileFit>(m, "FxSmileFit",
                           "The smile that quotes determine, and what they are on it.")
        .def_readonly("outcome", &FxSmileFit::outcome, "Whether there is such a smile.")
        .def_readonly("smile", &FxSmileFit::smile, "The smile, or None unless solved.")
        .def_property_readonly(
            "smile_strangle",
            [](const FxSmileFit& f) { return to_array(to_vector(f.smile_strangles())); },
            "Per wing: the mean of the volatilities of put and call less that at the money.")
        .def_property_readonly(
            "strangle_error",
            [](const FxSmileFit& f) { return to_array(to_vector(f.strangle_errors())); },
            "Per wing: what the strangle costs on the smile less its market price, undiscounted.")
        .def_readonly("iterations", &FxSmileFit::iterations, "Steps of Newton's method.")
        .def("__repr__", [](const FxSmileFit& f) {
            const std::string outcome = enum_name(f.outcome);
            return "FxSmileFit(" + outcome + ", " + std::to_string(f.wings) +
                   (f.wings == 1 ? " wing)" : " wings)");
        });
    m.def(
        "fx_smile",
        [](const FxExpiry& expiry, double at_the_money, const std::vector<FxWing>& wings,
           const FxConventions& conventions, FxInterpolation interpolation) {
            return fx_smile(expiry, at_the_money, wings, conventions, interpolation);
        },
        py::arg("expiry"), py::arg("at_the_money"), py::arg("wings"), py::arg("conventions"),
        py::arg("interpolation"), "The smile through the quotes of one expiry.");
}

void bind_deltas(py::module_& m) {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    m.def("fx_delta",
          py::vectorize([](FxDelta convention, double right, const FxExpiry* expiry, double strike,
                           double volatility) {
              const auto side = right_of(right);
              return side ? fx_delta(convention, *side, *expiry, strike, volatility) : not_a_number;
          }),
          py::arg("convention"), py::arg("right"), py::arg("expiry"), py::arg("strike"),
          py::arg("volatility"), "Deltas in a convention.");
    const auto solve = [](FxDelta convention, double right, const FxExpiry* expiry, double delta,
                          double volatility) -> FxStrike {
        const auto side = right_of(right);
        if (!side) return {not_a_number, FxStrikeOutcome::invalid_input};
        return fx_strike(convention, *side, *expiry, delta, volatility);
    };
    m.def("fx_strike",
          py::vectorize([solve](FxDelta convention, double right, const FxExpiry* expiry,
                                double delta, double volatility) {
              return solve(convention, right, expiry, delta, volatility).strike;
          }),
          py::arg("convention"), py::arg("right"), py::arg("expiry"), py::arg("delta"),
          py::arg("volatility"), "Strikes of deltas; NaN where there is none.");
    m.def("fx_strike_outcome",
          py::vectorize([solve](FxDelta convention, double right, const FxExpiry* expiry,
                                double delta, double volatility) {
              return static_cast<std::uint8_t>(
                  solve(convention, right, expiry, delta, volatility).outcome);
          }),
          py::arg("convention"), py::arg("right"), py::arg("expiry"), py::arg("delta"),
          py::arg("volatility"), "Whether there are strikes of deltas, as codes.");
    m.def("fx_at_the_money_strike",
          py::vectorize([](FxAtTheMoney convention, FxDelta delta, const FxExpiry* expiry,
                           double volatility) {
              return fx_at_the_money_strike(convention, delta, *expiry, volatility);
          }),
          py::arg("convention"), py::arg("delta"), py::arg("expiry"), py::arg("volatility"),
          "Strikes at the money.");
}

}  // namespace

void bind_fx(py::module_& m) {
    bind_enums(m);
    bind_expiry(m);
    bind_quotes(m);
    bind_smiles(m);
    bind_deltas(m);
}
