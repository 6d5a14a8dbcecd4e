#include "hedgerow/book/fold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "../price/averaged.hpp"
#include "hedgerow/formula/bsm.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// What fixes together: the economic identity of a slice. The multiplier is folded into amounts.
using SliceKey =
    std::tuple<std::string, Instant, std::string, std::string, Settlement, std::string>;

SliceKey key_of(const Terms& terms, Instant expiry, const std::string& fixing) {
    return {terms.underlying(), expiry, terms.quote_currency(), terms.currency(),
            terms.settlement(), fixing};
}

struct Strike {
    double calls = 0;
    double puts = 0;
};

struct Gathered {
    std::map<double, Strike> strikes;
    double futures = 0;
    double futures_cost = 0;
};

FoldedSlice fold_slice(const SliceKey& key, const Gathered& gathered) {
    FoldedSlice slice;
    std::tie(slice.underlying, slice.expiry, slice.quote_currency, slice.currency, slice.settlement,
             slice.fixing) = key;
    slice.futures = gathered.futures;
    slice.futures_cost = gathered.futures_cost;
    for (const auto& [strike, held] : gathered.strikes) {
        slice.strikes.push_back(strike);
        slice.calls.push_back(held.calls + held.puts);
        slice.long_calls.push_back(held.calls);
        slice.long_puts.push_back(held.puts);
        slice.forwards -= held.puts;
        slice.cash += held.puts * strike;
    }
    return slice;
}

void add(Greeks& total, double units, const Greeks& unit) noexcept {
    for (int k = 0; k < greek_count; ++k) (&total.price)[k] += units * (&unit.price)[k];
}

/// What has expired and awaits its settlement, as in units.hpp: the intrinsic value on the spot, or
/// on the average that it settles at.
double settled_value(const FoldedSlice& slice, const SeriesMarket& s) {
    const double fixed = s.is_averaged() ? s.averaging.known : s.spot;
    double value = slice.forwards * fixed + slice.cash;
    for (std::size_t j = 0; j < slice.strikes.size(); ++j)
        value += slice.calls[j] * std::max(fixed - slice.strikes[j], 0.0);
    return s.inverse ? value * (s.spot / fixed) : value;
}

/// A slice whose settlement price is being averaged. Calls struck at or below what is known of it
/// are certain to pay: at 0 that is the prepaid settlement price, and the difference of two is
/// money.
Greeks averaged_value(const FoldedSlice& slice, const SeriesMarket& s) {
    Greeks total;
    for (std::size_t j = 0; j < slice.strikes.size(); ++j)
        if (slice.calls[j] != 0)
            add(total, slice.calls[j],
                averaged_option(s, 1.0, slice.strikes[j], s.smile->volatility(slice.strikes[j])));
    const auto certain = [&](double strike) {
        Greeks unit = averaged_option(s, 1.0, strike, 0.0);
        unit.dual_delta = 0;  // of no strike that is held
        return unit;
    };
    const double money = slice.cash / s.averaging.known;
    add(total, slice.forwards + money, certain(0.0));
    add(total, -money, certain(s.averaging.known));
    return total;
}

bool opposite(double a, double b) noexcept {
    return (a < 0 && b > 0) || (a > 0 && b < 0);
}

}  // namespace

FoldedBook fold(const Book& book) {
    std::map<SliceKey, Gathered> gathered;
    FoldedBook folded;
    const ContractColumns& contracts = *book.contracts();
    for (std::size_t i = 0; i < book.size(); ++i) {
        const std::uint32_t c = book.contract()[i];
        const double units = book.quantity()[i] * contracts.multiplier[c];
        const Contract& contract = contracts.contracts[c];
        const bool foldable = contracts.exercise[c] == Exercise::european &&
                              contracts.settlement[c] != Settlement::quanto &&
                              std::abs(units) <= largest_amount;
        if (const Option* option = std::get_if<Option>(&contract); option && foldable) {
            Strike& at = gathered[key_of(option->terms(), option->expiry(), option->fixing())]
                             .strikes[option->strike()];
            (option->right() == Right::call ? at.calls : at.puts) += units;
        } else if (const Future* future = std::get_if<Future>(&contract); future && foldable) {
            Gathered& slice = gathered[key_of(future->terms(), future->expiry(), future->fixing())];
            slice.futures += units;
            const double cost = contracts.multiplier[c] * book.cost()[i];
            slice.futures_cost += std::abs(cost) <= largest_amount ? cost : not_a_number;
        } else {
            ++folded.not_folded;
        }
    }
    for (const auto& [key, slice] : gathered) folded.slices.push_back(fold_slice(key, slice));
    return folded;
}

