#include "hedgerow/math/random.hpp"

#include <string>

#include "../../kernels/table.hpp"
#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

using Fill = decltype(kernels::Simulation::uniforms);

void fill(Fill kernel, const RandomRow& row, std::span<double> first, std::span<double> second) {
    if (first.size() != second.size())
        throw InvalidInput("second", std::to_string(second.size()) + " rows",
                           "must have " + std::to_string(first.size()) + ", as the first column");
    double* const out[] = {first.data(), second.data()};
    kernel(row, out, first.size());
}

bool fill_on(std::string_view isa, Fill kernels::Simulation::* kernel, const RandomRow& row,
             std::span<double> first, std::span<double> second) {
    for (const kernels::Table* table : kernels::supported_tables()) {
        if (isa != table->isa) continue;
        fill(table->simulation.*kernel, row, first, second);
        return true;
    }
    return false;
}

}  // namespace

void random_uniforms(const RandomRow& row, std::span<double> first, std::span<double> second) {
    fill(kernels::table().simulation.uniforms, row, first, second);
}

void random_normals(const RandomRow& row, std::span<double> first, std::span<double> second) {
    fill(kernels::table().simulation.normals, row, first, second);
}

bool random_uniforms_on(std::string_view isa, const RandomRow& row, std::span<double> first,
                        std::span<double> second) {
    return fill_on(isa, &kernels::Simulation::uniforms, row, first, second);
}

bool random_normals_on(std::string_view isa, const RandomRow& row, std::span<double> first,
                       std::span<double> second) {
    return fill_on(isa, &kernels::Simulation::normals, row, first, second);
}

}  // namespace hedgerow
