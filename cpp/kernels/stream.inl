// Stores that bypass the caches, as wide as the instruction set has them. A column that is longer
// than the caches would be read into them line by line before it is overwritten, and would push out
// what is still wanted. The processor collects such stores per line: lines must come whole.

#if HEDGEROW_STREAM_WIDTH > 1
using Lanes [[gnu::vector_size(8 * HEDGEROW_STREAM_WIDTH)]] = double;
using LooseLanes [[gnu::vector_size(8 * HEDGEROW_STREAM_WIDTH), gnu::aligned(8)]] = double;
#endif

#if HEDGEROW_STREAM_WIDTH == 1
HEDGEROW_INLINE void store_past_caches(double* to, const double* from) {
    *to = *from;
}
#elif defined(__clang__)
HEDGEROW_INLINE void store_past_caches(double* to, const double* from) {
    const Lanes lanes = *reinterpret_cast<const LooseLanes*>(from);
    __builtin_nontemporal_store(lanes, reinterpret_cast<Lanes*>(to));
}
#else
HEDGEROW_INLINE void store_past_caches(double* to, const double* from) {
    const Lanes lanes = *reinterpret_cast<const LooseLanes*>(from);
#if HEDGEROW_STREAM_WIDTH == 2
    __builtin_ia32_movntpd(to, lanes);
#elif HEDGEROW_STREAM_WIDTH == 4
    __builtin_ia32_movntpd256(to, lanes);
#else
    __builtin_ia32_movntpd512(to, lanes);
#endif
}
#endif

// Throws nothing; said to be noexcept, gcc's built-in would drag in the C++ library's unwinder.
void stream(const double* from, double* to, std::size_t lines) {
    for (std::size_t i = 0; i < 8 * lines; i += HEDGEROW_STREAM_WIDTH)
        store_past_caches(to + i, from + i);
}
