#include "unit_lines.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cells.hpp"
#include "hedgerow/base/grouped_sums.hpp"

namespace hedgerow {

UnitLines::UnitLines(std::shared_ptr<const ContractColumns> contracts,
                     const std::vector<double>& sizes, Snapshot snapshot)
    : contracts_(std::move(contracts)),
      market_(*contracts_, std::move(snapshot)),
      lines_(contracts_->size()),
      places_(contracts_->size()),
      moved_(market_.size()) {
    const ContractColumns& c = *contracts_;
    std::vector<std::uint32_t> of_series;
    for (std::size_t s = 0; s < c.series_first.size(); ++s) of_series.push_back(bundle_for(s));
    for (std::size_t i = 0; i < c.size(); ++i) {
        places_[i].size = sizes[i];
        places_[i].bundle = of_series[c.series[i]];
        Bundle& bundle = bundles_[places_[i].bundle];
        const SeriesMarket& series = market_.base(c.series[i]);
        if (series.is_live_option()) {
            bundle.options.add(series, c.right[i], c.strike[i], c.log_strike[i]);
            bundle.option_of.push_back(static_cast<std::uint32_t>(i));
            bundle.option_size.push_back(sizes[i]);
        } else {
            bundle.others.push_back(static_cast<std::uint32_t>(i));
        }
    }
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
        Bundle& bundle = bundles_[b];
        for (std::size_t m = 0; m < market_.size(); ++m)
            if (bundle.moved_by[m]) moved_[m].push_back(static_cast<std::uint32_t>(b));
        if (bundle.market < market_.size()) bundle.options.hoist(market_.base_spot(bundle.market));
        value(bundle);
    }
}

UnitLines UnitLines::in(Snapshot snapshot) const {
    std::vector<double> sizes;
    for (const Place& place : places_) sizes.push_back(place.size);
    return UnitLines(contracts_, sizes, std::move(snapshot));
}

bool UnitLines::is_like(const UnitLines& other) const noexcept {
    return bundles_.size() == other.bundles_.size() &&
           std::ranges::equal(places_, other.places_, [](const Place& a, const Place& b) {
               return a.bundle == b.bundle && a.status == b.status;
           });
}

/// All that tells bundles apart is of the series.
std::uint32_t UnitLines::bundle_for(std::size_t series) {
    const std::uint32_t i = contracts_->series_first[series];
    Bundle wanted;
    wanted.market = market_.market_of(series);
    for (std::size_t m = 0; m < market_.size(); ++m)
        wanted.moved_by.push_back(market_.moves_with(series, m));
    wanted.currency = contracts_->currency[i];
    wanted.kind = contracts_->kind[i];
    wanted.expired = market_.base(series).status == Status::expired;
    wanted.terms.margined = is_margined(wanted.kind);
    wanted.terms.option = wanted.kind == Kind::option;
    wanted.terms.cash = wanted.kind == Kind::cash;
    const auto found = std::ranges::find_if(bundles_, [&](const Bundle& b) {
        return b.market == wanted.market && b.moved_by == wanted.moved_by &&
               b.currency == wanted.currency && b.kind == wanted.kind &&
               b.expired == wanted.expired;
    });
    const auto number = static_cast<std::uint32_t>(found - bundles_.begin());
    if (found == bundles_.end()) bundles_.push_back(std::move(wanted));
    return number;
}

const std::vector<std::uint32_t>& UnitLines::move(std::size_t market, double spot) {
    market_.move(market, spot);
    statuses_changed_ = false;
    for (const std::uint32_t bundle : moved_[market]) value(bundles_[bundle]);
    return moved_[market];
}

void UnitLines::value(Bundle& bundle) {
    const std::uint32_t any = bundle.option_of.empty() ? bundle.others[0] : bundle.option_of[0];
    const SeriesMarket& s = market_[contracts_->series[any]];
    const bool in_money = bundle.terms.margined && s.inverse;  // sized in the quote currency
    bundle.terms.rate = std::isfinite(s.rate) ? s.rate : 0.0;
    const double quote_rate = std::isfinite(s.quote_rate) ? s.quote_rate : 0.0;
    bundle.terms.won_delta = in_money && !bundle.expired ? quote_rate : 0.0;
    bundle.terms.notional = bundle.terms.cash ? 0.0 : quote_rate * (in_money ? 1.0 : s.spot);
    for (const std::uint32_t i : bundle.others) value_other(i);
    if (bundle.options.size() > 0) value_options(bundle);
}

