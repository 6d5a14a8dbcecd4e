/// Contracts resolved once into flat columns, which is the form that is priced.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/contract/contract.hpp"

namespace hedgerow {

/// The alternatives of Contract, in its order.
enum class Kind : std::uint8_t { cash, spot, future, perpetual, option };

/// Whether gains and losses are paid daily: there is no premium, and what is owed depends on the
/// cost.
constexpr bool is_margined(Kind kind) noexcept {
    return kind == Kind::future || kind == Kind::perpetual;
}

/// One underlying and one expiry: what shares a forward, a discount factor and a smile.
struct Slice {
    std::uint32_t underlying;  ///< index into ContractColumns::underlyings
    Instant expiry;

    friend auto operator<=>(const Slice&, const Slice&) = default;
};

/// A list of distinct contracts as columns of equal length. Immutable once made.
struct HEDGEROW_API ContractColumns {
    /// The slice of what never expires.
    static constexpr std::uint32_t no_slice = 0xffffffffu;

    std::vector<Contract> contracts;
    std::vector<Kind> kind;
    std::vector<std::uint32_t> underlying;      ///< index into `underlyings`
    std::vector<std::uint32_t> slice;           ///< index into `slices`, or no_slice
    std::vector<std::uint32_t> currency;        ///< index into `currencies`: paid in
    std::vector<std::uint32_t> quote_currency;  ///< index into `currencies`: strike and spot in
    std::vector<std::uint32_t> series;          ///< index into `series_first`
    std::vector<double> right;                  ///< +1, -1; 0 for what is no option
    std::vector<double> strike;                 ///< NaN for what is no option
    std::vector<double> log_strike;             ///< its logarithm, by which smiles interpolate
    std::vector<double> multiplier;
    std::vector<Settlement> settlement;
    std::vector<Exercise> exercise;

    std::vector<std::string> underlyings;
    std::vector<std::string> currencies;
    std::vector<Slice> slices;
    /// Contracts of one series differ in right, strike and multiplier alone: to the market they are
    /// one. Per series, the first of its contracts.
    std::vector<std::uint32_t> series_first;

    std::size_t size() const noexcept { return contracts.size(); }
};

/// Resolves distinct contracts, in their order.
HEDGEROW_API std::shared_ptr<const ContractColumns> resolve(std::vector<Contract> contracts);

}  // namespace hedgerow
