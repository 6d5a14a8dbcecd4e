#include "hedgerow/base/pool.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

/// threads that have joined the job and not left it, so that no job ends with a thread inside.
struct ThreadPool::State {
    std::atomic<int> calls{0};  // that run now; the one that found none has the threads
    std::mutex mutex;           // guards what follows
    std::condition_variable wake, idle;
    std::size_t job = 0;
    std::size_t chunks = 0;
    Erased body = nullptr;
    void* context = nullptr;
    int helpers = 0;
    bool stop = false;

    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    pid_t process = getpid();

    void work() noexcept {
        for (std::size_t chunk; (chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks;)
            body(context, chunk);
    }

    void help() {
        std::size_t seen = 0;
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [&] { return stop || job != seen; });
            if (stop) return;
            seen = job;
            if (next.load(std::memory_order_relaxed) >= chunks) continue;  // came too late
            ++helpers;
            lock.unlock();
            work();
            lock.lock();
            if (--helpers == 0) idle.notify_one();
        }
    }

    void end() {
        {
            const std::lock_guard lock(mutex);
            stop = true;
        }
        wake.notify_all();
        for (std::thread& thread : threads) thread.join();
    }
};

namespace {

/// Whether this thread is running a chunk of some pool.
thread_local bool inside_chunk = false;

/// Counts a call for as long as it runs.
struct OneMore {
    std::atomic<int>& calls;
    bool first;

    explicit OneMore(std::atomic<int>& calls)
        : calls(calls), first(calls.fetch_add(1, std::memory_order_acquire) == 0) {}
    ~OneMore() { calls.fetch_sub(1, std::memory_order_release); }
};

}  // namespace

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
    if (threads < 1) throw InvalidInput("threads", std::to_string(threads), "must be at least 1");
    try {
        for (int i = 1; i < threads; ++i)
            state_->threads.emplace_back([state = state_.get()] {
                inside_chunk = true;
                state->help();
            });
    } catch (...) {  // the system has no more threads: those that run must be joined
        state_->end();
        throw;
    }
}

ThreadPool::~ThreadPool() {
    // After a fork the threads live in the parent, whose mutexes they may hold, and their handles
    // may by now name threads of the child: leave all of it alone.
    if (state_->process != getpid())
        static_cast<void>(state_.release());
    else
        state_->end();
}

int ThreadPool::threads() const noexcept {
    return static_cast<int>(state_->threads.size()) + 1;
}

void ThreadPool::run_erased(std::size_t chunks, Erased body, void* context) {
    State& s = *state_;
    const auto alone = [&] {
        for (std::size_t chunk = 0; chunk < chunks; ++chunk) body(context, chunk);
    };
    if (chunks <= 1 || s.threads.empty() || inside_chunk || s.process != getpid()) return alone();
    const OneMore call(s.calls);
    if (!call.first) return alone();
    {
        const std::lock_guard lock(s.mutex);
        s.chunks = chunks;
        s.body = body;
        s.context = context;
        s.next.store(0, std::memory_order_relaxed);
        ++s.job;
    }
    s.wake.notify_all();
    inside_chunk = true;
    s.work();
    inside_chunk = false;
    std::unique_lock lock(s.mutex);
    s.idle.wait(lock, [&] { return s.helpers == 0; });
}

int available_processors() noexcept {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace hedgerow
