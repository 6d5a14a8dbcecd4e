#include "hedgerow/formula/sabr_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "../../kernels/table.hpp"
#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double widest_rho = 0.999;
constexpr double narrowest_nu = 1e-6, widest_nu = 20;  // times sqrt(time)
constexpr int most_newton_steps = 50;

// The expiry, its quotes that count, and what of them does not change with alpha, rho and nu. The
// forward stands behind the strikes, as if it were one more; then there are copies of it, because
// the kernels take whole registers.
class Problem {
  public:
    Problem(double beta, double forward, double time, double robust_scale, std::size_t most)
        : beta_(beta), time_(time), robust_scale_(robust_scale), forward_(forward) {
        stride_ = (most + 1 + lanes - 1) / lanes * lanes;
        columns_.assign(columns * stride_, forward);
    }

    void add(double strike, double volatility, double weight) noexcept {
        column(strikes)[size_] = strike;
        column(volatilities)[size_] = volatility;
        column(weights)[size_] = weight;
        ++size_;
    }

    // Once every quote has been added.
    void place() noexcept {
        padded_ = (size_ + 1 + lanes - 1) / lanes * lanes;
        const double b = 1 - beta_;
        double* const out[] = {column(places), column(places + 1), column(places + 2)};
        kernels::table().sabr.places({forward_, std::pow(forward_, -b), b}, column(strikes), out,
                                     padded_);
    }

    // Volatilities and their derivatives by alpha, rho and nu, all at once.
    void model(double alpha, double rho, double nu) noexcept {
        const double* const in[] = {column(places), column(places + 1), column(places + 2)};
        double* const out[] = {column(modelled), column(modelled + 1), column(modelled + 2),
                               column(modelled + 3)};
        kernels::table().sabr.gradient({alpha, beta_, rho, nu, time_}, in, out, padded_);
    }

    std::size_t size() const noexcept { return size_; }
    double beta() const noexcept { return beta_; }
    double time() const noexcept { return time_; }
    double robust_scale() const noexcept { return robust_scale_; }
    double forward() const noexcept { return forward_; }
    double strike(std::size_t i) const noexcept { return column(strikes)[i]; }
    double volatility(std::size_t i) const noexcept { return column(volatilities)[i]; }
    double weight(std::size_t i) const noexcept { return column(weights)[i]; }
    double residual(std::size_t i) const noexcept { return column(modelled)[i] - volatility(i); }
    double by_alpha(std::size_t i) const noexcept { return column(modelled + 1)[i]; }
    double by_rho(std::size_t i) const noexcept { return column(modelled + 2)[i]; }
    double by_nu(std::size_t i) const noexcept { return column(modelled + 3)[i]; }

  private:
    static constexpr std::size_t lanes = 8;
    static constexpr std::size_t strikes = 0, volatilities = 1, weights = 2, places = 3,
                                 modelled = 6, columns = 10;

    double* column(std::size_t which) noexcept { return columns_.data() + which * stride_; }
    const double* column(std::size_t which) const noexcept {
        return columns_.data() + which * stride_;
    }

    double beta_, time_, robust_scale_, forward_;
    std::size_t size_ = 0, stride_ = 0, padded_ = 0;
    std::vector<double> columns_;
};

// A residual of the least squares that the robust loss makes of one, and what its derivatives are
// multiplied by: those of sqrt(loss), which are smooth at 0.
struct Softened {
    double residual, slope;
};

Softened soften(double residual, double weight, double scale) noexcept {
    const double part = residual / scale;
    const double q = std::sqrt(1 + weight * part * part);
    return {residual * std::sqrt(2 / (q + 1)), std::sqrt(0.5 * (q + 1)) / q};
}

template <std::size_t unknowns>
void add(const Problem& problem, std::size_t i, std::array<double, unknowns> derivatives,
         NormalEquations<unknowns>& equations) noexcept {
    double residual = problem.residual(i);
    if (problem.robust_scale() < infinity) {
        const Softened softened = soften(residual, problem.weight(i), problem.robust_scale());
        residual = softened.residual;
        for (double& derivative : derivatives) derivative *= softened.slope;
    }
    equations.add(residual, derivatives, problem.weight(i));
}

std::string indexed(const char* name, std::size_t i) {
    return std::string(name) + "[" + std::to_string(i) + "]";
}

