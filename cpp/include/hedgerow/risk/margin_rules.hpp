/// What a margin scheme asks for: a grid of scenarios, how volatilities move in them, and add-ons.
///
/// One form for all of them. Per risk unit, which is one underlying with everything written on it,
///
///     loss        = max(0, max over scenarios of -weight x P&L)
///     scan        = max(loss, basis contingency)
///     requirement = max(factor x scan + sum of charges, minimums)
///
/// and an account needs the sum of its units. It is what equity must exceed, where equity is the
/// value of everything held, options included: long options are collateral for their own risk.
/// `initial` is asked for before a position may grow, `maintenance` before it is liquidated.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// What the size of a volatility move is a fraction of.
enum class VolatilityShift : unsigned char {
    relative,  ///< the volatility itself: v (1 + move)
    absolute,  ///< 1.00, decimals per year: v + move
};

/// How far volatilities move, by time to expiry in days (ACT/365, fractions of days):
/// `up` or `down` times (reference_days / max(days, floor_days))^power.
struct VolatilityRule {
    VolatilityShift shift = VolatilityShift::relative;
    double up = 0;    ///< of a full move up at reference_days
    double down = 0;  ///< of a full move down, a positive number
    double reference_days = 30;
    double floor_days = 1;   ///< what is nearer moves as if it were so far away
    double short_power = 0;  ///< before reference_days
    double long_power = 0;   ///< from reference_days on
    double floor = 0;        ///< no volatility is lower after a move up

    friend bool operator==(const VolatilityRule&, const VolatilityRule&) = default;
};

/// (reference_days / max(days, floor_days))^power.
HEDGEROW_API double term_factor(const VolatilityRule& rule, double days) noexcept;

/// A volatility after a move in [-1, 1] of the range; never below 0.
HEDGEROW_API double moved_volatility(const VolatilityRule& rule, double volatility, double days,
                                     double move) noexcept;

/// One state of the market that the book must survive.
struct MarginScenario {
    double spot_factor;      ///< by which spot and forwards are multiplied
    double volatility_move;  ///< 1 the whole range up, -1 the whole range down, 0 none
    double weight = 1;       ///< the part of the P&L that counts

    friend bool operator==(const MarginScenario&, const MarginScenario&) = default;
};

/// Charge per unit of options net short at one expiry and strike, calls and puts together, as a
/// fraction of the spot.
struct ShortOptionCharge {
    double initial, maintenance;
    friend bool operator==(const ShortOptionCharge&, const ShortOptionCharge&) = default;
};

/// Charge for futures and perpetuals that offset each other: the lesser of what all long and all
/// short contracts are worth, times a fraction.
struct OffsettingFuturesCharge {
    double initial, maintenance;
    friend bool operator==(const OffsettingFuturesCharge&,
                           const OffsettingFuturesCharge&) = default;
};

/// Charge for futures and perpetuals, long plus short: units times a fraction of the spot.
struct GrossFuturesCharge {
    double initial, maintenance;
    friend bool operator==(const GrossFuturesCharge&, const GrossFuturesCharge&) = default;
};

/// Charge for deltas that offset each other between expiries: the lesser of the net long and the
/// net short expiries' sums, times a fraction of the spot.
struct CalendarSpreadCharge {
    double initial, maintenance;
    friend bool operator==(const CalendarSpreadCharge&, const CalendarSpreadCharge&) = default;
};

/// Charge for forwards that move against the spot: |delta| of each expiry x spot x years to it,
/// times an annual rate.
struct BasisCharge {
    double initial, maintenance;
    friend bool operator==(const BasisCharge&, const BasisCharge&) = default;
};

/// A loss that competes with the scenarios': of each expiry alone, the greater loss when spot
/// moves by -spot_move and +spot_move, times fixed + per_year x years to expiry, summed. What never
/// expires is not in it.
struct BasisContingency {
    double spot_move, fixed, per_year;
    friend bool operator==(const BasisContingency&, const BasisContingency&) = default;
};

/// Minimum of |net delta| + hedged_share x (gross - |net|)/2, in units, times a fraction of the
/// spot; gross adds up |delta| over contracts.
struct DeltaMinimum {
    double initial, maintenance, hedged_share;
    friend bool operator==(const DeltaMinimum&, const DeltaMinimum&) = default;
};

/// Minimum per unit of short option, in the quote currency.
struct ShortOptionMinimum {
    double initial, maintenance;
    friend bool operator==(const ShortOptionMinimum&, const ShortOptionMinimum&) = default;
};

/// Minimum per unit of any option or future, long or short, in the quote currency.
struct ContractMinimum {
    double initial, maintenance;
    friend bool operator==(const ContractMinimum&, const ContractMinimum&) = default;
};

using AddOn = std::variant<ShortOptionCharge, OffsettingFuturesCharge, GrossFuturesCharge,
                           CalendarSpreadCharge, BasisCharge, BasisContingency, DeltaMinimum,
                           ShortOptionMinimum, ContractMinimum>;

/// "short_option_charge" and so on.
HEDGEROW_API const char* name(const AddOn& add_on) noexcept;

/// Where rules come from: schemes change without notice.
struct RuleSource {
    std::string name;     ///< as "Deribit X:PM"
    std::string date;     ///< of the source, as "2024-06-17"
    std::string source;   ///< the document
    std::string assumed;  ///< which numbers are not in it
    std::string omitted;  ///< which parts of the scheme are not in the rules

    friend bool operator==(const RuleSource&, const RuleSource&) = default;
};

/// A scheme. Immutable once made.
class HEDGEROW_API MarginRules {
  public:
    /// @param initial the factor of the scan part of the initial margin, `maintenance` likewise.
    /// @param look_ahead years that pass in every scenario.
    /// @throws InvalidInput unless there is a scenario, spot factors are positive, moves in
    ///     [-1, 1], weights and all sizes finite and not negative, reference_days and floor_days
    ///     positive, and there is one basis contingency at most.
    MarginRules(RuleSource source, std::vector<MarginScenario> scenarios, VolatilityRule volatility,
                std::vector<AddOn> add_ons, double initial, double maintenance,
                double look_ahead = 0);

    const RuleSource& source() const noexcept { return source_; }
    const std::vector<MarginScenario>& scenarios() const noexcept { return scenarios_; }
    const VolatilityRule& volatility() const noexcept { return volatility_; }
    const std::vector<AddOn>& add_ons() const noexcept { return add_ons_; }
    double initial() const noexcept { return initial_; }
    double maintenance() const noexcept { return maintenance_; }
    double look_ahead() const noexcept { return look_ahead_; }
    friend bool operator==(const MarginRules&, const MarginRules&) = default;

  private:
    RuleSource source_;
    std::vector<MarginScenario> scenarios_;
    VolatilityRule volatility_;
    std::vector<AddOn> add_ons_;
    double initial_, maintenance_, look_ahead_;
};

}  // namespace hedgerow
