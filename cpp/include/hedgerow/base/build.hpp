/// How this copy of the library was built and what it runs on, for bug reports.
#pragma once

#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// The version, as "0.1.0".
HEDGEROW_API const char* version() noexcept;

/// The compiler, as "gcc 12.2.0".
HEDGEROW_API const char* compiler() noexcept;

/// The instruction set that the kernels run on: "baseline", "avx2", "avx512" or "neon". The best
/// one that the processor has, unless the environment variable HEDGEROW_ISA names another.
HEDGEROW_API const char* isa() noexcept;

/// The instruction sets that this processor can run, best first.
HEDGEROW_API std::vector<std::string> supported_isas();

}  // namespace hedgerow
