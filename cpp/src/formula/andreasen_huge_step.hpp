// One implicit step of Dupire's equation on a mesh of strikes, its prices and its local variance.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "../math/tridiagonal.hpp"
#include "diffusion_mesh.hpp"

namespace hedgerow::formula {

// At the mesh's strikes X = K/F, at one time: puts and calls over the forward, and their common
// second difference X^2 c_XX, the density of ln X but for a factor X.
struct PriceState {
    std::vector<double> puts, calls, density;
};

class ImplicitStep {
  public:
    explicit ImplicitStep(const DiffusionMesh& mesh)
        : mesh_(mesh),
          differences_(mesh.price),
          spread_(mesh.size()),
          prices_(mesh.size()),
          densities_(mesh.size()) {}

    const DiffusionMesh& mesh() const noexcept { return mesh_; }
    // length/2 theta^2 at a node: what the second difference is weighed with.
    double spread(std::size_t i) const noexcept { return spread_[i]; }

    // The prices of options that expire now.
    PriceState start() const {
        PriceState state;
        for (const double strike : mesh_.price) {
            state.puts.push_back(std::max(strike - 1, 0.0));
            state.calls.push_back(std::max(1 - strike, 0.0));
        }
        state.density.resize(mesh_.size());
        const std::size_t i = mesh_.origin;
        state.density[i] = lower(i) * (state.calls[i - 1] - state.calls[i]);
        return state;
    }

    // Makes the matrices of a step of theta^2 over a time.
    void set(std::span<const double> squares, double length) {
        const std::size_t n = mesh_.size();
        for (std::size_t i = 0; i < n; ++i) spread_[i] = 0.5 * length * squares[i];
        prices_.diagonal[0] = prices_.diagonal[n - 1] = 1;
        densities_.diagonal[0] = densities_.diagonal[n - 1] = 1;
        for (std::size_t i = 1; i + 1 < n; ++i) {
            // Prices: 1 - spread D. Densities: 1 - D spread, as D c obeys it where c does the
            // other.
            prices_.lower[i] = -spread_[i] * lower(i);
            prices_.upper[i] = -spread_[i] * upper(i);
            prices_.diagonal[i] = 1 - prices_.lower[i] - prices_.upper[i];
            densities_.lower[i] = -lower(i) * spread_[i - 1];
            densities_.upper[i] = -upper(i) * spread_[i + 1];
            densities_.diagonal[i] = 1 + (lower(i) + upper(i)) * spread_[i];
        }
        prices_.factorize();
        densities_.factorize();
    }

    PriceState advance(PriceState state) const {
        prices_.solve(state.puts);
        prices_.solve(state.calls);
        densities_.solve(state.density);
        return state;
    }

    // The price out of the money at k: linear in strike between nodes, which keeps prices convex in
    // strike and rising in time everywhere. NaN beyond.
    double price(const PriceState& state, double k) const {
        const Place at = place(k);
        if (!at.inside) return std::numeric_limits<double>::quiet_NaN();
        const std::vector<double>& c = k < 0 ? state.puts : state.calls;
        return (1 - at.part) * c[at.node] + at.part * c[at.node + 1];
    }

    // The derivatives of price() in what the prices at the nodes were before the step: by them the
    // effect of any change of the step's spreads is a sum over nodes.
    void price_adjoint(double k, std::vector<double>& adjoint) const {
        std::ranges::fill(adjoint, 0.0);
        const Place at = place(k);
        if (!at.inside) return;
        adjoint[at.node] = 1 - at.part;
        adjoint[at.node + 1] = at.part;
        prices_.solve_transposed(adjoint);
    }

    // 2 c_T / (X^2 c_XX) at the nodes at the end of the step: both solve systems of positive
    // numbers, so that neither cancels.
    std::vector<double> local_variance(const PriceState& before,
                                       std::span<const double> squares) const {
        const std::size_t n = mesh_.size();
        std::vector<double> density = before.density, rate(n);
        densities_.solve(density);
        for (std::size_t i = 0; i < n; ++i) rate[i] = squares[i] * density[i];
        prices_.solve(rate);
        constexpr double least = 1e-290;
        std::vector<double> variance(n);
        variance[mesh_.origin] = rate[mesh_.origin] / density[mesh_.origin];
        for (std::size_t i = mesh_.origin + 1; i < n; ++i)
            variance[i] = density[i] > least ? rate[i] / density[i] : variance[i - 1];
        for (std::size_t i = mesh_.origin; i-- > 0;)
            variance[i] = density[i] > least ? rate[i] / density[i] : variance[i + 1];
        return variance;
    }

  private:
    struct Place {
        bool inside;
        std::size_t node;  // to the left
        double part;       // of the way in strike to the right
    };

    Place place(double k) const {
        const std::vector<double>& logs = mesh_.log;
        if (!(k >= logs.front() && k <= logs.back())) return {false, 0, 0};
        const auto above = std::ranges::upper_bound(logs, k) - logs.begin();
        const std::size_t node = std::min(static_cast<std::size_t>(above), mesh_.size() - 1) - 1;
        const double from = mesh_.price[node], to = mesh_.price[node + 1];
        return {true, node, (std::exp(k) - from) / (to - from)};
    }

    // X^2 D of three nodes: of the values at the neighbors less that at the node.
    double lower(std::size_t i) const {
        return mesh_.price[i] * mesh_.price[i] * differences_.second_lower[i];
    }
    double upper(std::size_t i) const {
        return mesh_.price[i] * mesh_.price[i] * differences_.second_upper[i];
    }

    const DiffusionMesh& mesh_;
    Differences differences_;
    std::vector<double> spread_;
    Tridiagonal prices_, densities_;
};

}  // namespace hedgerow::formula
