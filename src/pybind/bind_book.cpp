// book: positions and their algebra, folding, payoff.
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "arrays.hpp"
#include "contract.hpp"
#include "contract_columns.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/fold.hpp"
#include "hedgerow/book/group.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "state.hpp"
#include "texts.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::number;
using binding::require_state;
using binding::state_version;

namespace {

using TagTuple = std::tuple<std::string, py::object, py::object>;

/// Of texts, equal and unused labels are merged and dropped; strings are taken as they are.
Tag to_tag(const std::string& name, const py::object& labels, const py::object& codes) {
    if (!py::isinstance<OwnedTexts>(labels))
        return {name, labels.cast<std::vector<std::string>>(), as_codes(name.c_str(), codes)};
    Labels distinct = distinct_labels(labels.cast<const OwnedTexts&>().texts(),
                                      as_span(codes.cast<Column<std::int32_t>>()));
    return {name, std::move(distinct.labels), std::move(distinct.codes)};
}

std::vector<Tag> to_tags(const std::vector<TagTuple>& tuples) {
    std::vector<Tag> tags;
    for (const auto& [name, labels, codes] : tuples) tags.push_back(to_tag(name, labels, codes));
    return tags;
}

py::list from_tags(const Book& book, py::handle owner) {
    py::list tags;
    for (const Tag& tag : book.tags())
        tags.append(py::make_tuple(tag.name, tag.labels, view(tag.codes, owner)));
    return tags;
}

Book from_prices(std::shared_ptr<ContractColumns> columns, const py::object& contract,
                 const Column<double>& quantity, const Column<double>& average_price,
                 const std::vector<TagTuple>& tags) {
    std::vector<std::uint32_t> indices = as_codes("contract", contract);
    const auto quantities = as_span(quantity), prices = as_span(average_price);
    std::vector<double> cost(prices.size());
    for (std::size_t i = 0; i < std::min({cost.size(), indices.size(), quantities.size()}); ++i) {
        const std::uint32_t c = indices[i];
        if (c >= columns->size()) continue;
        const double worth = columns->kind[c] == Kind::cash  // money costs itself
                                 ? 1.0
                                 : worth_at(columns->kind[c], columns->settlement[c], prices[i]);
        if (std::isinf(worth) || std::isinf(prices[i]))  // it would pass for a P&L
            throw InvalidInput("average_price", prices[i],
                               "must be finite, and not zero for inverse futures");
        cost[i] = quantities[i] * worth;
    }
    return Book(columns, std::move(indices), as_vector(quantity), std::move(cost), to_tags(tags));
}

/// How many positions the rows are lots of: rows of one contract and one label of every tag.
std::size_t count_positions(const Book& book) {
    const std::size_t contracts = book.contracts()->size();
    std::vector<GroupKey> keys{{book.contract(), static_cast<std::uint32_t>(contracts)}};
    for (const Tag& tag : book.tags())
        keys.push_back({tag.codes, static_cast<std::uint32_t>(tag.labels.size())});
    return group_rows(keys, book.size()).count();
}

std::string describe(const FoldedSlice& s) {
    return "FoldedSlice(" + s.underlying + " " + to_string(s.expiry) + ", " +
           std::to_string(s.strikes.size()) + (s.strikes.size() == 1 ? " strike" : " strikes") +
           ", forwards " + number(s.forwards) + ", cash " + number(s.cash) + ")";
}

std::string describe(const Payoff& p) {
    return "Payoff(" + std::to_string(p.kinks.size()) + " kinks, worst " + number(p.worst) +
           " at " + number(p.worst_at) + ", best " + number(p.best) + " at " + number(p.best_at) +
           ")";
}

py::tuple state(const FoldedSlice& s) {
    return py::make_tuple(state_version, s.underlying, s.quote_currency, s.currency,
                          static_cast<int>(s.settlement), s.expiry.nanoseconds, s.fixing, s.strikes,
                          s.calls, s.forwards, s.cash, s.futures, s.futures_cost, s.long_calls,
                          s.long_puts);
}

FoldedSlice folded_slice(const py::tuple& state) {
    require_state(state, "FoldedSlice");
    using Numbers = std::vector<double>;
    return {state[1].cast<std::string>(),    state[2].cast<std::string>(),
            state[3].cast<std::string>(),    static_cast<Settlement>(state[4].cast<int>()),
            {state[5].cast<std::int64_t>()}, state[6].cast<std::string>(),
            state[7].cast<Numbers>(),        state[8].cast<Numbers>(),
            state[9].cast<double>(),         state[10].cast<double>(),
            state[11].cast<double>(),        state[12].cast<double>(),
            state[13].cast<Numbers>(),       state[14].cast<Numbers>()};
}

py::tuple state(const Payoff& p) {
    return py::make_tuple(state_version, p.kinks, p.values, p.upper_slope, p.worst, p.worst_at,
                          p.best, p.best_at);
}

Payoff payoff(const py::tuple& state) {
    require_state(state, "Payoff");
    using Numbers = std::vector<double>;
    return {state[1].cast<Numbers>(), state[2].cast<Numbers>(), state[3].cast<double>(),
            state[4].cast<double>(),  state[5].cast<double>(),  state[6].cast<double>(),
            state[7].cast<double>()};
}

void bind_fold(py::module_& m) {
    py::class_<FoldedSlice>(
        m, "FoldedSlice", "European options of one expiry as call-equivalents, forwards and cash.")
        .def_readonly("underlying", &FoldedSlice::underlying, "The underlying's name.")
        .def_readonly("quote_currency", &FoldedSlice::quote_currency,
                      "The currency of strikes and cash.")
        .def_readonly("currency", &FoldedSlice::currency, "The currency that the contracts pay in.")
        .def_property_readonly(
            "settlement", [](const FoldedSlice& s) { return name(s.settlement); },
            "How they pay: linear or inverse.")
        .def_readonly("expiry", &FoldedSlice::expiry, "The instant at which all of them fix.")
        .def_readonly("fixing", &FoldedSlice::fixing, "The name of the settlement price.")
        .def_property_readonly(
            "strikes", [](const FoldedSlice& s) { return to_array(s.strikes); },
            "The strikes, increasing.")
        .def_property_readonly(
            "calls", [](const FoldedSlice& s) { return to_array(s.calls); },
            "Call-equivalents per strike: calls plus puts, in units of the underlying.")
        .def_property_readonly(
            "long_calls", [](const FoldedSlice& s) { return to_array(s.long_calls); },
            "Calls per strike before folding.")
        .def_property_readonly(
            "long_puts", [](const FoldedSlice& s) { return to_array(s.long_puts); },
            "Puts per strike before folding.")
        .def_readonly("forwards", &FoldedSlice::forwards,
                      "Units delivered at expiry, paid in advance.")
        .def_readonly("cash", &FoldedSlice::cash, "Paid at expiry, in the quote currency.")
        .def_readonly("futures", &FoldedSlice::futures,
                      "Futures: units; quote currency for inverse ones.")
        .def_readonly("futures_cost", &FoldedSlice::futures_cost,
                      "What the futures were worth at entry; NaN where unknown.")
        .def(
            "structures",
            [](const FoldedSlice& s) {
                py::list found;
                for (const Structure& x : named_structures(s))
                    found.append(py::make_tuple(name(x.name), x.quantity, x.strike, x.high_strike));
                return found;
            },
            "Conversions, reversals, boxes and synthetics: (name, quantity, strike, high strike).")
        .def("payoff", &expiry_payoff, py::arg("future_price") = NAN,
             "The value at expiry as a function of the fixing.")
        .def(
            "greeks",
            [](const FoldedSlice& s, const Snapshot& snapshot) {
                const Greeks g = value_folded(s, snapshot);
                py::dict result;
                for (int j = 0; j < greek_count; ++j) result[greek_names[j]] = (&g.price)[j];
                return result;
            },
            py::arg("snapshot"), "Value of the folded options and its Greeks, quote currency.")
        .def("__repr__", [](const FoldedSlice& s) { return describe(s); })
        .def(py::pickle([](const FoldedSlice& s) { return state(s); }, &folded_slice));

    py::class_<Payoff>(m, "Payoff", "A piecewise linear value at expiry.")
        .def_property_readonly(
            "kinks", [](const Payoff& p) { return to_array(p.kinks); },
            "Zero and the strikes: where the slope changes.")
        .def_property_readonly(
            "values", [](const Payoff& p) { return to_array(p.values); },
            "The values at the kinks, in the quote currency.")
        .def_readonly("upper_slope", &Payoff::upper_slope, "The slope beyond the last kink.")
        .def_readonly("worst", &Payoff::worst, "The least value; -inf when unbounded.")
        .def_readonly("worst_at", &Payoff::worst_at, "The price of the worst value.")
        .def_readonly("best", &Payoff::best, "The greatest value; inf when unbounded.")
        .def_readonly("best_at", &Payoff::best_at, "The price of the best value.")
        .def(
            "__call__",
            [](const Payoff& p, py::array_t<double> spot) {
                return py::vectorize([&p](double s) { return p(s); })(std::move(spot));
            },
            py::arg("spot"), "The value at one or many fixings.")
        .def("__repr__", [](const Payoff& p) { return describe(p); })
        .def(py::pickle([](const Payoff& p) { return state(p); }, &payoff));
}

}  // namespace

