/// Truncated Taylor numbers of several variables: derivatives of any formula, to any order.
///
/// A Jet carries the Taylor coefficients of a quantity in `variables` independent variables up to
/// total degree `order`. Arithmetic is that of truncated power series; a function of one variable
/// is composed from its own Taylor coefficients. A formula written as a template on its number
/// type so yields all its derivatives at once, exact up to rounding. This is forward-mode automatic
/// differentiation: A. Griewank and A. Walther 2008, "Evaluating Derivatives", ch. 13.
///
/// Meant for tests, for products without hand-derived Greeks and for gradients of calibrations:
/// it is exact and general, and slower than a closed form.
#pragma once

#include <array>
#include <cmath>

namespace hedgerow {

namespace scalar {

/// The functions of the standard normal distribution that std lacks, for formulas on any number.
inline double normal_cdf(double x) noexcept {
    return 0.5 * std::erfc(-0.70710678118654752440 * x);
}
inline double normal_pdf(double x) noexcept {
    return 0.39894228040143267794 * std::exp(-0.5 * x * x);
}

}  // namespace scalar

namespace detail {

constexpr int choose(int n, int k) noexcept {
    int result = 1;
    for (int i = 1; i <= k; ++i) result = result * (n - k + i) / i;
    return result;
}

/// All monomials x^alpha with |alpha| <= order, the constant first, then the variables themselves,
/// and the pairs whose product is one of them.
template <int variables, int order>
struct Monomials {
    static constexpr int count = choose(variables + order, order);
    static constexpr int pair_count = choose(2 * variables + order, order);
    using Exponents = std::array<int, variables>;
    struct Pair {
        int left, right, product;
    };

    std::array<Exponents, count> exponents{};
    std::array<Pair, pair_count> pairs{};

    static constexpr int degree(const Exponents& alpha) noexcept {
        int sum = 0;
        for (int exponent : alpha) sum += exponent;
        return sum;
    }

    constexpr int index(const Exponents& alpha) const noexcept {
        int i = 0;
        while (exponents[i] != alpha) ++i;
        return i;
    }

    constexpr Monomials() noexcept {
        // Degree by degree: each monomial times each variable that is not before its last one.
        int filled = 1, from = 0;
        for (int d = 1; d <= order; ++d) {
            const int to = filled;
            for (int i = from; i < to; ++i)
                for (int v = last_variable(exponents[i]); v < variables; ++v) {
                    exponents[filled] = exponents[i];
                    ++exponents[filled++][v];
                }
            from = to;
        }
        int pair = 0;
        for (int i = 0; i < count; ++i)
            for (int j = 0; j < count; ++j) {
                if (degree(exponents[i]) + degree(exponents[j]) > order) continue;
                Exponents sum = exponents[i];
                for (int v = 0; v < variables; ++v) sum[v] += exponents[j][v];
                pairs[pair++] = {i, j, index(sum)};
            }
    }

  private:
    static constexpr int last_variable(const Exponents& alpha) noexcept {
        int last = 0;
        for (int v = 0; v < variables; ++v)
            if (alpha[v] > 0) last = v;
        return last;
    }
};

template <int variables, int order>
inline constexpr Monomials<variables, order> monomials{};

}  // namespace detail

template <int variables, int order>
class Jet {
    static_assert(variables >= 1 && order >= 1);
    static constexpr const auto& table = detail::monomials<variables, order>;

  public:
    static constexpr int size = detail::Monomials<variables, order>::count;

    /// A constant: all derivatives are 0.
    constexpr Jet(double value = 0) noexcept { coefficients_[0] = value; }

    /// The independent variable number `which` at `value`.
    static constexpr Jet variable(int which, double value) noexcept {
        Jet jet(value);
        jet.coefficients_[1 + which] = 1;
        return jet;
    }

    constexpr double value() const noexcept { return coefficients_[0]; }

