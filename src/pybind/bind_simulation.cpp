// math/random and formula/heston_simulation: random numbers, paths and prices of what they pay.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "arrays.hpp"
#include "hedgerow/formula/heston_simulation.hpp"
#include "hedgerow/math/random.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

using Numbers = Column<double>;

/// An array of two dimensions and its elements.
struct Table {
    py::array_t<double> array;
    std::span<double> all;

    Table(std::size_t rows, std::size_t columns)
        : array({rows, columns}), all(array.mutable_data(), rows * columns) {}
    std::span<double> row(std::size_t i, std::size_t rows) const {
        const std::size_t columns = all.size() / rows;
        return all.subspan(i * columns, columns);
    }
};

SimulationPlan plan_of(FourierModel model, const std::vector<double>& parameters,
                       const Numbers& times, double step, std::uint64_t seed, std::size_t paths,
                       bool antithetic) {
    return {model, parameters, as_span(times), step, seed, paths, antithetic};
}

/// Forward ratios and variances, times x paths.
py::tuple paths(FourierModel model, const std::vector<double>& parameters, const Numbers& times,
                double step, std::uint64_t seed, std::size_t count, bool antithetic) {
    const SimulationPlan plan = plan_of(model, parameters, times, step, seed, count, antithetic);
    simulation_steps(plan);  // refuses a bad plan before memory is taken
    const Table ratio(plan.times.size(), count), variance(plan.times.size(), count);
    const auto pool = current_pool();
    {
        const py::gil_scoped_release released;
        simulate_paths(plan, ratio.all, variance.all, pool.get());
    }
    return py::make_tuple(ratio.array, variance.array);
}

py::object paths_on(const std::string& isa, FourierModel model,
                    const std::vector<double>& parameters, const Numbers& times, double step,
                    std::uint64_t seed, std::size_t count, bool antithetic) {
    const SimulationPlan plan = plan_of(model, parameters, times, step, seed, count, antithetic);
    const Table ratio(plan.times.size(), count), variance(plan.times.size(), count);
    if (!simulate_paths_on(isa, plan, ratio.all, variance.all)) return py::none();
    return py::make_tuple(ratio.array, variance.array);
}

/// Prices and standard errors: a row each.
py::array_t<double> prices(FourierModel model, const std::vector<double>& parameters,
                           const Numbers& times, double step, std::uint64_t seed, std::size_t count,
                           bool antithetic, const Numbers& forward, double discount,
                           PathPayoff payoff, const Numbers& right, const Numbers& strike,
                           const Numbers& barrier) {
    const SimulationPlan plan = plan_of(model, parameters, times, step, seed, count, antithetic);
    const Table result(2, static_cast<std::size_t>(right.size()));
    const PathOptions options{as_span(right), as_span(strike), as_span(barrier)};
    const auto forwards = as_span(forward);
    const auto pool = current_pool();
    {
        const py::gil_scoped_release released;
        simulated_prices(plan, forwards, discount, payoff, options, result.row(0, 2),
                         result.row(1, 2), pool.get());
    }
    return result.array;
}

/// Two numbers per path: a row each.
py::object numbers_on(const std::string& isa, bool normal, std::uint64_t seed, std::uint64_t first,
                      std::uint32_t step, std::uint32_t stream, std::size_t count,
                      bool antithetic) {
    const Table result(2, count);
    const RandomRow row{seed, first, step, stream, antithetic};
    const auto fill = normal ? random_normals_on : random_uniforms_on;
    if (!fill(isa, row, result.row(0, 2), result.row(1, 2))) return py::none();
    return result.array;
}

}  // namespace

void bind_simulation(py::module_& m) {
    py::native_enum<PathPayoff>(m, "PathPayoff", "enum.IntEnum",
                                "What is paid on a path, at its end.")
        .value("EUROPEAN", PathPayoff::european)
        .value("ASIAN", PathPayoff::asian)
        .value("GEOMETRIC_ASIAN", PathPayoff::geometric_asian)
        .value("LOOKBACK", PathPayoff::lookback)
        .value("FLOATING_LOOKBACK", PathPayoff::floating_lookback)
        .value("UP_AND_OUT", PathPayoff::up_and_out)
        .value("UP_AND_IN", PathPayoff::up_and_in)
        .value("DOWN_AND_OUT", PathPayoff::down_and_out)
        .value("DOWN_AND_IN", PathPayoff::down_and_in)
        .finalize();
    m.def("simulate_paths", &paths, py::arg("model"), py::arg("parameters"), py::arg("times"),
          py::arg("step"), py::arg("seed"), py::arg("paths"), py::arg("antithetic"),
          "Forward ratios and variances, times x paths each.");
    m.def("simulate_paths_on", &paths_on, py::arg("isa"), py::arg("model"), py::arg("parameters"),
          py::arg("times"), py::arg("step"), py::arg("seed"), py::arg("paths"),
          py::arg("antithetic"),
          "Paths on a named instruction set, for tests; None where this processor can't run it.");
    m.def("simulated_prices", &prices, py::arg("model"), py::arg("parameters"), py::arg("times"),
          py::arg("step"), py::arg("seed"), py::arg("paths"), py::arg("antithetic"),
          py::arg("forward"), py::arg("discount"), py::arg("payoff"), py::arg("right"),
          py::arg("strike"), py::arg("barrier"),
          "Prices of columns of options on paths and their standard errors: a row each.");
    m.def("random_numbers_on", &numbers_on, py::arg("isa"), py::arg("normal"), py::arg("seed"),
          py::arg("first"), py::arg("step"), py::arg("stream"), py::arg("paths"),
          py::arg("antithetic"),
          "Uniforms or normals on a named instruction set, two per path, for tests; None where "
          "this processor can't run it.");
}
