/// The immutable terms of what a book can hold. A contract knows no market and no price.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <variant>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/base/right.hpp"

namespace hedgerow {

/// What a contract pays in. `S` is the underlying's price in the quote currency.
enum class Settlement : unsigned char {
    linear,   ///< pays in the quote currency: max(S - K, 0) dollars
    inverse,  ///< coin-settled, pays in the underlying itself: max(S - K, 0) / S coins
    quanto,   ///< pays max(S - K, 0) in a third currency at a fixed rate (reserved: not valued yet)
};

enum class Exercise : unsigned char {
    european,  ///< at expiry only
    american,  ///< at any time until expiry (terms only: not valued yet)
};

HEDGEROW_API const char* name(Settlement settlement) noexcept;
HEDGEROW_API const char* name(Exercise exercise) noexcept;

/// An amount of money: one unit of `currency`.
class HEDGEROW_API Cash {
  public:
    /// @throws InvalidInput when the currency is empty.
    explicit Cash(std::string currency);

    const std::string& currency() const noexcept { return currency_; }
    friend auto operator<=>(const Cash&, const Cash&) = default;

  private:
    std::string currency_;
};

/// One unit of the underlying itself, quoted in `currency`: an index unit, a coin, a share.
class HEDGEROW_API Spot {
  public:
    /// @throws InvalidInput when a name is empty.
    Spot(std::string underlying, std::string currency);

    const std::string& underlying() const noexcept { return underlying_; }
    const std::string& currency() const noexcept { return currency_; }
    friend auto operator<=>(const Spot&, const Spot&) = default;

  private:
    std::string underlying_;
    std::string currency_;
};

/// What Future, Perpetual and Option share: on what, in which units, paid how.
///
/// `multiplier` is the size of one contract: in units of the underlying for linear contracts and
/// for inverse options (100 for SPX options, 1 for Deribit's BTC options), in units of the quote
/// currency for inverse futures and perpetuals (10 US dollars for Deribit's BTC-PERPETUAL).
/// `currency` is what the contract pays in; `quote_currency` is what the strike and the
/// underlying's price are stated in. They are equal for linear contracts.
class HEDGEROW_API Terms {
  public:
    /// A contract that is linear: pays in the quote currency.
    /// @throws InvalidInput, as all three do, when a name is empty or the multiplier is not
    /// positive
    ///     and finite.
    static Terms linear(std::string underlying, std::string quote_currency, double multiplier = 1);
    /// A contract that is coin-settled: pays in the underlying, which is its currency.
    /// @throws InvalidInput also when the underlying is the quote currency.
    static Terms inverse(std::string underlying, std::string quote_currency, double multiplier = 1);
    /// A contract that pays in a third currency (reserved).
    /// @throws InvalidInput also when `currency` is the underlying or the quote currency.
    static Terms quanto(std::string underlying, std::string quote_currency, std::string currency,
                        double multiplier = 1);

    const std::string& underlying() const noexcept { return underlying_; }
    const std::string& quote_currency() const noexcept { return quote_currency_; }
    const std::string& currency() const noexcept { return currency_; }
    Settlement settlement() const noexcept { return settlement_; }
    double multiplier() const noexcept { return multiplier_; }
    friend auto operator<=>(const Terms&, const Terms&) = default;

  private:
    Terms(Settlement settlement, std::string&& underlying, std::string&& quote_currency,
          std::string&& currency, double multiplier);

    std::string underlying_;
    std::string quote_currency_;
    std::string currency_;
    Settlement settlement_;
    double multiplier_;
};

/// Delivers the difference between the fixing at `expiry` and the traded price, margined daily.
class HEDGEROW_API Future {
  public:
    /// @param fixing name of the settlement price; two futures that fix differently are different
    ///     contracts (empty: the exchange's usual one).
    Future(Terms terms, Instant expiry, std::string fixing = "");

    const Terms& terms() const noexcept { return terms_; }
    const Instant& expiry() const noexcept { return expiry_; }
    const std::string& fixing() const noexcept { return fixing_; }
    friend auto operator<=>(const Future&, const Future&) = default;

  private:
    Terms terms_;
    Instant expiry_;
    std::string fixing_;
};

/// A future without expiry that funding payments tie to the spot.
class HEDGEROW_API Perpetual {
  public:
    explicit Perpetual(Terms terms);

    const Terms& terms() const noexcept { return terms_; }
    friend auto operator<=>(const Perpetual&, const Perpetual&) = default;

  private:
    Terms terms_;
};

/// A vanilla option, paid up front: its price is a premium in `terms().currency()`.
class HEDGEROW_API Option {
  public:
    /// @param strike in the quote currency, positive and finite (Bachelier underlyings may be
    ///     negative, listed strikes may not).
    /// @throws InvalidInput when the strike is not positive and finite.
    Option(Terms terms, Instant expiry, double strike, Right right,
           Exercise exercise = Exercise::european, std::string fixing = "");

    const Terms& terms() const noexcept { return terms_; }
    const Instant& expiry() const noexcept { return expiry_; }
    double strike() const noexcept { return strike_; }
    Right right() const noexcept { return right_; }
    Exercise exercise() const noexcept { return exercise_; }
    const std::string& fixing() const noexcept { return fixing_; }
    friend auto operator<=>(const Option&, const Option&) = default;

  private:
    Terms terms_;
    Instant expiry_;
    double strike_;
    Right right_;
    Exercise exercise_;
    std::string fixing_;
};

/// Anything a book can hold. Ordered by kind, then by terms: the order of reports.
using Contract = std::variant<Cash, Spot, Future, Perpetual, Option>;

/// "cash", "spot", "future", "perpetual" or "option".
HEDGEROW_API const char* kind(const Contract& contract) noexcept;

/// The underlying's name; for cash the currency itself.
HEDGEROW_API const std::string& underlying(const Contract& contract) noexcept;

/// The currency that the contract's value is measured in.
HEDGEROW_API const std::string& currency(const Contract& contract) noexcept;

/// The contract's terms, or nullptr for cash and spot.
HEDGEROW_API const Terms* terms(const Contract& contract) noexcept;

/// The expiry, or nullptr for what never expires.
HEDGEROW_API const Instant* expiry(const Contract& contract) noexcept;

/// The name of the settlement price, or nullptr for what never expires.
HEDGEROW_API const std::string* fixing(const Contract& contract) noexcept;

/// The size of one contract; 1 for cash and spot.
HEDGEROW_API double multiplier(const Contract& contract) noexcept;

}  // namespace hedgerow

template <>
struct HEDGEROW_API std::hash<hedgerow::Contract> {
    std::size_t operator()(const hedgerow::Contract& contract) const noexcept;
};
