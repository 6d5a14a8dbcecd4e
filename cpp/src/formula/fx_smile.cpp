#include "hedgerow/formula/fx_smile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/formula/black.hpp"
#include "hedgerow/math/normal.hpp"
#include "sabr_terms.hpp"

namespace hedgerow {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr int most_iterations = 50;
// Newton's differences are taken over this part of the volatility at the money.
constexpr double difference = 1e-6;

bool is_positive(double value) noexcept {
    return value > 0 && std::isfinite(value);
}

std::string indexed(const char* name, std::size_t i) {
    return std::string(name) + "[" + std::to_string(i) + "]";
}

std::string count(std::size_t n) {
    return std::to_string(n) + " values";
}

}  // namespace

FxSmile::FxSmile(double forward, double time, std::span<const double> strikes,
                 std::span<const double> volatilities, FxInterpolation interpolation)
    : forward_(require_positive("forward", forward)),
      time_(require_positive("time", time)),
      size_(strikes.size()),
      interpolation_(interpolation) {
    const bool is_spline = interpolation == FxInterpolation::spline_in_delta;
    if (size_ != 3 && !(size_ == 5 && is_spline))
        throw InvalidInput("strikes", count(size_), "must be three, or five for the spline");
    if (volatilities.size() != size_)
        throw InvalidInput("volatilities", count(volatilities.size()),
                           "must be one per strike (" + std::to_string(size_) + ")");
    for (std::size_t i = 0; i < size_; ++i) {
        strikes_[i] = require_positive(indexed("strikes", i), strikes[i]);
        volatilities_[i] = require_positive(indexed("volatilities", i), volatilities[i]);
        if (i > 0 && strikes_[i] <= strikes_[i - 1])
            throw InvalidInput(indexed("strikes", i), strikes_[i], "must be strictly increasing");
    }
    for (std::size_t i = 0; i < size_; ++i) {
        nodes_[i] = abscissa(strikes_[i]);
        heights_[i] = in_delta() ? std::log(volatilities_[i]) : volatilities_[i];
    }
    for (std::size_t i = 1; i < size_; ++i)
        if (nodes_[i] == nodes_[i - 1])
            throw InvalidInput(indexed("strikes", i), strikes_[i], "must be apart in delta");
    if (is_spline) {
        bend_spline();
        return;
    }
    coefficients_[0] = heights_[0];
    coefficients_[1] = (heights_[1] - heights_[0]) / (nodes_[1] - nodes_[0]);
    coefficients_[2] = ((heights_[2] - heights_[1]) / (nodes_[2] - nodes_[1]) - coefficients_[1]) /
                       (nodes_[2] - nodes_[0]);
}

bool FxSmile::in_delta() const noexcept {
    return interpolation_ == FxInterpolation::quadratic_in_delta ||
           interpolation_ == FxInterpolation::spline_in_delta;
}

double FxSmile::abscissa(double strike) const noexcept {
    const double log_moneyness = sabr::log_ratio(strike, forward_);
    if (!in_delta()) return log_moneyness;
    return normal_cdf(log_moneyness / (volatilities_[size_ / 2] * std::sqrt(time_)));
}

// The second derivatives, 0 at the ends, by elimination from left to right.
void FxSmile::bend_spline() noexcept {
    Values diagonal{};
    for (std::size_t i = 1; i + 1 < size_; ++i) {
        const double left = nodes_[i] - nodes_[i - 1], right = nodes_[i + 1] - nodes_[i];
        diagonal[i] = 2 * (left + right);
        coefficients_[i] =
            6 * ((heights_[i + 1] - heights_[i]) / right - (heights_[i] - heights_[i - 1]) / left);
        if (i == 1) continue;
        const double factor = left / diagonal[i - 1];
        diagonal[i] -= factor * left;
        coefficients_[i] -= factor * coefficients_[i - 1];
    }
    for (std::size_t i = size_ - 2; i > 0; --i) {
        const double right = nodes_[i + 1] - nodes_[i];
        coefficients_[i] = (coefficients_[i] - right * coefficients_[i + 1]) / diagonal[i];
    }
}

