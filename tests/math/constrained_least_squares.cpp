// Prints one line per problem that is not solved.
#include "hedgerow/math/constrained_least_squares.hpp"

#include <cstdio>

using namespace hedgerow;

namespace {

int failures = 0;

void check(const char* what, bool holds) {
    if (holds) return;
    std::printf("%s\n", what);
    ++failures;
}

bool near(double computed, double expected, double error = 1e-6) {
    return std::fabs(computed - expected) <= error * std::max(1.0, std::fabs(expected));
}

using Pair = std::array<double, 2>;
using Pairs = Inequalities<2, 4>;
using Four = std::array<double, 4>;

// What is missing from an active constraint is its multiplier over this.
constexpr double weight = 1e8;

// Rosenbrock 1960: a curved valley whose floor is the parabola y = x^2.
void valley(const Pair& p, NormalEquations<2>& sums) {
    sums.add(10 * (p[1] - p[0] * p[0]), {-20 * p[0], 10});
    sums.add(1 - p[0], {-1, 0});
}

// The squared distance from (2, 1).
void distance(const Pair& p, NormalEquations<2>& sums) {
    sums.add(p[0] - 2, {1, 0});
    sums.add(p[1] - 1, {0, 1});
}

// Rosen and Suzuki's problem (Hock, Schittkowski 1981, number 43), its squares completed.
void rosen_suzuki(const Four& x, NormalEquations<4>& sums) {
    sums.add(x[0] - 2.5, {1, 0, 0, 0});
    sums.add(x[1] - 2.5, {0, 1, 0, 0});
    sums.add(x[2] - 5.25, {0, 0, 1, 0}, 2);
    sums.add(x[3] + 3.5, {0, 0, 0, 1});
}
void rosen_suzuki_rows(const Four& x, Inequalities<4, 3>& rows) {
    const auto [a, b, c, d] = x;
    rows.add(8 - a * a - b * b - c * c - d * d - a + b - c + d,
             {-2 * a - 1, -2 * b + 1, -2 * c - 1, -2 * d + 1});
    rows.add(10 - a * a - 2 * b * b - c * c - 2 * d * d + a + d,
             {-2 * a + 1, -4 * b, -2 * c, -4 * d + 1});
    rows.add(5 - 2 * a * a - b * b - c * c - 2 * a + b + d, {-4 * a - 2, -2 * b + 1, -2 * c, 1});
}

}  // namespace

int main() {
    {
        const auto rows = [](const Pair& p, Pairs& rows) { rows.add(0.5 - p[0], {-1, 0}); };
        const auto found = minimize_constrained<2, 4>(valley, rows, {-1.2, 1.0}, weight, {});
        check("a wall across Rosenbrock's valley",
              found.outcome == LeastSquaresOutcome::converged && near(found.parameters[0], 0.5) &&
                  near(found.parameters[1], 0.25));
        check("what it costs", near(found.cost, 0.25) && found.missing < 1e-14);
    }
    {
        const auto rows = [](const Pair& p, Pairs& rows) { rows.add(3 - p[0], {-1, 0}); };
        const auto found = minimize_constrained<2, 4>(valley, rows, {-1.2, 1.0}, weight, {});
        check("a wall behind its end",
              near(found.parameters[0], 1) && near(found.parameters[1], 1));
        check("its iterations", found.iterations < 40);
    }
    {
        // Along a bent wall, which a linear one is far from.
        const auto rows = [](const Pair& p, Pairs& rows) {
            rows.add(1 - p[0] * p[0] - p[1] * p[1], {-2 * p[0], -2 * p[1]});
        };
        const auto found = minimize_constrained<2, 4>(distance, rows, {-0.9, 0.1}, weight, {});
        const double root5 = std::sqrt(5.0);
        check("inside a circle", found.outcome == LeastSquaresOutcome::converged &&
                                     near(found.parameters[0], 2 / root5) &&
                                     near(found.parameters[1], 1 / root5));
    }
    {
        const auto found =
            minimize_constrained<4, 3>(rosen_suzuki, rosen_suzuki_rows, {0, 0, 0, 0}, weight, {});
        const Four solution{0, 1, 2, -1};
        bool all = found.outcome == LeastSquaresOutcome::converged;
        for (int i = 0; i < 4; ++i) all = all && near(found.parameters[i], solution[i]);
        check("Rosen and Suzuki's problem", all);
        check("its cost", near(found.cost - 2 * 2.5 * 2.5 - 2 * 5.25 * 5.25 - 3.5 * 3.5, -44));
    }
    {
        // One wall said three times, and one that holds anyway.
        const auto rows = [](const Pair& p, Pairs& rows) {
            for (const double unit : {1.0, 1.0, 3.0}) rows.add(unit * (1 - p[0]), {-unit, 0});
            rows.add(5 - p[1], {0, -1});
        };
        const auto found = minimize_constrained<2, 4>(distance, rows, {0, 0}, weight, {});
        check("one wall three times", near(found.parameters[0], 1) && near(found.parameters[1], 1));
    }
    {
        // No place is left: as much is missing on either side.
        const auto rows = [](const Pair& p, Pairs& rows) {
            rows.add(p[0] - 1, {1, 0});
            rows.add(-1 - p[0], {-1, 0});
        };
        const auto found = minimize_constrained<2, 4>(distance, rows, {0.7, 0}, weight, {});
        check("constraints that contradict", near(found.parameters[0], 0) &&
                                                 near(found.parameters[1], 1) &&
                                                 near(found.missing, 2));
    }
    {
        const auto nothing = [](const Pair&, NormalEquations<2>& sums) { sums.add(NAN, {1, 1}); };
        const auto rows = [](const Pair&, Pairs&) {};
        const auto found = minimize_constrained<2, 4>(nothing, rows, {7, 8}, weight, {});
        check("a start that is not finite",
              found.outcome == LeastSquaresOutcome::not_finite && found.parameters == Pair{7, 8});
        const auto few = minimize_constrained<2, 4>(valley, rows, {-1.2, 1}, weight, {3});
        check("too few iterations",
              few.outcome == LeastSquaresOutcome::not_converged && few.iterations == 3);
    }
    return failures;
}
