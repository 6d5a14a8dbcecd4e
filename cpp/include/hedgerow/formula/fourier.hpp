/// European options in models known by their characteristic functions: strips of one expiry, in
/// which all strikes share it.
///
/// S_T = F exp(X), E[exp(X)] = 1. Computes  D E[max(right (S_T - K), 0)],  its derivatives in the
/// parameters and its Greeks, by Fourier inversion along one of two paths
/// (cpp/kernels/fourier.inl says how and why):
///  - flat, the real axis with a lognormal control, wherever that converges soon: A. L. Lewis 2001
///    on the equally spaced frequencies of F. Fang and C. W. Oosterlee 2008;
///  - curved, where tails are heavy and the decay slow (Feller's condition violated, correlation
///    near -1, long expiries, variance gamma): L. B. G. Andersen and M. Lake 2018 on the path of
///    S. Boyarchenko and S. Levendorskii 2019. Not for Bates and Merton, whose jumps forbid it.
/// The choice is automatic, by their costs: it depends on the parameters and all strikes of the
/// strip, so that a price in another strip may differ within the error.
///
/// Units: time in years, rates of jumps per year, volatilities as decimals per root year, prices in
/// the money of F and K.
///
/// Domain: right +1 or -1; forward, strike and discount positive and finite, NaN elsewhere, row by
/// row. Time 0 gives the intrinsic value; negative or NaN gives NaN in all rows, as do parameters
/// outside what find_invalid() says.
///
/// Measured error, absolute, in units of D max(F, sqrt(F K)): prices 1e-10, derivatives in
/// parameters 2e-8, theta 1e-10/T; in units of D: delta 1e-10 max(1, sqrt(K/F)), dual delta
/// 1e-10 max(1, sqrt(F/K)), gamma 2e-9 sqrt(F K)/F^2, dual gamma 2e-9 sqrt(F K)/K^2; see
/// tests/formula/test_fourier.py and test_fourier_greeks.py. Prices, deltas and gammas keep to
/// their arbitrage bounds. Far out of the money they have no more digits than that leaves.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string_view>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/fourier.hpp"

