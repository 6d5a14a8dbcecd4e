#include "hedgerow/book/exposures.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cells.hpp"
#include "hedgerow/base/error.hpp"
#include "measures.hpp"

namespace hedgerow {

namespace {

/// An exchange rate as a product of powers of spots: what they were, what it was, what it is.
struct MovingRate {
    double base = 0, now = 0;
    std::vector<int> powers;  // per market
};

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

/// Rows of one market's options that are valued by the formula, as the formula takes them.
struct OptionRows {
    std::vector<double> right, strike, time, volatility, rate, carry, held, cost;
    std::vector<double> growth, discount, log_moneyness, inverse_deviation, root_time;
    std::vector<std::uint32_t> cell;

    std::size_t size() const noexcept { return cell.size(); }

    /// The formula's inputs of rows [begin, begin + n), whose spots are given.
    BsmColumns options(std::size_t begin, std::span<const double> spots) const {
        const auto part = [&](const std::vector<double>& column) {
            return std::span(column).subspan(begin, spots.size());
        };
        return {part(right),      spots,      part(strike), part(time),
                part(volatility), part(rate), part(carry)};
    }

    BsmHoisted hoisted(std::size_t begin, std::size_t n) {
        const auto part = [&](std::vector<double>& column) {
            return std::span(column).subspan(begin, n);
        };
        return {part(growth), part(discount), part(log_moneyness), part(inverse_deviation),
                part(root_time)};
    }

    /// Makes the hoisted columns of all rows.
    void hoist(double spot) {
        for (auto* column : {&growth, &discount, &log_moneyness, &inverse_deviation, &root_time})
            column->resize(size());
        const std::vector<double> spots(size(), spot);
        bsm_hoist(options(0, spots), hoisted(0, size()));
    }
};

/// Expired options, worth what their rights pay on the spot.
struct ExpiredRow {
    double right, strike, held, cost;
    std::uint32_t cell;
};

/// What moves with one underlying.
struct Market {
    double base_spot = 1, spot = 1;
    OptionRows options;
    std::vector<ExpiredRow> expired;
    std::vector<std::uint32_t> cells;
};

}  // namespace

struct Exposures::State {
    Snapshot snapshot;
    MeasureList measures;
    std::size_t groups;
    std::vector<SeriesMarket> base, now;  // by series
    std::vector<std::size_t> market_of;   // by series; beyond the last where there is none
    std::vector<std::size_t> rate_of, quote_rate_of;  // by series, into `rates`
    std::vector<MovingRate> rates;
    std::vector<Market> markets;
    std::vector<Cell> cells;
    CellSums fixed, sums;  // of what no move changes, and all
    OptionBlock block;
    alignas(64) double spots[OptionBlock::capacity];
    alignas(64) double log_moves[OptionBlock::capacity];
    std::vector<double> totals, by_group;
    std::vector<std::uint64_t> positions, excluded, unknown_cost;

    State(const Book& book, const Snapshot& its_snapshot, const Groups& of,
          std::span<const Measure> wanted, const Groups& cell_rows)
        : snapshot(its_snapshot),
          measures(wanted),
          groups(of.count()),
          base(resolve_series(*book.contracts(), snapshot)),
          now(base),
          fixed(cell_rows.count(), measures.greeks().size()),
          sums(fixed),
          block(measures, sums),
          totals(groups * measures.size()),
          by_group(groups * measures.size()),
          positions(groups),
          excluded(groups),
          unknown_cost(groups) {
        for (const UnderlyingMarket& market : snapshot.markets())
            markets.push_back({market.spot(), market.spot(), {}, {}, {}});
        resolve_rates(*book.contracts());
        for (const std::uint32_t row : cell_rows.first) {
            const Lot lot(book, row, of.of_row[row]);
            const auto cell = static_cast<std::uint32_t>(cells.size());
            cells.push_back(cell_at(lot.group, place_of(lot, *book.contracts())));
            const std::size_t market = market_of[cells.back().series];
            if (market < markets.size()) markets[market].cells.push_back(cell);
        }
        const Members rows = members(cell_rows);
        for (std::size_t cell = 0; cell < cells.size(); ++cell)
            for (const std::uint32_t row : rows.of(cell))
                place(*book.contracts(), Lot(book, row, cells[cell].group),
                      static_cast<std::uint32_t>(cell));
        sums = fixed;
        for (Market& market : markets) market.options.hoist(market.base_spot);
        for (std::size_t m = 0; m < markets.size(); ++m) revalue(m);
        net();
    }

