/* The C interface: what C, Rust, Go, Julia and numba link against. Plain doubles; never throws,
 * never allocates, keeps no state. Conventions are those of the C++ headers: right is +1 for a call
 * and -1 for a put, time in years, volatility and rates as decimals per year, Greeks are raw
 * derivatives; input outside the domain gives NaN. */
#ifndef HEDGEROW_H
#define HEDGEROW_H

#include <stddef.h>

/* Grows when functions are added; published ones never change. */
#define HEDGEROW_ABI_VERSION 1

#if defined(__GNUC__) && !defined(_WIN32) && !defined(HEDGEROW_STATIC)
#define HEDGEROW_C_API __attribute__((visibility("default")))
#else
#define HEDGEROW_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The price and its sixteen derivatives, as in hedgerow/base/greeks.hpp. */
typedef struct hedgerow_greeks {
    double price, delta, gamma, vega, theta, rho, phi, vanna, volga, charm, veta, speed, zomma,
        color, ultima, dual_delta, dual_gamma;
} hedgerow_greeks;

/* The first of them. */
typedef struct hedgerow_main_greeks {
    double price, delta, gamma, vega, theta, rho, phi;
} hedgerow_main_greeks;

HEDGEROW_C_API int hedgerow_abi_version(void);

/* The standard normal distribution: density, distribution function, its inverse and logarithm,
 * exp(x^2) erfc(x), and N(-x)/n(x). */
HEDGEROW_C_API double hedgerow_normal_pdf(double x);
HEDGEROW_C_API double hedgerow_normal_cdf(double x);
HEDGEROW_C_API double hedgerow_normal_inverse_cdf(double p);
HEDGEROW_C_API double hedgerow_log_normal_cdf(double x);
HEDGEROW_C_API double hedgerow_erfcx(double x);
HEDGEROW_C_API double hedgerow_mills_ratio(double x);

/* Black-76 on a forward price and a discount factor. */
HEDGEROW_C_API double hedgerow_black_price(double right, double forward, double strike, double time,
                                           double volatility, double discount);
HEDGEROW_C_API void hedgerow_black_greeks(double right, double forward, double strike, double time,
                                          double volatility, double discount, hedgerow_greeks* out);
/* The volatility that gives a price: NaN where none does; the status says why, as the codes of
 * hedgerow/base/status.hpp: 0 ok, 9 below intrinsic, 10 above the maximum, 11 invalid input. */
HEDGEROW_C_API double hedgerow_black_implied_volatility(double right, double price, double forward,
                                                        double strike, double time,
                                                        double discount);
HEDGEROW_C_API int hedgerow_black_implied_volatility_status(double right, double price,
                                                            double forward, double strike,
                                                            double time, double discount);
/* The same, from a guess such as the volatility of the last quote: any guess is answered, to the
 * same accuracy; a good one sooner. */
HEDGEROW_C_API double hedgerow_black_implied_volatility_from(double right, double price,
                                                             double forward, double strike,
                                                             double time, double discount,
                                                             double guess);

/* Black-Scholes-Merton on a spot price, a rate and a cost of carry (rate less dividend yield). */
HEDGEROW_C_API double hedgerow_bsm_price(double right, double spot, double strike, double time,
                                         double volatility, double rate, double carry);
HEDGEROW_C_API void hedgerow_bsm_greeks(double right, double spot, double strike, double time,
                                        double volatility, double rate, double carry,
                                        hedgerow_greeks* out);

/* American options under Black-Scholes-Merton: the price, the spot from which on the exercise is
 * best, and the volatility that gives a price, with the status codes of black's. */
HEDGEROW_C_API double hedgerow_american_price(double right, double spot, double strike, double time,
                                              double volatility, double rate, double carry);
HEDGEROW_C_API void hedgerow_american_greeks(double right, double spot, double strike, double time,
                                             double volatility, double rate, double carry,
                                             hedgerow_main_greeks* out);
HEDGEROW_C_API double hedgerow_american_exercise_boundary(double right, double strike, double time,
                                                          double volatility, double rate,
                                                          double carry);
HEDGEROW_C_API double hedgerow_american_implied_volatility(double right, double price, double spot,
                                                           double strike, double time, double rate,
                                                           double carry);
HEDGEROW_C_API int hedgerow_american_implied_volatility_status(double right, double price,
                                                               double spot, double strike,
                                                               double time, double rate,
                                                               double carry);

/* Black-76 on forward and strike both shifted by `shift`. */
HEDGEROW_C_API double hedgerow_displaced_price(double right, double forward, double strike,
                                               double time, double volatility, double discount,
                                               double shift);
HEDGEROW_C_API void hedgerow_displaced_greeks(double right, double forward, double strike,
                                              double time, double volatility, double discount,
                                              double shift, hedgerow_greeks* out);

/* Bachelier: volatility in units of the forward per sqrt(year). */
HEDGEROW_C_API double hedgerow_bachelier_price(double right, double forward, double strike,
                                               double time, double volatility, double discount);
HEDGEROW_C_API void hedgerow_bachelier_greeks(double right, double forward, double strike,
                                              double time, double volatility, double discount,
                                              hedgerow_greeks* out);
/* The volatility that gives a price: NaN where none does; the status says why, as the codes of
 * hedgerow/base/status.hpp: 0 ok, 9 below intrinsic, 10 above the maximum, 11 invalid input. */
HEDGEROW_C_API double hedgerow_bachelier_implied_volatility(double right, double price,
                                                            double forward, double strike,
                                                            double time, double discount);
HEDGEROW_C_API int hedgerow_bachelier_implied_volatility_status(double right, double price,
                                                                double forward, double strike,
                                                                double time, double discount);

/* Any kernel over n rows of contiguous columns: "black_greeks" takes 6 input columns and fills 17
 * output columns in the order of hedgerow_greeks. Returns 0, or -1 for an unknown name. */
HEDGEROW_C_API int hedgerow_evaluate(const char* kernel, size_t n, const double* const* inputs,
                                     double* const* outputs);

#ifdef __cplusplus
}
#endif

#endif
