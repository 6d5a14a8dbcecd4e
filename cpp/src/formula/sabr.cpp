// With b = 1 - beta, L = ln(F/K), M = sqrt(F K), a = alpha M^-b and S(y) = sinh(y)/y, the integral
// of F^-beta from K to F is M^b L S(b L/2), and Obloj's form of the expansion reads
//
//     volatility = a H(z) / S(b L/2) (1 + time (b^2 a^2/24 + rho nu beta a/4 + (2 - 3 rho^2)
//     nu^2/24)), z = nu L S(b L/2) / a,
//
// which has all its limits in H and S. The normal volatility is this times (F - K)/L = M S(L/2),
// with -beta (2 - beta) in place of b^2.
#include "hedgerow/formula/sabr.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "../../kernels/table.hpp"
#include "hedgerow/base/error.hpp"
#include "sabr_terms.hpp"

namespace hedgerow {

namespace {

using namespace sabr;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

enum class Quoted { black, normal };

bool is_valid(const SabrParameters& p) noexcept {
    return p.alpha > 0 && std::isfinite(p.alpha) && p.beta >= 0 && p.beta <= 1 && p.rho > -1 &&
           p.rho < 1 && p.nu >= 0 && std::isfinite(p.nu) && std::isfinite(p.shift);
}

bool is_positive(double value) noexcept {
    return value > 0 && std::isfinite(value);
}

bool is_time(double time) noexcept {
    return time >= 0 && std::isfinite(time);
}

// 1 + time (quadratic a^2 + linear a + constant), the part of the expansion that grows with time.
struct Growth {
    double quadratic, linear, constant;

    Growth(const SabrParameters& p, Quoted quoted) noexcept
        : quadratic(
              (quoted == Quoted::black ? (1 - p.beta) * (1 - p.beta) : -p.beta * (2 - p.beta)) /
              24),
          linear(0.25 * p.rho * p.nu * p.beta),
          constant((2 - 3 * p.rho * p.rho) * p.nu * p.nu / 24) {}