    /// The number of a currency's rate, made where it is new.
    std::size_t rate_number(std::vector<std::string>& names, const std::string& currency,
                            double rate) {
        const auto found = std::ranges::find(names, currency);
        if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
        names.push_back(currency);
        rates.push_back({rate, rate, powers_of(snapshot, currency)});
        return names.size() - 1;
    }

    void resolve_rates(const ContractColumns& contracts) {
        std::vector<std::string> names;
        for (std::size_t s = 0; s < base.size(); ++s) {
            const std::uint32_t c = contracts.series_first[s];
            const UnderlyingMarket* market =
                snapshot.market(contracts.underlyings[contracts.underlying[c]]);
            const std::string& currency = contracts.currencies[contracts.currency[c]];
            const std::string& quote = market ? market->quote_currency() : currency;
            market_of.push_back(market
                                    ? static_cast<std::size_t>(market - snapshot.markets().data())
                                    : markets.size());
            rate_of.push_back(rate_number(names, currency, base[s].rate));
            quote_rate_of.push_back(rate_number(names, quote, base[s].quote_rate));
        }
    }

    /// Puts a position where moves will find it.
    void place(const ContractColumns& contracts, const Lot& lot, std::uint32_t cell) {
        const std::uint32_t series = contracts.series[lot.contract];
        const SeriesMarket& s = base[series];
        fixed.positions[cell] += lot.positions;
        if (!lot.valid) {
            fixed.excluded[cell] += lot.positions;
            return;
        }
        fixed.cost[cell] += lot.cost;
        if (s.kind != Kind::option) {
            fixed.held[cell] += lot.held;
            return;
        }
        const double right = contracts.right[lot.contract], strike = contracts.strike[lot.contract];
        if (s.status == Status::expired)
            markets[market_of[series]].expired.push_back({right, strike, lot.held, lot.cost, cell});
        if (!s.is_live_option()) return;
        OptionRows& rows = markets[market_of[series]].options;
        rows.right.push_back(right);
        rows.strike.push_back(strike);
        rows.time.push_back(s.time);
        rows.volatility.push_back(s.smile->volatility(strike, contracts.log_strike[lot.contract]));
        rows.rate.push_back(s.interest);
        rows.carry.push_back(s.carry);
        rows.held.push_back(lot.held);
        rows.cost.push_back(lot.cost);
        rows.cell.push_back(cell);
    }

    /// Rates and series after a move.
    void follow() noexcept {
        for (MovingRate& rate : rates) {
            rate.now = rate.base;
            for (std::size_t m = 0; m < markets.size(); ++m) {
                const double factor = markets[m].spot / markets[m].base_spot;
                for (int k = 0; k < rate.powers[m]; ++k) rate.now *= factor;
                for (int k = 0; k > rate.powers[m]; --k) rate.now /= factor;
            }
        }
        for (std::size_t s = 0; s < now.size(); ++s) {
            now[s].rate = rates[rate_of[s]].now;
            now[s].quote_rate = rates[quote_rate_of[s]].now;
            if (market_of[s] < markets.size()) {
                const Market& market = markets[market_of[s]];
                now[s].spot = market.spot;
                now[s].price = base[s].price * (market.spot / market.base_spot);
            }
            now[s].revalue();
        }
    }

    const SeriesMarket& series_of(std::uint32_t cell) const noexcept {
        return now[cells[cell].series];
    }

    void exclude(std::uint32_t cell, double cost) noexcept {
        ++sums.excluded[cell];
        sums.cost[cell] -= cost;
    }

