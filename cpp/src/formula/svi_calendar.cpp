// Whether two SVI slices cross: the sign of a quartic where the square root has to be squared.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "../math/bernstein.hpp"
#include "../math/golden.hpp"
#include "hedgerow/formula/svi_arbitrage.hpp"

namespace hedgerow {

namespace {

using bernstein::Polynomial;
using bernstein::product;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
/// Of the sum of the absolute terms of each coefficient.
constexpr double rounding = 64 * epsilon;
constexpr int most_cells = 2000;
constexpr std::size_t most_halvings = 60;

/// With k = earlier.m + earlier.sigma (t - 1/t) / 2: `rest` / t is the earlier total variance less
/// the linear part of the later one, whose root part is b2 r2. So later >= earlier where rest <= 0
/// or `square` = t^2 (b2 r2)^2 - rest^2 >= 0. Both by the side that rounding favors.
struct Gap {
    Polynomial<4> square;
    Polynomial<2> rest;
};

Gap gap_of(const SviParameters& earlier, const SviParameters& later) {
    const double half = earlier.sigma / 2;
    const double apart = earlier.m - later.m;  // k - later.m = apart + half (t - 1/t)
    // The wings' slopes apart from b2, each by the difference that does not cancel.
    const double left = later.b * later.rho + earlier.b * (1 - earlier.rho);
    const double right = earlier.b * (1 + earlier.rho) - later.b * later.rho;
    const double level = earlier.a - later.a, tilt = later.b * later.rho * apart;
    const Polynomial<2> rest{half * left, level - tilt, half * right};
    const Polynomial<2> size{
        half * (std::abs(later.b * later.rho) + earlier.b * (1 - earlier.rho)),
        std::abs(earlier.a) + std::abs(later.a) + std::abs(tilt),
        half * (std::abs(later.b * later.rho) + earlier.b * (1 + earlier.rho))};
    const Polynomial<2> distance{-half, apart, half};  // t (k - later.m)
    const Polynomial<2> far{half, std::abs(apart), half};
    const Polynomial<4> root = product(distance, distance), roots = product(far, far);
    const Polynomial<4> other = product(rest, rest), others = product(size, size);
    Gap gap{};
    for (std::size_t i = 0; i <= 4; ++i) {
        const double bent = i == 2 ? later.sigma * later.sigma : 0.0;
        const double opening = later.b * later.b;
        gap.square[i] = opening * (root[i] + bent) - other[i] +
                        rounding * (opening * (roots[i] + bent) + others[i]);
    }
    for (std::size_t i = 0; i <= 2; ++i) gap.rest[i] = rest[i] - rounding * size[i];
    return {bernstein::from_powers(gap.square), bernstein::from_powers(gap.rest)};
}

struct Cell {
    Gap gap;
    double from, to;

    /// The later slice is nowhere below the earlier one here.
    bool free() const {
        return *std::min_element(gap.square.begin(), gap.square.end()) >= 0 ||
               *std::max_element(gap.rest.begin(), gap.rest.end()) <= 0;
    }
    /// It is below at the right end.
    bool below() const { return gap.square[4] < 0 && gap.rest[2] > 0; }
    /// Changes of sign of the coefficients: roots inside, or more by an even number.
    int variations() const {
        int count = 0;
        for (std::size_t i = 0; i < 4; ++i) count += (gap.square[i] < 0) != (gap.square[i + 1] < 0);
        return count;
    }
    /// Becomes its right half; the left one is returned.
    Cell halve() {
        const double middle = 0.5 * (from + to);
        Cell left{{bernstein::halve(gap.square), bernstein::halve(gap.rest)}, from, middle};
        from = middle;
        return left;
    }
};

/// Cells still to be looked at, from left to right.
class Cells {
  public:
    explicit Cells(const Gap& whole) { open_[count_++] = {whole, 0, 1}; }
    bool empty() const { return count_ == 0; }
    Cell& first() { return open_[count_ - 1]; }
    void drop() { --count_; }
    /// @return false where the cell is too narrow, or there have been too many of them.
    bool split() {
        if (count_ == open_.size() || ++splits_ > most_cells) return false;
        const Cell left = first().halve();
        open_[count_++] = left;
        return true;
    }

