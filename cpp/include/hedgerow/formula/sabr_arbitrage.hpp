/// Where SABR's volatilities allow arbitrage: the density that they imply, and its sign.
///
/// The expansion is not a model: for beta < 1 its volatilities grow without bound towards a strike
/// of -shift, and in all cases faster than any distribution allows far in the wings. No set of
/// parameters is free of butterfly arbitrage at all strikes; the question is between which ones.
#pragma once

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/sabr.hpp"

namespace hedgerow {

/// The density of the underlying at expiry, d2C/dK2 of undiscounted calls at sabr_volatility(), per
/// unit of money. Negative where a butterfly costs less than nothing.
///
/// Domain: that of sabr_volatility(), with time positive; NaN elsewhere.
///
/// Accuracy: below 2e-14 (1 + d^2) of the terms that the density is the sum of, d being how many
/// deviations of ln(K/F) the strike is away; tests/reference/highprec_sabr.csv.
///
/// Source: Breeden and Litzenberger 1978, "Prices of state-contingent claims".
HEDGEROW_API double sabr_density(const SabrParameters& parameters, double forward, double strike,
                                 double time) noexcept;

/// The same of calls in the normal model at sabr_normal_volatility().
HEDGEROW_API double sabr_normal_density(const SabrParameters& parameters, double forward,
                                        double strike, double time) noexcept;

/// The factor g that has the density's sign where the density itself is too small for a double:
/// density (K + shift) s / n(d2), with s = volatility sqrt(time). 1 for a flat smile.
///
/// Source: Gatheral and Jacquier 2014, "Arbitrage-free SVI volatility surfaces", equation 2.1.
HEDGEROW_API double sabr_density_factor(const SabrParameters& parameters, double forward,
                                        double strike, double time) noexcept;

/// What a search for negative densities found.
struct SabrButterfly {
    double least_factor;  ///< the least density factor; NaN where there is no volatility
    double strike;        ///< where that is
    double low, high;     ///< the widest range around the forward without a negative density

    /// Whether the whole range that was searched is free of butterfly arbitrage.
    bool is_free() const noexcept { return least_factor >= 0; }
};

/// Searches the strikes from `low` to `high` for negative densities.
///
/// The density factor is taken at 257 strikes evenly spaced in ln(K + shift), and minimized
/// wherever one of them lies below its neighbors; ends of the free range are found to 1e-12 of the
/// strike. What this shows is the sign at those points: the factor is smooth, but a dip that begins
/// and ends between two neighbors, 1/256 of the range, would go unseen.
///
/// @throws InvalidInput for parameters out of range, time not positive, or unless
///     -shift < low < forward < high.
HEDGEROW_API SabrButterfly sabr_butterfly(const SabrParameters& parameters, double forward,
                                          double time, double low, double high);

}  // namespace hedgerow
