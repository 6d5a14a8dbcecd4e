/// Where in the random numbers to read: every path has two at every step.
#pragma once

#include <cstdint>

namespace hedgerow {

/// A row of random numbers, two for each of consecutive paths. They are a function of the seed, the
/// stream, the step and the path's number alone, whoever computes them and in what order. What
/// needs more than two numbers a step takes another stream.
struct RandomRow {
    std::uint64_t seed;
    std::uint64_t first;  ///< the number of the first path
    std::uint32_t step;
    std::uint32_t stream;
    bool antithetic;  ///< paths 2k and 2k + 1 take u and 1 - u, and normals z and -z
};

}  // namespace hedgerow
