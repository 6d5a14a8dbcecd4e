// formula/fourier: strips of options in models known by their characteristic functions.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "hedgerow/formula/fourier.hpp"
#include "hedgerow/formula/heston_fit.hpp"
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

/// Prices, and below them the derivatives: a row of an array each.
struct Result {
    py::array_t<double> array;
    std::vector<std::span<double>> columns;

    Result(FourierModel model, std::size_t rows, bool gradient)
        : array({1 + (gradient ? parameter_names(model).size() : 0), rows}) {
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
    const Result result(model, static_cast<std::size_t>(right.size()), gradient);
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
    const Result result(model, static_cast<std::size_t>(right.size()), gradient);
    const StripColumns options{as_span(right), as_span(forward), as_span(strike),
                               as_span(discount)};
    if (!fourier_strip_on(isa, model, parameters, time, options, result.price(), result.gradient()))
        return py::none();
    return result.array;
}

/// Outcome, parameters, standard errors, cost, iterations.
py::tuple fit(const Numbers& right, const Numbers& forward, const Numbers& strike,
              const Numbers& time, const Numbers& discount, const Numbers& price,
              const Numbers& weight, const std::array<double, 5>& start,
              const std::array<double, 5>& low, const std::array<double, 5>& high) {
    require_parameters(FourierModel::heston, start);
    require_parameters(FourierModel::heston, low);
    require_parameters(FourierModel::heston, high);
    const HestonQuotes quotes{
        {as_span(right), as_span(forward), as_span(strike), as_span(discount)},
        as_span(time),
        as_span(price),
        as_span(weight)};
    const auto parameters = [](const std::array<double, 5>& numbers) {
        return std::bit_cast<HestonParameters>(numbers);
    };
    HestonFit found;
    {
        const py::gil_scoped_release released;
        found = fit_heston(quotes, parameters(start), {parameters(low), parameters(high)});
    }
    return py::make_tuple(found.outcome, std::bit_cast<std::array<double, 5>>(found.parameters),
                          found.standard_errors, found.cost, found.iterations);
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
    m.def("fit_heston", &fit, py::arg("right"), py::arg("forward"), py::arg("strike"),
          py::arg("time"), py::arg("discount"), py::arg("price"), py::arg("weight"),
          py::arg("start"), py::arg("low"), py::arg("high"),
          "Heston's parameters from prices: outcome, parameters, standard errors, cost, "
          "iterations.");
}
