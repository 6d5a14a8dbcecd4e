/// Black's formula over rows of scenarios: the kernels of full revaluation.
///
/// Computes  V(f, v) = right D (F f N(right d1) - K N(right d2)),
/// d1,2 = ln(F f/K)/s +- s/2,  s = sqrt(T) (volatility + v), and where s is 0 or less the intrinsic
/// value, for an option and rows of spot factors f and volatility shifts v.
///
/// Domain: finite numbers, all positive but right (+1, -1), ln(F/K) and v; the callers examine
/// that. Source: F. Black 1976, "The pricing of commodity contracts".
///
/// Measured error, in units of max(D F f, D K): 7.5e-16 in double and 2.7e-7 in single precision.
/// A price far below the forward has no more digits than that leaves: black_price() has.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/revaluation.hpp"

namespace hedgerow {

/// An option as the market prices it.
struct MarketOption {
    double right;          ///< +1, -1
    double log_moneyness;  ///< ln(F/K)
    double time;           ///< years
    double volatility;     ///< decimals per year
    double forward;        ///< D F
    double strike;         ///< D K
};

/// The larger of D F and D K: the unit of the option's hoisted values.
HEDGEROW_API double value_unit(const MarketOption& option) noexcept;

/// The option without what scenarios move; its base is set.
/// @param weight what is held, in any unit: weight times values in value_unit() enter the sums.
/// Instances: double, float.
template <class Real>
HoistedOption<Real> hoist(const MarketOption& option, double weight) noexcept;

/// Sets the base of every option: its value where nothing moves.
template <class Real>
void set_bases(std::span<HoistedOption<Real>> options) noexcept;

/// Adds weight x (value - base) of every option to sums[j], for every scenario j of the row.
template <class Real>
void add_changes(std::span<const HoistedOption<Real>> options, const ScenarioRow<Real>& row,
                 Real* sums) noexcept;

/// The same for one option that has its own deviation s in every scenario.
template <class Real>
void add_changes(const HoistedOption<Real>& option, const Real* deviation,
                 const ScenarioRow<Real>& row, Real* sums) noexcept;

extern template HEDGEROW_API HoistedOption<double> hoist(const MarketOption&, double) noexcept;
extern template HEDGEROW_API HoistedOption<float> hoist(const MarketOption&, double) noexcept;
extern template HEDGEROW_API void set_bases(std::span<HoistedOption<double>>) noexcept;
extern template HEDGEROW_API void set_bases(std::span<HoistedOption<float>>) noexcept;
extern template HEDGEROW_API void add_changes(std::span<const HoistedOption<double>>,
                                              const ScenarioRow<double>&, double*) noexcept;
extern template HEDGEROW_API void add_changes(std::span<const HoistedOption<float>>,
                                              const ScenarioRow<float>&, float*) noexcept;
extern template HEDGEROW_API void add_changes(const HoistedOption<double>&, const double*,
                                              const ScenarioRow<double>&, double*) noexcept;
extern template HEDGEROW_API void add_changes(const HoistedOption<float>&, const float*,
                                              const ScenarioRow<float>&, float*) noexcept;

/// The values of options under scenarios, option by option, on a named instruction set, for tests.
///
/// @param options columns of right, forward, strike, time, volatility and discount factor.
/// @param spot_factor at most scenario_tile; `volatility_shift` as many.
/// @param values options x scenarios, in the currency of the forward.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool revalue_on(std::string_view isa, Precision precision,
                             const std::array<std::span<const double>, 6>& options,
                             std::span<const double> spot_factor,
                             std::span<const double> volatility_shift, double* values) noexcept;

}  // namespace hedgerow
