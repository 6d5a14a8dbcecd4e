// Parameter structs of doubles as frozen types: keyword constructor, fields, equality, hash, repr,
// pickle.
#pragma once

#include <pybind11/operators.h>
#include <pybind11/pybind11.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "state.hpp"

namespace hedgerow::binding {

template <class T>
struct Field {
    const char* name;
    double T::* member;
    const char* doc;
};

/// @param require require(value) throws InvalidInput where the value is out of the type's domain.
template <class T, std::size_t n, class Require>
pybind11::classh<T> bind_parameters(pybind11::module_& m, const char* name, const char* doc,
                                    const std::array<Field<T>, n>& fields, Require require) {
    namespace py = pybind11;
    py::classh<T> type(m, name, doc);
    const auto values = [fields](const T& self) {
        py::tuple result(n);
        for (std::size_t i = 0; i < n; ++i) result[i] = py::float_(self.*fields[i].member);
        return result;
    };
    const auto define_init = [&]<std::size_t... i>(std::index_sequence<i...>) {
        type.def(py::init([require](decltype(i, double())... value) {
                     const T made{value...};
                     require(made);
                     return made;
                 }),
                 py::kw_only(), py::arg(fields[i].name)...);
    };
    define_init(std::make_index_sequence<n>{});
    for (const Field<T>& field : fields) type.def_readonly(field.name, field.member, field.doc);
    type.def(py::self == py::self)
        .def("__hash__", [values](const T& self) { return py::hash(values(self)); })
        .def("__repr__",
             [fields, title = std::string(name)](const T& self) {
                 std::string text = title + "(";
                 for (std::size_t i = 0; i < n; ++i)
                     text +=
                         std::string(i ? ", " : "") + fields[i].name + "=" +
                         py::repr(py::float_(self.*fields[i].member)).template cast<std::string>();
                 return text + ")";
             })
        .def(py::pickle(
            [values](const T& self) { return py::make_tuple(state_version, values(self)); },
            [fields, require, title = std::string(name)](const py::tuple& state) {
                require_state(state, title.c_str());
                const auto kept = state[1].cast<py::tuple>();
                T made{};
                for (std::size_t i = 0; i < n; ++i) made.*fields[i].member = kept[i].cast<double>();
                require(made);
                return made;
            }));
    return type;
}

/// For types without rules beyond that: every field is finite.
template <class T, std::size_t n>
auto all_finite(const std::array<Field<T>, n>& fields) {
    return [fields](const T& value) {
        for (const Field<T>& field : fields) require_finite(field.name, value.*field.member);
    };
}

}  // namespace hedgerow::binding
