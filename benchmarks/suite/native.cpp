// What a C++ or Cython program pays per option that it prices by itself: loops over columns that
// call a function of hedgerow's C interface by its address, as cimport does, and the textbook
// formulas on <cmath>, compiled beside them.
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace {

struct Columns {
    const double *right, *forward, *strike, *time, *volatility, *discount, *price;
};

double normal_cdf(double x) {
    return 0.5 * std::erfc(-0.70710678118654752 * x);
}

double black(double right, double forward, double strike, double time, double volatility,
             double discount) {
    const double s = volatility * std::sqrt(time), d1 = std::log(forward / strike) / s + 0.5 * s;
    return discount * right *
           (forward * normal_cdf(right * d1) - strike * normal_cdf(right * (d1 - s)));
}

/// The price and the five Greeks that most programs stop at: delta, gamma, vega, theta, rho.
void black_first(double right, double forward, double strike, double time, double volatility,
                 double discount, double* out) {
    const double root = std::sqrt(time), s = volatility * root;
    const double d1 = std::log(forward / strike) / s + 0.5 * s;
    const double first = discount * right * normal_cdf(right * d1);
    const double density = discount * 0.3989422804014327 * std::exp(-0.5 * d1 * d1);
    out[0] = forward * first - discount * right * strike * normal_cdf(right * (d1 - s));
    out[1] = first;
    out[2] = density / (forward * s);
    out[3] = forward * density * root;
    out[4] = -std::log(discount) / time * out[0] - 0.5 * volatility * out[3] / time;
    out[5] = -time * out[0];
}

/// Newton's method from the inflection point (Manaster and Koehler 1982), to a few units of
/// rounding.
double newton(double right, double price, double forward, double strike, double time,
              double discount) {
    double volatility = std::sqrt(2.0 * std::fabs(std::log(forward / strike)) / time) + 1e-4;
    for (int i = 0; i < 50; ++i) {
        const double s = volatility * std::sqrt(time);
        const double d1 = std::log(forward / strike) / s + 0.5 * s;
        const double vega =
            discount * forward * std::sqrt(time) * 0.3989422804014327 * std::exp(-0.5 * d1 * d1);
        const double step =
            (black(right, forward, strike, time, volatility, discount) - price) / vega;
        volatility -= step;
        if (!(std::fabs(step) > 1e-14 * volatility)) break;
    }
    return volatility;
}

using Value = double (*)(double, double, double, double, double, double);
using Fill = void (*)(double, double, double, double, double, double, double*);

}  // namespace

extern "C" {

double sum_prices(Value value, const Columns* c, std::size_t n) {
    if (!value) value = black;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += value(c->right[i], c->forward[i], c->strike[i], c->time[i], c->volatility[i],
                     c->discount[i]);
    return sum;
}

double sum_deltas(Fill fill, const Columns* c, std::size_t n) {
    if (!fill) fill = black_first;
    double sum = 0, out[17];
    for (std::size_t i = 0; i < n; ++i) {
        fill(c->right[i], c->forward[i], c->strike[i], c->time[i], c->volatility[i], c->discount[i],
             out);
        sum += out[1];
    }
    return sum;
}

double sum_volatilities(Value value, const Columns* c, std::size_t n) {
    if (!value) value = newton;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += value(c->right[i], c->price[i], c->forward[i], c->strike[i], c->time[i],
                     c->discount[i]);
    return sum;
}
}

/// Fills, one after the other, as a compiled trading loop counts them: structs of inventory.pxd,
/// ids from the venue's text.
struct event_id_t {
    std::uint64_t high, low;
};
struct fill_t {
    event_id_t id;
    std::int64_t time;
    std::uint32_t owner, instrument;
    std::int64_t lots;
    double price, fee;
    std::int32_t fee_currency;
};

extern "C" int count_fills(int (*fill)(void*, const fill_t*, const event_id_t*),
                           event_id_t (*fill_id)(const char*, const char*), void* inventory,
                           fill_t* fills, std::size_t n, std::int64_t first_id) {
    int counted = 0;
    char id[24];
    for (std::size_t i = 0; i < n; ++i) {
        *std::to_chars(id, id + sizeof id - 1, first_id++).ptr = '\0';
        fills[i].id = fill_id("v", id);
        counted += fill(inventory, fills + i, nullptr);
    }
    return counted;
}
