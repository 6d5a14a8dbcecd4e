#include "hedgerow/risk/revaluation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "../price/averaged.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/formula/revaluation.hpp"
#include "holdings.hpp"
#include "moved_market.hpp"

namespace hedgerow {

namespace {

using risk::Holding;
using risk::MovedMarket;
using risk::Path;

/// Holdings that one chunk of work revalues.
constexpr std::size_t holdings_per_chunk = 256;
/// Sums of chunks that are kept at a time, one per scenario: 32 MB, or a tile per chunk.
constexpr std::size_t sums_kept = 8192 * scenario_tile;

constexpr std::size_t parts_of(std::size_t n, std::size_t per_part) {
    return (n + per_part - 1) / per_part;
}

/// Moves as rows for the kernel, padded with scenarios in which nothing moves.
template <class Real>
class Rows {
  public:
    explicit Rows(const risk::MovedSpot& spot) {
        const std::size_t size = spot.log_factor.size();
        const std::size_t padded = parts_of(size, scenario_lanes) * scenario_lanes;
        factor_.assign(padded, Real(1));
        log_factor_.assign(padded, Real(0));
        shift_.assign(padded, Real(0));
        for (std::size_t j = 0; j < size; ++j) {
            factor_[j] = static_cast<Real>(spot.moves->spot_factor[j]);
            log_factor_[j] = static_cast<Real>(spot.log_factor[j]);
            shift_[j] = static_cast<Real>(spot.moves->volatility_shift[j]);
        }
    }

    ScenarioRow<Real> tile(std::size_t begin) const {
        return {factor_.data() + begin, log_factor_.data() + begin, shift_.data() + begin,
                std::min(scenario_tile, factor_.size() - begin)};
    }

  private:
    std::vector<Real> factor_, log_factor_, shift_;
};

/// Holdings [begin, end) of one group and of contracts of one kind, underlying, currency and
/// settlement, of which all or none settle at an average that has begun.
struct Chunk {
    std::size_t begin, end;
    double unit = 1;   ///< of the options' weights
    double value = 0;  ///< of all options now, in the quote currency
};

/// Revalues the holdings of a book, a chunk and a tile of scenarios at a time.
template <class Real>
class Engine {
  public:
    Engine(const ContractColumns& contracts, const UnitValues& units, const MovedMarket& market,
           const std::vector<Holding>& holdings, SmileDynamics dynamics)
        : contracts_(contracts),
          units_(units),
          market_(market),
          holdings_(holdings),
          dynamics_(dynamics),
          options_(holdings.size()),
          on_smile_(holdings.size()) {
        for (const risk::MovedSpot& spot : market.spots()) rows_.emplace_back(spot);
        for (std::size_t begin = 0, end; begin < holdings.size(); begin = end) {
            end = begin + 1;
            const std::size_t bound = std::min(holdings.size(), begin + holdings_per_chunk);
            while (end < bound && together(holdings[begin], holdings[end])) ++end;
            chunks_.push_back({begin, end});
        }
    }

    std::vector<double> run(std::size_t groups, std::size_t scenarios, ThreadPool* pool) {
        run_chunks(pool, chunks_.size(), [&](std::size_t c) noexcept {
            const Common common = first(chunks_[c]);
            if (common.kind == Kind::option && !common.averaged) hoist_options(chunks_[c]);
        });
        std::vector<double> pnl(groups * scenarios, 0.0);
        const std::size_t tiles = parts_of(scenarios, scenario_tile), chunks = chunks_.size();
        // A tile that holds all scenarios is no wider than they need.
        const std::size_t width =
            std::min(scenario_tile, parts_of(scenarios, scenario_lanes) * scenario_lanes);
        const std::size_t affordable = sums_kept / std::max<std::size_t>(chunks * width, 1);
        const std::size_t at_once = std::max<std::size_t>(std::min(tiles, affordable), 1);
        std::vector<double> sums(std::min(at_once, tiles) * chunks * width);
        for (std::size_t tile = 0; tile < tiles; tile += at_once) {
            const std::size_t now = std::min(at_once, tiles - tile);
            run_chunks(pool, now * chunks, [&](std::size_t job) noexcept {
                const std::size_t begin = (tile + job / chunks) * scenario_tile;
                const std::size_t n = std::min(scenario_tile, scenarios - begin);
                revalue_chunk(chunks_[job % chunks], begin, n, sums.data() + job * width);
            });
            for (std::size_t job = 0; job < now * chunks; ++job) {
                const std::size_t begin = (tile + job / chunks) * scenario_tile;
                const std::size_t n = std::min(scenario_tile, scenarios - begin);
                double* to = pnl.data() + group(chunks_[job % chunks]) * scenarios + begin;
                const double* from = sums.data() + job * width;
                for (std::size_t j = 0; j < n; ++j) to[j] += from[j];
            }
        }
        return pnl;
    }

