/// A straight line through points of which some are wrong.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// The line y = height + slope (x - center). Height and slope are uncorrelated, because `center` is
/// the weighted mean of x.
struct RobustLine {
    double center = 0;
    double height = 0;
    double slope = 0;
    double height_error = 0;  ///< standard error
    double slope_error = 0;   ///< standard error; 0 where the slope was given, inf if undetermined
    double residual = 0;      ///< weighted root mean square residual of the points not set aside
    int iterations = 0;
    bool converged = false;
    std::vector<bool> outlier;  ///< per point: set aside, its weight is zero
};

/// Fits a line robustly: an M-estimator with Tukey's biweight, started at the least absolute
/// deviation, which up to about a quarter of wrong points cannot drag away.
///
/// Residuals count in units of `half_width`, the width within which a point may lie for reasons of
/// its own. Their scale is the median absolute residual of the start (without one zero residual
/// per unknown, which the start makes by construction), and never so small that a point would be
/// set aside that lies within its own half width.
///
/// Source: Holland and Welsch, "Robust regression using iteratively reweighted least-squares"
/// (1977); standard errors from Huber, "Robust Statistics" (1981), section 7.6, without the
/// small-sample factor K.
///
/// @param x, y, half_width of one length, finite, at least as many as there are unknowns;
///     half_width > 0.
/// @param slope where it is known; then only the height is fitted.
HEDGEROW_API RobustLine fit_robust_line(std::span<const double> x, std::span<const double> y,
                                        std::span<const double> half_width,
                                        std::optional<double> slope = {});

}  // namespace hedgerow
