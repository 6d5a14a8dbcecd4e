#include "hedgerow/math/normal.hpp"

#include "../../kernels/table.hpp"

namespace hedgerow {

namespace {

double evaluate(kernels::Kernel kernel, double x) noexcept {
    double result;
    kernels::table().scalar[kernel](&x, &result);
    return result;
}

}  // namespace

double normal_pdf(double x) noexcept {
    return evaluate(kernels::normal_pdf, x);
}

double normal_cdf(double x) noexcept {
    return evaluate(kernels::normal_cdf, x);
}

double normal_inverse_cdf(double p) noexcept {
    return evaluate(kernels::normal_inverse_cdf, p);
}

double log_normal_cdf(double x) noexcept {
    return evaluate(kernels::log_normal_cdf, x);
}

double erfcx(double x) noexcept {
    return evaluate(kernels::erfcx, x);
}

double mills_ratio(double x) noexcept {
    return evaluate(kernels::mills_ratio, x);
}

}  // namespace hedgerow
