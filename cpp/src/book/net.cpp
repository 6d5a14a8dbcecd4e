// Sums of a book's measures over groups of rows, without a value per row: positions of one
// contract are added up first where contracts are few; then options are valued block by block in
// scratch, and their Greeks go from there into the sums of their cell, which is a group and a
// series; measures are made of these sums at the end.
#include <algorithm>
#include <utility>

#include "cells.hpp"
#include "hedgerow/book/valuation.hpp"

namespace hedgerow {

void CellSums::add(const CellSums& more) noexcept {
    const auto plus = [](auto& sums, const auto& others) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += others[i];
    };
    plus(greeks, more.greeks);
    plus(held, more.held);
    plus(cost, more.cost);
    plus(positions, more.positions);
    plus(excluded, more.excluded);
}

namespace {

/// Rows that one chunk of work adds up.
constexpr std::size_t rows_per_chunk = 32768;
/// Up to so many cells every chunk of rows keeps sums of its own for all of them.
constexpr std::size_t few_cells = 4096;
/// Positions are added up per contract where each is held so often.
constexpr std::size_t worth_adding_up = 4;

std::size_t chunks_of(std::size_t rows) {
    return (rows + rows_per_chunk - 1) / rows_per_chunk;
}

/// Positions added up by contract, group, and whether they and their costs can be counted with;
/// nothing where that would not leave far fewer than there are rows.
std::vector<Lot> add_up(const Book& book, const Groups& groups, ThreadPool* pool) {
    const std::size_t rows = book.size(), kinds = 3;
    const std::size_t contracts = book.contracts()->size();
    const std::size_t places = contracts * groups.count() * kinds;
    if (contracts * worth_adding_up > rows || places > std::max(rows, few_cells)) return {};
    const auto place = [&](const Lot& lot) {
        const std::size_t kind = lot.valid ? lot.known ? 0 : 1 : 2;
        return (std::size_t{lot.group} * contracts + lot.contract) * kinds + kind;
    };
    std::vector<std::uint32_t> number(places, 0);
    std::vector<Lot> lots;
    for (std::size_t i = 0; i < rows; ++i) {
        Lot lot(book, i, groups.of_row[i]);
        std::uint32_t& its = number[place(lot)];
        if (its != 0) continue;
        lot.held = lot.cost = 0;
        lot.positions = 0;
        lots.push_back(lot);
        its = static_cast<std::uint32_t>(lots.size());
    }
    if (lots.empty() || lots.size() * worth_adding_up > rows) return {};
    // Every chunk of rows adds up on its own; there are no more of them than keeps that small.
    const std::size_t chunks =
        std::min(chunks_of(rows), std::max<std::size_t>(rows / (4 * lots.size()), 1));
    const std::size_t per_chunk = (rows + chunks - 1) / chunks;
    std::vector<std::vector<Lot>> partial(chunks, lots);
    run_chunks(pool, chunks, [&](std::size_t chunk) {
        Lot* const sums = partial[chunk].data();
        const std::size_t end = std::min(rows, (chunk + 1) * per_chunk);
        for (std::size_t i = chunk * per_chunk; i < end; ++i) {
            const Lot lot(book, i, groups.of_row[i]);
            Lot& sum = sums[number[place(lot)] - 1];
            sum.held += lot.held;
            sum.cost += lot.cost;
            ++sum.positions;
        }
    });
    for (const std::vector<Lot>& part : partial)
        for (std::size_t k = 0; k < lots.size(); ++k) {
            lots[k].held += part[k].held;
            lots[k].cost += part[k].cost;
            lots[k].positions += part[k].positions;
        }
    return lots;
}

/// Adds lots to the sums of cells.
class Adder {
  public:
    Adder(const ContractColumns& contracts, const std::vector<SeriesMarket>& series,
          const MeasureList& measures, CellSums& sums)
        : contracts_(contracts),
          series_(series),
          measures_(measures),
          sums_(sums),
          options_(contracts, measures, sums) {}

    void add(const Lot& lot, std::uint32_t cell) {
        const SeriesMarket& s = series_[contracts_.series[lot.contract]];
        sums_.positions[cell] += lot.positions;
        if (!lot.valid) {
            sums_.excluded[cell] += lot.positions;
        } else if (s.is_live_option()) {
            options_.add(s, lot, cell);
        } else if (s.is_closing_option()) {
            add_closing(s, lot, cell);
        } else {
            sums_.held[cell] += lot.held;
            sums_.cost[cell] += lot.cost;
        }
    }

    void flush() { options_.flush(); }

  private:
    void add_closing(const SeriesMarket& s, const Lot& lot, std::uint32_t cell) {
        const Greeks unit =
            s.closing(contracts_.right[lot.contract], contracts_.strike[lot.contract],
                      contracts_.log_strike[lot.contract]);
        if (!s.holds(s.option_worth(unit.price), unit)) {
            sums_.excluded[cell] += lot.positions;
            return;
        }
        sums_.cost[cell] += lot.cost;
        sums_.add(cell, unit, lot.held, measures_);
    }

    const ContractColumns& contracts_;
    const std::vector<SeriesMarket>& series_;
    const MeasureList& measures_;
    CellSums& sums_;
    OptionGatherer options_;
};

/// What the rows of a book are summed over and with.
struct Netting {
    const ContractColumns& contracts;
    const std::vector<SeriesMarket>& series;
    const MeasureList& measures;
    std::size_t groups;

