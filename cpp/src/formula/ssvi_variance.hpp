// The total variance of an SSVI slice with its derivatives.
#pragma once

#include <array>
#include <cmath>

#include "hedgerow/formula/ssvi.hpp"

namespace hedgerow::ssvi {

struct Variance {
    double value;
    std::array<double, 3> by;  ///< theta, rho, psi
};

inline Variance variance(const SsviSlice& slice, double k) noexcept {
    const double wing = slice.psi * k, along = slice.rho * wing;
    const double root = std::sqrt(wing * wing + slice.theta * (2 * along + slice.theta));
    return {(slice.theta + along + root) / 2,
            {(1 + (along + slice.theta) / root) / 2, wing * (1 + slice.theta / root) / 2,
             k * (slice.rho + (wing + slice.rho * slice.theta) / root) / 2}};
}

}  // namespace hedgerow::ssvi
