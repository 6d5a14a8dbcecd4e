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

/// Value and derivative at u in [0, 1] (de Casteljau).
struct Value {
    double value, derivative;
};

template <std::size_t count>
constexpr Value value(std::array<double, count> polynomial, double u) noexcept {
    for (std::size_t left = count - 1; left > 1; --left)
        for (std::size_t i = 0; i < left; ++i)
            polynomial[i] += u * (polynomial[i + 1] - polynomial[i]);
    const double rise = polynomial[1] - polynomial[0];
    return {polynomial[0] + u * rise, static_cast<double>(count - 1) * rise};
}

/// Where a polynomial is zero whose coefficients change their sign once: Newton's steps, and halves
/// of what is left where one leads out of it.
template <std::size_t count>
constexpr double root(const std::array<double, count>& polynomial) noexcept {
    const bool rises = polynomial[0] < 0;
    double low = 0, high = 1;
    double u = polynomial[0] / (polynomial[0] - polynomial[count - 1]);
    for (int i = 0; i < 100; ++i) {
        const Value here = value(polynomial, u);
        if (here.value == 0) break;
        ((here.value < 0) == rises ? low : high) = u;
        double next = u - here.value / here.derivative;
        if (!(low < next && next < high)) next = 0.5 * (low + high);
        if (next == u || !(low < next && next < high)) break;
        u = next;
    }
    return u;
}

}  // namespace hedgerow::bernstein
