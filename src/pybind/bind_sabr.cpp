// formula: SABR's volatilities, densities and fits.
#include <pybind11/numpy.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <array>
#include <string>

#include "arrays.hpp"
#include "hedgerow/formula/sabr_arbitrage.hpp"
#include "hedgerow/formula/sabr_fit.hpp"
#include "module.hpp"
#include "state.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::enum_name;
using binding::number;
using binding::require_state;
using binding::state_version;

namespace {

std::string text_of(const SabrParameters& p) {
    return "SabrParameters(alpha=" + number(p.alpha) + ", beta=" + number(p.beta) +
           ", rho=" + number(p.rho) + ", nu=" + number(p.nu) +
           (p.shift != 0 ? ", shift=" + number(p.shift) : "") + ")";
}

void bind_parameters(py::module_& m) {
    py::classh<SabrParameters>(m, "SabrParameters",
                               "The model of one expiry: alpha > 0 in money^(1 - beta) per root "
                               "year, beta in [0, 1], rho in (-1, 1), nu >= 0 per root year, and "
                               "the shift of forward and strike in money.")
        .def(py::init([](double alpha, double beta, double rho, double nu, double shift) {
                 return require_sabr({alpha, beta, rho, nu, shift});
             }),
             py::kw_only(), py::arg("alpha"), py::arg("beta"), py::arg("rho"), py::arg("nu"),
             py::arg("shift") = 0.0)
        .def_readonly("alpha", &SabrParameters::alpha, "Volatility today.")
        .def_readonly("beta", &SabrParameters::beta, "The exponent of the forward.")
        .def_readonly("rho", &SabrParameters::rho, "Correlation of forward and volatility.")
        .def_readonly("nu", &SabrParameters::nu, "Volatility of the volatility.")
        .def_readonly("shift", &SabrParameters::shift, "Added to forward and strike.")
        .def(py::self == py::self)
        .def("__hash__",
             [](const SabrParameters& p) {
                 return py::hash(py::make_tuple(p.alpha, p.beta, p.rho, p.nu, p.shift));
             })
        .def("__repr__", &text_of)
        .def(py::pickle(
            [](const SabrParameters& p) {
                return py::make_tuple(state_version, p.alpha, p.beta, p.rho, p.nu, p.shift);
            },
            [](const py::tuple& state) {
                require_state(state, "SabrParameters");
                return require_sabr({state[1].cast<double>(), state[2].cast<double>(),
                                     state[3].cast<double>(), state[4].cast<double>(),
                                     state[5].cast<double>()});
            }));
}

using OneOutput = double (*)(const SabrParameters&, double, double, double) noexcept;

template <OneOutput function>
void bind_one(py::module_& m, const char* name, const char* words) {
    m.def(name,
          py::vectorize([](const SabrParameters* parameters, double forward, double strike,
                           double time) { return function(*parameters, forward, strike, time); }),
          py::arg("parameters"), py::arg("forward"), py::arg("strike"), py::arg("time"), words);
}

/// Black volatilities: strikes of one expiry at the kernel's speed, all else by broadcasting.
py::object volatilities(const SabrParameters& parameters, const Column<double>& forward,
                        const Column<double>& strike, const Column<double>& time) {
    if (forward.ndim() == 0 && time.ndim() == 0 && strike.ndim() > 0) {
        py::array_t<double> result(
            std::vector<py::ssize_t>(strike.shape(), strike.shape() + strike.ndim()));
        const std::span<double> out(result.mutable_data(), static_cast<std::size_t>(result.size()));
        const auto strikes = as_span(strike);
        const double f = *forward.data(), t = *time.data();
        const py::gil_scoped_release released;
        sabr_volatility(parameters, f, t, strikes, out);
        return result;
    }
    return py::vectorize([&parameters](double f, double k, double t) {
        return sabr_volatility(parameters, f, k, t);
    })(forward, strike, time);
}

/// Columns of one length in, a row per derivative out.
template <SabrVolatility (*function)(const SabrParameters&, double, double, double) noexcept>
py::array_t<double> derivatives(const SabrParameters& parameters, const Column<double>& forward,
                                const Column<double>& strike, const Column<double>& time) {
    const auto f = as_span(forward), k = as_span(strike), t = as_span(time);
    if (k.size() != f.size() || t.size() != f.size())
        throw InvalidInput("strike", std::to_string(k.size()) + " values",
                           "must be as many as forwards and times");
    py::array_t<double> result({py::ssize_t{8}, static_cast<py::ssize_t>(f.size())});
    auto out = result.mutable_unchecked<2>();
    for (std::size_t i = 0; i < f.size(); ++i) {
        const SabrVolatility v = function(parameters, f[i], k[i], t[i]);
        const std::array values{
            v.volatility, v.by_alpha,  v.by_rho,          v.by_nu,
            v.by_forward, v.by_strike, v.by_strike_twice, v.by_forward_and_alpha};
        for (std::size_t j = 0; j < values.size(); ++j)
            out(static_cast<py::ssize_t>(j), static_cast<py::ssize_t>(i)) = values[j];
    }
    return result;
}

void bind_butterfly(py::module_& m) {
    py::classh<SabrButterfly>(m, "SabrButterfly", "What a search for negative densities found.")
        .def_readonly("least_factor", &SabrButterfly::least_factor,
                      "The least density factor; NaN where there is no volatility.")
        .def_readonly("strike", &SabrButterfly::strike, "Where that is.")
        .def_readonly("low", &SabrButterfly::low,
                      "The lowest strike down to which no density is negative.")
        .def_readonly("high", &SabrButterfly::high,
                      "The highest strike up to which no density is negative.")
        .def_property_readonly("is_free", &SabrButterfly::is_free,
                               "Whether no density in the range searched is negative.")
        .def("__repr__", [](const SabrButterfly& found) {
            return "SabrButterfly(" + std::string(found.is_free() ? "free" : "not free") +
                   ", least factor " + number(found.least_factor) + " at " + number(found.strike) +
                   ", free from " + number(found.low) + " to " + number(found.high) + ")";
        });
    m.def("sabr_butterfly", &sabr_butterfly, py::arg("parameters"), py::arg("forward"),
          py::arg("time"), py::arg("low"), py::arg("high"),
          "Searches the strikes from low to high for negative densities.");
}

void bind_fit(py::module_& m) {
    py::classh<SabrFit>(m, "SabrFit", "Fitted parameters, and what is to be thought of them.")
        .def_readonly("parameters", &SabrFit::parameters,
                      "The best ones met; not to be trusted unless the outcome is CONVERGED.")
        .def_readonly("outcome", &SabrFit::outcome, "How the fit ended.")
        .def_readonly("iterations", &SabrFit::iterations, "Evaluations after the first.")
        .def_readonly("residual", &SabrFit::residual,
                      "Weighted root mean square residual, in volatility.")
        .def_readonly("alpha_error", &SabrFit::alpha_error, "Standard error of alpha.")
        .def_readonly("rho_error", &SabrFit::rho_error, "Standard error of rho.")
        .def_readonly("nu_error", &SabrFit::nu_error, "Standard error of nu.")
        .def_readonly("at_bound", &SabrFit::at_bound,
                      "Whether rho or nu lies on the edge of where it is sought.")
        .def("__repr__", [](const SabrFit& fit) {
            return "SabrFit(" + enum_name(fit.outcome) + ", " + text_of(fit.parameters) +
                   ", residual " + number(fit.residual) + ")";
        });
    m.def(
        "fit_sabr",
        [](const Column<double>& strike, const Column<double>& volatility,
           const std::optional<Column<double>>& weight, double forward, double time, double beta,
           double shift, const std::optional<SabrParameters>& start,
           std::optional<double> at_the_money, double robust_scale, int most_iterations) {
            const std::vector<double> alike(weight ? 0 : as_span(strike).size(), 1.0);
            const auto weights = weight ? as_span(*weight) : std::span<const double>(alike);
            return fit_sabr({as_span(strike), as_span(volatility), weights}, forward, time, beta,
                            shift, {start, at_the_money, robust_scale, most_iterations});
        },
        py::arg("strike"), py::arg("volatility"), py::arg("weight"), py::arg("forward"),
        py::arg("time"), py::arg("beta"), py::arg("shift"), py::arg("start"),
        py::arg("at_the_money"), py::arg("robust_scale"), py::arg("most_iterations"),
        "Fits alpha, rho and nu to the volatilities of one expiry.");
    m.def("sabr_alpha",
          py::vectorize(
              [](const SabrParameters* parameters, double volatility, double forward, double time) {
                  return sabr_alpha(*parameters, volatility, forward, time);
              }),
          py::arg("parameters"), py::arg("volatility"), py::arg("forward"), py::arg("time"),
          "The alpha that gives a volatility at the money.");
}

}  // namespace

void bind_sabr(py::module_& m) {
    bind_parameters(m);
    m.def("sabr_volatility", &volatilities, py::arg("parameters"), py::arg("forward"),
          py::arg("strike"), py::arg("time"), "Black volatilities.");
    bind_one<&sabr_normal_volatility>(m, "sabr_normal_volatility", "Bachelier volatilities.");
    bind_one<&sabr_density>(m, "sabr_density", "Densities that the Black volatilities imply.");
    bind_one<&sabr_normal_density>(m, "sabr_normal_density",
                                   "Densities that the Bachelier volatilities imply.");
    bind_one<&sabr_density_factor>(m, "sabr_density_factor", "What has the density's sign.");
    m.def("sabr_derivatives", &derivatives<&sabr_derivatives>, py::arg("parameters"),
          py::arg("forward"), py::arg("strike"), py::arg("time"),
          "Black volatilities and their derivatives over columns, a row each.");
    m.def("sabr_normal_derivatives", &derivatives<&sabr_normal_derivatives>, py::arg("parameters"),
          py::arg("forward"), py::arg("strike"), py::arg("time"),
          "Bachelier volatilities and their derivatives over columns, a row each.");
    bind_butterfly(m);
    bind_fit(m);
}
