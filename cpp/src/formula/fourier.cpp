#include "hedgerow/formula/fourier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "../../kernels/table.hpp"
#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t maximum_columns = 1 + maximum_fourier_parameters;

/// Collects the first broken rule.
struct Rules {
    std::span<const double> values;
    std::optional<InvalidParameter> broken = {};

    void require(std::size_t index, bool holds, std::string_view rule) {
        if (!holds && !broken) broken = InvalidParameter{index, rule};
    }
    void positive(std::size_t i) { require(i, values[i] > 0, "must be positive and finite"); }
    void not_negative(std::size_t i) { require(i, values[i] >= 0, "must not be negative"); }
};

void require_heston(Rules& rules) {
    const auto& p = rules.values;
    rules.not_negative(0);
    rules.positive(1);
    rules.not_negative(2);
    rules.positive(3);
    rules.require(4, std::abs(p[4]) < 1, "must lie between -1 and 1");
    rules.require(0, p[0] + p[2] > 0, "must be positive where theta is 0");
}

void require_jumps(Rules& rules, std::size_t first) {
    rules.not_negative(first);
    rules.not_negative(first + 2);
}

void require_domain(FourierModel model, Rules& rules) {
    const auto& p = rules.values;
    switch (model) {
        case FourierModel::heston:
            require_heston(rules);
            return;
        case FourierModel::bates:
            require_heston(rules);
            require_jumps(rules, 5);
            return;
        case FourierModel::merton:
            rules.positive(0);
            require_jumps(rules, 1);
            return;
        case FourierModel::kou:
            rules.positive(0);
            rules.not_negative(1);
            rules.require(2, p[2] >= 0 && p[2] <= 1, "must lie between 0 and 1");
            rules.require(3, p[3] > 1, "must be above 1");
            rules.positive(4);
            return;
        case FourierModel::variance_gamma:
            rules.positive(0);
            rules.positive(1);
            rules.require(2, p[1] * (p[2] + 0.5 * p[0] * p[0]) < 1,
                          "must be below 1/nu - sigma^2/2");
            return;
        case FourierModel::normal_inverse_gaussian:
            rules.positive(0);
            rules.require(1, p[1] > -p[0] && p[1] < p[0] - 1,
                          "must lie between -alpha and alpha - 1");
            rules.positive(2);
            return;
    }
}

void require_lengths(const StripColumns& options, std::span<const double> price,
                     ParameterColumns gradient, FourierModel model) {
    const std::size_t rows = options.right.size();
    const auto require = [rows](const char* what, std::size_t size) {
        if (size != rows)
            throw InvalidInput(what, std::to_string(size) + " rows",
                               "must have " + std::to_string(rows) + ", as the first column");
    };
    require("forward", options.forward.size());
    require("strike", options.strike.size());
    require("discount", options.discount.size());
    require("price", price.size());
    for (const auto& column : gradient) require("gradient", column.size());
    const std::size_t wanted = has_gradient(model) ? parameter_names(model).size() : 0;
    if (!gradient.empty() && gradient.size() != wanted)
        throw InvalidInput("gradient", std::to_string(gradient.size()) + " columns",
                           "must be " + std::to_string(wanted));
}

/// What the kernel is not asked for: a strip whose parameters or time lie outside its domain, or
/// that expires now.
void strip_without_kernel(double time, bool valid, const StripColumns& options, double* const* out,
                          std::size_t columns) noexcept {
    for (std::size_t i = 0; i < options.right.size(); ++i) {
        const double forward = options.forward[i], strike = options.strike[i];
        const bool known = valid && time == 0 && std::abs(options.right[i]) == 1 && forward > 0 &&
                           strike > 0 && options.discount[i] > 0 && std::isfinite(forward) &&
                           std::isfinite(strike) && std::isfinite(options.discount[i]);
        const double intrinsic = std::max(options.right[i] * (forward - strike), 0.0);
        out[0][i] = known ? options.discount[i] * intrinsic : nan;
        for (std::size_t j = 1; j < columns; ++j) out[j][i] = known ? 0.0 : nan;
    }
}

void run(const kernels::Table& table, FourierModel model, std::span<const double> parameters,
         double time, const StripColumns& options, double* const* out,
         std::size_t columns) noexcept {
    const bool valid = !find_invalid(model, parameters);
    if (!valid || !(time > 0) || !std::isfinite(time))
        return strip_without_kernel(time, valid, options, out, columns);
    const auto index = static_cast<std::size_t>(model);
    const FourierRows rows{options.right.data(), options.forward.data(), options.strike.data(),
                           options.discount.data(), options.right.size()};
    const auto kernel = columns > 1 ? table.strip_gradients[index] : table.strips[index];
    kernel(parameters.data(), time, rows, out);
}

