// Arrays of instants and numbers cross here, in both directions.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "hedgerow/base/instant.hpp"
#include "instant.hpp"

namespace hedgerow::binding {

namespace py = pybind11;

/// What NumPy stores for "not a time".
inline constexpr std::int64_t not_a_time = std::numeric_limits<std::int64_t>::min();

/// Nanoseconds since 1970 in the shape of `instants`: a datetime64 array of any unit, or anything
/// that NumPy makes an array of single instants from (see instant.hpp).
inline py::array_t<std::int64_t> nanoseconds(const py::handle& instants) {
    const py::module_ numpy = py::module_::import("numpy");
    const py::array given = numpy.attr("asarray")(instants);
    if (given.dtype().kind() == 'M')
        return given.attr("astype")("datetime64[ns]").attr("view")("int64");
    py::list parsed;
    for (py::handle item : given.attr("ravel")().attr("tolist")()) {
        if (!py::isinstance<py::str>(item) && !py::hasattr(item, "tzinfo"))
            throw py::type_error("expected instants: datetime64, aware datetime or ISO 8601 text");
        parsed.append(item.cast<Instant>().nanoseconds);
    }
    return numpy.attr("array")(parsed, "int64").attr("reshape")(given.attr("shape"));
}

/// A one-dimensional list or array of instants.
inline std::vector<Instant> instants(const char* argument, const py::handle& source) {
    const auto array = nanoseconds(source);
    if (array.ndim() != 1)
        throw InvalidInput(argument, std::to_string(array.ndim()) + " dimensions", "must be one");
    const auto view = array.unchecked<1>();
    std::vector<Instant> result(static_cast<std::size_t>(view.shape(0)));
    for (py::ssize_t i = 0; i < view.shape(0); ++i) {
        if (view(i) == not_a_time) throw InvalidInput(argument, "NaT", "must be instants");
        result[static_cast<std::size_t>(i)].nanoseconds = view(i);
    }
    return result;
}

/// `function` of one instant (a float) or of an array of them (an array; NaT gives NaN).
template <class Function>
py::object for_each_instant(const py::object& source, Function function) {
    const auto array = py::array_t<std::int64_t, py::array::c_style>(nanoseconds(source));
    py::array_t<double> result(
        std::vector<py::ssize_t>(array.shape(), array.shape() + array.ndim()));
    const auto evaluate = [&](std::int64_t time) {
        return time == not_a_time ? std::numeric_limits<double>::quiet_NaN()
                                  : function(Instant{time});
    };
    std::transform(array.data(), array.data() + array.size(), result.mutable_data(), evaluate);
    return array.ndim() == 0 ? py::float_(*result.data()) : py::object(std::move(result));
}

/// A read-only copy.
template <class T>
py::array_t<T> frozen(const std::vector<T>& values) {
    py::array_t<T> array(static_cast<py::ssize_t>(values.size()), values.data());
    array.attr("setflags")(py::arg("write") = false);
    return array;
}

/// A read-only array of datetime64[ns].
inline py::object frozen(const std::vector<Instant>& instants) {
    std::vector<std::int64_t> times;
    for (Instant instant : instants) times.push_back(instant.nanoseconds);
    return frozen(times).attr("view")("datetime64[ns]");
}

}  // namespace hedgerow::binding
