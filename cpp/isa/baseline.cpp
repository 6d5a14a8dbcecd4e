// The kernels for any processor of the architecture: no fused multiply-add on x86-64.
#include "../kernels/table.hpp"

#define HEDGEROW_TARGET baseline
#define HEDGEROW_FMA 0
#if defined(__x86_64__)
#define HEDGEROW_STREAM_WIDTH 2
#else
#define HEDGEROW_STREAM_WIDTH 1
#endif
#include "../kernels/kernels.inl"
