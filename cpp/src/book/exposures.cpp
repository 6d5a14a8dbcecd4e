#include "hedgerow/book/exposures.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "cells.hpp"
#include "hedgerow/base/error.hpp"
#include "measures.hpp"
#include "moving_market.hpp"

namespace hedgerow {

namespace {

/// Rows of one market's options that are valued by the formula: what is held of each.
struct OptionRows {
    MovingOptions options;
    std::vector<double> held, cost;
    std::vector<std::uint32_t> cell;

    std::size_t size() const noexcept { return cell.size(); }
};

/// An option that has expired or whose settlement window has begun.
struct ClosingRow {
    double right, strike, log_strike, held, cost;
    std::uint32_t cell;
};

/// What moves with one underlying.
struct Market {
    OptionRows options;
    std::vector<ClosingRow> closing;
    std::vector<std::uint32_t> cells;
};

}  // namespace

struct Exposures::State {
    MovingMarket market;
    MeasureList measures;
    std::size_t groups;
    std::vector<Market> markets;
    std::vector<Cell> cells;
    CellSums fixed, sums;  // of what no move changes, and all
    OptionBlock block;
    alignas(64) double spots[OptionBlock::capacity];
    alignas(64) double log_moves[OptionBlock::capacity];
    std::vector<double> totals, by_group;
    std::vector<std::uint64_t> positions, excluded, unknown_cost;

    State(const Book& book, const Snapshot& snapshot, const Groups& of,
          std::span<const Measure> wanted, const Groups& cell_rows)
        : market(*book.contracts(), snapshot),
          measures(wanted),
          groups(of.count()),
          markets(market.size()),
          fixed(cell_rows.count(), measures.greeks().size()),
          sums(fixed),
          block(measures, sums),
          totals(groups * measures.size()),
          by_group(groups * measures.size()),
          positions(groups),
          excluded(groups),
          unknown_cost(groups) {
        for (const std::uint32_t row : cell_rows.first) {
            const Lot lot(book, row, of.of_row[row]);
            const auto cell = static_cast<std::uint32_t>(cells.size());
            cells.push_back(cell_at(lot.group, place_of(lot, *book.contracts())));
            const std::size_t m = market.market_of(cells.back().series);
            if (m < markets.size()) markets[m].cells.push_back(cell);
        }
        const Members rows = members(cell_rows);
        for (std::size_t cell = 0; cell < cells.size(); ++cell)
            for (const std::uint32_t row : rows.of(cell))
                place(*book.contracts(), Lot(book, row, cells[cell].group),
                      static_cast<std::uint32_t>(cell));
        sums = fixed;
        for (std::size_t m = 0; m < markets.size(); ++m) {
            markets[m].options.options.hoist(market.base_spot(m));
            revalue(m);
        }
        net();
    }

    /// Puts a position where moves will find it.
    void place(const ContractColumns& contracts, const Lot& lot, std::uint32_t cell) {
        const std::uint32_t series = contracts.series[lot.contract];
        const SeriesMarket& s = market.base(series);
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
        const double log_strike = contracts.log_strike[lot.contract];
        if (s.is_closing_option())
            markets[market.market_of(series)].closing.push_back(
                {right, strike, log_strike, lot.held, lot.cost, cell});
        if (!s.is_live_option()) return;
        OptionRows& rows = markets[market.market_of(series)].options;
        rows.options.add(s, right, strike, log_strike);
        rows.held.push_back(lot.held);
        rows.cost.push_back(lot.cost);
        rows.cell.push_back(cell);
    }

    const SeriesMarket& series_of(std::uint32_t cell) const noexcept {
        return market[cells[cell].series];
    }

    void exclude(std::uint32_t cell, double cost) noexcept {
        ++sums.excluded[cell];
        sums.cost[cell] -= cost;
    }

    /// The sums of one market's cells.
    void revalue(std::size_t number) {
        Market& moved = markets[number];
        OptionRows& rows = moved.options;
        double bound = 1e300;
        for (const std::uint32_t cell : moved.cells) {
            std::fill_n(sums.greeks.data() + cell * sums.width, sums.width, 0.0);
            sums.cost[cell] = fixed.cost[cell];
            sums.excluded[cell] = fixed.excluded[cell];
            bound = std::min(bound, OptionBlock::bound(series_of(cell)));
        }
        const double spot = market.spot(number);
        std::ranges::fill(spots, spot);
        std::ranges::fill(log_moves, std::log(spot / market.base_spot(number)));
        for (std::size_t begin = 0; begin < rows.size(); begin += OptionBlock::capacity) {
            const std::size_t n = std::min(OptionBlock::capacity, rows.size() - begin);
            block.add(
                [&](const GreekColumns& to) {
                    rows.options.greeks(begin, {spots, n}, {log_moves, n}, to);
                },
                std::span(rows.held).subspan(begin, n), std::span(rows.cell).subspan(begin, n),
                bound,
                [&](std::size_t i) -> const SeriesMarket& {
                    return series_of(rows.cell[begin + i]);
                },
                [&](std::size_t i) { exclude(rows.cell[begin + i], rows.cost[begin + i]); });
        }
        for (const ClosingRow& row : moved.closing) {
            const SeriesMarket& s = series_of(row.cell);
            const Greeks unit = s.closing(row.right, row.strike, row.log_strike);
            if (s.holds(s.option_worth(unit.price), unit))
                sums.add(row.cell, unit, row.held, measures);
            else
                exclude(row.cell, row.cost);
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
            const SeriesMarket& s = market[series];
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
    if (underlying >= state_->markets.size())
        throw InvalidInput("underlying", std::to_string(underlying), "must be one of the snapshot");
    state_->market.move(underlying, require_positive("spot", spot));
    state_->revalue(underlying);
    state_->net();
}

std::size_t Exposures::find(std::string_view underlying) const {
    return state_->market.find(underlying);
}

double Exposures::spot(std::size_t underlying) const noexcept {
    return state_->market.spot(underlying);
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
