/// The window over which a settlement price is averaged.
#pragma once

#include <optional>
#include <string>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"

namespace hedgerow {

/// A settlement price that is the average of the underlying's price in time from `start` to
/// `expiry`, as venues of coin options have it (30 minutes at Deribit and Derive), and what is
/// known of it: the average up to the snapshot's as_of.
class HEDGEROW_API SettlementWindow {
  public:
    /// @param average of the prices from `start` to the snapshot's as_of, positive and finite;
    /// given
    ///     where the window has begun and only there.
    /// @param fixing of the options and futures that settle so, as they name it.
    /// @throws InvalidInput on anything else, or unless `start` is before `expiry`.
    SettlementWindow(Instant start, Instant expiry, std::optional<double> average = {},
                     std::string fixing = "");

    Instant start() const noexcept { return start_; }
    Instant expiry() const noexcept { return expiry_; }
    const std::optional<double>& average() const noexcept { return average_; }
    const std::string& fixing() const noexcept { return fixing_; }

    bool has_begun(Instant now) const noexcept { return start_ < now; }
    /// The part of the window that has passed, from 0 to 1.
    double elapsed(Instant now) const noexcept;
    /// Years of it between two instants.
    double overlap(Instant from, Instant to) const noexcept;
    /// The window at `now`, when `sum` is the integral of the price over the years of the window
    /// since `before`, to which its average goes.
    SettlementWindow observed(Instant before, double sum, Instant now) const;

    friend bool operator==(const SettlementWindow&, const SettlementWindow&) = default;

  private:
    Instant start_, expiry_;
    std::optional<double> average_;
    std::string fixing_;
};

}  // namespace hedgerow
