#include "hedgerow/formula/heston_pde.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "hedgerow/base/error.hpp"
#include "heston_mesh.hpp"
#include "heston_solver.hpp"

namespace hedgerow {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void require_even(const char* what, int size, int least, int most) {
    if (size < least || size > most || size % 2 != 0)
        throw InvalidInput(
            what, std::to_string(size),
            "must be even, and " + std::to_string(least) + " to " + std::to_string(most));
}

void require_rows(const char* what, std::size_t size, std::size_t rows) {
    if (size != rows)
        throw InvalidInput(what, std::to_string(size) + " rows",
                           "must have " + std::to_string(rows) + ", as the spots");
}

void require(const HestonParameters& parameters, const HestonTerms& terms,
             std::span<const double> spots, const HestonGridColumns& results,
             const HestonGrid& grid) {
    const auto numbers = std::bit_cast<std::array<double, 5>>(parameters);
    if (const auto invalid = find_invalid(FourierModel::heston, numbers))
        throw InvalidInput(parameter_names(FourierModel::heston)[invalid->index],
                           numbers[invalid->index], invalid->rule);
    require_positive("strike", terms.strike);
    require_positive("time", terms.time);
    require_finite("rate", terms.rate);
    require_finite("carry", terms.carry);
    require_even("spots", grid.spots, 40, 4096);
    require_even("variances", grid.variances, 8, 4096);
    require_even("times", grid.times, 8, 65536);
    require_rows("price", results.price.size(), spots.size());
    require_rows("delta", results.delta.size(), spots.size());
    require_rows("gamma", results.gamma.size(), spots.size());
    require_rows("v0", results.v0.size(), spots.size());
}

bool is_spot(double spot) noexcept {
    return spot > 0 && std::isfinite(spot);
}

/// The least and the greatest of the spots that are some, and of `with`.
struct Range {
    double low, high;
};

Range range(std::span<const double> spots, double with) noexcept {
    Range found{with, with};
    for (const double spot : spots) {
        if (!is_spot(spot)) continue;
        found.low = std::min(found.low, spot);
        found.high = std::max(found.high, spot);
    }
    return found;
}

/// Where meshes of spots end: beyond, values are linear but for what hardly matters. The lower end
/// goes to 0 where it would be near: tails down are the fat ones.
Range ends(const Range& within, double deviation) noexcept {
    constexpr double below = 6, above = 5, near = 0.2, most = 4;
    const double low = std::exp(-below * deviation);
    return {low < near ? 0.0 : within.low * low,
            within.high * std::exp(std::min(above * deviation, most))};
}

HestonVariance variance_of(const HestonParameters& p) noexcept {
    return {p.v0, p.kappa * p.theta, p.kappa, p.sigma, p.rho};
}

/// How densely nodes lie about a point, by the deviation of ln S.
double width_at(double point, double deviation) noexcept {
    return 0.5 * point * std::clamp(deviation, 1e-4, 0.5);
}

constexpr HestonValue unknown{nan, nan, nan, nan};

/// A column of results from what is known at a spot.
template <class At>
void fill(std::span<const double> spots, const HestonGridColumns& results, At at) {
    for (std::size_t i = 0; i < spots.size(); ++i) {
        const HestonValue value = is_spot(spots[i]) ? at(spots[i]) : unknown;
        results.price[i] = value.price;
        results.delta[i] = value.delta;
        results.gamma[i] = value.gamma;
        results.v0[i] = value.v0;
    }
}

/// A mesh between two ends, dense about points within, or at an end.
std::vector<double> spot_mesh(const Range& reach, std::span<const double> dense, double deviation,
                              int intervals) {
    std::vector<mesh::Center> centers;
    std::vector<double> pins;
    for (const double point : dense) {
        if (point < reach.low || point > reach.high) continue;
        centers.push_back({point, width_at(point, deviation)});
        if (point > reach.low && point < reach.high) pins.push_back(point);
    }
    return mesh::concentrated(reach.low, reach.high, centers, pins,
                              static_cast<std::size_t>(intervals));
}

HestonValues solve_vanilla(const HestonParameters& parameters, const HestonTerms& terms,
                           std::span<const double> spots, const HestonGrid& grid,
                           HestonExercise exercise) {
    const HestonProblem problem{
        .variance = variance_of(parameters), .terms = terms, .exercise = exercise};
    const double deviation = std::sqrt(problem.variance.expected_total(terms.time));
    const Range reach = ends(range(spots, terms.strike), deviation);
    return solve_heston(problem, spot_mesh(reach, {&terms.strike, 1}, deviation, grid.spots), grid);
}

/// Options that a barrier ends, for spots on the living side of it.
HestonValues solve_out(const HestonParameters& parameters, const HestonTerms& terms,
                       const HestonBarrier& barrier, std::span<const double> spots,
                       const HestonGrid& grid) {
    HestonProblem problem{.variance = variance_of(parameters), .terms = terms};
    problem.known = barrier.rebate;
    const double deviation = std::sqrt(problem.variance.expected_total(terms.time));
    const bool up = is_up(barrier.kind);
    std::vector<double> alive{up ? std::min(terms.strike, barrier.level)
                                 : std::max(terms.strike, barrier.level)};
    for (const double spot : spots)
        if (up ? spot < barrier.level : spot > barrier.level) alive.push_back(spot);
    Range reach = ends(range(alive, alive.front()), deviation);
    (up ? reach.high : reach.low) = barrier.level;
    (up ? problem.upper : problem.lower) = HestonEnd::known;
    const double dense[] = {terms.strike, barrier.level};
    const std::size_t points = terms.strike == barrier.level ? 1 : 2;
    return solve_heston(
        problem, spot_mesh(reach, std::span(dense).first(points), deviation, grid.spots), grid);
}

/// The floating lookback per unit of the spot, on y = extreme / spot: an option on y struck at 1,
/// for the market in which the spot is the money. At y = 1 it has no slope, since there the extreme
/// moves with the spot.
class Lookback {
  public:
    Lookback(const HestonParameters& p, const HestonTerms& terms, double extreme,
             std::span<const double> spots, const HestonGrid& grid)
        : right_(terms.right), extreme_(extreme) {
        const bool call = right_ == Right::call;
        HestonProblem problem{
            .variance = {p.v0, p.kappa * p.theta, p.kappa - p.rho * p.sigma, p.sigma, -p.rho},
            .terms = {opposite(right_), 1.0, terms.time, terms.rate - terms.carry, -terms.carry}};
        const double deviation = std::sqrt(problem.variance.expected_total(terms.time));
        std::vector<double> ratios;
        for (const double spot : spots)
            if (is_spot(spot)) ratios.push_back(ratio(spot));
        Range reach = ends(range(ratios, 1.0), deviation);
        (call ? reach.high : reach.low) = 1.0;
        (call ? problem.upper : problem.lower) = HestonEnd::level;
        const double dense = 1.0;
        values_ = solve_heston(problem, spot_mesh(reach, {&dense, 1}, deviation, grid.spots), grid);
    }

