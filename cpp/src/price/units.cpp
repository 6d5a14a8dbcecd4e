#include "hedgerow/price/units.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "hedgerow/formula/bsm.hpp"
#include "hedgerow/price/series.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t block = 256;  // rows per chunk of work: its columns stay in L1 and L2

/// Values rows [begin, end) of one list of contracts.
class Rows {
  public:
    Rows(const ContractColumns& contracts, const std::vector<SeriesMarket>& series,
         UnitValues& values)
        : contracts_(contracts), series_(series), values_(values) {}

    void operator()(std::size_t begin, std::size_t end) const {
        double inputs[7][block];
        for (std::size_t i = begin; i < end; ++i) fill_inputs(i, inputs, i - begin);
        const std::size_t n = end - begin;
        const auto input = [&](int j) { return std::span<const double>(inputs[j], n); };
        GreekColumns greeks;
        for (std::size_t j = 0; j < greeks.size(); ++j)
            greeks[j] = values_.greeks[j].subspan(begin, n);
        bsm_greeks({input(0), input(1), input(2), input(3), input(4), input(5), input(6)}, greeks);
        for (std::size_t i = begin; i < end; ++i) finish(i);
    }

  private:
    void fill_inputs(std::size_t i, double (&inputs)[7][block], std::size_t row) const {
        double values[7] = {1, 1, 1, 1, 1, 0, 0};  // rows that are no option: any valid numbers
        const SeriesMarket& s = series_[contracts_.series[i]];
        if (s.is_live_option()) {
            const double strike = contracts_.strike[i];
            values[0] = contracts_.right[i];
            values[1] = s.spot;
            values[2] = strike;
            values[3] = s.time;
            values[4] = s.smile->volatility(strike, contracts_.log_strike[i]);
            values[5] = s.interest;
            values[6] = s.carry;
        }
        for (int j = 0; j < 7; ++j) inputs[j][row] = values[j];
    }

    /// Fills what the kernel did not: rows that are no live option, and the columns beside Greeks.
    void finish(std::size_t i) const {
        const SeriesMarket& s = series_[contracts_.series[i]];
        Status status = s.status;
        double price = s.price, worth = s.worth;
        Greeks g = s.greeks;
        if (s.kind == Kind::option && is_valued(status)) {
            g = s.is_live_option() ? greeks(i)
                                   : s.closing(contracts_.right[i], contracts_.strike[i],
                                               contracts_.log_strike[i]);
            worth = price = s.option_worth(g.price);
            if (!s.holds(worth, g)) status = Status::not_a_number;
        }
        if (!is_valued(status)) {
            price = worth = not_a_number;
            double* fields = &g.price;
            std::fill(fields, fields + greek_count, not_a_number);
        }
        if (!s.is_live_option() || !is_valued(status)) set_greeks(i, g);
        values_.status[i] = status;
        values_.price[i] = price;
        values_.worth[i] = worth;
        values_.rate[i] = s.rate;
        values_.quote_rate[i] = s.quote_rate;
        values_.spot[i] = s.spot;
    }

    Greeks greeks(std::size_t i) const {
        Greeks g;
        double* fields = &g.price;
        for (std::size_t j = 0; j < greek_count; ++j) fields[j] = values_.greeks[j][i];
        return g;
    }

    void set_greeks(std::size_t i, const Greeks& g) const {
        const double* fields = &g.price;
        for (std::size_t j = 0; j < greek_count; ++j) values_.greeks[j][i] = fields[j];
    }

    const ContractColumns& contracts_;
    const std::vector<SeriesMarket>& series_;
    UnitValues& values_;
};

}  // namespace

UnitValues::UnitValues(std::size_t rows)
    : status(rows), storage_(make_large_array((5 + greek_count) * rows)) {
    double* next = storage_.get();
    const auto column = [&] { return std::span(std::exchange(next, next + rows), rows); };
    for (auto* named : {&price, &worth, &rate, &quote_rate, &spot}) *named = column();
    for (auto& greek : greeks) greek = column();
}

UnitValues value_units(const ContractColumns& contracts, const Snapshot& snapshot,
                       ThreadPool* pool) {
    const std::size_t n = contracts.size();
    UnitValues values(n);
    const std::vector<SeriesMarket> series = resolve_series(contracts, snapshot);
    const Rows rows(contracts, series, values);
    run_chunks(pool, (n + block - 1) / block, [&](std::size_t chunk) noexcept {
        rows(chunk * block, std::min(n, (chunk + 1) * block));
    });
    return values;
}

}  // namespace hedgerow
