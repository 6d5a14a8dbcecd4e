/// What the market says of contracts that differ in strike, right and size alone.
#pragma once

#include <array>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/contract/columns.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// What is known of a settlement price that is averaged over a window: a + w x what is to come.
struct Averaging {
    double known = 0;      ///< a: the part of the window that has passed times its average
    double remaining = 1;  ///< w: the part to come, 1 before the window begins
    double per_year = 0;   ///< 1 / length of the window: by how much w falls per year
};

/// A series (ContractColumns::series) in a market: all names looked up. Worth and Greeks as in
/// UnitValues, of which a row is made of this and of the contract's strike and right.
struct HEDGEROW_API SeriesMarket {
    /// Of all the contracts, but for options whose own numbers turn out not to be finite.
    Status status = Status::ok;
    Kind kind = Kind::cash;
    bool inverse = false;
    bool has_underlying = false;  ///< the snapshot has a market for the underlying: not for money
    double spot = 1;        ///< of the underlying in the quote currency; 1 where there is none
    double rate = 0;        ///< reporting currency per unit of the contract's currency
    double quote_rate = 0;  ///< reporting currency per unit of the quote currency

    // Options: what the formula takes beside right, spot, strike and volatility.
    double time = 0;               ///< years to expiry; of futures too
    double carry = 0;              ///< b; of futures too
    double interest = 0;           ///< r of payments in the contract's currency
    const Smile* smile = nullptr;  ///< of the snapshot, which must live as long
    Averaging averaging;           ///< of options and futures whose settlement window has begun

    // All others: one unit of any of them, where the status is valued.
    double price = 0;  ///< as quoted; of futures and perpetuals what revalue() begins with
    double worth = 0;
    Greeks greeks{};

    /// A unit whose worth and Greeks sum to less than this, in absolute values, is a number far
    /// from overflow, and so is all that is made of it, such as gamma x S^2 in the reporting
    /// currency: neither largest_amount units nor sums of them reach it.
    double largest = 0;

    /// Whether the settlement price is being averaged, or has been.
    bool is_averaged() const noexcept { return averaging.remaining < 1; }
    /// Whether contracts are options as the formula takes them, by columns.
    bool is_live_option() const noexcept {
        return kind == Kind::option && status == Status::ok && !is_averaged();
    }
    /// Whether they are options for closing(): averaged or expired.
    bool is_closing_option() const noexcept {
        return kind == Kind::option &&
               (status == Status::expired || (status == Status::ok && is_averaged()));
    }
    /// Values one unit anew after a change of spot, rates, or price of a future or perpetual.
    void revalue() noexcept;
    /// Value and Greeks, as in UnitValues, of one unit of an option whose settlement window has
    /// begun or that has expired: then it has its intrinsic value on what is known of the
    /// settlement price, on the spot where that is nothing, and no Greeks.
    Greeks closing(double right, double strike, double log_strike) const noexcept;
    /// Worth of an option of this value in the quote currency; its price is the same.
    double option_worth(double value) const noexcept { return inverse ? value / spot : value; }
    /// Whether worth and Greeks are numbers within the bound.
    bool holds(double worth, const Greeks& greeks) const noexcept;
};

/// The series of the contracts in the snapshot, to whose smiles the result refers.
HEDGEROW_API std::vector<SeriesMarket> resolve_series(const ContractColumns& contracts,
                                                      const Snapshot& snapshot);

}  // namespace hedgerow
