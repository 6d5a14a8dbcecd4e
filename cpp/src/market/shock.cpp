#include "hedgerow/market/shock.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

UnderlyingMarket moved(const UnderlyingMarket& market, double spot_factor, double volatility_shift,
                       SmileDynamics dynamics) {
    const double strike_factor = dynamics == SmileDynamics::sticky_moneyness ? spot_factor : 1.0;
    std::vector<Smile> smiles;
    smiles.reserve(market.smiles().size());
    for (const Smile& smile : market.smiles())
        smiles.push_back(smile.moved(strike_factor, volatility_shift));
    return market.with_spot(market.spot() * spot_factor).with_smiles(std::move(smiles));
}

/// By how much the worth of `currency` changes: the product of the spot moves from coin to quote
/// currency to that currency's own quote, until one that is no underlying.
double change_of_worth(const Snapshot& before, const Snapshot& after, std::string currency) {
    double change = 1;
    // Two underlyings quoted in each other would go in circles: no chain is longer than the list.
    for (std::size_t i = 0; i < before.markets().size(); ++i) {
        const UnderlyingMarket* market = before.market(currency);
        if (!market) break;
        change *= after.market(currency)->spot() / market->spot();
        currency = market->quote_currency();
    }
    return change;
}

ExchangeRates moved_rates(const Snapshot& before, const Snapshot& after) {
    const std::string& reporting = before.rates().reporting();
    const double unit = change_of_worth(before, after, reporting);
    std::map<std::string, double> rates(before.rates().rates());
    for (auto& [currency, rate] : rates) rate *= change_of_worth(before, after, currency) / unit;
    return ExchangeRates(reporting, std::move(rates));
}

}  // namespace

const char* name(SmileDynamics dynamics) noexcept {
    switch (dynamics) {
        case SmileDynamics::sticky_strike:
            return "sticky_strike";
        case SmileDynamics::sticky_moneyness:
            return "sticky_moneyness";
    }
    return "unknown";
}

Snapshot shocked(const Snapshot& snapshot, double spot_factor, double volatility_shift,
                 SmileDynamics dynamics, const std::optional<std::string>& underlying) {
    require_positive("spot_factor", spot_factor);
    require_finite("volatility_shift", volatility_shift);
    if (underlying && !snapshot.market(*underlying))
        throw InvalidInput("underlying", *underlying, "must be in the snapshot");
    std::vector<UnderlyingMarket> markets(snapshot.markets());
    for (UnderlyingMarket& market : markets)
        if (!underlying || market.underlying() == *underlying)
            market = moved(market, spot_factor, volatility_shift, dynamics);
    const Snapshot after(snapshot.as_of(), std::move(markets), snapshot.rates());
    return Snapshot(after.as_of(), after.markets(), moved_rates(snapshot, after));
}

}  // namespace hedgerow
