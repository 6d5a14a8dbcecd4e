// Polynomials over intervals of the half line t > 0, by their Bernstein coefficients.
//
// With t = u / (1 - u), sum n_i t^i has the sign of sum n_i u^i (1 - u)^(degree - i): the whole
// half line is u in [0, 1], and the coefficients are n_i over the binomials.
#pragma once

#include <array>
#include <cstddef>

namespace hedgerow::bernstein {

/// Coefficients, of powers from 0 on or of Bernstein's polynomials from left to right.
template <std::size_t degree>
using Polynomial = std::array<double, degree + 1>;

/// Of polynomials in powers.
template <std::size_t p, std::size_t q>
constexpr std::array<double, p + q - 1> product(const std::array<double, p>& left,
                                                const std::array<double, q>& right) noexcept {
    std::array<double, p + q - 1> result{};
    for (std::size_t i = 0; i < p; ++i)
        for (std::size_t j = 0; j < q; ++j) result[i + j] += left[i] * right[j];
    return result;
}

/// Powers of t to Bernstein coefficients over the half line.
template <std::size_t count>
constexpr std::array<double, count> from_powers(std::array<double, count> powers) noexcept {
    double binomial = 1;
    for (std::size_t i = 0; i < count; ++i) {
        powers[i] /= binomial;
        binomial = binomial * static_cast<double>(count - 1 - i) / static_cast<double>(i + 1);
    }
    return powers;
}

/// Halves the interval (de Casteljau): `whole` becomes the right half, the left is returned.
template <std::size_t count>
constexpr std::array<double, count> halve(std::array<double, count>& whole) noexcept {
    std::array<double, count> left;
    for (std::size_t level = 0; level + 1 < count; ++level) {
        left[level] = whole[0];
        for (std::size_t i = 0; i + level + 1 < count; ++i)
            whole[i] = 0.5 * (whole[i] + whole[i + 1]);
    }
    left[count - 1] = whole[0];
    return left;
}

}  // namespace hedgerow::bernstein
