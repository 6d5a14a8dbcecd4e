/// Many contracts at once: each kept once, resolved, with its place for whoever named it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/texts.hpp"
#include "hedgerow/contract/columns.hpp"

namespace hedgerow {

/// Contracts in the order of their first appearance, and the place of each item among them.
struct DistinctContracts {
    std::shared_ptr<const ContractColumns> contracts;
    std::vector<std::int32_t> places;  ///< -1 for a symbol that was refused
};

/// Merges equal contracts.
HEDGEROW_API DistinctContracts distinct(std::vector<Contract> contracts);

/// A symbol that names no contract, and the argument and the rule of its InvalidInput.
struct RefusedSymbol {
    std::uint32_t place;
    std::string argument;
    std::string rule;
};

struct ParsedContracts {
    DistinctContracts distinct;
    std::vector<RefusedSymbol> refused;
};

/// Parses symbols as parse_contract does, and merges those that name the same contract.
HEDGEROW_API ParsedContracts parse_contracts(const Texts& symbols);

/// Some of the contracts, by their places, resolved anew.
/// @throws InvalidInput for a place beyond the contracts.
HEDGEROW_API std::shared_ptr<const ContractColumns> take(const ContractColumns& contracts,
                                                         std::span<const std::uint32_t> places);

}  // namespace hedgerow
