// The kernels for any processor of the architecture: no fused multiply-add on x86-64.
#include "../kernels/table.hpp"

#define HEDGEROW_TARGET baseline
#define HEDGEROW_FMA 0
#include "../kernels/kernels.inl"
