// SSVI over all expiries: the levels by variable projection, the surface by least squares.
#include "hedgerow/formula/ssvi_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "hedgerow/math/jet.hpp"
#include "hedgerow/math/least_squares.hpp"
#include "smile_minimize.hpp"
#include "smile_rows.hpp"
#include "ssvi_shape.hpp"
#include "ssvi_variance.hpp"
#include "svi_start.hpp"

namespace hedgerow {

namespace {

using smile::Rows;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// The level given the surface is nearly linear: four steps mostly settle it.
constexpr int most_level_steps = 30;

/// psi and its derivatives by the unknowns and theta, which comes last.
template <std::size_t unknowns>
struct Psi {
    double value;
    std::array<double, unknowns> by;
    double by_theta;
};

/// rho, what of the largest eta (2 / (1 + |rho|)) there is, gamma.
struct PowerLaw {
    static constexpr std::size_t unknowns = 3;
    using Surface = SsviPowerLaw;
    using Vector = std::array<double, unknowns>;
    static constexpr double sizes[] = {0.3, 0.7};

    static Vector start(double rho, double size) { return {rho, size, 0.4}; }
    static Box<unknowns> box() { return {{-smile::most_rho, 0, 1e-3}, {smile::most_rho, 1, 0.5}}; }
    static Surface surface(const Vector& x) {
        return {x[0], 2 * x[1] / (1 + std::abs(x[0])), x[2]};
    }
    static Surface record(const Vector& values) { return {values[0], values[1], values[2]}; }
    static Psi<unknowns> psi(const Vector& x, double theta) {
        using Number = Jet<4, 1>;
        const Number rho = Number::variable(0, x[0]), part = Number::variable(1, x[1]);
        const Number eta = Number(2.0) * part / (Number(1.0) + abs(rho));
        const Number psi =
            ssvi::power_law_psi(eta, Number::variable(2, x[2]), Number::variable(3, theta));
        return {psi.value(),
                {psi.derivative(0), psi.derivative(1), psi.derivative(2)},
                psi.derivative(3)};
    }
    /// Derivatives by the unknowns as those by the surface's parameters.
    static Vector by_parameters(const Vector& x, const Vector& by) {
        const double skewness = 1 + std::abs(x[0]);
        return {by[0] + std::copysign(x[1] / skewness, x[0]) * by[1], by[1] * skewness / 2, by[2]};
    }
};

/// rho and the part of the largest 1 / lambda, 4 / (1 + |rho|).
struct Heston {
    static constexpr std::size_t unknowns = 2;
    using Surface = SsviHeston;
    using Vector = std::array<double, unknowns>;
    static constexpr double sizes[] = {0.02, 0.2, 0.7};

    static Vector start(double rho, double size) { return {rho, size}; }
    static Box<unknowns> box() { return {{-smile::most_rho, 1e-4}, {smile::most_rho, 1}}; }
    static Surface surface(const Vector& x) { return {x[0], (1 + std::abs(x[0])) / (4 * x[1])}; }
    static Surface record(const Vector& values) { return {values[0], values[1]}; }
    static Psi<unknowns> psi(const Vector& x, double theta) {
        using Number = Jet<3, 1>;
        const Number rho = Number::variable(0, x[0]), part = Number::variable(1, x[1]);
        const Number lambda = (Number(1.0) + abs(rho)) / (Number(4.0) * part);
        const Number psi = ssvi::heston_psi(lambda, Number::variable(2, theta));
        return {psi.value(), {psi.derivative(0), psi.derivative(1)}, psi.derivative(2)};
    }
    static Vector by_parameters(const Vector& x, const Vector& by) {
        const double lambda = (1 + std::abs(x[0])) / (4 * x[1]);
        return {by[0] + std::copysign(by[1] / (4 * lambda), x[0]), -by[1] * x[1] / lambda};
    }
};

template <class Family>
class SurfaceFit {
    static constexpr std::size_t unknowns = Family::unknowns;
    using Vector = std::array<double, unknowns>;

  public:
    SurfaceFit(std::span<const SmileQuotes> expiries, std::span<double> theta,
               const SsviFitOptions& options)
        : expiries_(expiries), theta_(theta), options_(options) {}

