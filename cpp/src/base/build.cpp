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

std::vector<std::string> supported_isas() {
    std::vector<std::string> names;
    for (const kernels::Table* table : kernels::supported_tables()) names.emplace_back(table->isa);
    return names;
}

}  // namespace hedgerow
