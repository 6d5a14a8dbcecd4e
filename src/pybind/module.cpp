// hedgerow._core: a table of contents. Objects cross here; numbers cross in hedgerow.kernels.
#include "module.hpp"

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    m.doc() = "The C++ core's objects: contracts, market, book.";
    bind_base(m);
    bind_texts(m);
    bind_formula(m);
    bind_svi(m);
    bind_ssvi(m);
    bind_fx(m);
    bind_least_squares(m);
    bind_sabr(m);
    bind_fourier(m);
    bind_heston_pde(m);
    bind_simulation(m);
    bind_local_volatility(m);
    bind_contract(m);
    bind_contracts(m);
    bind_smile(m);
    bind_market(m);
    bind_book(m);
    bind_valuation(m);
    bind_inventory(m);
    bind_inventory_door(m);
    bind_risk(m);
    bind_explain(m);
    bind_solvency(m);
    bind_margin_rules(m);
    bind_margin(m);
    bind_pool(m);
}