  private:
    /// What the contracts of a chunk share.
    struct Common {
        Kind kind;
        bool inverse, averaged;
        const Path& rate;
        const risk::MovedSpot& spot;
        const Rows<Real>& rows;
    };

    Common first(const Chunk& chunk) const {
        const std::uint32_t c = holdings_[chunk.begin].contract, on = contracts_.underlying[c];
        return {contracts_.kind[c],
                contracts_.settlement[c] == Settlement::inverse,
                is_averaged(holdings_[chunk.begin]),
                market_.rate(contracts_.currency[c]),
                market_.spot(on),
                rows_[market_.spot_number(on)]};
    }

    bool is_averaged(const Holding& holding) const {
        return market_.series(contracts_.series[holding.contract]).is_averaged();
    }

    std::size_t group(const Chunk& chunk) const { return holdings_[chunk.begin].group; }

    bool together(const Holding& a, const Holding& b) const {
        const auto same = [&](const auto& column) {
            return column[a.contract] == column[b.contract];
        };
        return a.group == b.group && same(contracts_.kind) && same(contracts_.underlying) &&
               same(contracts_.currency) && same(contracts_.settlement) &&
               is_averaged(a) == is_averaged(b);
    }

    void hoist_options(Chunk& chunk) noexcept {
        std::array<double, holdings_per_chunk> weights;
        std::array<MarketOption, holdings_per_chunk> options;
        double largest = 0;
        for (std::size_t i = chunk.begin; i < chunk.end; ++i) {
            const std::uint32_t c = holdings_[i].contract, on = contracts_.underlying[c];
            const risk::SliceTerms& slice = market_.slice(contracts_.slice[c]);
            const bool inverse = contracts_.settlement[c] == Settlement::inverse;
            const double spot = market_.market(on)->spot(), strike = contracts_.strike[c];
            const SmileSegment segment = slice.smile->segment(strike);
            on_smile_[i] = risk::follows_smile(segment, market_.spot(on), dynamics_);
            MarketOption& option = options[i - chunk.begin];
            option = {contracts_.right[c],
                      std::log(spot / strike) + slice.carried,
                      slice.time,
                      segment.volatility(),
                      spot * slice.growth[inverse],
                      strike * slice.discount[inverse]};
            const double weight = holdings_[i].held * value_unit(option);
            weights[i - chunk.begin] = weight;
            largest = std::max(largest, std::abs(weight));
        }
        chunk.unit = largest > 0 ? largest : 1.0;
        for (std::size_t i = chunk.begin; i < chunk.end; ++i)
            options_[i] =
                hoist<Real>(options[i - chunk.begin], weights[i - chunk.begin] / chunk.unit);
        set_bases(std::span(options_).subspan(chunk.begin, chunk.end - chunk.begin));
        for (std::size_t i = chunk.begin; i < chunk.end; ++i)
            chunk.value += double{options_[i].weight} * double{options_[i].base};
        chunk.value *= chunk.unit;
    }

