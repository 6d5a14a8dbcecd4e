#include "measures.hpp"

#include <algorithm>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// The number of the Greek that a measure of its name is made of.
constexpr std::size_t greek_of(Measure measure) noexcept {
    return static_cast<std::size_t>(measure) - static_cast<std::size_t>(Measure::delta) + 1;
}

/// The Greeks that a measure is made of: up to three, the price among them.
std::vector<std::size_t> parts(Measure measure) {
    constexpr std::size_t price = 0, delta = 1, gamma = 2;
    switch (measure) {
        case Measure::price:
        case Measure::native_value:
        case Measure::native_pnl:
        case Measure::value:
        case Measure::pnl:
            return {price};
        case Measure::premium_adjusted_delta:
        case Measure::coin_delta:
            return {price, delta};
        case Measure::coin_gamma:
            return {price, delta, gamma};
        case Measure::dollar_delta:
            return {delta};
        case Measure::dollar_gamma:
            return {gamma};
        default:
            return {greek_of(measure)};
    }
}

}  // namespace

Coefficient Worth::operator[](Measure measure) const noexcept {
    // V and dV/dS in the quote currency, per unit held and per unit of cost owed on margin. Coins
    // won or lost on inverse margin are delta.
    const double value_owed = !margined ? 0.0 : inverse ? -spot : -1.0;
    const double delta = greeks.delta, delta_owed = live && margined && inverse ? -1.0 : 0.0;
    const bool counts = live && has_underlying;
    const double coin = counts ? delta - greeks.price / spot : 0.0;
    const double coin_owed = counts ? delta_owed - value_owed / spot : 0.0;
    switch (measure) {
        case Measure::price:
            return {price, 0.0};
        case Measure::native_value:
            return {worth, margined ? -1.0 : 0.0};
        case Measure::native_pnl:
            return {cash ? 0.0 : worth, cash ? 0.0 : -1.0};
        case Measure::value:
            return {worth * rate, margined ? -rate : 0.0};
        case Measure::pnl:
            return {cash ? 0.0 : worth * rate, cash ? 0.0 : -rate};
        case Measure::delta:
            return {delta * quote_rate, delta_owed * quote_rate};
        case Measure::premium_adjusted_delta:
            return {coin * quote_rate, coin_owed * quote_rate};
        case Measure::coin_delta:
            return {coin / spot, coin_owed / spot};
        case Measure::coin_gamma:
            return {(greeks.gamma - 2 * coin / spot) / spot, -2 * coin_owed / (spot * spot)};
        case Measure::dollar_delta:
            return {delta * spot * quote_rate, delta_owed * spot * quote_rate};
        case Measure::dollar_gamma:
            return {greeks.gamma * spot * spot / 100 * quote_rate, 0.0};
        default:
            return {(&greeks.price)[greek_of(measure)] * quote_rate, 0.0};
    }
}

MeasureList::MeasureList(std::span<const Measure> measures)
    : measures_(measures.begin(), measures.end()) {
    for (const Measure measure : measures_) {
        if (measure == Measure::price || std::ranges::count(measures_, measure) > 1)
            throw InvalidInput("measures", name(measure), "must be additive and given once");
        for (const std::size_t greek : parts(measure))
            if (std::ranges::find(greeks_, greek) == greeks_.end()) greeks_.push_back(greek);
    }
    std::ranges::sort(greeks_);
}

void MeasureList::add(const SeriesMarket& series, const double* greeks, double held, double cost,
                      bool known, double* totals) const noexcept {
    Worth sum{series.status == Status::ok,
              is_margined(series.kind),
              series.inverse,
              series.kind == Kind::cash,
              series.has_underlying,
              series.spot,
              series.rate,
              series.quote_rate,
              0.0,
              0.0,
              {}};
    double* fields = &sum.greeks.price;
    if (series.kind == Kind::option) {
        for (std::size_t j = 0; j < greeks_.size(); ++j) fields[greeks_[j]] = greeks[j];
        sum.worth = series.option_worth(sum.greeks.price);
    } else {
        const double* unit = &series.greeks.price;
        for (std::size_t j = 0; j < greek_count; ++j) fields[j] = held * unit[j];
        sum.worth = held * series.worth;
    }
    for (std::size_t j = 0; j < size(); ++j) {
        const Coefficient c = sum[measures_[j]];
        if (known)
            totals[j] += c.cost == 0 ? c.held : c.held + cost * c.cost;
        else if (!is_profit(
                     measures_[j]))  // on margin an unknown cost counts as entered at the mark
            totals[j] += c.cost == 0 ? c.held : c.held + sum.worth * c.cost;
    }
}

}  // namespace hedgerow
