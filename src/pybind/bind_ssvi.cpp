// formula: SSVI and eSSVI surfaces, their conditions and fits.
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>
#include <string>
#include <vector>

#include "hedgerow/formula/ssvi.hpp"
#include "hedgerow/formula/ssvi_fit.hpp"
#include "module.hpp"
#include "parameters.hpp"
#include "smile_quotes.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::bind_parameters;
using binding::enum_name;
using binding::Field;
using binding::number;
using binding::QuoteColumns;

namespace {

void bind_conditions(py::module_& m) {
    py::native_enum<SsviViolation>(m, "SsviViolation", "enum.IntEnum",
                                   "The condition of no arbitrage that a surface breaks.")
        .value("NONE", SsviViolation::none)
        .value("DOMAIN", SsviViolation::domain)
        .value("STEEP_WING", SsviViolation::steep_wing)
        .value("HIGH_CURVATURE", SsviViolation::high_curvature)
        .value("FALLING_VARIANCE", SsviViolation::falling_variance)
        .value("FALLING_LEFT_WING", SsviViolation::falling_left_wing)
        .value("FALLING_RIGHT_WING", SsviViolation::falling_right_wing)
        .value("RISING_PHI", SsviViolation::rising_phi)
        .finalize();
    py::classh<SsviCheck>(m, "SsviCheck", "Where a surface breaks a condition first.")
        .def_readonly("violation", &SsviCheck::violation, "The condition.")
        .def_readonly("slice", &SsviCheck::slice, "The number of the slice in breach.")
        .def("__repr__", [](const SsviCheck& check) {
            return "SsviCheck(" + enum_name(check.violation) + ", slice " +
                   std::to_string(check.slice) + ")";
        });
    m.def(
        "ssvi_butterfly", [](const SsviSlice& slice) { return ssvi_butterfly(slice); },
        py::arg("slice"), "The first broken one of the conditions of a single slice.");
    m.def("ssvi_calendar", &ssvi_calendar, py::arg("earlier"), py::arg("later"),
          "The first broken one of the conditions that keep the later slice above.");
    m.def(
        "ssvi_check", [](const std::vector<SsviSlice>& surface) { return ssvi_check(surface); },
        py::arg("surface"), "The first broken condition of slices in order of expiry.");
}

template <class Surface>
void define_surface(py::classh<Surface>& type) {
    type.def(
            "slice", [](const Surface& s, double theta) { return ssvi_slice(s, theta); },
            py::arg("theta"), "The slice whose total variance at the money is theta > 0.")
        .def(
            "violation", [](const Surface& s) { return ssvi_surface(s); },
            "The first broken condition of no arbitrage for every theta.");
}

void bind_surfaces(py::module_& m) {
    constexpr std::array slice{
        Field<SsviSlice>{"theta", &SsviSlice::theta, "Total variance at the money forward."},
        Field<SsviSlice>{"rho", &SsviSlice::rho, "Asymmetry of the wings."},
        Field<SsviSlice>{"psi", &SsviSlice::psi, "Sum of the wings' slopes."}};
    constexpr std::array power_law{
        Field<SsviPowerLaw>{"rho", &SsviPowerLaw::rho, "Asymmetry of the wings."},
        Field<SsviPowerLaw>{"eta", &SsviPowerLaw::eta, "Size of the wings."},
        Field<SsviPowerLaw>{"gamma", &SsviPowerLaw::gamma, "How they fade with variance."}};
    constexpr std::array heston{
        Field<SsviHeston>{"rho", &SsviHeston::rho, "Asymmetry of the wings."},
        Field<SsviHeston>{"lambda_", &SsviHeston::lambda, "How the wings fade with variance."}};
    bind_parameters<SsviSlice>(m, "SsviSlice", "A slice of an SSVI or eSSVI surface.", slice,
                               [](const SsviSlice& s) { require_ssvi(s); })
        .def(
            "raw", [](const SsviSlice& s) { return to_raw(s); },
            "The same slice in raw SVI parameters.")
        .def("total_variance",
             py::vectorize([](const SsviSlice* s, double k) { return ssvi_total_variance(*s, k); }),
             py::arg("log_moneyness"), "w(k) at k = ln(strike / forward).")
        .def("volatility", py::vectorize([](const SsviSlice* s, double k, double time) {
                 return ssvi_volatility(*s, k, time);
             }),
             py::arg("log_moneyness"), py::arg("time"),
             "Implied volatility per year, sqrt(w(k) / time).");
    auto law = bind_parameters<SsviPowerLaw>(
        m, "SsviPowerLaw", "phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma)).", power_law,
        [](const SsviPowerLaw& s) { require_ssvi(s); });
    auto mean_reverting = bind_parameters<SsviHeston>(
        m, "SsviHeston", "phi(theta) as long-dated Heston smiles have it.", heston,
        [](const SsviHeston& s) { require_ssvi(s); });
    define_surface(law);
    define_surface(mean_reverting);
}

/// What happened, the parameters and the residual.
template <class Fit>
std::string shown(const char* type, const Fit& fit) {
    return std::string(type) + "(" + enum_name(fit.outcome) + ", " +
           py::repr(py::cast(fit.parameters)).template cast<std::string>() + ", residual " +
           number(fit.residual) + ")";
}

/// A fit of a surface and the levels that it found.
template <class Surface>
struct FitWithLevels {
    SsviFit<Surface> fit;
    std::vector<double> theta;
};

std::vector<SmileQuotes> views(const std::vector<QuoteColumns>& expiries) {
    std::vector<SmileQuotes> result;
    for (const QuoteColumns& each : expiries) result.push_back(each.view());
    return result;
}

template <class Surface, class Function>
void define_fit(py::module_& m, const char* type, const char* function, Function fit,
                const char* doc) {
    using Fit = FitWithLevels<Surface>;
    py::classh<Fit>(m, type, "A fitted surface; NaN where the outcome gives none.")
        .def_property_readonly(
            "outcome", [](const Fit& f) { return f.fit.outcome; }, "What happened.")
        .def_property_readonly(
            "parameters", [](const Fit& f) { return f.fit.parameters; }, "The surface.")
        .def_property_readonly(
            "standard_errors", [](const Fit& f) { return f.fit.standard_errors; },
            "One deviation of each parameter as it would be without the conditions.")
        .def_property_readonly(
            "theta", [](const Fit& f) { return py::array_t<double>(py::cast(f.theta)); },
            "Total variance at the money of each expiry.")
        .def_property_readonly(
            "residual", [](const Fit& f) { return f.fit.residual; },
            "Weighted root mean square, in the unit of the residual asked for.")
        .def_property_readonly(
            "largest_residual", [](const Fit& f) { return f.fit.largest_residual; },
            "Without its weight.")
        .def_property_readonly(
            "iterations", [](const Fit& f) { return f.fit.iterations; },
            "Evaluations of all residuals.")
        .def_property_readonly(
            "quotes", [](const Fit& f) { return f.fit.quotes; }, "Rows with weight.")
        .def_property_readonly(
            "invalid_expiry", [](const Fit& f) { return f.fit.invalid_expiry; },
            "The expiry that the outcome speaks of.")
        .def_property_readonly(
            "invalid_row", [](const Fit& f) { return f.fit.invalid_row; }, "Of an invalid quote.")
        .def_property_readonly(
            "violation", [](const Fit& f) { return f.fit.violation; },
            "The broken condition of no arbitrage.")
        .def("__repr__", [type](const Fit& f) { return shown(type, f.fit); });
    m.def(
        function,
        [fit](const std::vector<QuoteColumns>& expiries, SmileResidual residual,
              int most_iterations) {
            const std::vector<SmileQuotes> quotes = views(expiries);
            Fit result;
            result.theta.resize(quotes.size());
            const py::gil_scoped_release released;
            result.fit = fit(quotes, result.theta, {residual, Loss::squares, most_iterations});
            return result;
        },
        py::arg("expiries"), py::kw_only(), py::arg("residual") = SmileResidual::volatility,
        py::arg("most_iterations") = 100, doc);
}

void bind_fits(py::module_& m) {
    py::classh<QuoteColumns>(m, "SmileQuotes", "The implied volatilities of one expiry.")
        .def(py::init<Column<double>, Column<double>, double, std::optional<Column<double>>>(),
             py::kw_only(), py::arg("log_moneyness"), py::arg("volatility"), py::arg("time"),
             py::arg("weight") = py::none())
        .def_property_readonly("log_moneyness", &QuoteColumns::log_moneyness,
                               "ln(strike / forward).")
        .def_property_readonly("volatility", &QuoteColumns::volatility, "Decimals per year.")
        .def_property_readonly("time", &QuoteColumns::time, "Years to expiry.")
        .def_property_readonly("weight", &QuoteColumns::weight,
                               "Of the squared residuals; None where all are 1.");
    py::classh<EssviSliceFit>(m, "EssviSliceFit", "One expiry of a fitted eSSVI surface.")
        .def_readonly("outcome", &EssviSliceFit::outcome, "What happened.")
        .def_readonly("parameters", &EssviSliceFit::parameters, "The slice.")
        .def_readonly("standard_errors", &EssviSliceFit::standard_errors,
                      "One deviation of each parameter as it would be without the conditions.")
        .def_readonly("residual", &EssviSliceFit::residual,
                      "Weighted root mean square, in the unit of the residual asked for.")
        .def_readonly("largest_residual", &EssviSliceFit::largest_residual, "Without its weight.")
        .def_readonly("iterations", &EssviSliceFit::iterations, "Evaluations of all residuals.")
        .def_readonly("quotes", &EssviSliceFit::quotes, "Rows with weight.")
        .def_readonly("invalid_row", &EssviSliceFit::invalid_row, "Of an invalid quote.")
        .def_readonly("butterfly", &EssviSliceFit::butterfly, "The slice's certificate.")
        .def_readonly("calendar", &EssviSliceFit::calendar,
                      "Against the slice before; undecided for the first.")
        .def("__repr__", [](const EssviSliceFit& fit) { return shown("EssviSliceFit", fit); });
    m.def(
        "fit_essvi",
        [](const std::vector<QuoteColumns>& expiries, SmileResidual residual, Loss loss,
           int most_iterations) {
            const std::vector<SmileQuotes> quotes = views(expiries);
            std::vector<EssviSliceFit> slices(quotes.size());
            const py::gil_scoped_release released;
            fit_essvi(quotes, slices, {residual, loss, most_iterations});
            return slices;
        },
        py::arg("expiries"), py::kw_only(), py::arg("residual") = SmileResidual::volatility,
        py::arg("loss") = Loss::squares, py::arg("most_iterations") = 100,
        "Fits an eSSVI surface expiry by expiry, free of arbitrage by construction.");
    define_fit<SsviPowerLaw>(m, "SsviPowerLawFit", "fit_ssvi_power_law", &fit_ssvi_power_law,
                             "Fits an SSVI surface with a power law to all expiries at once.");
    define_fit<SsviHeston>(m, "SsviHestonFit", "fit_ssvi_heston", &fit_ssvi_heston,
                           "Fits an SSVI surface with Heston's shape to all expiries at once.");
}

}  // namespace

void bind_ssvi(py::module_& m) {
    bind_conditions(m);
    bind_surfaces(m);
    bind_fits(m);
}
