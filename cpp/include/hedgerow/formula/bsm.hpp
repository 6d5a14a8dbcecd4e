/// Black-Scholes-Merton with any cost of carry: European options on a spot price.
#pragma once

#include <cstdint>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/columns.hpp"

namespace hedgerow {

/// The price of a European option on a spot: black_price() on F = S exp(b T) and D = exp(-r T).
///
/// Units: time in years; volatility, `rate` r and `carry` b as decimals per year, continuously
/// compounded. b = r - q for a dividend yield q, r less the foreign rate for a currency, 0 for a
/// future: one formula serves them all.
///
/// Domain: spot, strike, time and volatility are finite and not negative, rate and carry are
/// finite; NaN elsewhere. Where time, volatility, strike or spot is 0 the limit is returned, the
/// intrinsic value S exp((b - r) T) - K exp(-r T) of the right's side.
///
/// Accuracy: measured against tests/reference/highprec_bs_greeks.csv.gz: relative error below 4e-13
/// for every price above 1e-290.
///
/// Source: F. Black and M. Scholes 1973; R. C. Merton 1973; the carry as in E. G. Haug 2007, "The
/// Complete Guide to Option Pricing Formulas", sec. 1.1.6.
HEDGEROW_API double bsm_price(Right right, double spot, double strike, double time,
                              double volatility, double rate, double carry) noexcept;

/// The price and its Greeks (base/greeks.hpp) in one pass, with the domain of bsm_price().
///
/// rho is dV/dr at fixed q = r - b, and phi dV/dq at fixed r; time derivatives hold S, r and q.
/// Edges as in black_greeks().
///
/// Accuracy: measured against tests/reference/highprec_bs_greeks.csv.gz where the Greek is above
/// 1e-290: relative error below 5e-13; of theta, which changes sign, relative to the sum of its
/// terms.
HEDGEROW_API Greeks bsm_greeks(Right right, double spot, double strike, double time,
                               double volatility, double rate, double carry) noexcept;

/// Columns of options on spots; `right` is +1 for a call and -1 for a put.
struct BsmColumns {
    std::span<const double> right, spot, strike, time, volatility, rate, carry;
};

/// The same over columns of one length, one option per row, on this processor's best instruction
/// set; each row has the bits of the single form. Throws InvalidInput where lengths differ.
HEDGEROW_API void bsm_price(const BsmColumns& options, std::span<double> price);
HEDGEROW_API void bsm_greeks(const BsmColumns& options, const GreekColumns& greeks);

/// What of a column of options stays while nothing but their spots move.
struct BsmHoisted {
    std::span<double> growth;             ///< exp((b - r) T)
    std::span<double> discount;           ///< exp(-r T)
    std::span<double> log_moneyness;      ///< ln(F/K), NaN off the domain
    std::span<double> inverse_deviation;  ///< 1/(vol sqrt(T))
    std::span<double> root_time;          ///< sqrt(T)
};

/// Fills `hoisted`, columns as long as those of `options`. Throws InvalidInput where lengths
/// differ.
HEDGEROW_API void bsm_hoist(const BsmColumns& options, const BsmHoisted& hoisted);

/// bsm_greeks() of options whose spots have moved, with less to do: neither an exponential of a
/// rate nor a logarithm nor a division by s is left.
///
/// `options.spot` is the spot now, positive; `log_move` ln(spot now / spot at bsm_hoist()). All
/// else is as it was at bsm_hoist(). Throws InvalidInput where lengths differ.
///
/// Accuracy: sums of held options are within 1e-12 of the sizes added, theta and charm within
/// 1e-11, of valuations on the moved market (tests/book/test_exposures.py).
HEDGEROW_API void bsm_moved_greeks(const BsmColumns& options, const BsmHoisted& hoisted,
                                   std::span<const double> log_move, const GreekColumns& greeks);

/// Price and Greeks of options times quantities, summed by group: what bsm_greeks() would write,
/// without a row of it. Works block by block in scratch; beyond its arguments it takes 32 MB at
/// most, or the size of `sums` where that is more.
///
/// A column of one row stands for that value in every row. A row outside the domain makes the sums
/// of its group NaN. The same bits for any number of threads: fixed runs of rows are summed in
/// their order, and their sums in the order of the runs.
/// @param quantity one per option: its length is the number of options.
/// @param group one per option, below the length of `sums`.
/// @param sums columns of one length, the number of groups.
/// @throws InvalidInput where lengths or groups do not fit.
HEDGEROW_API void bsm_net_greeks(const BsmColumns& options, std::span<const double> quantity,
                                 std::span<const std::uint32_t> group, const GreekColumns& sums,
                                 ThreadPool* pool = nullptr);

}  // namespace hedgerow
