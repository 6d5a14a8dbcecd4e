// For tables that are far larger than the caches and are looked at in any order.
#pragma once

#include <cstddef>

#include "hedgerow/base/large_array.hpp"

namespace hedgerow::detail {

/// Memory of make_large_array(), in huge pages where there are any: a look at a place then misses
/// the caches, but not the tables of addresses too.
template <class T>
struct HugeAllocator {
    using value_type = T;

    HugeAllocator() = default;
    template <class Other>
    HugeAllocator(const HugeAllocator<Other>&) noexcept {}

    T* allocate(std::size_t n) {
        const std::size_t doubles = (n * sizeof(T) + sizeof(double) - 1) / sizeof(double);
        return reinterpret_cast<T*>(make_large_array(doubles).release());
    }
    void deallocate(T* memory, std::size_t) noexcept {
        LargeArrayDeleter{}(reinterpret_cast<double*>(memory));
    }
    friend bool operator==(HugeAllocator, HugeAllocator) noexcept { return true; }
};

}  // namespace hedgerow::detail
