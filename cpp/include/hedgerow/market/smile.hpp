/// The implied volatilities of one expiry.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/market/smile_shapes.hpp"

namespace hedgerow {

/// How a shape has moved since it was made: its strikes by a factor, then its volatilities to
/// max(volatility + shift, floor).
struct HEDGEROW_API SmileMove {
    double strike_factor = 1;
    double shift = 0;
    double floor = 0;
    friend bool operator==(const SmileMove&, const SmileMove&) = default;
};

/// Volatility by strike: a shape, and how it has moved since it was made.
class HEDGEROW_API Smile {
  public:
    /// Any shape. Quotes are moved themselves, and move() says nothing of it.
    /// @throws InvalidInput unless the factor is positive, the floor not negative, all finite.
    Smile(Instant expiry, SmileShape shape, const SmileMove& move = {});
    /// The shape of quotes: linear in ln(strike) between them and flat beyond.
    /// @throws InvalidInput as QuotedVolatilities does.
    Smile(Instant expiry, std::vector<double> strikes, std::vector<double> volatilities)
        : Smile(expiry, QuotedVolatilities(std::move(strikes), std::move(volatilities))) {}

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

    /// The smile after its strikes have moved in proportion and then every volatility by a shift,
    /// but not below 0.
    /// @param strike_factor positive and finite.
    /// @param volatility_shift decimals per year, finite.
    /// @throws InvalidInput on anything else.
    Smile moved(double strike_factor, double volatility_shift) const;

    /// No volatility of the smile is lower: the least one of quotes and of SVI; 0 where the shape
    /// does not tell.
    double least_volatility() const noexcept;

    Instant expiry() const noexcept { return expiry_; }
    const SmileShape& shape() const noexcept { return shape_; }
    SmileKind kind() const noexcept { return static_cast<SmileKind>(shape_.index()); }
    const SmileMove& move() const noexcept { return move_; }
    /// The strikes of quotes, or the nodes of a spline before its move; none of a formula.
    std::span<const double> strikes() const noexcept;
    /// The volatilities there.
    std::span<const double> volatilities() const noexcept;
    friend bool operator==(const Smile&, const Smile&) = default;

  private:
    /// The volatility of any shape but that of quotes.
    double formula(double strike, double log_strike) const noexcept;
    const QuotedVolatilities* nodes() const noexcept;

    Instant expiry_;
    SmileShape shape_;
    SmileMove move_;
    double log_factor_ = 0;
};

}  // namespace hedgerow
