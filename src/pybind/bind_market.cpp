// market: curves, snapshots, shocks and forwards implied from parity.
#include <pybind11/native_enum.h>
#include <pybind11/numpy.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/market/parity.hpp"
#include "hedgerow/market/roll.hpp"
#include "hedgerow/market/shock.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "instant.hpp"
#include "instant_arrays.hpp"
#include "module.hpp"
#include "state.hpp"
#include "words.hpp"

using namespace hedgerow;
using binding::for_each_instant;
using binding::frozen;
using binding::instants;
using binding::number;
using binding::require_state;
using binding::state_version;

namespace {

std::vector<std::int64_t> times(const std::vector<Instant>& instants) {
    std::vector<std::int64_t> result;
    for (Instant instant : instants) result.push_back(instant.nanoseconds);
    return result;
}

std::vector<Instant> from_times(const py::handle& state) {
    std::vector<Instant> result;
    for (std::int64_t time : state.cast<std::vector<std::int64_t>>()) result.push_back({time});
    return result;
}

std::string count(std::size_t n, const std::string& singular) {
    if (n == 1) return "1 " + singular;
    return std::to_string(n) + " " + (singular == "expiry" ? "expiries" : singular + "s");
}

std::string summary(const UnderlyingMarket& market) {
    return market.underlying() + " spot " + number(market.spot()) + " " + market.quote_currency() +
           ", " + count(market.forwards().pillars().size(), "expiry") + ", " +
           count(market.smiles().size(), "smile");
}

void bind_curves(py::module_& m) {
    using Numbers = std::vector<double>;
    py::classh<DiscountCurve>(m, "DiscountCurve",
                              "Discount factors of one currency: log-linear between pillars, flat "
                              "zero rate beyond; without pillars 1 at all times.")
        .def(py::init<>())
        .def(py::init([](Instant as_of, const py::object& pillars, Numbers factors) {
                 return DiscountCurve(as_of, instants("pillars", pillars), std::move(factors));
             }),
             py::kw_only(), py::arg("as_of"), py::arg("pillars"), py::arg("factors"))
        .def_property_readonly("as_of", &DiscountCurve::as_of, "The instant that it discounts to.")
        .def_property_readonly(
            "pillars", [](const DiscountCurve& c) { return frozen(c.pillars()); },
            "The instants of the factors, increasing.")
        .def_property_readonly(
            "factors", [](const DiscountCurve& c) { return frozen(c.factors()); },
            "Discount factors at the pillars.")
        .def(
            "factor",
            [](const DiscountCurve& c, const py::object& instants) {
                return for_each_instant(instants, [&](Instant t) { return c.factor(t); });
            },
            py::arg("instants"), "Discount factors; 1 at and before as_of.")
        .def(
            "rate",
            [](const DiscountCurve& c, const py::object& instants) {
                return for_each_instant(instants, [&](Instant t) { return c.rate(t); });
            },
            py::arg("instants"), "Continuously compounded zero rates per year.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const DiscountCurve& c) {
                 if (c.pillars().empty()) return std::string("DiscountCurve()");
                 return "DiscountCurve(as_of=" + to_string(c.as_of()) + ", " +
                        count(c.pillars().size(), "pillar") + " to " +
                        to_string(c.pillars().back()) + ", last factor " +
                        number(c.factors().back()) + ")";
             })
        .def(py::pickle(
            [](const DiscountCurve& c) {
                return py::make_tuple(state_version, c.as_of().nanoseconds, times(c.pillars()),
                                      c.factors());
            },
            [](const py::tuple& state) {
                require_state(state, "DiscountCurve");
                return DiscountCurve({state[1].cast<std::int64_t>()}, from_times(state[2]),
                                     state[3].cast<Numbers>());
            }));

