/// Deltas as the foreign exchange market quotes them, and the strikes that belong to them.
///
/// The spot is the price of one unit of foreign currency in domestic currency; calls are on foreign
/// currency. Sources: D. Reiswich and U. Wystup 2010, "FX volatility smile construction"; I. Clark
/// 2011, "Foreign Exchange Option Pricing", ch. 3.
#pragma once

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/right.hpp"

namespace hedgerow {

/// What a delta counts, per unit of foreign notional. With F the forward, Df the foreign discount
/// factor and d1,2 = ln(F/K)/s +- s/2, s = volatility sqrt(time), in that order: right Df N(right
/// d1), right N(right d1), right Df K/F N(right d2), right K/F N(right d2). Premium-adjusted deltas
/// are those of who pays the premium in foreign currency.
enum class FxDelta : unsigned char {
    spot,
    forward,
    spot_premium_adjusted,
    forward_premium_adjusted,
};

/// The strike that is called at the money.
enum class FxAtTheMoney : unsigned char {
    forward,
    spot,
    delta_neutral,  ///< where call and put have opposite deltas of the convention in use
};

constexpr bool is_premium_adjusted(FxDelta convention) noexcept {
    return convention == FxDelta::spot_premium_adjusted ||
           convention == FxDelta::forward_premium_adjusted;
}

/// The market of one expiry but for volatility.
struct FxExpiry {
    double spot;               ///< domestic per unit of foreign currency; positive
    double domestic_discount;  ///< price today of one unit of domestic currency at expiry; positive
    double foreign_discount;   ///< the same in foreign currency; positive
    double time;               ///< years; positive

    constexpr double forward() const noexcept {
        return spot * foreign_discount / domestic_discount;
    }
    friend bool operator==(const FxExpiry&, const FxExpiry&) = default;
};

/// @return `expiry`, or throws InvalidInput unless all its numbers are positive and finite.
HEDGEROW_API const FxExpiry& require_fx_expiry(const FxExpiry& expiry);

/// The delta of an option.
///
/// Domain: strike and volatility positive and finite, `expiry` as stated; NaN elsewhere.
///
/// Accuracy: relative error below 1e-14 (1 + d1^2).
HEDGEROW_API double fx_delta(FxDelta convention, Right right, const FxExpiry& expiry, double strike,
                             double volatility) noexcept;

enum class FxStrikeOutcome : unsigned char {
    solved,
    unreachable,    ///< no strike has so large a delta
    invalid_input,  ///< a delta of the wrong sign or 0, or an argument that is not positive
};

/// A strike, or NaN and the reason.
struct FxStrike {
    double strike;
    FxStrikeOutcome outcome;
};

/// The strike at which an option has a delta.
///
/// A premium-adjusted call has every delta but the largest at two strikes; it is quoted at the
/// higher one, on the side where delta falls with the strike. Deltas that no strike has are
/// `unreachable`: all from 1 on (of the foreign discount factor for spot deltas), for calls that
/// are premium-adjusted all above their maximum. Puts that are premium-adjusted have any.
///
/// Accuracy: fx_delta() at the strike is the delta to a relative 5e-15 (1 + d1^2 + 1/s), which is
/// what a strike rounded to a double determines.
HEDGEROW_API FxStrike fx_strike(FxDelta convention, Right right, const FxExpiry& expiry,
                                double delta, double volatility) noexcept;

/// The strike at the money; that of delta_neutral depends on the volatility, F exp(+-s^2/2). NaN
/// where volatility or a number of `expiry` is not positive and finite.
HEDGEROW_API double fx_at_the_money_strike(FxAtTheMoney convention, FxDelta delta,
                                           const FxExpiry& expiry, double volatility) noexcept;

}  // namespace hedgerow
