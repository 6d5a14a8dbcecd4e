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

/// What shares work out: calls `body(context, chunk)` for every chunk in [0, chunks), each once, in
/// any order and on any threads, and returns when all are done. ThreadPool::run() is one.
using ChunkBody = void (*)(void* context, std::size_t chunk) noexcept;
using RunChunks = void (*)(std::size_t chunks, ChunkBody body, void* context) noexcept;

/// Runs a kernel over `n` rows of strided columns, the shape of a NumPy ufunc's inner loop.
///
/// Needs no memory but some blocks of rows on the stack. Many outputs of many rows are written past
/// the caches, which they would only empty of what is still wanted.
///
/// @param kernel a valid number.
/// @param output the one output wanted, or all_outputs.
/// @param columns addresses of the input columns, then of the output columns wanted, as doubles.
/// @param strides distance in bytes between rows, per column; 0 repeats one input for all rows.
///     An output may be the same column as an input. Where it overlaps one otherwise, no row may
///     write what a later row reads.
/// @param run how long columns are shared out, in chunks that depend on `n` alone; without it, or
///     where columns overlap, the caller computes every row. The bits are the same either way.
HEDGEROW_API void evaluate(int kernel, int output, char* const* columns, std::size_t n,
                           const std::ptrdiff_t* strides, RunChunks run = nullptr) noexcept;

/// One row, contiguous inputs and all outputs, on the instruction set that evaluate() uses.
HEDGEROW_API void evaluate_one(int kernel, const double* inputs, double* outputs) noexcept;

/// The same on a named instruction set, over contiguous columns that do not overlap, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool evaluate_on(std::string_view isa, int kernel, const double* const* inputs,
                              double* const* outputs, std::size_t n) noexcept;

/// One row on a named instruction set; otherwise like evaluate_on().
HEDGEROW_API bool evaluate_one_on(std::string_view isa, int kernel, const double* inputs,
                                  double* outputs) noexcept;

}  // namespace hedgerow
