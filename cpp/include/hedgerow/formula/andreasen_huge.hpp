/// Volatility interpolation by Andreasen and Huge: from quotes of several expiries to call prices
/// free of arbitrage at every strike and time, and their local volatility.
///
/// From one expiry to the next the prices c(k) = C/(D F) go by one implicit finite-difference step
/// of Dupire's equation, (1 - (T - T_i)/2 theta_i(k)^2 (d_kk - d_k)) c(T) = c(T_i), with theta_i
/// constant between the middles of an expiry's quoted log-moneynesses: as many numbers as quotes,
/// which fit them. Times between expiries are steps of part of the length. Whatever the numbers,
/// the matrix of such a step makes prices that fall and are convex in strike and rise in time.
/// After the last expiry its step goes on.
///
/// Source: J. Andreasen and B. Huge 2011, "Volatility interpolation", Risk, March.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/formula/local_volatility.hpp"
#include "hedgerow/math/least_squares.hpp"

namespace hedgerow {

/// Quotes in any order, columns of one length; expiries are the distinct times.
struct AndreasenHugeQuotes {
    std::span<const double> k;           ///< ln(K/F(T)), -100 to 100, distinct within an expiry
    std::span<const double> time;        ///< years, positive
    std::span<const double> volatility;  ///< Black's, positive; times sqrt(time) 20 at most
    std::span<const double> weight;      ///< of the residuals, positive; empty for equal ones
};

struct AndreasenHugeOptions {
    int nodes = 400;            ///< of log-moneyness, 20 to 100,000
    int most_iterations = 100;  ///< of each expiry
};

/// What a fit came to. Prices are free of arbitrage in every case.
struct AndreasenHugeFit {
    LeastSquaresOutcome outcome = LeastSquaresOutcome::converged;  ///< the worst of all expiries
    double residual = 0;          ///< root mean square of the volatilities' errors, unweighted
    double largest_residual = 0;  ///< in volatility
    int iterations = 0;           ///< of all expiries
};

/// The surface. Immutable; copies share their columns.
class HEDGEROW_API AndreasenHuge {
  public:
    /// Fits theta expiry by expiry, by Levenberg-Marquardt in ln theta^2 with exact derivatives.
    /// theta stays within 0.1 % and 1000 %: quotes with arbitrage between them are met as nearly
    /// as prices without it can, which the residuals show.
    /// @throws InvalidInput where a column or option is not as stated.
    explicit AndreasenHuge(const AndreasenHugeQuotes& quotes,
                           const AndreasenHugeOptions& options = {});

    const AndreasenHugeFit& fit() const noexcept;
    std::span<const double> times() const noexcept;  ///< of the expiries

    /// The model's volatility less the quote's, one per quote, in the order of the quotes.
    std::span<const double> residuals() const noexcept;

    /// The undiscounted price over the forward of the option out of the money at k: the put where
    /// k < 0, the call elsewhere. Linear in strike between the mesh's nodes, so that every
    /// strike keeps the order of the nodes' prices; NaN beyond the mesh.
    /// @param time not negative and finite, else NaN.
    void price(std::span<const double> k, double time, std::span<double> result) const;

    /// Black's volatilities of price(); NaN at time 0.
    void volatility(std::span<const double> k, double time, std::span<double> result) const;

    /// The local variances per year, 2 c_T / (c_kk - c_k) of the step: at the mesh's nodes ratios
    /// of positive numbers, linear in k between them. Where no density is left to tell (far out
    /// soon after today) and beyond the mesh, that of the nearest node with one.
    void local_variance(std::span<const double> k, double time, std::span<double> result) const;

  private:
    struct Columns;
    std::shared_ptr<const Columns> columns_;
};

/// The local variance of a fitted surface; shares its columns.
HEDGEROW_API LocalVariance local_variance_of(const AndreasenHuge& surface);

}  // namespace hedgerow
