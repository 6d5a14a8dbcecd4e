/// The exception of every object constructor of the library. Kernels never throw.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// An argument broke a rule. The message names the argument, the value and the rule, as in
/// "strike = -5: must be positive and finite".
class HEDGEROW_API InvalidInput : public std::invalid_argument {
  public:
    InvalidInput(std::string_view argument, std::string_view value, std::string_view rule);
    InvalidInput(std::string_view argument, double value, std::string_view rule);

    const std::string& argument() const noexcept { return argument_; }
    const std::string& value() const noexcept { return value_; }
    const std::string& rule() const noexcept { return rule_; }

  private:
    std::string argument_;
    std::string value_;
    std::string rule_;
};

/// @return `value`, or throws InvalidInput unless it is positive and finite.
HEDGEROW_API double require_positive(std::string_view argument, double value);

/// @return `value`, or throws InvalidInput unless it is finite.
HEDGEROW_API double require_finite(std::string_view argument, double value);

/// @return `value`, or throws InvalidInput when it is empty.
HEDGEROW_API const std::string& require_name(std::string_view argument, const std::string& value);

}  // namespace hedgerow
