// base: rights, statuses, instants, errors and the build.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include "commit.hpp"  // written by setup.py
#include "hedgerow/base/barrier.hpp"
#include "hedgerow/base/build.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/base/status.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

void translate(std::exception_ptr pointer) {
    try {
        if (pointer) std::rethrow_exception(pointer);
    } catch (const InvalidInput& error) {
        set_error(error);
    }
}

}  // namespace

void set_error(const InvalidInput& error) {
    const py::object type = py::module_::import("hedgerow.errors").attr("InvalidInput");
    PyErr_SetObject(type.ptr(),
                    py::make_tuple(error.argument(), error.value(), error.rule()).ptr());
}

void bind_base(py::module_& m) {
    py::register_local_exception_translator(&translate);

    py::native_enum<Right>(m, "Right", "enum.IntEnum", "The right to buy (call) or to sell (put).")
        .value("CALL", Right::call)
        .value("PUT", Right::put)
        .finalize();

    py::native_enum<BarrierKind>(m, "BarrierKind", "enum.IntEnum",
                                 "On which side of the spot a barrier is, and whether an option "
                                 "ends there or comes to life.")
        .value("UP_AND_OUT", BarrierKind::up_and_out)
        .value("UP_AND_IN", BarrierKind::up_and_in)
        .value("DOWN_AND_OUT", BarrierKind::down_and_out)
        .value("DOWN_AND_IN", BarrierKind::down_and_in)
        .finalize();

    auto status = py::native_enum<Status>(
        m, "Status", "enum.IntEnum", "What happened to one row: valued, or the reason why not.");
    for (int i = 0; i < status_count; ++i) {
        std::string upper = name(static_cast<Status>(i));
        for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        status.value(upper.c_str(), static_cast<Status>(i));
    }
    status.finalize();

    m.def(
        "build_config",
        [] {
            py::dict config;
            config["version"] = version();
            config["commit"] = HEDGEROW_COMMIT;
            config["compiler"] = compiler();
            config["isa"] = isa();
            config["supported_isas"] = supported_isas();
            config["threads"] = thread_count();
            return config;
        },
        "Version, commit, compiler, instruction set and threads, for bug reports.");
}
