#include "hedgerow/market/smile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// So many that a cell seldom has a strike of its own and hardly ever two.
constexpr std::size_t cells_per_strike = 8;

}  // namespace

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
    const double width = log_strikes_.back() - log_strikes_.front();
    const std::size_t cells = cells_per_strike * strikes_.size();
    cells_per_log_ = width > 0 ? static_cast<double>(cells) / width : 0.0;
    guide_.assign(cells + 1, 0);
    for (const double log_strike : log_strikes_) ++guide_[cell(log_strike) + 1];
    std::partial_sum(guide_.begin(), guide_.end(), guide_.begin());
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

SmileSegment Smile::segment(double strike) const noexcept {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    if (!(strike > 0)) return {not_a_number, not_a_number, 0.0};
    return segment(strike, std::log(strike));
}

std::size_t Smile::cell(double log_strike) const noexcept {
    const double place = (log_strike - log_strikes_.front()) * cells_per_log_;
    const auto last = static_cast<double>(guide_.size() - 2);
    // By way of a signed integer, which processors convert to in one step.
    return static_cast<std::size_t>(
        static_cast<std::int64_t>(place > 0 ? std::min(place, last) : 0.0));
}

SmileSegment Smile::segment(double strike, double log_strike) const noexcept {
    // The guide names the few strikes, mostly none or one, that share the cell.
    const std::size_t its = cell(log_strike);
    std::size_t below = guide_[its];  // how many are not above the strike
    for (const std::size_t end = guide_[its + 1]; below < end && strikes_[below] <= strike;)
        ++below;
    const std::size_t left = below > 0 ? below - 1 : 0;
    const std::size_t right = std::min(below, strikes_.size() - 1);
    const double span = log_strikes_[right] - log_strikes_[left];
    // Beyond the ends the neighbors are one; those an ulp apart may share their logarithm: then
    // there is nothing between them.
    const double weight = span > 0 ? (log_strike - log_strikes_[left]) / span : 0.0;
    return {volatilities_[left], volatilities_[right], weight};
}

}  // namespace hedgerow
