#include "hedgerow/formula/fx_smile.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "density_factor.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/math/jet.hpp"
#include "hedgerow/math/normal.hpp"
#include "sabr_terms.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
// What comparisons see of a number.
double value_of(double x) noexcept {
    return x;
}
double value_of(const Jet<1, 2>& x) noexcept {
    return x.value();
}

bool is_positive(double value) noexcept {
    return value > 0 && std::isfinite(value);
}

std::string indexed(const char* name, std::size_t i) {
    return std::string(name) + "[" + std::to_string(i) + "]";
}

std::string count(std::size_t n) {
    return std::to_string(n) + " values";
}

}  // namespace

/// A smile between its strikes. Not a part of it, so that no instance for jets is the library's to
/// show.
class FxCurve {
  public:
    explicit FxCurve(const FxSmile& smile) noexcept
        : time_(smile.time_),
          size_(smile.size_),
          interpolation_(smile.interpolation_),
          in_delta_(smile.in_delta()),
          volatilities_(smile.volatilities_),
          nodes_(smile.nodes_),
          heights_(smile.heights_),
          coefficients_(smile.coefficients_) {}

    template <class Real>
    Real at(Real log_moneyness) const noexcept;
    template <class Real>
    Real abscissa(Real log_moneyness) const noexcept;

  private:
    template <class Real>
    Real spline(Real abscissa) const noexcept;
    template <class Real>
    Real parabola(Real abscissa) const noexcept;
    template <class Real>
    Real second_approximation(Real abscissa) const noexcept;

    double time_;
    std::size_t size_;
    FxInterpolation interpolation_;
    bool in_delta_;
    const FxSmile::Values &volatilities_, &nodes_, &heights_, &coefficients_;
};

FxSmile::FxSmile(double forward, double time, std::span<const double> strikes,
                 std::span<const double> volatilities, FxInterpolation interpolation)
    : forward_(require_positive("forward", forward)),
      time_(require_positive("time", time)),
      size_(strikes.size()),
      interpolation_(interpolation) {
    const bool is_spline = interpolation == FxInterpolation::spline_in_delta;
    if (size_ != 3 && !(size_ == 5 && is_spline))
        throw InvalidInput("strikes", count(size_), "must be three, or five for the spline");
    if (volatilities.size() != size_)
        throw InvalidInput("volatilities", count(volatilities.size()),
                           "must be one per strike (" + std::to_string(size_) + ")");
    for (std::size_t i = 0; i < size_; ++i) {
        strikes_[i] = require_positive(indexed("strikes", i), strikes[i]);
        volatilities_[i] = require_positive(indexed("volatilities", i), volatilities[i]);
        if (i > 0 && strikes_[i] <= strikes_[i - 1])
            throw InvalidInput(indexed("strikes", i), strikes_[i], "must be strictly increasing");
    }
    for (std::size_t i = 0; i < size_; ++i) {
        nodes_[i] = FxCurve(*this).abscissa(sabr::log_ratio(strikes_[i], forward_));
        heights_[i] = in_delta() ? std::log(volatilities_[i]) : volatilities_[i];
    }
    for (std::size_t i = 1; i < size_; ++i)
        if (nodes_[i] == nodes_[i - 1])
            throw InvalidInput(indexed("strikes", i), strikes_[i], "must be apart in delta");
    if (is_spline) {
        bend_spline();
        return;
    }
    coefficients_[0] = heights_[0];
    coefficients_[1] = (heights_[1] - heights_[0]) / (nodes_[1] - nodes_[0]);
    coefficients_[2] = ((heights_[2] - heights_[1]) / (nodes_[2] - nodes_[1]) - coefficients_[1]) /
                       (nodes_[2] - nodes_[0]);
}

bool FxSmile::in_delta() const noexcept {
    return interpolation_ == FxInterpolation::quadratic_in_delta ||
           interpolation_ == FxInterpolation::spline_in_delta;
}

template <class Real>
Real FxCurve::abscissa(Real log_moneyness) const noexcept {
    if (!in_delta_) return log_moneyness;
    return normal_cdf(log_moneyness / Real(volatilities_[size_ / 2] * std::sqrt(time_)));
}

