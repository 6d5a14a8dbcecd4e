// Latencies of the live inventory: fills, ticks, orders, reads. Prints medians, 99th percentiles.
//
//     cmake -S benchmarks/cpp -B build/benchmarks && cmake --build build/benchmarks
//     build/benchmarks/inventory [fills]
//
// 10,000 coin-settled options of one underlying; ten owners; eight dimensions, every node of each
// with five limits. A fill is counted in the ledger (idempotent, average and FIFO cost, money, fee)
// and added to its nodes and to those of the money paid, with limits looked at.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <hedgerow/hedgerow.hpp>
#include <random>
#include <string>
#include <vector>

using namespace hedgerow;

namespace {

using Clock = std::chrono::steady_clock;

constexpr Instant today{1'773'820'800 * nanoseconds_per_second};  // 2026-03-18T08:00:00Z
constexpr int expiries = 20, strikes = 250;

/// Times of single calls, with two clock reads each.
class Latencies {
  public:
    template <class Call>
    void time(Call call) {
        const auto from = Clock::now();
        call();
        times_.push_back(std::chrono::duration<double, std::nano>(Clock::now() - from).count());
    }
    void print(const char* what) {
        std::ranges::sort(times_);
        const auto at = [&](double share) {
            return times_[static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1))];
        };
        std::printf("%-52s p50 %9.0f  p99 %9.0f  least %9.0f ns\n", what, at(0.5), at(0.99), at(0));
    }

  private:
    std::vector<double> times_;
};

Instant expiry(int e) {
    return {today.nanoseconds + 14 * e * nanoseconds_per_day};
}

Snapshot market() {
    std::vector<Smile> smiles;
    std::vector<Instant> pillars;
    std::vector<double> forwards;
    for (int e = 1; e <= expiries; ++e) {
        smiles.push_back(Smile(expiry(e), {40000, 70000, 120000}, {0.7, 0.55, 0.6}));
        pillars.push_back(expiry(e));
        forwards.push_back(70000 * std::exp(0.04 * e * 14 / 365.0));
    }
    return Snapshot(
        today, {UnderlyingMarket("BTC", "USD", ForwardCurve(today, 70000, pillars, forwards), {},
                                 smiles)});
}

std::vector<Instrument> instruments() {
    std::vector<Instrument> all;
    for (int e = 1; e <= expiries; ++e)
        for (int k = 0; k < strikes; ++k)
            for (const Right right : {Right::call, Right::put}) {
                const Option option(Terms::inverse("BTC", "USD"), expiry(e), 35000.0 + 400 * k,
                                    right);
                all.push_back({symbol(option), option, 0.1});
            }
    return all;
}

Inventory make_inventory() {
    InventorySetup setup;
    setup.labels = {"account", "venue", "strategy"};
    setup.dimensions = {{{}},
                        {{"underlying"}},
                        {{"underlying", "expiry"}},
                        {{"underlying", "tenor"}},
                        {{"account"}},
                        {{"venue"}},
                        {{"strategy"}},
                        {{"strategy", "underlying"}}};
    Inventory inventory(setup, instruments(), market());
    for (std::uint32_t d = 0; d < 8; ++d)
        for (const NodeMeasure m : {NodeMeasure::delta, NodeMeasure::gamma, NodeMeasure::vega,
                                    NodeMeasure::theta, NodeMeasure::gross})
            inventory.set_limit({d, {}, m, Bounds::symmetric(1e12, 2e12), 0});
    return inventory;
}

std::vector<Fill> make_fills(Inventory& inventory, std::size_t count, std::size_t positions) {
    std::mt19937_64 random(7);
    std::vector<std::uint32_t> owners;
    for (int a = 0; a < 10; ++a) {
        const std::vector<std::string> labels{"account " + std::to_string(a % 3),
                                              "venue " + std::to_string(a % 2),
                                              "strategy " + std::to_string(a)};
        owners.push_back(inventory.owner(labels));
    }
    const std::size_t options = inventory.ledger().instruments().size();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> held(positions);
    for (auto& [owner, instrument] : held) {
        owner = owners[random() % owners.size()];
        instrument = static_cast<std::uint32_t>(random() % options);
    }
    std::vector<Fill> fills(count);
    for (std::size_t i = 0; i < count; ++i) {
        Fill& fill = fills[i];
        const auto [owner, instrument] = held[random() % positions];
        fill.id = event_id("venue", std::to_string(i));
        fill.time = today;
        fill.owner = owner;
        fill.instrument = instrument;
        fill.lots = static_cast<std::int64_t>(random() % 11) - 5;
        if (fill.lots == 0) fill.lots = 6;
        fill.price = 0.0005 * static_cast<double>(1 + random() % 100);
        fill.fee = 0.0003;
    }
    return fills;
}

void run(std::size_t count, std::size_t positions) {
    Inventory inventory = make_inventory();
    inventory.reserve(count, positions);
    const std::vector<Fill> fills = make_fills(inventory, count, positions);
    std::printf("\n%zu positions, %zu fills\n", positions, count);

    Latencies fill;
    for (std::size_t i = 0; i < count / 2; ++i)
        inventory.fill(fills[i]);  // all positions are there
    const auto begin = Clock::now();
    for (std::size_t i = count / 2; i < count; ++i) {
        const Fill event = fills[i];  // as it comes from its decoder: in the first cache
        fill.time([&] { inventory.fill(event); });
    }
    const double whole = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    fill.print("fill");
    std::printf("%-52s %13.0f ns\n", "fill, sustained, with the clock reads",
                whole / static_cast<double>(count - count / 2));

    Latencies tick;
    for (int i = 0; i < 300; ++i)
        tick.time([&] { inventory.move("BTC", 70000 + 10 * (i % 50), today); });
    tick.print("tick of 10,000 options");

    Latencies check, place, cancel;
    Order order;
    for (std::size_t i = 0; i < 2000; ++i) {
        const Fill& like = fills[i];
        const std::string id = std::to_string(i);
        order = {event_id("order", id), like.owner, like.instrument, like.lots, like.price};
        const EventId end = event_id("cancel", id);
        check.time([&] { static_cast<void>(inventory.check(order)); });
        place.time([&] { inventory.place(order, today); });
        cancel.time([&] { inventory.cancel(end, order.id, today); });
    }
    check.print("order checked before it is placed");
    place.print("order placed");
    cancel.print("order cancelled");

    Latencies read;
    double sum = 0;
    for (std::uint32_t i = 0; i < 100'000; ++i)
        read.time([&] { sum += inventory.read(i % 20)[NodeMeasure::vega]; });
    read.print("node read");
    std::printf("nodes %zu, positions %zu, sum %g\n", inventory.nodes(),
                inventory.ledger().positions().size(), sum);
}

}  // namespace

int main(int count, char** arguments) {
    const std::size_t fills = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 2'000'000;
    for (const std::size_t positions : {1'000, 10'000, 100'000}) run(fills, positions);
}