Greeks value_folded(const FoldedSlice& slice, const Snapshot& snapshot) {
    Greeks total;
    const UnderlyingMarket* market = snapshot.market(slice.underlying);
    const Smile* smile = market ? market->smile(slice.expiry) : nullptr;
    const double time = year_fraction(snapshot.as_of(), slice.expiry);
    if (!market || market->quote_currency() != slice.quote_currency ||
        (!smile && !slice.strikes.empty() && time > 0)) {
        std::fill_n(&total.price, greek_count, not_a_number);
        return total;
    }
    SeriesMarket s;
    s.inverse = slice.settlement == Settlement::inverse;
    s.spot = market->spot();
    s.time = time;
    s.smile = smile;
    s.averaging =
        averaging(market->settlement_window(slice.expiry, slice.fixing), snapshot.as_of());
    if (time <= 0) {
        total.price = settled_value(slice, s);
        return total;
    }
    const double carry = s.carry = market->forwards().carry(slice.expiry);
    const double rate = s.interest = s.inverse ? carry + market->coin_discount().rate(slice.expiry)
                                               : market->discount().rate(slice.expiry);
    if (s.is_averaged()) return averaged_value(slice, s);
    for (std::size_t j = 0; j < slice.strikes.size(); ++j) {
        const double strike = slice.strikes[j];
        if (slice.calls[j] != 0)
            add(total, slice.calls[j],
                bsm_greeks(Right::call, s.spot, strike, time, smile->volatility(strike), rate,
                           carry));
    }

    // A prepaid forward S e^((b-r)T) and a bond e^(-rT), with their derivatives.
    const double forward = slice.forwards * s.spot * std::exp((carry - rate) * time);
    const double bond = slice.cash * std::exp(-rate * time);
    total.price += forward + bond;
    total.delta += forward / s.spot;
    total.theta += (rate - carry) * forward + rate * bond;
    total.rho -= time * bond;
    total.phi -= time * forward;
    total.charm += (rate - carry) * forward / s.spot;
    return total;
}

const char* name(Structure::Name name) noexcept {
    switch (name) {
        case Structure::Name::synthetic:
            return "synthetic";
        case Structure::Name::conversion:
            return "conversion";
        case Structure::Name::reversal:
            return "reversal";
        case Structure::Name::box:
            return "box";
    }
    return "unknown";
}

std::vector<Structure> named_structures(const FoldedSlice& slice) {
    constexpr double none = not_a_number;
    const std::size_t n = slice.strikes.size();
    // Signed synthetics per strike: what of the calls is matched by opposite puts.
    std::vector<double> synthetic(n, 0.0);
    for (std::size_t j = 0; j < n; ++j)
        if (opposite(slice.long_calls[j], slice.long_puts[j]))
            synthetic[j] =
                std::copysign(std::min(std::abs(slice.long_calls[j]), std::abs(slice.long_puts[j])),
                              slice.long_calls[j]);

    std::vector<Structure> found;
    // Open synthetics of one sign wait on a stack for opposite ones at higher strikes.
    std::vector<std::size_t> open;
    for (std::size_t j = 0; j < n; ++j) {
        while (synthetic[j] != 0 && !open.empty() &&
               opposite(synthetic[open.back()], synthetic[j])) {
            const std::size_t low = open.back();
            const double matched = std::min(std::abs(synthetic[low]), std::abs(synthetic[j]));
            const double side = std::copysign(matched, synthetic[low]);
            found.push_back({Structure::Name::box, side, slice.strikes[low], slice.strikes[j]});
            synthetic[low] -= side;
            synthetic[j] += side;
            if (synthetic[low] == 0) open.pop_back();
        }
        if (synthetic[j] != 0) open.push_back(j);
    }
    double futures = slice.settlement == Settlement::linear ? slice.futures : 0.0;
    for (std::size_t j = 0; j < n; ++j) {
        if (opposite(synthetic[j], futures)) {
            const double matched = std::min(std::abs(synthetic[j]), std::abs(futures));
            found.push_back({futures > 0 ? Structure::Name::conversion : Structure::Name::reversal,
                             matched, slice.strikes[j], none});
            synthetic[j] += std::copysign(matched, futures);
            futures -= std::copysign(matched, futures);
        }
        if (synthetic[j] != 0)
            found.push_back({Structure::Name::synthetic, synthetic[j], slice.strikes[j], none});
    }
    return found;
}

double Payoff::operator()(double spot) const noexcept {
    const auto above = std::ranges::upper_bound(kinks, spot);
    if (above == kinks.begin()) return not_a_number;
    const std::size_t j = static_cast<std::size_t>(above - kinks.begin()) - 1;
    if (above == kinks.end()) return values[j] + upper_slope * (spot - kinks[j]);
    const double weight = (spot - kinks[j]) / (kinks[j + 1] - kinks[j]);
    return values[j] + weight * (values[j + 1] - values[j]);
}

Payoff expiry_payoff(const FoldedSlice& slice, double future_price) {
    const bool inverse = slice.settlement == Settlement::inverse;
    // Futures that are flat may still have cost something: the profit of a round trip.
    const double entry = !std::isnan(slice.futures_cost) ? slice.futures_cost
                         : slice.futures == 0
                             ? 0.0
                             : slice.futures * (inverse ? -1.0 / future_price : future_price);
    // Linear futures pay N S - cost. Inverse ones pay S (-N/S - cost) = -N - cost S.
    double value = slice.cash + (inverse ? -slice.futures : -entry);
    double slope = slice.forwards + (inverse ? -entry : slice.futures);

    Payoff payoff;
    payoff.kinks.push_back(0.0);
    payoff.values.push_back(value);
    for (std::size_t j = 0; j < slice.strikes.size(); ++j) {
        value += slope * (slice.strikes[j] - payoff.kinks.back());
        slope += slice.calls[j];
        payoff.kinks.push_back(slice.strikes[j]);
        payoff.values.push_back(value);
    }
    payoff.upper_slope = slope;

    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto lowest = std::ranges::min_element(payoff.values);
    const auto highest = std::ranges::max_element(payoff.values);
    const auto kink = [&](auto place) { return payoff.kinks[place - payoff.values.begin()]; };
    payoff.worst = slope < 0 ? -infinity : *lowest;
    payoff.worst_at = slope < 0 ? infinity : kink(lowest);
    payoff.best = slope > 0 ? infinity : *highest;
    payoff.best_at = slope > 0 ? infinity : kink(highest);
    return payoff;
}

}  // namespace hedgerow
