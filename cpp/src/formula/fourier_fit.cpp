#include "hedgerow/formula/fourier_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

void require_length(const char* what, std::size_t size, std::size_t rows) {
    if (size != rows)
        throw InvalidInput(what, std::to_string(size) + " rows",
                           "must have " + std::to_string(rows) + ", as the first column");
}

void require_parameters(FourierModel model, std::span<const double> parameters) {
    const auto names = parameter_names(model);
    if (parameters.size() != names.size())
        throw InvalidInput("parameters", std::to_string(parameters.size()) + " numbers",
                           "must be " + std::to_string(names.size()));
}

void require_domain(FourierModel model, std::span<const double> parameters) {
    if (const auto invalid = find_invalid(model, parameters))
        throw InvalidInput(parameter_names(model)[invalid->index], parameters[invalid->index],
                           invalid->rule);
}

/// Whether the parameters' ranges do not depend on each other.
bool has_box(FourierModel model) {
    return model != FourierModel::variance_gamma && model != FourierModel::normal_inverse_gaussian;
}

void require_bounds(FourierModel model, const FourierBounds& bounds) {
    require_parameters(model, bounds.low);
    require_parameters(model, bounds.high);
    for (std::size_t j = 0; j < bounds.low.size(); ++j)
        if (!(bounds.low[j] <= bounds.high[j]))
            throw InvalidInput(parameter_names(model)[j], bounds.low[j],
                               "must not be above the high bound");
    if (!has_box(model)) return;
    require_domain(model, bounds.low);
    require_domain(model, bounds.high);
}

/// The quotes by expiry, and room for what a model of so many parameters says of them.
template <std::size_t unknowns>
class Chain {
  public:
    Chain(FourierModel model, const FourierQuotes& quotes) : model_(model) {
        const std::array sources{quotes.options.right,
                                 quotes.options.forward,
                                 quotes.options.strike,
                                 quotes.options.discount,
                                 quotes.price,
                                 quotes.weight,
                                 quotes.time};
        const std::size_t rows = quotes.time.size();
        const char* const names[] = {"right", "forward", "strike", "discount",
                                     "price", "weight",  "time"};
        for (std::size_t j = 0; j < sources.size(); ++j)
            require_length(names[j], sources[j].size(), rows);

        finite_ = std::ranges::all_of(quotes.time, [](double t) { return std::isfinite(t); });
        std::vector<std::size_t> order(rows);
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (finite_)
            std::ranges::stable_sort(order, {}, [&](std::size_t i) { return quotes.time[i]; });
        for (std::size_t j = 0; j < sources.size(); ++j)
            for (const std::size_t i : order) columns_[j].push_back(sources[j][i]);
        for (std::size_t i = 0; i < rows; ++i)
            if (i == 0 || columns_[6][i] != columns_[6][i - 1]) starts_.push_back(i);
        starts_.push_back(rows);
        for (std::vector<double>& column : results_) column.resize(rows);
    }

    bool finite() const noexcept { return finite_; }

    /// Adds the residuals of all quotes and their derivatives.
    void add(const std::array<double, unknowns>& parameters, NormalEquations<unknowns>& equations) {
        for (std::size_t e = 0; e + 1 < starts_.size(); ++e) {
            const std::size_t start = starts_[e], count = starts_[e + 1] - start;
            const auto part = [&](std::size_t j) {
                return std::span<const double>(columns_[j]).subspan(start, count);
            };
            std::array<std::span<double>, 1 + unknowns> results;
            for (std::size_t j = 0; j < results.size(); ++j)
                results[j] = std::span<double>(results_[j]).subspan(start, count);
            fourier_strip(model_, parameters, columns_[6][start],
                          {part(0), part(1), part(2), part(3)}, results[0],
                          std::span(results).subspan(1));
        }
        std::array<double, unknowns> derivatives;
        for (std::size_t i = 0; i < results_[0].size(); ++i) {
            for (std::size_t j = 0; j < unknowns; ++j) derivatives[j] = results_[1 + j][i];
            const double weight = columns_[5][i];
            equations.add(results_[0][i] - columns_[4][i], derivatives, weight * weight);
        }
    }

