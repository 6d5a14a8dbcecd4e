/// The batch kernels by number: the low-level door that NumPy's ufuncs and other bindings use.
/// C++ callers have the typed functions of `math` and `formula`.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// A kernel's name ("black_greeks") and how many columns go in and come out.
struct KernelInfo {
    const char* name;
    int inputs;
    int outputs;
};

/// All kernels; a kernel's number is its place in this list. Numbers may change between versions,
/// names may not.
HEDGEROW_API std::span<const KernelInfo> kernel_list() noexcept;

/// The number of the kernel of this name, or -1.
HEDGEROW_API int find_kernel(std::string_view name) noexcept;

/// Every output of a kernel: passed as `output` to evaluate().
inline constexpr int all_outputs = -1;

/// Runs a kernel over `n` rows of strided columns, the shape of a NumPy ufunc's inner loop.
///
/// @param kernel a valid number.
/// @param output the one output wanted, or all_outputs.
/// @param columns addresses of the input columns, then of the output columns wanted, as doubles.
/// @param strides distance in bytes between rows, per column; 0 repeats one input for all rows.
///     An output may be the same column as an input, not overlap it otherwise.
HEDGEROW_API void evaluate(int kernel, int output, char* const* columns, std::size_t n,
                           const std::ptrdiff_t* strides) noexcept;

/// The same on a named instruction set, over contiguous columns that do not overlap, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool evaluate_on(std::string_view isa, int kernel, const double* const* inputs,
                              double* const* outputs, std::size_t n) noexcept;

/// One row on a named instruction set; otherwise like evaluate_on().
HEDGEROW_API bool evaluate_one_on(std::string_view isa, int kernel, const double* inputs,
                                  double* outputs) noexcept;

}  // namespace hedgerow