    HestonValue at(double spot) const noexcept {
        const double y = ratio(spot);
        const HestonValue per_spot = values_.at(y);
        // Beyond the extreme the value is linear in the spot.
        const bool moves = right_ == Right::call ? spot < extreme_ : spot > extreme_;
        return {spot * per_spot.price, per_spot.price - (moves ? 0.0 : y * per_spot.delta),
                moves ? 0.0 : y * y * per_spot.gamma / spot, spot * per_spot.v0};
    }

  private:
    double ratio(double spot) const noexcept {
        const double y = extreme_ / spot;
        return right_ == Right::call ? std::min(y, 1.0) : std::max(y, 1.0);
    }

    Right right_;
    double extreme_;
    HestonValues values_;
};

}  // namespace

void heston_european_pde(const HestonParameters& parameters, const HestonTerms& terms,
                         std::span<const double> spots, const HestonGridColumns& results,
                         const HestonGrid& grid) {
    require(parameters, terms, spots, results, grid);
    const auto values = solve_vanilla(parameters, terms, spots, grid, HestonExercise::at_expiry);
    fill(spots, results, [&](double spot) { return values.at(spot); });
}

void heston_american_pde(const HestonParameters& parameters, const HestonTerms& terms,
                         std::span<const double> spots, const HestonGridColumns& results,
                         const HestonGrid& grid) {
    require(parameters, terms, spots, results, grid);
    const auto values = solve_vanilla(parameters, terms, spots, grid, HestonExercise::any_time);
    fill(spots, results, [&](double spot) {
        HestonValue value = values.at(spot);
        const double exercised = std::max(sign(terms.right) * (spot - terms.strike), 0.0);
        if (value.price < exercised) value.price = exercised;
        return value;
    });
}

