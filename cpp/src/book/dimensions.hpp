// The labels by which positions are told apart.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hedgerow/base/instant.hpp"
#include "hedgerow/book/inventory.hpp"

namespace hedgerow {

/// The keys of all dimensions, and what they say of a contract and its owner.
class DimensionKeys {
  public:
    /// @throws InvalidInput when a key is unknown or given twice in a dimension, when there are too
    ///     many dimensions or when tenors do not increase.
    explicit DimensionKeys(const InventorySetup& setup);

    std::size_t size() const noexcept { return keys_.size(); }
    /// Whether the dimension adds up several underlyings.
    bool is_mixed(std::size_t dimension) const noexcept;
    /// Whether any key tells contracts of one series (see ContractColumns) apart.
    bool is_within_series() const noexcept;
    /// The labels of a position, one per key of the dimension.
    std::vector<std::string> labels(std::size_t dimension, const Contract& contract,
                                    std::span<const std::string> owner, Instant as_of) const;
    /// Whether what expires then has the same labels at both times.
    bool is_same(Instant expiry, Instant before, Instant after) const noexcept;

  private:
    enum class Key : std::uint8_t {
        underlying,
        expiry,
        tenor,
        strike,
        right,
        kind,
        currency,
        owner
    };
    struct Part {
        Key key;
        std::size_t label;  // of an owner
    };

    /// The tenor of an expiry, by its number.
    std::size_t tenor(Instant expiry, Instant as_of) const noexcept;
    std::string label(const Part& part, const Contract& contract,
                      std::span<const std::string> owner, Instant as_of) const;

    std::vector<std::vector<Part>> keys_;
    std::vector<double> tenors_;
    bool by_tenor_ = false;  // whether any dimension is
};

}  // namespace hedgerow
