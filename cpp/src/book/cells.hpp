// Sums per cell: what the positions of one group in one series add up to, before any measure.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hedgerow/base/grouped_sums.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/formula/bsm.hpp"
#include "hedgerow/price/series.hpp"
#include "measures.hpp"

namespace hedgerow {

/// Positions of one contract in one group, added up.
struct Lot {
    std::uint32_t contract = 0;
    std::uint32_t group = 0;
    double held = 0;  ///< quantity x multiplier
    double cost = 0;  ///< cost x multiplier; 0 where it is not known
    std::uint64_t positions = 1;
    bool valid = true;  ///< an amount that may be counted with
    bool known = true;  ///< a cost that may

    Lot() = default;
    /// Position `row` of a book.
    Lot(const Book& book, std::size_t row, std::uint32_t its_group) noexcept
        : contract(book.contract()[row]), group(its_group) {
        const double multiplier = book.contracts()->multiplier[contract];
        held = book.quantity()[row] * multiplier;
        cost = book.cost()[row] * multiplier;
        valid = std::abs(held) <= largest_amount;
        known = std::abs(cost) <= largest_amount || !valid;
        if (!valid) held = 0;
        if (!valid || !known) cost = 0;
    }
};

/// A group and a series, and whether the costs are known.
struct Cell {
    std::uint32_t group;
    std::uint32_t series;
    bool known;
};

/// The place of a lot's cell among those of its group: by series, of known and of unknown cost.
inline std::uint32_t place_of(const Lot& lot, const ContractColumns& contracts) noexcept {
    return 2 * contracts.series[lot.contract] + (lot.known ? 0 : 1);
}

/// The cell at such a place.
inline Cell cell_at(std::uint32_t group, std::uint32_t place) noexcept {
    return {group, place / 2, place % 2 == 0};
}

/// Sums of one cell after the other.
struct CellSums {
    std::size_t width;           ///< Greeks per cell
    std::vector<double> greeks;  ///< of options: held x Greek
    std::vector<double> held, cost;
    std::vector<std::uint64_t> positions, excluded;

    CellSums(std::size_t cells, std::size_t greeks_per_cell)
        : width(greeks_per_cell),
          greeks(cells * width),
          held(cells),
          cost(cells),
          positions(cells),
          excluded(cells) {}

    std::size_t size() const noexcept { return held.size(); }
    void add(const CellSums& more) noexcept;
    /// Adds what is held of an option with these Greeks to a cell.
    void add(std::uint32_t cell, const Greeks& unit, double units,
             const MeasureList& measures) noexcept {
        double* to = greeks.data() + cell * width;
        for (const std::size_t greek : measures.greeks()) *to++ += units * (&unit.price)[greek];
    }
};

/// Scratch for one block of options and its way into the sums: it stays in L1.
class OptionBlock {
  public:
    static constexpr std::size_t capacity = 128;

    OptionBlock(const MeasureList& measures, CellSums& sums) noexcept : sums_(sums) {
        for (const std::size_t greek : measures.greeks()) wanted_[count_++] = greeks_[greek];
    }
    OptionBlock(const OptionBlock&) = delete;  // it points to its own columns
    OptionBlock& operator=(const OptionBlock&) = delete;

