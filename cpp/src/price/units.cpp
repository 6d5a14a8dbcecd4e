#include "hedgerow/price/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "hedgerow/formula/bsm.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t block = 512;  // rows per chunk of work: its columns stay in L1 and L2

/// What a slice needs of the market, looked up once for all its contracts.
struct SliceMarket {
    double time = 0;          // years to expiry
    double carry = 0;         // b
    double linear_rate = 0;   // r of payments in the quote currency
    double inverse_rate = 0;  // r such that e^((b-r)T) is the coin's own discount factor
    double forward = 0;
    const Smile* smile = nullptr;
};

/// The snapshot as seen by one list of contracts: everything by number instead of by name.
struct ResolvedMarket {
    std::vector<const UnderlyingMarket*> markets;  // by underlying; nullptr where unknown
    std::vector<SliceMarket> slices;
    std::vector<double> rates;        // by currency; NaN where there is none
    std::vector<double> quote_rates;  // by underlying: of the currency that its market quotes in
    std::vector<std::size_t> quotes;  // by underlying: number of that currency, or beyond the last
};

/// The exchange rate as given, or through the market of a coin: its spot in its quote currency.
double rate_of(const std::string& currency, const Snapshot& snapshot) {
    const ExchangeRates& rates = snapshot.rates();
    if (const std::optional<double> rate = rates.rate(currency)) return *rate;
    const UnderlyingMarket* coin = snapshot.market(currency);
    if (!coin) return not_a_number;
    return coin->spot() * rates.rate(coin->quote_currency()).value_or(not_a_number);
}

ResolvedMarket resolve_market(const ContractColumns& contracts, const Snapshot& snapshot) {
    ResolvedMarket resolved;
    for (const std::string& underlying : contracts.underlyings) {
        const UnderlyingMarket* market = snapshot.market(underlying);
        resolved.markets.push_back(market);
        resolved.quote_rates.push_back(market ? rate_of(market->quote_currency(), snapshot)
                                              : not_a_number);
        resolved.quotes.push_back(contracts.currencies.size());
        if (market)
            resolved.quotes.back() = static_cast<std::size_t>(
                std::ranges::find(contracts.currencies, market->quote_currency()) -
                contracts.currencies.begin());
    }
    for (const auto& [underlying, expiry] : contracts.slices) {
        SliceMarket slice;
        if (const UnderlyingMarket* market = resolved.markets[underlying]) {
            slice.time = year_fraction(snapshot.as_of(), expiry);
            slice.carry = market->forwards().carry(expiry);
            slice.linear_rate = market->discount().rate(expiry);
            slice.inverse_rate = slice.carry + market->coin_discount().rate(expiry);
            slice.forward = market->forwards().forward(expiry);
            slice.smile = market->smile(expiry);
        }
        resolved.slices.push_back(slice);
    }
    for (const std::string& currency : contracts.currencies)
        resolved.rates.push_back(rate_of(currency, snapshot));
    return resolved;
}

/// Values rows [begin, end) of one list of contracts.
class Rows {
  public:
    Rows(const ContractColumns& contracts, const ResolvedMarket& market, UnitValues& values)
        : contracts_(contracts), market_(market), values_(values) {}

    void operator()(std::size_t begin, std::size_t end) const {
        double inputs[7][block];
        for (std::size_t i = begin; i < end; ++i) {
            values_.status[i] = examine(i);
            const bool option = contracts_.kind[i] == Kind::option;
            fill_inputs(i, option && values_.status[i] == Status::ok, inputs, i - begin);
        }
        const std::size_t n = end - begin;
        const auto input = [&](int j) { return std::span<const double>(inputs[j], n); };
        GreekColumns greeks;
        for (std::size_t j = 0; j < greeks.size(); ++j)
            greeks[j] = values_.greeks[j].subspan(begin, n);
        bsm_greeks({input(0), input(1), input(2), input(3), input(4), input(5), input(6)}, greeks);
        for (std::size_t i = begin; i < end; ++i) finish(i);
    }

  private:
    const UnderlyingMarket* market(std::size_t i) const {
        return market_.markets[contracts_.underlying[i]];
    }

    const SliceMarket& slice(std::size_t i) const { return market_.slices[contracts_.slice[i]]; }

    bool expires(std::size_t i) const { return contracts_.slice[i] != ContractColumns::no_slice; }

    bool inverse(std::size_t i) const { return contracts_.settlement[i] == Settlement::inverse; }

    /// Whether the row can be valued, before it is.
    Status examine(std::size_t i) const {
        const Kind kind = contracts_.kind[i];
        const std::uint32_t on = contracts_.underlying[i];
        if (!market(i) && kind != Kind::cash) return Status::unknown_underlying;
        if (kind != Kind::cash && market_.quotes[on] != contracts_.quote_currency[i])
            return Status::wrong_currency;
        if (market(i) && !(market_.quote_rates[on] > 0)) return Status::missing_rate;
        if (!(rate(contracts_.currency[i]) > 0) || !(rate(contracts_.quote_currency[i]) > 0))
            return Status::missing_rate;
        if (contracts_.exercise[i] != Exercise::european) return Status::unsupported_exercise;
        if (contracts_.settlement[i] == Settlement::quanto) return Status::unsupported_settlement;
        if (expires(i) && slice(i).time <= 0) return Status::expired;
        if (kind == Kind::option && !slice(i).smile) return Status::missing_smile;
        return Status::ok;
    }

    double rate(std::uint32_t currency) const { return market_.rates[currency]; }

