/// Margin schemes as published: each says when, where, and which numbers are not from there.
///
/// Exchanges change their parameters without notice, often daily: a preset is a dated copy, a place
/// to start from, and no promise of what an exchange will ask for.
#pragma once

#include "hedgerow/base/export.hpp"
#include "hedgerow/risk/margin_rules.hpp"

namespace hedgerow::margin_presets {

/// SPAN's parameters, which clearing houses publish per product and day.
struct SpanParameters {
    double price_range;           ///< price scan range, a fraction of the spot
    double volatility_range;      ///< volatility scan range, absolute, decimals per year
    double extreme_multiple = 2;  ///< of the price range in scenarios 15 and 16
    double extreme_cover = 0.35;  ///< the part of the loss that counts in them
    double calendar_spread = 0;   ///< per unit of delta between expiries, a fraction of the spot
    double short_option_minimum = 0;  ///< per unit, in the quote currency
    double initial = 1;               ///< of the clearing house's requirement
};

/// CME's SPAN: 16 scenarios, a day ahead. Order as in risk arrays: price 0, +1/3, -1/3, +2/3, -2/3,
/// +1, -1 of the range, each with volatility up and down, then the extremes up and down.
/// @throws InvalidInput unless the parameters make rules.
HEDGEROW_API MarginRules span(const SpanParameters& parameters);

/// Deribit's cross portfolio margin for BTC: 9 x 3 scenarios within 16 % and the extended table.
HEDGEROW_API MarginRules deribit();

/// The portfolio margin of Deribit's older documentation, with its contingencies.
HEDGEROW_API MarginRules deribit_older();

/// Derive's PMRM v2 for BTC and ETH: 23 scenarios, 8 dampened tails, basis contingency.
HEDGEROW_API MarginRules derive();

/// OKX's portfolio margin for BTC and ETH after January 2025, its MR1, MR4 and MR6.
HEDGEROW_API MarginRules okx();

/// Paradex's portfolio margin: 24 weighted scenarios and a minimum of delta.
HEDGEROW_API MarginRules paradex();

/// Portfolio margin of US listed equity options (OCC's TIMS grid, FINRA rule 4210(g)): 10 prices
/// within 15 %.
HEDGEROW_API MarginRules tims_equity();

/// The same for broad indices: from -8 % to +6 %.
HEDGEROW_API MarginRules tims_index();

}  // namespace hedgerow::margin_presets