double FxSmile::spline(double x) const noexcept {
    std::size_t left = 0;
    while (left + 2 < size_ && x > nodes_[left + 1]) ++left;
    const double width = nodes_[left + 1] - nodes_[left];
    const double slope = (heights_[left + 1] - heights_[left]) / width;
    const double from = coefficients_[left], to = coefficients_[left + 1];
    const double past = x - nodes_[left], ahead = nodes_[left + 1] - x;
    if (past < 0) return heights_[left] + past * (slope - width * to / 6);
    if (ahead < 0) return heights_[left + 1] - ahead * (slope + width * from / 6);
    return heights_[left] + past * slope -
           past * ahead / 6 * (from * (1 + ahead / width) + to * (1 + past / width));
}

double FxSmile::parabola(double x) const noexcept {
    return coefficients_[0] +
           (x - nodes_[0]) * (coefficients_[1] + (x - nodes_[1]) * coefficients_[2]);
}

// The root of a quadratic that the parabola is the first term of; equation 14 of the paper.
double FxSmile::second_approximation(double first, double x) const noexcept {
    const double left = volatilities_[0], middle = volatilities_[1], right = volatilities_[2];
    const double root = std::sqrt(time_);
    // d1 d2 at the volatility at the money.
    const auto product = [&](double log_moneyness) {
        const double d = log_moneyness / (middle * root), half = 0.5 * middle * root;
        return (d - half) * (d + half);
    };
    const double to_left =
        (nodes_[1] - x) * (nodes_[2] - x) / ((nodes_[1] - nodes_[0]) * (nodes_[2] - nodes_[0]));
    const double to_right =
        (x - nodes_[0]) * (x - nodes_[1]) / ((nodes_[2] - nodes_[0]) * (nodes_[2] - nodes_[1]));
    const double second = to_left * product(nodes_[0]) * (left - middle) * (left - middle) +
                          to_right * product(nodes_[2]) * (right - middle) * (right - middle);
    const double sum = 2 * middle * (first - middle) + second;
    return middle + sum / (middle + std::sqrt(middle * middle + product(x) * sum));
}

double FxSmile::volatility(double strike) const noexcept {
    if (!is_positive(strike)) return not_a_number;
    const double x = abscissa(strike);
    if (interpolation_ == FxInterpolation::spline_in_delta) return std::exp(spline(x));
    const double value = parabola(x);
    if (interpolation_ == FxInterpolation::quadratic_in_delta) return std::exp(value);
    const double volatility = interpolation_ == FxInterpolation::vanna_volga_second
                                  ? second_approximation(value, x)
                                  : value;
    return volatility > 0 ? volatility : not_a_number;
}

namespace {

constexpr std::size_t most_wings = 2;
using Wings = std::array<double, most_wings>;

// A strangle at the strikes that have the wing's delta at one volatility.
struct MarketStrangle {
    double put_strike, call_strike, price;
};

double strangle_price(const FxExpiry& expiry, const MarketStrangle& strangle, double put_volatility,
                      double call_volatility) noexcept {
    const double forward = expiry.forward();
    return black_price(Right::put, forward, strangle.put_strike, expiry.time, put_volatility, 1) +
           black_price(Right::call, forward, strangle.call_strike, expiry.time, call_volatility, 1);
}

// The quotes, and the smile that each guess of the smile strangles makes of them.
class Construction {
  public:
    Construction(const FxExpiry& expiry, double at_the_money, std::span<const FxWing> wings,
                 const FxConventions& conventions, FxInterpolation interpolation)
        : expiry_(expiry),
          at_the_money_(at_the_money),
          wings_(wings),
          conventions_(conventions),
          interpolation_(interpolation),
          middle_(fx_at_the_money_strike(conventions.at_the_money, conventions.delta, expiry,
                                         at_the_money)) {}

    std::size_t size() const noexcept { return wings_.size(); }

    FxStrike strike(Right right, double delta, double volatility) const noexcept {
        return fx_strike(conventions_.delta, right, expiry_, sign(right) * delta, volatility);
    }

