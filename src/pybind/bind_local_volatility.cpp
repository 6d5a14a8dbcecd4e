// formula: surfaces between expiries, local volatility and the prices under it.
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/operators.h>

#include "arrays.hpp"
#include "hedgerow/formula/andreasen_huge.hpp"
#include "hedgerow/formula/local_volatility.hpp"
#include "hedgerow/formula/local_volatility_pde.hpp"
#include "hedgerow/formula/svi_surface.hpp"
#include "module.hpp"
#include "state.hpp"

using namespace hedgerow;

namespace {

using Numbers = std::vector<double>;

void bind_enums(py::module_& m) {
    py::native_enum<DiffusionOutcome>(m, "DiffusionOutcome", "enum.IntEnum",
                                      "What came of prices under local volatility.")
        .value("VALUED", DiffusionOutcome::valued)
        .value("UNDEFINED_VARIANCE", DiffusionOutcome::undefined_variance)
        .finalize();
}

void bind_check(py::module_& m) {
    using Check = LocalVolatilityCheck;
    py::classh<Check>(m, "LocalVolatilityCheck",
                      "At how many nodes of a grid a surface has no local volatility, and why.")
        .def_readonly("nodes", &Check::nodes, "All that were looked at.")
        .def_readonly("negative_variance", &Check::negative_variance, "Total variance is negative.")
        .def_readonly("calendar", &Check::calendar, "Total variance falls with time.")
        .def_readonly("butterfly", &Check::butterfly, "The density is not positive.")
        .def_readonly("invalid", &Check::invalid, "NaN, or a time below 0.")
        .def_property_readonly("bad", &Check::bad, "The sum of the four.")
        .def_property_readonly(
            "share",
            [](const Check& c) {
                return static_cast<double>(c.bad()) / static_cast<double>(c.nodes);
            },
            "bad / nodes; NaN without nodes.")
        .def("__repr__", [](const Check& c) {
            return "LocalVolatilityCheck(nodes=" + std::to_string(c.nodes) +
                   ", negative_variance=" + std::to_string(c.negative_variance) +
                   ", calendar=" + std::to_string(c.calendar) +
                   ", butterfly=" + std::to_string(c.butterfly) +
                   ", invalid=" + std::to_string(c.invalid) + ")";
        });
}

void bind_surface(py::module_& m) {
    py::classh<SviSurface>(
        m, "SviSurface",
        "SVI slices by expiry, linear in total variance between them at constant log-moneyness.")
        .def(py::init<Numbers, std::vector<SviParameters>>(), py::arg("times"), py::arg("slices"))
        .def_property_readonly(
            "times",
            [](const SviSurface& s) {
                return py::tuple(py::cast(Numbers(s.times().begin(), s.times().end())));
            },
            "Years to the expiries.")
        .def_property_readonly(
            "slices",
            [](const SviSurface& s) {
                return py::tuple(
                    py::cast(std::vector<SviParameters>(s.slices().begin(), s.slices().end())));
            },
            "SviParameters, one per expiry.")
        .def("total_variance", py::vectorize([](const SviSurface* s, double k, double time) {
                 return s->at(k, time).at.total_variance;
             }),
             py::arg("log_moneyness"), py::arg("time"), "w(k, T).")
        .def("slope", py::vectorize([](const SviSurface* s, double k, double time) {
                 return s->at(k, time).at.slope;
             }),
             py::arg("log_moneyness"), py::arg("time"), "The derivative of w in k.")
        .def("curvature", py::vectorize([](const SviSurface* s, double k, double time) {
                 return s->at(k, time).at.curvature;
             }),
             py::arg("log_moneyness"), py::arg("time"), "The second derivative of w in k.")
        .def("time_slope", py::vectorize([](const SviSurface* s, double k, double time) {
                 return s->at(k, time).time_slope;
             }),
             py::arg("log_moneyness"), py::arg("time"),
             "The derivative of w in T; at an expiry that of the time before it.")
        .def("volatility", py::vectorize([](const SviSurface* s, double k, double time) {
                 return s->volatility(k, time);
             }),
             py::arg("log_moneyness"), py::arg("time"),
             "Implied volatility per year, sqrt(w / T); NaN where w is negative.")
        .def("density_factor", py::vectorize([](const SviSurface* s, double k, double time) {
                 return density_factor(k, s->at(k, time));
             }),
             py::arg("log_moneyness"), py::arg("time"),
             "g(k, T), which has the sign of the risk-neutral density.")
        .def("local_volatility", py::vectorize([](const SviSurface* s, double k, double time) {
                 return std::sqrt(local_variance(k, s->at(k, time)));
             }),
             py::arg("log_moneyness"), py::arg("time"),
             "sqrt(w_T / g), per root year, at k = ln(S_T / forward) and time T; NaN where the "
             "surface has arbitrage.")
        .def(
            "check",
            [](const SviSurface& s, const Column<double>& k, const Column<double>& times) {
                return check_local_volatility(s, as_span(k), as_span(times));
            },
            py::arg("log_moneyness"), py::arg("times"),
            "Counts the nodes, every k at every time, without a local volatility.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const SviSurface& s) {
                 return "SviSurface(" + std::to_string(s.times().size()) + " expiries to " +
                        py::str(py::float_(s.times().back())).cast<std::string>() + " years)";
             })
        .def(py::pickle(
            [](const SviSurface& s) {
                Numbers flat;
                for (const SviParameters& p : s.slices())
                    flat.insert(flat.end(), {p.a, p.b, p.rho, p.m, p.sigma});
                return py::make_tuple(binding::state_version,
                                      Numbers(s.times().begin(), s.times().end()), flat);
            },
            [](const py::tuple& state) {
                binding::require_state(state, "SviSurface");
                const auto flat = state[2].cast<Numbers>();
                std::vector<SviParameters> slices;
                for (std::size_t i = 0; i + 4 < flat.size(); i += 5)
                    slices.push_back({flat[i], flat[i + 1], flat[i + 2], flat[i + 3], flat[i + 4]});
                return SviSurface(state[1].cast<Numbers>(), std::move(slices));
            }));
}

