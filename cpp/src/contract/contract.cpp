#include "hedgerow/contract/contract.hpp"

#include <utility>

#include "../base/bytes.hpp"
#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

/// Visitors made of lambdas.
template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

std::string checked_name(std::string_view argument, std::string value) {
    require_name(argument, value);
    return value;
}

class Hash {
  public:
    template <class... Values>
    std::size_t operator()(const Values&... values) {
        (add(values), ...);
        return hash_;
    }

  private:
    template <class Value>
    void add(const Value& value) {
        // The golden ratio spreads equal hashes of different members; from Boost's hash_combine.
        hash_ ^= std::hash<Value>{}(value) + 0x9e3779b97f4a7c15u + (hash_ << 6) + (hash_ >> 2);
    }
    /// Without the currency, which follows from the rest in all that is not quanto.
    void add(const Terms& terms) {
        (*this)(terms.underlying(), terms.quote_currency(), terms.settlement(), terms.multiplier());
    }
    void add(const std::string& text) { add(detail::hash_text(text)); }
    void add(Instant instant) { add(instant.nanoseconds); }

    std::size_t hash_ = 0;
};

}  // namespace

const char* name(Settlement settlement) noexcept {
    switch (settlement) {
        case Settlement::linear:
            return "linear";
        case Settlement::inverse:
            return "inverse";
        case Settlement::quanto:
            return "quanto";
    }
    return "unknown";
}

const char* name(Exercise exercise) noexcept {
    switch (exercise) {
        case Exercise::european:
            return "european";
        case Exercise::american:
            return "american";
    }
    return "unknown";
}

Cash::Cash(std::string currency) : currency_(checked_name("currency", std::move(currency))) {}

Spot::Spot(std::string underlying, std::string currency)
    : underlying_(checked_name("underlying", std::move(underlying))),
      currency_(checked_name("currency", std::move(currency))) {}

Terms::Terms(Settlement settlement, std::string&& underlying, std::string&& quote_currency,
             std::string&& currency, double multiplier)
    : underlying_(std::move(underlying)),
      quote_currency_(std::move(quote_currency)),
      currency_(std::move(currency)),
      settlement_(settlement),
      multiplier_(multiplier) {
    require_name("underlying", underlying_);
    require_name("quote_currency", quote_currency_);
    require_name("currency", currency_);
    require_positive("multiplier", multiplier);
    if (settlement != Settlement::linear && currency_ == quote_currency_)
        throw InvalidInput("currency", currency_, "must differ from the quote currency");
    if (settlement == Settlement::quanto && currency_ == underlying_)
        throw InvalidInput("currency", currency_, "must differ from the underlying");
}

Terms Terms::linear(std::string underlying, std::string quote_currency, double multiplier) {
    std::string currency = quote_currency;
    return {Settlement::linear, std::move(underlying), std::move(quote_currency),
            std::move(currency), multiplier};
}

Terms Terms::inverse(std::string underlying, std::string quote_currency, double multiplier) {
    std::string currency = underlying;
    return {Settlement::inverse, std::move(underlying), std::move(quote_currency),
            std::move(currency), multiplier};
}

Terms Terms::quanto(std::string underlying, std::string quote_currency, std::string currency,
                    double multiplier) {
    return {Settlement::quanto, std::move(underlying), std::move(quote_currency),
            std::move(currency), multiplier};
}

Future::Future(Terms terms, Instant expiry, std::string fixing)
    : terms_(std::move(terms)), expiry_(expiry), fixing_(std::move(fixing)) {}

Perpetual::Perpetual(Terms terms) : terms_(std::move(terms)) {}

Option::Option(Terms terms, Instant expiry, double strike, Right right, Exercise exercise,
               std::string fixing)
    : terms_(std::move(terms)),
      expiry_(expiry),
      strike_(require_positive("strike", strike)),
      right_(right),
      exercise_(exercise),
      fixing_(std::move(fixing)) {}

const char* kind(const Contract& contract) noexcept {
    static constexpr const char* kinds[] = {"cash", "spot", "future", "perpetual", "option"};
    static_assert(std::size(kinds) == std::variant_size_v<Contract>);
    return kinds[contract.index()];
}

const Terms* terms(const Contract& contract) noexcept {
    return std::visit(Overloaded{[](const Cash&) -> const Terms* { return nullptr; },
                                 [](const Spot&) -> const Terms* { return nullptr; },
                                 [](const auto& other) { return &other.terms(); }},
                      contract);
}

const std::string& underlying(const Contract& contract) noexcept {
    return std::visit(
        Overloaded{
            [](const Cash& cash) -> const std::string& { return cash.currency(); },
            [](const Spot& spot) -> const std::string& { return spot.underlying(); },
            [](const auto& other) -> const std::string& { return other.terms().underlying(); }},
        contract);
}

const std::string& currency(const Contract& contract) noexcept {
    return std::visit(
        Overloaded{
            [](const Cash& cash) -> const std::string& { return cash.currency(); },
            [](const Spot& spot) -> const std::string& { return spot.currency(); },
            [](const auto& other) -> const std::string& { return other.terms().currency(); }},
        contract);
}

const Instant* expiry(const Contract& contract) noexcept {
    if (const auto* future = std::get_if<Future>(&contract)) return &future->expiry();
    if (const auto* option = std::get_if<Option>(&contract)) return &option->expiry();
    return nullptr;
}

const std::string* fixing(const Contract& contract) noexcept {
    if (const auto* future = std::get_if<Future>(&contract)) return &future->fixing();
    if (const auto* option = std::get_if<Option>(&contract)) return &option->fixing();
    return nullptr;
}

double multiplier(const Contract& contract) noexcept {
    const Terms* shared = terms(contract);
    return shared ? shared->multiplier() : 1;
}

}  // namespace hedgerow

std::size_t std::hash<hedgerow::Contract>::operator()(
    const hedgerow::Contract& contract) const noexcept {
    using namespace hedgerow;
    Hash hash;
    hash(contract.index());
    return std::visit(
        Overloaded{[&](const Cash& cash) { return hash(cash.currency()); },
                   [&](const Spot& spot) { return hash(spot.underlying(), spot.currency()); },
                   [&](const Future& future) {
                       return hash(future.terms(), future.expiry(), future.fixing());
                   },
                   [&](const Perpetual& perpetual) { return hash(perpetual.terms()); },
                   [&](const Option& option) {
                       return hash(option.terms(), option.expiry(), option.strike(), option.right(),
                                   option.exercise(), option.fixing());
                   }},
        contract);
}