    /// Values options and adds the Greeks wanted, times what is held, to their cells. Options
    /// whose numbers are not finite or out of bounds are left out and counted.
    /// @param value fills the columns of Greeks that it is given, of the length of `held`.
    /// @param series_of the series of a row.
    /// @param bound the least bound() of these series.
    /// @param exclude what to do about a row that is left out.
    template <class Value, class SeriesOf, class Exclude>
    void add(Value value, std::span<const double> held, std::span<const std::uint32_t> cells,
             double bound, SeriesOf series_of, Exclude exclude) {
        const std::size_t n = held.size();
        GreekColumns to;
        std::array<const double*, greek_count> all;
        for (std::size_t j = 0; j < greek_count; ++j) {
            to[j] = {greeks_[j], n};
            all[j] = greeks_[j];
        }
        value(to);
        // An option's worth is at most its price, or its price by the spot, which `bound` allows
        // for.
        if (2.0 * sum_of_sizes(all, n) < bound) {
            add_grouped(wanted(), held, cells, sums_.greeks.data(), sums_.width);
            return;
        }
        double kept[capacity];
        for (std::size_t i = 0; i < n; ++i) {
            const SeriesMarket& series = series_of(i);
            Greeks g;
            for (std::size_t j = 0; j < greek_count; ++j) (&g.price)[j] = greeks_[j][i];
            const bool holds = series.holds(series.option_worth(g.price), g);
            kept[i] = holds ? held[i] : 0.0;
            if (holds) continue;
            exclude(i);
            for (auto& column : greeks_) column[i] = 0.0;
        }
        add_grouped(wanted(), {kept, n}, cells, sums_.greeks.data(), sums_.width);
    }

    /// What of `largest` a block's bound is made of.
    static double bound(const SeriesMarket& series) noexcept {
        return series.largest * std::min(1.0, series.spot);
    }

  private:
    std::span<const double* const> wanted() const noexcept { return {wanted_.data(), count_}; }

    CellSums& sums_;
    std::array<const double*, greek_count> wanted_;
    std::size_t count_ = 0;
    /// Columns a little apart, or they would share few places in L1.
    alignas(64) double greeks_[greek_count][capacity + 8];
};

/// Gathers options of any series until a block is full.
class OptionGatherer {
  public:
    OptionGatherer(const ContractColumns& contracts, const MeasureList& measures, CellSums& sums)
        : contracts_(contracts), sums_(sums), block_(measures, sums) {}

    void add(const SeriesMarket& s, const Lot& lot, std::uint32_t cell) {
        inputs_[0][rows_] = contracts_.right[lot.contract];
        inputs_[1][rows_] = s.spot;
        inputs_[2][rows_] = contracts_.strike[lot.contract];
        inputs_[3][rows_] = s.time;
        log_strike_[rows_] = contracts_.log_strike[lot.contract];
        inputs_[5][rows_] = s.interest;
        inputs_[6][rows_] = s.carry;
        held_[rows_] = lot.held;
        cost_[rows_] = lot.cost;
        positions_[rows_] = lot.positions;
        cells_[rows_] = cell;
        series_[rows_] = &s;
        bound_ = std::min(bound_, OptionBlock::bound(s));
        if (++rows_ == OptionBlock::capacity) flush();
    }

    void flush() {
        // In a loop of their own the searches of several rows are under way at once.
        for (std::size_t i = 0; i < rows_; ++i)
            inputs_[4][i] = series_[i]->smile->volatility(inputs_[2][i], log_strike_[i]);
        const auto column = [&](int j) { return std::span<const double>(inputs_[j], rows_); };
        block_.add(
            [&](const GreekColumns& to) {
                bsm_greeks(
                    {column(0), column(1), column(2), column(3), column(4), column(5), column(6)},
                    to);
            },
            {held_, rows_}, {cells_, rows_}, bound_,
            [&](std::size_t i) -> const SeriesMarket& { return *series_[i]; },
            [&](std::size_t i) {
                sums_.excluded[cells_[i]] += positions_[i];
                cost_[i] = 0;
            });
        for (std::size_t i = 0; i < rows_; ++i) sums_.cost[cells_[i]] += cost_[i];
        rows_ = 0;
        bound_ = unbounded;
    }

  private:
    static constexpr double unbounded = 1e300;
    const ContractColumns& contracts_;
    CellSums& sums_;
    OptionBlock block_;
    std::size_t rows_ = 0;
    double bound_ = unbounded;
    alignas(64) double inputs_[7][OptionBlock::capacity + 8];
    double log_strike_[OptionBlock::capacity];
    double held_[OptionBlock::capacity], cost_[OptionBlock::capacity];
    std::uint64_t positions_[OptionBlock::capacity];
    std::uint32_t cells_[OptionBlock::capacity];
    const SeriesMarket* series_[OptionBlock::capacity];
};

}  // namespace hedgerow
