/// Memory for columns of millions of rows.
#pragma once

#include <cstddef>
#include <memory>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

struct HEDGEROW_API LargeArrayDeleter {
    void operator()(double* array) const noexcept;
};

/// Doubles that nobody has written yet.
using LargeArray = std::unique_ptr<double[], LargeArrayDeleter>;

/// Room for `size` doubles, not initialized: whoever writes a page first pays for it. Where the
/// system offers huge pages on request they are requested, because the first touch of a small page
/// costs more than the arithmetic on what it holds.
/// @throws std::bad_alloc when there is no memory.
HEDGEROW_API LargeArray make_large_array(std::size_t size);

}  // namespace hedgerow
