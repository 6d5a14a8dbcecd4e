// risk: margin schemes, their parts and the published ones.
#include <pybind11/native_enum.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "arrays.hpp"
#include "hedgerow/risk/margin_presets.hpp"
#include "hedgerow/risk/strategy_margin.hpp"
#include "module.hpp"
#include "state.hpp"

using namespace hedgerow;
using binding::require_state;
using binding::state_version;

namespace {

using Numbers = Column<double>;

template <class T>
std::string text_of(const char* type, std::initializer_list<std::pair<const char*, double T::*>> of,
                    const T& value) {
    std::string text = std::string(type) + "(";
    for (const auto& [field, member] : of) {
        if (text.back() != '(') text += ", ";
        text += std::string(field) + "=" + py::repr(py::float_(value.*member)).cast<std::string>();
    }
    return text + ")";
}

/// An add-on that asks for something initially and for maintenance.
template <class T>
void bind_charge(py::module_& m, const char* type, const char* words) {
    py::classh<T>(m, type, words)
        .def(py::init<double, double>(), py::kw_only(), py::arg("initial"), py::arg("maintenance"))
        .def_readonly("initial", &T::initial, "Of the initial margin.")
        .def_readonly("maintenance", &T::maintenance, "Of the maintenance margin.")
        .def(py::self == py::self)
        .def("__repr__", [type](const T& a) {
            return text_of<T>(type, {{"initial", &T::initial}, {"maintenance", &T::maintenance}},
                              a);
        });
}

void bind_add_ons(py::module_& m) {
    bind_charge<ShortOptionCharge>(m, "ShortOptionCharge",
                                   "Per unit of options net short at an expiry and strike, a "
                                   "fraction of the spot.");
    bind_charge<OffsettingFuturesCharge>(m, "OffsettingFuturesCharge",
                                         "Of the lesser of long and short futures and perpetuals, "
                                         "a fraction of their worth.");
    bind_charge<GrossFuturesCharge>(m, "GrossFuturesCharge",
                                    "Of futures and perpetuals, long plus short, a fraction of "
                                    "the spot per unit.");
    bind_charge<CalendarSpreadCharge>(m, "CalendarSpreadCharge",
                                      "Of deltas that offset each other between expiries, a "
                                      "fraction of the spot.");
    bind_charge<BasisCharge>(m, "BasisCharge",
                             "An annual rate on |delta| x spot x years of every expiry.");
    bind_charge<ShortOptionMinimum>(m, "ShortOptionMinimum",
                                    "At least this per unit of short option, in the quote "
                                    "currency.");
    bind_charge<ContractMinimum>(m, "ContractMinimum",
                                 "At least this per unit of any option or future, in the quote "
                                 "currency.");
    using Contingency = BasisContingency;
    py::classh<Contingency>(m, "BasisContingency",
                            "A loss that competes with the scenarios': per expiry the greater one "
                            "at -spot_move and +spot_move, times fixed + per_year x years.")
        .def(py::init<double, double, double>(), py::kw_only(), py::arg("spot_move"),
             py::arg("fixed"), py::arg("per_year"))
        .def_readonly("spot_move", &Contingency::spot_move, "The move of the spot.")
        .def_readonly("fixed", &Contingency::fixed, "The part that counts at once.")
        .def_readonly("per_year", &Contingency::per_year, "The part per year to expiry.")
        .def(py::self == py::self)
        .def("__repr__", [](const Contingency& a) {
            return text_of<Contingency>("BasisContingency",
                                        {{"spot_move", &Contingency::spot_move},
                                         {"fixed", &Contingency::fixed},
                                         {"per_year", &Contingency::per_year}},
                                        a);
        });
    py::classh<DeltaMinimum>(m, "DeltaMinimum",
                             "At least a fraction of the spot per unit of net delta, and "
                             "hedged_share of it per unit of hedged delta.")
        .def(py::init<double, double, double>(), py::kw_only(), py::arg("initial"),
             py::arg("maintenance"), py::arg("hedged_share"))
        .def_readonly("initial", &DeltaMinimum::initial, "Of the initial margin.")
        .def_readonly("maintenance", &DeltaMinimum::maintenance, "Of the maintenance margin.")
        .def_readonly("hedged_share", &DeltaMinimum::hedged_share, "What hedged delta counts.")
        .def(py::self == py::self)
        .def("__repr__", [](const DeltaMinimum& a) {
            return text_of<DeltaMinimum>("DeltaMinimum",
                                         {{"initial", &DeltaMinimum::initial},
                                          {"maintenance", &DeltaMinimum::maintenance},
                                          {"hedged_share", &DeltaMinimum::hedged_share}},
                                         a);
        });
}

MarginRules make_rules(const std::string& name, const std::string& date, const std::string& source,
                       const std::string& assumed, const std::string& omitted,
                       const Numbers& spot_factor, const Numbers& volatility_move,
                       const Numbers& weight, const VolatilityRule& volatility,
                       const std::vector<AddOn>& add_ons, double initial, double maintenance,
                       double look_ahead) {
    const auto size = spot_factor.size();
    if (volatility_move.size() != size || weight.size() != size)
        throw InvalidInput("scenarios", std::to_string(size) + " spot factors",
                           "must be as many as volatility moves and weights");
    std::vector<MarginScenario> scenarios;
    for (py::ssize_t j = 0; j < size; ++j)
        scenarios.push_back({spot_factor.data()[j], volatility_move.data()[j], weight.data()[j]});
    return {{name, date, source, assumed, omitted},
            std::move(scenarios),
            volatility,
            add_ons,
            initial,
            maintenance,
            look_ahead};
}

/// The numbers of an add-on, in the order of its members.
std::vector<double> numbers(const AddOn& add_on) {
    return std::visit(
        [](const auto& a) -> std::vector<double> {
            using Kind = std::decay_t<decltype(a)>;
            if constexpr (std::is_same_v<Kind, BasisContingency>)
                return {a.spot_move, a.fixed, a.per_year};
            else if constexpr (std::is_same_v<Kind, DeltaMinimum>)
                return {a.initial, a.maintenance, a.hedged_share};
            else
                return {a.initial, a.maintenance};
        },
        add_on);
}

/// The add-on of a kind, by its place in the variant, from its numbers.
template <std::size_t kind = 0>
AddOn add_on_of(std::size_t wanted, const std::vector<double>& x) {
    if constexpr (kind == std::variant_size_v<AddOn>) {
        throw InvalidInput("MarginRules", std::to_string(wanted), "must be a known kind of add-on");
    } else {
        if (kind != wanted) return add_on_of<kind + 1>(wanted, x);
        using Kind = std::variant_alternative_t<kind, AddOn>;
        if constexpr (std::is_same_v<Kind, BasisContingency> || std::is_same_v<Kind, DeltaMinimum>)
            return Kind{x.at(0), x.at(1), x.at(2)};
        else
            return Kind{x.at(0), x.at(1)};
    }
}

py::tuple state_of(const MarginRules& r) {
    const VolatilityRule& v = r.volatility();
    py::list scenarios, add_ons;
    for (const MarginScenario& s : r.scenarios())
        scenarios.append(py::make_tuple(s.spot_factor, s.volatility_move, s.weight));
    for (const AddOn& a : r.add_ons()) add_ons.append(py::make_tuple(a.index(), numbers(a)));
    return py::make_tuple(state_version, r.source().name, r.source().date, r.source().source,
                          r.source().assumed, r.source().omitted, scenarios,
                          static_cast<int>(v.shift),
                          std::vector{v.up, v.down, v.reference_days, v.floor_days, v.short_power,
                                      v.long_power, v.floor},
                          add_ons, r.initial(), r.maintenance(), r.look_ahead());
}

MarginRules from_state(const py::tuple& state) {
    require_state(state, "MarginRules");
    const auto text = [&](std::size_t i) { return state[i].cast<std::string>(); };
    std::vector<MarginScenario> scenarios;
    for (const auto& item : state[6].cast<std::vector<std::array<double, 3>>>())
        scenarios.push_back({item[0], item[1], item[2]});
    const auto v = state[8].cast<std::array<double, 7>>();
    const auto shift =
        state[7].cast<int>() == 0 ? VolatilityShift::relative : VolatilityShift::absolute;
    std::vector<AddOn> add_ons;
    using Stored = std::pair<std::size_t, std::vector<double>>;
    for (const auto& [kind, x] : state[9].cast<std::vector<Stored>>())
        add_ons.push_back(add_on_of(kind, x));
    return {{text(1), text(2), text(3), text(4), text(5)},
            std::move(scenarios),
            {shift, v[0], v[1], v[2], v[3], v[4], v[5], v[6]},
            std::move(add_ons),
            state[10].cast<double>(),
            state[11].cast<double>(),
            state[12].cast<double>()};
}

auto column(double MarginScenario::* member) {
    return [member](const MarginRules& rules) {
        std::vector<double> values;
        for (const MarginScenario& scenario : rules.scenarios()) values.push_back(scenario.*member);
        return to_array(std::move(values));
    };
}

/// A text of where rules come from.
template <class Rules>
const RuleSource& source_of(const Rules& rules) {
    if constexpr (std::is_same_v<Rules, MarginRules>)
        return rules.source();
    else
        return rules.source;
}

template <class Rules, class Class>
void bind_source(Class& of) {
    const auto text = [](std::string RuleSource::* member) {
        return [member](const Rules& rules) { return source_of(rules).*member; };
    };
    of.def_property_readonly("name", text(&RuleSource::name), "Of the scheme.")
        .def_property_readonly("date", text(&RuleSource::date), "Of the source.")
        .def_property_readonly("source", text(&RuleSource::source), "The document.")
        .def_property_readonly("assumed", text(&RuleSource::assumed),
                               "Which numbers are not in the document.")
        .def_property_readonly("omitted", text(&RuleSource::omitted),
                               "Which parts of the scheme are not in the rules.")
        .def(py::self == py::self);
}

void bind_rules(py::module_& m) {
    py::classh<MarginRules> rules(m, "MarginRules",
                                  "A margin scheme: scenarios, how volatilities move, add-ons.");
    rules.def(py::init(&make_rules), py::kw_only(), py::arg("name"), py::arg("date") = "",
              py::arg("source") = "", py::arg("assumed") = "", py::arg("omitted") = "",
              py::arg("spot_factor"), py::arg("volatility_move"), py::arg("weight"),
              py::arg("volatility"), py::arg("add_ons") = std::vector<AddOn>{},
              py::arg("initial") = 1.0, py::arg("maintenance") = 1.0, py::arg("look_ahead") = 0.0);
    bind_source<MarginRules>(rules);
    rules
        .def_property_readonly("spot_factor", column(&MarginScenario::spot_factor),
                               "Per scenario, by which the spot is multiplied.")
        .def_property_readonly("volatility_move", column(&MarginScenario::volatility_move),
                               "Per scenario, of the range: 1 up, -1 down.")
        .def_property_readonly("weight", column(&MarginScenario::weight),
                               "Per scenario, the part of the P&L that counts.")
        .def_property_readonly("volatility", &MarginRules::volatility, "How volatilities move.")
        .def_property_readonly("add_ons", &MarginRules::add_ons, "Charges and minimums.")
        .def_property_readonly(
            "add_on_names",
            [](const MarginRules& r) {
                std::vector<std::string> names;
                for (const AddOn& a : r.add_ons()) names.emplace_back(name(a));
                return names;
            },
            "What the add-ons are called in results.")
        .def_property_readonly("initial", &MarginRules::initial, "Factor of the scan part.")
        .def_property_readonly("maintenance", &MarginRules::maintenance, "Likewise.")
        .def_property_readonly("look_ahead", &MarginRules::look_ahead,
                               "Years that pass in every scenario.")
        .def(py::pickle(&state_of, &from_state))
        .def("__len__", [](const MarginRules& r) { return r.scenarios().size(); })
        .def("__repr__", [](const MarginRules& r) {
            return "MarginRules(" + r.source().name + ", " + r.source().date + ", " +
                   std::to_string(r.scenarios().size()) + " scenarios)";
        });
}

MarginRules span_rules(double price_range, double volatility_range, double extreme_multiple,
                       double extreme_cover, double calendar_spread, double short_option_minimum,
                       double initial) {
    return margin_presets::span({price_range, volatility_range, extreme_multiple, extreme_cover,
                                 calendar_spread, short_option_minimum, initial});
}

void bind_presets(py::module_& m) {
    namespace presets = margin_presets;
    const presets::SpanParameters usual{};
    m.def("margin_rules_span", &span_rules, py::kw_only(), py::arg("price_range"),
          py::arg("volatility_range"), py::arg("extreme_multiple") = usual.extreme_multiple,
          py::arg("extreme_cover") = usual.extreme_cover, py::arg("calendar_spread") = 0.0,
          py::arg("short_option_minimum") = 0.0, py::arg("initial") = 1.0, "CME's SPAN.");
    m.def("margin_rules_deribit", &presets::deribit, "Deribit's cross portfolio margin.");
    m.def("margin_rules_deribit_older", &presets::deribit_older, "That of older documentation.");
    m.def("margin_rules_derive", &presets::derive, "Derive's PMRM v2.");
    m.def("margin_rules_okx", &presets::okx, "OKX's portfolio margin.");
    m.def("margin_rules_paradex", &presets::paradex, "Paradex's portfolio margin.");
    m.def("margin_rules_tims_equity", &presets::tims_equity, "Within 15 %.");
    m.def("margin_rules_tims_index", &presets::tims_index, "From -8 % to +6 %.");
    m.def("margin_rules_reg_t_equity", &reg_t_equity, "By strategy, 20 % and 10 %.");
    m.def("margin_rules_reg_t_index", &reg_t_index, "By strategy, 15 % and 10 %.");
}

StrategyRules make_strategy_rules(const std::string& name, double short_option,
                                  double short_option_least, std::pair<double, double> long_stock,
                                  std::pair<double, double> short_stock) {
    return {{name, "", "", "", ""},
            short_option,
            short_option_least,
            {long_stock.first, long_stock.second},
            {short_stock.first, short_stock.second}};
}

void bind_strategy_rules(py::module_& m) {
    py::classh<StrategyRules> rules(m, "StrategyRules", "Percentages of a margin by strategy.");
    using Pair = std::pair<double, double>;
    rules.def(py::init(&make_strategy_rules), py::kw_only(), py::arg("name"),
              py::arg("short_option"), py::arg("short_option_least"), py::arg("long_stock"),
              py::arg("short_stock"));
    bind_source<StrategyRules>(rules);
    const auto pair = [](MarginRequirement StrategyRules::* member) {
        return [member](const StrategyRules& r) {
            return Pair{(r.*member).initial, (r.*member).maintenance};
        };
    };
    rules.def_readonly("short_option", &StrategyRules::short_option, "Of the spot.")
        .def_readonly("short_option_least", &StrategyRules::short_option_least,
                      "At least: of the spot for calls, of the strike for puts.")
        .def_property_readonly("long_stock", pair(&StrategyRules::long_stock),
                               "Of its value, initial and maintenance.")
        .def_property_readonly("short_stock", pair(&StrategyRules::short_stock), "Likewise.")
        .def("__repr__",
             [](const StrategyRules& r) { return "StrategyRules(" + r.source.name + ")"; });
}

}  // namespace

