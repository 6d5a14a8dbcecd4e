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
    const double spot = units_.spot[c];

    // V and dV/dS in the quote currency, per unit held and per unit of cost owed on margin. Coins
    // won or lost on inverse margin are delta.
    const double value = units_.greeks[0][c], value_owed = !margined ? 0.0 : inverse ? -spot : -1.0;
    const bool live = units_.status[c] == Status::ok;
    const double delta = units_.greeks[1][c], delta_owed = live && inverse ? -1.0 : 0.0;
    const bool money = cash && delta == 0;  // of no coin: there is no underlying to count in
    const bool counts = live && !money;
    return {&units_,
            c,
            margined,
            cash,
            delta,
            delta_owed,
            counts ? delta - value / spot : 0.0,
            counts ? delta_owed - value_owed / spot : 0.0};
}

Valuation::Coefficient Valuation::Coefficients::operator[](Measure measure) const noexcept {
    const double spot = units->spot[contract], quote = units->quote_rate[contract];
    const double worth = units->worth[contract], rate = units->rate[contract];
    const auto greek = [&](Measure m) {
        const int number = static_cast<int>(m) - static_cast<int>(Measure::delta) + 1;
        return units->greeks[static_cast<std::size_t>(number)][contract];
    };
    switch (measure) {
        case Measure::price:
            return {units->price[contract], 0.0};
        case Measure::native_value:
            return {worth, margined ? -1.0 : 0.0};
        case Measure::native_pnl:
            return {cash ? 0.0 : worth, cash ? 0.0 : -1.0};
        case Measure::value:
            return {worth * rate, margined ? -rate : 0.0};
        case Measure::pnl:
            return {cash ? 0.0 : worth * rate, cash ? 0.0 : -rate};
        case Measure::delta:
            return {delta * quote, delta_owed * quote};
        case Measure::premium_adjusted_delta:
            return {coin * quote, coin_owed * quote};
        case Measure::coin_delta:
            return {coin / spot, coin_owed / spot};
        case Measure::coin_gamma:
            return {(greek(Measure::gamma) - 2 * coin / spot) / spot,
                    -2 * coin_owed / (spot * spot)};
        case Measure::dollar_delta:
            return {delta * spot * quote, delta_owed * spot * quote};
        case Measure::dollar_gamma:
            return {greek(Measure::gamma) * spot * spot / 100 * quote, 0.0};
        default:
            return {greek(measure) * quote, 0.0};
    }
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