  private:
    std::array<Cell, most_halvings + 2> open_;
    std::size_t count_ = 0;
    int splits_ = 0;
};

ArbitrageVerdict verdict_of(const Gap& gap) {
    const Cell whole{gap, 0, 1};
    if (whole.below() || (gap.square[0] < 0 && gap.rest[0] > 0)) return ArbitrageVerdict::violated;
    for (Cells cells(gap); !cells.empty();) {
        if (cells.first().free()) {
            cells.drop();
        } else if (!cells.split()) {
            return ArbitrageVerdict::undecided;
        } else if (cells.first().below()) {
            return ArbitrageVerdict::violated;
        }
    }
    return ArbitrageVerdict::free;
}

double log_moneyness(const SviParameters& slice, double u) {
    const double t = u / (1 - u);
    return slice.m + slice.sigma * (t - 1 / t) / 2;
}

/// Where the slices cross, as places u.
struct Places {
    std::array<double, 4> u{};
    std::size_t count = 0;
};

/// The root of a cell that has one.
void add_crossing(const Cell& cell, Places& result) {
    const double part = bernstein::root(cell.gap.square);
    const double u = cell.from + part * (cell.to - cell.from);
    const bool there = bernstein::value(cell.gap.rest, part).value > 0 && 0 < u && u < 1;
    if (there && result.count < result.u.size()) result.u[result.count++] = u;
}

Places find_crossings(const Gap& gap) {
    Places result;
    for (Cells cells(gap); !cells.empty();) {
        const Cell& cell = cells.first();
        const int roots = cell.variations();
        const bool none = roots == 0 || cell.free();
        if (!none && roots > 1 && cells.split()) continue;
        if (!none && roots == 1) add_crossing(cell, result);
        cells.drop();
    }
    return result;
}

/// The deepest point between two places: on a grid, and by golden sections beside that.
void deepen(const SviParameters& earlier, const SviParameters& later, double from, double to,
            SviCalendar& result) {
    const auto look = [&](double u) {
        const double k = log_moneyness(earlier, u);
        const double depth = svi_total_variance(earlier, k) - svi_total_variance(later, k);
        if (depth > result.depth) result.depth = depth, result.where = k;
        return depth;
    };
    constexpr int grid = 8;
    const double step = (to - from) / grid;
    double most = -infinity, deepest = from;
    for (int i = 0; i <= grid; ++i) {
        const double depth = look(from + i * step);
        if (depth > most) most = depth, deepest = from + i * step;
    }
    if (!(most > 0)) return;
    from = std::max(from, deepest - step);
    to = std::min(to, deepest + step);
    look_by_golden_sections(from, to, 28, [&](double u) { return -look(u); });
}

/// The outermost places that a depth is looked for at, some 5,000 sigma out, where the slices are
/// straight: further out it is lost to rounding.
constexpr double outermost = 1e-4;

}  // namespace

SviCalendar svi_calendar(const SviParameters& earlier, const SviParameters& later) noexcept {
    SviCalendar result;
    const Gap gap = gap_of(earlier, later);
    double check = 0;
    for (const double each : gap.square) check += each;
    for (const double each : gap.rest) check += each;
    if (!std::isfinite(check)) return result;
    result.verdict = verdict_of(gap);
    if (result.verdict != ArbitrageVerdict::violated) return result;

    const Places crossings = find_crossings(gap);
    double from = outermost;
    for (std::size_t i = 0; i <= crossings.count; ++i) {
        const bool last = i == crossings.count;
        const double to = last ? 1 - outermost : crossings.u[i];
        deepen(earlier, later, from, to, result);
        from = to;
        if (!last) result.crossing[i] = log_moneyness(earlier, to);
    }
    result.crossings = static_cast<int>(crossings.count);
    // A wing that is less steep than the earlier one's falls ever further below it.
    const double left = earlier.b * (1 - earlier.rho) - later.b * (1 - later.rho);
    const double right = earlier.b * (1 + earlier.rho) - later.b * (1 + later.rho);
    const double steeper = std::max(left, right);
    const double steepness = earlier.b * (1 + std::abs(earlier.rho));
    if (steeper > rounding * steepness) {
        result.depth = infinity;
        result.where = right >= left ? infinity : -infinity;
    }
    return result;
}

}  // namespace hedgerow
