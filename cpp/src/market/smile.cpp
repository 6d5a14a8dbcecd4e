#include "hedgerow/market/smile.hpp"

#include <limits>
#include <type_traits>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

QuotedVolatilities moved_quotes(const QuotedVolatilities& quoted, const SmileMove& move) {
    std::vector<double> strikes(quoted.strikes()), volatilities(quoted.volatilities());
    for (double& strike : strikes) strike *= move.strike_factor;
    for (double& volatility : volatilities)
        volatility = std::max(move.floor, volatility + move.shift);
    return QuotedVolatilities(std::move(strikes), std::move(volatilities));
}

}  // namespace

Smile::Smile(Instant expiry, SmileShape shape, const SmileMove& move)
    : expiry_(expiry), shape_(std::move(shape)), move_(move) {
    require_positive("strike_factor", move.strike_factor);
    require_finite("shift", move.shift);
    if (!(move.floor >= 0) || !std::isfinite(move.floor))
        throw InvalidInput("floor", move.floor, "must be non-negative and finite");
    if (const auto* quoted = std::get_if<QuotedVolatilities>(&shape_); quoted) {
        if (move != SmileMove{}) shape_ = moved_quotes(*quoted, move);
        move_ = {};
    }
    log_factor_ = std::log(move_.strike_factor);
}

double Smile::formula(double strike, double log_strike) const noexcept {
    const double volatility = std::visit(
        [&](const auto& shape) -> double {
            using Shape = std::decay_t<decltype(shape)>;
            if constexpr (std::is_same_v<Shape, SviVolatilities>)
                return shape.volatility(log_strike - log_factor_);
            else if constexpr (std::is_same_v<Shape, SabrVolatilities>)
                return shape.volatility(strike / move_.strike_factor);
            else if constexpr (std::is_same_v<Shape, SplineVolatilities>)
                return shape.volatility(strike / move_.strike_factor, log_strike - log_factor_);
            else
                return shape.segment(strike, log_strike).volatility();
        },
        shape_);
    // Written so that NaN stays NaN: std::max(NaN, x) is NaN, std::max(x, NaN) is x.
    return std::max(volatility + move_.shift, move_.floor);
}

SmileSegment Smile::segment(double strike, double log_strike) const noexcept {
    if (const auto* quoted = std::get_if<QuotedVolatilities>(&shape_))
        return quoted->segment(strike, log_strike);
    const double volatility = formula(strike, log_strike);
    return {volatility, volatility, 0.0};
}

SmileSegment Smile::segment(double strike) const noexcept {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    if (!(strike > 0)) return {not_a_number, not_a_number, 0.0};
    return segment(strike, std::log(strike));
}

SmileSegment Smile::segment(double log_strike, std::size_t& hint) const noexcept {
    if (const auto* quoted = std::get_if<QuotedVolatilities>(&shape_))
        return quoted->segment(log_strike, hint);
    const double volatility = formula(std::exp(log_strike), log_strike);
    return {volatility, volatility, 0.0};
}

Smile Smile::moved(double strike_factor, double volatility_shift) const {
    require_positive("strike_factor", strike_factor);
    require_finite("volatility_shift", volatility_shift);
    return Smile(expiry_, shape_,
                 {move_.strike_factor * strike_factor, move_.shift + volatility_shift,
                  std::max(move_.floor + volatility_shift, 0.0)});
}

double Smile::least_volatility() const noexcept {
    if (const auto* quoted = std::get_if<QuotedVolatilities>(&shape_))
        return quoted->least_volatility();
    const auto* svi = std::get_if<SviVolatilities>(&shape_);
    return std::max((svi ? svi->least_volatility() : 0.0) + move_.shift, move_.floor);
}

const QuotedVolatilities* Smile::nodes() const noexcept {
    if (const auto* spline = std::get_if<SplineVolatilities>(&shape_)) return &spline->nodes();
    return std::get_if<QuotedVolatilities>(&shape_);
}

std::span<const double> Smile::strikes() const noexcept {
    return nodes() ? std::span(nodes()->strikes()) : std::span<const double>{};
}

std::span<const double> Smile::volatilities() const noexcept {
    return nodes() ? std::span(nodes()->volatilities()) : std::span<const double>{};
}

}  // namespace hedgerow