    FxSmileOutcome smile_of(const Wings& strangles, std::optional<FxSmile>& smile) const {
        std::array<double, FxSmile::most_strikes> strikes, volatilities;
        const std::size_t n = size(), points = 2 * n + 1;
        strikes[n] = middle_;
        volatilities[n] = at_the_money_;
        for (std::size_t i = 0; i < n; ++i) {
            // The first wing is the inner one.
            const std::size_t left = n - 1 - i, right = n + 1 + i;
            const double mean = at_the_money_ + strangles[i], half = 0.5 * wings_[i].risk_reversal;
            volatilities[left] = mean - half;
            volatilities[right] = mean + half;
            if (!is_positive(volatilities[left]) || !is_positive(volatilities[right]))
                return FxSmileOutcome::invalid_smile;
            const FxStrike put = strike(Right::put, wings_[i].delta, volatilities[left]);
            const FxStrike call = strike(Right::call, wings_[i].delta, volatilities[right]);
            if (put.outcome != FxStrikeOutcome::solved || call.outcome != FxStrikeOutcome::solved)
                return FxSmileOutcome::unreachable_delta;
            strikes[left] = put.strike;
            strikes[right] = call.strike;
        }
        for (std::size_t i = 1; i < points; ++i)
            if (!(strikes[i] > strikes[i - 1])) return FxSmileOutcome::invalid_smile;
        smile.emplace(expiry_.forward(), expiry_.time, std::span(strikes).first(points),
                      std::span(volatilities).first(points), interpolation_);
        return FxSmileOutcome::solved;
    }

    FxSmileOutcome market_strangles(std::array<MarketStrangle, most_wings>& strangles) const {
        for (std::size_t i = 0; i < size(); ++i) {
            const double volatility = at_the_money_ + wings_[i].butterfly;
            if (!is_positive(volatility)) return FxSmileOutcome::invalid_smile;
            const FxStrike put = strike(Right::put, wings_[i].delta, volatility);
            const FxStrike call = strike(Right::call, wings_[i].delta, volatility);
            if (put.outcome != FxStrikeOutcome::solved || call.outcome != FxStrikeOutcome::solved)
                return FxSmileOutcome::unreachable_delta;
            strangles[i] = {put.strike, call.strike, 0};
            strangles[i].price = strangle_price(expiry_, strangles[i], volatility, volatility);
        }
        return FxSmileOutcome::solved;
    }

    // What the market strangles cost on the smile of a guess, less their prices.
    FxSmileOutcome errors_of(const Wings& guess,
                             const std::array<MarketStrangle, most_wings>& strangles,
                             std::optional<FxSmile>& smile, Wings& errors) const {
        const FxSmileOutcome outcome = smile_of(guess, smile);
        if (outcome != FxSmileOutcome::solved) return outcome;
        for (std::size_t i = 0; i < size(); ++i) {
            const MarketStrangle& s = strangles[i];
            errors[i] = strangle_price(expiry_, s, smile->volatility(s.put_strike),
                                       smile->volatility(s.call_strike)) -
                        s.price;
            if (!std::isfinite(errors[i])) return FxSmileOutcome::invalid_smile;
        }
        return outcome;
    }

    double bump() const noexcept { return difference * at_the_money_; }

