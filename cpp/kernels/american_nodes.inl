// The nodes of the American options' collocation, computed by the compiler: where the exercise
// boundary is known, where integrals over it are summed, and how one leads to the other.

/// sin(x) and cos(x) for |x| <= pi/2 by Taylor's series: the terms left out are below 1e-18.
constexpr double taylor(double x, int first) {
    double term = first ? x : 1.0, sum = term;
    for (int k = first + 1; k < 28; k += 2) {
        term *= -x * x / (k * (k + 1));
        sum += term;
    }
    return sum;
}
constexpr double sine_of(double x) {
    return taylor(x, 1);
}
constexpr double cosine_of(double x) {
    return taylor(x, 0);
}

/// Gauss and Legendre's rule on [-1, 1], by Newton's method on the three-term recurrence.
template <int count>
struct Legendre {
    double node[count] = {}, weight[count] = {};

    constexpr Legendre() {
        for (int i = 0; i < count; ++i) {
            // Tricomi's start: the cosine of an angle in (0, pi), as a sine.
            double x = sine_of(half_pi * (1.0 - 2.0 * (i + 0.75) / (count + 0.5))), slope = 1.0;
            for (int step = 0; step < 8; ++step) {
                double before = 1.0, value = x;
                for (int k = 2; k <= count; ++k) {
                    const double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
                    before = value;
                    value = next;
                }
                slope = count * (x * value - before) / (x * x - 1.0);
                x -= value / slope;
            }
            node[i] = x;
            weight[i] = 2.0 / ((1.0 - x * x) * slope * slope);
        }
    }
};

/// A rule over the times v = tau sin^2(theta) from now, theta Gauss and Legendre's nodes on
/// [0, pi/2]: what is singular like 1/sqrt(v), and like sqrt(tau - v) at the other end, is smooth
/// in theta.
///
/// Where the spot is close to the boundary, the integrand's derivatives change fast at small v: for
/// the price theta is pi/2 times a node squared, which draws the nodes there.
template <int count, bool drawn = false>
struct AngleRule {
    double sine[count] = {}, cosine[count] = {};
    double weight[count] = {};  ///< of theta, times 2 cos(theta): for integrands in 1/sqrt(v)

    constexpr AngleRule() {
        const Legendre<count> rule;
        for (int k = 0; k < count; ++k) {
            const double u = 0.5 * (1.0 + rule.node[k]);
            const double angle = half_pi * (drawn ? u * u : u);
            sine[k] = sine_of(angle);
            cosine[k] = cosine_of(angle);
            weight[k] = half_pi * (drawn ? 2.0 * u : 1.0) * cosine[k] * rule.weight[k];
        }
    }
};

/// The boundary stands at the times to expiry T z^2, z = (1 + cos(pi i/points))/2 the Chebyshev
/// points on [0, 1], falling from 1; at z = 0 it is known. Between them lies the polynomial in z
/// through them (J.-P. Berrut and L. N. Trefethen 2004, "Barycentric Lagrange interpolation").
template <int points_, int nodes_, int price_nodes_, int start_steps_, int sweeps_>
struct AmericanScheme {
    static constexpr int points = points_, nodes = nodes_, price_nodes = price_nodes_;
    static constexpr int start_steps = start_steps_, sweeps = sweeps_;
    double root[points] = {};
    AngleRule<nodes> rule;
    AngleRule<price_nodes, true> price_rule;
    double at[points][nodes][points] = {};      ///< weights of the values, node by node
    double price_at[price_nodes][points] = {};  ///< and for the price

    constexpr double point(int i) const {
        const double c = cosine_of(half_pi * i / points);
        return i == points ? 0.0 : c * c;
    }

    constexpr void interpolate(double z, double (&weights)[points]) const {
        double sum = 0.0;
        for (int i = 0; i <= points; ++i) {
            const double half = i == 0 || i == points ? 0.5 : 1.0;
            const double w = (i % 2 ? -half : half) / (z - point(i));
            if (i < points) weights[i] = w;
            sum += w;
        }
        for (int i = 0; i < points; ++i) weights[i] /= sum;
    }

    constexpr AmericanScheme() {
        for (int i = 0; i < points; ++i) root[i] = point(i);
        for (int i = 0; i < points; ++i)
            for (int k = 0; k < nodes; ++k) interpolate(root[i] * rule.cosine[k], at[i][k]);
        for (int k = 0; k < price_nodes; ++k) interpolate(price_rule.cosine[k], price_at[k]);
    }
};
