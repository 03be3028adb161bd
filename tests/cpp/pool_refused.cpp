// The pool where the system refuses threads: the caller does the work.
#include "parallel.h"

#include <cerrno>
#include <pthread.h>

#include <nonlin/core.h>

#include "check.h"

// In place of the C library's: a process that has reached its limit of threads.
extern "C" int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) {
    return EAGAIN;
}

int main() {
    nonlin::set_num_threads(8);
    for (int job = 0; job < 3; ++job) {
        int done[100] = {};  // one thread only, so no atomics
        nonlin::parallel(
            100, [](void* to, std::size_t piece) { ++static_cast<int*>(to)[piece]; }, done);
        for (int i = 0; i < 100; ++i) CHECK(done[i] == 1, "piece %d ran %d times", i, done[i]);
    }
    return check::result();
}
