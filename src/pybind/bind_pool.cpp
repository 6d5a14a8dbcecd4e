// The number of threads that whole-book functions use.
#include <unistd.h>

#include <memory>
#include <mutex>

#include "hedgerow/base/error.hpp"
#include "module.hpp"
#include "pool.hpp"

using namespace hedgerow;

namespace {

struct Threads {
    std::mutex mutex;
    std::shared_ptr<ThreadPool> pool;
    int wanted = 0;  // 0: as many as there are processors
    pid_t process = 0;
};

/// Never destroyed: threads may still use it when the interpreter ends.
Threads& threads() {
    static auto* state = new Threads;
    return *state;
}

void set_num_threads(int number) {
    if (number < 1) throw InvalidInput("number", std::to_string(number), "must be at least 1");
    const std::lock_guard lock(threads().mutex);
    threads().wanted = number;
    threads().pool.reset();
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
          "Sets how many threads whole-book functions use; results do not depend on it.");
    m.def("get_num_threads", &thread_count, "How many threads whole-book functions use.");
}
