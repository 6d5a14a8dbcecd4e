// math: how a fit ended.
#include <pybind11/native_enum.h>

#include "hedgerow/math/least_squares.hpp"
#include "module.hpp"

using namespace hedgerow;

void bind_least_squares(py::module_& m) {
    py::native_enum<LeastSquaresOutcome>(m, "LeastSquaresOutcome", "enum.IntEnum",
                                         "How a least-squares fit ended.")
        .value("CONVERGED", LeastSquaresOutcome::converged)
        .value("NOT_CONVERGED", LeastSquaresOutcome::not_converged)
        .value("NOT_FINITE", LeastSquaresOutcome::not_finite)
        .finalize();
}
