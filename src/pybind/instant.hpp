// Instants cross as numpy.datetime64[ns] in UTC; aware datetimes and ISO 8601 strings are accepted.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/instant.hpp"

namespace pybind11::detail {

template <>
struct type_caster<hedgerow::Instant> {
    PYBIND11_TYPE_CASTER(hedgerow::Instant,
                         io_name("str | datetime.datetime | numpy.datetime64", "numpy.datetime64"));

    bool load(handle source, bool) {
        if (isinstance<str>(source)) {
            value = hedgerow::parse_instant(source.cast<std::string>());
            return true;
        }
        if (isinstance(source, module_::import("datetime").attr("datetime")))
            return load_datetime(source);
        const module_ numpy = module_::import("numpy");
        return isinstance(source, numpy.attr("datetime64")) && load_datetime64(source, numpy);
    }

    static handle cast(hedgerow::Instant instant, return_value_policy, handle) {
        return module_::import("numpy").attr("datetime64")(instant.nanoseconds, "ns").release();
    }

  private:
    [[noreturn]] static void fail(handle source, const char* rule) {
        throw hedgerow::InvalidInput("instant", str(source).cast<std::string>(), rule);
    }

    bool load_datetime(handle source) {
        // Also pandas' Timestamp, which is a datetime with nanoseconds, and its NaT.
        if (source.attr("tzinfo").is_none()) fail(source, "must carry a time zone");
        const object timezone = module_::import("datetime").attr("timezone");
        const object utc = source.attr("astimezone")(timezone.attr("utc"));
        const auto part = [&](const char* name) { return utc.attr(name).cast<std::int64_t>(); };
        const std::int64_t seconds = 3600 * part("hour") + 60 * part("minute") + part("second");
        const std::int64_t nanoseconds = hasattr(utc, "nanosecond") ? part("nanosecond") : 0;
        value = hedgerow::make_instant(
            {static_cast<int>(part("year")), static_cast<unsigned>(part("month")),
             static_cast<unsigned>(part("day"))},
            seconds * hedgerow::nanoseconds_per_second + 1000 * part("microsecond") + nanoseconds);
        return true;
    }

    bool load_datetime64(handle source, const module_& numpy) {
        if (numpy.attr("isnat")(source).cast<bool>()) fail(source, "must be an instant");
        const object exact = source.attr("astype")("datetime64[ns]");
        // NumPy wraps around silently where nanoseconds can't count so far, and drops what is
        // finer.
        if (!exact.attr("astype")(source.attr("dtype")).equal(source))
            fail(source, "must be whole nanoseconds in the years 1678 to 2261");
        value.nanoseconds = exact.attr("astype")("int64").cast<std::int64_t>();
        return true;
    }
};

}  // namespace pybind11::detail
