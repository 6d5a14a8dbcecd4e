#include "hedgerow/risk/margin_rules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

void require_size(const char* argument, double value) {
    if (!(value >= 0 && value <= std::numeric_limits<double>::max()))
        throw InvalidInput(argument, value, "must be finite and not negative");
}

void require_sizes(const AddOn& add_on) {
    std::visit(
        [&](const auto& a) {
            using Kind = std::decay_t<decltype(a)>;
            if constexpr (std::is_same_v<Kind, BasisContingency>) {
                if (!(a.spot_move > 0 && a.spot_move < 1))
                    throw InvalidInput("spot_move", a.spot_move, "must be between 0 and 1");
                require_size("fixed", a.fixed);
                require_size("per_year", a.per_year);
            } else {
                require_size("initial", a.initial);
                require_size("maintenance", a.maintenance);
                if constexpr (std::is_same_v<Kind, DeltaMinimum>)
                    require_size("hedged_share", a.hedged_share);
            }
        },
        add_on);
}

}  // namespace

double term_factor(const VolatilityRule& rule, double days) noexcept {
    const double power = days < rule.reference_days ? rule.short_power : rule.long_power;
    return std::pow(rule.reference_days / std::max(days, rule.floor_days), power);
}

double moved_volatility(const VolatilityRule& rule, double volatility, double days,
                        double move) noexcept {
    const double size = (move < 0 ? rule.down : rule.up) * move * term_factor(rule, days);
    const double moved =
        rule.shift == VolatilityShift::relative ? volatility * (1 + size) : volatility + size;
    return std::max(moved, move > 0 ? rule.floor : 0.0);
}

const char* name(const AddOn& add_on) noexcept {
    static constexpr const char* names[] = {"short_option_charge",  "offsetting_futures_charge",
                                            "gross_futures_charge", "calendar_spread_charge",
                                            "basis_charge",         "basis_contingency",
                                            "delta_minimum",        "short_option_minimum",
                                            "contract_minimum"};
    return names[add_on.index()];
}

MarginRules::MarginRules(RuleSource source, std::vector<MarginScenario> scenarios,
                         VolatilityRule volatility, std::vector<AddOn> add_ons, double initial,
                         double maintenance, double look_ahead)
    : source_(std::move(source)),
      scenarios_(std::move(scenarios)),
      volatility_(volatility),
      add_ons_(std::move(add_ons)),
      initial_(initial),
      maintenance_(maintenance),
      look_ahead_(look_ahead) {
    if (scenarios_.empty()) throw InvalidInput("scenarios", "none", "must be at least one");
    for (const MarginScenario& scenario : scenarios_) {
        require_positive("spot_factor", scenario.spot_factor);
        if (!(std::abs(scenario.volatility_move) <= 1))
            throw InvalidInput("volatility_move", scenario.volatility_move,
                               "must be between -1 and 1");
        require_size("weight", scenario.weight);
    }
    require_size("up", volatility_.up);
    require_size("down", volatility_.down);
    require_positive("reference_days", volatility_.reference_days);
    require_positive("floor_days", volatility_.floor_days);
    require_size("short_power", volatility_.short_power);
    require_size("long_power", volatility_.long_power);
    require_size("floor", volatility_.floor);
    for (const AddOn& add_on : add_ons_) require_sizes(add_on);
    const auto competes = [](const AddOn& a) {
        return std::holds_alternative<BasisContingency>(a);
    };
    if (const auto count = std::ranges::count_if(add_ons_, competes); count > 1)
        throw InvalidInput("add_ons", std::to_string(count) + " basis contingencies",
                           "must be one at most");
    require_size("initial", initial_);
    require_size("maintenance", maintenance_);
    require_size("look_ahead", look_ahead_);
}

}  // namespace hedgerow
