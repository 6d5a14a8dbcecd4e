#include "hedgerow/risk/strategy_margin.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "hedgerow/price/units.hpp"
#include "matching.hpp"

namespace hedgerow {

namespace {

/// Contracts of one underlying, netted, on one side of the matching.
struct Node {
    std::uint32_t contract;
    double units;  ///< not negative
    bool is_short;
    double alone;  ///< requirement against cash per unit, unpaired; 0 for stock and what is long
    double price;
};

StrategyRules reg_t(const char* name, double short_option) {
    return {
        {name, "2010-10",
         "Regulation T, 12 CFR 220; FINRA rule 4210(c) and (f)(2), since Regulatory Notice 10-45",
         "percentages as commonly stated; the rules' texts were not compared word by word",
         "strategies of more than two legs, cash-secured and protective puts, loans on options "
         "of more than nine months"},
        short_option,
        0.1,
        {0.5, 0.25},
        {0.5, 0.3}};
}

/// The matching of one underlying.
class Matcher {
  public:
    Matcher(const ContractColumns& contracts, const UnitValues& units, const StrategyRules& rules)
        : contracts_(contracts), units_(units), rules_(rules) {}

    void add(std::uint32_t c, double units) {
        const bool option = contracts_.kind[c] == Kind::option, is_short = units < 0;
        const bool put = option && contracts_.right[c] < 0;
        Node node{c, std::abs(units), is_short, 0, option ? units_.price[c] : 0};
        if (option && is_short) node.alone = naked(c);
        // Short calls, long puts and short stock; long calls, short puts and long stock.
        const bool left = option ? is_short != put : is_short;
        (left ? left_ : right_).push_back(node);
    }

    void match(double rate, std::vector<StrategyPart>& parts) {
        std::vector<risk::Edge> edges;
        std::vector<double> left, right;
        for (const Node& node : left_) left.push_back(node.units);
        for (const Node& node : right_) right.push_back(node.units);
        for (std::size_t i = 0; i < left_.size(); ++i)
            for (std::size_t j = 0; j < right_.size(); ++j) {
                const double saving = separate(left_[i], right_[j]) - paired(left_[i], right_[j]);
                if (saving > 0) edges.push_back({i, j, saving});
            }
        const std::vector<double> flow = risk::best_matching(left, right, edges);
        std::vector<double> used_left(left.size()), used_right(right.size());
        for (std::size_t e = 0; e < edges.size(); ++e) {
            if (!(flow[e] > 0)) continue;
            const auto& [i, j, saving] = edges[e];
            pair(left_[i], right_[j], flow[e], rate, parts);
            used_left[i] += flow[e];
            used_right[j] += flow[e];
        }
        for (std::size_t i = 0; i < left.size(); ++i) rest(left_[i], used_left[i], rate, parts);
        for (std::size_t j = 0; j < right.size(); ++j) rest(right_[j], used_right[j], rate, parts);
    }

  private:
    bool is_option(const Node& n) const { return contracts_.kind[n.contract] == Kind::option; }

    double naked(std::uint32_t c) const {
        const double spot = units_.spot[c], strike = contracts_.strike[c];
        const bool call = contracts_.right[c] > 0;
        const double out = std::max(call ? strike - spot : spot - strike, 0.0);
        const double least = rules_.short_option_least * (call ? spot : strike);
        return units_.price[c] + std::max(rules_.short_option * spot - out, least);
    }

    static double separate(const Node& a, const Node& b) { return a.alone + b.alone; }

    bool expires_no_sooner(const Node& a, const Node& than) const {
        return contracts_.slices[contracts_.slice[a.contract]].expiry >=
               contracts_.slices[contracts_.slice[than.contract]].expiry;
    }

    /// Per unit of both; what may not be paired costs what it costs apart.
    double paired(const Node& a, const Node& b) const {
        if (!is_option(a) || !is_option(b)) return is_option(a) == is_option(b) ? 0 : covered(a, b);
        if (a.is_short && b.is_short) {
            const Node& greater = a.alone >= b.alone ? a : b;
            const Node& lesser = a.alone >= b.alone ? b : a;
            return greater.alone + lesser.price;
        }
        if (a.is_short == b.is_short) return 0;
        const Node& sold = a.is_short ? a : b;
        const Node& held = a.is_short ? b : a;
        if (!expires_no_sooner(held, sold)) return separate(a, b);
        const double right = contracts_.right[sold.contract];
        return std::max(
            right * (contracts_.strike[held.contract] - contracts_.strike[sold.contract]), 0.0);
    }

    double covered(const Node& a, const Node& b) const {
        const Node& option = is_option(a) ? a : b;
        return option.is_short ? 0 : separate(a, b);
    }