    double operator()(double a, double time) const noexcept {
        return 1 + time * ((quadratic * a + linear) * a + constant);
    }
};

double positive_or_nan(double volatility) noexcept {
    return volatility > 0 ? volatility : not_a_number;
}

double normal_volatility(const SabrParameters& p, double f, double k, double time) noexcept {
    const double b = 1 - p.beta, log_moneyness = log_ratio(f, k);
    const double a = p.alpha * std::pow(f, -b) * std::exp(0.5 * b * log_moneyness);
    const double s = sinh_ratio(0.5 * b * log_moneyness).value;
    const double z = p.nu * log_moneyness * s / a;
    const double mean = std::sqrt(f) * std::sqrt(k) * sinh_ratio(0.5 * log_moneyness).value;
    return positive_or_nan(a / s * distance_ratio(z, p.rho) * mean *
                           Growth(p, Quoted::normal)(a, time));
}

// Black's, of strikes that have been moved by the shift.
void black_volatilities(const SabrParameters& p, double f, double time, const double* strikes,
                        double* volatility, std::size_t n) noexcept {
    constexpr std::size_t rows = 64;
    double per_alpha[rows], level[rows], reach[rows];
    double* const places[] = {per_alpha, level, reach};
    const kernels::Sabr& sabr = kernels::table().sabr;
    const double b = 1 - p.beta;
    const kernels::SabrExpiry expiry{f, std::pow(f, -b), b};
    for (std::size_t i = 0; i < n; i += rows) {
        const std::size_t count = std::min(rows, n - i);
        sabr.places(expiry, strikes + i, places, count);
        sabr.volatility({p.alpha, p.beta, p.rho, p.nu, time}, places, volatility + i, count);
    }
}

// All from the derivatives of ln(volatility) in ln F and ln K.
template <Quoted quoted>
SabrVolatility derivatives(const SabrParameters& p, double f, double k, double time) noexcept {
    const double b = 1 - p.beta, log_moneyness = log_ratio(f, k);
    const double half = std::exp(0.5 * b * log_moneyness);
    const double a = p.alpha * std::pow(f, -b) * half;
    const SinhRatio s = sinh_ratio(0.5 * b * log_moneyness);
    const double z_by_nu = log_moneyness * s.value / a;
    const DistanceRatio h = distance_ratio_derivatives(p.nu * z_by_nu, p.rho);
    const double z_by_log_f = p.nu / a * half, z_by_log_k = -p.nu / (a * half);

    const Growth growth(p, quoted);
    const double grown = growth(a, time), per = time / grown;
    // a d/da of ln(growth), and of that once more.
    const double by_log_a = per * (2 * growth.quadratic * a + growth.linear) * a;
    const double by_log_a_twice =
        per * (4 * growth.quadratic * a + growth.linear) * a - by_log_a * by_log_a;

    double value = a / s.value * h.value * grown;
    double log_f = -0.5 * b * (1 + s.log_by_y + by_log_a) + h.log_by_z * z_by_log_f;
    double log_k = -0.5 * b * (1 - s.log_by_y + by_log_a) + h.log_by_z * z_by_log_k;
    double log_k_twice = 0.25 * b * b * (by_log_a_twice - s.log_by_y_twice) +
                         h.log_by_z_twice * z_by_log_k * z_by_log_k + h.log_by_z * b * z_by_log_k;
    if (quoted == Quoted::normal) {
        const SinhRatio mean = sinh_ratio(0.5 * log_moneyness);
        value *= std::sqrt(f) * std::sqrt(k) * mean.value;
        log_f += 0.5 * (1 + mean.log_by_y);
        log_k += 0.5 * (1 - mean.log_by_y);
        log_k_twice += 0.25 * mean.log_by_y_twice;
    }
    value = positive_or_nan(value);

    SabrVolatility result;
    result.volatility = value;
    result.by_alpha = value * (1 - h.log_by_z * p.nu * z_by_nu + by_log_a) / p.alpha;
    result.by_rho = value * (h.log_by_rho + per * 0.25 * p.nu * (p.beta * a - p.rho * p.nu));
    result.by_nu = value * (h.log_by_z * z_by_nu + per * (0.25 * p.rho * p.beta * a +
                                                          (2 - 3 * p.rho * p.rho) * p.nu / 12));
    result.by_forward = value * log_f / f;
    result.by_strike = value * log_k / k;
    result.by_strike_twice = value * (log_k_twice + log_k * log_k - log_k) / (k * k);
    result.by_forward_and_alpha =
        result.by_forward + result.by_alpha * p.rho * p.nu * std::pow(f, -p.beta);
    return result;
}

// The normal model, beta = 0, in which forward and strike may be negative: z = nu (F - K) / alpha.
double normal_model_growth(const SabrParameters& p, double time) noexcept {
    return Growth(p, Quoted::normal)(0, time);
}

SabrVolatility normal_model(const SabrParameters& p, double forward, double strike,
                            double time) noexcept {
    const double z_by_nu = (forward - strike) / p.alpha;
    const DistanceRatio h = distance_ratio_derivatives(p.nu * z_by_nu, p.rho);
    const double grown = normal_model_growth(p, time), per = time / grown;
    const double value = positive_or_nan(p.alpha * h.value * grown), slope = p.nu / p.alpha;
    SabrVolatility result;
    result.volatility = value;
    result.by_alpha = value * (1 - h.log_by_z * p.nu * z_by_nu) / p.alpha;
    result.by_rho = value * (h.log_by_rho - per * 0.25 * p.rho * p.nu * p.nu);
    result.by_nu = value * (h.log_by_z * z_by_nu + per * (2 - 3 * p.rho * p.rho) * p.nu / 12);
    result.by_forward = value * h.log_by_z * slope;
    result.by_strike = -result.by_forward;
    result.by_strike_twice = value * slope * slope * (h.log_by_z_twice + h.log_by_z * h.log_by_z);
    result.by_forward_and_alpha = result.by_forward + result.by_alpha * p.rho * p.nu;
    return result;
}

constexpr SabrVolatility nothing{not_a_number, not_a_number, not_a_number, not_a_number,
                                 not_a_number, not_a_number, not_a_number, not_a_number};

bool in_domain(const SabrParameters& p, double f, double k, double time) noexcept {
    return is_valid(p) && is_positive(f) && is_positive(k) && is_time(time);
}

bool in_normal_domain(const SabrParameters& p, double forward, double strike,
                      double time) noexcept {
    return is_valid(p) && std::isfinite(forward) && std::isfinite(strike) && is_time(time);
}

}  // namespace

const SabrParameters& require_sabr(const SabrParameters& parameters) {
    const auto& [alpha, beta, rho, nu, shift] = parameters;
    require_positive("alpha", alpha);
    if (!(beta >= 0 && beta <= 1)) throw InvalidInput("beta", beta, "must be from 0 to 1");
    if (!(rho > -1 && rho < 1)) throw InvalidInput("rho", rho, "must be between -1 and 1");
    if (!(nu >= 0 && std::isfinite(nu)))
        throw InvalidInput("nu", nu, "must be non-negative and finite");
    require_finite("shift", shift);
    return parameters;
}

double sabr_volatility(const SabrParameters& p, double forward, double strike,
                       double time) noexcept {
    const double f = forward + p.shift, k = strike + p.shift;
    if (!in_domain(p, f, k, time)) return not_a_number;
    double result;
    black_volatilities(p, f, time, &k, &result, 1);
    return result;
}

double sabr_normal_volatility(const SabrParameters& p, double forward, double strike,
                              double time) noexcept {
    const double f = forward + p.shift, k = strike + p.shift;
    if (p.beta == 0) {
        if (!in_normal_domain(p, f, k, time)) return not_a_number;
        const double z = p.nu * (forward - strike) / p.alpha;
        return positive_or_nan(p.alpha * distance_ratio(z, p.rho) * normal_model_growth(p, time));
    }
    if (!in_domain(p, f, k, time)) return not_a_number;
    return normal_volatility(p, f, k, time);
}

SabrVolatility sabr_derivatives(const SabrParameters& p, double forward, double strike,
                                double time) noexcept {
    const double f = forward + p.shift, k = strike + p.shift;
    if (!in_domain(p, f, k, time)) return nothing;
    return derivatives<Quoted::black>(p, f, k, time);
}

SabrVolatility sabr_normal_derivatives(const SabrParameters& p, double forward, double strike,
                                       double time) noexcept {
    const double f = forward + p.shift, k = strike + p.shift;
    if (p.beta == 0)
        return in_normal_domain(p, f, k, time) ? normal_model(p, forward, strike, time) : nothing;
    if (!in_domain(p, f, k, time)) return nothing;
    return derivatives<Quoted::normal>(p, f, k, time);
}

void sabr_volatility(const SabrParameters& parameters, double forward, double time,
                     std::span<const double> strike, std::span<double> volatility) {
    if (strike.size() != volatility.size())
        throw InvalidInput("volatility", std::to_string(volatility.size()) + " values",
                           "must be one per strike (" + std::to_string(strike.size()) + ")");
    const double f = forward + parameters.shift;
    if (!in_domain(parameters, f, f, time)) {
        std::ranges::fill(volatility, not_a_number);
        return;
    }
    constexpr std::size_t rows = 64;
    double moved[rows];
    for (std::size_t i = 0; i < strike.size(); i += rows) {
        const std::size_t count = std::min(rows, strike.size() - i);
        for (std::size_t j = 0; j < count; ++j) moved[j] = strike[i + j] + parameters.shift;
        black_volatilities(parameters, f, time, moved, volatility.data() + i, count);
    }
}

}  // namespace hedgerow
