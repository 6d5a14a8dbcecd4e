// psi(theta) of the SSVI surfaces, on any number: doubles and jets.
#pragma once

#include <cmath>

#include "hedgerow/math/jet.hpp"

namespace hedgerow::ssvi {

/// eta (theta / (1 + theta))^(1 - gamma).
template <class Number>
Number power_law_psi(const Number& eta, const Number& gamma, const Number& theta) {
    using std::exp, std::log;
    return eta * exp((Number(1.0) - gamma) * log(theta / (Number(1.0) + theta)));
}

inline double value_of(double number) {
    return number;
}
template <int variables, int order>
double value_of(const Jet<variables, order>& number) {
    return number.value();
}

/// (1 - (1 - exp(-x)) / x) / lambda with x = lambda theta; below 0.1 the series x/2 - x^2/6 + ...,
/// whose terms left out are below 1e-17 of it.
template <class Number>
Number heston_psi(const Number& lambda, const Number& theta) {
    using std::exp;
    const Number x = lambda * theta;
    if (value_of(x) > 0.1) return (Number(1.0) - (Number(1.0) - exp(-x)) / x) / lambda;
    // sum over n >= 1 of (-1)^(n+1) x^n / (n+1)!, by Horner's rule.
    Number sum(1.0);
    for (int n = 11; n >= 2; --n) sum = Number(1.0) - sum * x / Number(n + 1.0);
    return sum * x / Number(2.0) / lambda;
}

}  // namespace hedgerow::ssvi