    void pair(const Node& a, const Node& b, double units, double rate,
              std::vector<StrategyPart>& parts) const {
        const bool stock = !is_option(a) || !is_option(b);
        const bool both = a.is_short && b.is_short;
        const Node& sold = stock ? (is_option(a) ? a : b) : (a.is_short ? a : b);
        const Node& other = &sold == &a ? b : a;
        const Strategy strategy =
            stock ? Strategy::covered : (both ? Strategy::straddle : Strategy::spread);
        const double amount = paired(a, b) * units * rate;
        parts.push_back({strategy, sold.contract, other.contract, units, {amount, amount}});
    }

    /// What is in no pair; stock is margined whatever it covers, and long options cost no cash.
    void rest(const Node& n, double used, double rate, std::vector<StrategyPart>& parts) const {
        if (!is_option(n)) {
            const MarginRequirement& part = n.is_short ? rules_.short_stock : rules_.long_stock;
            const double value = units_.spot[n.contract] * n.units * rate;
            const MarginRequirement margin{part.initial * value, part.maintenance * value};
            parts.push_back({Strategy::stock, n.contract, n.contract, n.units, margin});
            return;
        }
        const double left = n.units - used;
        if (!(left > 1e-12 * n.units)) return;
        const double amount = n.alone * left * rate;
        const Strategy strategy = n.is_short ? Strategy::naked_option : Strategy::long_option;
        parts.push_back({strategy, n.contract, n.contract, left, {amount, amount}});
    }

    const ContractColumns& contracts_;
    const UnitValues& units_;
    const StrategyRules& rules_;
    std::vector<Node> left_, right_;
};

/// Whether the rule knows such contracts; money needs no margin.
Status covered(const ContractColumns& contracts, std::uint32_t c, Status status) {
    const Kind kind = contracts.kind[c];
    if (kind == Kind::cash || !is_valued(status)) return status;
    const bool known = kind == Kind::spot || kind == Kind::option;
    const bool linear = contracts.settlement[c] == Settlement::linear;
    return known && linear ? status : Status::unsupported_settlement;
}

}  // namespace

StrategyRules reg_t_equity() {
    return reg_t("Reg T equity", 0.2);
}

StrategyRules reg_t_index() {
    return reg_t("Reg T broad index", 0.15);
}

const char* name(Strategy strategy) noexcept {
    static constexpr const char* names[] = {"long_option", "naked_option", "spread",
                                            "straddle",    "covered",      "stock"};
    return names[static_cast<int>(strategy)];
}

StrategyMargin strategy_margin(const Book& book, const Snapshot& snapshot,
                               const StrategyRules& rules, ThreadPool* pool) {
    const ContractColumns& contracts = *book.contracts();
    const UnitValues units = value_units(contracts, snapshot, pool);
    StrategyMargin result;
    std::vector<double> netted(contracts.size());
    for (std::size_t row = 0; row < book.size(); ++row) {
        const std::uint32_t c = book.contract()[row];
        const double amount = book.quantity()[row] * contracts.multiplier[c];
        Status status = covered(contracts, c, units.status[c]);
        if (is_valued(status) && !(std::abs(amount) <= largest_amount))
            status = Status::invalid_quantity;
        result.status.push_back(status);
        if (status == Status::ok) netted[c] += amount;
        if (!is_valued(status)) ++result.not_margined;
    }
    std::map<std::uint32_t, Matcher> matchers;
    std::map<std::uint32_t, double> rates;
    std::map<std::uint32_t, StrategyUnit> found;
    for (std::uint32_t c = 0; c < contracts.size(); ++c) {
        if (netted[c] == 0 || contracts.kind[c] == Kind::cash) continue;
        const std::uint32_t on = contracts.underlying[c];
        matchers.try_emplace(on, contracts, units, rules).first->second.add(c, netted[c]);
        rates[on] = units.quote_rate[c];
        found[on].underlying = contracts.underlyings[on];
        if (contracts.kind[c] == Kind::option)
            found[on].option_value += netted[c] * units.price[c] * units.quote_rate[c];
    }
    for (auto& [on, matcher] : matchers) {
        std::vector<StrategyPart> parts;
        matcher.match(rates[on], parts);
        StrategyUnit& unit = found[on];
        unit.requirement = {unit.option_value, unit.option_value};
        for (const StrategyPart& part : parts) {
            unit.requirement.initial += part.margin.initial;
            unit.requirement.maintenance += part.margin.maintenance;
        }
        result.requirement.initial += unit.requirement.initial;
        result.requirement.maintenance += unit.requirement.maintenance;
        result.parts.insert(result.parts.end(), parts.begin(), parts.end());
        result.units.push_back(unit);
    }
    return result;
}

}  // namespace hedgerow
