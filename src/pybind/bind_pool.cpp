// The process's thread pool: how many threads it has, and the door through which hedgerow.kernels
// reaches it.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string_view>

#include "hedgerow/base/error.hpp"
#include "hedgerow/base/kernel.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

/// The positive number that an environment variable begins with ("4", or OpenMP's "4,2"), or 0.
int number_in(const char* variable) {
    const char* value = std::getenv(variable);
    const std::string_view text = value ? value : "";
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return std::max(number, 0);
}

/// What the environment asks for, read once. OMP_NUM_THREADS is what joblib and batch systems
/// set in workers that share a machine.
int number_wanted() {
    const int ours = number_in("HEDGEROW_NUM_THREADS");
    return ours ? ours : number_in("OMP_NUM_THREADS");
}

struct Threads {
    std::mutex mutex;
    std::shared_ptr<ThreadPool> pool;
    std::atomic<int> wanted = number_wanted();  // 0: as many as there are processors; read freely
    pid_t process = 0;
};

/// Never destroyed: threads may still use it when the interpreter ends. A fork waits until no
/// thread holds the mutex, which nobody in the child would ever release.
Threads& threads() {
    static auto* state = [] {
        static auto* made = new Threads;
        pthread_atfork([] { made->mutex.lock(); }, [] { made->mutex.unlock(); },
                       [] { made->mutex.unlock(); });
        return made;
    }();
    return *state;
}

void set_num_threads(int number) {
    if (number < 1) throw InvalidInput("number", std::to_string(number), "must be at least 1");
    const std::lock_guard lock(threads().mutex);
    threads().wanted = number;
    threads().pool.reset();
}

void run_shared(std::size_t chunks, ChunkBody body, void* context) noexcept {
    std::shared_ptr<ThreadPool> pool;
    try {
        pool = current_pool();
    } catch (const std::exception&) {
        // The system has no more threads: the caller computes all chunks, with the same result.
    }
    run_chunks(pool.get(), chunks, [=](std::size_t chunk) { body(context, chunk); });
}

}  // namespace

int thread_count() {
    const int wanted = threads().wanted;
    return wanted ? wanted : available_processors();
}

std::shared_ptr<ThreadPool> current_pool() {
    Threads& state = threads();
    const std::lock_guard lock(state.mutex);
    if (!state.pool || state.process != getpid()) {
        state.pool = std::make_shared<ThreadPool>(thread_count());
        state.process = getpid();
    }
    return state.pool;
}

void bind_pool(py::module_& m) {
    m.def("set_num_threads", &set_num_threads, py::arg("number"),
          "Sets how many threads whole books and long columns use; results do not depend on it.");
    m.def("get_num_threads", &thread_count, "How many threads whole books and long columns use.");
    // One process, one pool: a RunChunks for the module of numbers.
    m.attr("_run_chunks") =
        py::capsule(reinterpret_cast<void*>(&run_shared), "hedgerow._core._run_chunks");
}
