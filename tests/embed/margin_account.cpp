// What a margin account promises to a C++ program and no caller from Python could tell: changes and
// reads allocate nothing, and the same bits come from any number of threads. Prints what is broken.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <hedgerow/hedgerow.hpp>
#include <new>

namespace {

std::size_t allocations = 0;
int failures = 0;

void require(bool kept, const char* promise) {
    if (kept) return;
    std::printf("%s\n", promise);
    ++failures;
}

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

using namespace hedgerow;

constexpr Instant now{1'767'614'400'000'000'000};

Instant after(int days) {
    return Instant{now.nanoseconds + days * nanoseconds_per_day};
}

Snapshot market(double spot) {
    std::vector<Smile> smiles;
    for (const int days : {3, 30, 90})
        smiles.emplace_back(after(days), std::vector{50'000.0, 90'000.0, 150'000.0},
                            std::vector{0.7, 0.5, 0.6});
    return Snapshot(now, {UnderlyingMarket("BTC", "USD", ForwardCurve(now, spot), {}, smiles)});
}

std::shared_ptr<const ContractColumns> contracts() {
    const Terms terms = Terms::inverse("BTC", "USD");
    std::vector<Contract> all{Cash("BTC"), Perpetual(Terms::inverse("BTC", "USD", 10))};
    for (const int days : {3, 30, 90}) {
        all.push_back(Future(Terms::inverse("BTC", "USD", 10), after(days)));
        for (double strike = 50'000; strike < 150'000; strike += 2'500)
            for (const Right right : {Right::call, Right::put})
                all.push_back(Option(terms, after(days), strike, right));
    }
    return resolve(std::move(all));
}

/// Positions that no two instruments share.
void fill(MarginAccount& account) {
    for (std::size_t i = 0; i < account.instruments(); ++i)
        account.add(i, static_cast<double>(static_cast<int>(i * 37 % 23) - 11));
}

void changes_and_reads_allocate_nothing(const MarginRules& rules) {
    MarginAccount account(contracts(), market(90'000), rules);
    fill(account);
    const std::size_t before = allocations;
    double sum = 0;
    for (std::size_t i = 0; i < account.instruments(); ++i) {
        sum += account.marginal(i, 3.0).initial;
        account.add(i, -1.0);
        account.add(i, 1.0, -1e-4);
        sum += account.requirement().maintenance + account.requirement(0).initial;
        sum += account.pnl(0)[0] + account.unit_pnl(i)[0] + account.quantity()[i];
        sum +=
            static_cast<double>(account.status()[i]) + static_cast<double>(account.not_margined());
    }
    for (int tick = 0; tick < 20; ++tick) account.move(0, 90'000 + 10 * tick);
    require(allocations == before, "changes and reads allocate nothing");
    require(std::isfinite(sum) && account.requirement().initial > 0, "numbers are numbers");
}

void threads_change_no_bit(const MarginRules& rules) {
    MarginAccount one(contracts(), market(90'000), rules), many(contracts(), market(90'000), rules);
    fill(one);
    fill(many);
    ThreadPool pool(4);
    one.rescan(market(95'000));
    many.rescan(market(95'000), &pool);
    bool same = one.requirement() == many.requirement();
    for (std::size_t i = 0; i < one.instruments(); ++i)
        for (std::size_t j = 0; j < one.pnl(0).size(); ++j)
            same = same && one.unit_pnl(i)[j] == many.unit_pnl(i)[j];
    require(same, "threads change no bit");
}

}  // namespace

int main() {
    for (const MarginRules& rules :
         {margin_presets::derive(), margin_presets::deribit(), margin_presets::paradex()}) {
        changes_and_reads_allocate_nothing(rules);
        threads_change_no_bit(rules);
    }
    return failures != 0;
}
