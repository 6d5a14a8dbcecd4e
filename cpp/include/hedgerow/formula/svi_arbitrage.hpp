/// Certificates that an SVI slice, or a pair of them, is free of static arbitrage.
///
/// Both conditions are signs of polynomials: with k = m + sigma (t - 1/t)/2, t > 0, every square
/// root of the slice becomes rational in t. A polynomial whose Bernstein coefficients over an
/// interval are not negative is not negative there; intervals that this does not settle are halved.
/// So nothing between grid points can be missed, and the wings are an interval like any other.
#pragma once

#include <array>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/svi.hpp"

namespace hedgerow {

enum class ArbitrageVerdict : unsigned char {
    free,       ///< proven, but for what rounding can do (stated at each certificate)
    violated,   ///< a point where the condition fails is named
    undecided,  ///< neither: nearer to the boundary than rounding allows to tell
};

/// What is wrong with a slice: the first of these that applies.
enum class SliceViolation : unsigned char {
    none,
    negative_variance,  ///< the least total variance is not positive
    steep_wing,         ///< a wing is as steep as 2 or more: b (1 + |rho|) >= 2 (R. Lee 2004)
    negative_density,   ///< g < 0 at `where`
};

struct SviButterfly {
    ArbitrageVerdict verdict = ArbitrageVerdict::undecided;
    SliceViolation violation = SliceViolation::none;
    double minimum = 0;  ///< the least density factor g that was met
    double where = 0;    ///< its log-moneyness; infinite where g is least far out
    double bound = 0;    ///< g >= bound everywhere is proven; NaN where it is not
    double least_total_variance = 0;
    double left_slope = 0, right_slope = 0;  ///< of the wings, b (1 - rho) and b (1 + rho)
};

/// Decides whether the density factor of `slice` is nowhere negative.
///
/// g is a ratio of two polynomials of degree ten in t. `free` is given only where the numerator
/// exceeds the rounding of its own terms everywhere (64 eps of their sum), so that a slice is never
/// called free that is not; a slice whose g touches zero is undecided. The least g is bounded to
/// 1e-4 of itself. NaN or parameters out of the domain of SviParameters are undecided.
///
/// Source: Gatheral and Jacquier 2014, lemma 2.2; C. Martini and A. Mingone 2022, "No arbitrage
/// SVI"; R. Lee 2004, "The moment formula for implied volatility at extreme strikes"; G. Farin
/// 2002, "Curves and Surfaces for CAGD", ch. 5, for the convex hull and the halving.
HEDGEROW_API SviButterfly svi_butterfly(const SviParameters& slice) noexcept;

struct SviCalendar {
    ArbitrageVerdict verdict = ArbitrageVerdict::undecided;
    double depth = 0;  ///< the most that the earlier slice was met above the later; 0 where free
    double where = 0;  ///< its log-moneyness; infinite, with `depth`, where a wing crosses far out
    int crossings = 0;
    std::array<double, 4> crossing{};  ///< the log-moneynesses where the slices cross, in order
};

/// Decides whether the total variance of `later` is nowhere below that of `earlier`.
///
/// Where they are equal, a quartic in t is zero, so they cross four times at most. `free` means
/// later >= earlier but for rounding: 1e-13 of the terms that w is the sum of. Slices that touch
/// are free, and where a gap sinks into rounding far out, a crossing is named. `depth` is the
/// largest where the gap has one extremum between crossings, as it has unless both are bent alike.
///
/// Source: Gatheral and Jacquier 2014, section 2.1 (calendar spreads) and 3.3 (the quartic).
HEDGEROW_API SviCalendar svi_calendar(const SviParameters& earlier,
                                      const SviParameters& later) noexcept;

}  // namespace hedgerow
