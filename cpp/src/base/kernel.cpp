#include "hedgerow/base/kernel.hpp"

#include <algorithm>

#include "../../kernels/table.hpp"

namespace hedgerow {

namespace {

constexpr std::ptrdiff_t contiguous = sizeof(double);
/// Rows per block where columns must be gathered: the scratch of all outputs stays in L1.
constexpr std::size_t block = 128;

const double* gather(const char* from, std::ptrdiff_t stride, std::size_t n, double* to) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        to[i] = *reinterpret_cast<const double*>(from + static_cast<std::ptrdiff_t>(i) * stride);
    return to;
}

void scatter(const double* from, std::size_t n, char* to, std::ptrdiff_t stride) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        *reinterpret_cast<double*>(to + static_cast<std::ptrdiff_t>(i) * stride) = from[i];
}

const kernels::Table* table_of(std::string_view isa) noexcept {
    for (const kernels::Table* table : kernels::supported_tables())
        if (isa == table->isa) return table;
    return nullptr;
}

}  // namespace

std::span<const KernelInfo> kernel_list() noexcept {
    return kernels::information;
}

int find_kernel(std::string_view name) noexcept {
    const auto all = kernel_list();
    const auto found = std::ranges::find(all, name, &KernelInfo::name);
    return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

void evaluate(int kernel, int output, char* const* columns, std::size_t n,
              const std::ptrdiff_t* strides) noexcept {
    const auto [name, inputs, outputs] = kernels::information[kernel];
    const kernels::Columns run = kernels::table().columns[kernel];
    const int wanted = output == all_outputs ? outputs : 1;

    bool direct = output == all_outputs || outputs == 1;
    for (int j = 0; j < inputs + wanted; ++j) direct = direct && strides[j] == contiguous;
    if (direct) {
        const double* in[kernels::maximum_inputs];
        double* out[kernels::maximum_outputs];
        for (int j = 0; j < inputs; ++j) in[j] = reinterpret_cast<const double*>(columns[j]);
        for (int j = 0; j < outputs; ++j) out[j] = reinterpret_cast<double*>(columns[inputs + j]);
        run(in, out, n);
        return;
    }

    alignas(64) double in_scratch[kernels::maximum_inputs][block];
    alignas(64) double out_scratch[kernels::maximum_outputs][block];
    for (int j = 0; j < inputs; ++j)
        if (strides[j] == 0) gather(columns[j], 0, std::min(n, block), in_scratch[j]);
    for (std::size_t start = 0; start < n; start += block) {
        const std::size_t rows = std::min(block, n - start);
        const auto at = [&](int j) {
            return columns[j] + static_cast<std::ptrdiff_t>(start) * strides[j];
        };
        const double* in[kernels::maximum_inputs];
        double* out[kernels::maximum_outputs];
        for (int j = 0; j < inputs; ++j)
            in[j] = strides[j] == 0            ? in_scratch[j]
                    : strides[j] == contiguous ? reinterpret_cast<const double*>(at(j))
                                               : gather(at(j), strides[j], rows, in_scratch[j]);
        for (int j = 0; j < outputs; ++j) out[j] = out_scratch[j];
        for (int j = 0; j < wanted; ++j)
            if (strides[inputs + j] == contiguous)
                out[wanted == 1 ? std::max(output, 0) : j] =
                    reinterpret_cast<double*>(at(inputs + j));
        run(in, out, rows);
        for (int j = 0; j < wanted; ++j)
            if (strides[inputs + j] != contiguous)
                scatter(out_scratch[wanted == 1 ? std::max(output, 0) : j], rows, at(inputs + j),
                        strides[inputs + j]);
    }
}

bool evaluate_on(std::string_view isa, int kernel, const double* const* inputs,
                 double* const* outputs, std::size_t n) noexcept {
    const kernels::Table* table = table_of(isa);
    if (table) table->columns[kernel](inputs, outputs, n);
    return table != nullptr;
}

bool evaluate_one_on(std::string_view isa, int kernel, const double* inputs,
                     double* outputs) noexcept {
    const kernels::Table* table = table_of(isa);
    if (table) table->scalar[kernel](inputs, outputs);
    return table != nullptr;
}

}  // namespace hedgerow