void require_length(const char* name, std::size_t length, std::size_t expected) {
    if (length != expected)
        throw InvalidInput(name, std::to_string(length) + " values",
                           "must be one per strike (" + std::to_string(expected) + ")");
}

Problem problem_of(const SabrQuotes& quotes, double forward, double time, double beta, double shift,
                   const SabrFitOptions& options) {
    require_length("volatility", quotes.volatility.size(), quotes.strike.size());
    require_length("weight", quotes.weight.size(), quotes.strike.size());
    require_finite("shift", shift);
    const double f = require_positive("forward + shift", forward + shift);
    require_positive("time", time);
    if (!(options.robust_scale > 0))
        throw InvalidInput("robust_scale", options.robust_scale, "must be positive");
    Problem problem(beta, f, time, options.robust_scale, quotes.strike.size());
    // Strikes that differ, of which more than three make no difference.
    std::array<double, 3> different{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < quotes.strike.size(); ++i) {
        const double k = quotes.strike[i] + shift, weight = quotes.weight[i];
        if (!(weight >= 0 && weight < infinity))
            throw InvalidInput(indexed("weight", i), weight, "must be non-negative and finite");
        if (!(k > 0 && k < infinity))
            throw InvalidInput(indexed("strike", i), quotes.strike[i],
                               "must be above -shift and finite");
        if (!(quotes.volatility[i] > 0 && quotes.volatility[i] < infinity))
            throw InvalidInput(indexed("volatility", i), quotes.volatility[i],
                               "must be positive and finite");
        if (weight == 0) continue;
        problem.add(k, quotes.volatility[i], weight);
        const auto end = different.begin() + count;
        if (count < 3 && std::find(different.begin(), end, k) == end) different[count++] = k;
    }
    const std::size_t needed = options.at_the_money ? 2 : 3;
    if (count < needed)
        throw InvalidInput("strike", std::to_string(count) + " that differ and have a weight",
                           "must be at least " + std::to_string(needed));
    problem.place();
    return problem;
}

// The parabola through the quotes in log-moneyness: level, skew and half the curvature.
std::array<double, 3> parabola(const Problem& problem) noexcept {
    NormalEquations<3> equations;
    for (std::size_t i = 0; i < problem.size(); ++i) {
        // A guess need not know the logarithm: by a rational function, to the third order.
        const double k = problem.strike(i), f = problem.forward();
        const double x = 2 * (k - f) / (k + f);
        equations.add(-problem.volatility(i), {1.0, x, x * x}, problem.weight(i));
    }
    std::array<double, 3> solution{};
    for (std::size_t i = 0; i < 3; ++i) solution[i] = -equations.gradient()[i];
    if (least_squares::solve(equations, {}, {true, true, true}, solution) && solution[0] > 0)
        return solution;
    // Without a curvature, the mean.
    double sum = 0, weights = 0;
    for (std::size_t i = 0; i < problem.size(); ++i) {
        sum += problem.weight(i) * problem.volatility(i);
        weights += problem.weight(i);
    }
    return {sum / weights, 0.0, 0.0};
}

// Matches the expansion of the formula at the money to the second order: with l = nu / a,
// volatility = level (1 - (b - rho l) k/2 + (b^2 + (2 - 3 rho^2) l^2) k^2/12).
SabrParameters first_guess(const Problem& problem, double forward, double shift) noexcept {
    const auto [level, skew, bend] = parabola(problem);
    const double b = 1 - problem.beta();
    const double rho_l = 2 * skew / level + b;
    const double square = 6 * bend / level - 0.5 * b * b + 1.5 * rho_l * rho_l;
    const double l = std::sqrt(std::max(square, 1.1 * rho_l * rho_l + 1e-4));
    const double root = std::sqrt(problem.time());
    SabrParameters guess{0, problem.beta(), rho_l / l, std::clamp(l * level, 1e-3 / root, 3 / root),
                         shift};
    guess.alpha = sabr_alpha(guess, level, forward, problem.time());
    if (!(guess.alpha > 0)) guess.alpha = level * std::pow(forward + shift, b);
    return guess;
}

