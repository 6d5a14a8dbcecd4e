#include "hedgerow/market/parity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hedgerow/base/error.hpp"
#include "hedgerow/math/robust_line.hpp"

namespace hedgerow {

namespace {

/// A quote is made of money that one can trade on: a zero bid is no bid.
bool is_two_sided(double bid, double ask) noexcept {
    return bid > 0 && ask >= bid && std::isfinite(ask);
}

bool is_usable(const ParityQuote& quote) noexcept {
    return quote.strike > 0 && std::isfinite(quote.strike) &&
           is_two_sided(quote.call_bid, quote.call_ask) &&
           is_two_sided(quote.put_bid, quote.put_ask);
}

double half_spread(const ParityQuote& quote) noexcept {
    return 0.5 * ((quote.call_ask - quote.call_bid) + (quote.put_ask - quote.put_bid));
}

/// The parity line of the usable quotes: y = C - P against x = K.
struct Line {
    std::vector<double> strikes, differences, half_spreads;

    void add(const ParityQuote& quote) {
        strikes.push_back(quote.strike);
        differences.push_back(0.5 * (quote.call_bid + quote.call_ask) -
                              0.5 * (quote.put_bid + quote.put_ask));
        half_spreads.push_back(half_spread(quote));
    }

    /// A locked quote is not infinitely certain: no width below a tenth of the median one, nor
    /// below the rounding of the quotes themselves (marks have no spread at all).
    void widen() {
        if (half_spreads.empty()) return;
        std::vector<double> sorted(half_spreads);
        std::ranges::sort(sorted);
        const double least = 0.1 * sorted[sorted.size() / 2];
        for (std::size_t i = 0; i < half_spreads.size(); ++i) {
            const double rounding = 8 * std::numeric_limits<double>::epsilon() *
                                    (strikes[i] + std::abs(differences[i]));
            half_spreads[i] = std::max({half_spreads[i], least, rounding});
        }
    }
};

bool is_positive(double value) noexcept {
    return value > 0 && std::isfinite(value);
}

void solve(const RobustLine& line, std::optional<double> discount, ParityResult& result) {
    result.iterations = line.iterations;
    result.discount_error = line.slope_error;
    if (!line.converged) {
        result.outcome = ParityOutcome::not_converged;
        return;
    }
    if (!(line.slope_error <= largest_discount_error)) {
        result.outcome = ParityOutcome::not_identified;
        return;
    }
    const double factor = discount ? *discount : -line.slope;
    const double forward = line.center + line.height / factor;
    if (!is_positive(factor) || !is_positive(forward)) {
        result.outcome = ParityOutcome::out_of_range;
        return;
    }
    result.outcome = ParityOutcome::converged;
    result.forward = forward;
    result.discount = factor;
    // F = center + height / D with uncorrelated height and D.
    result.forward_error =
        std::hypot(line.height_error, (forward - line.center) * line.slope_error) / factor;
    result.residual = line.residual;
}

}  // namespace

const char* name(ParityOutcome outcome) noexcept {
    switch (outcome) {
        case ParityOutcome::converged:
            return "converged";
        case ParityOutcome::too_few_quotes:
            return "too_few_quotes";
        case ParityOutcome::not_identified:
            return "not_identified";
        case ParityOutcome::out_of_range:
            return "out_of_range";
        case ParityOutcome::not_converged:
            return "not_converged";
    }
    return "unknown";
}

ParityResult implied_forward(std::span<const ParityQuote> quotes, std::optional<double> discount) {
    if (discount) require_positive("discount", *discount);
    ParityResult result;
    std::vector<std::size_t> usable;
    Line line;
    for (std::size_t i = 0; i < quotes.size(); ++i) {
        if (!is_usable(quotes[i])) {
            result.unusable.push_back(i);
            continue;
        }
        usable.push_back(i);
        line.add(quotes[i]);
    }
    line.widen();

    const std::size_t least_quotes = discount ? 1 : 3;
    if (usable.size() < least_quotes) {
        result.used = usable;
        return result;
    }
    const std::optional<double> slope = discount ? std::optional(-*discount) : std::nullopt;
    const RobustLine fit =
        fit_robust_line(line.strikes, line.differences, line.half_spreads, slope);
    for (std::size_t k = 0; k < usable.size(); ++k)
        (fit.outlier[k] ? result.outliers : result.used).push_back(usable[k]);
    if (result.used.size() >= least_quotes) solve(fit, discount, result);
    return result;
}

ParityResult implied_forward_inverse(std::span<const ParityQuote> quotes,
                                     std::optional<double> discount) {
    std::vector<ParityQuote> mirrored;
    mirrored.reserve(quotes.size());
    for (const ParityQuote& quote : quotes) {
        const double k = quote.strike;
        mirrored.push_back(
            {1 / k, quote.put_bid / k, quote.put_ask / k, quote.call_bid / k, quote.call_ask / k});
    }
    ParityResult result = implied_forward(mirrored, discount);
    result.forward = 1 / result.forward;
    result.forward_error *= result.forward * result.forward;
    result.residual *= result.forward;
    return result;
}

}  // namespace hedgerow
