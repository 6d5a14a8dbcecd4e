/// The standard normal distribution and its tails, to full relative accuracy.
///
/// N is the distribution function, n its density. Every function takes every double: NaN gives NaN,
/// an infinite argument the limit, and results below the normal range lose bits gradually. Errors
/// are the largest found by tests/math/test_normal.py against 20-digit tables and mpmath, on any
/// instruction set, in units in the last place of the exact result; 4.5 ulp are a relative error of
/// 1e-15. Method: one rational function for the Mills ratio (see cpp/kernels/normal.inl).
#pragma once

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// n(x) = exp(-x^2/2) / sqrt(2 pi). Error below 2 ulp.
HEDGEROW_API double normal_pdf(double x) noexcept;

/// N(x), the probability below x. Error below 7.5 ulp, in the lower tail too: subnormal from
/// x = -37.5 on, 0 below -38.5. For the probability above x take N(-x).
HEDGEROW_API double normal_cdf(double x) noexcept;

/// The x with N(x) = p, for p in [0, 1]; -inf at 0, +inf at 1, NaN outside. Error below 3 ulp for
/// every p down to 5e-324. The x of an upper tail probability q is -normal_inverse_cdf(q), which
/// keeps what 1 - q would lose.
HEDGEROW_API double normal_inverse_cdf(double p) noexcept;

/// ln N(x). Error below 7.5 ulp: about -x^2/2 far below 0, -N(-x) far above.
HEDGEROW_API double log_normal_cdf(double x) noexcept;

/// The scaled complementary error function exp(x^2) erfc(x). Error below 5 ulp; +inf below -26.62.
HEDGEROW_API double erfcx(double x) noexcept;

/// The Mills ratio N(-x) / n(x). Error below 7 ulp; +inf below -37.63.
HEDGEROW_API double mills_ratio(double x) noexcept;

}  // namespace hedgerow
