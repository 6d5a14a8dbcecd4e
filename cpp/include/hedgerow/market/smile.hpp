/// The implied volatilities of one expiry, as quoted.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"

namespace hedgerow {

/// The quoted volatilities around a strike, and how far it is from the left to the right one.
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

/// Volatility by strike: linear in ln(strike) between the quoted strikes and flat beyond them.
///
/// The quotes are reproduced as they are; nothing between them is promised to be free of
/// arbitrage. That is the surface's work.
class HEDGEROW_API Smile {
  public:
    /// @param strikes positive, strictly increasing, at least one.
    /// @param volatilities decimals per year, non-negative and finite, one per strike.
    /// @throws InvalidInput on anything else.
    Smile(Instant expiry, std::vector<double> strikes, std::vector<double> volatilities);

    /// Implied volatility at `strike` > 0; NaN at any other.
    double volatility(double strike) const noexcept { return segment(strike).volatility(); }
    /// The same to the bit for a strike > 0 whose natural logarithm, std::log, is at hand.
    double volatility(double strike, double log_strike) const noexcept {
        return segment(strike, log_strike).volatility();
    }

    /// The quotes around `strike` > 0; NaN for any other.
    SmileSegment segment(double strike) const noexcept;
    /// The same to the bit for a strike > 0 whose natural logarithm, std::log, is at hand.
    SmileSegment segment(double strike, double log_strike) const noexcept;
    /// The same at exp(log_strike), for strikes in order, of which each is near the last one:
    /// `hint` is where that was found, 0 at first.
    SmileSegment segment(double log_strike, std::size_t& hint) const noexcept;

    Instant expiry() const noexcept { return expiry_; }
    const std::vector<double>& strikes() const noexcept { return strikes_; }
    const std::vector<double>& volatilities() const noexcept { return volatilities_; }
    friend bool operator==(const Smile&, const Smile&) = default;

  private:
    /// The cell of the guide that a logarithm falls into.
    std::size_t cell(double log_strike) const noexcept;

    Instant expiry_;
    std::vector<double> strikes_;
    std::vector<double> log_strikes_;
    std::vector<double> volatilities_;
    /// Cells of equal width in ln(strike), from the first strike to the last: per cell, how many
    /// strikes lie in those before it; and how many there are.
    std::vector<std::uint32_t> guide_;
    double cells_per_log_ = 0;
};

}  // namespace hedgerow
