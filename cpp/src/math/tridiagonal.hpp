// Tridiagonal systems, by elimination without pivoting (L. H. Thomas): exact in the sense of
// rounding for the diagonally dominant matrices of implicit diffusion steps.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hedgerow {

/// Rows lower[i] x[i-1] + diagonal[i] x[i] + upper[i] x[i+1]; lower[0] and upper[n-1] count as 0.
class Tridiagonal {
  public:
    explicit Tridiagonal(std::size_t size)
        : lower(size), diagonal(size), upper(size), pivot_(size), factor_(size) {}

    std::vector<double> lower, diagonal, upper;

    std::size_t size() const noexcept { return diagonal.size(); }

    /// Eliminates, after the rows were filled and before solve().
    void factorize() noexcept {
        const std::size_t n = size();
        pivot_[0] = 1 / diagonal[0];
        for (std::size_t i = 1; i < n; ++i) {
            factor_[i] = lower[i] * pivot_[i - 1];
            pivot_[i] = 1 / (diagonal[i] - factor_[i] * upper[i - 1]);
        }
    }

    /// Solves in place: x holds the right side and then the solution.
    void solve(std::span<double> x) const noexcept {
        const std::size_t n = size();
        for (std::size_t i = 1; i < n; ++i) x[i] -= factor_[i] * x[i - 1];
        x[n - 1] *= pivot_[n - 1];
        for (std::size_t i = n - 1; i-- > 0;) x[i] = (x[i] - upper[i] * x[i + 1]) * pivot_[i];
    }

    /// factorize() and solve() in one sweep, which hides the latter's first half behind divisions.
    void factorize_and_solve(std::span<double> x) noexcept {
        const std::size_t n = size();
        pivot_[0] = 1 / diagonal[0];
        for (std::size_t i = 1; i < n; ++i) {
            factor_[i] = lower[i] * pivot_[i - 1];
            pivot_[i] = 1 / (diagonal[i] - factor_[i] * upper[i - 1]);
            x[i] -= factor_[i] * x[i - 1];
        }
        x[n - 1] *= pivot_[n - 1];
        for (std::size_t i = n - 1; i-- > 0;) x[i] = (x[i] - upper[i] * x[i + 1]) * pivot_[i];
    }

    /// Solves the transposed system in place, with the same elimination.
    void solve_transposed(std::span<double> x) const noexcept {
        const std::size_t n = size();
        x[0] *= pivot_[0];
        for (std::size_t i = 1; i < n; ++i) x[i] = (x[i] - upper[i - 1] * x[i - 1]) * pivot_[i];
        for (std::size_t i = n - 1; i-- > 0;) x[i] -= factor_[i + 1] * x[i + 1];
    }

  private:
    std::vector<double> pivot_, factor_;
};

}  // namespace hedgerow