    SsviFit<typename Family::Surface> run() {
        if (!read()) {
            std::fill(theta_.begin(), theta_.end(), nan);
            return fit_;
        }
        const auto evaluate = [&](const Vector& x, NormalEquations<unknowns>& equations) {
            add(x, equations);
        };
        LeastSquaresOptions options;
        options.most_iterations = options_.most_iterations;
        options.least_reduction = smile::least_reduction;
        const auto result =
            minimize_least_squares<unknowns>(evaluate, start(), Family::box(), options);
        fit_.iterations = result.iterations;
        fit_.outcome = result.outcome == LeastSquaresOutcome::converged
                           ? SmileFitOutcome::converged
                           : SmileFitOutcome::not_converged;
        fit_.parameters = Family::surface(result.parameters);
        fit_.violation = ssvi_surface(fit_.parameters);
        record(result.parameters);
        return fit_;
    }

  private:
    /// Checks all quotes and finds the first thetas.
    bool read() {
        fit_.parameters = fit_.standard_errors = Family::record(not_a_number());
        fit_.residual = fit_.largest_residual = nan;
        fit_.outcome = SmileFitOutcome::invalid_input;
        if (theta_.size() != expiries_.size() || options_.most_iterations < 0 ||
            options_.loss != Loss::squares)
            return false;
        double time = 0;
        for (std::size_t i = 0; i < expiries_.size(); ++i) {
            Rows rows;
            fit_.outcome = rows.read(expiries_[i], fit_.invalid_row);
            fit_.invalid_expiry = i;
            if (fit_.outcome == SmileFitOutcome::converged && !(expiries_[i].time > time))
                fit_.outcome = SmileFitOutcome::invalid_input;
            if (fit_.outcome == SmileFitOutcome::converged && rows.count == 0)
                fit_.outcome = SmileFitOutcome::too_few_quotes;
            if (fit_.outcome != SmileFitOutcome::converged) return false;
            time = expiries_[i].time;
            fit_.quotes += rows.count;
            theta_[i] = level(rows);
        }
        fit_.invalid_expiry = 0;
        if (fit_.quotes <= expiries_.size() + unknowns) {
            fit_.outcome = SmileFitOutcome::too_few_quotes;
            return false;
        }
        return true;
    }

    static Vector not_a_number() {
        Vector x;
        x.fill(nan);
        return x;
    }

    /// w(0), roughly: that of the best slice of a grid, or of the nearest quote where those are
    /// few.
    static double level(const Rows& rows) {
        std::size_t nearest = 0;
        for (std::size_t i = 1; i < rows.count; ++i)
            if (std::abs(rows.log_moneyness[i]) < std::abs(rows.log_moneyness[nearest]))
                nearest = i;
        return rows.variances[nearest];
    }

    Vector start() {
        Vector best = Family::start(0, Family::sizes[0]);
        double least = std::numeric_limits<double>::infinity();
        for (const double rho : {-0.7, -0.3, 0.2})
            for (const double size : Family::sizes) {
                const Vector x = Family::start(rho, size);
                NormalEquations<unknowns> equations;
                add(x, equations);
                if (!(equations.cost() < least)) continue;
                least = equations.cost();
                best = x;
            }
        return best;
    }

    struct Level {
        double cost = 0, along = 0, square = 0;  // r'r, r'u, u'u with u = dr/dtheta
    };

    Level level_at(const Rows& rows, const Vector& x, double theta) const {
        const Psi<unknowns> psi = Family::psi(x, theta);
        Level level;
        for (std::size_t i = 0; i < rows.count; ++i) {
            const ssvi::Variance w =
                ssvi::variance({theta, x[0], psi.value}, rows.log_moneyness[i]);
            const auto [value, slope] = difference(rows, i, w.value, options_.residual);
            const double u = slope * (w.by[0] + w.by[2] * psi.by_theta);
            level.cost += rows.weights[i] * value * value;
            level.along += rows.weights[i] * value * u;
            level.square += rows.weights[i] * u * u;
        }
        return level;
    }

    /// The best theta not below `floor`. Gauss-Newton, whose steps are halved where they go too
    /// far.
    double best_level(const Rows& rows, const Vector& x, double theta, double floor) const {
        theta = std::max(theta, floor);
        Level here = level_at(rows, x, theta);
        for (int i = 0; i < most_level_steps; ++i) {
            double trial = std::max(theta - here.along / here.square, std::max(floor, theta / 4));
            Level there = level_at(rows, x, trial);
            while (!(there.cost <= here.cost) && std::abs(trial - theta) > 4 * epsilon * theta) {
                trial = (trial + theta) / 2;
                there = level_at(rows, x, trial);
            }
            const double moved = std::abs(trial - theta);
            if (!(there.cost <= here.cost)) break;
            theta = trial;
            here = there;
            if (moved <= 1e-13 * theta) break;
        }
        return theta;
    }

