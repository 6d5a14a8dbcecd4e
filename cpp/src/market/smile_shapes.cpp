#include "hedgerow/market/smile_shapes.hpp"

#include <numeric>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// So many that a cell seldom has a strike of its own and hardly ever two.
constexpr std::size_t cells_per_strike = 8;

/// The second derivatives at the knots of the natural cubic spline through y(x): 0 at both ends,
/// between them the solution of a tridiagonal system (de Boor, "A Practical Guide to Splines",
/// chapter IV).
std::vector<double> natural_curvatures(const std::vector<double>& x, const std::vector<double>& y) {
    const std::size_t n = x.size();
    std::vector<double> curvature(n, 0.0), above(n, 0.0);
    for (std::size_t i = 1; i + 1 < n; ++i) {
        const double left = x[i] - x[i - 1], right = x[i + 1] - x[i];
        const double slope = (y[i + 1] - y[i]) / right - (y[i] - y[i - 1]) / left;
        const double pivot = 2 * (left + right) - left * above[i - 1];
        above[i] = right / pivot;
        curvature[i] = (6 * slope - left * curvature[i - 1]) / pivot;
    }
    for (std::size_t i = n - 1; i-- > 1;) curvature[i] -= above[i] * curvature[i + 1];
    return curvature;
}

}  // namespace

const char* name(SmileKind kind) noexcept {
    switch (kind) {
        case SmileKind::quoted:
            return "quoted";
        case SmileKind::spline:
            return "spline";
        case SmileKind::svi:
            return "svi";
        case SmileKind::sabr:
            return "sabr";
    }
    return "unknown";
}

QuotedVolatilities::QuotedVolatilities(std::vector<double> strikes,
                                       std::vector<double> volatilities)
    : strikes_(std::move(strikes)), volatilities_(std::move(volatilities)) {
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

SmileSegment QuotedVolatilities::segment(double log_strike, std::size_t& hint) const noexcept {
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

std::size_t QuotedVolatilities::cell(double log_strike) const noexcept {
    const double place = (log_strike - log_strikes_.front()) * cells_per_log_;
    const auto last = static_cast<double>(guide_.size() - 2);
    // By way of a signed integer, which processors convert to in one step.
    return static_cast<std::size_t>(
        static_cast<std::int64_t>(place > 0 ? std::min(place, last) : 0.0));
}

std::size_t QuotedVolatilities::not_above(double strike, double log_strike) const noexcept {
    // The guide names the few strikes, mostly none or one, that share the cell.
    const std::size_t its = cell(log_strike);
    std::size_t below = guide_[its];
    for (const std::size_t end = guide_[its + 1]; below < end && strikes_[below] <= strike;)
        ++below;
    return below;
}

std::size_t QuotedVolatilities::left_of(double strike, double log_strike) const noexcept {
    const std::size_t below = not_above(strike, log_strike);
    return below > 0 ? below - 1 : 0;
}

SmileSegment QuotedVolatilities::segment(double strike, double log_strike) const noexcept {
    const std::size_t below = not_above(strike, log_strike);
    const std::size_t left = below > 0 ? below - 1 : 0;
    const std::size_t right = std::min(below, strikes_.size() - 1);
    const double span = log_strikes_[right] - log_strikes_[left];
    // Beyond the ends the neighbors are one; those an ulp apart may share their logarithm: then
    // there is nothing between them.
    const double weight = span > 0 ? (log_strike - log_strikes_[left]) / span : 0.0;
    return {volatilities_[left], volatilities_[right], weight};
}

SplineVolatilities::SplineVolatilities(std::vector<double> strikes,
                                       std::vector<double> volatilities)
    : nodes_(std::move(strikes), std::move(volatilities)),
      curvatures_(natural_curvatures(nodes_.log_strikes(), nodes_.volatilities())) {}

double SplineVolatilities::volatility(double strike, double log_strike) const noexcept {
    const std::vector<double>&x = nodes_.log_strikes(), &y = nodes_.volatilities();
    const SmileSegment linear = nodes_.segment(strike, log_strike);
    const std::size_t left = nodes_.left_of(strike, log_strike);
    if (!(log_strike > x.front()) || !(log_strike < x.back())) return linear.volatility();
    const double width = x[left + 1] - x[left], b = linear.weight, a = 1 - b;
    const double bend =
        (a * a * a - a) * curvatures_[left] + (b * b * b - b) * curvatures_[left + 1];
    return std::max(a * y[left] + b * y[left + 1] + bend * width * width / 6, 0.0);
}

SviVolatilities::SviVolatilities(SviParameters parameters, double forward, double time)
    : parameters_(parameters), forward_(forward), time_(time), log_forward_(std::log(forward)) {
    require_positive("forward", forward);
    require_positive("time", time);
    require_svi(parameters);
    if (const double least = svi_minimum(parameters); !(least >= 0))
        throw InvalidInput("parameters", least,
                           "must have a total variance that is nowhere negative");
}

double SviVolatilities::least_volatility() const noexcept {
    return std::sqrt(svi_minimum(parameters_) / time_);
}

SabrVolatilities::SabrVolatilities(SabrParameters parameters, double forward, double time)
    : parameters_(parameters), forward_(forward), time_(time) {
    require_positive("forward", forward);
    require_positive("time", time);
    require_sabr(parameters);
}

}  // namespace hedgerow
