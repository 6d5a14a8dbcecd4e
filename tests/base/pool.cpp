// A pool's promises that no caller from Python could tell apart: who runs which chunk. Prints what
// is broken; a deadlock is for the caller's clock.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <future>
#include <hedgerow/base/pool.hpp>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

using hedgerow::ThreadPool;

namespace {

int failures = 0;

void require(bool kept, const char* promise) {
    if (kept) return;
    std::printf("%s\n", promise);
    ++failures;
}

/// The threads that run the chunks of one call.
std::set<std::thread::id> workers(ThreadPool& pool, std::size_t chunks) {
    std::mutex mutex;
    std::set<std::thread::id> seen;
    pool.run(chunks, [&](std::size_t) {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    });
    return seen;
}

void each_chunk_runs_once() {
    ThreadPool pool(4);
    std::vector<std::atomic<int>> runs(1'000);
    for (int call = 0; call < 50; ++call)
        pool.run(runs.size(), [&](std::size_t chunk) { ++runs[chunk]; });
    for (const auto& count : runs) require(count == 50, "each chunk runs once");
}

void threads_take_part() {
    ThreadPool pool(3);
    std::atomic<int> inside{0};
    pool.run(3, [&](std::size_t) {  // ends only if three threads are inside at once
        ++inside;
        while (inside < 3) std::this_thread::yield();
    });
    require(inside == 3, "threads take part");
}

void a_call_during_another_is_its_callers_alone() {
    ThreadPool pool(3);
    std::promise<void> begun;
    std::promise<void> second_done;
    std::thread first([&] {
        std::once_flag once;
        auto done = second_done.get_future().share();
        pool.run(8, [&](std::size_t) {
            std::call_once(once, [&] { begun.set_value(); });
            done.wait();  // the first call can't end before the second has
        });
    });
    begun.get_future().wait();
    const auto seen = workers(pool, 100);
    require(seen == std::set{std::this_thread::get_id()}, "a second call is its caller's alone");
    second_done.set_value();
    first.join();
}

void a_call_from_inside_is_serial() {
    ThreadPool pool(3);
    std::atomic<int> strangers{0};
    pool.run(6, [&](std::size_t) {
        if (workers(pool, 10) != std::set{std::this_thread::get_id()}) ++strangers;
    });
    require(strangers == 0, "a call from inside a chunk is serial");
}

void a_forked_child_computes_alone() {
    ThreadPool pool(3);
    workers(pool, 100);
    const pid_t child = fork();
    if (child == 0) _exit(workers(pool, 100) == std::set{std::this_thread::get_id()} ? 0 : 1);
    int status = 1;
    waitpid(child, &status, 0);
    require(status == 0, "a forked child's copy runs serially");
}

}  // namespace

int main() {
    each_chunk_runs_once();
    threads_take_part();
    a_call_during_another_is_its_callers_alone();
    a_call_from_inside_is_serial();
    a_forked_child_computes_alone();
    return failures;
}
