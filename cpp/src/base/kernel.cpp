#include "hedgerow/base/kernel.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../../kernels/table.hpp"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace hedgerow {

namespace {

constexpr std::ptrdiff_t contiguous = sizeof(double);
/// Rows per block: the scratch of all columns stays in L1.
constexpr std::size_t block = 128;
/// Doubles in a cache line.
constexpr std::size_t line = 8;
/// Doubles, read and written, from which threads share the work: some 70 us, and 3,500 rows of
/// Greeks. Waking a thread takes 10 us or more, which must be a fraction of what it saves.
constexpr std::size_t shared_doubles = 80'000;
/// Rows per chunk: few enough that nobody waits long for a thread that began late, but for long
/// columns enough that each chunk reads and writes some pages of every column.
constexpr std::size_t short_chunk = 512, long_chunk = 2048, long_columns = std::size_t{1} << 16;
/// Lines of one set in an L1: columns that lie apart by multiples of a page share their sets, and
/// when they are more than this many, each line is evicted before the kernel has filled it.
constexpr int ways = 8;
constexpr std::size_t page = 4096;
/// Bytes of output from which such columns are better written past the caches: what an L2 holds.
constexpr std::size_t crowded_bytes = std::size_t{1} << 20;
/// The same for columns that lie well: more than a last-level cache is likely to keep. A line
/// written this way is not read first, which spares 136 of the 320 bytes that a row of all Greeks
/// moves.
constexpr std::size_t streamed_bytes = std::size_t{64} << 20;

const double* gather(const char* from, std::ptrdiff_t stride, std::size_t n, double* to) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        to[i] = *reinterpret_cast<const double*>(from + static_cast<std::ptrdiff_t>(i) * stride);
    return to;
}

void scatter(const double* from, std::size_t n, char* to, std::ptrdiff_t stride) noexcept {
    for (std::size_t i = 0; i < n; ++i)
        *reinterpret_cast<double*>(to + static_cast<std::ptrdiff_t>(i) * stride) = from[i];
}

