// The C interface over the table of kernels.
#include "../kernels/table.hpp"
#include "hedgerow.h"
#include "hedgerow/base/greeks.hpp"

using namespace hedgerow;

static_assert(sizeof(hedgerow_greeks) == sizeof(Greeks));

namespace {

template <class... Inputs>
double value_of(kernels::Kernel kernel, Inputs... inputs) noexcept {
    const double in[] = {inputs...};
    double out;
    kernels::table().scalar[kernel](in, &out);
    return out;
}

template <class... Inputs>
void fill(hedgerow_greeks* greeks, kernels::Kernel kernel, Inputs... inputs) noexcept {
    const double in[] = {inputs...};
    kernels::table().scalar[kernel](in, &greeks->price);
}

}  // namespace

int hedgerow_abi_version(void) {
    return HEDGEROW_ABI_VERSION;
}

double hedgerow_normal_pdf(double x) {
    return value_of(kernels::normal_pdf, x);
}
double hedgerow_normal_cdf(double x) {
    return value_of(kernels::normal_cdf, x);
}

double hedgerow_black_price(double right, double forward, double strike, double time,
                            double volatility, double discount) {
    return value_of(kernels::black_price, right, forward, strike, time, volatility, discount);
}

void hedgerow_black_greeks(double right, double forward, double strike, double time,
                           double volatility, double discount, hedgerow_greeks* out) {
    fill(out, kernels::black_greeks, right, forward, strike, time, volatility, discount);
}

double hedgerow_bsm_price(double right, double spot, double strike, double time, double volatility,
                          double rate, double carry) {
    return value_of(kernels::bsm_price, right, spot, strike, time, volatility, rate, carry);
}

void hedgerow_bsm_greeks(double right, double spot, double strike, double time, double volatility,
                         double rate, double carry, hedgerow_greeks* out) {
    fill(out, kernels::bsm_greeks, right, spot, strike, time, volatility, rate, carry);
}

int hedgerow_evaluate(const char* kernel, size_t n, const double* const* inputs,
                      double* const* outputs) {
    const int number = find_kernel(kernel);
    if (number < 0) return -1;
    kernels::table().columns[number](inputs, outputs, n);
    return 0;
}