    py::classh<ForwardCurve>(m, "ForwardCurve",
                             "Forward prices of one underlying: ln(F/S) linear in time between "
                             "pillars, flat carry beyond.")
        .def(py::init([](Instant as_of, double spot, const py::object& pillars, Numbers forwards) {
                 return ForwardCurve(as_of, spot, instants("pillars", pillars),
                                     std::move(forwards));
             }),
             py::kw_only(), py::arg("as_of"), py::arg("spot"), py::arg("pillars") = py::tuple(),
             py::arg("forwards") = Numbers{})
        .def_property_readonly("as_of", &ForwardCurve::as_of, "The instant of the spot.")
        .def_property_readonly("spot", &ForwardCurve::spot, "The spot price.")
        .def_property_readonly(
            "pillars", [](const ForwardCurve& c) { return frozen(c.pillars()); },
            "The instants of the forwards, increasing.")
        .def_property_readonly(
            "forwards", [](const ForwardCurve& c) { return frozen(c.forwards()); },
            "Forward prices at the pillars.")
        .def(
            "forward",
            [](const ForwardCurve& c, const py::object& instants) {
                return for_each_instant(instants, [&](Instant t) { return c.forward(t); });
            },
            py::arg("instants"), "Forward prices; the spot at and before as_of.")
        .def(
            "carry",
            [](const ForwardCurve& c, const py::object& instants) {
                return for_each_instant(instants, [&](Instant t) { return c.carry(t); });
            },
            py::arg("instants"), "Continuously compounded cost of carry per year.")
        .def("with_spot", &ForwardCurve::with_spot, py::arg("spot"),
             "The same carry from another spot.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const ForwardCurve& c) {
                 std::string text = "ForwardCurve(as_of=" + to_string(c.as_of()) + ", spot " +
                                    number(c.spot()) + ", " + count(c.pillars().size(), "pillar");
                 if (!c.pillars().empty())
                     text += " to " + to_string(c.pillars().back()) + ", last forward " +
                             number(c.forwards().back());
                 return text + ")";
             })
        .def(py::pickle(
            [](const ForwardCurve& c) {
                return py::make_tuple(state_version, c.as_of().nanoseconds, c.spot(),
                                      times(c.pillars()), c.forwards());
            },
            [](const py::tuple& state) {
                require_state(state, "ForwardCurve");
                return ForwardCurve({state[1].cast<std::int64_t>()}, state[2].cast<double>(),
                                    from_times(state[3]), state[4].cast<Numbers>());
            }));
}

void bind_settlement_window(py::module_& m) {
    py::classh<SettlementWindow>(
        m, "SettlementWindow",
        "A settlement price that is the average of the underlying's price in time from `start` to "
        "`expiry`; once it has begun, `average` is that of the prices up to the snapshot's as_of.")
        .def(py::init<Instant, Instant, std::optional<double>, std::string>(), py::kw_only(),
             py::arg("start"), py::arg("expiry"), py::arg("average") = py::none(),
             py::arg("fixing") = "")
        .def_property_readonly("start", &SettlementWindow::start, "When the average begins.")
        .def_property_readonly("expiry", &SettlementWindow::expiry, "When it is complete.")
        .def_property_readonly("average", &SettlementWindow::average,
                               "The average up to the snapshot's as_of, or None before `start`.")
        .def_property_readonly("fixing", &SettlementWindow::fixing,
                               "The name of the settlement price, as contracts have it.")
        .def("elapsed", &SettlementWindow::elapsed, py::arg("now"),
             "The part of the window that has passed, from 0 to 1.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const SettlementWindow& w) {
                 return "SettlementWindow(" + to_string(w.start()) + " to " +
                        to_string(w.expiry()) +
                        (w.average() ? ", average " + number(*w.average()) : "") + ")";
             })
        .def(py::pickle(
            [](const SettlementWindow& w) {
                return py::make_tuple(state_version, w.start().nanoseconds, w.expiry().nanoseconds,
                                      w.average(), w.fixing());
            },
            [](const py::tuple& state) {
                require_state(state, "SettlementWindow");
                return SettlementWindow(
                    {state[1].cast<std::int64_t>()}, {state[2].cast<std::int64_t>()},
                    state[3].cast<std::optional<double>>(), state[4].cast<std::string>());
            }));
}

