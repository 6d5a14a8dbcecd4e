// formula: SVI slices, their certificates and fits.
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>
#include <optional>
#include <vector>

#include "hedgerow/formula/svi.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"
#include "hedgerow/formula/svi_fit.hpp"
#include "module.hpp"
#include "parameters.hpp"
#include "smile_quotes.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::all_finite;
using binding::bind_parameters;
using binding::enum_name;
using binding::Field;
using binding::number;
using binding::QuoteColumns;

namespace {

void bind_enums(py::module_& m) {
    py::native_enum<ArbitrageVerdict>(m, "ArbitrageVerdict", "enum.IntEnum",
                                      "What a certificate of no arbitrage found.")
        .value("FREE", ArbitrageVerdict::free)
        .value("VIOLATED", ArbitrageVerdict::violated)
        .value("UNDECIDED", ArbitrageVerdict::undecided)
        .finalize();
    py::native_enum<SliceViolation>(m, "SliceViolation", "enum.IntEnum",
                                    "What is wrong with a slice of total variance.")
        .value("NONE", SliceViolation::none)
        .value("NEGATIVE_VARIANCE", SliceViolation::negative_variance)
        .value("STEEP_WING", SliceViolation::steep_wing)
        .value("NEGATIVE_DENSITY", SliceViolation::negative_density)
        .finalize();
    py::native_enum<SmileResidual>(m, "SmileResidual", "enum.IntEnum", "What a fit makes small.")
        .value("VOLATILITY", SmileResidual::volatility)
        .value("TOTAL_VARIANCE", SmileResidual::total_variance)
        .finalize();
    py::native_enum<Loss>(m, "Loss", "enum.IntEnum", "How much a large residual counts.")
        .value("SQUARES", Loss::squares)
        .value("HUBER", Loss::huber)
        .value("TUKEY", Loss::tukey)
        .finalize();
    py::native_enum<SliceConstraint>(m, "SliceConstraint", "enum.IntEnum",
                                     "What a fitted slice must keep to.")
        .value("NONE", SliceConstraint::none)
        .value("BUTTERFLY", SliceConstraint::butterfly)
        .finalize();
    py::native_enum<SmileFitOutcome>(m, "SmileFitOutcome", "enum.IntEnum",
                                     "What became of the fit of a smile.")
        .value("CONVERGED", SmileFitOutcome::converged)
        .value("NOT_CONVERGED", SmileFitOutcome::not_converged)
        .value("TOO_FEW_QUOTES", SmileFitOutcome::too_few_quotes)
        .value("INVALID_QUOTE", SmileFitOutcome::invalid_quote)
        .value("INVALID_INPUT", SmileFitOutcome::invalid_input)
        .value("TOO_MANY_QUOTES", SmileFitOutcome::too_many_quotes)
        .value("NOT_ENFORCED", SmileFitOutcome::not_enforced)
        .value("FAR_FROM_QUOTES", SmileFitOutcome::far_from_quotes)
        .finalize();
}

void bind_slices(py::module_& m) {
    constexpr std::array raw{
        Field<SviParameters>{"a", &SviParameters::a, "Level of variance."},
        Field<SviParameters>{"b", &SviParameters::b, "Half the sum of the wings' slopes."},
        Field<SviParameters>{"rho", &SviParameters::rho, "Asymmetry of the wings."},
        Field<SviParameters>{"m", &SviParameters::m, "Log-moneyness of the vertex."},
        Field<SviParameters>{"sigma", &SviParameters::sigma, "Smoothness of the vertex."}};
    constexpr std::array natural{
        Field<SviNatural>{"delta", &SviNatural::delta, "Level."},
        Field<SviNatural>{"mu", &SviNatural::mu, "Place."},
        Field<SviNatural>{"rho", &SviNatural::rho, "Asymmetry of the wings."},
        Field<SviNatural>{"omega", &SviNatural::omega, "Size."},
        Field<SviNatural>{"zeta", &SviNatural::zeta, "Scale of log-moneyness, inverse."}};
    constexpr std::array wings{
        Field<SviJumpWings>{"variance", &SviJumpWings::variance, "Variance per year at the money."},
        Field<SviJumpWings>{"skew", &SviJumpWings::skew,
                            "Slope of volatility times sqrt(time) at the money."},
        Field<SviJumpWings>{"put_wing", &SviJumpWings::put_wing,
                            "Slope of the left wing over sqrt(w(0))."},
        Field<SviJumpWings>{"call_wing", &SviJumpWings::call_wing,
                            "Slope of the right wing over sqrt(w(0))."},
        Field<SviJumpWings>{"minimum_variance", &SviJumpWings::minimum_variance,
                            "The least variance per year."},
        Field<SviJumpWings>{"time", &SviJumpWings::time, "Years to expiry."}};

    auto parameters = bind_parameters<SviParameters>(
        m, "SviParameters",
        "A slice of total variance, w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)).", raw,
        [](const SviParameters& slice) { require_svi(slice); });
    bind_parameters<SviNatural>(m, "SviNatural", "A slice in its natural parameters.", natural,
                                all_finite(natural))
        .def(
            "raw", [](const SviNatural& s) { return require_svi(to_raw(s)); },
            "The same slice in raw parameters.");
    bind_parameters<SviJumpWings>(m, "SviJumpWings",
                                  "A slice in the terms that traders quote, per year.", wings,
                                  all_finite(wings))
        .def(
            "raw", [](const SviJumpWings& s) { return require_svi(to_raw(s)); },
            "The same slice in raw parameters; InvalidInput where there is none.");
    parameters
        .def(
            "natural", [](const SviParameters& s) { return to_natural(s); },
            "The same slice in its natural parameters.")
        .def("jump_wings", &to_jump_wings, py::arg("time"),
             "The jump wings of the slice at an expiry in `time` years; NaN where w(0) <= 0.")
        .def("total_variance", py::vectorize([](const SviParameters* s, double k) {
                 return svi_total_variance(*s, k);
             }),
             py::arg("log_moneyness"), "w(k) at k = ln(strike / forward).")
        .def("slope",
             py::vectorize([](const SviParameters* s, double k) { return svi_slope(*s, k); }),
             py::arg("log_moneyness"), "w'(k).")
        .def("curvature",
             py::vectorize([](const SviParameters* s, double k) { return svi_curvature(*s, k); }),
             py::arg("log_moneyness"), "w''(k).")
        .def("volatility", py::vectorize([](const SviParameters* s, double k, double time) {
                 return svi_volatility(*s, k, time);
             }),
             py::arg("log_moneyness"), py::arg("time"),
             "Implied volatility per year, sqrt(w(k) / time); NaN where w is negative.")
        .def("density_factor", py::vectorize([](const SviParameters* s, double k) {
                 return svi_density_factor(*s, k);
             }),
             py::arg("log_moneyness"),
             "g(k), which has the sign of the risk-neutral density: a butterfly around k costs "
             "less than nothing where it is negative.");
}

void bind_certificates(py::module_& m) {
    py::classh<SviButterfly>(m, "SviButterfly", "Whether a slice is free of butterfly arbitrage.")
        .def_readonly("verdict", &SviButterfly::verdict, "What is proven.")
        .def_readonly("violation", &SviButterfly::violation, "What is wrong with the slice.")
        .def_readonly("minimum", &SviButterfly::minimum, "The least density factor met.")
        .def_readonly("where", &SviButterfly::where, "Its log-moneyness; may be infinite.")
        .def_readonly("bound", &SviButterfly::bound,
                      "The density factor is nowhere below: proven, or NaN.")
        .def_readonly("least_total_variance", &SviButterfly::least_total_variance,
                      "The minimum of w.")
        .def_readonly("left_slope", &SviButterfly::left_slope, "Of the left wing, b (1 - rho).")
        .def_readonly("right_slope", &SviButterfly::right_slope, "Of the right wing, b (1 + rho).")
        .def("__repr__", [](const SviButterfly& b) {
            return "SviButterfly(" + enum_name(b.verdict) + ", violation " +
                   enum_name(b.violation) + ", least density factor " + number(b.minimum) + " at " +
                   number(b.where) + ")";
        });
    py::classh<SviCalendar>(m, "SviCalendar", "Whether a slice lies nowhere below an earlier one.")
        .def_readonly("verdict", &SviCalendar::verdict, "What is proven.")
        .def_readonly("depth", &SviCalendar::depth,
                      "The most that the earlier slice lies above the later; may be infinite.")
        .def_readonly("where", &SviCalendar::where, "Its log-moneyness; may be infinite.")
        .def_property_readonly(
            "crossings",
            [](const SviCalendar& c) {
                return py::tuple(py::cast(
                    std::vector<double>(c.crossing.begin(), c.crossing.begin() + c.crossings)));
            },
            "The log-moneynesses where the slices cross, in order.")
        .def("__repr__", [](const SviCalendar& c) {
            return "SviCalendar(" + enum_name(c.verdict) + ", depth " + number(c.depth) + " at " +
                   number(c.where) + ", " + std::to_string(c.crossings) +
                   (c.crossings == 1 ? " crossing)" : " crossings)");
        });
    m.def("svi_butterfly", &svi_butterfly, py::arg("slice"),
          "Decides whether the density factor of a slice is nowhere negative, by the signs of "
          "polynomials: nothing between grid points can be missed.");
    m.def("svi_calendar", &svi_calendar, py::arg("earlier"), py::arg("later"),
          "Decides whether the later slice's total variance is nowhere below the earlier one's, "
          "but for rounding.");
}

void bind_fit(py::module_& m) {
    py::classh<SviFit>(m, "SviFit", "A fitted slice; NaN where the outcome gives none.")
        .def_readonly("outcome", &SviFit::outcome, "What happened, and so what the slice is worth.")
        .def_readonly("parameters", &SviFit::parameters, "The slice.")
        .def_readonly(
            "standard_errors", &SviFit::standard_errors,
            "One deviation of each parameter as it would be without bounds; NaN where the "
            "quotes don't determine it.")
        .def_readonly("residual", &SviFit::residual,
                      "Weighted root mean square, in the unit of the residual asked for.")
        .def_readonly("largest_residual", &SviFit::largest_residual, "Without its weight.")
        .def_readonly("iterations", &SviFit::iterations, "Evaluations of all residuals.")
        .def_readonly("quotes", &SviFit::quotes, "Rows with weight.")
        .def_readonly("invalid_row", &SviFit::invalid_row, "Of an invalid quote.")
        .def_readonly("butterfly", &SviFit::butterfly, "The slice's certificate.")
        .def_readonly("calendar", &SviFit::calendar,
                      "Against the earlier slice; undecided without one.")
        .def("__repr__", [](const SviFit& fit) {
            return "SviFit(" + enum_name(fit.outcome) + ", " +
                   py::repr(py::cast(fit.parameters)).cast<std::string>() + ", residual " +
                   number(fit.residual) + ")";
        });
    m.def(
        "fit_svi",
        [](Column<double> log_moneyness, Column<double> volatility, double time,
           std::optional<Column<double>> weight, SmileResidual residual, Loss loss,
           SliceConstraint constraint, std::optional<SviParameters> earlier,
           std::optional<SviParameters> start, int most_iterations) {
            const QuoteColumns quotes(std::move(log_moneyness), std::move(volatility), time,
                                      std::move(weight));
            const SviFitOptions options{residual, loss,  constraint,
                                        earlier,  start, most_iterations};
            const SmileQuotes view = quotes.view();
            const py::gil_scoped_release released;
            return fit_svi(view, options);
        },
        py::arg("log_moneyness"), py::arg("volatility"), py::arg("time"), py::kw_only(),
        py::arg("weight") = py::none(), py::arg("residual") = SmileResidual::volatility,
        py::arg("loss") = Loss::squares, py::arg("constraint") = SliceConstraint::none,
        py::arg("earlier") = py::none(), py::arg("start") = py::none(),
        py::arg("most_iterations") = 100,
        "Fits a slice to the implied volatilities of an expiry. Never raises for what quotes hold: "
        "see the outcome.");
}

}  // namespace

void bind_svi(py::module_& m) {
    bind_enums(m);
    bind_slices(m);
    bind_certificates(m);
    bind_fit(m);
}
