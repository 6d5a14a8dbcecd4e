#include "account.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "hedgerow/base/error.hpp"
#include "hedgerow/book/valuation.hpp"
#include "hedgerow/risk/revaluation.hpp"

namespace hedgerow {

namespace risk {

AccountRows::AccountRows(const Account& account) : balances_(account.balances()) {
    std::vector<Contract> cash;
    std::vector<double> amounts;
    std::vector<std::uint32_t> places;
    for (const Balance& balance : balances_) {
        places.push_back(static_cast<std::uint32_t>(cash.size()));
        cash.emplace_back(Cash(balance.currency));
        amounts.push_back(balance.amount);
    }
    const Book& book = account.book();
    all_ = book + Book(std::move(cash), std::move(places), amounts, amounts);
    has_positions_ = book.size() > 0;
    std::vector<std::uint32_t> codes(all_.size(), 0);
    for (std::size_t i = 0; i < balances_.size(); ++i)
        codes[book.size() + i] = static_cast<std::uint32_t>(i + has_positions_);
    const auto count = static_cast<std::uint32_t>(balances_.size() + has_positions_);
    const GroupKey key[] = {{codes, count}};
    groups_ = group_rows(key, codes.size());
}

Equities AccountRows::equities(const Snapshot& snapshot, const Scenarios& scenarios,
                               SmileDynamics dynamics, ThreadPool* pool) {
    const Revaluation moved =
        revalue(all_, snapshot, scenarios, groups_, dynamics, Precision::float64, pool);
    leave_out(moved.status);
    const Measure value[] = {Measure::value};
    const Totals now = Valuation(all_, snapshot).net(groups_, value, pool);
    Equities result;
    result.excluded = static_cast<std::uint64_t>(std::ranges::count(left_out_, true));
    result.book.assign(scenarios.size(), 0.0);
    result.collateral.assign(scenarios.size(), 0.0);
    for (std::size_t g = 0; g < groups_.count(); ++g) {
        const double worth = now.sums[0][g];
        const std::span<const double> gain = moved.of(g);
        if (has_positions_ && g == 0) {
            for (std::size_t j = 0; j < gain.size(); ++j) result.book[j] = worth + gain[j];
            continue;
        }
        const double weight = balances_[g - has_positions_].weight;
        for (std::size_t j = 0; j < gain.size(); ++j) {
            const double there = worth + gain[j];
            result.collateral[j] += std::min(weight * there, there);
        }
    }
    return result;
}

void AccountRows::leave_out(const std::vector<Status>& status) {
    left_out_.resize(status.size());
    bool more = false;
    for (std::size_t row = 0; row < status.size(); ++row)
        if (!is_valued(status[row]) && !left_out_[row]) more = left_out_[row] = true;
    if (!more) return;
    std::vector<double> quantity(all_.quantity()), cost(all_.cost());
    for (std::size_t row = 0; row < status.size(); ++row)
        if (left_out_[row]) quantity[row] = cost[row] = 0;
    all_ = Book(all_.contracts(), all_.contract(), std::move(quantity), std::move(cost));
}

}  // namespace risk

Account::Account(Book book, std::vector<Balance> balances)
    : book_(std::move(book)), balances_(std::move(balances)) {
    for (std::size_t i = 0; i < balances_.size(); ++i) {
        const Balance& balance = balances_[i];
        require_name("balances", balance.currency);
        const std::string argument = "balances[" + balance.currency + "]";
        for (std::size_t j = 0; j < i; ++j)
            if (balances_[j].currency == balance.currency)
                throw InvalidInput(argument, balance.amount, "must be one per currency");
        if (!(std::abs(balance.amount) <= largest_amount))
            throw InvalidInput(argument, balance.amount, "must be at most 1e90 in size");
        if (!(balance.weight >= 0 && balance.weight <= 1))
            throw InvalidInput(argument + ".weight", balance.weight, "must be in [0, 1]");
    }
}

Equities equities(const Account& account, const Snapshot& snapshot, const Scenarios& scenarios,
                  SmileDynamics dynamics, ThreadPool* pool) {
    return risk::AccountRows(account).equities(snapshot, scenarios, dynamics, pool);
}

}  // namespace hedgerow