void bind_book(py::module_& m) {
    py::class_<Book, std::shared_ptr<Book>>(m, "Book", "Positions as columns.")
        .def(py::init([](std::vector<Contract> contracts, const py::object& contract,
                         const Column<double>& quantity, const Column<double>& cost,
                         const std::vector<TagTuple>& tags) {
                 return Book(std::move(contracts), as_codes("contract", contract),
                             as_vector(quantity), as_vector(cost), to_tags(tags));
             }),
             py::arg("contracts") = py::list(), py::arg("contract") = py::list(),
             py::arg("quantity") = py::list(), py::arg("cost") = py::list(),
             py::arg("tags") = py::list())
        .def_static("from_prices", &from_prices, py::arg("contracts"), py::arg("contract"),
                    py::arg("quantity"), py::arg("average_price"), py::arg("tags"),
                    "From average prices instead of costs.")
        .def("__len__", &Book::size)
        .def_property_readonly(
            "contracts", [](const Book& b) { return b.contracts()->contracts; },
            "The distinct contracts.")
        .def_property_readonly(
            "symbols", [](const Book& b) { return symbols(*b.contracts()); }, "Their symbols.")
        .def(
            "contract_column",
            [](const Book& b, const std::string& name) {
                return contract_column(b.contracts(), name);
            },
            py::arg("name"), "One of their terms as a column, or as labels and a code for each.")
        .def_property_readonly("positions", &count_positions,
                               "How many positions the rows are lots of: contracts and labels.")
        .def_property_readonly(
            "contract", [](py::object self) { return view(self.cast<Book&>().contract(), self); },
            "Per position, its place among the contracts.")
        .def_property_readonly(
            "quantity", [](py::object self) { return view(self.cast<Book&>().quantity(), self); },
            "Per position, the signed number of contracts.")
        .def_property_readonly(
            "cost", [](py::object self) { return view(self.cast<Book&>().cost(), self); },
            "Per position, quantity times the worth of one unit at entry; NaN where unknown.")
        .def_property_readonly(
            "average_price", [](const Book& b) { return to_array(b.average_price()); },
            "Per position, the average entry price; NaN where unknown.")
        .def_property_readonly(
            "tags", [](py::object self) { return from_tags(self.cast<Book&>(), self); },
            "(name, labels, code per position) of every tag.")
        .def(
            "add", [](const Book& a, const Book& b) { return a + b; }, py::arg("other"))
        .def("scaled", &Book::scaled, py::arg("factor"))
        .def(
            "net",
            [](const Book& book, const std::vector<std::string>& tags) { return book.net(tags); },
            py::arg("tags"), py::call_guard<py::gil_scoped_release>())
        .def(
            "select",
            [](const Book& book, const Column<bool>& keep) { return book.select(as_span(keep)); },
            py::arg("keep"))
        .def(
            "equals", [](const Book& a, const Book& b) { return a == b; }, py::arg("other"))
        .def(
            "fold",
            [](const Book& book) {
                FoldedBook folded = fold(book);
                return std::make_pair(std::move(folded.slices), folded.not_folded);
            },
            "The folded slices, and the number of positions left out.");
    bind_fold(m);
}
