// contract: the five kinds of contract, their names, and the years between two instants.
#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <cmath>
#include <functional>
#include <variant>

#include "contract.hpp"
#include "hedgerow/contract/symbol.hpp"
#include "module.hpp"

using namespace hedgerow;

namespace {

// Words become enums here and nowhere deeper.

template <class Enum>
using Word = std::variant<Enum, std::string>;

template <class Enum>
Enum read_word(const char* argument, const Word<Enum>& word,
               std::initializer_list<std::pair<std::string_view, Enum>> meanings) {
    if (const auto* value = std::get_if<Enum>(&word)) return *value;
    const auto& text = std::get<std::string>(word);
    std::string rule = "must be";
    for (const auto& [spelling, value] : meanings) {
        if (text == spelling) return value;
        rule.append(rule.size() == 7 ? " '" : ", '").append(spelling).append("'");
    }
    throw InvalidInput(argument, "'" + text + "'", rule);
}

Right read(const Word<Right>& word) {
    return read_word<Right>("right", word,
                            {{"call", Right::call},
                             {"put", Right::put},
                             {"C", Right::call},
                             {"P", Right::put},
                             {"c", Right::call},
                             {"p", Right::put}});
}

Exercise read(const Word<Exercise>& word) {
    return read_word<Exercise>(
        "exercise", word, {{"european", Exercise::european}, {"american", Exercise::american}});
}

Settlement read(const Word<Settlement>& word) {
    return read_word<Settlement>("settlement", word,
                                 {{"linear", Settlement::linear},
                                  {"inverse", Settlement::inverse},
                                  {"quanto", Settlement::quanto}});
}

Terms make_terms(const std::string& underlying, const std::string& quote_currency,
                 const Word<Settlement>& settlement, double multiplier,
                 const std::optional<std::string>& currency) {
    switch (read(settlement)) {
        case Settlement::inverse: {
            Terms terms = Terms::inverse(underlying, quote_currency, multiplier);
            if (currency.value_or(underlying) != underlying)
                throw InvalidInput("currency", *currency, "must be the underlying when inverse");
            return terms;
        }
        case Settlement::quanto:
            if (!currency) throw InvalidInput("currency", "None", "must be given when quanto");
            return Terms::quanto(underlying, quote_currency, *currency, multiplier);
        default: {
            Terms terms = Terms::linear(underlying, quote_currency, multiplier);
            if (currency.value_or(quote_currency) != quote_currency)
                throw InvalidInput("currency", *currency, "must be the quote currency when linear");
            return terms;
        }
    }
}

// repr: the constructor call that makes an equal contract.

std::string literal(const std::string& text) {
    return py::repr(py::str(text)).cast<std::string>();
}

std::string literal(double number) {
    const bool whole = std::abs(number) < 1e15 && number == std::floor(number);
    const py::object value = py::float_(number);
    return (whole ? py::repr(py::int_(value)) : py::repr(value)).cast<std::string>();
}

/// The keyword arguments that differ from their defaults.
std::string keywords(const Terms& terms, const std::string& fixing = "",
                     Exercise exercise = Exercise::european) {
    std::string text;
    if (terms.quote_currency() != "USD")
        text += ", quote_currency=" + literal(terms.quote_currency());
    if (terms.settlement() != Settlement::linear)
        text += ", settlement=" + literal(name(terms.settlement()));
    if (terms.multiplier() != 1) text += ", multiplier=" + literal(terms.multiplier());
    if (exercise != Exercise::european) text += ", exercise=" + literal(name(exercise));
    if (terms.settlement() == Settlement::quanto) text += ", currency=" + literal(terms.currency());
    if (!fixing.empty()) text += ", fixing=" + literal(fixing);
    return text + ")";
}

std::string repr(const Cash& cash) {
    return "Cash(" + literal(cash.currency()) + ")";
}

std::string repr(const Spot& spot) {
    return "Spot(" + literal(spot.underlying()) + ", " + literal(spot.currency()) + ")";
}

std::string repr(const Perpetual& perpetual) {
    return "Perpetual(" + literal(perpetual.terms().underlying()) + keywords(perpetual.terms());
}

std::string repr(const Future& future) {
    return "Future(" + literal(future.terms().underlying()) + ", '" + to_string(future.expiry()) +
           "'" + keywords(future.terms(), future.fixing());
}

std::string repr(const Option& option) {
    return "Option(" + literal(option.terms().underlying()) + ", '" + to_string(option.expiry()) +
           "', " + literal(option.strike()) +
           (option.right() == Right::call ? ", 'call'" : ", 'put'") +
           keywords(option.terms(), option.fixing(), option.exercise());
}

/// What every kind has: value semantics, its name, and a pickle that any later version can read.
template <class Kind>
py::class_<Kind> bind_kind(py::module_& m, const char* class_name, const char* doc) {
    py::class_<Kind> type(m, class_name, py::is_final(), doc);
    const auto compare = [&](const char* method, auto operation) {
        type.def(
            method,
            [operation](const Kind& self, const Contract& other) {
                return operation(Contract(self), other);
            },
            py::is_operator(), py::arg("other"));
    };
    compare("__eq__", std::equal_to<>{});
    compare("__ne__", std::not_equal_to<>{});
    compare("__lt__", std::less<>{});
    compare("__le__", std::less_equal<>{});
    compare("__gt__", std::greater<>{});
    compare("__ge__", std::greater_equal<>{});
    type.def("__hash__", [](const Kind& self) {
        return static_cast<py::ssize_t>(std::hash<Contract>{}(self));
    });
    type.def("__str__", [](const Kind& self) { return symbol(self); });
    type.def("__repr__", [](const Kind& self) { return repr(self); });
    type.def(py::pickle([](const Kind& self) { return canonical_name(self); },
                        [](const std::string& text) {
                            const Contract contract = parse_contract(text);
                            if (const auto* kind = std::get_if<Kind>(&contract)) return *kind;
                            throw InvalidInput("state", text, "must name a contract of this kind");
                        }));
    type.attr("__module__") = "hedgerow";  // the public home, which pickles keep
    return type;
}

template <class Kind>
void bind_terms(py::class_<Kind>& type) {
    const auto property = [&](const char* property_name, auto member, const char* doc) {
        type.def_property_readonly(
            property_name, [member](const Kind& self) { return (self.terms().*member)(); }, doc);
    };
    property("underlying", &Terms::underlying, "What the contract is on.");
    property("quote_currency", &Terms::quote_currency,
             "What the strike and the underlying's price are stated in.");
    property("currency", &Terms::currency, "What the contract pays in.");
    property("settlement", &Terms::settlement, "Linear, inverse (coin-settled) or quanto.");
    property("multiplier", &Terms::multiplier,
             "Size of one contract: units of the underlying, or of the quote currency for inverse "
             "futures and perpetuals.");
}

void bind_cash(py::module_& m) {
    bind_kind<Cash>(m, "Cash", "An amount of money: one unit of a currency.")
        .def(py::init<std::string>(), py::arg("currency"))
        .def_property_readonly("currency", &Cash::currency, "The currency.");
}

void bind_spot(py::module_& m) {
    bind_kind<Spot>(m, "Spot", "One unit of the underlying itself, quoted in a currency.")
        .def(py::init<std::string, std::string>(), py::arg("underlying"), py::arg("currency"))
        .def_property_readonly("underlying", &Spot::underlying, "What the contract is on.")
        .def_property_readonly("currency", &Spot::currency, "What its price is stated in.");
}

void bind_perpetual(py::module_& m) {
    auto type = bind_kind<Perpetual>(
        m, "Perpetual", "A future without expiry that funding payments tie to the spot.");
    type.def(py::init([](const std::string& underlying, const std::string& quote_currency,
                         const Word<Settlement>& settlement, double multiplier,
                         const std::optional<std::string>& currency) {
                 return Perpetual(
                     make_terms(underlying, quote_currency, settlement, multiplier, currency));
             }),
             py::arg("underlying"), py::kw_only(), py::arg("quote_currency") = "USD",
             py::arg("settlement") = "linear", py::arg("multiplier") = 1,
             py::arg("currency") = py::none());
    bind_terms(type);
}

void bind_future(py::module_& m) {
    auto type = bind_kind<Future>(
        m, "Future",
        "Delivers the difference between the fixing at expiry and the traded price, margined "
        "daily.");
    type.def(
        py::init([](const std::string& underlying, Instant expiry,
                    const std::string& quote_currency, const Word<Settlement>& settlement,
                    double multiplier, const std::optional<std::string>& currency,
                    const std::string& fixing) {
            return Future(make_terms(underlying, quote_currency, settlement, multiplier, currency),
                          expiry, fixing);
        }),
        py::arg("underlying"), py::arg("expiry"), py::kw_only(), py::arg("quote_currency") = "USD",
        py::arg("settlement") = "linear", py::arg("multiplier") = 1,
        py::arg("currency") = py::none(), py::arg("fixing") = "");
    bind_terms(type);
    type.def_property_readonly("expiry", &Future::expiry, "When it is fixed, exactly, in UTC.")
        .def_property_readonly("fixing", &Future::fixing,
                               "Name of the settlement price; empty: the exchange's usual one.");
}

void bind_option(py::module_& m) {
    auto type = bind_kind<Option>(
        m, "Option",
        "A vanilla option, paid up front: its price is a premium in its currency.\n\n"
        "`expiry` is an aware datetime, a numpy.datetime64 (UTC) or ISO 8601 text; `right`, "
        "`settlement` and\n`exercise` are enums or their names. Raises InvalidInput naming the "
        "argument, the value and the rule.");
    type.def(py::init([](const std::string& underlying, Instant expiry, double strike,
                         const Word<Right>& right, const std::string& quote_currency,
                         const Word<Settlement>& settlement, double multiplier,
                         const Word<Exercise>& exercise, const std::optional<std::string>& currency,
                         const std::string& fixing) {
                 return Option(
                     make_terms(underlying, quote_currency, settlement, multiplier, currency),
                     expiry, strike, read(right), read(exercise), fixing);
             }),
             py::arg("underlying"), py::arg("expiry"), py::arg("strike"), py::arg("right"),
             py::kw_only(), py::arg("quote_currency") = "USD", py::arg("settlement") = "linear",
             py::arg("multiplier") = 1, py::arg("exercise") = "european",
             py::arg("currency") = py::none(), py::arg("fixing") = "");
    bind_terms(type);
    type.def_property_readonly("expiry", &Option::expiry, "When it is fixed, exactly, in UTC.")
        .def_property_readonly("strike", &Option::strike, "In the quote currency.")
        .def_property_readonly("right", &Option::right, "To buy (call) or to sell (put).")
        .def_property_readonly("exercise", &Option::exercise, "European or American.")
        .def_property_readonly("fixing", &Option::fixing,
                               "Name of the settlement price; empty: the exchange's usual one.");
}

void bind_names(py::module_& m) {
    m.def("parse_contract", &parse_contract, py::arg("text"),
          "The contract of a Deribit name, an OSI symbol or a canonical name.");
    m.def("parse_deribit", &parse_deribit, py::arg("name"),
          "The contract of a Deribit name, as BTC-27MAR26-100000-C.");
    m.def("parse_osi", &parse_osi, py::arg("symbol"),
          "The option of an OCC/OSI symbol, padded or compact, as SPXW  210115C03800000.");
    m.def("deribit_name", &deribit_name, py::arg("contract"),
          "The Deribit name; InvalidInput says why when there is none.");
    m.def("osi_symbol", &osi_symbol, py::arg("contract"), py::arg("root") = "",
          "The OCC/OSI symbol, padded to 21 characters; InvalidInput says why when there is none.");
    m.def("canonical_name", &canonical_name, py::arg("contract"),
          "The exact name that depends on no listing, as option:BTC/USD:...:100000:P:inverse.");
    m.def("symbol", &symbol, py::arg("contract"),
          "The listed name, else the canonical one: parse_contract(symbol(c)) == c.");
    m.def("kind", &kind, py::arg("contract"),
          "\"cash\", \"spot\", \"future\", \"perpetual\" or \"option\".");
}

}  // namespace

void bind_contract(py::module_& m) {
    py::native_enum<Settlement>(m, "Settlement", "enum.IntEnum", "What a contract pays in.")
        .value("LINEAR", Settlement::linear)
        .value("INVERSE", Settlement::inverse)
        .value("QUANTO", Settlement::quanto)
        .finalize();
    py::native_enum<Exercise>(m, "Exercise", "enum.IntEnum", "When an option can be exercised.")
        .value("EUROPEAN", Exercise::european)
        .value("AMERICAN", Exercise::american)
        .finalize();
    bind_cash(m);
    bind_spot(m);
    bind_future(m);
    bind_perpetual(m);
    bind_option(m);
    m.attr("Contract") =
        m.attr("Cash") | m.attr("Spot") | m.attr("Future") | m.attr("Perpetual") | m.attr("Option");
    bind_names(m);
    m.def("year_fraction", &year_fraction, py::arg("start"), py::arg("end"),
          "Years from one instant to another, ACT/365 fixed, to the nanosecond.");
}
