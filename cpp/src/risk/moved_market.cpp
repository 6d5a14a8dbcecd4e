#include "moved_market.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/revaluation.hpp"

namespace hedgerow::risk {

namespace {

/// With what it is now; NaN where a number of the column is not finite.
Range range(const std::vector<double>& column, double now) {
    Range found{now, now};
    double poison = 0.0 * now;
    for (const double x : column) {
        found = {std::min(found.least, x), std::max(found.greatest, x)};
        poison += 0.0 * x;
    }
    return {found.least + poison, found.greatest + poison};
}

/// By how much the worth of `currency` changes in every scenario; see shocked().
std::vector<double> changes_of_worth(const Snapshot& snapshot, const Scenarios& scenarios,
                                     std::string currency) {
    std::vector<double> changes(scenarios.size(), 1.0);
    for (std::size_t i = 0; i < snapshot.markets().size(); ++i) {
        const UnderlyingMarket* market = snapshot.market(currency);
        if (!market) break;
        const Moves& moves = scenarios.moves(currency);
        for (std::size_t j = 0; j < changes.size(); ++j) changes[j] *= moves.spot_factor[j];
        currency = market->quote_currency();
    }
    return changes;
}

/// Where the currency has a rate of its own: 1 for the reporting one, all others against it.
std::optional<Path> quoted_rate(const Snapshot& snapshot, const Scenarios& scenarios,
                                const std::string& currency) {
    const ExchangeRates& rates = snapshot.rates();
    const std::optional<double> now = rates.rate(currency);
    if (!now) return std::nullopt;
    Path path{*now, std::vector<double>(scenarios.size(), *now)};
    if (currency == rates.reporting()) return path;
    const std::vector<double> unit = changes_of_worth(snapshot, scenarios, rates.reporting());
    const std::vector<double> change = changes_of_worth(snapshot, scenarios, currency);
    for (std::size_t j = 0; j < path.then.size(); ++j) path.then[j] *= change[j] / unit[j];
    return path;
}

/// The quoted rate, or through the market of a coin: its spot in its quote currency.
Path rate_path(const Snapshot& snapshot, const Scenarios& scenarios, const std::string& currency) {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    const Path none{not_a_number, std::vector<double>(scenarios.size(), not_a_number)};
    if (auto path = quoted_rate(snapshot, scenarios, currency)) return *std::move(path);
    const UnderlyingMarket* coin = snapshot.market(currency);
    if (!coin) return none;
    Path path = quoted_rate(snapshot, scenarios, coin->quote_currency()).value_or(none);
    const Moves& moves = scenarios.moves(currency);
    path.now *= coin->spot();
    for (std::size_t j = 0; j < path.then.size(); ++j)
        path.then[j] *= coin->spot() * moves.spot_factor[j];
    return path;
}

MovedSpot moved_spot(const Moves& moves) {
    const std::vector<double>& factor = moves.spot_factor;
    MovedSpot spot{&moves, range(factor, 1.0), range(moves.volatility_shift, 0.0), {}, {}};
    for (const double f : factor) spot.log_factor.push_back(std::log(f));
    spot.order.resize(factor.size());
    std::iota(spot.order.begin(), spot.order.end(), 0u);
    for (std::size_t begin = 0; begin < factor.size(); begin += scenario_tile) {
        const std::size_t n = std::min(scenario_tile, factor.size() - begin);
        std::ranges::sort(std::span(spot.order).subspan(begin, n), {},
                          [&](std::uint32_t j) { return factor[j]; });
    }
    return spot;
}

SliceTerms slice_terms(const UnderlyingMarket& market, Instant as_of, Instant expiry) {
    SliceTerms terms;
    terms.time = year_fraction(as_of, expiry);
    const double carry = market.forwards().carry(expiry);
    const double rates[] = {market.discount().rate(expiry),
                            carry + market.coin_discount().rate(expiry)};
    terms.carried = carry * terms.time;
    for (int inverse = 0; inverse < 2; ++inverse) {
        terms.growth[inverse] = std::exp((carry - rates[inverse]) * terms.time);
        terms.discount[inverse] = std::exp(-rates[inverse] * terms.time);
    }
    terms.smile = market.smile(expiry);
    if (terms.smile) terms.lowest = terms.smile->least_volatility();
    return terms;
}

}  // namespace

MovedMarket::MovedMarket(const ContractColumns& contracts, const Snapshot& snapshot,
                         const Scenarios& scenarios)
    : spots_{moved_spot(scenarios.common())}, series_(resolve_series(contracts, snapshot)) {
    for (const auto& [underlying, moves] : scenarios.own()) {
        if (!snapshot.market(underlying))
            throw InvalidInput("underlyings", underlying, "must be in the snapshot");
        spots_.push_back(moved_spot(moves));
    }
    for (const std::string& underlying : contracts.underlyings) {
        markets_.push_back(snapshot.market(underlying));
        const auto own = std::ranges::find(spots_, &scenarios.moves(underlying), &MovedSpot::moves);
        number_.push_back(static_cast<std::size_t>(own - spots_.begin()));
    }
    for (const auto& [underlying, expiry] : contracts.slices) {
        const UnderlyingMarket* market = markets_[underlying];
        slices_.push_back(market ? slice_terms(*market, snapshot.as_of(), expiry) : SliceTerms{});
    }
    for (const std::string& currency : contracts.currencies) {
        rates_.push_back(rate_path(snapshot, scenarios, currency));
        rate_ranges_.push_back(range(rates_.back().then, rates_.back().now));
    }
}

}  // namespace hedgerow::risk
