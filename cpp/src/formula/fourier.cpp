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
#include "hedgerow/formula/black.hpp"

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

enum class Wanted { prices, gradient, greeks };

/// Where the columns of results begin.
using Outputs = std::array<double*, maximum_columns>;

void require_lengths(const StripColumns& options, std::span<const std::span<double>> results) {
    const std::size_t rows = options.right.size();
    const auto require = [rows](const char* what, std::size_t size) {
        if (size != rows)
            throw InvalidInput(what, std::to_string(size) + " rows",
                               "must have " + std::to_string(rows) + ", as the first column");
    };
    require("forward", options.forward.size());
    require("strike", options.strike.size());
    require("discount", options.discount.size());
    for (const auto& column : results) require("results", column.size());
}

void require_columns(const char* what, std::size_t size, std::size_t wanted) {
    if (size != wanted)
        throw InvalidInput(what, std::to_string(size) + " columns",
                           "must be " + std::to_string(wanted));
}

/// A row that expires now.
void expire(Right right, double forward, double strike, double discount, Wanted wanted,
            std::span<double> row) noexcept {
    std::ranges::fill(row, 0.0);
    if (wanted != Wanted::greeks) {
        row[0] = black_price(right, forward, strike, 0, 0, discount);
        return;
    }
    const Greeks greeks = black_greeks(right, forward, strike, 0, 0, discount);
    const std::array known{greeks.price, greeks.delta,      greeks.gamma,
                           greeks.theta, greeks.dual_delta, greeks.dual_gamma};
    std::ranges::copy(known, row.begin());
}

/// What the kernel is not asked for: a strip whose parameters or time lie outside its domain, or
/// that expires now.
void strip_without_kernel(double time, bool valid, const StripColumns& options, Wanted wanted,
                          const Outputs& out, std::size_t columns) noexcept {
    std::array<double, maximum_columns> row;
    for (std::size_t i = 0; i < options.right.size(); ++i) {
        const double forward = options.forward[i], strike = options.strike[i];
        const bool known = valid && time == 0 && std::abs(options.right[i]) == 1 && forward > 0 &&
                           strike > 0 && options.discount[i] > 0 && std::isfinite(forward) &&
                           std::isfinite(strike) && std::isfinite(options.discount[i]);
        row.fill(nan);
        if (known)
            expire(options.right[i] > 0 ? Right::call : Right::put, forward, strike,
                   options.discount[i], wanted, std::span(row).first(columns));
        for (std::size_t j = 0; j < columns; ++j) out[j][i] = row[j];
    }
}

kernels::Strip kernel_of(const kernels::Table& table, FourierModel model, Wanted wanted) noexcept {
    const auto index = static_cast<std::size_t>(model);
    return wanted == Wanted::prices     ? table.strips[index]
           : wanted == Wanted::gradient ? table.strip_gradients[index]
                                        : table.strip_greeks[index];
}

/// A model's strips on an instruction set.
struct Strips {
    const kernels::Table& table;
    FourierModel model;
    std::span<const double> parameters;
    Wanted wanted;
    std::size_t columns;

    void run(double time, const StripColumns& options, const Outputs& out) const noexcept {
        const bool valid = !find_invalid(model, parameters);
        if (!valid || !(time > 0) || !std::isfinite(time))
            return strip_without_kernel(time, valid, options, wanted, out, columns);
        const FourierRows rows{options.right.data(), options.forward.data(), options.strike.data(),
                               options.discount.data(), options.right.size()};
        kernel_of(table, model, wanted)(parameters.data(), time, rows, out.data());
    }

    void run(std::span<const double> time, const StripColumns& options, const Outputs& out) const;
};

/// Rows of one time make a strip, wherever they stand.
void Strips::run(std::span<const double> time, const StripColumns& options,
                 const Outputs& out) const {
    const std::size_t rows = options.right.size();
    if (time.size() != rows)
        throw InvalidInput("time", std::to_string(time.size()) + " rows",
                           "must have " + std::to_string(rows) + ", as the first column");
    if (std::ranges::all_of(time, [first = time.data()](double t) { return t == *first; })) {
        if (rows > 0) run(time[0], options, out);  // a strip as it stands
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
        run(time[order[start]], {part(0), part(1), part(2), part(3)}, to);
    }
    for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t i = 0; i < rows; ++i) out[j][order[i]] = column(4 + j)[i];
}

const kernels::Table* table_on(std::string_view isa) noexcept {
    for (const kernels::Table* table : kernels::supported_tables())
        if (isa == table->isa) return table;
    return nullptr;
}

/// The columns of prices and of derivatives, checked.
Outputs outputs(FourierModel model, const StripColumns& options, std::span<double> price,
                ParameterColumns gradient) {
    require_lengths(options, {&price, 1});
    require_lengths(options, gradient);
    if (!gradient.empty())
        require_columns("gradient", gradient.size(), parameter_names(model).size());
    Outputs out{price.data()};
    for (std::size_t j = 0; j < gradient.size(); ++j) out[j + 1] = gradient[j].data();
    return out;
}

Outputs outputs(FourierModel model, const StripColumns& options,
                std::span<const std::span<double>> greeks) {
    require_lengths(options, greeks);
    require_columns("greeks", greeks.size(), static_cast<std::size_t>(fourier_greeks(model)));
    Outputs out{};
    for (std::size_t j = 0; j < greeks.size(); ++j) out[j] = greeks[j].data();
    return out;
}

Wanted wanted(ParameterColumns gradient) noexcept {
    return gradient.empty() ? Wanted::prices : Wanted::gradient;
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
    const Outputs out = outputs(model, options, price, gradient);
    const Strips strips{kernels::table(), model, parameters, wanted(gradient), 1 + gradient.size()};
    strips.run(time, options, out);
}

void fourier_price(FourierModel model, std::span<const double> parameters,
                   const StripColumns& options, std::span<const double> time,
                   std::span<double> price, ParameterColumns gradient) {
    const Outputs out = outputs(model, options, price, gradient);
    const Strips strips{kernels::table(), model, parameters, wanted(gradient), 1 + gradient.size()};
    strips.run(time, options, out);
}

void fourier_greeks(FourierModel model, std::span<const double> parameters,
                    const StripColumns& options, std::span<const double> time,
                    std::span<const std::span<double>> greeks) {
    const Outputs out = outputs(model, options, greeks);
    const Strips strips{kernels::table(), model, parameters, Wanted::greeks, greeks.size()};
    strips.run(time, options, out);
}

bool fourier_greeks_on(std::string_view isa, FourierModel model, std::span<const double> parameters,
                       double time, const StripColumns& options,
                       std::span<const std::span<double>> greeks) {
    const Outputs out = outputs(model, options, greeks);
    const kernels::Table* const table = table_on(isa);
    if (!table) return false;
    Strips{*table, model, parameters, Wanted::greeks, greeks.size()}.run(time, options, out);
    return true;
}

bool fourier_strip_on(std::string_view isa, FourierModel model, std::span<const double> parameters,
                      double time, const StripColumns& options, std::span<double> price,
                      ParameterColumns gradient) {
    const Outputs out = outputs(model, options, price, gradient);
    const kernels::Table* const table = table_on(isa);
    if (!table) return false;
    const Strips strips{*table, model, parameters, wanted(gradient), 1 + gradient.size()};
    strips.run(time, options, out);
    return true;
}

}  // namespace hedgerow