template <std::size_t unknowns>
void report(Problem& problem, const LeastSquaresResult<unknowns>& result, SabrFit& fit) {
    fit.outcome = result.outcome;
    fit.iterations = result.iterations;
    const SabrParameters& p = fit.parameters;
    const double root = std::sqrt(problem.time());
    fit.at_bound = std::abs(p.rho) >= widest_rho || p.nu * root <= narrowest_nu * (1 + 1e-12) ||
                   p.nu * root >= widest_nu * (1 - 1e-12);
    problem.model(p.alpha, p.rho, p.nu);
    double squares = 0, weights = 0;
    for (std::size_t i = 0; i < problem.size(); ++i) {
        squares += problem.weight(i) * problem.residual(i) * problem.residual(i);
        weights += problem.weight(i);
    }
    fit.residual = std::sqrt(squares / weights);
}

// The standard deviation of a quote of weight 1.
template <std::size_t unknowns>
double noise(const Problem& problem, const LeastSquaresResult<unknowns>& result) noexcept {
    const double freedom = static_cast<double>(problem.size()) - unknowns;
    return freedom > 0 ? std::sqrt(result.equations.cost() / freedom) : not_a_number;
}

double rounded_to_box(double value, double low, double high) noexcept {
    return std::min(std::max(value, low), high);
}

void fit_all(Problem& problem, const SabrParameters& start, const Box<2>& box,
             const LeastSquaresOptions& options, SabrFit& fit) {
    const auto evaluate = [&](const std::array<double, 3>& x, NormalEquations<3>& equations) {
        problem.model(x[0], x[1], x[2]);
        for (std::size_t i = 0; i < problem.size(); ++i)
            add<3>(problem, i, {problem.by_alpha(i), problem.by_rho(i), problem.by_nu(i)},
                   equations);
    };
    const auto result = minimize_least_squares<3>(
        evaluate, {start.alpha, start.rho, start.nu},
        {{1e-6 * start.alpha, box.low[0], box.low[1]}, {infinity, box.high[0], box.high[1]}},
        options);
    const double scale = noise(problem, result);
    fit.parameters = start;
    fit.parameters.alpha = result.parameters[0];
    fit.parameters.rho = result.parameters[1];
    fit.parameters.nu = result.parameters[2];
    fit.alpha_error = scale * std::sqrt(result.variances[0]);
    fit.rho_error = scale * std::sqrt(result.variances[1]);
    fit.nu_error = scale * std::sqrt(result.variances[2]);
    report(problem, result, fit);
}

// The derivatives of alpha by rho and nu along which the volatility at the forward stays.
std::array<double, 2> slopes_of_alpha(const Problem& problem) noexcept {
    const std::size_t forward = problem.size();
    return {-problem.by_rho(forward) / problem.by_alpha(forward),
            -problem.by_nu(forward) / problem.by_alpha(forward)};
}

// With alpha a function of rho and nu, such that the volatility at the forward stays.
void fit_two(Problem& problem, const SabrParameters& start, double at_the_money, double forward,
             const Box<2>& box, const LeastSquaresOptions& options, SabrFit& fit) {
    const auto alpha_at = [&](double rho, double nu) {
        return sabr_alpha({start.alpha, start.beta, rho, nu, start.shift}, at_the_money, forward,
                          problem.time());
    };
    const auto evaluate = [&](const std::array<double, 2>& x, NormalEquations<2>& equations) {
        problem.model(alpha_at(x[0], x[1]), x[0], x[1]);
        const auto [by_rho, by_nu] = slopes_of_alpha(problem);
        for (std::size_t i = 0; i < problem.size(); ++i)
            add<2>(problem, i,
                   {problem.by_rho(i) + problem.by_alpha(i) * by_rho,
                    problem.by_nu(i) + problem.by_alpha(i) * by_nu},
                   equations);
    };
    const auto result = minimize_least_squares<2>(evaluate, {start.rho, start.nu}, box, options);
    const double scale = noise(problem, result);
    fit.parameters = start;
    fit.parameters.rho = result.parameters[0];
    fit.parameters.nu = result.parameters[1];
    fit.parameters.alpha = alpha_at(result.parameters[0], result.parameters[1]);
    fit.rho_error = scale * std::sqrt(result.variances[0]);
    fit.nu_error = scale * std::sqrt(result.variances[1]);
    report(problem, result, fit);
    // Of alpha, from those of rho and nu and their covariance where neither is held.
    const auto [by_rho, by_nu] = slopes_of_alpha(problem);
    const double cross = result.equations.curvature(1, 0);
    const double determinant =
        result.equations.curvature(0, 0) * result.equations.curvature(1, 1) - cross * cross;
    const bool both = result.variances[0] > 0 && result.variances[1] > 0;
    fit.alpha_error = scale * std::sqrt(by_rho * by_rho * result.variances[0] +
                                        by_nu * by_nu * result.variances[1] -
                                        (both ? 2 * by_rho * by_nu * cross / determinant : 0.0));
}

}  // namespace

