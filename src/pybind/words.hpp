// Numbers as `repr` shows them.
#pragma once

#include <cstdio>
#include <string>

namespace hedgerow::binding {

/// To ten digits: enough to recognize, no noise of rounding.
inline std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

}  // namespace hedgerow::binding
