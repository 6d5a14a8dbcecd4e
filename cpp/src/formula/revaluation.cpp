#include "hedgerow/formula/revaluation.hpp"

#include <algorithm>
#include <cmath>

#include "../../kernels/table.hpp"

namespace hedgerow {

namespace {

template <class Real>
const kernels::Revaluation<Real>& revaluation(const kernels::Table& table) noexcept {
    if constexpr (sizeof(Real) == sizeof(double))
        return table.revaluation;
    else
        return table.revaluation_single;
}

/// One option after the other through the kernel: values are changes from a base of 0.
template <class Real>
void revalue_by(const kernels::Table& table, const std::array<std::span<const double>, 6>& options,
                std::span<const double> spot_factor, std::span<const double> volatility_shift,
                double* values) noexcept {
    const std::size_t n = spot_factor.size();
    Real factor[scenario_tile], log_factor[scenario_tile], shift[scenario_tile];
    for (std::size_t j = 0; j < scenario_tile; ++j) {
        factor[j] = static_cast<Real>(j < n ? spot_factor[j] : 1.0);
        log_factor[j] = static_cast<Real>(j < n ? std::log(spot_factor[j]) : 0.0);
        shift[j] = static_cast<Real>(j < n ? volatility_shift[j] : 0.0);
    }
    const std::size_t padded = (n + scenario_lanes - 1) / scenario_lanes * scenario_lanes;
    const ScenarioRow<Real> row{factor, log_factor, shift, padded};
    for (std::size_t i = 0; i < options[0].size(); ++i, values += n) {
        const auto& [right, forward, strike, time, volatility, discount] = options;
        const MarketOption option{
            right[i],      std::log(forward[i] / strike[i]), time[i],
            volatility[i], forward[i] * discount[i],         strike[i] * discount[i]};
        HoistedOption<Real> hoisted = hoist<Real>(option, 1.0);
        hoisted.base = 0;
        Real sums[scenario_tile] = {};
        revaluation<Real>(table).change(&hoisted, 1, row, sums);
        for (std::size_t j = 0; j < n; ++j) values[j] = sums[j] * value_unit(option);
    }
}

}  // namespace

double value_unit(const MarketOption& option) noexcept {
    return std::max(option.forward, option.strike);
}

template <class Real>
HoistedOption<Real> hoist(const MarketOption& option, double weight) noexcept {
    const double unit = value_unit(option), root = std::sqrt(option.time);
    return {static_cast<Real>(option.right),
            static_cast<Real>(option.right * option.log_moneyness),
            static_cast<Real>(option.volatility * root),
            static_cast<Real>(root),
            static_cast<Real>(option.forward / unit),
            static_cast<Real>(option.strike / unit),
            static_cast<Real>(option.right * weight),
            Real(0)};
}

template <class Real>
void set_bases(std::span<HoistedOption<Real>> options) noexcept {
    revaluation<Real>(kernels::table()).base(options.data(), options.size());
}

template <class Real>
void add_changes(std::span<const HoistedOption<Real>> options, const ScenarioRow<Real>& row,
                 Real* sums) noexcept {
    revaluation<Real>(kernels::table()).change(options.data(), options.size(), row, sums);
}

template <class Real>
void add_changes(const HoistedOption<Real>& option, const Real* deviation,
                 const ScenarioRow<Real>& row, Real* sums) noexcept {
    revaluation<Real>(kernels::table()).change_on_smile(option, deviation, row, sums);
}

template HoistedOption<double> hoist(const MarketOption&, double) noexcept;
template HoistedOption<float> hoist(const MarketOption&, double) noexcept;
template void set_bases(std::span<HoistedOption<double>>) noexcept;
template void set_bases(std::span<HoistedOption<float>>) noexcept;
template void add_changes(std::span<const HoistedOption<double>>, const ScenarioRow<double>&,
                          double*) noexcept;
template void add_changes(std::span<const HoistedOption<float>>, const ScenarioRow<float>&,
                          float*) noexcept;
template void add_changes(const HoistedOption<double>&, const double*, const ScenarioRow<double>&,
                          double*) noexcept;
template void add_changes(const HoistedOption<float>&, const float*, const ScenarioRow<float>&,
                          float*) noexcept;

bool revalue_on(std::string_view isa, Precision precision,
                const std::array<std::span<const double>, 6>& options,
                std::span<const double> spot_factor, std::span<const double> volatility_shift,
                double* values) noexcept {
    for (const kernels::Table* table : kernels::supported_tables()) {
        if (isa != table->isa) continue;
        if (precision == Precision::float64)
            revalue_by<double>(*table, options, spot_factor, volatility_shift, values);
        else
            revalue_by<float>(*table, options, spot_factor, volatility_shift, values);
        return true;
    }
    return false;
}

}  // namespace hedgerow
