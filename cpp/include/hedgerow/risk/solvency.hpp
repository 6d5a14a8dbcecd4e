/// Solvency of an account: its equity, and how far the market may move before its margin is gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/market/shock.hpp"
#include "hedgerow/market/snapshot.hpp"
#include "hedgerow/risk/scenarios.hpp"

namespace hedgerow {

/// Money of one currency, coins and stablecoins among them: every one has its price.
struct Balance {
    std::string currency;
    double amount = 0;
    double weight = 1;  ///< the part of a positive amount that counts: 1 less the haircut
};

/// What a venue looks at: a book and the collateral behind it. Immutable.
class HEDGEROW_API Account {
  public:
    /// @param balances one per currency.
    /// @throws InvalidInput when a currency is empty or given twice, an amount not finite or beyond
    ///     largest_amount, or a weight not in [0, 1].
    explicit Account(Book book, std::vector<Balance> balances = {});

    const Book& book() const noexcept { return book_; }
    const std::vector<Balance>& balances() const noexcept { return balances_; }

  private:
    Book book_;
    std::vector<Balance> balances_;
};

/// Equity by scenario, in the reporting currency: the value of the book and of the collateral,
/// sum of min(weight x P, x P) over balances x at prices P. Liabilities count in full; futures and
/// perpetuals of unknown cost as entered at the mark now.
struct HEDGEROW_API Equities {
    std::vector<double> book;
    std::vector<double> collateral;
    /// Positions and balances that the snapshot or some scenario can't value: they are in none.
    std::uint64_t excluded = 0;

    std::size_t size() const noexcept { return book.size(); }
    double total(std::size_t scenario) const noexcept {
        return book[scenario] + collateral[scenario];
    }
};

/// The equity of an account in every scenario: see revalue().
/// @throws InvalidInput as revalue().
HEDGEROW_API Equities equities(const Account& account, const Snapshot& snapshot,
                               const Scenarios& scenarios, SmileDynamics dynamics,
                               ThreadPool* pool = nullptr);

/// The maintenance margin in the reporting currency: a number per scenario.
using MaintenanceMargin = std::function<std::vector<double>(const Scenarios&)>;

/// The same margin whatever happens.
HEDGEROW_API MaintenanceMargin constant_margin(double margin);

/// A way in which a market may go. At size x spots are multiplied by exp(spot x), and volatilities
/// rise by volatility x.
struct Direction {
    std::string name;
    double spot = 0;
    double volatility = 0;
    std::optional<std::string> underlying{};  ///< moves this one alone, where given
};

/// What was found along a direction.
enum class Crossing : std::uint8_t {
    found = 0,         ///< the margin is gone at `size`, and at none of the points before it
    insolvent = 1,     ///< it is gone already: `size` is 0
    none = 2,          ///< at no point within reach: `size` is NaN
    not_a_number = 3,  ///< a margin or an equity before any crossing was none: `size` is NaN
};

HEDGEROW_API const char* name(Crossing crossing) noexcept;

/// How far it is to liquidation, where equity less maintenance margin (`available`) is 0.
struct Distance {
    Crossing crossing = Crossing::none;
    double size = 0;
    double spot_factor = 0;
    double volatility_shift = 0;
    /// Crossings between neighboring points of the whole reach. More than one: solvency is not
    /// monotone in this direction, and `size` is the nearest.
    std::uint32_t crossings = 0;
    double least = 0;     ///< the least available at any of the points
    double least_at = 0;  ///< its size
};

/// What an account is worth now, and its distances.
struct HEDGEROW_API Solvency {
    double book = 0;
    double collateral = 0;
    double margin = 0;
    std::uint64_t excluded = 0;
    std::vector<Distance> distances;  ///< per direction

    double equity() const noexcept { return book + collateral; }
    double available() const noexcept { return equity() - margin; }
    /// Equity per margin; of a margin of 0 plus or minus infinity, by the sign of the equity.
    double ratio() const noexcept;
    /// The direction in which liquidation is nearest by size; nothing where none was found.
    std::optional<std::size_t> nearest() const noexcept;
};

/// Points at which a direction is looked at first.
inline constexpr std::size_t distance_points = 128;

/// Looks along every direction for the size at which equity less maintenance margin is gone.
///
/// All directions are looked at together: first at distance_points sizes up to `reach`, then four
/// times at 32 within the interval of the nearest change of sign, then by a chord. So a size is
/// exact to rounding where margin and equity are smooth, within 1e-8 of the reach where they jump.
/// A dip between two neighboring points is not seen; `least` tells how near the points came.
///
/// @param reach the largest size, positive.
/// @throws InvalidInput also for a direction without a name, that moves nothing or is not finite,
///     for one whose moves to `reach` are beyond doubles, for an underlying that the snapshot does
///     not have, and for a margin of another length than the scenarios.
HEDGEROW_API Solvency solvency(const Account& account, const Snapshot& snapshot,
                               const MaintenanceMargin& margin,
                               std::span<const Direction> directions, double reach,
                               SmileDynamics dynamics, ThreadPool* pool = nullptr);

/// Rungs from a ratio of equity to maintenance margin that lets one sleep to one that ends it.
enum class SolvencyState : std::uint8_t {
    healthy = 0,
    watched = 1,
    warned = 2,
    restricted = 3,
    liquidation = 4,
};

HEDGEROW_API const char* name(SolvencyState state) noexcept;

/// The ratios below which a state is worse than healthy, watched, warned, restricted.
using SolvencyLevels = std::array<double, 4>;

/// 200, 150, 120 and 105 %. Binance's portfolio margin has these for its uniMMR: 105 % is
/// liquidation, 120 % ends withdrawals. The names of the states are ours.
HEDGEROW_API SolvencyLevels unimmr_levels() noexcept;

/// The state of a ratio.
/// @throws InvalidInput when the ratio is NaN or the levels do not fall.
HEDGEROW_API SolvencyState solvency_state(double ratio,
                                          const SolvencyLevels& levels = unimmr_levels());

/// The probability that a Brownian motion with drift falls by `distance` within `time`: exact, by
/// reflection.
///
/// It is that of a linear book's liquidation. In prices that move by `volatility` per square root
/// of a year (Bachelier) `distance` is available / quantity. In logarithms of a price S (Black) it
/// is ln(S / B) down to B with the drift mu - volatility^2 / 2, ln(B / S) up to B with minus that.
///
/// Domain: volatility and time not negative; 1 where the distance is not positive, NaN elsewhere.
///
/// Accuracy: relative error below 5e-16 (1 + y z) for probabilities above 1e-290, with y the size
/// of (distance + drift time) / (volatility sqrt(time)) and z the same with the sizes of both: what
/// the rounding of y leaves open (tests/risk/test_hitting.py).
///
/// Source: A. N. Borodin and P. Salminen 2002, "Handbook of Brownian Motion", formula 2.1.2.4.
HEDGEROW_API double hitting_probability(double distance, double volatility, double time,
                                        double drift = 0) noexcept;

}  // namespace hedgerow
