#include "hedgerow/risk/solvency.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "account.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/math/normal.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t sections = 32;
constexpr int rounds = 4;

void require_direction(const Direction& direction, double reach) {
    const std::string& name = require_name("directions", direction.name);
    const std::string argument = "directions[" + name + "]";
    require_finite(argument + ".spot", direction.spot);
    require_finite(argument + ".volatility", direction.volatility);
    if (direction.spot == 0 && direction.volatility == 0)
        throw InvalidInput(argument, "0", "must move the spot or the volatility");
    for (const double size : {reach, -reach})
        require_positive(argument + ".spot", std::exp(size * direction.spot));
    require_finite(argument + ".volatility", reach * direction.volatility);
}

/// A look at several sizes along every direction.
class Search {
  public:
    Search(const Account& account, const Snapshot& snapshot, const MaintenanceMargin& margin,
           std::span<const Direction> directions, SmileDynamics dynamics, ThreadPool* pool)
        : account_(account),
          snapshot_(snapshot),
          margin_(margin),
          directions_(directions),
          dynamics_(dynamics),
          pool_(pool) {}

    /// Available at `sizes`, a row of as many per direction; in front of all at no move, too.
    std::vector<double> available(const std::vector<double>& sizes) {
        const Scenarios scenarios = this->scenarios(sizes);
        equities = account_.equities(snapshot_, scenarios, dynamics_, pool_);
        margins = margin_(scenarios);
        if (margins.size() != scenarios.size())
            throw InvalidInput(
                "margin", std::to_string(margins.size()) + " values",
                "must be one per scenario (" + std::to_string(scenarios.size()) + ")");
        std::vector<double> result(scenarios.size());
        for (std::size_t j = 0; j < result.size(); ++j) result[j] = equities.total(j) - margins[j];
        return result;
    }

    Equities equities;            ///< of the last look
    std::vector<double> margins;  ///< the same

  private:
    Scenarios scenarios(const std::vector<double>& sizes) const {
        const std::size_t rows = directions_.size(), n = rows ? sizes.size() / rows : 0;
        Moves common{std::vector<double>(1 + rows * n, 1.0), std::vector<double>(1 + rows * n)};
        std::map<std::string, Moves> own;
        for (const Direction& d : directions_)
            if (d.underlying) own[*d.underlying] = common;
        for (std::size_t j = 0; j < rows * n; ++j) {
            const Direction& d = directions_[j / n];
            const double shift = sizes[j] * d.volatility;
            // An option exactly at its forward that loses its volatility has an infinite gamma, and
            // would not be valued: a spot that stands still is an ulp away from such a point.
            const double factor =
                d.spot == 0 && shift < 0 ? std::nextafter(1.0, 2.0) : std::exp(sizes[j] * d.spot);
            const auto move = [&](Moves& moves) {
                moves.spot_factor[1 + j] = factor;
                moves.volatility_shift[1 + j] = shift;
            };
            if (d.underlying) {
                move(own[*d.underlying]);
            } else {
                move(common);
                for (auto& [underlying, moves] : own) move(moves);
            }
        }
        return Scenarios(std::move(common), std::move(own));
    }

    risk::AccountRows account_;
    const Snapshot& snapshot_;
    const MaintenanceMargin& margin_;
    std::span<const Direction> directions_;
    SmileDynamics dynamics_;
    ThreadPool* pool_;
};

/// Where the sign changes first, in an interval that gets narrower.
struct Bracket {
    double from, to;  ///< sizes
    double available_from, available_to;

    double section(std::size_t k) const noexcept {
        return from + (to - from) * static_cast<double>(k) / (sections + 1);
    }
    /// Narrows to the first sections between which the sign changes.
    void narrow(const double* available) noexcept {
        Bracket inner = *this;
        for (std::size_t k = 1; k <= sections; ++k) {
            const double size = section(k), here = available[k - 1];
            if (!(here > 0)) {
                inner.to = size, inner.available_to = here;
                break;
            }
            inner.from = size, inner.available_from = here;
        }
        *this = inner;
    }
    double chord() const noexcept {
        const double weight = available_from / (available_from - available_to);
        return std::clamp(from + weight * (to - from), from, to);
    }
};

/// The distance as far as the points tell: where the crossing is found, its interval in `bracket`.
Distance survey(double now, std::span<const double> available, double step, Bracket& bracket) {
    Distance found{Crossing::none, not_a_number, not_a_number, not_a_number, 0, now, 0};
    double last = now;
    for (std::size_t k = 0; k < available.size(); ++k) {
        const double here = available[k], size = step * static_cast<double>(k + 1);
        if (found.crossing == Crossing::none && !(now > 0)) found.crossing = Crossing::insolvent;
        if (found.crossing == Crossing::none && std::isnan(here))
            found.crossing = Crossing::not_a_number;
        if (found.crossing == Crossing::none && !(here > 0)) {
            found.crossing = Crossing::found;
            bracket = {size - step, size, last, here};
        }
        found.crossings += (last > 0) != (here > 0);
        if (here < found.least) found.least = here, found.least_at = size;
        last = here;
    }
    if (std::isnan(now)) found.crossing = Crossing::not_a_number;
    return found;
}

}  // namespace