void bind_underlying_market(py::module_& m) {
    py::classh<UnderlyingMarket>(
        m, "UnderlyingMarket",
        "All that is known of one underlying: forwards, discounting in the "
        "quote currency and in the coin, smiles, the perpetual.")
        .def(py::init<std::string, std::string, ForwardCurve, DiscountCurve, std::vector<Smile>,
                      std::optional<double>, DiscountCurve, std::vector<SettlementWindow>>(),
             py::kw_only(), py::arg("underlying"), py::arg("quote_currency"), py::arg("forwards"),
             py::arg("discount") = DiscountCurve(), py::arg("smiles") = std::vector<Smile>{},
             py::arg("perpetual") = py::none(), py::arg("coin_discount") = DiscountCurve(),
             py::arg("settlement_windows") = std::vector<SettlementWindow>{})
        .def_property_readonly("underlying", &UnderlyingMarket::underlying,
                               "The underlying's name.")
        .def_property_readonly("quote_currency", &UnderlyingMarket::quote_currency,
                               "The currency that prices and strikes are stated in.")
        .def_property_readonly("forwards", &UnderlyingMarket::forwards, "The forward curve.")
        .def_property_readonly("discount", &UnderlyingMarket::discount,
                               "The discount curve of payments in the quote currency.")
        .def_property_readonly("coin_discount", &UnderlyingMarket::coin_discount,
                               "The discount curve of payments in the underlying itself.")
        .def_property_readonly("spot", &UnderlyingMarket::spot, "The spot price.")
        .def_property_readonly("perpetual", &UnderlyingMarket::perpetual,
                               "The perpetual's mark price, or the spot where none was given.")
        .def_property_readonly("quoted_perpetual", &UnderlyingMarket::quoted_perpetual,
                               "The perpetual's mark price, or None where none was given.")
        .def_property_readonly(
            "smiles", [](const UnderlyingMarket& u) { return py::tuple(py::cast(u.smiles())); },
            "The smiles, ordered by expiry.")
        .def("smile", &UnderlyingMarket::smile, py::return_value_policy::copy, py::arg("expiry"),
             "The smile of exactly this expiry, or None.")
        .def_property_readonly(
            "settlement_windows",
            [](const UnderlyingMarket& u) { return py::tuple(py::cast(u.settlement_windows())); },
            "The windows of settlement prices that are averages, ordered by expiry.")
        .def("with_spot", &UnderlyingMarket::with_spot, py::arg("spot"),
             "After a move of the spot: forwards keep their carry, the perpetual its ratio to the "
             "spot; smiles stay.")
        .def("with_smiles", &UnderlyingMarket::with_smiles, py::arg("smiles"),
             "The same market with other smiles.")
        .def("with_settlement_windows", &UnderlyingMarket::with_settlement_windows,
             py::arg("windows"), "The same market with other settlement windows.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const UnderlyingMarket& u) { return "UnderlyingMarket(" + summary(u) + ")"; })
        .def(py::pickle(
            [](const UnderlyingMarket& u) {
                return py::make_tuple(state_version, u.underlying(), u.quote_currency(),
                                      u.forwards(), u.discount(), u.smiles(), u.quoted_perpetual(),
                                      u.coin_discount(), u.settlement_windows());
            },
            [](const py::tuple& state) {
                require_state(state, "UnderlyingMarket");
                return UnderlyingMarket(
                    state[1].cast<std::string>(), state[2].cast<std::string>(),
                    state[3].cast<ForwardCurve>(), state[4].cast<DiscountCurve>(),
                    state[5].cast<std::vector<Smile>>(), state[6].cast<std::optional<double>>(),
                    state[7].cast<DiscountCurve>(), state[8].cast<std::vector<SettlementWindow>>());
            }));
}

void bind_snapshot(py::module_& m) {
    using Rates = std::map<std::string, double>;
    py::native_enum<SmileDynamics>(m, "SmileDynamics", "enum.IntEnum",
                                   "What a smile does when the spot moves.")
        .value("STICKY_STRIKE", SmileDynamics::sticky_strike)
        .value("STICKY_MONEYNESS", SmileDynamics::sticky_moneyness)
        .finalize();

    py::classh<ExchangeRates>(m, "ExchangeRates",
                              "What one unit of each currency is worth in the reporting currency.")
        .def(py::init<std::string, Rates>(), py::arg("reporting") = "USD",
             py::arg("rates") = Rates{})
        .def_property_readonly("reporting", &ExchangeRates::reporting, "The reporting currency.")
        .def_property_readonly("rates", &ExchangeRates::rates,
                               "Units of the reporting currency per unit of each other one.")
        .def("rate", &ExchangeRates::rate, py::arg("currency"),
             "Units of the reporting currency per unit of `currency`, or None.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const ExchangeRates& r) {
                 std::string text = "ExchangeRates(" + r.reporting();
                 for (const auto& [currency, rate] : r.rates())
                     text += ", " + currency + " " + number(rate);
                 return text + ")";
             })
        .def(py::pickle(
            [](const ExchangeRates& r) {
                return py::make_tuple(state_version, r.reporting(), r.rates());
            },
            [](const py::tuple& state) {
                require_state(state, "ExchangeRates");
                return ExchangeRates(state[1].cast<std::string>(), state[2].cast<Rates>());
            }));

    py::classh<Snapshot>(m, "Snapshot", "The market at one instant; nothing else tells the time.")
        .def(py::init<Instant, std::vector<UnderlyingMarket>, ExchangeRates>(), py::kw_only(),
             py::arg("as_of"), py::arg("markets"), py::arg("rates") = ExchangeRates())
        .def_property_readonly("as_of", &Snapshot::as_of, "The instant of the market.")
        .def_property_readonly(
            "markets", [](const Snapshot& s) { return py::tuple(py::cast(s.markets())); },
            "The markets, ordered by underlying.")
        .def_property_readonly("rates", &Snapshot::rates, "The exchange rates.")
        .def("market", &Snapshot::market, py::return_value_policy::copy, py::arg("underlying"),
             "The market of an underlying, or None.")
        .def("shocked", &shocked, py::kw_only(), py::arg("spot_factor") = 1.0,
             py::arg("volatility_shift") = 0.0, py::arg("dynamics"),
             py::arg("underlying") = py::none(),
             "The market after a sudden move of spots and volatilities; the time stays.")
        .def("rolled", &rolled, py::arg("as_of"),
             "The market at a later time when nothing has moved but the clock: spots, rates and "
             "volatilities stay, forwards and discount factors keep their carry and zero rate to "
             "each pillar, averages of settlement windows go on at the spot.")
        .def(py::self == py::self)
        .def("__repr__",
             [](const Snapshot& s) {
                 std::string text = "Snapshot(as_of=" + to_string(s.as_of()) + ", reporting in " +
                                    s.rates().reporting();
                 for (const UnderlyingMarket& market : s.markets())
                     text += "\n  " + summary(market);
                 return text + ")";
             })
        .def(py::pickle(
            [](const Snapshot& s) {
                return py::make_tuple(state_version, s.as_of().nanoseconds, s.markets(), s.rates());
            },
            [](const py::tuple& state) {
                require_state(state, "Snapshot");
                return Snapshot({state[1].cast<std::int64_t>()},
                                state[2].cast<std::vector<UnderlyingMarket>>(),
                                state[3].cast<ExchangeRates>());
            }));
}