    /// The sums of one market's cells.
    void revalue(std::size_t number) {
        Market& market = markets[number];
        OptionRows& rows = market.options;
        double bound = 1e300;
        for (const std::uint32_t cell : market.cells) {
            std::fill_n(sums.greeks.data() + cell * sums.width, sums.width, 0.0);
            sums.cost[cell] = fixed.cost[cell];
            sums.excluded[cell] = fixed.excluded[cell];
            bound = std::min(bound, OptionBlock::bound(series_of(cell)));
        }
        std::ranges::fill(spots, market.spot);
        std::ranges::fill(log_moves, std::log(market.spot / market.base_spot));
        for (std::size_t begin = 0; begin < rows.size(); begin += OptionBlock::capacity) {
            const std::size_t n = std::min(OptionBlock::capacity, rows.size() - begin);
            block.add(
                [&](const GreekColumns& to) {
                    bsm_moved_greeks(rows.options(begin, {spots, n}), rows.hoisted(begin, n),
                                     {log_moves, n}, to);
                },
                std::span(rows.held).subspan(begin, n), std::span(rows.cell).subspan(begin, n),
                bound,
                [&](std::size_t i) -> const SeriesMarket& {
                    return series_of(rows.cell[begin + i]);
                },
                [&](std::size_t i) { exclude(rows.cell[begin + i], rows.cost[begin + i]); });
        }
        const bool values = !measures.greeks().empty() && measures.greeks().front() == 0;
        for (const ExpiredRow& row : market.expired) {
            const SeriesMarket& s = series_of(row.cell);
            Greeks g;
            g.price = s.intrinsic(row.right, row.strike);
            if (!s.holds(s.option_worth(g.price), g))
                exclude(row.cell, row.cost);
            else if (values)
                sums.greeks[row.cell * sums.width] += row.held * g.price;
        }
    }

    /// The measures of all cells, by group.
    void net() noexcept {
        const std::size_t width = measures.size();
        std::ranges::fill(by_group, 0.0);
        std::ranges::fill(positions, 0);
        std::ranges::fill(excluded, 0);
        std::ranges::fill(unknown_cost, 0);
        for (std::size_t cell = 0; cell < cells.size(); ++cell) {
            const auto [group, series, known] = cells[cell];
            const SeriesMarket& s = now[series];
            const bool valued = is_valued(s.status);
            const std::uint64_t left_out = valued ? sums.excluded[cell] : sums.positions[cell];
            positions[group] += sums.positions[cell];
            excluded[group] += left_out;
            if (!known) unknown_cost[group] += sums.positions[cell] - left_out;
            if (valued)
                measures.add(s, sums.greeks.data() + cell * sums.width, sums.held[cell],
                             sums.cost[cell], known, by_group.data() + group * width);
        }
        for (std::size_t j = 0; j < width; ++j)
            for (std::size_t group = 0; group < groups; ++group)
                totals[j * groups + group] = by_group[group * width + j];
    }
};

Exposures::Exposures(const Book& book, const Snapshot& snapshot, const Groups& groups,
                     std::span<const Measure> measures) {
    require_rows(groups, book);
    const ContractColumns& contracts = *book.contracts();
    std::vector<std::uint32_t> places(book.size());  // of a group's cells
    for (std::size_t i = 0; i < book.size(); ++i) places[i] = place_of(Lot(book, i, 0), contracts);
    const GroupKey keys[] = {
        {groups.of_row, static_cast<std::uint32_t>(groups.count())},
        {places, static_cast<std::uint32_t>(2 * contracts.series_first.size())}};
    state_ =
        std::make_unique<State>(book, snapshot, groups, measures, group_rows(keys, book.size()));
}

Exposures::~Exposures() = default;
Exposures::Exposures(Exposures&&) noexcept = default;
Exposures& Exposures::operator=(Exposures&&) noexcept = default;

void Exposures::move(std::size_t underlying, double spot) {
    state_->markets.at(underlying).spot = require_positive("spot", spot);
    state_->follow();
    state_->revalue(underlying);
    state_->net();
}

std::size_t Exposures::find(std::string_view underlying) const {
    const std::vector<UnderlyingMarket>& markets = state_->snapshot.markets();
    const auto found = std::ranges::find(markets, underlying, &UnderlyingMarket::underlying);
    if (found == markets.end())
        throw InvalidInput("underlying", std::string(underlying), "must be in the snapshot");
    return static_cast<std::size_t>(found - markets.begin());
}

double Exposures::spot(std::size_t underlying) const noexcept {
    return state_->markets[underlying].spot;
}

std::size_t Exposures::groups() const noexcept {
    return state_->groups;
}

const std::vector<Measure>& Exposures::measures() const noexcept {
    return state_->measures.measures();
}

std::span<const double> Exposures::sums() const noexcept {
    return state_->totals;
}

std::span<const std::uint64_t> Exposures::positions() const noexcept {
    return state_->positions;
}

std::span<const std::uint64_t> Exposures::excluded() const noexcept {
    return state_->excluded;
}

std::span<const std::uint64_t> Exposures::unknown_cost() const noexcept {
    return state_->unknown_cost;
}

}  // namespace hedgerow
