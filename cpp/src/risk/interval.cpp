#include "interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hedgerow/formula/bsm.hpp"

namespace hedgerow::risk {

namespace {

constexpr std::size_t contracts_per_chunk = 1024;
constexpr std::size_t block = 128;  // options whose columns stay in L1
/// Gains of a unit below this, times largest_amount, leave room for sums of any book.
constexpr double largest_gain = 1e200;

/// Whether the contract's value in the quote currency is its native one times the spot.
bool in_coin(const SeriesMarket& before, const SeriesMarket& after) noexcept {
    if (before.kind == Kind::cash) return before.has_underlying && after.has_underlying;
    return before.inverse;
}

/// Reporting currency per unit of the quote currency, of which `scale` units are one of the
/// contract's. As given where the coin's rate was made of it, to the bit: where no rate moves,
/// nothing may be gained by rates.
double quote_rate(const SeriesMarket& series, bool coin) noexcept {
    if (!coin) return series.rate;
    const bool made_of_it = series.rate == series.spot * series.quote_rate;
    return made_of_it ? series.quote_rate : series.rate / series.spot;
}

bool is_taylor(ExplainTerm term) noexcept {
    return static_cast<int>(term) < taylor_term_count;
}

/// Where a Taylor term's Greek stands in the order of Greeks, which begins with the price.
std::size_t greek_of(ExplainTerm term) noexcept {
    return static_cast<std::size_t>(term) + 1;
}

/// Changes from the first market to the second, and one.
enum Change : std::size_t { one, spot, volatility, years, rate, yield, change_count };

/// The factor of a term's Greek: a number and three changes.
struct Power {
    double number;
    Change first, second = one, third = one;

    double of(const double (&changes)[change_count]) const noexcept {
        return number * changes[first] * changes[second] * changes[third];
    }
};

constexpr Power powers[taylor_term_count] = {{1.0, spot},
                                             {0.5, spot, spot},
                                             {1.0, volatility},
                                             {1.0, years},
                                             {1.0, rate},
                                             {1.0, yield},
                                             {1.0, spot, volatility},
                                             {0.5, volatility, volatility},
                                             {1.0, spot, years},
                                             {1.0, volatility, years},
                                             {1.0 / 6, spot, spot, spot},
                                             {0.5, spot, spot, volatility},
                                             {0.5, spot, spot, years},
                                             {1.0 / 6, volatility, volatility, volatility}};

const Power& power_of(ExplainTerm term) noexcept {
    return powers[static_cast<std::size_t>(term)];
}

}  // namespace

/// Options that live in both markets, gathered into columns.
class Interval::Options {
  public:
    explicit Options(Interval& interval) noexcept : interval_(interval) {}

    void add(std::uint32_t contract) noexcept {
        const ContractColumns& contracts = interval_.contracts_;
        contract_[count_] = contract;
        fill(before_, interval_.before_.series[contracts.series[contract]], contract);
        fill(after_, interval_.after_.series[contracts.series[contract]], contract);
        if (++count_ == block) flush();
    }

    void flush() noexcept {
        if (count_ == 0) return;
        GreekColumns greeks;
        for (std::size_t j = 0; j < greeks.size(); ++j) greeks[j] = {greeks_[j], count_};
        bsm_greeks(columns(before_), greeks);
        bsm_price(columns(after_), {price_, count_});
        gather_moves();
        for (std::size_t i = 0; i < count_; ++i) left_[i] = (price_[i] - greeks_[0][i]) * quote_[i];
        for (std::size_t j = 0; j < interval_.terms_.size(); ++j) add_term(j);
        std::fill_n(size_, count_, 0.0);
        add_sizes(&left_, 1);
        add_sizes(columns_, interval_.terms_.size());
        std::copy_n(size_, count_, gain_size_);
        std::fill_n(size_, count_, 0.0);
        add_sizes(greeks_, greek_count);
        for (std::size_t i = 0; i < count_; ++i) finish(i);
        count_ = 0;
    }

  private:
    using Inputs = double[7][block];

    void fill(Inputs& inputs, const SeriesMarket& s, std::uint32_t contract) const noexcept {
        const double strike = interval_.contracts_.strike[contract];
        const double log_strike = interval_.contracts_.log_strike[contract];
        inputs[0][count_] = interval_.contracts_.right[contract];
        inputs[1][count_] = s.spot;
        inputs[2][count_] = strike;
        inputs[3][count_] = s.time;
        inputs[4][count_] = s.smile->volatility(strike, log_strike);
        inputs[5][count_] = s.interest;
        inputs[6][count_] = s.carry;
    }

    BsmColumns columns(const Inputs& inputs) const noexcept {
        const auto column = [&](int j) { return std::span<const double>(inputs[j], count_); };
        return {column(0), column(1), column(2), column(3), column(4), column(5), column(6)};
    }