/// implied_forward or implied_forward_inverse.
using ParityFit = ParityResult (*)(std::span<const ParityQuote>, std::optional<double>);
using Column = py::array_t<double, py::array::c_style | py::array::forcecast>;

/// `fit` on columns: one value per strike in each.
template <ParityFit fit>
ParityResult fit_columns(const Column& strikes, const Column& call_bid, const Column& call_ask,
                         const Column& put_bid, const Column& put_ask,
                         std::optional<double> discount) {
    const auto column = [&](const char* argument, const Column& values) {
        if (values.ndim() != 1 || values.size() != strikes.size())
            throw InvalidInput(argument,
                               "shape " + py::str(values.attr("shape")).cast<std::string>(),
                               "must be one-dimensional, one value per strike");
        return values.data();
    };
    const double* k = column("strikes", strikes);
    const double* cb = column("call_bid", call_bid);
    const double* ca = column("call_ask", call_ask);
    const double* pb = column("put_bid", put_bid);
    const double* pa = column("put_ask", put_ask);
    std::vector<ParityQuote> quotes(static_cast<std::size_t>(strikes.size()));
    for (std::size_t i = 0; i < quotes.size(); ++i) quotes[i] = {k[i], cb[i], ca[i], pb[i], pa[i]};
    const py::gil_scoped_release release;
    return fit(quotes, discount);
}