    /// The partial derivative by the variables named, as derivative(spot, spot, volatility).
    template <class... Variables>
    constexpr double derivative(Variables... by) const noexcept {
        static_assert(sizeof...(by) <= order);
        typename detail::Monomials<variables, order>::Exponents alpha{};
        double factorial = 1;
        ((factorial *= ++alpha[by]), ...);
        return coefficients_[table.index(alpha)] * factorial;
    }

    constexpr Jet& operator+=(const Jet& other) noexcept {
        for (int i = 0; i < size; ++i) coefficients_[i] += other.coefficients_[i];
        return *this;
    }
    constexpr Jet& operator-=(const Jet& other) noexcept {
        for (int i = 0; i < size; ++i) coefficients_[i] -= other.coefficients_[i];
        return *this;
    }
    constexpr Jet& operator*=(const Jet& other) noexcept { return *this = *this * other; }
    constexpr Jet& operator/=(const Jet& other) noexcept { return *this = *this / other; }

    friend constexpr Jet operator+(Jet a, const Jet& b) noexcept { return a += b; }
    friend constexpr Jet operator-(Jet a, const Jet& b) noexcept { return a -= b; }
    friend constexpr Jet operator-(const Jet& a) noexcept { return Jet(0.0) - a; }
    friend constexpr Jet operator*(const Jet& a, const Jet& b) noexcept {
        Jet product;
        for (const auto& pair : table.pairs)
            product.coefficients_[pair.product] +=
                a.coefficients_[pair.left] * b.coefficients_[pair.right];
        return product;
    }
    friend constexpr Jet operator/(const Jet& a, const Jet& b) noexcept {
        return a * power_series(b, 1 / b.value(), -1);
    }

    friend Jet exp(const Jet& x) noexcept {
        Series f{std::exp(x.value())};
        for (int k = 1; k <= order; ++k) f[k] = f[k - 1] / k;
        return compose(f, x);
    }

    /// x must be positive.
    friend Jet log(const Jet& x) noexcept {
        Series f{std::log(x.value())};
        double power = -1;
        for (int k = 1; k <= order; ++k) f[k] = (power /= -x.value()) / k;
        return compose(f, x);
    }

    /// x must be positive: the derivatives at 0 are infinite.
    friend Jet sqrt(const Jet& x) noexcept { return power_series(x, std::sqrt(x.value()), 0.5); }

    /// A constant power of a positive number.
    friend Jet pow(const Jet& x, double exponent) noexcept {
        return power_series(x, std::pow(x.value(), exponent), exponent);
    }

    /// Differentiable where x is not 0; there the derivatives of +x are given.
    friend constexpr Jet abs(const Jet& x) noexcept { return x.value() < 0 ? -x : x; }

    friend Jet normal_pdf(const Jet& x) noexcept { return compose(density_series(x.value()), x); }
    friend Jet normal_cdf(const Jet& x) noexcept {
        const Series density = density_series(x.value());
        Series f{scalar::normal_cdf(x.value())};
        for (int k = 1; k <= order; ++k) f[k] = density[k - 1] / k;
        return compose(f, x);
    }

  private:
    /// Taylor coefficients f^(k)(x)/k! of a function of one variable.
    using Series = std::array<double, order + 1>;

    /// f(x) by Horner's rule in x less its value.
    static constexpr Jet compose(const Series& f, Jet x) noexcept {
        x.coefficients_[0] = 0;
        Jet sum(f[order]);
        for (int k = order - 1; k >= 0; --k) sum = sum * x + Jet(f[k]);
        return sum;
    }

    static constexpr Jet power_series(const Jet& x, double value, double exponent) noexcept {
        Series f{value};
        for (int k = 1; k <= order; ++k) f[k] = f[k - 1] * (exponent - k + 1) / (k * x.value());
        return compose(f, x);
    }

    /// The density's derivatives are Hermite polynomials: k f_k = -x f_(k-1) - f_(k-2).
    static Series density_series(double x) noexcept {
        Series f{scalar::normal_pdf(x)};
        f[1] = -x * f[0];
        for (int k = 2; k <= order; ++k) f[k] = (-x * f[k - 1] - f[k - 2]) / k;
        return f;
    }

    std::array<double, size> coefficients_{};
};

}  // namespace hedgerow
