/// The smile of one expiry from what the foreign exchange market quotes of it: the volatility at
/// the money, risk reversals and butterflies.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/fx_delta.hpp"

namespace hedgerow {

/// What a quoted butterfly says of a strangle.
enum class FxStrangle : unsigned char {
    /// Smile strangle: the mean of the volatilities of put and call less that at the money.
    smile,
    /// Market strangle: put and call of the delta at one volatility, that at the money plus the
    /// quote, cost together what they do on the smile.
    market,
};

/// How the smile runs between and beyond the quoted strikes.
enum class FxInterpolation : unsigned char {
    /// ln(volatility) is a parabola in N(ln(K/F)/(v sqrt(time))), with v that at the money; three
    /// strikes. Bounded in the wings. Clark 2011, section 3.7, with v in place of a fitted number.
    quadratic_in_delta,
    /// The same with a natural cubic spline, which goes on straight beyond its ends; three or five
    /// strikes.
    spline_in_delta,
    /// Castagna and Mercurio 2007, "The vanna-volga method for implied volatilities": the first
    /// approximation, a parabola in ln(K); three strikes.
    vanna_volga_first,
    /// The second approximation; three strikes. NaN where it has no root, far in the wings.
    vanna_volga_second,
};

/// How quotes of a pair and tenor are to be read.
struct FxConventions {
    FxDelta delta;
    FxAtTheMoney at_the_money;
    FxStrangle strangle;

    friend bool operator==(const FxConventions&, const FxConventions&) = default;
};

/// The quotes at one delta, such as 0.25.
struct FxWing {
    double delta;          ///< of the call, without sign
    double risk_reversal;  ///< volatility of the call less that of the put
    double butterfly;      ///< as FxStrangle says

    friend bool operator==(const FxWing&, const FxWing&) = default;
};

/// @return `wing`, or throws InvalidInput unless its delta is in (0, 0.5] and the rest finite.
HEDGEROW_API const FxWing& require_fx_wing(const FxWing& wing);

/// Volatilities at three or five strikes, and between them.
class HEDGEROW_API FxSmile {
  public:
    static constexpr std::size_t most_strikes = 5;

    /// @param strikes, volatilities three or five of each, strikes increasing, the one at the money
    ///     in the middle; all positive and finite. Five only for the spline.
    /// @throws InvalidInput on anything else.
    FxSmile(double forward, double time, std::span<const double> strikes,
            std::span<const double> volatilities, FxInterpolation interpolation);

    /// Volatility per sqrt(year) at `strike` > 0; NaN at any other.
    double volatility(double strike) const noexcept;

    /// What has the sign of the density that the smile implies at `strike` > 0, 1 for a flat smile:
    /// negative where a butterfly costs less than nothing (as sabr_density_factor()). NaN at any
    /// other strike, and where there is no volatility. By dual numbers.
    double density_factor(double strike) const noexcept;

    double forward() const noexcept { return forward_; }
    double time() const noexcept { return time_; }
    std::span<const double> strikes() const noexcept { return {strikes_.data(), size_}; }
    std::span<const double> volatilities() const noexcept { return {volatilities_.data(), size_}; }
    FxInterpolation interpolation() const noexcept { return interpolation_; }
    friend bool operator==(const FxSmile&, const FxSmile&) = default;

  private:
    using Values = std::array<double, most_strikes>;
    friend class FxCurve;  // the curve through the quotes, of doubles and of jets

    bool in_delta() const noexcept;
    void bend_spline() noexcept;

    double forward_, time_;
    std::size_t size_;
    FxInterpolation interpolation_;
    Values strikes_{}, volatilities_{};
    // Of the spline, its second derivatives; of a parabola, its divided differences.
    Values nodes_{}, heights_{}, coefficients_{};
};

enum class FxSmileOutcome : unsigned char {
    solved,
    unreachable_delta,  ///< a delta that no strike has at the volatility it is sought at
    invalid_smile,      ///< the quotes ask for a negative volatility, or for strikes out of order
    not_converged,      ///< no smile was found that gives the market strangles their price
};

/// The smile that quotes determine, and what they are on it.
struct FxSmileFit {
    FxSmileOutcome outcome;
    std::optional<FxSmile> smile;  ///< if solved
    int iterations;
    std::size_t wings;  ///< how many of the following count

    /// The mean of the volatilities of put and call less that at the money, per wing: the quoted
    /// butterflies where these are smile strangles.
    std::array<double, 2> smile_strangle;
    /// What the strangle costs on the smile less its market price, undiscounted, in domestic
    /// currency per unit of foreign notional; per wing, 0 for smile strangles.
    std::array<double, 2> strangle_error;

    std::span<const double> smile_strangles() const noexcept {
        return {smile_strangle.data(), wings};
    }
    std::span<const double> strangle_errors() const noexcept {
        return {strangle_error.data(), wings};
    }
};

/// The smile through the strikes at the money and at each wing's delta.
///
/// A wing's volatilities are at_the_money + strangle +- risk_reversal/2, and its strikes have its
/// delta at these. A smile strangle is quoted; to a market strangle the smile strangles are solved
/// for, by Newton's method, such that on the interpolated smile every market strangle costs what it
/// does at its one volatility, to 1e-12 of the forward.
///
/// Source: Clark 2011, section 3.7; Reiswich and Wystup 2010, section 4.
///
/// @param at_the_money volatility per sqrt(year).
/// @param wings one or two of them, the larger delta first, as 0.25 and 0.1.
/// @throws InvalidInput for numbers that are not finite, an expiry or a volatility at the money
///     that is not positive, deltas not in (0, 0.5], wings out of number or order, and two wings
///     but with the spline.
HEDGEROW_API FxSmileFit fx_smile(const FxExpiry& expiry, double at_the_money,
                                 std::span<const FxWing> wings, const FxConventions& conventions,
                                 FxInterpolation interpolation);

}  // namespace hedgerow
