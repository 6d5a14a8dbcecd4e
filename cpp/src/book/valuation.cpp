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

}  // namespace

const char* name(Measure measure) noexcept {
    static constexpr const char* names[measure_count] = {
        "price",      "native_value", "native_pnl",
        "value",      "pnl",          "delta",
        "gamma",      "vega",         "theta",
        "rho",        "phi",          "vanna",
        "volga",      "charm",        "veta",
        "speed",      "zomma",        "color",
        "ultima",     "dual_delta",   "dual_gamma",
        "premium_adjusted_delta",     "coin_delta",
        "coin_gamma", "dollar_delta", "dollar_gamma"};
    return names[static_cast<int>(measure)];
}

Valuation::Valuation(Book book, const Snapshot& snapshot, ThreadPool* pool)
    : book_(std::move(book)),
      units_(value_units(*book_.contracts(), snapshot, pool)),
      as_of_(snapshot.as_of()),
      currency_(snapshot.rates().reporting()) {}

Status Valuation::status(std::size_t row) const noexcept {
    const Status unit = units_.status[book_.contract()[row]];
    if (is_valued(unit) && !std::isfinite(book_.quantity()[row])) return Status::invalid_quantity;
    return unit;
}

std::vector<Status> Valuation::statuses() const {
    std::vector<Status> result(size());
    for (std::size_t i = 0; i < size(); ++i) result[i] = status(i);
    return result;
}

double Valuation::measure(Measure measure, std::size_t row) const noexcept {
    const std::uint32_t c = book_.contract()[row];
    const ContractColumns& contracts = *book_.contracts();
    const auto greek = [&](Measure m) {
        return units_.greeks[static_cast<int>(m) - static_cast<int>(Measure::delta) + 1][c];
    };
    const bool margined = is_margined(contracts.kind[c]);
    const bool inverse = contracts.settlement[c] == Settlement::inverse;
    const double held = book_.quantity()[row] * contracts.multiplier[c];
    const double worth = held * units_.worth[c];
    const double cost = contracts.multiplier[c] * book_.cost()[row];
    // A margined position of unknown cost counts as entered at the mark.
    const double owed = margined ? (std::isnan(cost) ? worth : cost) : 0.0;
    const double quote = units_.quote_rate[c];
    const double spot = units_.spot[c];

    // V, dV/dS and d2V/dS2 in the quote currency; coins won or lost on inverse margin are delta.
    const auto position_value = [&] {
        return held * units_.greeks[0][c] - owed * (inverse ? spot : 1.0);
    };
    const auto position_delta = [&] {
        return held * units_.greeks[1][c] - (margined && inverse ? owed : 0.0);
    };
    const auto coin_delta = [&] { return (position_delta() - position_value() / spot) / spot; };

    switch (measure) {
        case Measure::price: return units_.price[c];
        case Measure::native_value: return worth - owed;
        case Measure::native_pnl:
            return contracts.kind[c] == Kind::cash ? 0.0 : worth - cost;
        case Measure::value: return (worth - owed) * units_.rate[c];
        case Measure::pnl:
            return contracts.kind[c] == Kind::cash ? 0.0 : (worth - cost) * units_.rate[c];
        case Measure::delta: return position_delta() * quote;
        case Measure::premium_adjusted_delta:
            return (position_delta() - position_value() / spot) * quote;
        case Measure::coin_delta: return coin_delta();
        case Measure::coin_gamma:
            return (held * greek(Measure::gamma) - 2 * coin_delta()) / spot;
        case Measure::dollar_delta: return position_delta() * spot * quote;
        case Measure::dollar_gamma:
            return held * greek(Measure::gamma) * spot * spot / 100 * quote;
        default: return held * greek(measure) * quote;
    }
}

std::vector<double> Valuation::column(Measure measure, ThreadPool* pool) const {
    std::vector<double> result(size());
    run_chunks(pool, (size() + rows_per_chunk - 1) / rows_per_chunk, [&](std::size_t chunk) {
        const std::size_t end = std::min(size(), (chunk + 1) * rows_per_chunk);
        for (std::size_t i = chunk * rows_per_chunk; i < end; ++i)
            result[i] = is_valued(status(i)) ? this->measure(measure, i) : not_a_number;
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

    const std::size_t width = measures.size();
    std::vector<double> partial(segments.size() * width, 0.0);
    const auto sum_segment = [&](std::size_t s) {
        Segment& segment = segments[s];
        double* sums = partial.data() + s * width;
        for (std::size_t i = segment.begin; i < segment.end; ++i) {
            const std::uint32_t row = groups.order()[i];
            if (!is_valued(status(row))) {
                ++segment.excluded;
                continue;
            }
            segment.unknown_cost += std::isnan(book_.cost()[row]);
            for (std::size_t j = 0; j < width; ++j) {
                const double x = measure(measures[j], row);
                sums[j] += std::isnan(x) ? 0.0 : x;  // only a P&L of unknown cost is NaN here
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
