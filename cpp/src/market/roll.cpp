#include "hedgerow/market/roll.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// Pillars that are still to come, and what a curve that grows at `rate(pillar)` has there. Where
/// none is left a year ahead stands for them: beyond the last pillar curves are flat.
template <class Rate>
std::pair<std::vector<Instant>, std::vector<double>> later(const std::vector<Instant>& pillars,
                                                           Instant as_of, double unit, Rate rate) {
    std::pair<std::vector<Instant>, std::vector<double>> left;
    const auto keep = [&](Instant at, Instant of) {
        left.first.push_back(at);
        left.second.push_back(unit * std::exp(rate(of) * year_fraction(as_of, at)));
    };
    for (const Instant pillar : pillars)
        if (pillar > as_of) keep(pillar, pillar);
    if (left.first.empty() && !pillars.empty())
        keep({as_of.nanoseconds + 365 * nanoseconds_per_day}, pillars.back());
    return left;
}

ForwardCurve rolled(const ForwardCurve& curve, Instant as_of) {
    auto [pillars, forwards] =
        later(curve.pillars(), as_of, curve.spot(), [&](Instant at) { return curve.carry(at); });
    return ForwardCurve(as_of, curve.spot(), std::move(pillars), std::move(forwards));
}

DiscountCurve rolled(const DiscountCurve& curve, Instant as_of) {
    if (curve.pillars().empty()) return curve;
    auto [pillars, factors] =
        later(curve.pillars(), as_of, 1.0, [&](Instant at) { return -curve.rate(at); });
    return DiscountCurve(as_of, std::move(pillars), std::move(factors));
}

}  // namespace

Snapshot rolled(const Snapshot& snapshot, Instant as_of) {
    if (as_of < snapshot.as_of())
        throw InvalidInput("as_of", to_string(as_of),
                           "must not be before the snapshot's " + to_string(snapshot.as_of()));
    if (as_of == snapshot.as_of()) return snapshot;
    std::vector<UnderlyingMarket> markets;
    for (const UnderlyingMarket& market : snapshot.markets()) {
        std::vector<SettlementWindow> windows;
        for (const SettlementWindow& window : market.settlement_windows())
            windows.push_back(window.observed(
                snapshot.as_of(), market.spot() * window.overlap(snapshot.as_of(), as_of), as_of));
        markets.emplace_back(market.underlying(), market.quote_currency(),
                             rolled(market.forwards(), as_of), rolled(market.discount(), as_of),
                             market.smiles(), market.quoted_perpetual(),
                             rolled(market.coin_discount(), as_of), std::move(windows));
    }
    return Snapshot(as_of, std::move(markets), snapshot.rates());
}

}  // namespace hedgerow
