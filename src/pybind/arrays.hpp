// Columns cross as NumPy arrays: results by moving, an object's own columns as read-only views.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <span>
#include <string>
#include <vector>

#include "hedgerow/base/error.hpp"

namespace py = pybind11;

/// Hands a vector over to NumPy without copying it.
template <class T>
py::array_t<T> to_array(std::vector<T> values) {
    auto* kept = new std::vector<T>(std::move(values));
    const py::capsule owner(kept, [](void* p) { delete static_cast<std::vector<T>*>(p); });
    return py::array_t<T>(static_cast<py::ssize_t>(kept->size()), kept->data(), owner);
}

/// A read-only view of a column that lives as long as `owner`.
template <class T>
py::array_t<T> view(const std::vector<T>& values, py::handle owner) {
    py::array_t<T> array(static_cast<py::ssize_t>(values.size()), values.data(), owner);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    return array;
}

/// A one-dimensional array of exactly this type, converted where needed.
template <class T>
using Column = py::array_t<T, py::array::c_style | py::array::forcecast>;

template <class T>
std::span<const T> as_span(const Column<T>& column) {
    return {column.data(), static_cast<std::size_t>(column.size())};
}

template <class T>
std::vector<T> as_vector(const Column<T>& column) {
    return {column.data(), column.data() + column.size()};
}

/// Codes from an array or list of any integer type.
/// @throws InvalidInput for a code that is negative or does not fit into 32 bits, TypeError for
///     what is no integer.
inline std::vector<std::uint32_t> as_codes(const char* argument, const py::handle& source) {
    const py::array codes = py::array::ensure(source);
    if (!codes) throw py::type_error(std::string(argument) + ": expected integers");
    if (codes.size() == 0) return {};
    const char kind = codes.dtype().kind();
    if (kind != 'i' && kind != 'u')
        throw py::type_error(std::string(argument) + ": expected integers");
    if (py::isinstance<py::array_t<std::uint32_t>>(codes))
        return as_vector(Column<std::uint32_t>(codes));
    const Column<std::int64_t> wide(codes);
    std::vector<std::uint32_t> result;
    result.reserve(static_cast<std::size_t>(wide.size()));
    for (const std::int64_t code : as_span(wide)) {
        if (code < 0 || code > 0xffffffffLL)
            throw hedgerow::InvalidInput(argument, std::to_string(code),
                                         "must be a code of 32 bits");
        result.push_back(static_cast<std::uint32_t>(code));
    }
    return result;
}

/// Enums of one byte as a uint8 array.
template <class Enum>
py::array_t<std::uint8_t> codes_array(const std::vector<Enum>& values) {
    static_assert(sizeof(Enum) == 1);
    py::array_t<std::uint8_t> array(static_cast<py::ssize_t>(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i)
        array.mutable_data()[i] = static_cast<std::uint8_t>(values[i]);
    return array;
}