  private:
    FxExpiry expiry_;
    double at_the_money_;
    std::span<const FxWing> wings_;
    FxConventions conventions_;
    FxInterpolation interpolation_;
    double middle_;
};

double largest(const Wings& errors) noexcept {
    return std::max(std::abs(errors[0]), std::abs(errors[1]));
}

// The step of Newton's method from errors and their derivatives, column by column; the errors and
// derivatives of a wing that is not there are 0 and 1.
Wings newton_step(const Wings& errors, const std::array<Wings, most_wings>& columns) noexcept {
    const double a = columns[0][0], b = columns[1][0], c = columns[0][1], d = columns[1][1];
    const double determinant = a * d - b * c;
    return {(b * errors[1] - d * errors[0]) / determinant,
            (c * errors[0] - a * errors[1]) / determinant};
}

void solve_market_strangles(const Construction& construction, double forward, FxSmileFit& fit) {
    std::array<MarketStrangle, most_wings> strangles{};
    fit.outcome = construction.market_strangles(strangles);
    if (fit.outcome != FxSmileOutcome::solved) return;
    std::optional<FxSmile> smile;
    fit.outcome = construction.errors_of(fit.smile_strangle, strangles, smile, fit.strangle_error);
    if (fit.outcome != FxSmileOutcome::solved) return;

    const double good = 1e-14 * forward, acceptable = 1e-12 * forward;
    bool lower = true;
    while (lower && largest(fit.strangle_error) > good && fit.iterations < most_iterations) {
        ++fit.iterations;
        std::array<Wings, most_wings> columns{{{1, 0}, {0, 1}}};
        std::optional<FxSmile> there;
        for (std::size_t i = 0; i < construction.size(); ++i) {
            Wings moved = fit.smile_strangle, errors{};
            moved[i] += construction.bump();
            const FxSmileOutcome outcome = construction.errors_of(moved, strangles, there, errors);
            if (outcome != FxSmileOutcome::solved) break;
            for (std::size_t j = 0; j < construction.size(); ++j)
                columns[i][j] = (errors[j] - fit.strangle_error[j]) / construction.bump();
        }
        const Wings step = newton_step(fit.strangle_error, columns);
        // A step that does not lower the errors is too long.
        lower = false;
        for (double part = 1; !lower && part > 1e-6; part *= 0.5) {
            const Wings trial{fit.smile_strangle[0] + part * step[0],
                              fit.smile_strangle[1] + part * step[1]};
            Wings errors{};
            const bool sound =
                construction.errors_of(trial, strangles, there, errors) == FxSmileOutcome::solved;
            if (!sound || !(largest(errors) < largest(fit.strangle_error))) continue;
            lower = true;
            smile = there;
            fit.smile_strangle = trial;
            fit.strangle_error = errors;
        }
    }
    if (largest(fit.strangle_error) <= acceptable)
        fit.smile = smile;
    else
        fit.outcome = FxSmileOutcome::not_converged;
}

void require_wing(const std::string& of, const FxWing& wing) {
    if (!(wing.delta > 0 && wing.delta <= 0.5))
        throw InvalidInput(of + "delta", wing.delta, "must be in (0, 0.5]");
    require_finite(of + "risk_reversal", wing.risk_reversal);
    require_finite(of + "butterfly", wing.butterfly);
}

void require_wings(std::span<const FxWing> wings, FxInterpolation interpolation) {
    if (wings.empty() || wings.size() > most_wings)
        throw InvalidInput("wings", count(wings.size()), "must be one or two");
    if (wings.size() > 1 && interpolation != FxInterpolation::spline_in_delta)
        throw InvalidInput("wings", count(wings.size()), "must be one but for the spline");
    for (std::size_t i = 0; i < wings.size(); ++i) {
        require_wing(indexed("wings", i) + ".", wings[i]);
        if (i > 0 && wings[i].delta >= wings[i - 1].delta)
            throw InvalidInput(indexed("wings", i) + ".delta", wings[i].delta,
                               "must be below the one before");
    }
}

}  // namespace

const FxWing& require_fx_wing(const FxWing& wing) {
    require_wing("", wing);
    return wing;
}

FxSmileFit fx_smile(const FxExpiry& expiry, double at_the_money, std::span<const FxWing> wings,
                    const FxConventions& conventions, FxInterpolation interpolation) {
    require_fx_expiry(expiry);
    require_positive("at_the_money", at_the_money);
    require_wings(wings, interpolation);
    const Construction construction(expiry, at_the_money, wings, conventions, interpolation);
    FxSmileFit fit{FxSmileOutcome::solved, std::nullopt, 0, wings.size(), {}, {}};
    for (std::size_t i = 0; i < wings.size(); ++i) fit.smile_strangle[i] = wings[i].butterfly;
    if (conventions.strangle == FxStrangle::market)
        solve_market_strangles(construction, expiry.forward(), fit);
    else
        fit.outcome = construction.smile_of(fit.smile_strangle, fit.smile);
    return fit;
}

}  // namespace hedgerow