/// Broadcasts, and puts the rows of one time after another through what computes all strikes of a
/// time at once.
template <class Compute>
py::object by_time(const py::object& log_moneyness, const py::object& time, Compute compute) {
    const auto arrays =
        py::module_::import("numpy")
            .attr("broadcast_arrays")(Column<double>(log_moneyness), Column<double>(time))
            .cast<py::sequence>();
    const Column<double> k(arrays[0].attr("ravel")()), times(arrays[1].attr("ravel")());
    const auto rows = static_cast<std::size_t>(k.size());
    Numbers result(rows);
    {
        const py::gil_scoped_release released;
        std::vector<std::size_t> order(rows);
        std::iota(order.begin(), order.end(), std::size_t{0});
        // NaN is after all numbers, in an order that sorting can rely on.
        const auto later = [time = as_span(times)](std::size_t i, std::size_t j) {
            return std::isnan(time[j]) ? !std::isnan(time[i]) : time[i] < time[j];
        };
        std::ranges::sort(order, later);
        Numbers at, found;
        for (std::size_t i = 0; i < rows;) {
            const double time = times.data()[order[i]];
            std::size_t end = i;
            at.clear();
            for (; end < rows && !later(order[i], order[end]); ++end)
                at.push_back(k.data()[order[end]]);
            found.resize(at.size());
            compute(at, time, found);
            for (std::size_t j = i; j < end; ++j) result[order[j]] = found[j - i];
            i = end;
        }
    }
    return to_array(std::move(result))
        .attr("reshape")(arrays[0].attr("shape"))
        .attr("__getitem__")(py::make_tuple());
}

void bind_andreasen_huge(py::module_& m) {
    py::classh<AndreasenHuge>(m, "AndreasenHuge",
                              "A surface free of arbitrage through quotes of several expiries.")
        .def(py::init([](const Column<double>& k, const Column<double>& time,
                         const Column<double>& volatility,
                         const std::optional<Column<double>>& weight, int nodes,
                         int most_iterations) {
                 AndreasenHugeQuotes quotes{as_span(k), as_span(time), as_span(volatility), {}};
                 if (weight) quotes.weight = as_span(*weight);
                 const py::gil_scoped_release released;
                 return AndreasenHuge(quotes, {nodes, most_iterations});
             }),
             py::arg("log_moneyness"), py::arg("time"), py::arg("volatility"), py::kw_only(),
             py::arg("weight") = py::none(), py::arg("nodes") = 400,
             py::arg("most_iterations") = 100)
        .def_property_readonly(
            "times",
            [](const AndreasenHuge& s) {
                return py::tuple(py::cast(Numbers(s.times().begin(), s.times().end())));
            },
            "Years to the expiries.")
        .def_property_readonly(
            "outcome", [](const AndreasenHuge& s) { return s.fit().outcome; },
            "How the fit ended, the worst of all expiries.")
        .def_property_readonly(
            "residual", [](const AndreasenHuge& s) { return s.fit().residual; },
            "Root mean square of the residuals.")
        .def_property_readonly(
            "largest_residual", [](const AndreasenHuge& s) { return s.fit().largest_residual; },
            "The largest of the residuals, without its sign.")
        .def_property_readonly(
            "iterations", [](const AndreasenHuge& s) { return s.fit().iterations; },
            "Of all expiries.")
        .def_property_readonly(
            "residuals",
            [](const AndreasenHuge& s) {
                return to_array(Numbers(s.residuals().begin(), s.residuals().end()));
            },
            "Volatility of the surface less that of the quote, one per quote.")
        .def(
            "price",
            [](const AndreasenHuge& s, const py::object& k, const py::object& time) {
                return by_time(k, time, [&s](const Numbers& at, double t, Numbers& found) {
                    s.price(at, t, found);
                });
            },
            py::arg("log_moneyness"), py::arg("time"),
            "Undiscounted prices over the forward of the options out of the money.")
        .def(
            "volatility",
            [](const AndreasenHuge& s, const py::object& k, const py::object& time) {
                return by_time(k, time, [&s](const Numbers& at, double t, Numbers& found) {
                    s.volatility(at, t, found);
                });
            },
            py::arg("log_moneyness"), py::arg("time"), "Black's volatilities of the prices.")
        .def(
            "local_volatility",
            [](const AndreasenHuge& s, const py::object& k, const py::object& time) {
                return by_time(k, time, [&s](const Numbers& at, double t, Numbers& found) {
                    s.local_variance(at, t, found);
                    for (double& each : found) each = std::sqrt(each);
                });
            },
            py::arg("log_moneyness"), py::arg("time"), "Local volatilities per root year.")
        .def("__repr__", [](const AndreasenHuge& s) {
            return "AndreasenHuge(" + std::to_string(s.times().size()) + " expiries, " +
                   std::to_string(s.residuals().size()) + " quotes, residual " +
                   py::str(py::float_(s.fit().residual)).cast<std::string>() + ")";
        });
}

