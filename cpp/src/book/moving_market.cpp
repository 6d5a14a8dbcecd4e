#include "moving_market.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// How often the worth of a currency goes through each market, as shocked() follows it: from a coin
/// to its quote currency and on, until one that is no underlying or as far as there are markets.
std::vector<int> markets_passed(const Snapshot& snapshot, std::string currency) {
    std::vector<int> passed(snapshot.markets().size(), 0);
    for (std::size_t i = 0; i < passed.size(); ++i) {
        const UnderlyingMarket* market = snapshot.market(currency);
        if (!market) break;
        ++passed[static_cast<std::size_t>(market - snapshot.markets().data())];
        currency = market->quote_currency();
    }
    return passed;
}

/// The powers of the spots in the rate of a currency; see resolve_series() for what that is.
std::vector<int> powers_of(const Snapshot& snapshot, const std::string& currency) {
    std::vector<int> powers(snapshot.markets().size(), 0);
    const std::string& reporting = snapshot.rates().reporting();
    const UnderlyingMarket* coin = snapshot.market(currency);
    const bool given = snapshot.rates().rate(currency).has_value();
    const std::string& stated = !given && coin ? coin->quote_currency() : currency;
    if (!given && coin) ++powers[static_cast<std::size_t>(coin - snapshot.markets().data())];
    if (stated == reporting) return powers;
    const std::vector<int> own = markets_passed(snapshot, stated);
    const std::vector<int> unit = markets_passed(snapshot, reporting);
    for (std::size_t m = 0; m < powers.size(); ++m) powers[m] += own[m] - unit[m];
    return powers;
}

}  // namespace

MovingMarket::MovingMarket(const ContractColumns& contracts, Snapshot snapshot)
    : snapshot_(std::move(snapshot)), base_(resolve_series(contracts, snapshot_)), now_(base_) {
    for (const UnderlyingMarket& market : snapshot_.markets())
        spots_.push_back({market.spot(), market.spot()});
    std::vector<std::string> names;
    for (std::size_t s = 0; s < base_.size(); ++s) {
        const std::uint32_t c = contracts.series_first[s];
        const UnderlyingMarket* market =
            snapshot_.market(contracts.underlyings[contracts.underlying[c]]);
        const std::string& currency = contracts.currencies[contracts.currency[c]];
        const std::string& quote = market ? market->quote_currency() : currency;
        market_of_.push_back(market ? static_cast<std::size_t>(market - snapshot_.markets().data())
                                    : size());
        rate_of_.push_back(rate_number(names, currency, base_[s].rate));
        quote_rate_of_.push_back(rate_number(names, quote, base_[s].quote_rate));
    }
}

/// The number of a currency's rate, made where it is new.
std::size_t MovingMarket::rate_number(std::vector<std::string>& names, const std::string& currency,
                                      double rate) {
    const auto found = std::ranges::find(names, currency);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    names.push_back(currency);
    rates_.push_back({rate, rate, powers_of(snapshot_, currency)});
    return names.size() - 1;
}

std::size_t MovingMarket::find(std::string_view underlying) const {
    const std::vector<UnderlyingMarket>& markets = snapshot_.markets();
    const auto found = std::ranges::find(markets, underlying, &UnderlyingMarket::underlying);
    if (found == markets.end())
        throw InvalidInput("underlying", std::string(underlying), "must be in the snapshot");
    return static_cast<std::size_t>(found - markets.begin());
}

bool MovingMarket::moves_with(std::size_t series, std::size_t market) const noexcept {
    return market_of_[series] == market || rates_[rate_of_[series]].powers[market] != 0 ||
           rates_[quote_rate_of_[series]].powers[market] != 0;
}

void MovingMarket::move(std::size_t market, double spot) noexcept {
    spots_[market].now = spot;
    follow();
}

/// Rates and series after a move.
void MovingMarket::follow() noexcept {
    for (Rate& rate : rates_) {
        rate.now = rate.base;
        for (std::size_t m = 0; m < size(); ++m) {
            const double factor = spots_[m].now / spots_[m].base;
            for (int k = 0; k < rate.powers[m]; ++k) rate.now *= factor;
            for (int k = 0; k > rate.powers[m]; --k) rate.now /= factor;
        }
    }
    for (std::size_t s = 0; s < now_.size(); ++s) {
        now_[s].rate = rates_[rate_of_[s]].now;
        now_[s].quote_rate = rates_[quote_rate_of_[s]].now;
        if (market_of_[s] < size()) {
            const Spot& spot = spots_[market_of_[s]];
            now_[s].spot = spot.now;
            now_[s].price = base_[s].price * (spot.now / spot.base);
        }
        now_[s].revalue();
    }
}

void MovingOptions::add(const SeriesMarket& series, double right, double strike,
                        double log_strike) {
    right_.push_back(right);
    strike_.push_back(strike);
    time_.push_back(series.time);
    volatility_.push_back(series.smile->volatility(strike, log_strike));
    rate_.push_back(series.interest);
    carry_.push_back(series.carry);
}

void MovingOptions::hoist(double spot) {
    for (auto* column : {&growth_, &discount_, &log_moneyness_, &inverse_deviation_, &root_time_})
        column->resize(size());
    const std::vector<double> spots(size(), spot);
    bsm_hoist(options(0, spots), hoisted(0, size()));
}

void MovingOptions::greeks(std::size_t begin, std::span<const double> spots,
                           std::span<const double> log_moves, const GreekColumns& to) {
    bsm_moved_greeks(options(begin, spots), hoisted(begin, spots.size()), log_moves, to);
}

/// The formula's inputs of rows [begin, begin + n), whose spots are given.
BsmColumns MovingOptions::options(std::size_t begin, std::span<const double> spots) const {
    const auto part = [&](const std::vector<double>& column) {
        return std::span(column).subspan(begin, spots.size());
    };
    return {part(right_),      spots,       part(strike_), part(time_),
            part(volatility_), part(rate_), part(carry_)};
}

BsmHoisted MovingOptions::hoisted(std::size_t begin, std::size_t n) {
    const auto part = [&](std::vector<double>& column) {
        return std::span(column).subspan(begin, n);
    };
    return {part(growth_), part(discount_), part(log_moneyness_), part(inverse_deviation_),
            part(root_time_)};
}

}  // namespace hedgerow
