// Numbers and enums as `repr` shows them.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdio>
#include <string>

namespace hedgerow::binding {

/// To ten digits: enough to recognize, no noise of rounding.
inline std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

/// The name that a value of a bound enum has in Python.
template <class Enum>
std::string enum_name(Enum value) {
    return pybind11::cast(value).attr("name").template cast<std::string>();
}

}  // namespace hedgerow::binding
