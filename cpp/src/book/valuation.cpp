#include "hedgerow/book/valuation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t rows_per_chunk = 8192;

constexpr bool is_margined(Kind kind) noexcept {
    return kind == Kind::future || kind == Kind::perpetual;
}

constexpr bool is_profit(Measure measure) noexcept {
    return measure == Measure::pnl || measure == Measure::native_pnl;
}

}  // namespace

const char* name(Measure measure) noexcept {
    static constexpr const char* names[measure_count] = {"price",        "native_value",
                                                         "native_pnl",   "value",
                                                         "pnl",          "delta",
                                                         "gamma",        "vega",
                                                         "theta",        "rho",
                                                         "phi",          "vanna",
                                                         "volga",        "charm",
                                                         "veta",         "speed",
                                                         "zomma",        "color",
                                                         "ultima",       "dual_delta",
                                                         "dual_gamma",   "premium_adjusted_delta",
                                                         "coin_delta",   "coin_gamma",
                                                         "dollar_delta", "dollar_gamma"};
    return names[static_cast<int>(measure)];
}

Valuation::Valuation(Book book, const Snapshot& snapshot, ThreadPool* pool)
    : book_(std::move(book)),
      units_(value_units(*book_.contracts(), snapshot, pool)),
      as_of_(snapshot.as_of()),
      currency_(snapshot.rates().reporting()) {}

Status Valuation::status(std::size_t row) const noexcept {
    const Status unit = units_.status[book_.contract()[row]];
    const double held =
        book_.quantity()[row] * book_.contracts()->multiplier[book_.contract()[row]];
    if (is_valued(unit) && !(std::abs(held) <= largest_amount)) return Status::invalid_quantity;
    return unit;
}

double Valuation::cost(std::size_t row) const noexcept {
    const double cost = book_.cost()[row] * book_.contracts()->multiplier[book_.contract()[row]];
    return std::abs(cost) <= largest_amount ? cost : not_a_number;
}

std::vector<Status> Valuation::statuses() const {
    std::vector<Status> result(size());
    for (std::size_t i = 0; i < size(); ++i) result[i] = status(i);
    return result;
}

Valuation::Coefficients Valuation::coefficients(std::uint32_t c) const noexcept {
    const ContractColumns& contracts = *book_.contracts();
    const bool margined = is_margined(contracts.kind[c]);
    const bool inverse = margined && contracts.settlement[c] == Settlement::inverse;
    const bool cash = contracts.kind[c] == Kind::cash;
    const double worth = units_.worth[c], rate = units_.rate[c];
    const double spot = units_.spot[c], quote = units_.quote_rate[c];

    // V and dV/dS in the quote currency, per unit held and per unit of cost owed on margin. Coins
    // won or lost on inverse margin are delta.
    const double value = units_.greeks[0][c], value_owed = !margined ? 0.0 : inverse ? -spot : -1.0;
    const bool live = units_.status[c] == Status::ok;
    const double delta = units_.greeks[1][c], delta_owed = live && inverse ? -1.0 : 0.0;
    const double gamma = units_.greeks[2][c];
    const bool money = cash && delta == 0;  // of no coin: there is no underlying to count in
    const bool counts = live && !money;
    const double coin = counts ? delta - value / spot : 0.0;
    const double coin_owed = counts ? delta_owed - value_owed / spot : 0.0;

    Coefficients k{};
    const auto set = [&k](Measure measure, double held, double cost) {
        k.held[static_cast<int>(measure)] = held;
        k.cost[static_cast<int>(measure)] = cost;
    };
    constexpr int first = static_cast<int>(Measure::delta);
    for (int greek = 1; greek < greek_count; ++greek)
        k.held[first + greek - 1] = units_.greeks[greek][c] * quote;
    set(Measure::delta, delta * quote, delta_owed * quote);
    set(Measure::price, units_.price[c], 0.0);
    set(Measure::native_value, worth, margined ? -1.0 : 0.0);
    set(Measure::native_pnl, cash ? 0.0 : worth, cash ? 0.0 : -1.0);
    set(Measure::value, worth * rate, margined ? -rate : 0.0);
    set(Measure::pnl, cash ? 0.0 : worth * rate, cash ? 0.0 : -rate);
    set(Measure::premium_adjusted_delta, coin * quote, coin_owed * quote);
    set(Measure::coin_delta, coin / spot, coin_owed / spot);
    set(Measure::coin_gamma, (gamma - 2 * coin / spot) / spot, -2 * coin_owed / (spot * spot));
    set(Measure::dollar_delta, delta * spot * quote, delta_owed * spot * quote);
    set(Measure::dollar_gamma, gamma * spot * spot / 100 * quote, 0.0);
    return k;
}

double Valuation::measure(Measure measure, std::size_t row, Coefficient unit) const noexcept {
    if (measure == Measure::price) return unit.held;
    const std::uint32_t c = book_.contract()[row];
    const double held = book_.quantity()[row] * book_.contracts()->multiplier[c];
    if (unit.cost == 0) return held * unit.held;
    // A margined position of unknown cost counts as entered at the mark, but has no P&L.
    double cost = this->cost(row);
    if (std::isnan(cost) && !is_profit(measure)) cost = held * units_.worth[c];
    return held * unit.held + cost * unit.cost;
}