// The second derivatives, 0 at the ends, by elimination from left to right.
void FxSmile::bend_spline() noexcept {
    Values diagonal{};
    for (std::size_t i = 1; i + 1 < size_; ++i) {
        const double left = nodes_[i] - nodes_[i - 1], right = nodes_[i + 1] - nodes_[i];
        diagonal[i] = 2 * (left + right);
        coefficients_[i] =
            6 * ((heights_[i + 1] - heights_[i]) / right - (heights_[i] - heights_[i - 1]) / left);
        if (i == 1) continue;
        const double factor = left / diagonal[i - 1];
        diagonal[i] -= factor * left;
        coefficients_[i] -= factor * coefficients_[i - 1];
    }
    for (std::size_t i = size_ - 2; i > 0; --i) {
        const double right = nodes_[i + 1] - nodes_[i];
        coefficients_[i] = (coefficients_[i] - right * coefficients_[i + 1]) / diagonal[i];
    }
}

template <class Real>
Real FxCurve::spline(Real x) const noexcept {
    std::size_t left = 0;
    while (left + 2 < size_ && value_of(x) > nodes_[left + 1]) ++left;
    const double width = nodes_[left + 1] - nodes_[left];
    const double slope = (heights_[left + 1] - heights_[left]) / width;
    const double from = coefficients_[left], to = coefficients_[left + 1];
    const Real past = x - Real(nodes_[left]), ahead = Real(nodes_[left + 1]) - x;
    if (value_of(past) < 0) return Real(heights_[left]) + past * Real(slope - width * to / 6);
    if (value_of(ahead) < 0)
        return Real(heights_[left + 1]) - ahead * Real(slope + width * from / 6);
    const Real bend =
        Real(from) * (Real(1) + ahead / Real(width)) + Real(to) * (Real(1) + past / Real(width));
    return Real(heights_[left]) + past * Real(slope) - past * ahead * bend / Real(6);
}

template <class Real>
Real FxCurve::parabola(Real x) const noexcept {
    const Real slope = Real(coefficients_[1]) + (x - Real(nodes_[1])) * Real(coefficients_[2]);
    return Real(coefficients_[0]) + (x - Real(nodes_[0])) * slope;
}

// The root of a quadratic that the parabola is the first term of; equation 14 of the paper.
template <class Real>
Real FxCurve::second_approximation(Real x) const noexcept {
    using std::sqrt;
    const double left = volatilities_[0], middle = volatilities_[1], right = volatilities_[2];
    const double root = std::sqrt(time_), half = 0.5 * middle * root;
    // d1 d2 at the volatility at the money.
    const auto product = [&](const auto& log_moneyness) {
        const auto d = log_moneyness * (1 / (middle * root));
        return (d - half) * (d + half);
    };
    const double put = product(nodes_[0]) * (left - middle) * (left - middle);
    const double call = product(nodes_[2]) * (right - middle) * (right - middle);
    // The weights of the outer quotes in the parabola.
    const double width = nodes_[2] - nodes_[0];
    const Real to_left =
        (Real(nodes_[1]) - x) * (Real(nodes_[2]) - x) * Real(1 / ((nodes_[1] - nodes_[0]) * width));
    const Real to_right =
        (x - Real(nodes_[0])) * (x - Real(nodes_[1])) * Real(1 / (width * (nodes_[2] - nodes_[1])));
    const Real sum = Real(2 * middle) * (parabola(x) - Real(middle)) + to_left * Real(put) +
                     to_right * Real(call);
    return Real(middle) + sum / (Real(middle) + sqrt(Real(middle * middle) + product(x) * sum));
}

template <class Real>
Real FxCurve::at(Real log_moneyness) const noexcept {
    using std::exp;
    const Real x = abscissa(log_moneyness);
    switch (interpolation_) {
        case FxInterpolation::quadratic_in_delta:
            return exp(parabola(x));
        case FxInterpolation::spline_in_delta:
            return exp(spline(x));
        case FxInterpolation::vanna_volga_first:
            return parabola(x);
        case FxInterpolation::vanna_volga_second:
            return second_approximation(x);
    }
    return Real(not_a_number);
}

double FxSmile::volatility(double strike) const noexcept {
    if (!is_positive(strike)) return not_a_number;
    const double volatility = FxCurve(*this).at(sabr::log_ratio(strike, forward_));
    return volatility > 0 ? volatility : not_a_number;
}

double FxSmile::density_factor(double strike) const noexcept {
    if (!is_positive(strike)) return not_a_number;
    const double x = sabr::log_ratio(strike, forward_), root = std::sqrt(time_);
    const Jet<1, 2> volatility = FxCurve(*this).at(Jet<1, 2>::variable(0, x));
    if (!(volatility.value() > 0)) return not_a_number;
    return formula::density_factor(x, volatility.value() * root, volatility.derivative(0) * root,
                                   volatility.derivative(0, 0) * root);
}

}  // namespace hedgerow