    void gather_moves() noexcept {
        for (std::size_t i = 0; i < count_; ++i) {
            const Move& m = interval_.moves_[interval_.contracts_.series[contract_[i]]];
            changes_[one][i] = 1.0;
            changes_[spot][i] = m.spot;
            changes_[volatility][i] = after_[4][i] - before_[4][i];
            changes_[years][i] = m.years;
            changes_[rate][i] = m.rate;
            changes_[yield][i] = m.yield;
            quote_[i] = m.quote_before;
            quote_change_[i] = m.quote_after - m.quote_before;
        }
    }

    void add_term(std::size_t j) noexcept {
        const ExplainTerm term = interval_.terms_[j];
        double* column = columns_[j];
        if (!is_taylor(term)) {
            const double whole = term == ExplainTerm::fx ? 1.0 : 0.0;
            for (std::size_t i = 0; i < count_; ++i)
                column[i] = whole * quote_change_[i] * price_[i];
            return;
        }
        const Power& power = power_of(term);
        const double *greek = greeks_[greek_of(term)], *first = changes_[power.first],
                     *second = changes_[power.second], *third = changes_[power.third];
        for (std::size_t i = 0; i < count_; ++i) {
            const double moved = power.number * first[i] * second[i] * third[i];
            column[i] = greek[i] * quote_[i] * moved;
            left_[i] -= column[i];
        }
    }

    void add_sizes(const double (*columns)[block], std::size_t number) noexcept {
        for (std::size_t j = 0; j < number; ++j)
            for (std::size_t i = 0; i < count_; ++i) size_[i] += std::abs(columns[j][i]);
    }

    void finish(std::size_t i) noexcept {
        const std::uint32_t c = contract_[i], s = interval_.contracts_.series[c];
        const SeriesMarket &from = interval_.before_.series[s], &to = interval_.after_.series[s];
        const double was = from.option_worth(greeks_[0][i]), is = to.option_worth(price_[i]);
        double* column = &interval_.held_[c * interval_.columns_];
        for (std::size_t j = 0; j < interval_.terms_.size(); ++j) column[j + 1] = columns_[j][i];
        interval_.finish(c, is * to.rate - was * from.rate, left_[i], gain_size_[i]);
        // As in a valuation, whose Greeks must be numbers in both markets: without volatility the
        // gamma at the forward is not.
        double size_after = std::abs(price_[i]) + std::abs(is);
        if (after_[4][i] == 0) {
            const Greeks then =
                bsm_greeks(after_[0][i] > 0 ? Right::call : Right::put, after_[1][i], after_[2][i],
                           after_[3][i], 0.0, after_[5][i], after_[6][i]);
            if (!to.holds(is, then)) size_after = to.largest;
        }
        if (!(std::abs(was) + size_[i] < from.largest && size_after < to.largest))
            interval_.status_[c] = Status::not_a_number;
    }

