#include "hedgerow/contract/columns.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace hedgerow {

namespace {

/// Numbers values in the order of their first appearance.
template <class Value>
class Interner {
  public:
    explicit Interner(std::vector<Value>& values) : values_(values) {}

    std::uint32_t operator()(const Value& value) {
        if (!values_.empty() && values_[last_] == value) return last_;  // contracts come in runs
        const auto [place, added] =
            numbers_.try_emplace(value, static_cast<std::uint32_t>(values_.size()));
        if (added) values_.push_back(value);
        return last_ = place->second;
    }

  private:
    std::vector<Value>& values_;
    std::map<Value, std::uint32_t> numbers_;
    std::uint32_t last_ = 0;
};

const std::string& quote_currency(const Contract& contract) noexcept {
    const Terms* shared = terms(contract);
    return shared ? shared->quote_currency() : currency(contract);
}

}  // namespace

std::shared_ptr<const ContractColumns> resolve(std::vector<Contract> contracts) {
    auto columns = std::make_shared<ContractColumns>();
    ContractColumns& c = *columns;
    const std::size_t n = contracts.size();
    c.contracts = std::move(contracts);
    c.kind.reserve(n);
    c.underlying.reserve(n);
    c.slice.reserve(n);
    c.currency.reserve(n);
    c.quote_currency.reserve(n);
    c.series.reserve(n);
    c.right.reserve(n);
    c.strike.reserve(n);
    c.log_strike.reserve(n);
    c.multiplier.reserve(n);
    c.settlement.reserve(n);
    c.exercise.reserve(n);

    Interner underlying_number(c.underlyings);
    Interner currency_number(c.currencies);
    Interner slice_number(c.slices);
    std::vector<std::string> fixings;
    Interner fixing_number(fixings);
    using Series = std::tuple<Kind, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t,
                              std::uint32_t, Settlement, Exercise>;
    std::vector<Series> series;
    Interner series_number(series);
    for (const Contract& contract : c.contracts) {
        const Terms* shared = terms(contract);
        const Instant* expires = expiry(contract);
        const std::string* settles_at = fixing(contract);
        const Option* option = std::get_if<Option>(&contract);
        const std::uint32_t on = underlying_number(underlying(contract));
        c.kind.push_back(static_cast<Kind>(contract.index()));
        c.underlying.push_back(on);
        c.slice.push_back(expires ? slice_number({on, *expires}) : ContractColumns::no_slice);
        c.currency.push_back(currency_number(currency(contract)));
        c.quote_currency.push_back(currency_number(quote_currency(contract)));
        c.right.push_back(option ? sign(option->right()) : 0.0);
        c.strike.push_back(option ? option->strike() : std::numeric_limits<double>::quiet_NaN());
        c.log_strike.push_back(std::log(c.strike.back()));
        c.multiplier.push_back(multiplier(contract));
        c.settlement.push_back(shared ? shared->settlement() : Settlement::linear);
        c.exercise.push_back(option ? option->exercise() : Exercise::european);
        c.series.push_back(series_number({c.kind.back(), on, c.slice.back(),
                                          fixing_number(settles_at ? *settles_at : std::string()),
                                          c.currency.back(), c.quote_currency.back(),
                                          c.settlement.back(), c.exercise.back()}));
        if (c.series.back() == c.series_first.size())
            c.series_first.push_back(static_cast<std::uint32_t>(c.series.size() - 1));
    }
    return columns;
}

}  // namespace hedgerow
