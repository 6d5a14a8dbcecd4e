#include "hedgerow/base/build.hpp"

#include "../../kernels/table.hpp"
#include "hedgerow/base/version.hpp"

namespace hedgerow {

const char* version() noexcept {
    return HEDGEROW_VERSION;
}

const char* compiler() noexcept {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

const char* isa() noexcept {
    return kernels::table().isa;
}

std::span<const char* const> supported_isas() noexcept {
    return kernels::supported();
}

}  // namespace hedgerow
