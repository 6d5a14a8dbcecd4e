/// Contract x market: the value of one unit of every contract, with its Greeks and a status.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/large_array.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/contract/columns.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// One row per contract, multiplier not applied.
///
/// The worth w of one unit is what a holding is worth in the currency it pays in, before what was
/// paid for it: an option's premium, the spot price, 1 for cash; for futures and perpetuals, which
/// are margined, the price itself (linear) or -1/price coins (inverse), of which only differences
/// are paid. The Greeks are the derivatives of that worth in the *quote* currency, W = S w for
/// coin-settled contracts, with respect to the spot S, the volatility, time and rates; the forward
/// keeps its carry.
///
/// | contract | price | worth w | W and its Greeks |
/// |---|---|---|---|
/// | linear option | premium | premium | Black-Scholes-Merton |
/// | inverse option | premium in coin | the same | Black-Scholes-Merton, S e^((b-r)T) = coin D S |
/// | linear future | F = S e^(bT) | F | delta e^(bT), theta -bF, rho TF, phi -TF, charm -b e^(bT) |
/// | inverse future | F | -1/F | -e^(-bT): theta, rho, phi only; coins won or lost are delta |
/// | perpetual | mark P | P or -1/P | as a future whose P/S stays |
/// | spot | S | S | delta 1 |
/// | cash | 1 | 1 | none; cash in a coin that is an underlying: delta 1 |
///
/// Rows of a status that is not valued are NaN: among them options without time value exactly at
/// the forward (zero volatility), whose gamma is infinite. A row at or past its expiry has the
/// intrinsic value on the spot, zero Greeks and the status `expired`: it awaits its settlement.
class HEDGEROW_API UnitValues {
  public:
    std::span<double> price;       ///< as quoted, in the contract's currency
    std::span<double> worth;       ///< w, in the contract's currency
    std::span<double> rate;        ///< reporting currency per unit of the contract's currency
    std::span<double> quote_rate;  ///< reporting currency per unit of the quote currency
    std::span<double> spot;        ///< S in the quote currency; 1 for cash that is no underlying
    std::array<std::span<double>, greek_count> greeks;  ///< W and its derivatives
    std::vector<Status> status;

    /// Room for `rows` rows, not yet written.
    explicit UnitValues(std::size_t rows);

    std::size_t size() const noexcept { return status.size(); }

  private:
    LargeArray storage_;
};

/// Values every contract against the snapshot; a row that can't be valued says why in its status.
/// The same bits for any number of threads.
HEDGEROW_API UnitValues value_units(const ContractColumns& contracts, const Snapshot& snapshot,
                                    ThreadPool* pool = nullptr);

}  // namespace hedgerow