/// The local variance of what Python hands over: a surface, a volatility, or a function of
/// (log-moneynesses, time). Its owner stays alive for the call.
LocalVariance variance_of(const py::object& model) {
    if (py::isinstance<SviSurface>(model)) return local_variance_of(model.cast<SviSurface&>());
    if (py::isinstance<AndreasenHuge>(model))
        return local_variance_of(model.cast<const AndreasenHuge&>());
    if (PyFloat_Check(model.ptr()) || PyIndex_Check(model.ptr()) || py::hasattr(model, "__float__"))
        return local_variance_of(model.cast<double>());
    if (!PyCallable_Check(model.ptr()))
        throw InvalidInput("model", py::repr(model).cast<std::string>(),
                           "must be a surface, a volatility or a function");
    return {[model](std::span<const double> k, double time, std::span<double> variance) {
                const py::gil_scoped_acquire held;
                const auto size = static_cast<py::ssize_t>(k.size());
                const auto found =
                    Column<double>::ensure(model(py::array_t<double>(size, k.data()), time));
                if (!found || found.size() != size)
                    throw InvalidInput("model", "a function",
                                       "must give as many variances as log-moneynesses");
                std::ranges::copy(as_span(found), variance.begin());
            },
            {}};
}

void bind_prices(py::module_& m) {
    m.def(
        "local_volatility_price",
        [](const py::object& model, const Column<double>& right, const Column<double>& spot,
           const Column<double>& strike, const Column<double>& time, const Column<double>& rate,
           const Column<double>& carry, bool american, std::optional<BarrierKind> barrier,
           const Column<double>& level, int nodes, int steps) {
            const LocalVariance variance = variance_of(model);
            const auto rows = static_cast<std::size_t>(right.size());
            Numbers price(rows), delta(rows), gamma(rows);
            std::vector<std::int64_t> undefined(rows);
            {
                const py::gil_scoped_release released;
                for (std::size_t i = 0; i < rows; ++i) {
                    const auto at = static_cast<py::ssize_t>(i);
                    const DiffusionOption option{right.data()[at] > 0 ? Right::call : Right::put,
                                                 spot.data()[at],
                                                 strike.data()[at],
                                                 time.data()[at],
                                                 rate.data()[at],
                                                 carry.data()[at],
                                                 american,
                                                 barrier,
                                                 level.data()[at]};
                    const DiffusionPrice found = price_diffusion(variance, option, {nodes, steps});
                    price[i] = found.price;
                    delta[i] = found.delta;
                    gamma[i] = found.gamma;
                    undefined[i] = static_cast<std::int64_t>(found.undefined);
                }
            }
            return std::make_tuple(to_array(std::move(price)), to_array(std::move(delta)),
                                   to_array(std::move(gamma)), to_array(std::move(undefined)));
        },
        py::arg("model"), py::arg("right"), py::arg("spot"), py::arg("strike"), py::arg("time"),
        py::arg("rate"), py::arg("carry"), py::arg("american"), py::arg("barrier"),
        py::arg("level"), py::arg("nodes"), py::arg("steps"),
        "Price, delta, gamma and undefined nodes of options, columns of one length.");
    m.def(
        "local_volatility_strikes",
        [](const py::object& model, const Column<double>& k, const Column<double>& times, int nodes,
           int steps) {
            const LocalVariance variance = variance_of(model);
            Numbers price(static_cast<std::size_t>(k.size()));
            DiffusionOutcome outcome;
            {
                const py::gil_scoped_release released;
                outcome = price_diffusion_strikes(variance, as_span(k), as_span(times), price,
                                                  {nodes, steps});
            }
            return std::make_pair(outcome, to_array(std::move(price)));
        },
        py::arg("model"), py::arg("log_moneyness"), py::arg("time"), py::arg("nodes"),
        py::arg("steps"),
        "Undiscounted prices over the forward of out-of-the-money options, by the forward "
        "equation.");
}

}  // namespace

void bind_local_volatility(py::module_& m) {
    bind_enums(m);
    bind_check(m);
    bind_surface(m);
    bind_andreasen_huge(m);
    bind_prices(m);
}