void heston_barrier_pde(const HestonParameters& parameters, const HestonTerms& terms,
                        const HestonBarrier& barrier, std::span<const double> spots,
                        const HestonGridColumns& results, const HestonGrid& grid) {
    require(parameters, terms, spots, results, grid);
    require_positive("level", barrier.level);
    require_finite("rebate", barrier.rebate);
    const bool in = is_in(barrier.kind), up = is_up(barrier.kind);
    if (barrier.rebate != 0 && in)
        throw InvalidInput("rebate", barrier.rebate, "must be 0 where the barrier lets in");
    const HestonValues out = solve_out(parameters, terms, barrier, spots, grid);
    const auto at_out = [&](double spot) {
        const bool alive = up ? spot < barrier.level : spot > barrier.level;
        return alive ? out.at(spot) : HestonValue{barrier.rebate, 0, 0, 0};
    };
    if (!in) {
        fill(spots, results, at_out);
        return;
    }
    const auto whole = solve_vanilla(parameters, terms, spots, grid, HestonExercise::at_expiry);
    fill(spots, results, [&](double spot) {
        const HestonValue all = whole.at(spot), lost = at_out(spot);
        return HestonValue{all.price - lost.price, all.delta - lost.delta, all.gamma - lost.gamma,
                           all.v0 - lost.v0};
    });
}

void heston_floating_lookback_pde(const HestonParameters& parameters, const HestonTerms& terms,
                                  std::span<const double> spots, const HestonGridColumns& results,
                                  const HestonGrid& grid) {
    require(parameters, terms, spots, results, grid);
    const Lookback lookback(parameters, terms, terms.strike, spots, grid);
    fill(spots, results, [&](double spot) { return lookback.at(spot); });
}

void heston_fixed_lookback_pde(const HestonParameters& parameters, const HestonTerms& terms,
                               double extreme, std::span<const double> spots,
                               const HestonGridColumns& results, const HestonGrid& grid) {
    require(parameters, terms, spots, results, grid);
    require_positive("extreme", extreme);
    // max(max - K, 0) = (max(max, K) - S) + S - K: a floating put whose extreme so far is K at
    // least, and a forward; a put likewise.
    const bool call = terms.right == Right::call;
    HestonTerms floating = terms;
    floating.right = opposite(terms.right);
    const double so_far = call ? std::max(extreme, terms.strike) : std::min(extreme, terms.strike);
    const Lookback lookback(parameters, floating, so_far, spots, grid);
    const double discount = std::exp(-terms.rate * terms.time);
    const double carried = discount * std::exp(terms.carry * terms.time), w = sign(terms.right);
    fill(spots, results, [&](double spot) {
        HestonValue value = lookback.at(spot);
        value.price += w * (carried * spot - discount * terms.strike);
        value.delta += w * carried;
        return value;
    });
}

}  // namespace hedgerow
