/// The volatility that Black's formula needs to give a price.
///
/// F. Black 1976 on forward F, strike K, time T in years and discount factor D; solved as P.
/// Jaeckel 2013/2024, "Let's Be Rational": see cpp/kernels/implied_volatility.inl for the method.
///
/// Domain: right +1 or -1; forward, strike, time and discount positive and finite; amounts between
/// 1e-290 and 1e290, below which only extreme ratios lose accuracy. Solved are prices
/// from D max(right (F - K), 0) up to, not including, D F for a call and D K for a put. At the
/// lower bound, or below it by no more than the rounding of the price (2^-52 of it), the volatility
/// is 0; at the upper bound no volatility is large enough.
///
/// Accuracy: below 5 times what the price determines, 2^-52 (1 + |dln vol / dln price|), and in
/// the median below 0.3 times; found by tests/formula/test_implied_volatility.py for ln(F/K) from
/// 1e-16 to 1400, total volatilities from 1e-300 to 60 and prices from 1e-300 of the bound on. In
/// the money the price determines less: its rounding is as large as its intrinsic value asks for.
///
/// From a guess, such as the volatility of the last quote, the same accuracy whatever the guess,
/// not the same bits. One within some 20 % saves time; the bits of a row depend on its own guess
/// alone. From a bad one (far off, NaN, zero, negative, infinite) the row is solved as if there
/// were none.
#pragma once

#include <cstddef>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/base/status.hpp"

namespace hedgerow {

/// A volatility per root year as a decimal, or NaN and the reason: below_intrinsic, above_maximum
/// or invalid_input. `status` is ok if and only if `volatility` is a number.
struct ImpliedVolatility {
    double volatility;
    Status status;
};

/// The Black volatility of one option's price (discounted, per unit).
HEDGEROW_API ImpliedVolatility black_implied_volatility(Right right, double price, double forward,
                                                        double strike, double time,
                                                        double discount) noexcept;

/// Columns of one length; `right` holds +1 and -1.
struct BlackPrices {
    std::span<const double> right, price, forward, strike, time, discount;
};

/// The Black volatilities of many options' prices: the same bits as one by one, at SIMD speed.
/// @param prices the columns read.
/// @param volatility receives a volatility or NaN per row; must not overlap the columns read.
/// @param status receives the reason per row; may be empty.
/// @throws InvalidInput when the lengths differ.
HEDGEROW_API void black_implied_volatility(const BlackPrices& prices, std::span<double> volatility,
                                           std::span<Status> status = {});

/// The Black volatility of one option's price, from a guess of it.
HEDGEROW_API ImpliedVolatility black_implied_volatility_from(Right right, double price,
                                                             double forward, double strike,
                                                             double time, double discount,
                                                             double guess) noexcept;

/// The Black volatilities of many options' prices, from guesses of them: the same bits as one by
/// one, at SIMD speed.
/// @param prices the columns read.
/// @param guess a volatility per row, any number.
/// @param volatility receives a volatility or NaN per row; must not overlap the columns read.
/// @param status receives the reason per row; may be empty.
/// @throws InvalidInput when the lengths differ.
HEDGEROW_API void black_implied_volatility_from(const BlackPrices& prices,
                                                std::span<const double> guess,
                                                std::span<double> volatility,
                                                std::span<Status> status = {});

}  // namespace hedgerow