    Interval& interval_;
    std::size_t count_ = 0;
    std::uint32_t contract_[block];
    Inputs before_, after_;
    double greeks_[greek_count][block], price_[block];
    double changes_[change_count][block], quote_[block], quote_change_[block];
    double columns_[explain_term_count][block], left_[block], size_[block], gain_size_[block];
};

Interval::Interval(const ContractColumns& contracts, const ResolvedMarket& before,
                   const ResolvedMarket& after, std::span<const ExplainTerm> terms,
                   ThreadPool* pool)
    : contracts_(contracts),
      before_(before),
      after_(after),
      terms_(terms),
      columns_(terms.size() + 2),
      with_delta_(std::ranges::find(terms, ExplainTerm::delta) != terms.end()),
      held_(make_large_array(contracts.size() * columns_)),
      cost_(before.series.size() * columns_),
      status_(contracts.size()) {
    moves_.reserve(before.series.size());
    for (std::uint32_t s = 0; s < before.series.size(); ++s) {
        moves_.push_back(move(s));
        explain_cost(s);
    }
    const std::size_t chunks = (contracts.size() + contracts_per_chunk - 1) / contracts_per_chunk;
    run_chunks(pool, chunks, [&](std::size_t chunk) noexcept {
        run(chunk * contracts_per_chunk,
            std::min(contracts.size(), (chunk + 1) * contracts_per_chunk));
    });
}

Interval::Move Interval::move(std::uint32_t series) const {
    const SeriesMarket &from = before_.series[series], &to = after_.series[series];
    const bool coin = in_coin(from, to);
    const double yield_before = from.interest - from.carry, yield_after = to.interest - to.carry;
    return {to.spot - from.spot,
            year_fraction(before_.snapshot.as_of(), after_.snapshot.as_of()),
            to.interest - from.interest,
            yield_after - yield_before,
            coin ? from.spot : 1.0,
            coin ? to.spot : 1.0,
            quote_rate(from, coin),
            quote_rate(to, coin),
            is_valued(from.status) ? to.status : from.status,
            from.status == Status::ok && to.status == Status::ok};
}

/// What is owed is paid in the contract's currency: money held, with the other sign.
void Interval::explain_cost(std::uint32_t series) noexcept {
    const SeriesMarket &from = before_.series[series], &to = after_.series[series];
    const Move& m = moves_[series];
    const double moved = from.inverse ? -m.spot * m.quote_before : 0.0;
    double* column = &cost_[series * columns_];
    column[0] = -(to.rate - from.rate);
    for (std::size_t j = 0; j < terms_.size(); ++j) {
        if (terms_[j] == ExplainTerm::fx)
            column[j + 1] = -(m.quote_after - m.quote_before) * m.scale_after;
        else if (terms_[j] == (m.live ? ExplainTerm::delta : ExplainTerm::expired))
            column[j + 1] = moved;
    }
    column[columns_ - 1] = m.live && !with_delta_ ? moved : 0.0;
}

void Interval::run(std::size_t begin, std::size_t end) noexcept {
    Options options(*this);
    for (std::size_t i = begin; i < end; ++i) {
        const auto c = static_cast<std::uint32_t>(i);
        const Move& m = moves_[contracts_.series[c]];
        status_[c] = m.status;
        if (!is_valued(m.status)) continue;
        if (before_.series[contracts_.series[c]].is_live_option() &&
            after_.series[contracts_.series[c]].is_live_option())
            options.add(c);
        else
            explain_other(c);
    }
    options.flush();
}

/// What is no option, or one that has expired or whose settlement price is being averaged.
void Interval::explain_other(std::uint32_t c) noexcept {
    const std::uint32_t s = contracts_.series[c];
    const SeriesMarket &from = before_.series[s], &to = after_.series[s];
    const Move& m = moves_[s];
    double worth_before = from.worth, worth_after = to.worth, smile_move = 0;
    Greeks unit = from.greeks;
    if (from.kind == Kind::option) {
        const double right = contracts_.right[c], strike = contracts_.strike[c];
        const double log_strike = contracts_.log_strike[c];
        const auto value = [&](const SeriesMarket& market) {
            if (!market.is_live_option()) return market.closing(right, strike, log_strike);
            return bsm_greeks(right > 0 ? Right::call : Right::put, market.spot, strike,
                              market.time, market.smile->volatility(strike, log_strike),
                              market.interest, market.carry);
        };
        const auto worth = [&](const SeriesMarket& market, const Greeks& its) {
            const double of_one = market.option_worth(its.price);
            return market.holds(of_one, its) ? of_one : std::numeric_limits<double>::quiet_NaN();
        };
        unit = value(from);
        worth_before = worth(from, unit), worth_after = worth(to, value(to));
        if (m.live)
            smile_move = to.smile->volatility(strike, log_strike) -
                         from.smile->volatility(strike, log_strike);
    }
    const double after = worth_after * m.scale_after;
    const double gain = (after - worth_before * m.scale_before) * m.quote_before;
    const bool cash = from.kind == Kind::cash;
    double* column = &held_[c * columns_];
    const double changes[change_count] = {1.0, m.spot, smile_move, m.years, m.rate, m.yield};
    double all = 0, chosen = 0, size = 0;
    if (m.live) {
        // Money has a delta where it is a coin in both markets: then that is all it gains.
        if (cash) all = gain;
        for (int j = 0; j < taylor_term_count && !cash; ++j) {
            const auto term = static_cast<ExplainTerm>(j);
            all += (&unit.price)[greek_of(term)] * m.quote_before * power_of(term).of(changes);
        }
    }
    for (std::size_t j = 0; j < terms_.size(); ++j) {
        double value = 0;
        if (terms_[j] == ExplainTerm::fx)
            value = (m.quote_after - m.quote_before) * after;
        else if (terms_[j] == ExplainTerm::expired)
            value = m.live ? 0.0 : gain;
        else if (terms_[j] == ExplainTerm::basis)
            value = m.live && from.kind == Kind::perpetual ? gain - all : 0.0;
        else if (m.live && cash)
            value = terms_[j] == ExplainTerm::delta ? gain : 0.0;
        else if (m.live)
            value = (&unit.price)[greek_of(terms_[j])] * m.quote_before *
                    power_of(terms_[j]).of(changes);
        if (is_taylor(terms_[j])) chosen += value;
        column[j + 1] = value;
        size += std::abs(value);
    }
    const bool exact = from.kind == Kind::perpetual || cash;
    const double left = !m.live ? 0.0 : exact ? all - chosen : gain - chosen;
    finish(c, worth_after * to.rate - worth_before * from.rate, left, size);
}

void Interval::finish(std::uint32_t c, double total, double left, double size) noexcept {
    double* column = &held_[c * columns_];
    column[0] = total;
    column[columns_ - 1] = left;
    size += std::abs(total) + std::abs(left);
    if (is_margined(contracts_.kind[c]))
        for (std::size_t j = 0; j < columns_; ++j) size += std::abs(of_cost(c)[j]);
    if (!(size < largest_gain)) status_[c] = Status::not_a_number;
}

}  // namespace hedgerow::risk
