// Instants cross as numpy.datetime64[ns] in UTC; aware datetimes and ISO 8601 strings are accepted.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/instant.hpp"

namespace pybind11::detail {

template <>
struct type_caster<hedgerow::Instant> {
    PYBIND11_TYPE_CASTER(hedgerow::Instant, const_name("numpy.datetime64"));

    bool load(handle source, bool) {
        if (isinstance<str>(source)) {
            value = hedgerow::parse_instant(source.cast<std::string>());
            return true;
        }
        const module_ numpy = module_::import("numpy");
        const module_ datetime = module_::import("datetime");
        if (isinstance(source, datetime.attr("datetime"))) {
            if (source.attr("tzinfo").is_none())
                throw hedgerow::InvalidInput("instant",
                                             source.attr("isoformat")().cast<std::string>(),
                                             "must carry a time zone");
            const object utc = source.attr("astimezone")(datetime.attr("timezone").attr("utc"));
            return convert(utc.attr("replace")(arg("tzinfo") = none()), numpy);
        }
        return isinstance(source, numpy.attr("datetime64")) && convert(source, numpy);
    }

    static handle cast(hedgerow::Instant instant, return_value_policy, handle) {
        return module_::import("numpy").attr("datetime64")(instant.nanoseconds, "ns").release();
    }

  private:
    /// From a naive datetime in UTC or a datetime64 of any unit.
    bool convert(handle source, const module_& numpy) {
        const object exact = numpy.attr("datetime64")(source, "ns");
        if (numpy.attr("isnat")(exact).cast<bool>())
            throw hedgerow::InvalidInput("instant", "NaT", "must be an instant");
        value.nanoseconds = exact.attr("astype")("int64").cast<std::int64_t>();
        return true;
    }
};

}  // namespace pybind11::detail
