#include "hedgerow/price/series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "averaged.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The exchange rate as given, or through the market of a coin: its spot in its quote currency.
double rate_of(const std::string& currency, const Snapshot& snapshot) {
    const ExchangeRates& rates = snapshot.rates();
    if (const std::optional<double> rate = rates.rate(currency)) return *rate;
    const UnderlyingMarket* coin = snapshot.market(currency);
    if (!coin) return not_a_number;
    return coin->spot() * rates.rate(coin->quote_currency()).value_or(not_a_number);
}

/// Whether contracts like this one can be valued, before they are.
Status examine(const ContractColumns& contracts, std::uint32_t c, const UnderlyingMarket* market,
               const SeriesMarket& series, double market_rate) {
    const bool expires = contracts.slice[c] != ContractColumns::no_slice;
    if (!market && series.kind != Kind::cash) return Status::unknown_underlying;
    if (series.kind != Kind::cash &&
        contracts.currencies[contracts.quote_currency[c]] != market->quote_currency())
        return Status::wrong_currency;
    if (market && !(market_rate > 0)) return Status::missing_rate;
    if (!(series.rate > 0) || !(series.quote_rate > 0)) return Status::missing_rate;
    if (contracts.exercise[c] != Exercise::european) return Status::unsupported_exercise;
    if (contracts.settlement[c] == Settlement::quanto) return Status::unsupported_settlement;
    if (expires && series.time <= 0) return Status::expired;
    if (series.kind == Kind::option && !series.smile) return Status::missing_smile;
    return Status::ok;
}

double size_of(double worth, const Greeks& greeks) noexcept {
    double size = std::abs(worth);
    const double* fields = &greeks.price;
    for (int j = 0; j < greek_count; ++j) size += std::abs(fields[j]);
    return size;
}

/// The worth of a live contract that is no option; fills the Greeks of S x worth (inverse) or of
/// the worth (linear).
double value_live(const SeriesMarket& s, double price, Greeks& g) noexcept {
    if (s.kind == Kind::cash) {
        g.price = s.spot;
        g.delta = s.has_underlying ? 1.0 : 0.0;
        return 1.0;
    }
    if (s.kind == Kind::spot) {
        g.price = s.spot;
        g.delta = 1.0;
        return s.spot;
    }
    const double time = s.kind == Kind::future ? s.time : 0.0;
    const double carry = s.kind == Kind::future ? s.carry : 0.0;
    if (s.inverse) {
        g.price = -s.spot / price;
        g.theta = carry * g.price;
        g.rho = -time * g.price;
        g.phi = time * g.price;
        return -1.0 / price;
    }
    g.price = price;
    g.delta = price / s.spot;
    g.theta = -carry * price;
    g.rho = time * price;
    g.phi = -time * price;
    g.charm = -carry * g.delta;
    return price;
}

}  // namespace

void SeriesMarket::revalue() noexcept {
    const double stretch = std::max(spot, 1 / spot);
    const double factor = std::max({1.0, rate, quote_rate});
    largest = 1e200 / (stretch * stretch * stretch * factor) - 1;
    if (status == Status::not_a_number)  // with other numbers it may be one
        status = kind == Kind::future && time <= 0 ? Status::expired : Status::ok;
    if (kind == Kind::option || !is_valued(status)) return;
    greeks = {};
    if (status == Status::ok) {
        if (kind == Kind::cash) price = 1.0;
        if (kind == Kind::spot) price = spot;
        if (is_averaged()) {
            price = settlement_forward(*this);
            worth = inverse ? -1 / price : price;
            greeks = averaged_future(*this);
        } else {
            worth = value_live(*this, price, greeks);
        }
    } else {  // awaits its settlement
        price = is_averaged() ? averaging.known : spot;
        greeks.price = inverse ? -spot / price : price;
        worth = inverse ? -1.0 / price : price;
    }
    if (!holds(worth, greeks)) status = Status::not_a_number;
}

Greeks SeriesMarket::closing(double right, double strike, double log_strike) const noexcept {
    if (status == Status::ok)
        return averaged_option(*this, right, strike, smile->volatility(strike, log_strike));
    const double fixed = is_averaged() ? averaging.known : spot;
    Greeks unit;
    unit.price = std::max(right * (fixed - strike), 0.0) * (inverse ? spot / fixed : 1.0);
    return unit;
}

bool SeriesMarket::holds(double unit_worth, const Greeks& unit) const noexcept {
    return size_of(unit_worth, unit) < largest;
}

std::vector<SeriesMarket> resolve_series(const ContractColumns& contracts,
                                         const Snapshot& snapshot) {
    std::vector<double> rates;
    for (const std::string& currency : contracts.currencies)
        rates.push_back(rate_of(currency, snapshot));
    std::vector<SeriesMarket> all;
    all.reserve(contracts.series_first.size());
    for (const std::uint32_t c : contracts.series_first) {
        const UnderlyingMarket* market =
            snapshot.market(contracts.underlyings[contracts.underlying[c]]);
        SeriesMarket s;
        s.kind = contracts.kind[c];
        s.inverse = contracts.settlement[c] == Settlement::inverse;
        s.rate = rates[contracts.currency[c]];
        s.quote_rate = rates[contracts.quote_currency[c]];
        double market_rate = s.rate;
        if (market) {
            market_rate = rate_of(market->quote_currency(), snapshot);
            s.has_underlying = true;
            s.spot = market->spot();
            if (s.kind == Kind::perpetual) s.price = market->perpetual();
            if (contracts.slice[c] != ContractColumns::no_slice) {
                const Instant expiry = contracts.slices[contracts.slice[c]].expiry;
                s.time = year_fraction(snapshot.as_of(), expiry);
                s.carry = market->forwards().carry(expiry);
                s.interest = s.inverse ? s.carry + market->coin_discount().rate(expiry)
                                       : market->discount().rate(expiry);
                s.price = market->forwards().forward(expiry);
                s.smile = market->smile(expiry);
                s.averaging =
                    averaging(market->settlement_window(expiry, *fixing(contracts.contracts[c])),
                              snapshot.as_of());
            }
        }
        s.status = examine(contracts, c, market, s, market_rate);
        s.quote_rate = market_rate;
        s.revalue();
        all.push_back(s);
    }
    return all;
}

}  // namespace hedgerow
