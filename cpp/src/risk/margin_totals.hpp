// What add-ons are computed from, kept by position so that one more position is O(1).
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <variant>

#include "hedgerow/risk/margin.hpp"
#include "hedgerow/risk/margin_rules.hpp"
#include "margin_scan.hpp"

namespace hedgerow::risk {

/// What expires together in one risk unit; what never does is one bucket of 0 years.
struct ExpiryTotals {
    bool expires = false;
    double years = 0;
    double delta = 0;
    double down = 0, up = 0;  ///< P&L of the basis contingency's two moves
};

/// Of one risk unit, in units of the underlying unless said otherwise.
struct UnitTotals {
    double short_at_strikes = 0;  ///< net short options, strike by strike
    double short_options = 0;     ///< contract by contract
    double contracts = 0;         ///< options and futures, long plus short
    double long_futures = 0, short_futures = 0;
    double delta = 0, gross_delta = 0;
    double long_expiries = 0, short_expiries = 0;  ///< deltas, expiry by expiry
    double delta_years = 0;                        ///< |delta| x years
    double contingency = 0;                        ///< in the reporting currency
};

inline double positive(double x) noexcept {
    return std::max(x, 0.0);
}

/// A basis contingency, or nothing.
struct ContingencyTerms {
    double fixed = 0, per_year = 0;

    double of(const ExpiryTotals& e) const noexcept {
        const double part = e.expires ? fixed + per_year * e.years : 0.0;
        return part * positive(-std::min(e.down, e.up));
    }
};

inline void add_expiry(UnitTotals& t, const ExpiryTotals& e, const ContingencyTerms& terms,
                       double sign) noexcept {
    t.long_expiries += sign * positive(e.delta);
    t.short_expiries += sign * positive(-e.delta);
    t.delta_years += sign * std::abs(e.delta) * e.years;
    t.contingency += sign * terms.of(e);
}

/// The kind of a contract as add-ons see it.
enum class Role : unsigned char { other, option, future };

/// Adds sign times what `quantity` of one contract puts into the sums over contracts.
inline void add_contract(UnitTotals& t, Role role, const InstrumentRisk& risk, double quantity,
                         double sign) noexcept {
    const double units = quantity * risk.size, delta = quantity * risk.delta;
    t.gross_delta += sign * std::abs(delta);
    t.delta += sign * delta;
    if (role == Role::other) return;
    t.contracts += sign * std::abs(units);
    if (role == Role::option) {
        t.short_options += sign * positive(-units);
    } else {
        t.long_futures += sign * positive(delta);
        t.short_futures += sign * positive(-delta);
    }
}

/// One add-on: what it asks for.
/// @param spot of the underlying, and `quote_rate` of the quote currency, in the reporting one.
inline MarginRequirement amount(const AddOn& add_on, const UnitTotals& t, double spot,
                                double quote_rate) noexcept {
    const auto base = [&](const auto& a) {
        using Kind = std::decay_t<decltype(a)>;
        if constexpr (std::is_same_v<Kind, ShortOptionCharge>)
            return t.short_at_strikes * spot;
        else if constexpr (std::is_same_v<Kind, OffsettingFuturesCharge>)
            return std::min(t.long_futures, t.short_futures) * spot;
        else if constexpr (std::is_same_v<Kind, GrossFuturesCharge>)
            return (t.long_futures + t.short_futures) * spot;
        else if constexpr (std::is_same_v<Kind, CalendarSpreadCharge>)
            return std::min(t.long_expiries, t.short_expiries) * spot;
        else if constexpr (std::is_same_v<Kind, BasisCharge>)
            return t.delta_years * spot;
        else if constexpr (std::is_same_v<Kind, BasisContingency>)
            return t.contingency;
        else if constexpr (std::is_same_v<Kind, DeltaMinimum>)
            return (std::abs(t.delta) +
                    a.hedged_share * 0.5 * positive(t.gross_delta - std::abs(t.delta))) *
                   spot;
        else if constexpr (std::is_same_v<Kind, ShortOptionMinimum>)
            return t.short_options * quote_rate;
        else
            return t.contracts * quote_rate;
    };
    return std::visit(
        [&](const auto& a) {
            // What is left of a sum after everything was taken out again may be just below 0.
            const double size = positive(base(a));
            if constexpr (std::is_same_v<std::decay_t<decltype(a)>, BasisContingency>)
                return MarginRequirement{size, size};
            else
                return MarginRequirement{a.initial * size, a.maintenance * size};
        },
        add_on);
}

inline bool is_minimum(const AddOn& add_on) noexcept {
    return std::holds_alternative<DeltaMinimum>(add_on) ||
           std::holds_alternative<ShortOptionMinimum>(add_on) ||
           std::holds_alternative<ContractMinimum>(add_on);
}

/// The requirement of a unit from its scan loss and totals.
inline MarginRequirement requirement(const MarginRules& rules, double loss, const UnitTotals& t,
                                     double spot, double quote_rate) noexcept {
    double scan = loss;
    MarginRequirement charges, minimum;
    for (const AddOn& add_on : rules.add_ons()) {
        const MarginRequirement a = amount(add_on, t, spot, quote_rate);
        if (std::holds_alternative<BasisContingency>(add_on)) {
            scan = std::max(scan, a.initial);
        } else if (is_minimum(add_on)) {
            minimum = {std::max(minimum.initial, a.initial),
                       std::max(minimum.maintenance, a.maintenance)};
        } else {
            charges.initial += a.initial;
            charges.maintenance += a.maintenance;
        }
    }
    return {std::max(rules.initial() * scan + charges.initial, minimum.initial),
            std::max(rules.maintenance() * scan + charges.maintenance, minimum.maintenance)};
}

}  // namespace hedgerow::risk
