/// Random numbers by counting: Philox4x32-10 of J. K. Salmon, M. A. Moraes, R. O. Dror and D. E.
/// Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
///
/// The block of path p at step s of stream t is philox({p mod 2^32, p / 2^32, s, t}, seed): no
/// state is carried from number to number. Columns of one RandomRow hold the two numbers of each
/// path.
///
/// Uniforms are odd multiples of 2^-53 in (0, 1), from the upper 52 bits of each half of the block:
/// never 0 or 1, and 1 - u is one of them too. Normals are inversions of those, with a relative
/// error below 4.5e-12 and at most 8.3 deviations from 0. Uniforms are the same bits on every
/// instruction set, normals on every one with a fused multiply-add.
#pragma once

#include <span>
#include <string_view>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/random.hpp"

namespace hedgerow {

/// Uniforms for paths row.first, row.first + 1, ...
/// @throws InvalidInput where the columns differ in length.
HEDGEROW_API void random_uniforms(const RandomRow& row, std::span<double> first,
                                  std::span<double> second);

/// Standard normals for paths row.first, row.first + 1, ...
/// @throws InvalidInput where the columns differ in length.
HEDGEROW_API void random_normals(const RandomRow& row, std::span<double> first,
                                 std::span<double> second);

/// random_uniforms() on a named instruction set, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool random_uniforms_on(std::string_view isa, const RandomRow& row,
                                     std::span<double> first, std::span<double> second);

/// random_normals() on a named instruction set, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool random_normals_on(std::string_view isa, const RandomRow& row,
                                    std::span<double> first, std::span<double> second);

}  // namespace hedgerow
