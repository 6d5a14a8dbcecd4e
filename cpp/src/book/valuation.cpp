#include "hedgerow/book/valuation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "cells.hpp"
#include "measures.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t rows_per_chunk = 8192;

std::size_t chunks_of(std::size_t rows) {
    return (rows + rows_per_chunk - 1) / rows_per_chunk;
}

/// One unit of a contract.
Worth worth(const UnitValues& units, const ContractColumns& contracts, std::size_t c) {
    const bool margined = is_margined(contracts.kind[c]);
    const bool cash = contracts.kind[c] == Kind::cash;
    Worth unit{units.status[c] == Status::ok,
               margined,
               contracts.settlement[c] == Settlement::inverse,
               cash,
               !(cash && units.greeks[1][c] == 0),
               units.spot[c],
               units.rate[c],
               units.quote_rate[c],
               units.price[c],
               units.worth[c],
               {}};
    for (std::size_t j = 0; j < greek_count; ++j) (&unit.greeks.price)[j] = units.greeks[j][c];
    return unit;
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

/// Made once, by the first of whatever threads ask; copies of a valuation share them.
struct Valuation::Units {
    std::once_flag made;
    std::optional<UnitValues> values;
};

Valuation::Valuation(Book book, Snapshot snapshot)
    : book_(std::move(book)), snapshot_(std::move(snapshot)), units_(std::make_shared<Units>()) {}

const UnitValues& Valuation::units(ThreadPool* pool) const {
    std::call_once(units_->made, [&] {
        units_->values.emplace(value_units(*book_.contracts(), snapshot_, pool));
    });
    return *units_->values;
}

Status Valuation::status(const UnitValues& units, std::size_t row) const noexcept {
    const Status unit = units.status[book_.contract()[row]];
    return is_valued(unit) && !Lot(book_, row, 0).valid ? Status::invalid_quantity : unit;
}

std::vector<Status> Valuation::statuses(ThreadPool* pool) const {
    const UnitValues& units = this->units(pool);
    std::vector<Status> result(size());
    for (std::size_t i = 0; i < size(); ++i) result[i] = status(units, i);
    return result;
}

std::vector<double> Valuation::column(Measure measure, ThreadPool* pool) const {
    const UnitValues& units = this->units(pool);
    const ContractColumns& contracts = *book_.contracts();
    std::vector<Coefficient> coefficients(contracts.size());
    run_chunks(pool, chunks_of(contracts.size()), [&](std::size_t chunk) {
        const std::size_t end = std::min(contracts.size(), (chunk + 1) * rows_per_chunk);
        for (std::size_t c = chunk * rows_per_chunk; c < end; ++c)
            coefficients[c] = worth(units, contracts, c)[measure];
    });
    std::vector<double> result(size());
    run_chunks(pool, chunks_of(size()), [&](std::size_t chunk) {
        const std::size_t end = std::min(size(), (chunk + 1) * rows_per_chunk);
        for (std::size_t i = chunk * rows_per_chunk; i < end; ++i) {
            const std::uint32_t c = book_.contract()[i];
            const Coefficient unit = coefficients[c];
            const Lot lot(book_, i, 0);
            // A margined position of unknown cost counts as entered at the mark, but has no P&L.
            const double cost = lot.known            ? lot.cost
                                : is_profit(measure) ? not_a_number
                                                     : lot.held * units.worth[c];
            result[i] = !is_valued(status(units, i)) ? not_a_number
                        : measure == Measure::price  ? unit.held
                        : unit.cost == 0             ? lot.held * unit.held
                                                     : lot.held * unit.held + cost * unit.cost;
        }
    });
    return result;
}

}  // namespace hedgerow
