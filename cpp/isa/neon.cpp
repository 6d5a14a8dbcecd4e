// The kernels for 64-bit ARM, where vectors and fused multiply-add are part of the architecture.
#if defined(__aarch64__)
#include "../kernels/table.hpp"

#define HEDGEROW_TARGET neon
#define HEDGEROW_FMA 1
#define HEDGEROW_STREAM_WIDTH 1  // gcc offers no such store
#include "../kernels/kernels.inl"
#endif
