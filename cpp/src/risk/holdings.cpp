#include "holdings.hpp"

#include <algorithm>
#include <cmath>

#include "hedgerow/base/revaluation.hpp"

namespace hedgerow::risk {

namespace {

constexpr std::size_t contracts_per_chunk = 1024;

/// The codes of an enumeration, for grouping.
template <class Enum>
std::vector<std::uint32_t> codes(const std::vector<Enum>& values) {
    std::vector<std::uint32_t> result(values.size());
    std::ranges::transform(values, result.begin(),
                           [](Enum value) { return static_cast<std::uint32_t>(value); });
    return result;
}

/// Whether everything made of the contract is so far from overflow in every scenario that neither
/// largest_amount units nor sums reach it: the bound of value_units().
bool within_bounds(const ContractColumns& contracts, const UnitValues& units,
                   const MovedMarket& market, std::uint32_t c) {
    const std::uint32_t on = contracts.underlying[c];
    const Range rates = market.rates(contracts.currency[c]);
    if (!(rates.least > 0)) return false;
    if (!market.market(on)) return rates.greatest < 1e200;
    const auto [least, greatest] = market.spot(on).factors;
    const double spot = units.spot[c], stretch = std::max(spot * greatest, 1 / (spot * least));
    double size = std::abs(units.worth[c]) * std::max(greatest, 1 / least);
    if (contracts.kind[c] == Kind::option) {
        const SliceTerms& slice = market.slice(contracts.slice[c]);
        const bool inverse = contracts.settlement[c] == Settlement::inverse;
        size +=
            spot * greatest * slice.growth[inverse] + contracts.strike[c] * slice.discount[inverse];
    }
    return (1 + size) * stretch * stretch * stretch * std::max(1.0, rates.greatest) < 1e200;
}

/// Whether some scenario leaves the option without volatility exactly at its forward, where gamma
/// is infinite.
bool meets_kink(const ContractColumns& contracts, const MovedMarket& market, std::uint32_t c,
                SmileDynamics dynamics) {
    const std::uint32_t on = contracts.underlying[c];
    const MovedSpot& spot = market.spot(on);
    const SliceTerms& slice = market.slice(contracts.slice[c]);
    if (slice.lowest + spot.shifts.least > 0) return false;
    const double strike = contracts.strike[c], price = market.market(on)->spot();
    const std::vector<double>& factor = spot.moves->spot_factor;
    for (std::size_t begin = 0; begin < factor.size(); begin += scenario_tile) {
        const std::size_t n = std::min(scenario_tile, factor.size() - begin);
        double volatilities[scenario_tile];
        moved_volatilities(*slice.smile, strike, spot, dynamics, begin, n, volatilities);
        for (std::size_t j = 0; j < n; ++j)
            if (volatilities[j] == 0 &&
                std::log(price * factor[begin + j] / strike) + slice.carried == 0)
                return true;
    }
    return false;
}

}  // namespace

bool follows_smile(const SmileSegment& segment, const MovedSpot& spot,
                   SmileDynamics dynamics) noexcept {
    const bool moving = dynamics == SmileDynamics::sticky_moneyness;
    return (moving && (spot.factors.least != 1 || spot.factors.greatest != 1)) ||
           std::min(segment.left, segment.right) + spot.shifts.least < 0;
}

void moved_volatilities(const Smile& smile, double strike, const MovedSpot& spot,
                        SmileDynamics dynamics, std::size_t begin, std::size_t n,
                        double* volatilities) noexcept {
    const std::vector<double>& shift = spot.moves->volatility_shift;
    const SmileSegment here = smile.segment(strike);
    if (dynamics == SmileDynamics::sticky_strike) {
        for (std::size_t j = 0; j < n; ++j) volatilities[j] = here.volatility(shift[begin + j]);
        return;
    }
    // In the order of the factors the smile is walked along once, and equal factors share a place.
    const double log_strike = std::log(strike);
    SmileSegment segment = here;
    double last = 0;
    std::size_t hint = 0;
    for (std::size_t k = begin; k < begin + n; ++k) {
        const std::uint32_t j = spot.order[k];
        const double moved = spot.log_factor[j];
        if (moved != last) segment = moved == 0 ? here : smile.segment(log_strike - moved, hint);
        last = moved;
        volatilities[j - begin] = segment.volatility(shift[j]);
    }
}

std::vector<Status> examine(const ContractColumns& contracts, const UnitValues& units,
                            const MovedMarket& market, SmileDynamics dynamics, ThreadPool* pool) {
    std::vector<Status> status(units.status);
    const std::size_t chunks = (status.size() + contracts_per_chunk - 1) / contracts_per_chunk;
    run_chunks(pool, chunks, [&](std::size_t chunk) noexcept {
        const std::size_t end = std::min(status.size(), (chunk + 1) * contracts_per_chunk);
        for (std::size_t i = chunk * contracts_per_chunk; i < end; ++i) {
            const auto c = static_cast<std::uint32_t>(i);
            if (status[c] != Status::ok) continue;
            const bool option = contracts.kind[c] == Kind::option;
            if (!within_bounds(contracts, units, market, c) ||
                (option && meets_kink(contracts, market, c, dynamics)))
                status[c] = Status::not_a_number;
        }
    });
    return status;
}

std::vector<Holding> net_holdings(const Book& book, const Groups& groups, const UnitValues& units,
                                  const std::vector<Status>& status) {
    const ContractColumns& contracts = *book.contracts();
    const auto kinds = codes(contracts.kind), settlements = codes(contracts.settlement);
    const GroupKey keys[] = {
        {kinds, 5},
        {contracts.underlying, static_cast<std::uint32_t>(contracts.underlyings.size())},
        {contracts.currency, static_cast<std::uint32_t>(contracts.currencies.size())},
        {settlements, 3}};
    // Contracts in the order in which they are worked off, and the place of each.
    const std::vector<std::uint32_t> order = members(group_rows(keys, contracts.size())).rows;
    std::vector<std::uint32_t> place(order.size()), places(book.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    for (std::size_t row = 0; row < places.size(); ++row) places[row] = place[book.contract()[row]];

    const GroupKey pair[] = {{groups.of_row, static_cast<std::uint32_t>(groups.count())},
                             {places, static_cast<std::uint32_t>(order.size())}};
    const Groups netted = group_rows(pair, book.size());
    std::vector<Holding> holdings(netted.count());
    for (std::size_t i = 0; i < holdings.size(); ++i)
        holdings[i] = {groups.of_row[netted.first[i]], book.contract()[netted.first[i]]};
    for (std::size_t row = 0; row < book.size(); ++row) {
        if (status[row] != Status::ok) continue;
        Holding& holding = holdings[netted.of_row[row]];
        const double multiplier = contracts.multiplier[holding.contract];
        const double held = book.quantity()[row] * multiplier;
        const double cost = book.cost()[row] * multiplier;
        holding.held += held;
        holding.cost +=
            std::abs(cost) <= largest_amount ? cost : held * units.worth[holding.contract];
    }
    std::erase_if(holdings, [](const Holding& h) { return h.held == 0 && h.cost == 0; });
    return holdings;
}

}  // namespace hedgerow::risk
