// Sums of a valuation over groups of rows.
#include <algorithm>
#include <cmath>
#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/book/valuation.hpp"

namespace hedgerow {

namespace {

/// Rows that one chunk of work sums by group, where groups are few.
constexpr std::size_t rows_per_chunk = 32768;
/// Up to so many groups every chunk keeps sums of its own for all of them.
constexpr std::size_t few_groups = 4096;
/// Groups that one chunk of work sums, where they are many.
constexpr std::size_t groups_per_chunk = 64;
/// Contracts are tabulated where each is held so often.
constexpr std::size_t worth_a_table = 4;

constexpr std::size_t chunks_of(std::size_t n, std::size_t per_chunk) {
    return (n + per_chunk - 1) / per_chunk;
}

}  // namespace

/// Adds rows of a valuation to sums of the measures asked for.
class Valuation::Adder {
  public:
    /// Rows that were left out of sums, or of the sums of P&L.
    struct Counts {
        std::uint64_t positions = 0, excluded = 0, unknown_cost = 0;

        void add(const Counts& more) {
            positions += more.positions;
            excluded += more.excluded;
            unknown_cost += more.unknown_cost;
        }
    };

    Adder(const Valuation& values, std::span<const Measure> measures, ThreadPool* pool)
        : values_(values), measures_(measures) {
        for (std::size_t j = 0; j < width(); ++j)
            if (is_profit(measures[j])) profits_.push_back(j);
        const std::size_t contracts = values.book_.contracts()->size();
        if (contracts * worth_a_table > values.size()) return;
        table_.resize(contracts * stride());
        run_chunks(pool, chunks_of(contracts, rows_per_chunk), [&](std::size_t chunk) {
            const std::size_t end = std::min(contracts, (chunk + 1) * rows_per_chunk);
            for (std::size_t c = chunk * rows_per_chunk; c < end; ++c)
                fill(values_.coefficients(static_cast<std::uint32_t>(c)),
                     table_.data() + c * stride());
        });
    }

    std::size_t width() const noexcept { return measures_.size(); }

    void add(std::uint32_t row, double* sums, Counts& counts) const noexcept {
        ++counts.positions;
        if (!is_valued(values_.status(row))) {
            ++counts.excluded;
            return;
        }
        const double cost = values_.cost(row);
        counts.unknown_cost += std::isnan(cost);
        const ContractColumns& contracts = *values_.book_.contracts();
        const std::uint32_t c = values_.book_.contract()[row];
        if (is_margined(contracts.kind[c])) {
            add_margined(row, values_.coefficients(c), sums);
            return;
        }
        const double held = values_.book_.quantity()[row] * contracts.multiplier[c];
        if (table_.empty()) {
            double unit[2 * measure_count];
            fill(values_.coefficients(c), unit);
            add_premium(held, cost, unit, sums);
        } else {
            add_premium(held, cost, table_.data() + std::size_t{c} * stride(), sums);
        }
    }

  private:
    /// What a unit held adds to each measure, and behind it what a unit of cost takes from each
    /// P&L.
    std::size_t stride() const noexcept { return width() + profits_.size(); }

    void fill(const Coefficients& all, double* unit) const noexcept {
        for (std::size_t j = 0; j < width(); ++j) unit[j] = all[measures_[j]].held;
        for (std::size_t k = 0; k < profits_.size(); ++k)
            unit[width() + k] = all[measures_[profits_[k]]].cost;
    }

    /// Futures and perpetuals: every measure may depend on the cost.
    void add_margined(std::uint32_t row, const Coefficients& all, double* sums) const noexcept {
        for (std::size_t j = 0; j < width(); ++j) {
            const double x = values_.measure(measures_[j], row, all[measures_[j]]);
            sums[j] += std::isnan(x) ? 0.0 : x;  // only a P&L of unknown cost is NaN here
        }
    }

    void add_premium(double held, double cost, const double* unit, double* sums) const noexcept {
        double before[measure_count];
        for (std::size_t k = 0; k < profits_.size(); ++k) before[k] = sums[profits_[k]];
        for (std::size_t j = 0; j < width(); ++j) sums[j] += held * unit[j];
        for (std::size_t k = 0; k < profits_.size(); ++k) {
            const double x = held * unit[profits_[k]] + cost * unit[width() + k];
            sums[profits_[k]] = before[k] + (std::isnan(x) ? 0.0 : x);
        }
    }

    const Valuation& values_;
    std::span<const Measure> measures_;
    std::vector<std::size_t> profits_;
    std::vector<double> table_;
};

Totals Valuation::net(const Groups& groups, std::span<const Measure> measures,
                      ThreadPool* pool) const {
    if (groups.of_row.size() != size())
        throw InvalidInput("groups", std::to_string(groups.of_row.size()) + " rows",
                           "must have one row per position, " + std::to_string(size()));
    for (const Measure measure : measures)
        if (measure == Measure::price || std::ranges::count(measures, measure) > 1)
            throw InvalidInput("measures", name(measure), "must be additive and given once");
    const Adder adder(*this, measures, pool);
    const std::size_t width = adder.width(), count = groups.count();
    std::vector<double> sums(count * width, 0.0);
    std::vector<Adder::Counts> counts(count);

    if (count <= few_groups) {
        // Fixed chunks of rows, each with sums of its own, added in the order of the chunks.
        const std::size_t chunks = chunks_of(size(), rows_per_chunk);
        std::vector<double> partial(chunks * count * width, 0.0);
        std::vector<Adder::Counts> partial_counts(chunks * count);
        run_chunks(pool, chunks, [&](std::size_t chunk) {
            const std::size_t end = std::min(size(), (chunk + 1) * rows_per_chunk);
            for (std::size_t i = chunk * rows_per_chunk; i < end; ++i) {
                const std::size_t place = chunk * count + groups.of_row[i];
                adder.add(static_cast<std::uint32_t>(i), partial.data() + place * width,
                          partial_counts[place]);
            }
        });
        for (std::size_t place = 0; place < chunks * count; ++place) {
            const std::size_t group = place % count;
            counts[group].add(partial_counts[place]);
            for (std::size_t j = 0; j < width; ++j)
                sums[group * width + j] += partial[place * width + j];
        }
    } else {
        const Members rows = members(groups);
        run_chunks(pool, chunks_of(count, groups_per_chunk), [&](std::size_t chunk) {
            const std::size_t end = std::min(count, (chunk + 1) * groups_per_chunk);
            for (std::size_t group = chunk * groups_per_chunk; group < end; ++group)
                for (const std::uint32_t row : rows.of(group))
                    adder.add(row, sums.data() + group * width, counts[group]);
        });
    }

    Totals totals;
    totals.measures.assign(measures.begin(), measures.end());
    totals.sums.assign(width, std::vector<double>(count));
    for (std::size_t group = 0; group < count; ++group) {
        totals.positions.push_back(counts[group].positions);
        totals.excluded.push_back(counts[group].excluded);
        totals.unknown_cost.push_back(counts[group].unknown_cost);
        for (std::size_t j = 0; j < width; ++j) totals.sums[j][group] = sums[group * width + j];
    }
    return totals;
}

}  // namespace hedgerow
