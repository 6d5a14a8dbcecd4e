#include "hedgerow/base/error.hpp"

#include <cmath>
#include <cstdio>

namespace hedgerow {

namespace {

std::string print(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

std::string message(std::string_view argument, std::string_view value, std::string_view rule) {
    std::string text;
    text.append(argument).append(" = ").append(value).append(": ").append(rule);
    return text;
}

}  // namespace

InvalidInput::InvalidInput(std::string_view argument, std::string_view value, std::string_view rule)
    : std::invalid_argument(message(argument, value, rule)),
      argument_(argument),
      value_(value),
      rule_(rule) {}

InvalidInput::InvalidInput(std::string_view argument, double value, std::string_view rule)
    : InvalidInput(argument, print(value), rule) {}

double require_positive(std::string_view argument, double value) {
    if (!(value > 0) || !std::isfinite(value))
        throw InvalidInput(argument, value, "must be positive and finite");
    return value;
}

double require_finite(std::string_view argument, double value) {
    if (!std::isfinite(value)) throw InvalidInput(argument, value, "must be finite");
    return value;
}

const std::string& require_name(std::string_view argument, const std::string& value) {
    if (value.empty()) throw InvalidInput(argument, "\"\"", "must not be empty");
    return value;
}

}  // namespace hedgerow
