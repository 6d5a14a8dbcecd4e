// Smiles from quotes: the strikes that have the deltas, and the market strangles solved for.
#include <algorithm>
#include <cmath>
#include <string>

#include "hedgerow/base/error.hpp"
#include "hedgerow/formula/black.hpp"
#include "hedgerow/formula/fx_smile.hpp"

namespace hedgerow {

namespace {

constexpr int most_iterations = 50;
// Newton's differences are taken over this part of the volatility at the money.
constexpr double difference = 1e-6;
constexpr std::size_t most_wings = 2;
using Wings = std::array<double, most_wings>;

bool is_positive(double value) noexcept {
    return value > 0 && std::isfinite(value);
}

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
        throw InvalidInput("wings", std::to_string(wings.size()) + " values", "must be one or two");
    if (wings.size() > 1 && interpolation != FxInterpolation::spline_in_delta)
        throw InvalidInput("wings", std::to_string(wings.size()) + " values",
                           "must be one but for the spline");
    for (std::size_t i = 0; i < wings.size(); ++i) {
        const std::string wing = "wings[" + std::to_string(i) + "].";
        require_wing(wing, wings[i]);
        if (i > 0 && wings[i].delta >= wings[i - 1].delta)
            throw InvalidInput(wing + "delta", wings[i].delta, "must be below the one before");
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
