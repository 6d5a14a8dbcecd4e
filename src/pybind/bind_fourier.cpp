// formula/fourier: strips of options in models known by their characteristic functions.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <array>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "hedgerow/formula/fourier.hpp"
#include "hedgerow/formula/fourier_fit.hpp"
#include "module.hpp"

using namespace hedgerow;

namespace {

using Numbers = Column<double>;

void require_parameters(FourierModel model, std::span<const double> parameters) {
    const auto names = parameter_names(model);
    if (parameters.size() != names.size())
        throw InvalidInput("parameters", std::to_string(parameters.size()) + " numbers",
                           "must be " + std::to_string(names.size()));
    if (const auto invalid = find_invalid(model, parameters))
        throw InvalidInput(names[invalid->index], parameters[invalid->index], invalid->rule);
}

/// Prices, and below them derivatives: a row of an array each.
struct Result {
    py::array_t<double> array;
    std::vector<std::span<double>> columns;

    Result(std::size_t results, std::size_t rows) : array({results, rows}) {
        for (py::ssize_t j = 0; j < array.shape(0); ++j)
            columns.emplace_back(array.mutable_data() + static_cast<std::size_t>(j) * rows, rows);
    }
    std::span<double> price() const { return columns.front(); }
    ParameterColumns gradient() const { return {columns.begin() + 1, columns.end()}; }
};

py::array_t<double> price(FourierModel model, const std::vector<double>& parameters,
                          const Numbers& right, const Numbers& forward, const Numbers& strike,
                          const Numbers& time, const Numbers& discount, bool gradient) {
    require_parameters(model, parameters);
    const Result result(1 + (gradient ? parameter_names(model).size() : 0),
                        static_cast<std::size_t>(right.size()));
    const StripColumns options{as_span(right), as_span(forward), as_span(strike),
                               as_span(discount)};
    const auto times = as_span(time);
    {
        const py::gil_scoped_release released;
        fourier_price(model, parameters, options, times, result.price(), result.gradient());
    }
    return result.array;
}

py::object price_on(const std::string& isa, FourierModel model,
                    const std::vector<double>& parameters, const Numbers& right,
                    const Numbers& forward, const Numbers& strike, double time,
                    const Numbers& discount, bool gradient) {
    const Result result(1 + (gradient ? parameter_names(model).size() : 0),
                        static_cast<std::size_t>(right.size()));
    const StripColumns options{as_span(right), as_span(forward), as_span(strike),
                               as_span(discount)};
    if (!fourier_strip_on(isa, model, parameters, time, options, result.price(), result.gradient()))
        return py::none();
    return result.array;
}

py::array_t<double> greeks(FourierModel model, const std::vector<double>& parameters,
                           const Numbers& right, const Numbers& forward, const Numbers& strike,
                           const Numbers& time, const Numbers& discount) {
    require_parameters(model, parameters);
    const Result result(static_cast<std::size_t>(fourier_greeks(model)),
                        static_cast<std::size_t>(right.size()));
    const StripColumns options{as_span(right), as_span(forward), as_span(strike),
                               as_span(discount)};
    const auto times = as_span(time);
    {
        const py::gil_scoped_release released;
        fourier_greeks(model, parameters, options, times, result.columns);
    }
    return result.array;
}

py::object greeks_on(const std::string& isa, FourierModel model,
                     const std::vector<double>& parameters, const Numbers& right,
                     const Numbers& forward, const Numbers& strike, double time,
                     const Numbers& discount) {
    const Result result(static_cast<std::size_t>(fourier_greeks(model)),
                        static_cast<std::size_t>(right.size()));
    const StripColumns options{as_span(right), as_span(forward), as_span(strike),
                               as_span(discount)};
    if (!fourier_greeks_on(isa, model, parameters, time, options, result.columns))
        return py::none();
    return result.array;
}

/// As many as the model has parameters.
std::vector<double> named(FourierModel model, const double* numbers) {
    return {numbers, numbers + parameter_names(model).size()};
}

/// Outcome, parameters, standard errors, cost, iterations.
py::tuple fit(FourierModel model, const Numbers& right, const Numbers& forward,
              const Numbers& strike, const Numbers& time, const Numbers& discount,
              const Numbers& price, const Numbers& weight, const std::vector<double>& start,
              const std::vector<double>& low, const std::vector<double>& high,
              int most_iterations) {
    const FourierQuotes quotes{
        {as_span(right), as_span(forward), as_span(strike), as_span(discount)},
        as_span(time),
        as_span(price),
        as_span(weight)};
    FourierFit found;
    {
        const py::gil_scoped_release released;
        LeastSquaresOptions options;
        options.most_iterations = most_iterations;
        found = fit_fourier(model, quotes, start, {low, high}, options);
    }
    return py::make_tuple(found.outcome, named(model, found.parameters.data()),
                          named(model, found.standard_errors.data()), found.cost, found.iterations);
}

py::tuple bounds(FourierModel model) {
    const FourierBounds usual = usual_bounds(model);
    return py::make_tuple(named(model, usual.low.data()), named(model, usual.high.data()));
}

}  // namespace

void bind_fourier(py::module_& m) {
    py::native_enum<FourierModel>(m, "FourierModel", "enum.IntEnum",
                                  "Models known by their characteristic functions.")
        .value("HESTON", FourierModel::heston)
        .value("BATES", FourierModel::bates)
        .value("MERTON", FourierModel::merton)
        .value("KOU", FourierModel::kou)
        .value("VARIANCE_GAMMA", FourierModel::variance_gamma)
        .value("NORMAL_INVERSE_GAUSSIAN", FourierModel::normal_inverse_gaussian)
        .finalize();
    m.def("fourier_price", &price, py::arg("model"), py::arg("parameters"), py::arg("right"),
          py::arg("forward"), py::arg("strike"), py::arg("time"), py::arg("discount"),
          py::arg("gradient"),
          "Prices of columns of options and, where asked for, their derivatives in the "
          "parameters: a row each.");
    m.def("fourier_strip_on", &price_on, py::arg("isa"), py::arg("model"), py::arg("parameters"),
          py::arg("right"), py::arg("forward"), py::arg("strike"), py::arg("time"),
          py::arg("discount"), py::arg("gradient"),
          "A strip on a named instruction set, for tests; None where this processor can't run it.");
    m.def("fourier_greeks", &greeks, py::arg("model"), py::arg("parameters"), py::arg("right"),
          py::arg("forward"), py::arg("strike"), py::arg("time"), py::arg("discount"),
          "Prices and Greeks of columns of options: price, delta, gamma, theta, dual delta, dual "
          "gamma and, where the model has a variance, the derivative in it: a row each.");
    m.def("fourier_greeks_on", &greeks_on, py::arg("isa"), py::arg("model"), py::arg("parameters"),
          py::arg("right"), py::arg("forward"), py::arg("strike"), py::arg("time"),
          py::arg("discount"),
          "The Greeks of a strip on a named instruction set, for tests; None where this processor "
          "can't run it.");
    m.def("fit_fourier", &fit, py::arg("model"), py::arg("right"), py::arg("forward"),
          py::arg("strike"), py::arg("time"), py::arg("discount"), py::arg("price"),
          py::arg("weight"), py::arg("start"), py::arg("low"), py::arg("high"),
          py::arg("most_iterations"),
          "A model's parameters from prices: outcome, parameters, standard errors, cost, "
          "iterations.");
    m.def("fourier_bounds", &bounds, py::arg("model"),
          "The low and the high bounds that fits keep to unless told otherwise.");
}