namespace hedgerow {

/// S. L. Heston 1993: dS/S = sqrt(v) dW, dv = kappa (theta - v) dt + sigma sqrt(v) dZ.
/// Domain: kappa, sigma > 0; v0, theta >= 0, not both 0; -1 < rho < 1. Feller's condition is not
/// asked for.
struct HestonParameters {
    static constexpr FourierModel model = FourierModel::heston;
    double v0;     ///< variance today, per year
    double kappa;  ///< speed of reversion, per year
    double theta;  ///< variance that it reverts to, per year
    double sigma;  ///< volatility of the variance
    double rho;    ///< correlation of W and Z
};

/// D. S. Bates 1996: Heston with jumps of size exp(N(jump_mean, jump_deviation^2)).
/// Domain: Heston's; intensity, jump_deviation >= 0.
struct BatesParameters {
    static constexpr FourierModel model = FourierModel::bates;
    double v0, kappa, theta, sigma, rho;
    double intensity;       ///< jumps per year
    double jump_mean;       ///< of the logarithm
    double jump_deviation;  ///< of the logarithm
};

/// R. C. Merton 1976: a constant volatility and the jumps of Bates.
/// Domain: volatility > 0; intensity, jump_deviation >= 0.
struct MertonParameters {
    static constexpr FourierModel model = FourierModel::merton;
    double volatility, intensity, jump_mean, jump_deviation;
};

/// S. G. Kou 2002: jumps up by an exponential of mean 1/up with `probability`, else down by one of
/// mean 1/down. Domain: volatility > 0; intensity >= 0; 0 <= probability <= 1; up > 1; down > 0.
struct KouParameters {
    static constexpr FourierModel model = FourierModel::kou;
    double volatility, intensity, probability, up, down;
};

/// D. B. Madan, P. P. Carr and E. C. Chang 1998: Brownian motion with drift theta and volatility
/// sigma, run by a gamma clock of variance nu per year.
/// Domain: sigma, nu > 0; theta nu + sigma^2 nu / 2 < 1, without which the forward is infinite.
struct VarianceGammaParameters {
    static constexpr FourierModel model = FourierModel::variance_gamma;
    double sigma, nu, theta;
};

/// O. E. Barndorff-Nielsen 1997: tails fall as exp(-(alpha -+ beta) |x|), delta is the scale.
/// Domain: delta > 0; -alpha < beta < alpha - 1, without which the forward is infinite.
struct NormalInverseGaussianParameters {
    static constexpr FourierModel model = FourierModel::normal_inverse_gaussian;
    double alpha, beta, delta;
};

/// The names of a model's parameters, in their order.
HEDGEROW_API std::span<const std::string_view> parameter_names(FourierModel model) noexcept;

/// A parameter outside its domain: which one, and the rule that it breaks.
struct InvalidParameter {
    std::size_t index;
    std::string_view rule;
};

/// The first parameter outside the model's domain, if there is one.
HEDGEROW_API std::optional<InvalidParameter> find_invalid(
    FourierModel model, std::span<const double> parameters) noexcept;

/// Options of one expiry; columns of one length, +1 and -1 in `right`.
struct StripColumns {
    std::span<const double> right, forward, strike, discount;
};

/// Columns of derivatives in each parameter, in their order; empty where none are wanted.
using ParameterColumns = std::span<const std::span<double>>;

/// The prices of a strip and, where asked for, their derivatives in the parameters.
/// @throws InvalidInput where lengths differ, or there are not as many columns as parameters.
HEDGEROW_API void fourier_strip(FourierModel model, std::span<const double> parameters, double time,
                                const StripColumns& options, std::span<double> price,
                                ParameterColumns gradient = {});

/// The same from a model's own structure: fourier_strip(HestonParameters{...}, ...).
template <class Parameters>
void fourier_strip(const Parameters& parameters, double time, const StripColumns& options,
                   std::span<double> price, ParameterColumns gradient = {}) {
    const auto numbers =
        std::bit_cast<std::array<double, sizeof(Parameters) / sizeof(double)>>(parameters);
    fourier_strip(Parameters::model, numbers, time, options, price, gradient);
}

/// Options of any expiries: rows of one time make a strip, wherever they stand.
/// @param time a column as long as the others.
HEDGEROW_API void fourier_price(FourierModel model, std::span<const double> parameters,
                                const StripColumns& options, std::span<const double> time,
                                std::span<double> price, ParameterColumns gradient = {});

/// Prices and Greeks of options of any expiries: columns in the order of fourier_greek_names, as
/// many as fourier_greeks(model) says.
///
/// As black_greeks() has them: delta and gamma are in the forward, theta is dV/dt, with the sign of
/// calendar decay, and with the rate -ln(D)/T held; parameters are held, so that delta leaves the
/// variance where it is. At time 0 they are those of black_greeks().
/// @throws InvalidInput where lengths differ, or there are not as many columns.
HEDGEROW_API void fourier_greeks(FourierModel model, std::span<const double> parameters,
                                 const StripColumns& options, std::span<const double> time,
                                 std::span<const std::span<double>> greeks);

/// fourier_greeks() of one expiry on a named instruction set, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool fourier_greeks_on(std::string_view isa, FourierModel model,
                                    std::span<const double> parameters, double time,
                                    const StripColumns& options,
                                    std::span<const std::span<double>> greeks);

/// fourier_strip() on a named instruction set, for tests.
/// @return false when this processor can't run it (nothing is written).
HEDGEROW_API bool fourier_strip_on(std::string_view isa, FourierModel model,
                                   std::span<const double> parameters, double time,
                                   const StripColumns& options, std::span<double> price,
                                   ParameterColumns gradient = {});

}  // namespace hedgerow
