// Chooses the instruction set, once.
#include <cstdlib>
#include <string_view>

#include "../kernels/table.hpp"

namespace hedgerow::kernels {

namespace baseline {
extern const Table table;
}
#if defined(__x86_64__)
namespace avx2 {
extern const Table table;
}
namespace avx512 {
extern const Table table;
}
#elif defined(__aarch64__)
namespace neon {
extern const Table table;
}
#endif

namespace {

struct Candidates {
    const Table* tables[3];
    std::size_t count = 0;

    void add(const Table& table, bool supported) noexcept {
        if (!supported) return;
        tables[count++] = &table;
    }
};

/// The tables that this machine can run, best first.
Candidates probe() noexcept {
    Candidates found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    found.add(avx512::table,
              has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"));
    found.add(avx2::table, has_avx2);
#elif defined(__aarch64__)
    found.add(neon::table, true);
#endif
    found.add(baseline::table, true);
    return found;
}

const Candidates& candidates() noexcept {
    static const Candidates found = probe();
    return found;
}

/// The table named by HEDGEROW_ISA, or the best one when the name is absent, unknown or beyond
/// this machine.
const Table& choose() noexcept {
    const char* variable = std::getenv("HEDGEROW_ISA");
    const std::string_view wanted = variable ? variable : "";
    const Candidates& found = candidates();
    for (std::size_t i = 0; i < found.count; ++i)
        if (wanted == found.tables[i]->isa) return *found.tables[i];
    return *found.tables[0];
}

}  // namespace

const Table& table() noexcept {
    static const Table& chosen = choose();
    return chosen;
}

std::span<const Table* const> supported_tables() noexcept {
    const Candidates& found = candidates();
    return {found.tables, found.count};
}

}  // namespace hedgerow::kernels
