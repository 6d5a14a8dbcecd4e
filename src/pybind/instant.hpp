// Instants cross as numpy.datetime64[ns] in UTC; aware datetimes and ISO 8601 strings are accepted.
#pragma once

#include <numpy/ndarraytypes.h>
// After the types that it is made of.
#include <numpy/arrayscalars.h>
#include <pybind11/gil_safe_call_once.h>
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
        const Types& known = types();
        if (isinstance(source, known.datetime64)) return load_datetime64(source);
        if (isinstance<str>(source)) {
            value = hedgerow::parse_instant(source.cast<std::string>());
            return true;
        }
        return isinstance(source, known.datetime) && load_datetime(source, known.utc);
    }

    static handle cast(hedgerow::Instant instant, return_value_policy, handle) {
        auto* const type = reinterpret_cast<PyTypeObject*>(types().datetime64.ptr());
        PyObject* const made = type->tp_alloc(type, 0);
        if (made == nullptr) throw error_already_set();
        auto* const scalar = reinterpret_cast<PyDatetimeScalarObject*>(made);
        scalar->obval = instant.nanoseconds;
        scalar->obmeta = {NPY_FR_ns, 1};
        return made;
    }

  private:
    /// What instants are told by, looked up once.
    struct Types {
        object datetime64, datetime, utc;
    };

    static const Types& types() {
        PYBIND11_CONSTINIT static gil_safe_call_once_and_store<Types> known;
        return known
            .call_once_and_store_result([] {
                const module_ datetime = module_::import("datetime");
                return Types{module_::import("numpy").attr("datetime64"), datetime.attr("datetime"),
                             datetime.attr("timezone").attr("utc")};
            })
            .get_stored();
    }

    [[noreturn]] static void fail(handle source, const char* rule) {
        throw hedgerow::InvalidInput("instant", str(source).cast<std::string>(), rule);
    }

    bool load_datetime(handle source, handle utc_zone) {
        // Also pandas' Timestamp, which is a datetime with nanoseconds, and its NaT.
        if (source.attr("tzinfo").is_none()) fail(source, "must carry a time zone");
        const object utc = source.attr("astimezone")(utc_zone);
        const auto part = [&](const char* name) { return utc.attr(name).cast<std::int64_t>(); };
        const std::int64_t seconds = 3600 * part("hour") + 60 * part("minute") + part("second");
        const std::int64_t nanoseconds = hasattr(utc, "nanosecond") ? part("nanosecond") : 0;
        value = hedgerow::make_instant(
            {static_cast<int>(part("year")), static_cast<unsigned>(part("month")),
             static_cast<unsigned>(part("day"))},
            seconds * hedgerow::nanoseconds_per_second + 1000 * part("microsecond") + nanoseconds);
        return true;
    }

    bool load_datetime64(handle source) {
        const auto* const scalar = reinterpret_cast<PyDatetimeScalarObject*>(source.ptr());
        value.nanoseconds = scalar->obval;
        if (value.nanoseconds == NPY_DATETIME_NAT) fail(source, "must be an instant");
        if (scalar->obmeta.base == NPY_FR_ns && scalar->obmeta.num == 1) return true;
        const object exact = source.attr("astype")("datetime64[ns]");
        // NumPy wraps around silently where nanoseconds can't count so far, and drops what is
        // finer.
        if (!exact.attr("astype")(source.attr("dtype")).equal(source))
            fail(source, "must be whole nanoseconds in the years 1678 to 2261");
        value.nanoseconds = reinterpret_cast<PyDatetimeScalarObject*>(exact.ptr())->obval;
        return true;
    }
};

}  // namespace pybind11::detail
