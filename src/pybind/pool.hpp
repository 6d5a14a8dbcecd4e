// The process's thread pool: the core keeps no state, so the Python module holds it.
#pragma once

#include <memory>

#include "hedgerow/base/pool.hpp"

/// The pool of this process, made at first use and made anew after a fork.
std::shared_ptr<hedgerow::ThreadPool> current_pool();

/// How many threads that pool has, or will have: what set_num_threads said, else the variables
/// HEDGEROW_NUM_THREADS or OMP_NUM_THREADS, else the processors that the process may run on.
int thread_count();
