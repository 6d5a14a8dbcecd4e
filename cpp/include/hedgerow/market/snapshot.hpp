/// One immutable state of the market, with its own clock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/market/curve.hpp"
#include "hedgerow/market/settlement_window.hpp"
#include "hedgerow/market/smile.hpp"

namespace hedgerow {

/// All that is known of one underlying.
///
/// `discount` discounts payments in the quote currency for this underlying's linear contracts (as
/// implied from its own quotes, or a currency's curve); `coin_discount` does so for payments in the
/// underlying itself, that is for inverse contracts, and is 1 unless given.
class HEDGEROW_API UnderlyingMarket {
  public:
    /// @param perpetual the mark price of the perpetual, where there is one; else the spot.
    /// @param smiles any order, one per expiry.
    /// @param windows of the settlement prices that are averages; any order.
    /// @throws InvalidInput when a name is empty, two smiles share an expiry, two windows expiry
    /// and
    ///     fixing, or `perpetual` is given and is not positive and finite.
    UnderlyingMarket(std::string underlying, std::string quote_currency, ForwardCurve forwards,
                     DiscountCurve discount = {}, std::vector<Smile> smiles = {},
                     std::optional<double> perpetual = {}, DiscountCurve coin_discount = {},
                     std::vector<SettlementWindow> windows = {});

    const std::string& underlying() const noexcept { return underlying_; }
    const std::string& quote_currency() const noexcept { return quote_currency_; }
    const ForwardCurve& forwards() const noexcept { return forwards_; }
    const DiscountCurve& discount() const noexcept { return discount_; }
    const DiscountCurve& coin_discount() const noexcept { return coin_discount_; }
    double spot() const noexcept { return forwards_.spot(); }
    double perpetual() const noexcept { return perpetual_.value_or(forwards_.spot()); }
    /// The perpetual's own mark price, or nothing where it follows the spot.
    std::optional<double> quoted_perpetual() const noexcept { return perpetual_; }
    /// Ordered by expiry.
    const std::vector<Smile>& smiles() const noexcept { return smiles_; }
    /// The smile of exactly this expiry, or nullptr.
    const Smile* smile(Instant expiry) const noexcept;
    /// Ordered by expiry, then by fixing.
    const std::vector<SettlementWindow>& settlement_windows() const noexcept { return windows_; }
    /// The window of this settlement price, or nullptr where it is no average.
    const SettlementWindow* settlement_window(Instant expiry,
                                              const std::string& fixing) const noexcept;
    /// The market after a move of the spot: forwards keep their carry and the perpetual its ratio
    /// to the spot; smiles and discount curves stay.
    /// @throws InvalidInput unless `spot` is positive and finite.
    UnderlyingMarket with_spot(double spot) const;
    /// The same market with other smiles.
    UnderlyingMarket with_smiles(std::vector<Smile> smiles) const;
    /// The same market with other settlement windows.
    UnderlyingMarket with_settlement_windows(std::vector<SettlementWindow> windows) const;
    friend bool operator==(const UnderlyingMarket&, const UnderlyingMarket&) = default;

  private:
    std::string underlying_;
    std::string quote_currency_;
    ForwardCurve forwards_;
    DiscountCurve discount_;
    std::vector<Smile> smiles_;
    std::optional<double> perpetual_;
    DiscountCurve coin_discount_;
    std::vector<SettlementWindow> windows_;
};

/// What one unit of each currency is worth in the reporting currency.
class HEDGEROW_API ExchangeRates {
  public:
    /// @param rates units of `reporting` per unit of the currency; positive and finite.
    ///     A rate of 1 for `reporting` itself is implied; it may be given and is not stored.
    /// @throws InvalidInput otherwise, when a name is empty, or when `reporting` itself is given a
    ///     rate other than 1.
    explicit ExchangeRates(std::string reporting = "USD", std::map<std::string, double> rates = {});

    const std::string& reporting() const noexcept { return reporting_; }
    const std::map<std::string, double>& rates() const noexcept { return rates_; }
    /// Units of the reporting currency per unit of `currency`, or nothing.
    std::optional<double> rate(const std::string& currency) const noexcept;
    friend bool operator==(const ExchangeRates&, const ExchangeRates&) = default;

  private:
    std::string reporting_;
    std::map<std::string, double> rates_;
};

/// The market at one instant. There is no other clock: nothing in the library asks the computer
/// what time it is.
class HEDGEROW_API Snapshot {
  public:
    /// @param markets any order, one per underlying.
    /// @throws InvalidInput when two markets carry one name, when a curve's as_of differs from the
    ///     snapshot's: there is one clock (a discount curve without pillars has none), or when a
    ///     settlement window that has begun by then has no average, or one that has not has one.
    Snapshot(Instant as_of, std::vector<UnderlyingMarket> markets,
             ExchangeRates rates = ExchangeRates{});

    Instant as_of() const noexcept { return as_of_; }
    /// Ordered by underlying.
    const std::vector<UnderlyingMarket>& markets() const noexcept { return markets_; }
    const ExchangeRates& rates() const noexcept { return rates_; }
    /// The market of an underlying, or nullptr.
    const UnderlyingMarket* market(const std::string& underlying) const noexcept;
    friend bool operator==(const Snapshot&, const Snapshot&) = default;

  private:
    Instant as_of_;
    std::vector<UnderlyingMarket> markets_;
    ExchangeRates rates_;
};

}  // namespace hedgerow
