#include "margin_scan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "../price/averaged.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/base/revaluation.hpp"
#include "hedgerow/formula/revaluation.hpp"
#include "hedgerow/math/normal.hpp"

namespace hedgerow::risk {

namespace {

constexpr std::size_t batch_size = 128;
/// Nothing that is multiplied by largest_amount units and added up overflows below this.
constexpr double largest_row = 1e200;

bool needs_delta(const MarginRules& rules) {
    return std::ranges::any_of(rules.add_ons(), [](const AddOn& add_on) {
        return std::holds_alternative<DeltaMinimum>(add_on) ||
               std::holds_alternative<CalendarSpreadCharge>(add_on) ||
               std::holds_alternative<BasisCharge>(add_on);
    });
}

/// Deviations of one option: the volatilities of its expiry's term, times sqrt(T).
void set_deviations(const TermMoves& term, double volatility, std::size_t width,
                    double* deviation) noexcept {
    const double *scale = term.scale.data(), *shift = term.shift.data(), *floor = term.floor.data();
    const double root = term.root_time;
    for (std::size_t j = 0; j < width; ++j) {
        const double moved = volatility * scale[j] + shift[j];
        deviation[j] = (moved > floor[j] ? moved : floor[j]) * root;
    }
}

/// Sum of absolute values. Four at a time: each addition waits for the one before it.
double size_of(const double* row, std::size_t width) noexcept {
    double sums[4] = {0, 0, 0, 0};
    for (std::size_t j = 0; j < width; j += 4)
        for (std::size_t k = 0; k < 4; ++k) sums[k] += std::abs(row[j + k]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

MarginGrid::MarginGrid(const MarginRules& rules) : scenarios(rules.scenarios().size()), width(0) {
    std::vector<MarginScenario> all = rules.scenarios();
    const auto place = [&](double spot_factor) {
        const MarginScenario wanted{spot_factor, 0, 0};
        const auto same = [&](const MarginScenario& s) {
            return s.volatility_move == 0 && std::abs(s.spot_factor - spot_factor) < 1e-12;
        };
        const auto found = std::ranges::find_if(all, same);
        if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
        all.push_back(wanted);
        return all.size() - 1;
    };
    for (const AddOn& add_on : rules.add_ons())
        if (const auto* contingency = std::get_if<BasisContingency>(&add_on)) {
            down = place(1 - contingency->spot_move);
            up = place(1 + contingency->spot_move);
        }
    width = (all.size() + scenario_lanes - 1) / scenario_lanes * scenario_lanes;
    if (width > scenario_tile)
        throw InvalidInput("scenarios", static_cast<double>(scenarios),
                           "must be at most " + std::to_string(scenario_tile));
    all.resize(width, {1, 0, 0});
    for (const MarginScenario& s : all) {
        spot_factor.push_back(s.spot_factor);
        log_spot_factor.push_back(std::log(s.spot_factor));
        volatility_move.push_back(s.volatility_move);
        weight.push_back(s.weight);
    }
    std::fill(weight.begin() + static_cast<std::ptrdiff_t>(scenarios), weight.end(), 0.0);
}

MarginScan::MarginScan(std::shared_ptr<const ContractColumns> contracts, const Snapshot& snapshot,
                       const MarginRules& rules, ThreadPool* pool)
    : contracts_(std::move(contracts)),
      volatility_(rules.volatility()),
      look_ahead_(rules.look_ahead()),
      with_delta_(needs_delta(rules)),
      grid_(rules),
      unit_of_(contracts_->size()),
      implied_(contracts_->size()),
      status_(contracts_->size()),
      risk_(contracts_->size()),
      rows_(make_large_array(contracts_->size() * grid_.width)) {
    for (const std::string& underlying : contracts_->underlyings) {
        units_.emplace_back();
        units_.back().underlying = underlying;
    }
    rescan(snapshot, pool);
}

void MarginScan::rescan(const Snapshot& snapshot, ThreadPool* pool) {
    reporting_ = snapshot.rates().reporting();
    base_ = resolve_series(*contracts_, snapshot);
    now_ = base_;
    set_terms(snapshot);
    place_instruments(snapshot);
    const std::size_t chunks = (order_.size() + batch_size - 1) / batch_size;
    run_chunks(pool, chunks, [&](std::size_t chunk) noexcept {
        const std::size_t begin = chunk * batch_size;
        const std::size_t n = std::min(batch_size, order_.size() - begin);
        const auto part = std::span(order_).subspan(begin, n);
        for (const std::uint32_t c : part)
            if (const SeriesMarket& s = base_[contracts_->series[c]];
                s.kind == Kind::option && s.status == Status::ok)
                implied_[c] = s.smile->volatility(contracts_->strike[c], contracts_->log_strike[c]);
        scan(part);
    });
}

void MarginScan::set_terms(const Snapshot& snapshot) {
    terms_.clear();
    for (const Slice& slice : contracts_->slices) {
        TermMoves& term = terms_.emplace_back();
        term.time = year_fraction(snapshot.as_of(), slice.expiry);
        term.root_time = std::sqrt(std::max(term.time - look_ahead_, 0.0));
        const double factor = term_factor(volatility_, 365 * term.time);
        for (const double move : grid_.volatility_move) {
            const double size = (move < 0 ? volatility_.down : volatility_.up) * move * factor;
            const bool relative = volatility_.shift == VolatilityShift::relative;
            term.scale.push_back(relative ? 1 + size : 1.0);
            term.shift.push_back(relative ? 0.0 : size);
            term.floor.push_back(move > 0 ? volatility_.floor : 0.0);
        }
    }
    growth_.clear();
    discount_.clear();
    for (const SeriesMarket& s : base_) {
        growth_.push_back(std::exp((s.carry - s.interest) * s.time));
        discount_.push_back(std::exp(-s.interest * s.time));
    }
}

void MarginScan::place_instruments(const Snapshot& snapshot) {
    const ContractColumns& c = *contracts_;
    const UnderlyingMarket* coin = snapshot.market(reporting_);
    if (coin && std::ranges::find(units_, reporting_, &UnitMarket::underlying) == units_.end()) {
        units_.emplace_back();
        units_.back().underlying = reporting_;
    }
    worth_.clear();
    for (const double factor : grid_.spot_factor) worth_.push_back(1 / factor);
    std::size_t reporting_unit = no_unit;
    for (std::size_t u = 0; u < units_.size(); ++u) {
        UnitMarket& unit = units_[u];
        const UnderlyingMarket* market = snapshot.market(unit.underlying);
        unit.known = market != nullptr;
        unit.reporting = market && unit.underlying == reporting_;
        if (unit.reporting) reporting_unit = u;
        unit.instruments.clear();
        if (!market) continue;
        unit.base_spot = unit.spot = market->spot();
        const ExchangeRates& rates = snapshot.rates();
        unit.base_quote_rate = rates.rate(market->quote_currency()).value_or(0);
        const double implied = unit.base_quote_rate * unit.spot;
        unit.base_coin_rate = rates.rate(unit.underlying).value_or(implied);
        unit.quote_rate = unit.base_quote_rate;
        unit.coin_rate = unit.base_coin_rate;
    }
    for (std::uint32_t i = 0; i < c.size(); ++i) {
        unit_of_[i] = c.underlying[i];
        const bool money = c.kind[i] == Kind::cash && !units_[unit_of_[i]].known;
        if (money && coin && c.currencies[c.currency[i]] == coin->quote_currency())
            unit_of_[i] = static_cast<std::uint32_t>(reporting_unit);
        units_[unit_of_[i]].instruments.push_back(i);
    }
    order_.clear();
    for (const UnitMarket& unit : units_)
        order_.insert(order_.end(), unit.instruments.begin(), unit.instruments.end());
}

void MarginScan::set_unit(UnitMarket& unit, double spot) noexcept {
    unit.spot = spot;
    const double ratio = spot / unit.base_spot;
    unit.quote_rate = unit.reporting ? unit.base_quote_rate / ratio : unit.base_quote_rate;
    unit.coin_rate = unit.reporting ? 1 : unit.base_coin_rate * ratio;
    for (const std::uint32_t i : unit.instruments) {
        const std::uint32_t number = contracts_->series[i];
        const SeriesMarket& base = base_[number];
        SeriesMarket& now = now_[number];
        if (now.spot == spot && base.has_underlying) continue;  // as all of a series but the first
        now = base;
        if (base.has_underlying) now.spot = spot;
        const bool in_coin = base.inverse || (base.kind == Kind::cash && base.has_underlying);
        if (unit.reporting) {
            now.quote_rate /= ratio;
            if (!in_coin) now.rate /= ratio;
        } else if (in_coin) {
            now.rate *= ratio;
        }
        if (is_margined(base.kind)) now.price *= ratio;
        now.revalue();
    }
}

void MarginScan::move(std::size_t number, double spot) {
    UnitMarket& unit = units_[number];
    set_unit(unit, spot);
    const std::span<const std::uint32_t> all = unit.instruments;
    for (std::size_t begin = 0; begin < all.size(); begin += batch_size)
        scan(all.subspan(begin, std::min(batch_size, all.size() - begin)));
}

struct MarginScan::Batch {
    std::array<HoistedOption<double>, batch_size> options;
    std::array<std::uint32_t, batch_size> instruments;
    std::size_t size = 0;
};

void MarginScan::scan(std::span<const std::uint32_t> instruments) noexcept {
    Batch batch;
    for (const std::uint32_t i : instruments) {
        const SeriesMarket& s = now_[contracts_->series[i]];
        status_[i] = s.status;
        risk_[i] = {};
        std::fill_n(rows_.get() + i * grid_.width, grid_.width, 0.0);
        if (s.status != Status::ok) continue;
        if (s.is_live_option())
            hoist_option(i, batch);
        else if (s.is_averaged())
            scan_averaged(i);
        else
            scan_linear(i);
    }
    scan_options(batch);
}

void MarginScan::hoist_option(std::uint32_t i, Batch& batch) noexcept {
    const std::uint32_t series = contracts_->series[i];
    const SeriesMarket& s = now_[series];
    const double strike = contracts_->strike[i], multiplier = contracts_->multiplier[i];
    const MarketOption option{contracts_->right[i],
                              std::log(s.spot / strike) + s.carry * s.time,
                              s.time,
                              implied_[i],
                              s.spot * growth_[series],
                              strike * discount_[series]};
    const double rate = s.inverse ? s.rate / s.spot : s.quote_rate;
    batch.options[batch.size] = hoist<double>(option, value_unit(option) * rate * multiplier);
    batch.instruments[batch.size++] = i;
    risk_[i].size = multiplier;
    if (!with_delta_) return;
    // Where nothing is left of the volatility, all mass is on one side.
    const double deviation = std::max(option.volatility * std::sqrt(s.time), 1e-290);
    const double d1 = option.log_moneyness / deviation + 0.5 * deviation;
    risk_[i].delta = option.right * growth_[series] * normal_cdf(option.right * d1) * multiplier;
}

void MarginScan::scan_options(Batch& batch) noexcept {
    set_bases(std::span(batch.options).first(batch.size));
    const ScenarioRow<double> row{grid_.spot_factor.data(), grid_.log_spot_factor.data(),
                                  grid_.volatility_move.data(), grid_.width};
    alignas(64) double deviation[scenario_tile];
    for (std::size_t k = 0; k < batch.size; ++k) {
        const std::uint32_t i = batch.instruments[k];
        const TermMoves& term = terms_[contracts_->slice[i]];
        set_deviations(term, implied_[i], grid_.width, deviation);
        const HoistedOption<double>& option = batch.options[k];
        add_changes(option, deviation, row, rows_.get() + i * grid_.width);
        risk_[i].value = option.weight * option.base;
        finish(i, risk_[i].value);
    }
}

/// An option or future whose settlement price is being averaged.
void MarginScan::scan_averaged(std::uint32_t i) noexcept {
    const SeriesMarket& s = now_[contracts_->series[i]];
    const bool option = s.kind == Kind::option;
    const double right = contracts_->right[i], strike = contracts_->strike[i];
    const double rate = s.inverse ? s.rate / s.spot : s.quote_rate;  // of the quote currency
    const double multiplier = contracts_->multiplier[i], scale = multiplier * rate;
    const Greeks unit = option ? averaged_option(s, right, strike, implied_[i]) : s.greeks;
    // What is won on a coin future is won in coins.
    const double won = option || !s.inverse ? 0.0 : s.worth;
    risk_[i].delta = (unit.delta - won) * multiplier;
    risk_[i].size = option ? multiplier : std::abs(risk_[i].delta);
    risk_[i].value = option ? unit.price * scale : 0.0;
    risk_[i].accrued = option ? 0.0 : s.worth * multiplier;
    alignas(64) double deviation[scenario_tile];
    if (option) set_deviations(terms_[contracts_->slice[i]], implied_[i], grid_.width, deviation);
    double* row = rows_.get() + i * grid_.width;
    for (std::size_t j = 0; j < grid_.width; ++j) {
        SeriesMarket then = s;
        then.spot *= grid_.spot_factor[j];
        if (option)
            then.greeks = averaged_option(then, right, strike, deviation[j] / std::sqrt(s.time));
        else
            then.revalue();
        row[j] = (then.greeks.price - unit.price - won * (then.spot - s.spot)) * scale;
    }
    finish(i, risk_[i].value);
}

void MarginScan::scan_linear(std::uint32_t i) noexcept {
    const SeriesMarket& s = now_[contracts_->series[i]];
    const double multiplier = contracts_->multiplier[i];
    double slope = 0, value = 0;  // gain per move of 100 %, and what is worth now
    switch (s.kind) {
        case Kind::cash:
            value = s.rate;
            slope = s.has_underlying ? s.rate : 0.0;
            break;
        case Kind::spot:
            value = slope = s.quote_rate * s.spot;
            break;
        default:
            slope = s.inverse ? -s.rate * s.worth : s.quote_rate * s.worth;
    }
    const double coin_delta = s.inverse ? -s.worth : s.greeks.delta;
    risk_[i].delta = coin_delta * multiplier;
    risk_[i].size = s.kind == Kind::cash ? 0.0 : std::abs(risk_[i].delta);
    risk_[i].accrued = is_margined(s.kind) ? s.worth * multiplier : 0.0;
    double* row = rows_.get() + i * grid_.width;
    for (std::size_t j = 0; j < grid_.width; ++j)
        row[j] = slope * multiplier * (grid_.spot_factor[j] - 1);
    finish(i, value * multiplier);
}

void MarginScan::finish(std::uint32_t i, double value) noexcept {
    double* row = rows_.get() + i * grid_.width;
    if (units_[unit_of_[i]].reporting)
        for (std::size_t j = 0; j < grid_.width; ++j)
            row[j] = row[j] * worth_[j] + value * (worth_[j] - 1);
    const double size = std::abs(value) + std::abs(risk_[i].delta) + std::abs(risk_[i].accrued) +
                        size_of(row, grid_.width);
    if (size < largest_row) return;
    status_[i] = Status::not_a_number;
    risk_[i] = {};
    std::fill_n(row, grid_.width, 0.0);
}

}  // namespace hedgerow::risk