using Outputs = std::array<double*, maximum_columns>;

Outputs outputs(std::span<double> price, ParameterColumns gradient) {
    Outputs out{price.data()};
    for (std::size_t j = 0; j < gradient.size(); ++j) out[j + 1] = gradient[j].data();
    return out;
}

}  // namespace

std::span<const std::string_view> parameter_names(FourierModel model) noexcept {
    static constexpr std::string_view bates[] = {"v0",  "kappa",     "theta",     "sigma",
                                                 "rho", "intensity", "jump_mean", "jump_deviation"};
    static constexpr std::string_view kou[] = {"volatility", "intensity", "probability", "up",
                                               "down"};
    static constexpr std::string_view merton[] = {"volatility", "intensity", "jump_mean",
                                                  "jump_deviation"};
    static constexpr std::string_view variance_gamma[] = {"sigma", "nu", "theta"};
    static constexpr std::string_view normal_inverse_gaussian[] = {"alpha", "beta", "delta"};
    switch (model) {
        case FourierModel::heston:
            return std::span(bates).first(5);
        case FourierModel::bates:
            return bates;
        case FourierModel::merton:
            return merton;
        case FourierModel::kou:
            return kou;
        case FourierModel::variance_gamma:
            return variance_gamma;
        case FourierModel::normal_inverse_gaussian:
            return normal_inverse_gaussian;
    }
    return {};
}

bool has_gradient(FourierModel model) noexcept {
    return model == FourierModel::heston || model == FourierModel::bates;
}

std::optional<InvalidParameter> find_invalid(FourierModel model,
                                             std::span<const double> parameters) noexcept {
    Rules rules{parameters};
    for (std::size_t i = 0; i < parameters.size(); ++i)
        rules.require(i, std::isfinite(parameters[i]), "must be finite");
    require_domain(model, rules);
    return rules.broken;
}

void fourier_strip(FourierModel model, std::span<const double> parameters, double time,
                   const StripColumns& options, std::span<double> price,
                   ParameterColumns gradient) {
    require_lengths(options, price, gradient, model);
    run(kernels::table(), model, parameters, time, options, outputs(price, gradient).data(),
        1 + gradient.size());
}

void fourier_price(FourierModel model, std::span<const double> parameters,
                   const StripColumns& options, std::span<const double> time,
                   std::span<double> price, ParameterColumns gradient) {
    require_lengths(options, price, gradient, model);
    const std::size_t rows = price.size(), columns = 1 + gradient.size();
    if (time.size() != rows)
        throw InvalidInput("time", std::to_string(time.size()) + " rows",
                           "must have " + std::to_string(rows) + ", as the first column");
    const Outputs out = outputs(price, gradient);
    if (std::ranges::all_of(time, [first = time.data()](double t) { return t == *first; })) {
        if (rows > 0)  // a strip as it stands
            run(kernels::table(), model, parameters, time[0], options, out.data(), columns);
        return;
    }
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    // NaN last: comparisons with it would be no order.
    const auto key = [time](std::size_t i) {
        return std::isnan(time[i]) ? std::numeric_limits<double>::infinity() : time[i];
    };
    std::ranges::stable_sort(order, {}, key);

    std::vector<double> memory(rows * (4 + columns));
    const auto column = [&memory, rows](std::size_t j) { return memory.data() + j * rows; };
    const std::array sources{options.right, options.forward, options.strike, options.discount};
    for (std::size_t j = 0; j < sources.size(); ++j)
        for (std::size_t i = 0; i < rows; ++i) column(j)[i] = sources[j][order[i]];
    for (std::size_t start = 0, end = 0; start < rows; start = end) {
        while (end < rows && key(order[end]) == key(order[start])) ++end;
        const auto part = [&](std::size_t j) {
            return std::span<const double>(column(j) + start, end - start);
        };
        Outputs to{};
        for (std::size_t j = 0; j < columns; ++j) to[j] = column(4 + j) + start;
        run(kernels::table(), model, parameters, time[order[start]],
            {part(0), part(1), part(2), part(3)}, to.data(), columns);
    }
    for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < rows; ++i) out[j][order[i]] = column(4 + j)[i];
}

bool fourier_strip_on(std::string_view isa, FourierModel model, std::span<const double> parameters,
                      double time, const StripColumns& options, std::span<double> price,
                      ParameterColumns gradient) {
    require_lengths(options, price, gradient, model);
    for (const kernels::Table* table : kernels::supported_tables()) {
        if (isa != table->isa) continue;
        run(*table, model, parameters, time, options, outputs(price, gradient).data(),
            1 + gradient.size());
        return true;
    }
    return false;
}

}  // namespace hedgerow