double sabr_alpha(const SabrParameters& p, double volatility, double forward,
                  double time) noexcept {
    const double f = forward + p.shift;
    const bool valid = volatility > 0 && volatility < infinity && f > 0 && f < infinity &&
                       p.beta >= 0 && p.beta <= 1 && p.rho > -1 && p.rho < 1 && p.nu >= 0 &&
                       p.nu < infinity && time >= 0 && time < infinity;
    if (!valid) return not_a_number;
    // In a = alpha F^-b: cubic a^3 + square a^2 + linear a = volatility.
    const double b = 1 - p.beta;
    const double cubic = time * b * b / 24;
    const double square = 0.25 * time * p.rho * p.nu * p.beta;
    const double linear = 1 + time * (2 - 3 * p.rho * p.rho) * p.nu * p.nu / 24;
    const auto value = [&](double a) {
        return ((cubic * a + square) * a + linear) * a - volatility;
    };
    const auto slope = [&](double a) { return (3 * cubic * a + 2 * square) * a + linear; };
    // The cubic is below the volatility at 0. Its first root is where it first gets there: before
    // the maximum, where there is one.
    double low = 0, high;
    const double discriminant = square * square - 3 * cubic * linear;
    const double turn =
        discriminant >= 0 && square < 0 ? linear / (-square + std::sqrt(discriminant)) : infinity;
    if (linear > 0 && turn < infinity && value(turn) >= 0) {
        high = turn;
    } else if (cubic > 0) {
        // Past the minimum, if any, the cubic grows for good.
        if (linear > 0 && turn < infinity) low = (-square + std::sqrt(discriminant)) / (3 * cubic);
        high = std::max(low, volatility);
        while (high < infinity && value(high) < 0) high *= 2;
    } else if (linear > 0 && square >= 0) {
        high = volatility / linear;
    } else if (square > 0) {
        high = volatility;
        while (high < infinity && value(high) < 0) high *= 2;
    } else {
        return not_a_number;
    }
    if (!(high < infinity)) return not_a_number;
    double a = std::clamp(volatility / std::max(linear, 1e-3), low, high);
    for (int i = 0; i < most_newton_steps; ++i) {
        const double at = value(a);
        (at < 0 ? low : high) = a;
        double next = a - at / slope(a);
        if (!(next >= low && next <= high)) next = 0.5 * (low + high);
        const double moved = std::abs(next - a);
        a = next;
        if (moved <= 1e-15 * a) break;
    }
    return a * std::pow(f, b);
}

SabrFit fit_sabr(const SabrQuotes& quotes, double forward, double time, double beta, double shift,
                 const SabrFitOptions& options) {
    if (!(beta >= 0 && beta <= 1)) throw InvalidInput("beta", beta, "must be from 0 to 1");
    Problem problem = problem_of(quotes, forward, time, beta, shift, options);
    SabrParameters start;
    if (options.start) {
        start = require_sabr(*options.start);
        if (start.beta != beta)
            throw InvalidInput("start.beta", start.beta, "must be that of the fit");
        if (start.shift != shift)
            throw InvalidInput("start.shift", start.shift, "must be that of the fit");
    } else {
        start = first_guess(problem, forward, shift);
    }
    const double root = std::sqrt(time);
    const Box<2> box{{-widest_rho, narrowest_nu / root}, {widest_rho, widest_nu / root}};
    start.rho = rounded_to_box(start.rho, box.low[0], box.high[0]);
    start.nu = rounded_to_box(start.nu, box.low[1], box.high[1]);
    LeastSquaresOptions how;
    how.most_iterations = options.most_iterations;
    SabrFit fit;
    if (options.at_the_money)
        fit_two(problem, start, require_positive("at_the_money", *options.at_the_money), forward,
                box, how, fit);
    else
        fit_all(problem, start, box, how, fit);
    return fit;
}

}  // namespace hedgerow
