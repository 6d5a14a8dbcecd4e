/// Columns of results, for the batch forms of the formulas.
#pragma once

#include <array>
#include <span>

#include "hedgerow/base/greeks.hpp"

namespace hedgerow {

/// Where a batch writes: one column per output, in the order of Greeks. Columns are contiguous, of
/// one length, and overlap neither each other nor the inputs.
using GreekColumns = std::array<std::span<double>, greek_count>;

}  // namespace hedgerow
