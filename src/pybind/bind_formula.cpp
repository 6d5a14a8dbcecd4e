// formula: sums of whole columns, and the slow oracle beside the kernels.
#include <array>
#include <bit>

#include "arrays.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/bsm.hpp"
#include "hedgerow/formula/generic.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

py::dict to_dict(const Greeks& greeks) {
    const auto values = std::bit_cast<std::array<double, greek_count>>(greeks);
    py::dict result;
    for (int i = 0; i < greek_count; ++i) result[greek_names[i]] = values[i];
    return result;
}

using Numbers = Column<double>;

/// Sums by group as an array of a row per output.
py::array_t<double> bsm_net(const Numbers& right, const Numbers& spot, const Numbers& strike,
                            const Numbers& time, const Numbers& volatility, const Numbers& rate,
                            const Numbers& carry, const Numbers& quantity,
                            const Column<std::uint32_t>& group, std::size_t groups) {
    const BsmColumns options{as_span(right),      as_span(spot), as_span(strike), as_span(time),
                             as_span(volatility), as_span(rate), as_span(carry)};
    py::array_t<double> result({std::size_t{greek_count}, groups});
    GreekColumns sums;
    for (std::size_t j = 0; j < greek_count; ++j)
        sums[j] = {result.mutable_data(static_cast<py::ssize_t>(j), 0), groups};
    const auto pool = current_pool();
    {
        const py::gil_scoped_release released;
        bsm_net_greeks(options, as_span(quantity), as_span(group), sums, pool.get());
    }
    return result;
}

}  // namespace

void bind_formula(py::module_& m) {
    m.def("bsm_net_greeks", &bsm_net, py::arg("right"), py::arg("spot"), py::arg("strike"),
          py::arg("time"), py::arg("volatility"), py::arg("rate"), py::arg("carry"),
          py::arg("quantity"), py::arg("group"), py::arg("groups"),
          "Price and Greeks times quantity, summed by group: a row per output.");
    m.def(
        "black_greeks_by_jet",
        [](Right right, double forward, double strike, double time, double volatility,
           double discount) {
            return to_dict(black_greeks_by_jet(right, forward, strike, time, volatility, discount));
        },
        py::arg("right"), py::arg("forward"), py::arg("strike"), py::arg("time"),
        py::arg("volatility"), py::arg("discount"),
        "Black-76 price and Greeks by automatic differentiation: a slow oracle for black_greeks.");
    m.def(
        "bsm_greeks_by_jet",
        [](Right right, double spot, double strike, double time, double volatility, double rate,
           double carry) {
            return to_dict(bsm_greeks_by_jet(right, spot, strike, time, volatility, rate, carry));
        },
        py::arg("right"), py::arg("spot"), py::arg("strike"), py::arg("time"),
        py::arg("volatility"), py::arg("rate"), py::arg("carry"),
        "Black-Scholes-Merton price and Greeks by automatic differentiation: a slow oracle for "
        "bsm_greeks.");
    m.def(
        "bachelier_greeks_by_jet",
        [](Right right, double forward, double strike, double time, double volatility,
           double discount) {
            return to_dict(
                bachelier_greeks_by_jet(right, forward, strike, time, volatility, discount));
        },
        py::arg("right"), py::arg("forward"), py::arg("strike"), py::arg("time"),
        py::arg("volatility"), py::arg("discount"),
        "Bachelier price and Greeks by automatic differentiation: a slow oracle for "
        "bachelier_greeks.");
    m.def(
        "displaced_greeks_by_jet",
        [](Right right, double forward, double strike, double time, double volatility,
           double discount, double shift) {
            return to_dict(
                displaced_greeks_by_jet(right, forward, strike, time, volatility, discount, shift));
        },
        py::arg("right"), py::arg("forward"), py::arg("strike"), py::arg("time"),
        py::arg("volatility"), py::arg("discount"), py::arg("shift"),
        "Displaced Black price and Greeks by automatic differentiation: a slow oracle for "
        "displaced_greeks.");
}
