#include "hedgerow/risk/margin_presets.hpp"

#include <initializer_list>
#include <utility>
#include <vector>

namespace hedgerow::margin_presets {

namespace {

using Grid = std::vector<MarginScenario>;

/// Far moves with volatility up, of which a part counts.
void append_tails(Grid& grid, std::initializer_list<std::pair<double, double>> tails) {
    for (const auto& [move, weight] : tails) grid.push_back({1 + move, 1, weight});
}

/// The ten equidistant valuation points of FINRA rule 4210(g): five on either side.
MarginRules tims(const char* name, double down, double up) {
    Grid grid;
    for (int i = 5; i >= 1; --i) grid.push_back({1 - i * down / 5, 0, 1});
    for (int i = 1; i <= 5; ++i) grid.push_back({1 + i * up / 5, 0, 1});
    return {
        {name, "2010-10",
         "FINRA rule 4210(g), since Regulatory Notice 10-45: ten equidistant valuation points, "
         "$.375 times the multiplier per contract at least",
         "that the initial requirement is that of maintenance; the rule's text was not compared "
         "word by word",
         "OCC's volatility moves per option, offsets between products"},
        std::move(grid),
        {},
        {ContractMinimum{0.375, 0.375}},
        1,
        1};
}

}  // namespace

MarginRules span(const SpanParameters& p) {
    Grid grid;
    for (const double third : {0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0})
        for (const double volatility : {1.0, -1.0})
            grid.push_back({1 + third * p.price_range / 3, volatility, 1});
    for (const double side : {1.0, -1.0})
        grid.push_back({1 + side * p.extreme_multiple * p.price_range, 0, p.extreme_cover});
    VolatilityRule volatility;
    volatility.shift = VolatilityShift::absolute;
    volatility.up = volatility.down = p.volatility_range;
    std::vector<AddOn> add_ons;
    if (p.calendar_spread > 0)
        add_ons.push_back(CalendarSpreadCharge{p.calendar_spread * p.initial, p.calendar_spread});
    if (p.short_option_minimum > 0)
        add_ons.push_back(
            ShortOptionMinimum{p.short_option_minimum * p.initial, p.short_option_minimum});
    return {{"SPAN", "2012",
             "L. G. McMillan, Options as a Strategic Investment, 5th ed., ch. 34: the sixteen "
             "scenarios and what counts of the extremes; ranges as given by the caller",
             "one day of look-ahead; calendar spreads in a single tier by delta",
             "tiers of spreads, inter-commodity credits, delivery charges, composite delta"},
            std::move(grid),
            volatility,
            std::move(add_ons),
            p.initial,
            1,
            1 / 365.0};
}

MarginRules deribit() {
    Grid grid;
    for (int bucket = -4; bucket <= 4; ++bucket)
        for (const double volatility : {1.0, 0.0, -1.0})
            grid.push_back({1 + 0.04 * bucket, volatility, 1});
    const double range = 0.16;
    for (const double move : {-0.66, -0.33, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0})
        append_tails(grid, {{move, range / (move < 0 ? -move : move)}});
    VolatilityRule volatility;
    volatility.up = 0.5;
    volatility.down = 0.25;
    volatility.short_power = 0.3;
    volatility.long_power = 0.13;
    volatility.floor = 0.5;
    return {{"Deribit X:PM", "2024-06-17",
             "docs.deribit.com, private/pme/simulate, model_params of btc_usd: price_range 0.16, 4 "
             "buckets a side, volatility_range_up 0.5 and _down 0.25, powers 0.3 and 0.13, "
             "min_volatility_for_shock_up 0.5, mm_factor 0.8, annualised_move_risk 0.075; "
             "support.deribit.com, Portfolio Margin: extended table from -66 % to +500 %",
             "what counts of the extended table is price_range / move; volatilities move in "
             "proportion, 30 days the reference, one day the least; the floor holds after the "
             "move; the roll shock is |delta| x annualised_move_risk x years, its least is left "
             "out",
             "delta shock above 20,000,000 USD, the extended table's dampener in USD, offsets "
             "between currencies, haircuts of collateral"},
            std::move(grid),
            volatility,
            {BasisCharge{0.075, 0.06}},
            1,
            0.8};
}

MarginRules deribit_older() {
    Grid grid;
    for (int bucket = -4; bucket <= 4; ++bucket)
        for (const double volatility : {1.0, 0.0, -1.0})
            grid.push_back({1 + 0.025 * bucket, volatility, 1});
    VolatilityRule volatility;
    volatility.up = volatility.down = 0.38;
    volatility.short_power = volatility.long_power = 0.3;
    return {{"Deribit PM (older)", "undated",
             "deribit.com/pages/docs/portfoliomargin: price moves within 10 %, volatilities within "
             "38 % (30/days)^0.30, 0.01 BTC per option net short at a strike, 1 % of offsetting "
             "futures",
             "nine prices and three volatilities; volatilities "
             "move in proportion, not nearer than a day; initial margin is 1.3 x maintenance",
             "the contingency for vega between expiries, which the page has, without a size in "
             "what was kept of it"},
            std::move(grid),
            volatility,
            {ShortOptionCharge{0.013, 0.01}, OffsettingFuturesCharge{0.013, 0.01}},
            1.3,
            1};
}

MarginRules derive() {
    Grid grid{{1.18, 1, 1}};
    for (int step = 3; step >= -3; --step)
        for (const double volatility : {1.0, 0.0, -1.0})
            grid.push_back({1 + 0.045 * step, volatility, 1});
    grid.push_back({0.82, 1, 1});
    append_tails(grid, {{-0.66, 0.21},
                        {-0.33, 0.42},
                        {0.5, 0.27},
                        {1, 0.13},
                        {2, 0.069},
                        {3, 0.046},
                        {4, 0.034},
                        {5, 0.027}});
    VolatilityRule volatility;
    volatility.up = 0.5;
    volatility.down = 0.275;
    volatility.short_power = 0.3;
    volatility.long_power = 0.13;
    volatility.floor = 0.45;
    return {{"Derive PMRM v2", "undated",
             "docs.derive.xyz, Portfolio Margin Parameters [New]: 23 scenarios, 8 tails with "
             "dampening; volatilities x 1 + 0.5 (30/max(days, 1))^0.3 or ^0.13, down 0.275, at "
             "least 0.45 after a move up; basis contingency (0.5 + 2 years) at 4.5 %; 0.3 % and "
             "0.2 % per option net short; maintenance 0.8",
             "that 0.3 % is the whole initial charge",
             "skew scenarios, the static discount by sign, charges for perpetuals, oracle "
             "confidence and stablecoin depegs, haircuts of collateral"},
            std::move(grid),
            volatility,
            {BasisContingency{0.045, 0.5, 2.0}, ShortOptionCharge{0.003, 0.002}},
            1,
            0.8};
}

MarginRules okx() {
    Grid grid;
    for (int step = -3; step <= 3; ++step)
        for (const double volatility : {1.0, 0.0, -1.0})
            grid.push_back({1 + 0.04 * step, volatility, 1});
    for (const double move : {-0.24, 0.24}) grid.push_back({1 + move, 0, 0.5});
    VolatilityRule volatility;
    volatility.up = volatility.down = 0.35;
    volatility.short_power = volatility.long_power = 0.3;
    return {{"OKX PM", "2025-01-02",
             "okx.com, \"OKX will further adjust portfolio margin parameters\", BTC and ETH: MR1 "
             "spot within 0, 4, 8, 12 %, MR4 5 % annualised, MR6 24 %",
             "volatility moves of 35 % (30/days)^0.3, half of MR6's loss counted, MR4 as |delta| x "
             "rate x years, initial margin 1.3 x maintenance: all from memory",
             "MR2 theta, MR3 vega term structure, MR5 rates, MR7 minimum charge, MR8 borrowing, "
             "MR9 stablecoins"},
            std::move(grid),
            volatility,
            {BasisCharge{0.065, 0.05}},
            1.3,
            1};
}

MarginRules paradex() {
    Grid grid{{1.16, 1, 1}};
    for (int step = 3; step >= -3; --step)
        for (const double volatility : {1.0, -1.0})
            grid.push_back({1 + 0.04 * step, volatility, 1});
    grid.push_back({0.84, 1, 1});
    // 300 % counts with 16/300, which the page rounds to 5.33 %, as all tails count with 16 % /
    // move.
    append_tails(grid, {{-0.66, 0.24},
                        {-0.33, 0.48},
                        {0.5, 0.32},
                        {1, 0.16},
                        {2, 0.08},
                        {3, 0.16 / 3},
                        {4, 0.04},
                        {5, 0.032}});
    VolatilityRule volatility;
    volatility.up = 0.4;
    volatility.down = 0.22;
    volatility.short_power = 0.3;
    volatility.long_power = 0.13;
    return {{"Paradex PM", "undated",
             "docs.paradex.trade/risk/portfolio-margin: all 24 scenarios, volatilities x 1 + shock "
             "(30/max(1, days))^0.3 or ^0.13, minimum 2 % of net and 1 % of hedged delta, "
             "maintenance 50 %",
             "300 % counts with 16/300 where the page prints "
             "5.33 %",
             "funding and fee provisions"},
            std::move(grid),
            volatility,
            {DeltaMinimum{0.02, 0.01, 0.5}},
            1,
            0.5};
}

MarginRules tims_equity() {
    return tims("TIMS equity", 0.15, 0.15);
}

MarginRules tims_index() {
    return tims("TIMS broad index", 0.08, 0.06);
}

}  // namespace hedgerow::margin_presets
