#include "hedgerow/risk/explain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "interval.hpp"

namespace hedgerow {

namespace {

using risk::Interval;
using risk::ResolvedMarket;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t rows_per_chunk = 4096;
constexpr std::size_t few_groups = 256;  // whose sums stay in L1 or L2

std::vector<ExplainTerm> with_exact_terms(std::span<const ExplainTerm> taylor) {
    std::vector<ExplainTerm> terms;
    for (const ExplainTerm term : taylor) {
        if (static_cast<int>(term) >= taylor_term_count || std::ranges::count(taylor, term) > 1)
            throw InvalidInput("terms", name(term), "must be a Taylor term and given once");
        terms.push_back(term);
    }
    for (const auto term : {ExplainTerm::basis, ExplainTerm::fx, ExplainTerm::expired})
        terms.push_back(term);
    return terms;
}

void require_path(std::span<const Snapshot> markets) {
    if (markets.size() < 2)
        throw InvalidInput("markets", std::to_string(markets.size()) + " snapshots",
                           "must be at least two");
    for (std::size_t i = 1; i < markets.size(); ++i) {
        const std::string argument = "markets[" + std::to_string(i) + "]";
        if (markets[i].as_of() < markets[i - 1].as_of())
            throw InvalidInput(argument + ".as_of", to_string(markets[i].as_of()),
                               "must not be before " + to_string(markets[i - 1].as_of()));
        const std::string& reporting = markets[i].rates().reporting();
        if (reporting != markets[0].rates().reporting())
            throw InvalidInput(argument + ".rates.reporting", reporting,
                               "must be " + markets[0].rates().reporting());
    }
}

/// Rows cut into chunks, each of which adds up its groups in places of its own; those of all chunks
/// are added in their order. Few groups have places in every chunk, whose rows then stand in their
/// order. Else rows are ordered by group, so that the groups of a chunk are neighbors.
class GroupedRows {
  public:
    explicit GroupedRows(const Groups& groups) : groups_(groups) {
        const bool few = groups.count() <= few_groups;
        if (few) {
            rows_.resize(groups.of_row.size());
            std::iota(rows_.begin(), rows_.end(), 0u);
        } else {
            rows_ = members(groups).rows;
        }
        for (std::size_t chunk = 0; chunk < chunks(); ++chunk) {
            const auto of = rows(chunk);
            const std::uint32_t first = few ? 0 : groups.of_row[of.front()];
            const std::size_t end = few ? groups.count() : groups.of_row[of.back()] + 1;
            begin_.push_back({groups_of_places_.size(), first});
            for (std::size_t group = first; group < end; ++group)
                groups_of_places_.push_back(static_cast<std::uint32_t>(group));
        }
    }

    std::size_t chunks() const noexcept {
        return (rows_.size() + rows_per_chunk - 1) / rows_per_chunk;
    }
    std::span<const std::uint32_t> rows(std::size_t chunk) const noexcept {
        const std::size_t begin = chunk * rows_per_chunk;
        return std::span(rows_).subspan(begin, std::min(rows_per_chunk, rows_.size() - begin));
    }
    std::size_t places() const noexcept { return groups_of_places_.size(); }
    /// Where the chunk adds up the group of a row.
    std::size_t place(std::size_t chunk, std::uint32_t row) const noexcept {
        return begin_[chunk].place + groups_.of_row[row] - begin_[chunk].group;
    }
    std::uint32_t group(std::size_t place) const noexcept { return groups_of_places_[place]; }

  private:
    struct Begin {
        std::size_t place;
        std::uint32_t group;
    };

    const Groups& groups_;
    std::vector<std::uint32_t> rows_;
    std::vector<Begin> begin_;  // per chunk
    std::vector<std::uint32_t> groups_of_places_;
};

/// Adds intervals to an explanation.
class Accountant {
  public:
    Accountant(const Book& book, const Groups& groups, Explanation& result)
        : book_(book), contracts_(*book.contracts()), rows_(groups), result_(result) {
        cost_.resize(book.size());
        for (std::size_t row = 0; row < book.size(); ++row) {
            const double cost = book.cost()[row] * contracts_.multiplier[book.contract()[row]];
            cost_[row] = std::abs(cost) <= largest_amount ? cost : not_a_number;
        }
        sums_.resize(rows_.places() * result.columns());
        excluded_.resize(rows_.places());
    }

