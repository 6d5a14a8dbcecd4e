// Pairs between two sides: the matching of the greatest saving.
#pragma once

#include <cstddef>
#include <vector>

namespace hedgerow::risk {

/// A pair that saves something per unit.
struct Edge {
    std::size_t left, right;
    double saving;  ///< positive
};

/// How much of every edge to use: the greatest sum of saving x flow such that no node has more
/// flow than its capacity. Successive shortest paths; O(augmentations x nodes x edges).
std::vector<double> best_matching(const std::vector<double>& left_capacity,
                                  const std::vector<double>& right_capacity,
                                  const std::vector<Edge>& edges);

}  // namespace hedgerow::risk
