#include "hedgerow/book/node_board.hpp"

#include <algorithm>

namespace hedgerow {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
// A reader that sees a word of a publication sees the version that was odd before it: words are
// released and acquired one by one, which needs no fence (and costs none on x86).
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

}  // namespace

NodeBoard::NodeBoard(std::size_t most)
    : capacity_(most), numbers_(std::make_unique<std::atomic<double>[]>(most * words_per_line)) {}

std::size_t NodeBoard::publish(const Inventory& inventory) noexcept {
    const std::size_t nodes = std::min(inventory.nodes(), capacity_);
    const std::uint64_t version = version_.load(relaxed);
    version_.store(version + 1, relaxed);
    for (std::size_t node = 0; node < nodes; ++node) {
        const NodeLine line = inventory.read(static_cast<std::uint32_t>(node));
        for (std::size_t j = 0; j < words_per_line; ++j)
            numbers_[node * words_per_line + j].store(line.numbers[j], release);
    }
    time_.store(inventory.now().nanoseconds, release);
    nodes_.store(nodes, release);
    version_.store(version + 2, release);
    return nodes;
}

void NodeBoard::copy(std::size_t node, NodeLine& line) const noexcept {
    for (std::size_t j = 0; j < words_per_line; ++j)
        line.numbers[j] = numbers_[node * words_per_line + j].load(acquire);
}

NodeBoard::Shown NodeBoard::read(std::span<NodeLine> lines) const noexcept {
    for (;;) {
        const std::uint64_t before = version_.load(acquire);
        if (before % 2 != 0) continue;
        const std::size_t nodes = std::min(nodes_.load(acquire), capacity_);
        const std::size_t copied = std::min(nodes, lines.size());
        for (std::size_t node = 0; node < copied; ++node) copy(node, lines[node]);
        const Instant time{time_.load(acquire)};
        if (version_.load(relaxed) == before) return {time, nodes, before / 2};
    }
}

NodeLine NodeBoard::read(std::size_t node) const noexcept {
    for (;;) {
        const std::uint64_t before = version_.load(acquire);
        if (before % 2 != 0) continue;
        NodeLine line;
        if (node < std::min(nodes_.load(acquire), capacity_)) copy(node, line);
        if (version_.load(relaxed) == before) return line;
    }
}

}  // namespace hedgerow
