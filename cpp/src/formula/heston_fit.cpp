#include "hedgerow/formula/heston_fit.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

using Numbers = std::array<double, 5>;

Numbers numbers(const HestonParameters& parameters) {
    return std::bit_cast<Numbers>(parameters);
}

void require_length(const char* what, std::size_t size, std::size_t rows) {
    if (size != rows)
        throw InvalidInput(what, std::to_string(size) + " rows",
                           "must have " + std::to_string(rows) + ", as the first column");
}

/// The quotes by expiry, and room for what the model says of them.
class Chain {
  public:
    explicit Chain(const HestonQuotes& quotes) {
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
        for (std::vector<double>& column : model_) column.resize(rows);
    }

    bool finite() const noexcept { return finite_; }

    /// Adds the residuals of all quotes and their derivatives.
    void add(const Numbers& parameters, NormalEquations<5>& equations) {
        for (std::size_t e = 0; e + 1 < starts_.size(); ++e) {
            const std::size_t start = starts_[e], count = starts_[e + 1] - start;
            const auto part = [&](std::size_t j) {
                return std::span<const double>(columns_[j]).subspan(start, count);
            };
            std::array<std::span<double>, 6> model;
            for (std::size_t j = 0; j < model.size(); ++j)
                model[j] = std::span<double>(model_[j]).subspan(start, count);
            fourier_strip(FourierModel::heston, parameters, columns_[6][start],
                          {part(0), part(1), part(2), part(3)}, model[0],
                          std::span(model).subspan(1));
        }
        for (std::size_t i = 0; i < model_[0].size(); ++i) {
            const double weight = columns_[5][i];
            equations.add(model_[0][i] - columns_[4][i],
                          {model_[1][i], model_[2][i], model_[3][i], model_[4][i], model_[5][i]},
                          weight * weight);
        }
    }

  private:
    std::array<std::vector<double>, 7> columns_;
    std::array<std::vector<double>, 6> model_;
    std::vector<std::size_t> starts_;  // of the expiries, and the end
    bool finite_;
};

}  // namespace

HestonFit fit_heston(const HestonQuotes& quotes, const HestonParameters& start,
                     const HestonBounds& bounds, const LeastSquaresOptions& options) {
    Chain chain(quotes);
    HestonFit fit;
    fit.parameters = start;
    if (!chain.finite()) return fit;
    const auto found = minimize_least_squares<5>(
        [&chain](const Numbers& p, NormalEquations<5>& equations) { chain.add(p, equations); },
        numbers(start), Box<5>{numbers(bounds.low), numbers(bounds.high)}, options);
    fit.outcome = found.outcome;
    fit.parameters = std::bit_cast<HestonParameters>(found.parameters);
    for (std::size_t j = 0; j < 5; ++j) fit.standard_errors[j] = std::sqrt(found.variances[j]);
    fit.cost = found.equations.cost();
    fit.iterations = found.iterations;
    return fit;
}

}  // namespace hedgerow
