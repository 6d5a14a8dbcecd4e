/// SSVI and eSSVI surfaces fitted to the implied volatilities of all expiries.
#pragma once

#include <cstddef>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/smile_fit.hpp"
#include "hedgerow/formula/ssvi.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"

namespace hedgerow {

struct SsviFitOptions {
    SmileResidual residual = SmileResidual::volatility;
    Loss loss = Loss::squares;  ///< of fit_essvi(); fit_ssvi() knows squares only
    int most_iterations = 100;  ///< of each of the least squares problems
};

/// One expiry of an eSSVI fit. Parameters are NaN where nothing was fitted.
struct EssviSliceFit {
    SmileFitOutcome outcome = SmileFitOutcome::invalid_input;
    SsviSlice parameters{};
    /// One deviation of each parameter as it would be without the conditions of no arbitrage;
    /// weights count as relative reciprocal variances. NaN where the quotes are no more than the
    /// unknowns.
    SsviSlice standard_errors{};
    double residual = 0;          ///< weighted root mean square, in the unit of `SmileResidual`
    double largest_residual = 0;  ///< of the quotes with weight, without it
    int iterations = 0;
    std::size_t quotes = 0;       ///< with weight
    std::size_t invalid_row = 0;  ///< of an invalid quote
    SviButterfly butterfly;
    SviCalendar calendar;  ///< against the last slice fitted before; undecided for the first
};

/// Fits an eSSVI surface, expiry by expiry in their order, into `slices`.
///
/// Every slice is free of butterfly arbitrage and lies above those before it by construction: the
/// unknowns are rho, the rise of theta above what the slice before demands, and where psi lies
/// between its bounds (A. Mingone 2022, section 3; expiry by expiry as P. Cohort, J. Corbetta, I.
/// Laachir and C. Martini 2019, "Robust calibration and arbitrage-free interpolation of SSVI
/// slices"). An expiry without three log-moneynesses is left out, and says so.
///
/// @param expiries times in increasing order, else invalid_input from the one that is not on.
/// @param slices as many as expiries; where they are not, all that there are become invalid_input.
/// Nothing is allocated.
HEDGEROW_API void fit_essvi(std::span<const SmileQuotes> expiries, std::span<EssviSliceFit> slices,
                            const SsviFitOptions& options = {}) noexcept;

/// The fit of a whole surface; `standard_errors` as of EssviSliceFit.
template <class Surface>
struct SsviFit {
    SmileFitOutcome outcome = SmileFitOutcome::invalid_input;
    Surface parameters{};
    Surface standard_errors{};
    double residual = 0;
    double largest_residual = 0;
    int iterations = 0;
    std::size_t quotes = 0;
    std::size_t invalid_expiry = 0, invalid_row = 0;  ///< of invalid quotes
    SsviViolation violation = SsviViolation::none;    ///< of ssvi_surface()
};

/// Fits an SSVI surface to all expiries at once; w(0) of each expiry goes into `theta`.
///
/// Given the surface's parameters, each theta is a problem of its own, held not to fall in time;
/// the outer least squares see the residuals less what the thetas take up (variable projection: G.
/// Golub and V. Pereyra 1973, L. Kaufman 1975). The conditions of ssvi_surface() are the box of the
/// unknowns. Expiries may have few quotes, one at least each; together more than the unknowns.
///
/// @param theta as many as expiries, whose times increase.
HEDGEROW_API SsviFit<SsviPowerLaw> fit_ssvi_power_law(std::span<const SmileQuotes> expiries,
                                                      std::span<double> theta,
                                                      const SsviFitOptions& options = {}) noexcept;
HEDGEROW_API SsviFit<SsviHeston> fit_ssvi_heston(std::span<const SmileQuotes> expiries,
                                                 std::span<double> theta,
                                                 const SsviFitOptions& options = {}) noexcept;

}  // namespace hedgerow
