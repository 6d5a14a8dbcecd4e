// One function per layer, each in its own bind_<layer>.cpp.
#pragma once

#include <pybind11/pybind11.h>

#include "hedgerow/base/error.hpp"

namespace py = pybind11;

/// InvalidInput of C++ becomes hedgerow.errors.InvalidInput with the same three parts.
void set_error(const hedgerow::InvalidInput& error);

void bind_base(py::module_& m);
void bind_texts(py::module_& m);
void bind_formula(py::module_& m);
void bind_svi(py::module_& m);
void bind_ssvi(py::module_& m);
void bind_fx(py::module_& m);
void bind_least_squares(py::module_& m);
void bind_sabr(py::module_& m);
void bind_fourier(py::module_& m);
void bind_heston_pde(py::module_& m);
void bind_simulation(py::module_& m);
void bind_local_volatility(py::module_& m);
void bind_contract(py::module_& m);
void bind_contracts(py::module_& m);
void bind_smile(py::module_& m);
void bind_market(py::module_& m);
void bind_book(py::module_& m);
void bind_valuation(py::module_& m);
void bind_inventory(py::module_& m);
void bind_inventory_door(py::module_& m);
void bind_risk(py::module_& m);
void bind_explain(py::module_& m);
void bind_solvency(py::module_& m);
void bind_margin_rules(py::module_& m);
void bind_margin(py::module_& m);
void bind_pool(py::module_& m);
