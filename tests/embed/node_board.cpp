// One thread keeps an inventory and publishes its nodes; others read them all the while. What they
// see is of one moment: fills of the accounts add up to those of the firm, to the last lot.
#include <atomic>
#include <cstdio>
#include <hedgerow/hedgerow.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace hedgerow;

namespace {

constexpr Instant now{1'773'820'800 * nanoseconds_per_second};
constexpr int publications = 20'000;

Inventory make_inventory() {
    const Instant expiry{now.nanoseconds + 30 * nanoseconds_per_day};
    const Option option(Terms::linear("SPX", "USD", 100), expiry, 5000, Right::call);
    InventorySetup setup;
    setup.dimensions = {{{}}, {{"account"}}};
    const Snapshot market(
        now, {UnderlyingMarket("SPX", "USD", ForwardCurve(now, 5000), {},
                               {Smile(expiry, {4000, 5000, 6000}, {0.2, 0.15, 0.18})})});
    return Inventory(setup, {{"call", option, 1}}, market);
}

/// Reads until told to stop; counts copies that don't add up.
void read_on(const NodeBoard& board, const std::atomic<bool>& done, std::atomic<int>& wrong) {
    std::vector<NodeLine> lines(4);
    std::uint64_t last = 0;
    while (!done.load(std::memory_order_acquire)) {
        const NodeBoard::Shown shown = board.read(lines);
        double accounts = 0;
        for (std::size_t node = 1; node < shown.nodes; ++node)
            accounts += lines[node][NodeMeasure::options];
        if (shown.nodes > 0 && accounts != lines[0][NodeMeasure::options]) ++wrong;
        if (shown.version < last) ++wrong;
        last = shown.version;
        if (!(board.read(0)[NodeMeasure::gross] >= 0)) ++wrong;
    }
}

}  // namespace

int main() {
    Inventory inventory = make_inventory();
    std::vector<std::uint32_t> owners;
    for (const char* account : {"a", "b", "c"})
        owners.push_back(inventory.owner(std::vector<std::string>{account, "venue"}));
    for (const std::uint32_t owner : owners)  // all nodes are there before anybody reads
        inventory.fill({event_id("venue", std::to_string(owner)), now, owner, 0, 1, 90.0, 0.0,
                        Fill::of_contract});
    NodeBoard board(inventory.nodes());
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int r = 0; r < 2; ++r) readers.emplace_back([&] { read_on(board, done, wrong); });
    for (int i = 0; i < publications; ++i) {
        inventory.fill({event_id("venue", "fill " + std::to_string(i)), now,
                        owners[static_cast<std::size_t>(i) % 3], 0, i % 5 - 2 != 0 ? i % 5 - 2 : 3,
                        90.0, 0.0, Fill::of_contract});
        board.publish(inventory);
    }
    done.store(true, std::memory_order_release);
    for (std::thread& reader : readers) reader.join();
    if (wrong.load() != 0) std::printf("%d copies were of no one moment\n", wrong.load());
    return wrong.load() != 0;
}