    /// Fixed chunks of rows, each with sums of its own, added in the order of the chunks.
    template <class LotAt>
    CellSums over_few_cells(std::size_t rows, LotAt lot_at, ThreadPool* pool) const {
        const std::size_t places = 2 * series.size();
        const std::size_t chunks = std::max<std::size_t>(chunks_of(rows), 1);
        std::vector<CellSums> partial(chunks, {groups * places, measures.greeks().size()});
        run_chunks(pool, chunks, [&](std::size_t chunk) {
            Adder adder(contracts, series, measures, partial[chunk]);
            const std::size_t end = std::min(rows, (chunk + 1) * rows_per_chunk);
            for (std::size_t i = chunk * rows_per_chunk; i < end; ++i) {
                const Lot lot = lot_at(i);
                adder.add(
                    lot, static_cast<std::uint32_t>(lot.group * places) + place_of(lot, contracts));
            }
            adder.flush();
        });
        for (std::size_t chunk = 1; chunk < chunks; ++chunk) partial[0].add(partial[chunk]);
        return std::move(partial[0]);
    }

    /// Cells one after the other, each summed in one chunk of work.
    template <class LotAt>
    std::pair<std::vector<Cell>, CellSums> over_many_cells(std::size_t rows, LotAt lot_at,
                                                           ThreadPool* pool) const {
        std::vector<std::uint32_t> group(rows), places(rows);
        for (std::size_t i = 0; i < rows; ++i) {
            const Lot lot = lot_at(i);
            group[i] = lot.group;
            places[i] = place_of(lot, contracts);
        }
        const GroupKey keys[] = {{group, static_cast<std::uint32_t>(groups)},
                                 {places, static_cast<std::uint32_t>(2 * series.size())}};
        const Groups cells = group_rows(keys, rows);
        const Members of_cell = members(cells);
        std::vector<Cell> list;
        for (const std::uint32_t first : cells.first)
            list.push_back(cell_at(group[first], places[first]));
        std::vector<std::size_t> begin{0};  // of chunks of cells
        for (std::size_t cell = 0; cell < cells.count(); ++cell)
            if (of_cell.begin[cell + 1] - of_cell.begin[begin.back()] >= rows_per_chunk)
                begin.push_back(cell + 1);
        if (begin.back() != cells.count()) begin.push_back(cells.count());
        CellSums sums(cells.count(), measures.greeks().size());
        run_chunks(pool, begin.size() - 1, [&](std::size_t chunk) {
            Adder adder(contracts, series, measures, sums);
            for (std::size_t cell = begin[chunk]; cell < begin[chunk + 1]; ++cell)
                for (const std::uint32_t row : of_cell.of(cell))
                    adder.add(lot_at(row), static_cast<std::uint32_t>(cell));
            adder.flush();
        });
        return {std::move(list), std::move(sums)};
    }

    template <class LotAt>
    Totals totals(std::size_t rows, LotAt lot_at, ThreadPool* pool) const {
        const std::size_t width = measures.size();
        Totals result;
        result.measures = measures.measures();
        result.positions.resize(groups);
        result.excluded.resize(groups);
        result.unknown_cost.resize(groups);
        std::vector<double> sums(groups * width);
        const auto add = [&](const Cell& cell, const CellSums& of, std::size_t at) {
            const SeriesMarket& s = series[cell.series];
            const bool valued = is_valued(s.status);
            const std::uint64_t excluded = valued ? of.excluded[at] : of.positions[at];
            result.positions[cell.group] += of.positions[at];
            result.excluded[cell.group] += excluded;
            if (!cell.known) result.unknown_cost[cell.group] += of.positions[at] - excluded;
            if (valued && of.positions[at] != 0)
                measures.add(s, of.greeks.data() + at * of.width, of.held[at], of.cost[at],
                             cell.known, sums.data() + cell.group * width);
        };
        const std::size_t places = 2 * series.size();
        if (groups * places <= few_cells) {
            const CellSums of = over_few_cells(rows, lot_at, pool);
            for (std::size_t at = 0; at < of.size(); ++at)
                add(cell_at(static_cast<std::uint32_t>(at / places),
                            static_cast<std::uint32_t>(at % places)),
                    of, at);
        } else {
            const auto [cells, of] = over_many_cells(rows, lot_at, pool);
            for (std::size_t at = 0; at < of.size(); ++at) add(cells[at], of, at);
        }
        result.sums.assign(width, std::vector<double>(groups));
        for (std::size_t group = 0; group < groups; ++group)
            for (std::size_t j = 0; j < width; ++j) result.sums[j][group] = sums[group * width + j];
        return result;
    }
};

}  // namespace

Totals Valuation::net(const Groups& groups, std::span<const Measure> measures,
                      ThreadPool* pool) const {
    require_rows(groups, book_);
    const MeasureList list(measures);
    const std::vector<SeriesMarket> series = resolve_series(*book_.contracts(), snapshot_);
    const Netting netting{*book_.contracts(), series, list, groups.count()};
    const std::vector<Lot> lots = add_up(book_, groups, pool);
    if (!lots.empty())
        return netting.totals(
            lots.size(), [&](std::size_t i) -> const Lot& { return lots[i]; }, pool);
    return netting.totals(
        size(), [&](std::size_t i) { return Lot(book_, i, groups.of_row[i]); }, pool);
}

}  // namespace hedgerow
