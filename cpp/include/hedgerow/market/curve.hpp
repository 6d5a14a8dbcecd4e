/// Discount and forward curves on exact instants.
#pragma once

#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"

namespace hedgerow {

/// Discount factors of one currency. Log-linear in time between pillars and from (as_of, 1) to the
/// first; flat zero rate beyond the last. Without pillars the factor is 1 at all times, which is
/// the market of coin-settled contracts.
class HEDGEROW_API DiscountCurve {
  public:
    /// The curve of a currency that does not discount.
    DiscountCurve() = default;
    /// @param pillars strictly increasing, after `as_of`.
    /// @param factors positive and finite, one per pillar.
    /// @throws InvalidInput on anything else.
    DiscountCurve(Instant as_of, std::vector<Instant> pillars, std::vector<double> factors);

    /// The discount factor to `instant`; 1 at and before as_of.
    double factor(Instant instant) const noexcept;
    /// Continuously compounded zero rate to `instant`: -ln(factor)/T; the short end's at and
    /// before as_of.
    double rate(Instant instant) const noexcept;

    Instant as_of() const noexcept { return as_of_; }
    const std::vector<Instant>& pillars() const noexcept { return pillars_; }
    const std::vector<double>& factors() const noexcept { return factors_; }
    friend bool operator==(const DiscountCurve&, const DiscountCurve&) = default;

  private:
    Instant as_of_{};
    std::vector<Instant> pillars_;
    std::vector<double> factors_;
    std::vector<double> log_factors_;
};

/// Forward prices of one underlying, in its quote currency. ln(F/S) is linear in time between
/// pillars and from the spot to the first; flat carry beyond the last.
class HEDGEROW_API ForwardCurve {
  public:
    /// @param spot the price now, positive and finite.
    /// @param pillars strictly increasing, after `as_of`; none means forwards equal the spot.
    /// @param forwards positive and finite, one per pillar.
    /// @throws InvalidInput on anything else.
    ForwardCurve(Instant as_of, double spot, std::vector<Instant> pillars = {},
                 std::vector<double> forwards = {});

    /// The forward price for delivery at `instant`; the spot at and before as_of.
    double forward(Instant instant) const noexcept;
    /// Cost of carry to `instant`, continuously compounded: ln(F/S)/T; the short end's at and
    /// before as_of.
    double carry(Instant instant) const noexcept;

    Instant as_of() const noexcept { return as_of_; }
    double spot() const noexcept { return spot_; }
    const std::vector<Instant>& pillars() const noexcept { return pillars_; }
    const std::vector<double>& forwards() const noexcept { return forwards_; }
    /// The same carry from another spot: every forward moves in proportion.
    /// @throws InvalidInput unless `spot` is positive and finite.
    ForwardCurve with_spot(double spot) const;
    friend bool operator==(const ForwardCurve&, const ForwardCurve&) = default;

  private:
    Instant as_of_{};
    double spot_;
    std::vector<Instant> pillars_;
    std::vector<double> forwards_;
    std::vector<double> log_ratios_;  // ln(F/S)
};

}  // namespace hedgerow