    void add(const Interval& interval, const ResolvedMarket& before, std::size_t number,
             ThreadPool* pool) {
        std::ranges::fill(sums_, 0.0);
        std::ranges::fill(excluded_, 0);
        run_chunks(pool, rows_.chunks(), [&](std::size_t chunk) noexcept {
            for (const std::uint32_t row : rows_.rows(chunk))
                add_row(interval, before, row, rows_.place(chunk, row));
        });
        const std::size_t groups = result_.groups, columns = result_.columns();
        double* sums = result_.sums.data() + number * columns * groups;
        for (std::size_t place = 0; place < rows_.places(); ++place) {
            const std::uint32_t group = rows_.group(place);
            for (std::size_t j = 0; j < columns; ++j)
                sums[j * groups + group] += sums_[place * columns + j];
            result_.excluded[number * groups + group] += excluded_[place];
        }
    }

  private:
    void add_row(const Interval& interval, const ResolvedMarket& before, std::uint32_t row,
                 std::size_t place) noexcept {
        const std::uint32_t c = book_.contract()[row];
        const double held = book_.quantity()[row] * contracts_.multiplier[c];
        Status status = interval.status(c);
        if (is_valued(status) && !(std::abs(held) <= largest_amount))
            status = Status::invalid_quantity;
        if (is_valued(result_.status[row])) result_.status[row] = status;
        if (!is_valued(status)) {
            ++excluded_[place];
            return;
        }
        const std::size_t columns = result_.columns();
        double* sums = &sums_[place * columns];
        const double* gain = interval.of_held(c);
        double total = held * gain[0], left = held * gain[columns - 1];
        for (std::size_t j = 0; j < columns; ++j) sums[j] += held * gain[j];
        if (is_margined(contracts_.kind[c])) {
            if (std::isnan(cost_[row]))
                cost_[row] = held * before.series[contracts_.series[c]].worth;
            const double* owed = interval.of_cost(c);
            total += cost_[row] * owed[0];
            left += cost_[row] * owed[columns - 1];
            for (std::size_t j = 0; j < columns; ++j) sums[j] += cost_[row] * owed[j];
        }
        add_up(result_.total[row], total);
        add_up(result_.unexplained[row], left);
    }

    static void add_up(double& sum, double gain) noexcept {
        sum = std::isnan(sum) ? gain : sum + gain;
    }

    const Book& book_;
    const ContractColumns& contracts_;
    GroupedRows rows_;
    Explanation& result_;
    std::vector<double> cost_;  // of units; NaN while it is not known
    std::vector<double> sums_;
    std::vector<std::uint64_t> excluded_;
};

}  // namespace

const char* name(ExplainTerm term) noexcept {
    static constexpr const char* names[explain_term_count] = {
        "delta", "gamma", "vega",  "theta", "rho",    "phi",   "vanna", "volga",  "charm",
        "veta",  "speed", "zomma", "color", "ultima", "basis", "fx",    "expired"};
    return names[static_cast<int>(term)];
}

std::span<const ExplainTerm> second_order_terms() noexcept {
    using enum ExplainTerm;
    static constexpr ExplainTerm terms[] = {delta, gamma, vega, theta, rho, phi, vanna, volga};
    return terms;
}

Explanation explain(const Book& book, std::span<const Snapshot> markets, const Groups& groups,
                    std::span<const ExplainTerm> terms, ThreadPool* pool) {
    require_rows(groups, book);
    require_path(markets);
    const ContractColumns& contracts = *book.contracts();
    Explanation result;
    result.terms = with_exact_terms(terms);
    result.intervals = markets.size() - 1;
    result.groups = groups.count();
    result.sums.assign(result.intervals * result.columns() * result.groups, 0.0);
    result.excluded.assign(result.intervals * result.groups, 0);
    result.total.assign(book.size(), not_a_number);
    result.unexplained.assign(book.size(), not_a_number);
    result.status.assign(book.size(), Status::ok);
    Accountant accountant(book, groups, result);
    auto before = std::make_unique<ResolvedMarket>(contracts, markets[0]);
    for (std::size_t i = 0; i < result.intervals; ++i) {
        auto after = std::make_unique<ResolvedMarket>(contracts, markets[i + 1]);
        const Interval interval(contracts, *before, *after, result.terms, pool);
        accountant.add(interval, *before, i, pool);
        before = std::move(after);
    }
    return result;
}

}  // namespace hedgerow
