/// Strips: European options of one expiry that share a model's characteristic function.
#pragma once

#include <cstddef>

namespace hedgerow {

/// The models of log returns that strips are priced in.
enum class FourierModel : unsigned char {
    heston,
    bates,
    merton,
    kou,
    variance_gamma,
    normal_inverse_gaussian,
};
inline constexpr int fourier_model_count = 6;

/// How many parameters each of them has, in the order of its structure.
inline constexpr int fourier_parameters[fourier_model_count] = {5, 8, 4, 5, 3, 3};
inline constexpr int maximum_fourier_parameters = 8;

/// The Greeks of a strip, in their order; the last one in models with a variance of its own alone.
inline constexpr const char* fourier_greek_names[] = {"price",      "delta",      "gamma", "theta",
                                                      "dual_delta", "dual_gamma", "v0"};
inline constexpr int maximum_fourier_greeks = 7;

/// How many of them a model has.
constexpr int fourier_greeks(FourierModel model) noexcept {
    return model == FourierModel::heston || model == FourierModel::bates ? 7 : 6;
}

/// Columns of `size` options, one per row; forwards, strikes and discount factors may all differ.
struct FourierRows {
    const double* right;  ///< +1 call, -1 put
    const double* forward;
    const double* strike;
    const double* discount;
    std::size_t size;
};

}  // namespace hedgerow
