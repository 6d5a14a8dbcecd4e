// The C interface over the table of kernels.
#include "../kernels/table.hpp"
#include "hedgerow.h"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/status.hpp"

using namespace hedgerow;

static_assert(sizeof(hedgerow_greeks) == sizeof(Greeks));
static_assert(sizeof(hedgerow_main_greeks) ==
              kernels::information[kernels::american_greeks].outputs * sizeof(double));
static_assert(static_cast<int>(Status::ok) == 0 && static_cast<int>(Status::below_intrinsic) == 9 &&
              static_cast<int>(Status::above_maximum) == 10 &&
              static_cast<int>(Status::invalid_input) == 11);

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
double hedgerow_normal_inverse_cdf(double p) {
    return value_of(kernels::normal_inverse_cdf, p);
}
double hedgerow_log_normal_cdf(double x) {
    return value_of(kernels::log_normal_cdf, x);
}
double hedgerow_erfcx(double x) {
    return value_of(kernels::erfcx, x);
}
double hedgerow_mills_ratio(double x) {
    return value_of(kernels::mills_ratio, x);
}

double hedgerow_black_price(double right, double forward, double strike, double time,
                            double volatility, double discount) {
    return value_of(kernels::black_price, right, forward, strike, time, volatility, discount);
}

void hedgerow_black_greeks(double right, double forward, double strike, double time,
                           double volatility, double discount, hedgerow_greeks* out) {
    fill(out, kernels::black_greeks, right, forward, strike, time, volatility, discount);
}

double hedgerow_black_implied_volatility(double right, double price, double forward, double strike,
                                         double time, double discount) {
    return value_of(kernels::black_implied_volatility, right, price, forward, strike, time,
                    discount);
}

int hedgerow_black_implied_volatility_status(double right, double price, double forward,
                                             double strike, double time, double discount) {
    return static_cast<int>(value_of(kernels::black_implied_volatility_status, right, price,
                                     forward, strike, time, discount));
}

double hedgerow_black_implied_volatility_from(double right, double price, double forward,
                                              double strike, double time, double discount,
                                              double guess) {
    return value_of(kernels::black_implied_volatility_from, right, price, forward, strike, time,
                    discount, guess);
}

double hedgerow_bsm_price(double right, double spot, double strike, double time, double volatility,
                          double rate, double carry) {
    return value_of(kernels::bsm_price, right, spot, strike, time, volatility, rate, carry);
}

void hedgerow_bsm_greeks(double right, double spot, double strike, double time, double volatility,
                         double rate, double carry, hedgerow_greeks* out) {
    fill(out, kernels::bsm_greeks, right, spot, strike, time, volatility, rate, carry);
}

double hedgerow_american_price(double right, double spot, double strike, double time,
                               double volatility, double rate, double carry) {
    return value_of(kernels::american_price, right, spot, strike, time, volatility, rate, carry);
}

void hedgerow_american_greeks(double right, double spot, double strike, double time,
                              double volatility, double rate, double carry,
                              hedgerow_main_greeks* out) {
    const double in[] = {right, spot, strike, time, volatility, rate, carry};
    kernels::table().scalar[kernels::american_greeks](in, &out->price);
}

double hedgerow_american_exercise_boundary(double right, double strike, double time,
                                           double volatility, double rate, double carry) {
    return value_of(kernels::american_exercise_boundary, right, strike, time, volatility, rate,
                    carry);
}

double hedgerow_american_implied_volatility(double right, double price, double spot, double strike,
                                            double time, double rate, double carry) {
    return value_of(kernels::american_implied_volatility, right, price, spot, strike, time, rate,
                    carry);
}

int hedgerow_american_implied_volatility_status(double right, double price, double spot,
                                                double strike, double time, double rate,
                                                double carry) {
    return static_cast<int>(value_of(kernels::american_implied_volatility_status, right, price,
                                     spot, strike, time, rate, carry));
}

double hedgerow_displaced_price(double right, double forward, double strike, double time,
                                double volatility, double discount, double shift) {
    return value_of(kernels::displaced_price, right, forward, strike, time, volatility, discount,
                    shift);
}

void hedgerow_displaced_greeks(double right, double forward, double strike, double time,
                               double volatility, double discount, double shift,
                               hedgerow_greeks* out) {
    fill(out, kernels::displaced_greeks, right, forward, strike, time, volatility, discount, shift);
}

double hedgerow_bachelier_price(double right, double forward, double strike, double time,
                                double volatility, double discount) {
    return value_of(kernels::bachelier_price, right, forward, strike, time, volatility, discount);
}

void hedgerow_bachelier_greeks(double right, double forward, double strike, double time,
                               double volatility, double discount, hedgerow_greeks* out) {
    fill(out, kernels::bachelier_greeks, right, forward, strike, time, volatility, discount);
}

double hedgerow_bachelier_implied_volatility(double right, double price, double forward,
                                             double strike, double time, double discount) {
    return value_of(kernels::bachelier_implied_volatility, right, price, forward, strike, time,
                    discount);
}

int hedgerow_bachelier_implied_volatility_status(double right, double price, double forward,
                                                 double strike, double time, double discount) {
    return static_cast<int>(value_of(kernels::bachelier_implied_volatility_status, right, price,
                                     forward, strike, time, discount));
}

int hedgerow_evaluate(const char* kernel, size_t n, const double* const* inputs,
                      double* const* outputs) {
    const int number = find_kernel(kernel);
    if (number < 0) return -1;
    kernels::table().columns[number](inputs, outputs, n);
    return 0;
}
