#include "matching.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hedgerow::risk {

namespace {

constexpr double unreached = -std::numeric_limits<double>::infinity();
constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

/// Paths from a left node with capacity to a right one, forth along edges and back along flows.
class Search {
  public:
    Search(std::size_t left, std::size_t right, const std::vector<Edge>& edges)
        : edges_(edges), left_(left), right_(right) {}

    /// The most saving to every node; left nodes of no capacity can be reached by a flow alone.
    void run(const std::vector<double>& left_free, const std::vector<double>& flow, double dust) {
        left_.assign(left_.size(), {});
        right_.assign(right_.size(), {});
        for (std::size_t i = 0; i < left_.size(); ++i)
            if (left_free[i] > dust) left_[i].saving = 0;
        // As many rounds as a path has nodes; savings that differ by rounding make no better path.
        const std::size_t rounds = left_.size() + right_.size();
        bool better = true;
        for (std::size_t round = 0; better && round < rounds; ++round) {
            better = false;
            for (std::size_t e = 0; e < edges_.size(); ++e) {
                const auto& [from, to, saving] = edges_[e];
                better |= improve(right_[to], left_[from].saving + saving, e);
                if (flow[e] > dust) better |= improve(left_[from], right_[to].saving - saving, e);
            }
        }
    }

    struct Node {
        double saving = unreached;
        std::size_t edge = none;  ///< the last of the path
    };
    const Node& left(std::size_t i) const { return left_[i]; }
    const Node& right(std::size_t i) const { return right_[i]; }

  private:
    static bool improve(Node& node, double saving, std::size_t edge) {
        const double tolerance = 1e-12 * std::max(1.0, std::abs(saving));
        if (!(saving > node.saving + tolerance)) return false;
        node = {saving, edge};
        return true;
    }

    const std::vector<Edge>& edges_;
    std::vector<Node> left_, right_;
};

}  // namespace

std::vector<double> best_matching(const std::vector<double>& left_capacity,
                                  const std::vector<double>& right_capacity,
                                  const std::vector<Edge>& edges) {
    std::vector<double> flow(edges.size(), 0.0), left = left_capacity, right = right_capacity;
    double largest = 0;
    for (const double capacity : left) largest = std::max(largest, capacity);
    for (const double capacity : right) largest = std::max(largest, capacity);
    const double dust = 1e-12 * largest;
    Search search(left.size(), right.size(), edges);
    while (true) {
        search.run(left, flow, dust);
        std::size_t end = none;
        for (std::size_t i = 0; i < right.size(); ++i) {
            const double saving = search.right(i).saving;
            if (right[i] > dust && saving > (end == none ? 0 : search.right(end).saving)) end = i;
        }
        if (end == none) return flow;
        // Back along the path: edges to the right gain flow, edges to the left lose it.
        double amount = right[end];
        std::size_t start = none;
        for (std::size_t at = end;;) {
            start = edges[search.right(at).edge].left;
            const std::size_t back = search.left(start).edge;
            if (back == none) break;
            amount = std::min(amount, flow[back]);
            at = edges[back].right;
        }
        amount = std::min(amount, left[start]);
        for (std::size_t at = end;;) {
            const std::size_t forth = search.right(at).edge;
            flow[forth] += amount;
            const std::size_t back = search.left(edges[forth].left).edge;
            if (back == none) break;
            flow[back] -= amount;
            at = edges[back].right;
        }
        left[start] -= amount;
        right[end] -= amount;
    }
}

}  // namespace hedgerow::risk