py::array_t<std::int64_t> indices(const std::vector<std::size_t>& values) {
    return frozen(std::vector<std::int64_t>(values.begin(), values.end()));
}

void bind_parity(py::module_& m) {
    py::native_enum<ParityOutcome>(m, "ParityOutcome", "enum.IntEnum",
                                   "What became of a fit of put-call parity.")
        .value("CONVERGED", ParityOutcome::converged)
        .value("TOO_FEW_QUOTES", ParityOutcome::too_few_quotes)
        .value("NOT_IDENTIFIED", ParityOutcome::not_identified)
        .value("OUT_OF_RANGE", ParityOutcome::out_of_range)
        .value("NOT_CONVERGED", ParityOutcome::not_converged)
        .finalize();

    py::classh<ParityResult>(m, "ParityResult",
                             "Forward and discount factor implied from put-call parity; NaN where "
                             "the outcome gives none.")
        .def_readonly("outcome", &ParityResult::outcome,
                      "What happened, and so which numbers stand.")
        .def_readonly("forward", &ParityResult::forward,
                      "The implied forward; NaN where the outcome gives none.")
        .def_readonly("discount", &ParityResult::discount,
                      "The implied discount factor; NaN where the outcome gives none.")
        .def_readonly("forward_error", &ParityResult::forward_error, "Standard error.")
        .def_readonly("discount_error", &ParityResult::discount_error,
                      "Standard error; 0 when the factor was given.")
        .def_readonly("residual", &ParityResult::residual,
                      "Weighted root mean square of C - P - D (F - K) over the quotes used.")
        .def_readonly("iterations", &ParityResult::iterations, "Rounds of the robust weights.")
        .def_property_readonly(
            "used", [](const ParityResult& r) { return indices(r.used); },
            "Rows that entered the fit.")
        .def_property_readonly(
            "outliers", [](const ParityResult& r) { return indices(r.outliers); },
            "Usable rows that the robust fit set aside.")
        .def_property_readonly(
            "unusable", [](const ParityResult& r) { return indices(r.unusable); },
            "Rows without two-sided quotes, or with crossed ones.")
        .def("__repr__", [](const ParityResult& r) {
            std::string text = std::string("ParityResult(") + name(r.outcome);
            if (r.outcome == ParityOutcome::converged)
                text += ", forward " + number(r.forward) + " +/- " + number(r.forward_error) +
                        ", discount " + number(r.discount) + " +/- " + number(r.discount_error) +
                        ", residual " + number(r.residual);
            return text + ", " + std::to_string(r.used.size()) + " used, " +
                   count(r.outliers.size(), "outlier") + ", " + std::to_string(r.unusable.size()) +
                   " unusable)";
        });

    const auto define = [&m](const char* name, auto function, const char* doc) {
        m.def(name, function, py::arg("strikes"), py::arg("call_bid"), py::arg("call_ask"),
              py::arg("put_bid"), py::arg("put_ask"), py::arg("discount") = py::none(), doc);
    };
    define("implied_forward", &fit_columns<&implied_forward>,
           "Forward and discount factor of one expiry from put-call parity, robustly.");
    define("implied_forward_inverse", &fit_columns<&implied_forward_inverse>,
           "The same for coin-settled options: quotes in the coin, strikes in the quote currency.");
}

}  // namespace

void bind_market(py::module_& m) {
    bind_curves(m);
    bind_settlement_window(m);
    bind_underlying_market(m);
    bind_snapshot(m);
    bind_parity(m);
}
