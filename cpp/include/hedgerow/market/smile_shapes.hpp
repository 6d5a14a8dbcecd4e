/// What a smile can be made of: quotes, a spline through them, or a formula with its parameters.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/sabr.hpp"
#include "hedgerow/formula/svi.hpp"

namespace hedgerow {

/// The quoted volatilities around a strike, and how far it is from the left to the right one. Of a
/// shape that is not linear between quotes both are the volatility at the strike itself.
struct HEDGEROW_API SmileSegment {
    double left;
    double right;
    double weight;  ///< in [0, 1]

    /// The volatility there after every quote has moved by `shift`, but not below 0.
    double volatility(double shift = 0) const noexcept {
        const double from = std::max(left + shift, 0.0), to = std::max(right + shift, 0.0);
        const auto [low, high] = std::minmax(from, to);
        return std::clamp(from + weight * (to - from), low, high);
    }
};

/// Volatilities at strikes: linear in ln(strike) between them and flat beyond.
///
/// The quotes are reproduced as they are; nothing between them is promised to be free of arbitrage.
class HEDGEROW_API QuotedVolatilities {
  public:
    /// @param strikes positive, strictly increasing, at least one.
    /// @param volatilities decimals per year, non-negative and finite, one per strike.
    /// @throws InvalidInput on anything else.
    QuotedVolatilities(std::vector<double> strikes, std::vector<double> volatilities);

    /// The quotes around a strike > 0, whose natural logarithm, std::log, is at hand.
    SmileSegment segment(double strike, double log_strike) const noexcept;
    /// The same at exp(log_strike), for strikes in order, of which each is near the last one:
    /// `hint` is where that was found, 0 at first.
    SmileSegment segment(double log_strike, std::size_t& hint) const noexcept;
    /// The last strike at or below one > 0, whose natural logarithm is at hand; 0 below the first.
    std::size_t left_of(double strike, double log_strike) const noexcept;

    const std::vector<double>& strikes() const noexcept { return strikes_; }
    const std::vector<double>& log_strikes() const noexcept { return log_strikes_; }
    const std::vector<double>& volatilities() const noexcept { return volatilities_; }
    double least_volatility() const noexcept { return std::ranges::min(volatilities_); }
    friend bool operator==(const QuotedVolatilities&, const QuotedVolatilities&) = default;

  private:
    /// The cell of the guide that a logarithm falls into.
    std::size_t cell(double log_strike) const noexcept;
    /// How many strikes are not above this one.
    std::size_t not_above(double strike, double log_strike) const noexcept;

    std::vector<double> strikes_;
    std::vector<double> log_strikes_;
    std::vector<double> volatilities_;
    /// Cells of equal width in ln(strike), from the first strike to the last: per cell, how many
    /// strikes lie in those before it; and how many there are.
    std::vector<std::uint32_t> guide_;
    double cells_per_log_ = 0;
};

/// Volatilities at strikes and the natural cubic spline in ln(strike) through them, flat beyond:
/// for the smiles of models, whose volatilities are computed at strikes close enough to each other.
///
/// Between strikes h apart in ln(strike) the error is 5/384 h^4 times the fourth derivative of the
/// volatility (Hall, Meyer 1976, "Optimal error bounds for cubic spline interpolation"), but of
/// order h^2 at the ends, where the natural spline has no curvature.
class HEDGEROW_API SplineVolatilities {
  public:
    /// As QuotedVolatilities.
    SplineVolatilities(std::vector<double> strikes, std::vector<double> volatilities);

    /// The volatility at a strike > 0 whose natural logarithm is at hand; not below 0.
    double volatility(double strike, double log_strike) const noexcept;

    const QuotedVolatilities& nodes() const noexcept { return nodes_; }
    friend bool operator==(const SplineVolatilities&, const SplineVolatilities&) = default;

  private:
    QuotedVolatilities nodes_;
    std::vector<double> curvatures_;  // second derivatives by ln(strike)
};

/// SVI in its raw parameters, of which SSVI and eSSVI give slices too: the volatility is
/// sqrt(w(ln(K / forward)) / time).
///
/// The time belongs to the parameters: it is the time to expiry when they were fitted, and so it
/// stays when the market's clock moves on. The volatility of each strike stays with it.
class HEDGEROW_API SviVolatilities {
  public:
    /// @param forward, time positive and finite.
    /// @throws InvalidInput on anything else, and where the total variance is negative somewhere or
    ///     the parameters are out of their domain (b >= 0, -1 < rho < 1, sigma > 0).
    SviVolatilities(SviParameters parameters, double forward, double time);

    /// The volatility at exp(log_strike).
    double volatility(double log_strike) const noexcept {
        const double variance = svi_total_variance(parameters_, log_strike - log_forward_);
        return std::sqrt(std::max(variance, 0.0) / time_);
    }

    const SviParameters& parameters() const noexcept { return parameters_; }
    double forward() const noexcept { return forward_; }
    double time() const noexcept { return time_; }
    double least_volatility() const noexcept;
    friend bool operator==(const SviVolatilities&, const SviVolatilities&) = default;

  private:
    SviParameters parameters_;
    double forward_, time_, log_forward_;
};

/// SABR: Hagan's formula with Obloj's correction, sabr_volatility().
class HEDGEROW_API SabrVolatilities {
  public:
    /// @param forward, time positive and finite; the time belongs to the parameters, as in SVI's.
    /// @throws InvalidInput on anything else, and on parameters out of the domain of
    ///     sabr_volatility().
    SabrVolatilities(SabrParameters parameters, double forward, double time);

    /// The volatility at a strike; not below 0.
    double volatility(double strike) const noexcept {
        return std::max(sabr_volatility(parameters_, forward_, strike, time_), 0.0);
    }

    const SabrParameters& parameters() const noexcept { return parameters_; }
    double forward() const noexcept { return forward_; }
    double time() const noexcept { return time_; }
    friend bool operator==(const SabrVolatilities&, const SabrVolatilities&) = default;

  private:
    SabrParameters parameters_;
    double forward_, time_;
};

/// Which of the shapes, in the order of the variant.
enum class SmileKind : unsigned char { quoted, spline, svi, sabr };

HEDGEROW_API const char* name(SmileKind kind) noexcept;

using SmileShape =
    std::variant<QuotedVolatilities, SplineVolatilities, SviVolatilities, SabrVolatilities>;

}  // namespace hedgerow
