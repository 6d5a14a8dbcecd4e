/// The nodes of an inventory as other threads see them: one writes and never waits, others read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/book/inventory.hpp"
#include "hedgerow/book/node.hpp"

namespace hedgerow {

/// Node lines behind a sequence lock: a version that is odd while they are written. The writer
/// never waits for a reader; a reader takes a copy and tries again where it was written meanwhile,
/// so that all lines of a copy are of one moment. Lock-free, nothing allocates after construction.
///
/// Source: H.-J. Boehm 2012, "Can seqlocks get along with programming language memory models?",
/// MSPC '12, figure 6.
class HEDGEROW_API NodeBoard {
  public:
    /// @param most nodes that it has room for.
    explicit NodeBoard(std::size_t most);

    std::size_t capacity() const noexcept { return capacity_; }

    /// Shows the nodes of an inventory as they are now: those that there is room for, the first
    /// ones. To be called by the thread that writes the inventory. O(nodes).
    /// @return how many are shown.
    std::size_t publish(const Inventory& inventory) noexcept;

    /// What was published last: its time, and how many nodes it shows.
    struct Shown {
        Instant time;
        std::size_t nodes = 0;
        std::uint64_t version = 0;  ///< counts publications
    };

    /// Copies the first nodes, as many as `lines` has room for and as are shown; all of one moment.
    /// By any thread, at any time.
    Shown read(std::span<NodeLine> lines) const noexcept;
    /// One node; a line of zeros where it is not shown.
    NodeLine read(std::size_t node) const noexcept;

  private:
    static constexpr std::size_t words_per_line = node_measure_count;

    void copy(std::size_t node, NodeLine& line) const noexcept;

    std::size_t capacity_;
    std::atomic<std::uint64_t> version_{0};
    std::atomic<std::int64_t> time_{0};
    std::atomic<std::size_t> nodes_{0};
    std::unique_ptr<std::atomic<double>[]> numbers_;
};

}  // namespace hedgerow
