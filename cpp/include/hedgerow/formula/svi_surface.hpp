/// A volatility surface between expiries: SVI slices, interpolated in total variance.
///
/// k = ln(K/F(T)) of strike and the forward to T; w(k, T) = volatility^2 T is the total variance.
///
/// Between two expiries w is linear in T at constant k, so that it rises wherever the later slice
/// lies above the earlier one: calendar spreads are free of arbitrage where the slices are (N.
/// Kahale 2004, "An arbitrage-free interpolation of volatilities"; J. Gatheral and A. Jacquier
/// 2014, "Arbitrage-free SVI volatility surfaces", section 2.1). That no butterfly between two
/// slices costs less than nothing does not follow from the slices; check_local_volatility() looks.
///
/// Before the first expiry, w = w_1 T / T_1: the line from w = 0 at once, constant volatility at
/// constant k. After the last, w = w_n(k) + (T - T_n) w_n(0) / T_n: what is added is the same at
/// all strikes, which keeps a slice without arbitrage free of it (Gatheral and Jacquier 2014,
/// sections 4 and 5).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/svi.hpp"

namespace hedgerow {

/// The total variance and its derivatives in k and T.
struct SurfacePoint {
    SviPoint at;            ///< w, w_k and w_kk
    double relative_slope;  ///< w_k / w, which has a limit at T = 0, where both are 0
    double time_slope;      ///< w_T; at an expiry, that of the years before it
};

/// Slices by expiry; immutable.
class HEDGEROW_API SviSurface {
  public:
    /// @param times years to the expiries, positive and increasing.
    /// @param slices one per expiry, in the domain of SviParameters.
    /// @throws InvalidInput otherwise, or where there is none.
    SviSurface(std::vector<double> times, std::vector<SviParameters> slices);

    std::span<const double> times() const noexcept { return times_; }
    std::span<const SviParameters> slices() const noexcept { return slices_; }

    /// w(k, T) and its derivatives, within a few eps of the terms of svi_point(). NaN where the
    /// time is negative or either number is NaN.
    SurfacePoint at(double k, double time) const noexcept;

    /// sqrt(w / T), at T = 0 its limit; NaN where w is negative.
    double volatility(double k, double time) const noexcept;

    /// The local variances per year at one time, by local_variance().
    /// @param k any numbers; `variance` has their length.
    void local_variance(std::span<const double> k, double time,
                        std::span<double> variance) const noexcept;

    friend bool operator==(const SviSurface&, const SviSurface&) = default;

  private:
    std::vector<double> times_;
    std::vector<SviParameters> slices_;
};

}  // namespace hedgerow
