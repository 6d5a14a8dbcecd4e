// Contracts cross as whichever of the five classes they are.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "hedgerow/contract/contract.hpp"
#include "instant.hpp"

namespace pybind11::detail {

/// pybind11's own caster of variants needs a default value, which no contract has.
template <>
class type_caster<hedgerow::Contract> {
  public:
    static constexpr auto name = const_name("Cash | Spot | Future | Perpetual | Option");
    template <typename>
    using cast_op_type = const hedgerow::Contract&;
    operator const hedgerow::Contract&() const { return *value_; }

    bool load(handle source, bool) {
        using namespace hedgerow;
        return load_as<Option>(source) || load_as<Future>(source) || load_as<Perpetual>(source) ||
               load_as<Spot>(source) || load_as<Cash>(source);
    }

    static handle cast(const hedgerow::Contract& contract, return_value_policy, handle) {
        return std::visit([](const auto& terms) { return pybind11::cast(terms).release(); },
                          contract);
    }

  private:
    template <class Kind>
    bool load_as(handle source) {
        if (!isinstance<Kind>(source)) return false;
        value_.emplace(source.cast<const Kind&>());
        return true;
    }

    std::optional<hedgerow::Contract> value_;
};

}  // namespace pybind11::detail