void UnitLines::value_options(Bundle& bundle) {
    constexpr std::size_t block = 128;
    constexpr std::array<std::size_t, 8> wanted{0, 1, 2, 3, 4, 5, 7, 8};  // of Greeks, by UnitLine
    alignas(64) double spots[block], log_moves[block], greeks[greek_count][block + 8];
    const double spot = market_.spot(bundle.market);
    std::ranges::fill(spots, spot);
    std::ranges::fill(log_moves, std::log(spot / market_.base_spot(bundle.market)));
    std::array<const double*, greek_count> all;
    for (std::size_t j = 0; j < greek_count; ++j) all[j] = greeks[j];
    std::array<const double*, 8> columns;
    for (std::size_t j = 0; j < 8; ++j) columns[j] = greeks[wanted[j]];
    const SeriesMarket& first = market_[contracts_->series[bundle.option_of[0]]];
    const double to_value = (first.inverse ? first.rate / spot : first.rate) / first.quote_rate;
    const double bound = OptionBlock::bound(first);  // of all series of one spot and rates
    for (std::size_t begin = 0; begin < bundle.options.size(); begin += block) {
        const std::size_t n = std::min(block, bundle.options.size() - begin);
        const std::span<const std::uint32_t> instruments(bundle.option_of.data() + begin, n);
        GreekColumns to;
        for (std::size_t j = 0; j < greek_count; ++j) to[j] = {greeks[j], n};
        bundle.options.greeks(begin, {spots, n}, {log_moves, n}, to);
        if (2.0 * sum_of_sizes(all, n) < bound) {
            double weights[block];
            for (std::size_t k = 0; k < n; ++k) {
                weights[k] = bundle.option_size[begin + k] * first.quote_rate;
                greeks[0][k] *= to_value;
                lines_[instruments[k]] = {};
                set_status(instruments[k], Status::ok);
            }
            add_grouped(columns, {weights, n}, instruments, lines_.data()->numbers.data(), 8);
            continue;
        }
        for (std::size_t k = 0; k < n; ++k) {
            Greeks unit;
            for (std::size_t j = 0; j < greek_count; ++j) (&unit.price)[j] = greeks[j][k];
            const SeriesMarket& series = market_[contracts_->series[instruments[k]]];
            const double worth = series.option_worth(unit.price);
            if (series.holds(worth, unit)) {
                put(instruments[k], series, unit, worth);
            } else {
                lines_[instruments[k]] = {};
                set_status(instruments[k], Status::not_a_number);
            }
        }
    }
}

void UnitLines::value_other(std::size_t i) {
    const SeriesMarket& series = market_[contracts_->series[i]];
    if (!is_valued(series.status)) {
        lines_[i] = {};
        return set_status(i, series.status);
    }
    if (series.kind != Kind::option) return put(i, series, series.greeks, series.worth);
    const Greeks unit =
        series.closing(contracts_->right[i], contracts_->strike[i], contracts_->log_strike[i]);
    const double worth = series.option_worth(unit.price);
    if (series.holds(worth, unit)) return put(i, series, unit, worth);
    lines_[i] = {};
    set_status(i, Status::not_a_number);
}

void UnitLines::put(std::size_t i, const SeriesMarket& series, const Greeks& unit, double worth) {
    const double size = places_[i].size, scale = size * series.quote_rate;
    lines_[i].numbers = {size * worth * series.rate, scale * unit.delta, scale * unit.gamma,
                         scale * unit.vega,          scale * unit.theta, scale * unit.rho,
                         scale * unit.vanna,         scale * unit.volga};
    set_status(i, series.status);
}

void UnitLines::set_status(std::size_t i, Status status) noexcept {
    statuses_changed_ = statuses_changed_ || places_[i].status != status;
    places_[i].status = status;
}

}  // namespace hedgerow
