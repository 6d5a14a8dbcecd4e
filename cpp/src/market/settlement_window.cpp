#include "hedgerow/market/settlement_window.hpp"

#include <algorithm>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

SettlementWindow::SettlementWindow(Instant start, Instant expiry, std::optional<double> average,
                                   std::string fixing)
    : start_(start), expiry_(expiry), average_(average), fixing_(std::move(fixing)) {
    if (start >= expiry)
        throw InvalidInput("start", to_string(start), "must be before " + to_string(expiry));
    if (average) require_positive("average", *average);
}

double SettlementWindow::overlap(Instant from, Instant to) const noexcept {
    return std::max(year_fraction(std::max(from, start_), std::min(to, expiry_)), 0.0);
}

double SettlementWindow::elapsed(Instant now) const noexcept {
    return now >= expiry_ ? 1.0 : overlap(start_, now) / year_fraction(start_, expiry_);
}

SettlementWindow SettlementWindow::observed(Instant before, double sum, Instant now) const {
    const double years = overlap(start_, now);
    if (years == 0) return *this;
    SettlementWindow after = *this;
    const double known = average_ ? *average_ * overlap(start_, before) : 0.0;
    after.average_ = require_positive("average", (known + sum) / years);
    return after;
}

}  // namespace hedgerow
