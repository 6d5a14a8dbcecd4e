#include "hedgerow/market/curve.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

std::string element(std::string_view argument, std::size_t i) {
    return std::string(argument) + "[" + std::to_string(i) + "]";
}

void check_pillars(Instant as_of, const std::vector<Instant>& pillars,
                   std::string_view values_argument, const std::vector<double>& values) {
    if (values.size() != pillars.size())
        throw InvalidInput(values_argument, std::to_string(values.size()) + " values",
                           "must be one per pillar (" + std::to_string(pillars.size()) + ")");
    Instant previous = as_of;
    for (std::size_t i = 0; i < pillars.size(); previous = pillars[i++]) {
        if (pillars[i] <= previous)
            throw InvalidInput(element("pillars", i), to_string(pillars[i]),
                               i == 0 ? "must be after as_of" : "must be strictly increasing");
        require_positive(element(values_argument, i), values[i]);
    }
}

std::vector<double> logarithms(const std::vector<double>& values, double unit) {
    std::vector<double> logs(values.size());
    std::ranges::transform(values, logs.begin(),
                           [unit](double value) { return std::log(value / unit); });
    return logs;
}

/// The slope ln(value)/T of the line from (as_of, 0) through pillar `i`.
double slope(Instant as_of, const std::vector<Instant>& pillars, const std::vector<double>& logs,
             std::size_t i) noexcept {
    return logs[i] / year_fraction(as_of, pillars[i]);
}

/// Piecewise linear from (as_of, 0) through the pillars at `instant` > as_of, on along the line
/// from (as_of, 0) through the last pillar. `next` is the first pillar not before `instant`.
double interpolate(Instant as_of, const std::vector<Instant>& pillars,
                   const std::vector<double>& logs, std::size_t next, Instant instant) noexcept {
    const std::size_t last = pillars.size() - 1;
    if (next > last) return slope(as_of, pillars, logs, last) * year_fraction(as_of, instant);
    const Instant left = next == 0 ? as_of : pillars[next - 1];
    const double left_log = next == 0 ? 0.0 : logs[next - 1];
    const double weight = year_fraction(left, instant) / year_fraction(left, pillars[next]);
    return std::lerp(left_log, logs[next], weight);
}

/// The logarithm per year at `instant`; on the short end its limit.
double average_slope(Instant as_of, const std::vector<Instant>& pillars,
                     const std::vector<double>& logs, Instant instant) noexcept {
    if (pillars.empty()) return 0;
    if (instant <= pillars.front()) return slope(as_of, pillars, logs, 0);
    if (instant >= pillars.back()) return slope(as_of, pillars, logs, pillars.size() - 1);
    const auto next =
        static_cast<std::size_t>(std::ranges::lower_bound(pillars, instant) - pillars.begin());
    return interpolate(as_of, pillars, logs, next, instant) / year_fraction(as_of, instant);
}

/// The value at `instant` in multiples of `unit`, the value at as_of. A pillar gives back its own
/// value to the last bit, which the exponential of a logarithm would not.
double evaluate(Instant as_of, const std::vector<Instant>& pillars,
                const std::vector<double>& values, const std::vector<double>& logs, double unit,
                Instant instant) noexcept {
    if (instant <= as_of || pillars.empty()) return unit;
    const auto next =
        static_cast<std::size_t>(std::ranges::lower_bound(pillars, instant) - pillars.begin());
    if (next < pillars.size() && pillars[next] == instant) return values[next];
    return unit * std::exp(interpolate(as_of, pillars, logs, next, instant));
}

}  // namespace

DiscountCurve::DiscountCurve(Instant as_of, std::vector<Instant> pillars,
                             std::vector<double> factors)
    : as_of_(as_of), pillars_(std::move(pillars)), factors_(std::move(factors)) {
    check_pillars(as_of_, pillars_, "factors", factors_);
    log_factors_ = logarithms(factors_, 1.0);
}

double DiscountCurve::factor(Instant instant) const noexcept {
    return evaluate(as_of_, pillars_, factors_, log_factors_, 1.0, instant);
}

double DiscountCurve::rate(Instant instant) const noexcept {
    return 0.0 - average_slope(as_of_, pillars_, log_factors_, instant);
}

ForwardCurve::ForwardCurve(Instant as_of, double spot, std::vector<Instant> pillars,
                           std::vector<double> forwards)
    : as_of_(as_of),
      spot_(require_positive("spot", spot)),
      pillars_(std::move(pillars)),
      forwards_(std::move(forwards)) {
    check_pillars(as_of_, pillars_, "forwards", forwards_);
    log_ratios_ = logarithms(forwards_, spot_);
}

double ForwardCurve::forward(Instant instant) const noexcept {
    return evaluate(as_of_, pillars_, forwards_, log_ratios_, spot_, instant);
}

double ForwardCurve::carry(Instant instant) const noexcept {
    return average_slope(as_of_, pillars_, log_ratios_, instant);
}

ForwardCurve ForwardCurve::with_spot(double spot) const {
    const double ratio = require_positive("spot", spot) / spot_;
    std::vector<double> forwards(forwards_);
    for (double& forward : forwards) forward *= ratio;
    return ForwardCurve(as_of_, spot, pillars_, std::move(forwards));
}

}  // namespace hedgerow
