#include "hedgerow/market/smile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

Smile::Smile(Instant expiry, std::vector<double> strikes, std::vector<double> volatilities)
    : expiry_(expiry), strikes_(std::move(strikes)), volatilities_(std::move(volatilities)) {
    if (strikes_.empty()) throw InvalidInput("strikes", "0 values", "must be at least one");
    if (volatilities_.size() != strikes_.size())
        throw InvalidInput("volatilities", std::to_string(volatilities_.size()) + " values",
                           "must be one per strike (" + std::to_string(strikes_.size()) + ")");
    log_strikes_.reserve(strikes_.size());
    for (std::size_t i = 0; i < strikes_.size(); ++i) {
        const std::string index = "[" + std::to_string(i) + "]";
        require_positive("strikes" + index, strikes_[i]);
        if (i > 0 && strikes_[i] <= strikes_[i - 1])
            throw InvalidInput("strikes" + index, strikes_[i], "must be strictly increasing");
        if (!(volatilities_[i] >= 0) || !std::isfinite(volatilities_[i]))
            throw InvalidInput("volatilities" + index, volatilities_[i],
                               "must be non-negative and finite");
        log_strikes_.push_back(std::log(strikes_[i]));
    }
}

SmileSegment Smile::segment(double strike) const noexcept {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    const auto flat = [](double volatility) { return SmileSegment{volatility, volatility, 0.0}; };
    if (!(strike > 0)) return flat(not_a_number);
    if (strike <= strikes_.front()) return flat(volatilities_.front());
    if (strike >= strikes_.back()) return flat(volatilities_.back());
    const auto right =
        static_cast<std::size_t>(std::ranges::upper_bound(strikes_, strike) - strikes_.begin());
    const std::size_t left = right - 1;
    if (strike == strikes_[left]) return flat(volatilities_[left]);
    const double span = log_strikes_[right] - log_strikes_[left];
    // Neighbors an ulp apart may share their logarithm: then there is nothing between them.
    const double weight = span > 0 ? (std::log(strike) - log_strikes_[left]) / span : 0.0;
    return {volatilities_[left], volatilities_[right], weight};
}

SmileSegment Smile::segment(double log_strike, std::size_t& hint) const noexcept {
    const std::size_t last = strikes_.size() - 1;
    const double *x = log_strikes_.data(), *y = volatilities_.data();
    if (!(log_strike > x[0])) return {y[0], y[0], 0.0};
    if (!(log_strike < x[last])) return {y[last], y[last], 0.0};
    std::size_t left = std::min(hint, last - 1);
    while (log_strike < x[left]) --left;
    while (!(log_strike < x[left + 1])) ++left;
    hint = left;
    return {y[left], y[left + 1], (log_strike - x[left]) / (x[left + 1] - x[left])};
}

double Smile::volatility(double strike) const noexcept {
    if (!(strike > 0)) return std::numeric_limits<double>::quiet_NaN();
    return volatility(strike, std::log(strike));
}

double Smile::volatility(double strike, double log_strike) const noexcept {
    // A binary search without branches: its steps depend on the number of strikes alone, where a
    // processor would guess wrong about half of the comparisons.
    const double* last = strikes_.data();  // of those not above the strike, or the first
    for (std::size_t rest = strikes_.size(); rest > 1;) {
        const std::size_t half = rest / 2;
        last += last[half] <= strike ? half : 0;
        rest -= half;
    }
    const auto left = static_cast<std::size_t>(last - strikes_.data());
    const std::size_t right = std::min(left + (*last <= strike ? 1 : 0), strikes_.size() - 1);
    const double span = log_strikes_[right] - log_strikes_[left];
    // Beyond the ends the neighbors are one; those an ulp apart may share their logarithm: then
    // there is nothing between them.
    const double weight = span > 0 ? (log_strike - log_strikes_[left]) / span : 0.0;
    return std::lerp(volatilities_[left], volatilities_[right], weight);
}

}  // namespace hedgerow