    /// @param pnl room for n scenarios, rounded up to whole lanes.
    void revalue_chunk(const Chunk& chunk, std::size_t begin, std::size_t n,
                       double* pnl) const noexcept {
        std::fill_n(pnl, parts_of(n, scenario_lanes) * scenario_lanes, 0.0);
        const Common common = first(chunk);
        const double* rate = common.rate.then.data() + begin;
        const double* factor = common.spot.moves->spot_factor.data() + begin;
        if (common.averaged) {
            for (std::size_t i = chunk.begin; i < chunk.end; ++i)
                add_averaged(holdings_[i], common, begin, n, pnl);
            return;
        }
        if (common.kind != Kind::option) {
            for (std::size_t i = chunk.begin; i < chunk.end; ++i)
                add_linear(holdings_[i], common, rate, factor, n, pnl);
            return;
        }
        add_options(chunk, common, begin, pnl);
        // From the quote currency: value now in the coin, where it is settled in one.
        const double spot = units_.spot[holdings_[chunk.begin].contract];
        const double now = common.inverse ? common.rate.now / spot : common.rate.now;
        for (std::size_t j = 0; j < n; ++j) {
            const double then = common.inverse ? rate[j] / (spot * factor[j]) : rate[j];
            pnl[j] = pnl[j] * chunk.unit * then + chunk.value * (then - now);
        }
    }

    /// Adds the change of the options' values in units of the chunk.
    void add_options(const Chunk& chunk, const Common& common, std::size_t begin,
                     double* changes) const noexcept {
        // In single precision sums are short: each is added to what is summed in double.
        constexpr std::size_t block = sizeof(Real) == sizeof(double) ? holdings_per_chunk : 32;
        const ScenarioRow<Real> row = common.rows.tile(begin);
        for (std::size_t i = chunk.begin; i < chunk.end;) {
            alignas(64) Real sums[scenario_tile] = {};
            const std::size_t end = std::min(chunk.end, i + block);
            while (i < end) {
                std::size_t plain = i;
                while (plain < end && !on_smile_[plain]) ++plain;
                add_changes(std::span<const HoistedOption<Real>>(options_).subspan(i, plain - i),
                            row, sums);
                for (i = plain; i < end && on_smile_[i]; ++i)
                    add_on_smile(i, common, begin, row, sums);
            }
            for (std::size_t j = 0; j < row.size; ++j) changes[j] += double{sums[j]};
        }
    }

    void add_on_smile(std::size_t i, const Common& common, std::size_t begin,
                      const ScenarioRow<Real>& row, Real* sums) const noexcept {
        const std::uint32_t c = holdings_[i].contract;
        const Smile& smile = *market_.slice(contracts_.slice[c]).smile;
        const double root = options_[i].root_time;
        const std::size_t n = std::min(row.size, common.spot.order.size() - begin);
        double volatilities[scenario_tile];
        risk::moved_volatilities(smile, contracts_.strike[c], common.spot, dynamics_, begin, n,
                                 volatilities);
        alignas(64) Real deviation[scenario_tile];
        for (std::size_t j = 0; j < n; ++j)
            deviation[j] = static_cast<Real>(volatilities[j] * root);
        std::fill(deviation + n, deviation + row.size, options_[i].deviation);
        add_changes(options_[i], deviation, row, sums);
    }

    /// Adds the change of value of an option or future whose settlement price is being averaged:
    /// one value after the other, as there are few of them and not for long.
    void add_averaged(const Holding& holding, const Common& common, std::size_t begin,
                      std::size_t n, double* pnl) const noexcept {
        const std::uint32_t c = holding.contract;
        const SeriesMarket& now = market_.series(contracts_.series[c]);
        const double owed = is_margined(common.kind) ? holding.cost : 0.0;
        const double worth_now = units_.worth[c], rate_now = common.rate.now;
        double volatilities[scenario_tile];
        if (common.kind == Kind::option)
            risk::moved_volatilities(*now.smile, contracts_.strike[c], common.spot, dynamics_,
                                     begin, n, volatilities);
        for (std::size_t j = 0; j < n; ++j) {
            SeriesMarket then = now;
            then.spot *= common.spot.moves->spot_factor[begin + j];
            if (common.kind == Kind::option)
                then.worth =
                    then.option_worth(averaged_option(then, contracts_.right[c],
                                                      contracts_.strike[c], volatilities[j])
                                          .price);
            else
                then.revalue();
            const double rate = common.rate.then[begin + j];
            pnl[j] += holding.held * (then.worth * rate - worth_now * rate_now) -
                      owed * (rate - rate_now);
        }
    }

