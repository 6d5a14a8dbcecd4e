// From the typed functions of `formula` to the table of kernels.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "../../kernels/table.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/formula/columns.hpp"

namespace hedgerow::formula {

template <class... Numbers>
double one(kernels::Kernel kernel, Right right, Numbers... numbers) noexcept {
    const double inputs[] = {sign(right), numbers...};
    double output;
    kernels::table().scalar[kernel](inputs, &output);
    return output;
}

template <class... Numbers>
Greeks all(kernels::Kernel kernel, Right right, Numbers... numbers) noexcept {
    const double inputs[] = {sign(right), numbers...};
    Greeks greeks;
    kernels::table().scalar[kernel](inputs, &greeks.price);
    return greeks;
}

template <std::size_t inputs, std::size_t outputs>
void columns(kernels::Columns run, const std::array<std::span<const double>, inputs>& from,
             const std::array<std::span<double>, outputs>& to) {
    const std::size_t rows = from[0].size();
    const auto require = [rows](const char* what, std::size_t size) {
        if (size != rows)
            throw InvalidInput(what, std::to_string(size) + " rows",
                               "must have " + std::to_string(rows) + ", as the first column");
    };
    for (const auto& column : from) require("input column", column.size());
    for (const auto& column : to) require("output column", column.size());
    std::array<const double*, inputs> in;
    std::array<double*, outputs> out;
    std::ranges::transform(from, in.begin(), [](const auto& column) { return column.data(); });
    std::ranges::transform(to, out.begin(), [](const auto& column) { return column.data(); });
    run(in.data(), out.data(), rows);
}

template <std::size_t inputs, std::size_t outputs>
void columns(kernels::Kernel kernel, const std::array<std::span<const double>, inputs>& from,
             const std::array<std::span<double>, outputs>& to) {
    columns(kernels::table().columns[kernel], from, to);
}

}  // namespace hedgerow::formula
