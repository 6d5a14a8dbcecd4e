// Prints one line per problem that is not solved.
#include "hedgerow/math/least_squares.hpp"

#include <cstdio>
#include <limits>

using namespace hedgerow;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
int failures = 0;

void check(const char* what, bool holds) {
    if (holds) return;
    std::printf("%s\n", what);
    ++failures;
}

bool near(double computed, double expected, double error = 1e-9) {
    return std::fabs(computed - expected) <= error * std::max(1.0, std::fabs(expected));
}

using Pair = std::array<double, 2>;
constexpr Box<2> everywhere{{-inf, -inf}, {inf, inf}};

// Rosenbrock 1960: a curved valley whose floor is the parabola y = x^2.
void valley(const Pair& p, NormalEquations<2>& sums) {
    sums.add(10 * (p[1] - p[0] * p[0]), {-20 * p[0], 10});
    sums.add(1 - p[0], {-1, 0});
}

// Powell 1962: the Jacobian is singular at the solution, the origin.
void powell(const std::array<double, 4>& p, NormalEquations<4>& sums) {
    const double b = p[1] - 2 * p[2], d = p[0] - p[3], root5 = std::sqrt(5.0),
                 root10 = std::sqrt(10.0);
    sums.add(p[0] + 10 * p[1], {1, 10, 0, 0});
    sums.add(root5 * (p[2] - p[3]), {0, 0, root5, -root5});
    sums.add(b * b, {0, 2 * b, -4 * b, 0});
    sums.add(root10 * d * d, {2 * root10 * d, 0, 0, -2 * root10 * d});
}

// A line through y = 1, 3, 4, 6 at x = 0..3, of which the last has double weight.
void line(const Pair& p, NormalEquations<2>& sums) {
    const double y[] = {1, 3, 4, 6};
    for (int i = 0; i < 4; ++i) sums.add(p[0] + p[1] * i - y[i], {1, double(i)}, i == 3 ? 2 : 1);
}

}  // namespace

int main() {
    {
        const auto found = minimize_least_squares<2>(valley, {-1.2, 1.0}, everywhere);
        check("Rosenbrock's valley", found.outcome == LeastSquaresOutcome::converged &&
                                         near(found.parameters[0], 1) &&
                                         near(found.parameters[1], 1));
        check("its iterations", found.iterations < 40);
    }
    {
        const auto found = minimize_least_squares<4>(
            powell, {3, -1, 0, 1}, {{-inf, -inf, -inf, -inf}, {inf, inf, inf, inf}});
        check("Powell's singular function", found.equations.cost() < 1e-20);
    }
    {
        // Normal equations by hand: sums of w 5, wx 9, wxx 23, wy 20, wxy 47.
        const auto found = minimize_least_squares<2>(line, {0, 0}, everywhere);
        const double det = 5.0 * 23 - 81;
        // The promise of 1e-15 of the cost leaves its root, 3e-8, of the errors to the parameters.
        check("a line", near(found.parameters[0], (23.0 * 20 - 9 * 47) / det, 1e-7) &&
                            near(found.parameters[1], (5.0 * 47 - 9 * 20) / det, 1e-7));
        check("its variances",
              near(found.variances[0], 23 / det) && near(found.variances[1], 5 / det));
    }
    {
        // With the slope held to at most 1 the height is the weighted mean of y - x, 11/5.
        const auto found = minimize_least_squares<2>(line, {5, 5}, {{-inf, -inf}, {inf, 1}});
        check("on a bound", found.outcome == LeastSquaresOutcome::converged &&
                                found.parameters[1] == 1 && near(found.parameters[0], 2.2));
        check("no error there", found.variances[1] == 0 && near(found.variances[0], 0.2));
    }
    {
        // Two unknowns of which the sum alone is seen: an answer, but no errors.
        const auto sum = [](const Pair& p, NormalEquations<2>& sums) {
            sums.add(p[0] + p[1] - 3, {1, 1});
        };
        const auto found = minimize_least_squares<2>(sum, {0, 0}, everywhere);
        check("a sum", near(found.parameters[0] + found.parameters[1], 3));
        check("without errors", std::isnan(found.variances[0]) && std::isnan(found.variances[1]));
    }
    {
        const auto nothing = [](const Pair&, NormalEquations<2>& sums) { sums.add(NAN, {1, 1}); };
        const auto found = minimize_least_squares<2>(nothing, {7, 8}, everywhere);
        check("a start that is not finite",
              found.outcome == LeastSquaresOutcome::not_finite && found.parameters == Pair{7, 8});
    }
    {
        const auto found = minimize_least_squares<2>(valley, {-1.2, 1.0}, everywhere, {3});
        check("too few iterations",
              found.outcome == LeastSquaresOutcome::not_converged && found.iterations == 3);
    }
    return failures;
}