    void fill_inputs(std::size_t i, bool live, double (&inputs)[7][block], std::size_t row) const {
        double values[7] = {1, 1, 1, 1, 1, 0, 0};  // rows that are no option: any valid numbers
        if (live) {
            const SliceMarket& s = slice(i);
            const double strike = contracts_.strike[i];
            values[0] = contracts_.right[i];
            values[1] = market(i)->spot();
            values[2] = strike;
            values[3] = s.time;
            values[4] = s.smile->volatility(strike);
            values[5] = inverse(i) ? s.inverse_rate : s.linear_rate;
            values[6] = s.carry;
        }
        for (int j = 0; j < 7; ++j) inputs[j][row] = values[j];
    }

    /// Fills what the kernel did not: rows that are no live option, and the columns beside Greeks.
    void finish(std::size_t i) const {
        const Kind kind = contracts_.kind[i];
        const UnderlyingMarket* m = market(i);
        values_.rate[i] = rate(contracts_.currency[i]);
        values_.quote_rate[i] = m ? market_.quote_rates[contracts_.underlying[i]] : values_.rate[i];
        values_.spot[i] = m ? m->spot() : 1.0;
        Status& status = values_.status[i];
        Greeks g;
        double price = not_a_number, worth = not_a_number;
        if (status == Status::ok && kind == Kind::option) {
            g.price = values_.greeks[0][i];  // the kernel has put the rest in its place
            worth = price = inverse(i) ? g.price / m->spot() : g.price;
        } else if (status == Status::ok) {
            std::tie(price, worth) = value_linear(i, kind, g);
        } else if (status == Status::expired) {
            std::tie(price, worth) = value_expired(i, kind, g);
        }
        if (kind != Kind::option || status != Status::ok) set_greeks(i, g);
        if (is_valued(status) && !within_bounds(i, worth)) status = Status::not_a_number;
        if (!is_valued(status)) {
            price = worth = not_a_number;
            for (int j = 0; j < greek_count; ++j) values_.greeks[j][i] = not_a_number;
        }
        values_.price[i] = price;
        values_.worth[i] = worth;
    }

    /// Whether the row and all that is made of it, such as gamma x S^2 in the reporting currency,
    /// are numbers so far from overflow that neither largest_amount units nor sums reach it.
    bool within_bounds(std::size_t i, double worth) const {
        double size = std::abs(worth);
        for (const auto& column : values_.greeks) size += std::abs(column[i]);
        const double spot = values_.spot[i], stretch = std::max(spot, 1 / spot);
        const double rate = std::max({1.0, values_.rate[i], values_.quote_rate[i]});
        return (1 + size) * stretch * stretch * stretch * rate < 1e200;
    }

    /// Price and worth of a live contract that is no option; fills the Greeks of S x worth
    /// (inverse) or of the worth (linear).
    std::pair<double, double> value_linear(std::size_t i, Kind kind, Greeks& g) const {
        const UnderlyingMarket* m = market(i);
        if (kind == Kind::cash) {
            g.price = m ? m->spot() : 1.0;
            g.delta = m ? 1.0 : 0.0;
            return {1.0, 1.0};
        }
        const double spot = m->spot();
        if (kind == Kind::spot) {
            g.price = spot;
            g.delta = 1.0;
            return {spot, spot};
        }
        const bool future = kind == Kind::future;
        const double price = future ? slice(i).forward : m->perpetual();
        const double time = future ? slice(i).time : 0.0, carry = future ? slice(i).carry : 0.0;
        if (inverse(i)) {
            g.price = -spot / price;
            g.theta = carry * g.price;
            g.rho = -time * g.price;
            g.phi = time * g.price;
            return {price, -1.0 / price};
        }
        g.price = price;
        g.delta = price / spot;
        g.theta = -carry * price;
        g.rho = time * price;
        g.phi = -time * price;
        g.charm = -carry * g.delta;
        return {price, price};
    }

    /// Price and worth of a contract that awaits its settlement: the intrinsic value on the spot.
    std::pair<double, double> value_expired(std::size_t i, Kind kind, Greeks& g) const {
        const double spot = market(i)->spot();
        if (kind == Kind::option) {
            g.price = std::max(contracts_.right[i] * (spot - contracts_.strike[i]), 0.0);
            const double price = inverse(i) ? g.price / spot : g.price;
            return {price, price};
        }
        g.price = inverse(i) ? -1.0 : spot;
        return {spot, inverse(i) ? -1.0 / spot : spot};
    }

    void set_greeks(std::size_t i, const Greeks& g) const {
        const double* fields = &g.price;
        for (int j = 0; j < greek_count; ++j) values_.greeks[j][i] = fields[j];
    }

    const ContractColumns& contracts_;
    const ResolvedMarket& market_;
    UnitValues& values_;
};

}  // namespace

UnitValues::UnitValues(std::size_t rows)
    : status(rows), storage_(make_large_array((5 + greek_count) * rows)) {
    double* next = storage_.get();
    const auto column = [&] { return std::span(std::exchange(next, next + rows), rows); };
    for (auto* named : {&price, &worth, &rate, &quote_rate, &spot}) *named = column();
    for (auto& greek : greeks) greek = column();
}

UnitValues value_units(const ContractColumns& contracts, const Snapshot& snapshot,
                       ThreadPool* pool) {
    const std::size_t n = contracts.size();
    UnitValues values(n);
    const ResolvedMarket market = resolve_market(contracts, snapshot);
    const Rows rows(contracts, market, values);
    run_chunks(pool, (n + block - 1) / block, [&](std::size_t chunk) noexcept {
        rows(chunk * block, std::min(n, (chunk + 1) * block));
    });
    return values;
}

}  // namespace hedgerow
