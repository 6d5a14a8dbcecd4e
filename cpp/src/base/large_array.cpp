#include "hedgerow/base/large_array.hpp"

#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace hedgerow {

namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;
constexpr std::size_t cache_line = 64;

}  // namespace

void LargeArrayDeleter::operator()(double* array) const noexcept {
    std::free(array);
}

LargeArray make_large_array(std::size_t size) {
    const std::size_t bytes = size * sizeof(double);
    const std::size_t alignment = bytes >= huge_page ? huge_page : cache_line;
    const std::size_t whole = (bytes / alignment + 1) * alignment;  // as aligned_alloc demands
    void* memory = std::aligned_alloc(alignment, whole);
    if (!memory) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Refused where the system has none: then the pages are small, and nothing else changes.
    if (alignment == huge_page) static_cast<void>(madvise(memory, whole, MADV_HUGEPAGE));
#endif
    return LargeArray(static_cast<double*>(memory));
}

}  // namespace hedgerow
