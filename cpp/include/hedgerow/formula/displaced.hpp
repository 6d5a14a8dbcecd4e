/// Displaced Black: a forward that, moved by a shift, is lognormal.
#pragma once

#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/columns.hpp"

namespace hedgerow {

/// The price of a European option: black_price() on F + shift and K + shift.
///
/// Units as in black_price(); `volatility` is that of F + shift, and `shift` is in the units of F.
///
/// Domain: as black_price() in the moved variables: forwards and strikes down to -shift are priced,
/// a strike at -shift is a strike of zero; NaN below.
///
/// Accuracy: that of black_price(), after the rounding of the two sums.
///
/// Source: M. Rubinstein 1983, "Displaced diffusion option pricing".
HEDGEROW_API double displaced_price(Right right, double forward, double strike, double time,
                                    double volatility, double discount, double shift) noexcept;

/// The price and its Greeks in F and K, in one pass; conventions, edges and accuracy are those of
/// black_greeks() in the moved variables.
HEDGEROW_API Greeks displaced_greeks(Right right, double forward, double strike, double time,
                                     double volatility, double discount, double shift) noexcept;

/// Columns of options on forwards; `right` is +1 for a call and -1 for a put.
struct DisplacedColumns {
    std::span<const double> right, forward, strike, time, volatility, discount, shift;
};

/// The same over columns of one length, one option per row, on this processor's best instruction
/// set; each row has the bits of the single form. Throws InvalidInput where lengths differ.
HEDGEROW_API void displaced_price(const DisplacedColumns& options, std::span<double> price);
HEDGEROW_API void displaced_greeks(const DisplacedColumns& options, const GreekColumns& greeks);

}  // namespace hedgerow