MaintenanceMargin constant_margin(double margin) {
    require_finite("margin", margin);
    return [margin](const Scenarios& scenarios) {
        return std::vector<double>(scenarios.size(), margin);
    };
}

const char* name(Crossing crossing) noexcept {
    static constexpr const char* names[] = {"found", "insolvent", "none", "not_a_number"};
    return names[static_cast<int>(crossing)];
}

double Solvency::ratio() const noexcept {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return margin > 0 ? equity() / margin : equity() >= 0 ? infinity : -infinity;
}

std::optional<std::size_t> Solvency::nearest() const noexcept {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < distances.size(); ++i)  // a size of NaN is below none
        if (distances[i].size <
            (best ? distances[*best].size : std::numeric_limits<double>::infinity()))
            best = i;
    return best;
}

Solvency solvency(const Account& account, const Snapshot& snapshot, const MaintenanceMargin& margin,
                  std::span<const Direction> directions, double reach, SmileDynamics dynamics,
                  ThreadPool* pool) {
    require_positive("reach", reach);
    for (const Direction& direction : directions) require_direction(direction, reach);
    Search search(account, snapshot, margin, directions, dynamics, pool);
    const double step = reach / distance_points;
    std::vector<double> sizes;
    for (std::size_t i = 0; i < directions.size(); ++i)
        for (std::size_t k = 1; k <= distance_points; ++k)
            sizes.push_back(step * static_cast<double>(k));
    const std::vector<double> available = search.available(sizes);
    Solvency result{search.equities.book[0],
                    search.equities.collateral[0],
                    search.margins[0],
                    search.equities.excluded,
                    {}};
    std::vector<Bracket> brackets(directions.size(), {0, 0, 0, 0});
    bool any = false;
    for (std::size_t i = 0; i < directions.size(); ++i) {
        const auto points = std::span(available).subspan(1 + i * distance_points, distance_points);
        result.distances.push_back(survey(available[0], points, step, brackets[i]));
        any |= result.distances[i].crossing == Crossing::found;
    }
    sizes.resize(directions.size() * sections);
    for (int round = 0; any && round < rounds; ++round) {
        for (std::size_t j = 0; j < sizes.size(); ++j)
            sizes[j] = brackets[j / sections].section(j % sections + 1);
        const std::vector<double> nearer = search.available(sizes);
        for (std::size_t i = 0; i < directions.size(); ++i)
            brackets[i].narrow(&nearer[1 + i * sections]);
    }
    for (std::size_t i = 0; i < directions.size(); ++i) {
        Distance& distance = result.distances[i];
        if (distance.crossing == Crossing::found) {
            distance.size = brackets[i].chord();
            if (std::isnan(distance.size)) distance.crossing = Crossing::not_a_number;
        }
        if (distance.crossing == Crossing::insolvent) distance.size = 0;
        distance.spot_factor = std::exp(distance.size * directions[i].spot);
        distance.volatility_shift = distance.size * directions[i].volatility;
    }
    return result;
}

const char* name(SolvencyState state) noexcept {
    static constexpr const char* names[] = {"healthy", "watched", "warned", "restricted",
                                            "liquidation"};
    return names[static_cast<int>(state)];
}

SolvencyLevels unimmr_levels() noexcept {
    return {2.0, 1.5, 1.2, 1.05};
}

SolvencyState solvency_state(double ratio, const SolvencyLevels& levels) {
    if (std::isnan(ratio)) throw InvalidInput("ratio", ratio, "must be a number");
    for (std::size_t i = 1; i < levels.size(); ++i)
        if (!(levels[i] < levels[i - 1]))
            throw InvalidInput("levels", levels[i], "must be strictly decreasing");
    int state = 0;
    for (const double level : levels) state += ratio < level;
    return static_cast<SolvencyState>(state);
}

double hitting_probability(double distance, double volatility, double time, double drift) noexcept {
    if (!(volatility >= 0 && time >= 0) || std::isnan(distance) || std::isnan(drift))
        return not_a_number;
    if (distance <= 0) return 1;
    const double deviation = volatility * std::sqrt(time), moved = drift * time;
    if (std::isinf(distance)) return 0;
    if (!(deviation > 0)) return moved <= -distance ? 1 : 0;
    // Those that end below, and those that end above after they were there: exp(-2 drift distance /
    // volatility^2) N(-up). As n(down) / n(up) the factor is never large where N(-up) is small.
    const double down = (distance + moved) / deviation, up = (distance - moved) / deviation;
    const double below = normal_cdf(-down);
    const double reflected =
        up > 0 ? normal_pdf(down) * mills_ratio(up)
               : std::exp(-2 * (moved / deviation) * (distance / deviation)) * normal_cdf(-up);
    return std::min(below + reflected, 1.0);
}

}  // namespace hedgerow
