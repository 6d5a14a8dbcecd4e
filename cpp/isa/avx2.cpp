// The kernels for x86-64 processors with AVX2 and FMA (x86-64-v3).
#if defined(__x86_64__)
#include "../kernels/table.hpp"

#define HEDGEROW_TARGET avx2
#define HEDGEROW_FMA 1
#define HEDGEROW_STREAM_WIDTH 4
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#include "../kernels/kernels.inl"
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
