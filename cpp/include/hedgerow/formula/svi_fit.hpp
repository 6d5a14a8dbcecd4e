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
    /// One deviation of each parameter, from the scatter of the residuals; weights count as
    /// relative reciprocal variances. 0 for a parameter on its bound, NaN where the quotes do not
    /// determine it or are no more than the unknowns.
    SviParameters standard_errors{};
    double residual = 0;          ///< weighted root mean square, in the unit of `SmileResidual`
    double largest_residual = 0;  ///< of the quotes with weight, without it
    int iterations = 0;           ///< in sum over the least squares problems
    std::size_t quotes = 0;       ///< with weight
    std::size_t invalid_row = 0;  ///< of an invalid quote
    SviButterfly butterfly;
    SviCalendar calendar;  ///< against the earlier slice; undecided without one
};

/// Fits a slice by weighted least squares, or a robust loss, in a box around the quotes.
///
/// The start is the best of a small grid of (m, sigma), on which the other three parameters are a
/// linear problem (Zeliade Systems 2009, "Quasi-explicit calibration of Gatheral's SVI model");
/// Levenberg-Marquardt in all five follows. With constraints, the points where the certificates
/// find the fit in breach become penalties, tightened until the certificates pass; what breach is
/// then left is lifted away, in level and wings. So a converged fit with a constraint has a
/// certificate of verdict `free`. Deviations of a robust loss are 1.4826 medians of the absolute
/// residuals.
///
/// Box: 0 <= b <= 4, |rho| <= 0.999, m within the quotes or their width away from them, sigma from
/// 1e-3 to 10 of that width. Nothing is allocated. Never throws: bad input is an outcome.
HEDGEROW_API SviFit fit_svi(const SmileQuotes& quotes, const SviFitOptions& options = {}) noexcept;

}  // namespace hedgerow