  private:
    FourierModel model_;
    std::array<std::vector<double>, 7> columns_;
    std::array<std::vector<double>, 1 + unknowns> results_;
    std::vector<std::size_t> starts_;  // of the expiries, and the end
    bool finite_;
};

template <std::size_t unknowns>
FourierFit fit(FourierModel model, const FourierQuotes& quotes, std::span<const double> start,
               const FourierBounds& bounds, const LeastSquaresOptions& options) {
    using Numbers = std::array<double, unknowns>;
    const auto numbers = [](std::span<const double> values) {
        Numbers result;
        std::ranges::copy(values, result.begin());
        return result;
    };
    Chain<unknowns> chain(model, quotes);
    FourierFit fit;
    std::ranges::copy(start, fit.parameters.begin());
    if (!chain.finite()) return fit;
    const auto found = minimize_least_squares<unknowns>(
        [&chain](const Numbers& p, NormalEquations<unknowns>& equations) {
            chain.add(p, equations);
        },
        numbers(start), Box<unknowns>{numbers(bounds.low), numbers(bounds.high)}, options);
    fit.outcome = found.outcome;
    std::ranges::copy(found.parameters, fit.parameters.begin());
    for (std::size_t j = 0; j < unknowns; ++j)
        fit.standard_errors[j] = std::sqrt(found.variances[j]);
    fit.cost = found.equations.cost();
    fit.iterations = found.iterations;
    return fit;
}

}  // namespace

FourierBounds usual_bounds(FourierModel model) noexcept {
    // A jump without a deviation has no derivative in it, and would never find one.
    static constexpr double bates_low[] = {1e-6, 1e-3, 1e-6, 1e-3, -0.999, 0.0, -2.0, 1e-4};
    static constexpr double bates_high[] = {4.0, 50.0, 4.0, 10.0, 0.999, 100.0, 2.0, 2.0};
    static constexpr double merton_low[] = {1e-3, 0.0, -2.0, 1e-4};
    static constexpr double merton_high[] = {4.0, 100.0, 2.0, 2.0};
    static constexpr double kou_low[] = {1e-3, 0.0, 0.0, 1.01, 0.01};
    static constexpr double kou_high[] = {4.0, 1000.0, 1.0, 1000.0, 1000.0};
    static constexpr double variance_gamma_low[] = {1e-3, 1e-3, -10.0};
    static constexpr double variance_gamma_high[] = {4.0, 10.0, 10.0};
    static constexpr double normal_inverse_gaussian_low[] = {0.6, -1000.0, 1e-4};
    static constexpr double normal_inverse_gaussian_high[] = {1000.0, 1000.0, 100.0};
    switch (model) {
        case FourierModel::heston:
            return {std::span(bates_low).first(5), std::span(bates_high).first(5)};
        case FourierModel::bates:
            return {bates_low, bates_high};
        case FourierModel::merton:
            return {merton_low, merton_high};
        case FourierModel::kou:
            return {kou_low, kou_high};
        case FourierModel::variance_gamma:
            return {variance_gamma_low, variance_gamma_high};
        case FourierModel::normal_inverse_gaussian:
            return {normal_inverse_gaussian_low, normal_inverse_gaussian_high};
    }
    return {};
}

FourierFit fit_fourier(FourierModel model, const FourierQuotes& quotes,
                       std::span<const double> start, const FourierBounds& bounds,
                       const LeastSquaresOptions& options) {
    require_parameters(model, start);
    require_domain(model, start);
    require_bounds(model, bounds);
    switch (start.size()) {
        case 3:
            return fit<3>(model, quotes, start, bounds, options);
        case 4:
            return fit<4>(model, quotes, start, bounds, options);
        case 5:
            return fit<5>(model, quotes, start, bounds, options);
        default:
            return fit<maximum_fourier_parameters>(model, quotes, start, bounds, options);
    }
}

}  // namespace hedgerow
