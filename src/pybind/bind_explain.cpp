// risk: P&L explain.
#include <pybind11/stl.h>

#include <memory>

#include "arrays.hpp"
#include "hedgerow/risk/explain.hpp"
#include "keys.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

ExplainTerm term_named(const std::string& wanted) {
    for (int j = 0; j < explain_term_count; ++j)
        if (wanted == name(static_cast<ExplainTerm>(j))) return static_cast<ExplainTerm>(j);
    throw InvalidInput("terms", wanted, "must be the name of a term");
}

py::tuple names(std::span<const ExplainTerm> terms) {
    py::list result;
    for (const ExplainTerm term : terms) result.append(name(term));
    return py::tuple(result);
}

py::dict run(const std::shared_ptr<Book>& book, const std::vector<Snapshot>& markets,
             const std::vector<KeyTuple>& key_tuples, const std::vector<std::string>& wanted) {
    const Keys keys(key_tuples);
    std::vector<ExplainTerm> terms;
    for (const std::string& each : wanted) terms.push_back(term_named(each));
    const auto pool = current_pool();
    Groups groups;
    Explanation explanation;
    {
        const py::gil_scoped_release released;
        groups = keys.group(book->size());
        explanation = explain(*book, markets, groups, terms, pool.get());
    }
    const auto intervals = static_cast<py::ssize_t>(explanation.intervals);
    const auto columns = static_cast<py::ssize_t>(explanation.columns());
    const auto count = static_cast<py::ssize_t>(explanation.groups);
    py::dict result;
    result["terms"] = names(explanation.terms);
    result["first"] = to_array(std::move(groups.first));
    result["group"] = to_array(std::move(groups.of_row));
    result["sums"] = to_array(std::move(explanation.sums)).reshape({intervals, columns, count});
    result["excluded"] = to_array(std::move(explanation.excluded)).reshape({intervals, count});
    result["total"] = to_array(std::move(explanation.total));
    result["unexplained"] = to_array(std::move(explanation.unexplained));
    result["status"] = codes_array(explanation.status);
    return result;
}

}  // namespace

void bind_explain(py::module_& m) {
    std::vector<ExplainTerm> taylor;
    for (int j = 0; j < taylor_term_count; ++j) taylor.push_back(static_cast<ExplainTerm>(j));
    m.attr("taylor_terms") = names(taylor);
    m.attr("second_order_terms") = names(second_order_terms());
    m.def("explain", &run, py::arg("book"), py::arg("markets"), py::arg("keys"), py::arg("terms"),
          "Gains by interval, column (the total, the terms, the unexplained) and group of (codes, "
          "cardinality) keys; per position the total, the unexplained and a status.");
}
