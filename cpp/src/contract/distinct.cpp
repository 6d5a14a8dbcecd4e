#include "hedgerow/contract/distinct.hpp"

#include <array>
#include <utility>

#include "../base/place_index.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/contract/symbol.hpp"

namespace hedgerow {

namespace {

/// Keeps contracts once each. The table of a million contracts is far larger than any cache:
/// contracts wait in a block while their places in it are fetched.
class Collector {
  public:
    explicit Collector(std::size_t most) : index_(most) {
        contracts_.reserve(most + block);  // costs addresses only, where most contracts repeat
        result_.places.reserve(most);
    }

    void add(Contract&& contract) {
        contracts_.push_back(std::move(contract));
        Waiting& waiting = waiting_[count_++];
        waiting = {std::hash<Contract>{}(contracts_.back()), result_.places.size()};
        index_.prefetch(waiting.hash);
        result_.places.push_back(-1);
        if (count_ == block) place_waiting();
    }
    void add_none() { result_.places.push_back(-1); }

    DistinctContracts take() && {
        place_waiting();
        result_.contracts = resolve(std::move(contracts_));
        return std::move(result_);
    }

  private:
    static constexpr std::size_t block = 32;

    struct Waiting {
        std::size_t hash;
        std::size_t item;
    };

    void place_waiting() {
        std::size_t next = contracts_.size() - count_;
        for (std::size_t k = 0; k < count_; ++k) {
            Contract& contract = contracts_[contracts_.size() - count_ + k];
            const std::uint32_t place = index_.find_or_add(
                waiting_[k].hash,
                [&](std::uint32_t known) { return contracts_[known] == contract; });
            result_.places[waiting_[k].item] = static_cast<std::int32_t>(place);
            if (place < next) continue;
            if (&contracts_[next] != &contract) contracts_[next] = std::move(contract);
            ++next;
        }
        contracts_.erase(contracts_.begin() + static_cast<std::ptrdiff_t>(next), contracts_.end());
        count_ = 0;
    }

    std::vector<Contract> contracts_;  // those that have their place, then those that wait
    detail::PlaceIndex index_;
    std::array<Waiting, block> waiting_;
    std::size_t count_ = 0;
    DistinctContracts result_;
};

}  // namespace

DistinctContracts distinct(std::vector<Contract> contracts) {
    Collector collector(contracts.size());
    for (Contract& contract : contracts) collector.add(std::move(contract));
    return std::move(collector).take();
}

ParsedContracts parse_contracts(const Texts& symbols) {
    Collector collector(symbols.size());
    std::vector<RefusedSymbol> refused;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        try {
            collector.add(parse_contract(symbols[i]));
        } catch (const InvalidInput& error) {
            collector.add_none();
            refused.push_back({static_cast<std::uint32_t>(i), error.argument(), error.rule()});
        }
    }
    return {std::move(collector).take(), std::move(refused)};
}

std::shared_ptr<const ContractColumns> take(const ContractColumns& contracts,
                                            std::span<const std::uint32_t> places) {
    std::vector<Contract> taken;
    taken.reserve(places.size());
    for (const std::uint32_t place : places) {
        if (place >= contracts.size())
            throw InvalidInput("place", std::to_string(place),
                               "must be below " + std::to_string(contracts.size()));
        taken.push_back(contracts.contracts[place]);
    }
    return resolve(std::move(taken));
}

}  // namespace hedgerow
