// Latencies of the live inventory: fills, ticks, reads. Prints medians and 99th percentiles.
//
//     cmake -S benchmarks/cpp -B build/bench -DCMAKE_BUILD_TYPE=Release && cmake --build
//     build/bench build/bench/inventory
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <hedgerow/hedgerow.hpp>
#include <random>
#include <string>
#include <vector>

using namespace hedgerow;

namespace {

using Clock = std::chrono::steady_clock;

double nanoseconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::nano>(to - from).count();
}

void print(const char* what, std::vector<double>& times, double per = 1) {
    std::ranges::sort(times);
    const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))] / per;
    };
    std::printf("%-44s p50 %10.1f  p99 %10.1f  least %10.1f ns\n", what, at(0.5), at(0.99), at(0));
}

constexpr Instant today{1'773'820'800 * nanoseconds_per_second};  // 2026-03-18T08:00:00Z
constexpr int expiries = 20, strikes = 250;

Snapshot market() {
    std::vector<Smile> smiles;
    std::vector<Instant> pillars;
    std::vector<double> forwards;
    for (int e = 1; e <= expiries; ++e) {
        const Instant expiry{today.nanoseconds + 14 * e * nanoseconds_per_day};
        smiles.push_back(Smile(expiry, {40000, 70000, 120000}, {0.7, 0.55, 0.6}));
        pillars.push_back(expiry);
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
                const Option option(Terms::inverse("BTC", "USD"),
                                    {today.nanoseconds + 14 * e * nanoseconds_per_day},
                                    35000.0 + 400 * k, right);
                all.push_back({symbol(option), option, 0.1});
            }
    return all;
}

}  // namespace

int main() {
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
    const std::size_t options = expiries * strikes * 2;
    std::vector<std::uint32_t> owners;
    for (int a = 0; a < 10; ++a) {
        const std::vector<std::string> labels{"account " + std::to_string(a % 3),
                                              "venue " + std::to_string(a % 2),
                                              "strategy " + std::to_string(a)};
        owners.push_back(inventory.owner(labels));
    }
    for (std::uint32_t d = 0; d < 8; ++d)
        for (const NodeMeasure m : {NodeMeasure::delta, NodeMeasure::gamma, NodeMeasure::vega,
                                    NodeMeasure::theta, NodeMeasure::gross})
            inventory.set_limit({d, {}, m, Bounds::symmetric(1e12, 2e12), 0});

    constexpr int fills = 2'000'000, positions = 100'000;
    inventory.reserve(2 * fills, positions);
    std::mt19937_64 random(7);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> held(positions);
    for (auto& [owner, instrument] : held) {
        owner = owners[random() % owners.size()];
        instrument = static_cast<std::uint32_t>(random() % options);
    }
    std::vector<Fill> events(fills);
    for (int i = 0; i < fills; ++i) {
        Fill& fill = events[static_cast<std::size_t>(i)];
        const auto [owner, instrument] = held[random() % positions];
        fill.id = event_id("venue", std::to_string(i));
        fill.time = {today.nanoseconds + i};
        fill.owner = owner;
        fill.instrument = instrument;
        fill.lots = static_cast<std::int64_t>(random() % 11) - 5;
        if (fill.lots == 0) fill.lots = 6;
        fill.price = 0.0005 * static_cast<double>(1 + random() % 100);
        fill.fee = 0.0003;
    }
    std::vector<double> times;
    constexpr int first = 1'000'000;  // until all positions are there
    for (int i = 0; i < first; ++i) inventory.fill(events[static_cast<std::size_t>(i)]);
    const auto begin = Clock::now();
    for (int i = first; i < fills; ++i) {
        const auto from = Clock::now();
        inventory.fill(events[static_cast<std::size_t>(i)]);
        times.push_back(nanoseconds(from, Clock::now()));
    }
    const double whole = nanoseconds(begin, Clock::now()) / (fills - first);
    print("fill, 8 dimensions, 100,000 positions", times);
    std::printf("%-44s %14.1f ns\n", "the same, sustained (with two clock reads)", whole);

    times.clear();
    for (int i = 0; i < 300; ++i) {
        const auto from = Clock::now();
        inventory.move("BTC", 70000 + 10 * (i % 50), {today.nanoseconds + fills + i});
        times.push_back(nanoseconds(from, Clock::now()));
    }
    print("tick, 10,000 options in 100,000 positions", times);

    times.clear();
    double sum = 0;
    for (int i = 0; i < 100'000; ++i) {
        const auto from = Clock::now();
        sum += inventory.read(static_cast<std::uint32_t>(i) % 20)[NodeMeasure::vega];
        times.push_back(nanoseconds(from, Clock::now()));
    }
    print("read of a node", times);
    std::printf("nodes %zu, positions %zu, check %g\n", inventory.nodes(),
                inventory.ledger().positions().size(), sum);
}