    /// Adds the change of value of what is no option: money, the spot, futures and perpetuals, the
    /// margined ones less what they cost.
    void add_linear(const Holding& holding, const Common& common, const double* rate,
                    const double* factor, std::size_t n, double* pnl) const noexcept {
        const double worth = holding.held * units_.worth[holding.contract];
        const double owed = is_margined(common.kind) ? holding.cost : 0.0;
        const double now = common.rate.now;
        if (common.kind == Kind::cash) {
            for (std::size_t j = 0; j < n; ++j) pnl[j] += worth * (rate[j] - now);
        } else if (common.inverse) {
            for (std::size_t j = 0; j < n; ++j)
                pnl[j] += worth * (rate[j] / factor[j] - now) - owed * (rate[j] - now);
        } else {
            for (std::size_t j = 0; j < n; ++j)
                pnl[j] += worth * (rate[j] * factor[j] - now) - owed * (rate[j] - now);
        }
    }

    const ContractColumns& contracts_;
    const UnitValues& units_;
    const MovedMarket& market_;
    const std::vector<Holding>& holdings_;
    SmileDynamics dynamics_;
    std::vector<HoistedOption<Real>> options_;  // per holding; of those that are options
    std::vector<unsigned char> on_smile_;       // per holding, whether it needs its smile
    std::vector<Rows<Real>> rows_;              // per number of moves
    std::vector<Chunk> chunks_;
};

template <class Real>
std::vector<double> run(const Book& book, const UnitValues& units, const MovedMarket& market,
                        const std::vector<Holding>& holdings, SmileDynamics dynamics,
                        std::size_t groups, std::size_t scenarios, ThreadPool* pool) {
    Engine<Real> engine(*book.contracts(), units, market, holdings, dynamics);
    return engine.run(groups, scenarios, pool);
}

/// Forwards are at most 1 in the kernel's units: moved ones and their sums must fit into a float.
void require_single(const MovedMarket& market) {
    for (const risk::MovedSpot& spot : market.spots())
        for (const double factor : spot.moves->spot_factor)
            if (factor < 1e-30 || factor > 1e30)
                throw InvalidInput("spot_factor", factor,
                                   "must be within 1e-30 and 1e30 in float32");
}

/// As of a valuation, but for what a scenario can't value.
std::vector<Status> statuses(const Book& book, const std::vector<Status>& contracts) {
    std::vector<Status> result(book.size());
    for (std::size_t row = 0; row < result.size(); ++row) {
        const std::uint32_t c = book.contract()[row];
        const double held = book.quantity()[row] * book.contracts()->multiplier[c];
        const bool valid = !is_valued(contracts[c]) || std::abs(held) <= largest_amount;
        result[row] = valid ? contracts[c] : Status::invalid_quantity;
    }
    return result;
}

}  // namespace

Revaluation revalue(const Book& book, const Snapshot& snapshot, const Scenarios& scenarios,
                    const Groups& groups, SmileDynamics dynamics, Precision precision,
                    ThreadPool* pool) {
    require_rows(groups, book);
    const ContractColumns& contracts = *book.contracts();
    const MovedMarket market(contracts, snapshot, scenarios);
    if (precision == Precision::float32) require_single(market);
    const UnitValues units = value_units(contracts, snapshot, pool);
    Revaluation result;
    result.scenarios = scenarios.size();
    result.status = statuses(book, risk::examine(contracts, units, market, dynamics, pool));
    const auto holdings = risk::net_holdings(book, groups, units, result.status);
    const auto run_in = precision == Precision::float64 ? &run<double> : &run<float>;
    result.pnl =
        run_in(book, units, market, holdings, dynamics, groups.count(), result.scenarios, pool);
    return result;
}

}  // namespace hedgerow
