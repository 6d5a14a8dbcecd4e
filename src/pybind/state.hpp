// Pickled states: tuples that begin with the version of their layout.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "hedgerow/base/error.hpp"

namespace hedgerow::binding {

/// The first item of every pickled state. A later version reads the states of all earlier ones.
inline constexpr int state_version = 1;

inline void require_state(const pybind11::tuple& state, const char* type) {
    if (state.empty() || state[0].cast<int>() != state_version)
        throw InvalidInput(type, pybind11::repr(state).cast<std::string>(),
                           "must be a pickled state of version 1");
}

}  // namespace hedgerow::binding
