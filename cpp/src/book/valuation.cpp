#include "hedgerow/book/valuation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t rows_per_chunk = 8192;

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

}  // namespace hedgerow
