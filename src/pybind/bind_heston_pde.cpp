// formula/heston_pde: American, barrier and lookback options on a grid.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <array>
#include <bit>
#include <tuple>

#include "arrays.hpp"
#include "hedgerow/formula/heston_pde.hpp"
#include "module.hpp"

using namespace hedgerow;

namespace {

using Numbers = Column<double>;
/// Strike, time, rate, carry.
using Terms = std::array<double, 4>;
/// Intervals of the spot and of the variance, steps in time, scheme.
using Grid = std::tuple<int, int, int, HestonScheme>;

/// Price, delta, gamma and the derivative by v0: a row of an array each.
template <class Solve>
py::array_t<double> rows(const std::array<double, 5>& parameters, Right right, const Terms& terms,
                         const Numbers& spots, const Grid& grid, Solve solve) {
    const auto count = static_cast<std::size_t>(spots.size());
    py::array_t<double> array({std::size_t{4}, count});
    const auto row = [&](std::size_t j) {
        return std::span<double>(array.mutable_data() + j * count, count);
    };
    const HestonGridColumns results{row(0), row(1), row(2), row(3)};
    const HestonTerms of{right, terms[0], terms[1], terms[2], terms[3]};
    const auto [along_spot, along_variance, times, scheme] = grid;
    const HestonGrid fineness{along_spot, along_variance, times, scheme};
    const auto at = as_span(spots);
    {
        const py::gil_scoped_release released;
        solve(std::bit_cast<HestonParameters>(parameters), of, at, results, fineness);
    }
    return array;
}

using Plain = void (*)(const HestonParameters&, const HestonTerms&, std::span<const double>,
                       const HestonGridColumns&, const HestonGrid&);

template <Plain function>
void bind_plain(py::module_& m, const char* name, const char* words) {
    m.def(
        name,
        [](const std::array<double, 5>& parameters, Right right, const Terms& terms,
           const Numbers& spots,
           const Grid& grid) { return rows(parameters, right, terms, spots, grid, function); },
        py::arg("parameters"), py::arg("right"), py::arg("terms"), py::arg("spots"),
        py::arg("grid"), words);
}

py::array_t<double> barrier(const std::array<double, 5>& parameters, Right right,
                            const Terms& terms, const Numbers& spots, const Grid& grid,
                            BarrierKind kind, double level, double rebate) {
    return rows(parameters, right, terms, spots, grid,
                [&](const auto& p, const auto& of, auto at, const auto& results, const auto& fine) {
                    heston_barrier_pde(p, of, {kind, level, rebate}, at, results, fine);
                });
}

py::array_t<double> fixed_lookback(const std::array<double, 5>& parameters, Right right,
                                   const Terms& terms, const Numbers& spots, const Grid& grid,
                                   double extreme) {
    return rows(parameters, right, terms, spots, grid,
                [&](const auto& p, const auto& of, auto at, const auto& results, const auto& fine) {
                    heston_fixed_lookback_pde(p, of, extreme, at, results, fine);
                });
}

}  // namespace

void bind_heston_pde(py::module_& m) {
    py::native_enum<HestonScheme>(m, "HestonScheme", "enum.IntEnum",
                                  "Schemes of alternating directions, of second order in time.")
        .value("MODIFIED_CRAIG_SNEYD", HestonScheme::modified_craig_sneyd)
        .value("HUNDSDORFER_VERWER", HestonScheme::hundsdorfer_verwer)
        .finalize();
    bind_plain<&heston_european_pde>(m, "heston_european_pde", "European options on a grid.");
    bind_plain<&heston_american_pde>(m, "heston_american_pde", "American options on a grid.");
    bind_plain<&heston_floating_lookback_pde>(m, "heston_floating_lookback_pde",
                                              "Lookbacks whose strike is the extreme, on a grid.");
    m.def("heston_barrier_pde", &barrier, py::arg("parameters"), py::arg("right"), py::arg("terms"),
          py::arg("spots"), py::arg("grid"), py::arg("kind"), py::arg("level"), py::arg("rebate"),
          "European options with a barrier, on a grid.");
    m.def("heston_fixed_lookback_pde", &fixed_lookback, py::arg("parameters"), py::arg("right"),
          py::arg("terms"), py::arg("spots"), py::arg("grid"), py::arg("extreme"),
          "Lookbacks on the extreme with a strike of their own, on a grid.");
}
