/// Margin by strategy: what is required of stock and options pair by pair, as of a US margin
/// account (Regulation T, FINRA rule 4210(f)(2)).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/risk/margin.hpp"
#include "hedgerow/risk/margin_rules.hpp"

namespace hedgerow {

/// The percentages. U is the spot, K the strike, p the option's value.
struct StrategyRules {
    RuleSource source;
    double short_option;        ///< of U, less what the option is out of the money, on top of p
    double short_option_least;  ///< at least this much: of U for calls, of K for puts
    MarginRequirement long_stock, short_stock;  ///< of its value

    friend bool operator==(const StrategyRules&, const StrategyRules&) = default;
};

/// Equity options: 20 % and 10 %; stock 50 %, maintenance 25 % long and 30 % short.
HEDGEROW_API StrategyRules reg_t_equity();
/// Options on broad indices: 15 % and 10 %; the same for stock.
HEDGEROW_API StrategyRules reg_t_index();

/// What a part of a position is margined as.
enum class Strategy : unsigned char {
    long_option,   ///< paid in full: nothing is lent on it
    naked_option,  ///< p + max(short_option U - out of the money, least)
    spread,        ///< short option and a long one of the same right that expires no sooner
    straddle,      ///< short call and short put: the greater of both, and the other's p
    covered,       ///< short call and stock, short put and short stock: nothing for the option
    stock,         ///< long or short
};

HEDGEROW_API const char* name(Strategy strategy) noexcept;

/// So many units of a contract, alone or paired.
struct StrategyPart {
    Strategy strategy;
    std::uint32_t contract;    ///< of the book: the short option of a pair
    std::uint32_t other;       ///< the contract it is paired with, or itself
    double units;              ///< quantity x multiplier, not negative
    MarginRequirement margin;  ///< against cash, in the reporting currency; see strategy_margin()
};

/// The margin of one underlying. Requirements are against equity, which counts option values:
/// the parts' requirements against cash, plus the value of the options.
struct StrategyUnit {
    std::string underlying;
    MarginRequirement requirement;
    double option_value = 0;
};

struct HEDGEROW_API StrategyMargin {
    MarginRequirement requirement;  ///< of all
    std::vector<StrategyUnit> units;
    std::vector<StrategyPart> parts;
    std::vector<Status> status;  ///< per position of the book
    std::uint64_t not_margined = 0;
};

/// The least requirement that pairing allows. Positions of one contract are netted first. Then
/// short calls are matched with long calls (requirement max(0, K_long - K_short)), long stock or
/// short puts, and short puts with long puts (max(0, K_short - K_long)), short stock or short
/// calls; each unit in one pair at most. Pairs go between two sides only, {short calls, long puts,
/// short stock} and {long calls, short puts, long stock}, so that the matching of greatest saving
/// is a minimum-cost flow, which is found exactly (successive shortest paths).
///
/// A part's `margin` is what the rule asks for against cash, where premiums received count as cash:
/// p included. Against equity that is less by p, which is already subtracted there.
///
/// Not covered: combinations of more than two legs (a condor is two spreads, a box two), cash
/// secured puts, protective puts, stock held against anything else, long options of more than nine
/// months, which may be lent on, portfolio margin, futures and whatever is not settled in the
/// quote currency. Options that are not valued (American ones) and all such positions are counted
/// and carry a status.
/// Sources: Regulation T, 12 CFR 220; FINRA rule 4210(f)(2).
HEDGEROW_API StrategyMargin strategy_margin(const Book& book, const Snapshot& snapshot,
                                            const StrategyRules& rules, ThreadPool* pool = nullptr);

}  // namespace hedgerow
