/// The one struct that every model fills: the price and its sixteen derivatives.
#pragma once

namespace hedgerow {

/// Raw mathematical derivatives of the price V of one unit, everywhere in the library:
/// vega per 1.00 of volatility, rho and phi per 1.00 of rate, theta per year and with the sign of
/// calendar decay (dV/dt = -dV/dT). S is the spot (or the forward, in forward terms), K the strike.
struct Greeks {
    double price = 0;
    double delta = 0;       ///< dV/dS
    double gamma = 0;       ///< d2V/dS2
    double vega = 0;        ///< dV/dvol
    double theta = 0;       ///< dV/dt
    double rho = 0;         ///< dV/dr
    double phi = 0;         ///< dV/dq
    double vanna = 0;       ///< d2V/dS dvol
    double volga = 0;       ///< d2V/dvol2
    double charm = 0;       ///< d2V/dS dt
    double veta = 0;        ///< d2V/dvol dt
    double speed = 0;       ///< d3V/dS3
    double zomma = 0;       ///< d3V/dS2 dvol
    double color = 0;       ///< d3V/dS2 dt
    double ultima = 0;      ///< d3V/dvol3
    double dual_delta = 0;  ///< dV/dK
    double dual_gamma = 0;  ///< d2V/dK2
};

/// Number of outputs, price included; arrays of outputs follow the order of the struct.
inline constexpr int greek_count = 17;
static_assert(sizeof(Greeks) == greek_count * sizeof(double));

inline constexpr const char* greek_names[greek_count] = {
    "price", "delta", "gamma", "vega",  "theta", "rho",    "phi",        "vanna",     "volga",
    "charm", "veta",  "speed", "zomma", "color", "ultima", "dual_delta", "dual_gamma"};

}  // namespace hedgerow