/// Orders stores past the caches before whatever tells another thread that they are done.
void end_of_stream() noexcept {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

/// A call of evaluate(), in pieces that may run at the same time.
struct Call {
    const kernels::Table& table;
    kernels::Columns run;
    int inputs, outputs;
    int first, wanted;  // outputs that have columns
    char* const* columns;
    const std::ptrdiff_t* strides;

    char* at(int column, std::size_t row) const noexcept {
        return columns[column] + static_cast<std::ptrdiff_t>(row) * strides[column];
    }

    bool are_contiguous(int from, int to) const noexcept {
        return std::all_of(strides + from, strides + to,
                           [](std::ptrdiff_t stride) { return stride == contiguous; });
    }

    /// Whether an output of one row may lie where an input of another row does. NumPy lets inputs
    /// lie ahead of the output in the same memory: rows in their order then read them in time.
    bool is_ordered(std::size_t n) const noexcept {
        const auto last = static_cast<std::ptrdiff_t>(n - 1);
        const auto begin = [&](int j) {
            return reinterpret_cast<std::intptr_t>(columns[j]) +
                   std::min(last * strides[j], std::ptrdiff_t{0});
        };
        const auto end = [&](int j) {
            return reinterpret_cast<std::intptr_t>(columns[j]) +
                   std::max(last * strides[j], std::ptrdiff_t{0}) + contiguous;
        };
        for (int out = inputs; out < inputs + wanted; ++out)
            for (int in = 0; in < inputs; ++in) {
                const bool same = columns[in] == columns[out] && strides[in] == strides[out];
                if (!same && begin(in) < end(out) && begin(out) < end(in)) return true;
            }
        return false;
    }

    /// Whether outputs as many and as long as these should go past the caches.
    bool should_stream(std::size_t n) const noexcept {
        if (wanted <= ways || table.stream_width == 1 || !are_contiguous(inputs, inputs + wanted))
            return false;
        const std::size_t bytes = n * sizeof(double) * static_cast<std::size_t>(wanted);
        if (bytes > streamed_bytes) return true;
        const auto place = [](const char* address) {
            return reinterpret_cast<std::uintptr_t>(address) % page;
        };
        const auto crowd =
            std::count_if(columns + inputs, columns + inputs + wanted,
                          [&](const char* it) { return place(it) == place(columns[inputs]); });
        return bytes > crowded_bytes && crowd > ways;
    }

    /// The kernel on the columns as they lie.
    void direct(std::size_t start, std::size_t end) const noexcept {
        const double* in[kernels::maximum_inputs];
        double* out[kernels::maximum_outputs];
        for (int j = 0; j < inputs; ++j) in[j] = reinterpret_cast<const double*>(at(j, start));
        for (int j = 0; j < outputs; ++j) out[j] = reinterpret_cast<double*>(at(inputs + j, start));
        run(in, out, end - start);
    }

    /// The kernel block by block, its inputs contiguous; `place` says where the outputs of a block
    /// go before the kernel runs, `finish` what becomes of them after it.
    template <class Place, class Finish>
    void blocks(std::size_t start, std::size_t end, Place place, Finish finish) const noexcept {
        alignas(64) double scratch[kernels::maximum_inputs][block];
        for (int j = 0; j < inputs; ++j)
            if (strides[j] == 0) gather(columns[j], 0, std::min(end - start, block), scratch[j]);
        for (std::size_t row = start; row < end; row += block) {
            const std::size_t rows = std::min(block, end - row);
            const double* in[kernels::maximum_inputs];
            double* out[kernels::maximum_outputs];
            for (int j = 0; j < inputs; ++j)
                in[j] = strides[j] == 0 ? scratch[j]
                        : strides[j] == contiguous
                            ? reinterpret_cast<const double*>(at(j, row))
                            : gather(at(j, row), strides[j], rows, scratch[j]);
            place(row, out);
            run(in, out, rows);
            finish(row, rows);
        }
    }

    /// Outputs that are not wanted, or not contiguous, by way of scratch.
    void gathered(std::size_t start, std::size_t end) const noexcept {
        alignas(64) double scratch[kernels::maximum_outputs][block];
        blocks(
            start, end,
            [&](std::size_t row, double** out) {
                for (int j = 0; j < outputs; ++j) out[j] = scratch[j];
                for (int j = 0; j < wanted; ++j)
                    if (strides[inputs + j] == contiguous)
                        out[first + j] = reinterpret_cast<double*>(at(inputs + j, row));
            },
            [&](std::size_t row, std::size_t rows) {
                for (int j = 0; j < wanted; ++j)
                    if (strides[inputs + j] != contiguous)
                        scatter(scratch[first + j], rows, at(inputs + j, row), strides[inputs + j]);
            });
    }

    /// All outputs by way of scratch, and from there past the caches in whole lines. A line that a
    /// block leaves unfinished is carried before the next block's rows.
    void streamed(std::size_t start, std::size_t end) const noexcept {
        alignas(64) double scratch[kernels::maximum_outputs][line + block];
        blocks(
            start, end,
            [&](std::size_t, double** out) {
                for (int j = 0; j < outputs; ++j) out[j] = scratch[j] + line;
            },
            [&](std::size_t row, std::size_t rows) {
                for (int j = 0; j < wanted; ++j) {
                    const double* from = scratch[first + j] + line;
                    auto* to = reinterpret_cast<double*>(at(inputs + j, row));
                    const std::size_t in_line = reinterpret_cast<std::uintptr_t>(to) / 8 % line;
                    std::size_t count = rows;
                    if (row > start) {
                        from -= in_line, to -= in_line, count += in_line;
                    } else if (in_line) {  // the line's beginning is not ours
                        const std::size_t head = std::min(rows, line - in_line);
                        std::memcpy(to, from, head * sizeof(double));
                        from += head, to += head, count -= head;
                    }
                    table.stream(from, to, count / line);
                    const std::size_t whole = count / line * line;
                    if (row + rows == end)
                        std::memcpy(to + whole, from + whole, (count - whole) * sizeof(double));
                    else
                        std::memcpy(scratch[first + j], scratch[first + j] + block,
                                    line * sizeof(double));
                }
            });
        end_of_stream();
    }
};

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
              const std::ptrdiff_t* strides, RunChunks run) noexcept {
    const auto [name, inputs, outputs] = kernels::information[kernel];
    const bool all = output == all_outputs;
    const kernels::Table& table = kernels::table();
    const Call call{table,
                    table.columns[kernel],
                    inputs,
                    outputs,
                    all ? 0 : output,
                    all ? outputs : 1,
                    columns,
                    strides};

    const bool as_they_lie = call.wanted == outputs && call.are_contiguous(0, inputs + call.wanted);
    const auto piece = call.should_stream(n) ? &Call::streamed
                       : as_they_lie         ? &Call::direct
                                             : &Call::gathered;
    const bool is_short = n * static_cast<std::size_t>(inputs + call.wanted) < shared_doubles;
    if (!run || is_short || call.is_ordered(n)) {
        (call.*piece)(0, n);
        return;
    }
    const std::size_t rows = n < long_columns ? short_chunk : long_chunk;
    auto chunk = [&](std::size_t number) noexcept {
        const std::size_t start = number * rows;
        (call.*piece)(start, std::min(start + rows, n));
    };
    run((n + rows - 1) / rows,
        [](void* context, std::size_t number) noexcept {
            (*static_cast<decltype(chunk)*>(context))(number);
        },
        &chunk);
}

void evaluate_one(int kernel, const double* inputs, double* outputs) noexcept {
    kernels::table().scalar[kernel](inputs, outputs);
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
