// The kernels for x86-64 processors with AVX-512 F, DQ, VL and BW (x86-64-v4), 512 bits wide.
#if defined(__x86_64__)
#include "../kernels/table.hpp"

#define HEDGEROW_TARGET avx512
#define HEDGEROW_FMA 1
#define HEDGEROW_STREAM_WIDTH 8
#ifdef __clang__
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"), min_vector_width(512))), \
    apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,prefer-vector-width=512")
#endif
#include "../kernels/kernels.inl"
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