    /// Every quote's residual at the best thetas, with derivatives less what the thetas take up.
    /// @param by_parameters derivatives are those by the surface's parameters.
    void add(const Vector& x, NormalEquations<unknowns>& equations, bool by_parameters = false) {
        double floor = 0;
        for (std::size_t e = 0; e < expiries_.size(); ++e) {
            Rows rows;
            std::size_t unused = 0;
            rows.read(expiries_[e], unused);
            const double theta = best_level(rows, x, theta_[e], floor);
            const bool held = theta <= floor;
            floor = theta_[e] = theta;

            const Psi<unknowns> psi = Family::psi(x, theta);
            const auto row = [&](std::size_t i, Vector& by, double& u) {
                const ssvi::Variance w =
                    ssvi::variance({theta, x[0], psi.value}, rows.log_moneyness[i]);
                const auto [value, slope] = difference(rows, i, w.value, options_.residual);
                for (std::size_t j = 0; j < unknowns; ++j) by[j] = slope * w.by[2] * psi.by[j];
                by[0] += slope * w.by[1];
                u = slope * (w.by[0] + w.by[2] * psi.by_theta);
                return value;
            };
            Vector shared{};
            double square = 0;
            for (std::size_t i = 0; i < rows.count && !held; ++i) {
                Vector by;
                double u;
                row(i, by, u);
                square += rows.weights[i] * u * u;
                for (std::size_t j = 0; j < unknowns; ++j) shared[j] += rows.weights[i] * u * by[j];
            }
            for (std::size_t i = 0; i < rows.count; ++i) {
                Vector by;
                double u;
                const double value = row(i, by, u);
                for (std::size_t j = 0; j < unknowns && !held; ++j) by[j] -= u * shared[j] / square;
                equations.add(value, by_parameters ? Family::by_parameters(x, by) : by,
                              rows.weights[i]);
            }
        }
    }

    /// After the fit: also leaves the thetas of the surface.
    void record(const Vector& x) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        Box<unknowns> everywhere;
        everywhere.low.fill(-infinity);
        everywhere.high.fill(infinity);
        const auto plain = minimize_least_squares<unknowns>(
            [&](const Vector&, NormalEquations<unknowns>& equations) { add(x, equations, true); },
            x, everywhere, {.most_iterations = 0});
        double squares = 0, total = 0, largest = 0;
        for (std::size_t e = 0; e < expiries_.size(); ++e) {
            Rows rows;
            std::size_t unused = 0;
            rows.read(expiries_[e], unused);
            const SsviSlice slice = ssvi_slice(fit_.parameters, theta_[e]);
            for (std::size_t i = 0; i < rows.count; ++i) {
                const double w = ssvi_total_variance(slice, rows.log_moneyness[i]);
                const double value = difference(rows, i, w, options_.residual).value;
                squares += rows.weights[i] * value * value;
                total += rows.weights[i];
                largest = std::max(largest, std::abs(value));
            }
        }
        fit_.residual = std::sqrt(squares / total);
        fit_.largest_residual = largest;
        const auto freedom = static_cast<double>(fit_.quotes - expiries_.size() - unknowns);
        Vector errors;
        for (std::size_t j = 0; j < unknowns; ++j)
            errors[j] = std::sqrt(squares / freedom * plain.variances[j]);
        fit_.standard_errors = Family::record(errors);
    }

    std::span<const SmileQuotes> expiries_;
    std::span<double> theta_;
    const SsviFitOptions& options_;
    SsviFit<typename Family::Surface> fit_;
};

}  // namespace

SsviFit<SsviPowerLaw> fit_ssvi_power_law(std::span<const SmileQuotes> expiries,
                                         std::span<double> theta,
                                         const SsviFitOptions& options) noexcept {
    return SurfaceFit<PowerLaw>(expiries, theta, options).run();
}

SsviFit<SsviHeston> fit_ssvi_heston(std::span<const SmileQuotes> expiries, std::span<double> theta,
                                    const SsviFitOptions& options) noexcept {
    return SurfaceFit<Heston>(expiries, theta, options).run();
}

}  // namespace hedgerow
