/// SVI slices fitted to the implied volatilities of one expiry.
#pragma once

#include <cstddef>
#include <optional>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/smile_fit.hpp"
#include "hedgerow/formula/svi.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"

namespace hedgerow {

/// What a fitted slice must keep to.
enum class SliceConstraint : unsigned char {
    none,
    butterfly,  ///< the density is nowhere negative, as svi_butterfly() decides
};

struct SviFitOptions {
    SmileResidual residual = SmileResidual::volatility;
    Loss loss = Loss::squares;
    SliceConstraint constraint = SliceConstraint::none;
    /// The slice that this one must nowhere lie below, as svi_calendar() decides.
    std::optional<SviParameters> earlier;
    /// Where to begin: the last fit, say. Without it a search finds a start.
    std::optional<SviParameters> start;
    int most_iterations = 100;  ///< of each of the least squares problems
};

/// Parameters are NaN where nothing was fitted.
struct SviFit {
    SmileFitOutcome outcome = SmileFitOutcome::invalid_input;
    SviParameters parameters{};
    /// One deviation of each parameter as it would be without bounds and constraints, from the
    /// scatter of the residuals; weights count as relative reciprocal variances. NaN where the
    /// quotes do not determine it or are no more than the unknowns.
    SviParameters standard_errors{};
    double residual = 0;          ///< weighted root mean square, in the unit of `SmileResidual`
    double largest_residual = 0;  ///< of the quotes with weight, without it
    int iterations = 0;           ///< in sum over the least squares problems
    std::size_t quotes = 0;       ///< with weight
    std::size_t invalid_row = 0;  ///< of an invalid quote
    SviButterfly butterfly;
    SviCalendar calendar;  ///< against the earlier slice; undecided without one
};

/// Fits a slice by weighted least squares, or a robust loss.
///
/// The start is the best of a small grid of (m, sigma), on which the other three parameters are a
/// linear problem (Zeliade Systems 2009, "Quasi-explicit calibration of Gatheral's SVI model").
/// Levenberg-Marquardt follows in what quotes determine, each by itself: w, w' and w'' at their
/// mean place, and how much steeper each wing becomes. Where the certificates find that slice in
/// breach of a constraint, the places of the breach become inequalities of every step
/// (math/constrained_least_squares.hpp), more of them until the certificates pass; what breach is
/// left is lifted away in level. With a `start` the constraints begin at its own places. Of wings
/// that the quotes do not reach, constrained fits prefer the flatter. So a converged fit with a
/// constraint has a certificate of verdict `free`; one that is not near the quotes is named
/// far_from_quotes. Deviations of a robust loss are 1.4826 medians of the absolute residuals.
///
/// Bounds: wings' slopes up to 1.999 and not below those of the earlier slice, w'' at the mean
/// place at least 1e-4 of the largest total variance over the squared width of the quotes. Nothing
/// is allocated. Never throws: bad input is an outcome.
HEDGEROW_API SviFit fit_svi(const SmileQuotes& quotes, const SviFitOptions& options = {}) noexcept;

}  // namespace hedgerow