std::vector<double> Valuation::column(Measure measure, ThreadPool* pool) const {
    const std::size_t contracts = book_.contracts()->size();
    std::vector<Coefficient> units(contracts);
    run_chunks(pool, (contracts + rows_per_chunk - 1) / rows_per_chunk, [&](std::size_t chunk) {
        const std::size_t end = std::min(contracts, (chunk + 1) * rows_per_chunk);
        for (std::size_t c = chunk * rows_per_chunk; c < end; ++c)
            units[c] = coefficients(static_cast<std::uint32_t>(c))[measure];
    });
    std::vector<double> result(size());
    run_chunks(pool, (size() + rows_per_chunk - 1) / rows_per_chunk, [&](std::size_t chunk) {
        const std::size_t end = std::min(size(), (chunk + 1) * rows_per_chunk);
        for (std::size_t i = chunk * rows_per_chunk; i < end; ++i)
            result[i] = is_valued(status(i)) ? this->measure(measure, i, units[book_.contract()[i]])
                                             : not_a_number;
    });
    return result;
}

Totals Valuation::net(const Groups& groups, std::span<const Measure> measures,
                      ThreadPool* pool) const {
    // Segments: pieces of at most rows_per_chunk rows of one group each. Their sums do not depend
    // on who computes them, and they are added in their order.
    struct Segment {
        std::size_t group, begin, end;
        std::uint64_t excluded = 0, unknown_cost = 0;
    };
    std::vector<Segment> segments;
    for (std::size_t g = 0; g < groups.count(); ++g)
        for (std::size_t i = groups.offsets()[g]; i < groups.offsets()[g + 1]; i += rows_per_chunk)
            segments.push_back({g, i, std::min(groups.offsets()[g + 1], i + rows_per_chunk)});

    // What a unit held contributes, contract after contract, so that a row is one sweep; behind it
    // what a unit of cost takes from each P&L.
    const std::size_t width = measures.size();
    std::vector<std::size_t> profits;
    for (std::size_t j = 0; j < width; ++j)
        if (is_profit(measures[j])) profits.push_back(j);
    const std::size_t stride = width + profits.size();
    const ContractColumns& contracts = *book_.contracts();
    std::vector<double> units(contracts.size() * stride);
    const auto fill_unit = [&](std::uint32_t c) {
        double* unit = units.data() + std::size_t{c} * stride;
        const Coefficients all = coefficients(c);
        for (std::size_t j = 0; j < width; ++j) unit[j] = all[measures[j]].held;
        for (std::size_t k = 0; k < profits.size(); ++k)
            unit[width + k] = all[measures[profits[k]]].cost;
    };
    run_chunks(pool, (contracts.size() + rows_per_chunk - 1) / rows_per_chunk,
               [&](std::size_t chunk) {
                   const std::size_t end = std::min(contracts.size(), (chunk + 1) * rows_per_chunk);
                   for (std::size_t c = chunk * rows_per_chunk; c < end; ++c)
                       fill_unit(static_cast<std::uint32_t>(c));
               });

    std::vector<double> partial(segments.size() * width, 0.0);
    // Futures and perpetuals: every measure may depend on the cost.
    const auto add_margined = [&](std::uint32_t row, std::uint32_t c, double* sums) {
        const Coefficients all = coefficients(c);
        for (std::size_t j = 0; j < width; ++j) {
            const double x = measure(measures[j], row, all[measures[j]]);
            sums[j] += std::isnan(x) ? 0.0 : x;  // only a P&L of unknown cost is NaN here
        }
    };
    const auto add_premium = [&](std::uint32_t row, std::uint32_t c, double* sums) {
        const double held = book_.quantity()[row] * contracts.multiplier[c];
        const double cost = this->cost(row);
        const double* unit = units.data() + std::size_t{c} * stride;
        double before[measure_count];
        for (std::size_t k = 0; k < profits.size(); ++k) before[k] = sums[profits[k]];
        for (std::size_t j = 0; j < width; ++j) sums[j] += held * unit[j];
        for (std::size_t k = 0; k < profits.size(); ++k) {
            const double x = held * unit[profits[k]] + cost * unit[width + k];
            sums[profits[k]] = before[k] + (std::isnan(x) ? 0.0 : x);
        }
    };
    const auto sum_segment = [&](std::size_t s) {
        Segment& segment = segments[s];
        double* sums = partial.data() + s * width;
        for (std::size_t i = segment.begin; i < segment.end; ++i) {
            const std::uint32_t row = groups.order()[i];
            const std::uint32_t c = book_.contract()[row];
            if (!is_valued(status(row))) {
                ++segment.excluded;
                continue;
            }
            segment.unknown_cost += std::isnan(cost(row));
            if (is_margined(contracts.kind[c])) {
                add_margined(row, c, sums);
            } else {
                add_premium(row, c, sums);
            }
        }
    };
    constexpr std::size_t batch = 16;  // segments can be single rows: claim several at once
    run_chunks(pool, (segments.size() + batch - 1) / batch, [&](std::size_t chunk) {
        const std::size_t end = std::min(segments.size(), (chunk + 1) * batch);
        for (std::size_t s = chunk * batch; s < end; ++s) sum_segment(s);
    });

    Totals totals;
    totals.measures.assign(measures.begin(), measures.end());
    totals.sums.assign(width, std::vector<double>(groups.count(), 0.0));
    totals.positions.resize(groups.count());
    totals.excluded.resize(groups.count());
    totals.unknown_cost.resize(groups.count());
    for (std::size_t s = 0; s < segments.size(); ++s) {
        const Segment& segment = segments[s];
        totals.positions[segment.group] += segment.end - segment.begin;
        totals.excluded[segment.group] += segment.excluded;
        totals.unknown_cost[segment.group] += segment.unknown_cost;
        for (std::size_t j = 0; j < width; ++j)
            totals.sums[j][segment.group] += partial[s * width + j];
    }
    return totals;
}

}  // namespace hedgerow
