// What an SVI slice must keep to, as inequalities at points that the certificates tell of.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "hedgerow/formula/svi.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"
#include "hedgerow/math/constrained_least_squares.hpp"
#include "svi_unknowns.hpp"

namespace hedgerow::smile {

/// g(k).
SviDual svi_density_dual(const SviParameters& p, double k) noexcept;

/// Slopes of wings: the left one's is positive downwards.
struct SviWings {
    double left, right;  ///< at least
    double steepest;
};

class SviConstraints {
  public:
    static constexpr std::size_t most_points = 24;  ///< of each kind
    static constexpr std::size_t most = 2 * most_points + 8;
    using Rows = Inequalities<5, most>;

    /// @param variance the unit of total variance.
    /// @param width of the quotes: variance over it is the unit of slopes.
    SviConstraints(const SviWings& wings, double variance, double width) noexcept
        : wings_(wings), variance_(variance), width_(width) {}

    /// After a fit: adds the points that the certificates name, and others where they found too
    /// little.
    /// @param earlier the slice that this one must nowhere lie below, or nothing.
    void tighten(const SviParameters& at, const SviButterfly* butterfly,
                 const SviCalendar* calendar, const std::optional<SviParameters>& earlier) noexcept;
    void add_to(Rows& rows, const SviVector& x, const SviChart& at) const noexcept;

  private:
    class Points {
      public:
        /// Where there is no other one as near.
        void add(double k, double near) noexcept;
        template <class Dispensable>
        void thin(const Dispensable& dispensable) noexcept;
        const double* begin() const noexcept { return places_.data(); }
        const double* end() const noexcept { return places_.data() + count_; }

      private:
        std::array<double, most_points> places_;
        std::size_t count_ = 0;
    };

    SviWings wings_;
    double variance_, width_;
    bool positive_ = false;
    Points densities_, variances_;
    std::optional<SviParameters> earlier_;
};

}  // namespace hedgerow::smile
