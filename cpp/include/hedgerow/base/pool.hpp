/// A small pool of threads for work that is cut into fixed chunks.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#include "hedgerow/base/export.hpp"

namespace hedgerow {

/// Runs numbered chunks on a fixed set of threads; the calling thread takes part and takes chunks
/// as fast as it can, so that a busy machine never makes it wait for a helper that has not begun.
///
/// What a chunk computes must depend on its number alone; then results are the same bits for any
/// number of threads. A call takes the threads when no other call runs; one that begins while
/// others run, or from inside a chunk, is run by its caller alone, so that many callers (the
/// workers of a scheduler, say) never add up to more threads than they are with one pool. After a
/// fork() the child's copy of a pool runs serially: make a new one.
class HEDGEROW_API ThreadPool {
  public:
    /// @param threads the number that work together, the caller included.
    /// @throws InvalidInput when it is below 1; std::system_error when the system has no more
    /// threads.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threads() const noexcept;

    /// Calls `body(chunk)` for every chunk in [0, chunks), each once, and returns when all are
    /// done. `body` must not throw.
    template <class Body>
    void run(std::size_t chunks, Body&& body) {
        run_erased(
            chunks,
            [](void* context, std::size_t chunk) noexcept {
                (*static_cast<std::remove_reference_t<Body>*>(context))(chunk);
            },
            const_cast<void*>(static_cast<const void*>(std::addressof(body))));
    }

  private:
    using Erased = void (*)(void* context, std::size_t chunk) noexcept;
    void run_erased(std::size_t chunks, Erased body, void* context);

    struct State;
    std::unique_ptr<State> state_;
};

/// The number of processors that this process may run on.
HEDGEROW_API int available_processors() noexcept;

/// `body(chunk)` for every chunk, on the pool or, without one, in the calling thread.
template <class Body>
void run_chunks(ThreadPool* pool, std::size_t chunks, Body&& body) {
    if (pool) {
        pool->run(chunks, body);
    } else {
        for (std::size_t chunk = 0; chunk < chunks; ++chunk) body(chunk);
    }
}

}  // namespace hedgerow
