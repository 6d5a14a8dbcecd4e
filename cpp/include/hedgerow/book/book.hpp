/// Positions as columns, and their algebra.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/contract/columns.hpp"

namespace hedgerow {

/// No position is larger than this many units, quantity times multiplier, and none cost more: an
/// amount that could make a sum overflow is an error, of which totals must stay free.
inline constexpr double largest_amount = 1e90;

/// A label of every position, by number: strategy, account, venue or any other name.
struct Tag {
    std::string name;
    std::vector<std::string> labels;   ///< distinct
    std::vector<std::uint32_t> codes;  ///< per position, index into `labels`

    friend bool operator==(const Tag&, const Tag&) = default;
};

/// Positions: a contract, a signed quantity, what it cost, and tags. Immutable.
///
/// The cost of a position is additive, which is what makes books an algebra: quantity times the
/// worth (see price/units.hpp) of one unit at the entry price, in the contract's currency and
/// without the multiplier: `quantity * price`, and `-quantity / price` for inverse futures and
/// perpetuals. So profit is multiplier * (quantity * worth - cost), whatever was added to what. An
/// unknown cost is NaN and stays unknown through every sum; a flat position of unknown cost is
/// gone. A cost that is not finite or beyond largest_amount is valued as an unknown one.
///
/// Codes have 32 bits: a book has fewer than 2^32 positions, contracts and labels of a tag.
///
/// `a + b`, `a - b`, `-a` and `k * a` keep rows as they are; net() merges them. The empty book is
/// zero. Equality compares what is netted: order and splitting of rows do not matter.
class HEDGEROW_API Book {
  public:
    /// The empty book.
    Book();
    /// @param contracts distinct contracts.
    /// @param contract per position, an index into `contracts`.
    /// @param tags columns of the same length; names distinct.
    /// @throws InvalidInput when lengths or indices do not fit.
    Book(std::vector<Contract> contracts, std::vector<std::uint32_t> contract,
         std::vector<double> quantity, std::vector<double> cost, std::vector<Tag> tags = {});
    Book(std::shared_ptr<const ContractColumns> contracts, std::vector<std::uint32_t> contract,
         std::vector<double> quantity, std::vector<double> cost, std::vector<Tag> tags = {});

    std::size_t size() const noexcept { return contract_.size(); }
    const std::shared_ptr<const ContractColumns>& contracts() const noexcept { return contracts_; }
    const std::vector<std::uint32_t>& contract() const noexcept { return contract_; }
    const std::vector<double>& quantity() const noexcept { return quantity_; }
    const std::vector<double>& cost() const noexcept { return cost_; }
    const std::vector<Tag>& tags() const noexcept { return tags_; }
    /// The tag of this name, or nullptr.
    const Tag* tag(std::string_view name) const noexcept;

    /// Price at which the position was entered on average: the inverse of cost; NaN when flat.
    std::vector<double> average_price() const;

    Book operator-() const { return scaled(-1); }
    Book scaled(double factor) const;
    HEDGEROW_API friend Book operator+(const Book& a, const Book& b);
    friend Book operator-(const Book& a, const Book& b) { return a + -b; }
    friend Book operator*(double factor, const Book& book) { return book.scaled(factor); }

    /// The rows for which `keep` is true, in their order.
    Book select(std::span<const bool> keep) const;

    /// Merges positions of one contract and the same values of the named tags; other tags are
    /// dropped, rows of no quantity and no known cost too. Rows come ordered by contract, then by
    /// tags. Sums are compensated: the order of rows does not show in the result.
    ///
    /// The legal net is net({"venue", "account"}), the economic net is net({}).
    /// @throws InvalidInput when the book has no tag of that name.
    Book net(std::span<const std::string> tags) const;

    /// Whether both net to the same positions over all their tags; equal unknown costs are equal.
    HEDGEROW_API friend bool operator==(const Book& a, const Book& b);

  private:
    std::shared_ptr<const ContractColumns> contracts_;
    std::vector<std::uint32_t> contract_;
    std::vector<double> quantity_;
    std::vector<double> cost_;
    std::vector<Tag> tags_;
};

/// Worth of one unit of a contract that trades at `price`: see Book.
HEDGEROW_API double worth_at(Kind kind, Settlement settlement, double price) noexcept;

/// The price at which one unit is worth `worth`.
HEDGEROW_API double price_at(Kind kind, Settlement settlement, double worth) noexcept;

}  // namespace hedgerow
