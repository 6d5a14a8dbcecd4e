/// Sudden moves of the market, many at once: the columns of a revaluation.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// How one market moves in every scenario; see shocked() for what a move is.
struct Moves {
    std::vector<double> spot_factor;       ///< by which the spot is multiplied
    std::vector<double> volatility_shift;  ///< added to every quoted volatility, decimals per year

    friend bool operator==(const Moves&, const Moves&) = default;
};

/// A list of scenarios: how all underlyings move together, and how those do that move on their
/// own. Immutable.
class HEDGEROW_API Scenarios {
  public:
    /// @param common the moves of every underlying that has none of its own.
    /// @param own by underlying, as many scenarios each.
    /// @throws InvalidInput unless columns are of one length, factors positive and finite, and
    ///     shifts finite.
    explicit Scenarios(Moves common, std::map<std::string, Moves> own = {});

    std::size_t size() const noexcept { return common_.spot_factor.size(); }
    const Moves& common() const noexcept { return common_; }
    const std::map<std::string, Moves>& own() const noexcept { return own_; }
    /// The moves of this underlying.
    const Moves& moves(const std::string& underlying) const noexcept;
    friend bool operator==(const Scenarios&, const Scenarios&) = default;

  private:
    Moves common_;
    std::map<std::string, Moves> own_;
};

}  // namespace hedgerow
