// Where a fit of a slice begins.
#pragma once

#include "hedgerow/formula/svi.hpp"
#include "smile_rows.hpp"

namespace hedgerow::smile {

/// The range of the quoted log-moneynesses.
struct Range {
    double low, high;

    double width() const noexcept { return high - low; }
};

Range range_of(const Rows& rows) noexcept;

/// The best slice over a small grid of (m, sigma): given these, w is linear in a, b rho sigma and
/// b sigma, whose least squares (in total variance, weighted as the residual asked for would be
/// near the quotes) are solved within |rho| <= most_rho and 0 <= b.
/// Source: Zeliade Systems 2009, "Quasi-explicit calibration of Gatheral's SVI model".
SviParameters svi_start(const Rows& rows, const Range& range, SmileResidual residual) noexcept;

inline constexpr double most_rho = 0.999;

}  // namespace hedgerow::smile