void bind_margin_rules(py::module_& m) {
    py::native_enum<VolatilityShift>(m, "VolatilityShift", "enum.IntEnum",
                                     "What the size of a volatility move is a fraction of.")
        .value("RELATIVE", VolatilityShift::relative)
        .value("ABSOLUTE", VolatilityShift::absolute)
        .finalize();
    const VolatilityRule usual;
    py::classh<VolatilityRule>(m, "VolatilityRule",
                               "How far volatilities move, by days to expiry: up or down x "
                               "(reference_days / max(days, floor_days))^power.")
        .def(py::init([](VolatilityShift shift, double up, double down, double reference_days,
                         double floor_days, double short_power, double long_power, double floor) {
                 return VolatilityRule{shift,      up,          down,       reference_days,
                                       floor_days, short_power, long_power, floor};
             }),
             py::kw_only(), py::arg("shift") = VolatilityShift::relative, py::arg("up") = 0.0,
             py::arg("down") = 0.0, py::arg("reference_days") = usual.reference_days,
             py::arg("floor_days") = usual.floor_days, py::arg("short_power") = 0.0,
             py::arg("long_power") = 0.0, py::arg("floor") = 0.0)
        .def_readonly("shift", &VolatilityRule::shift, "Relative or absolute.")
        .def_readonly("up", &VolatilityRule::up, "Of a full move up at reference_days.")
        .def_readonly("down", &VolatilityRule::down, "Of a full move down.")
        .def_readonly("reference_days", &VolatilityRule::reference_days, "Where the factor is 1.")
        .def_readonly("floor_days", &VolatilityRule::floor_days, "No expiry counts as nearer.")
        .def_readonly("short_power", &VolatilityRule::short_power, "Before reference_days.")
        .def_readonly("long_power", &VolatilityRule::long_power, "From reference_days on.")
        .def_readonly("floor", &VolatilityRule::floor, "The least volatility after a move up.")
        .def("moved", &moved_volatility, py::arg("volatility"), py::arg("days"), py::arg("move"),
             "A volatility after a move in [-1, 1] of the range.")
        .def(py::self == py::self)
        .def("__repr__", [](const VolatilityRule& v) {
            return text_of<VolatilityRule>("VolatilityRule",
                                           {{"up", &VolatilityRule::up},
                                            {"down", &VolatilityRule::down},
                                            {"short_power", &VolatilityRule::short_power},
                                            {"long_power", &VolatilityRule::long_power},
                                            {"floor", &VolatilityRule::floor}},
                                           v);
        });
    bind_add_ons(m);
    bind_rules(m);
    bind_strategy_rules(m);
    bind_presets(m);
}
