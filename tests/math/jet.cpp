// Prints one line per identity that does not hold.
#include "hedgerow/math/jet.hpp"

#include <cstdio>

using hedgerow::Jet;

namespace {

int failures = 0;

void check(const char* what, double computed, double expected) {
    const double scale = std::fabs(expected) > 1 ? std::fabs(expected) : 1;
    if (std::fabs(computed - expected) <= 4e-15 * scale) return;
    std::printf("%s: %.17g instead of %.17g\n", what, computed, expected);
    ++failures;
}

template <int variables, int order>
void check_same(const char* what, const Jet<variables, order>& a, const Jet<variables, order>& b) {
    check(what, a.value(), b.value());
    for (int i = 0; i < variables; ++i) {
        check(what, a.derivative(i), b.derivative(i));
        for (int j = 0; j < variables; ++j) {
            check(what, a.derivative(i, j), b.derivative(i, j));
            for (int k = 0; k < variables; ++k)
                check(what, a.derivative(i, j, k), b.derivative(i, j, k));
        }
    }
}

// Arithmetic is constexpr: x^2 y at (3, 5).
constexpr auto monomial() {
    const auto x = Jet<2, 3>::variable(0, 3.0), y = Jet<2, 3>::variable(1, 5.0);
    return x * x * y;
}
static_assert(monomial().value() == 45);
static_assert(monomial().derivative(0) == 30);
static_assert(monomial().derivative(1) == 9);
static_assert(monomial().derivative(0, 0) == 10);
static_assert(monomial().derivative(0, 1) == 6);
static_assert(monomial().derivative(1, 1) == 0);
static_assert(monomial().derivative(0, 0, 1) == 2);
static_assert(monomial().derivative(1, 0, 0) == 2);
static_assert(Jet<2, 3>::size == 10 && Jet<6, 3>::size == 84 && Jet<1, 5>::size == 6);

}  // namespace

int main() {
    using J = Jet<3, 3>;
    const J x = J::variable(0, 0.7), y = J::variable(1, 1.3), z = J::variable(2, -0.4);
    const J one(1.0), u = x * y + z * z * x, v = y - x * z;

    check_same("a constant has no derivatives", one, J(1.0));
    check_same("division undoes multiplication", u * v / v, u);
    check_same("addition and subtraction", u + v - v, u);
    check_same("log undoes exp", log(exp(u)), u);
    check_same("exp of a sum", exp(u + v), exp(u) * exp(v));
    check_same("log of a product", log(u * v), log(u) + log(v));
    check_same("sqrt squared", sqrt(u) * sqrt(u), u);
    check_same("pow is exp of log", pow(u, 2.7), exp(J(2.7) * log(u)));
    check_same("pow of a half is sqrt", pow(v, 0.5), sqrt(v));
    check_same("abs of a negative", abs(z * y), -(z * y));
    check_same("density", normal_pdf(u), J(0.39894228040143267794) * exp(J(-0.5) * u * u));
    check_same("symmetry of the cdf", normal_cdf(u) + normal_cdf(-u), one);
    J compound = u;
    compound *= v;
    compound /= u;
    compound += u;
    compound -= u;
    check_same("compound assignment", compound, v);

    // The cdf's derivatives are the density and its Hermite polynomials.
    const auto t = Jet<1, 5>::variable(0, 0.9);
    const auto cdf = normal_cdf(t);
    const double n = hedgerow::scalar::normal_pdf(0.9);
    check("N'", cdf.derivative(0), n);
    check("N''", cdf.derivative(0, 0), -0.9 * n);
    check("N'''", cdf.derivative(0, 0, 0), (0.81 - 1) * n);
    check("N''''", cdf.derivative(0, 0, 0, 0), -(0.729 - 3 * 0.9) * n);
    check("N'''''", cdf.derivative(0, 0, 0, 0, 0), (0.6561 - 6 * 0.81 + 3) * n);
    return failures;
}
