/// The implied volatilities of one expiry, as quoted.
#pragma once

#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"

namespace hedgerow {

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
    double volatility(double strike) const noexcept;

    Instant expiry() const noexcept { return expiry_; }
    const std::vector<double>& strikes() const noexcept { return strikes_; }
    const std::vector<double>& volatilities() const noexcept { return volatilities_; }
    friend bool operator==(const Smile&, const Smile&) = default;

  private:
    Instant expiry_;
    std::vector<double> strikes_;
    std::vector<double> log_strikes_;
    std::vector<double> volatilities_;
};

}  // namespace hedgerow
