// The pool where the system refuses threads: the caller does the work. Where it refuses only the
// choice of CPUs and priority, there are helpers without.
#include "parallel.h"

#include <cerrno>
#include <dlfcn.h>
#include <pthread.h>

#include <nonlin/core.h>

#include "check.h"

namespace {

bool refuses_all = true;
int asked = 0, plain = 0;

}  // namespace

// In place of the C library's.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*body)(void*), void* context) {
    ++asked;
    if (refuses_all) return EAGAIN;  // a process that has reached its limit of threads
    if (attributes != nullptr) return EPERM;
    ++plain;
    const auto real =
        reinterpret_cast<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>(
            dlsym(RTLD_NEXT, "pthread_create"));
    return real(thread, attributes, body, context);
}

int main() {
    nonlin::set_num_threads(8);
    for (int job = 0; job < 3; ++job) {
        int done[100] = {};  // one thread only, so no atomics
        nonlin::parallel(
            100, [](void* to, std::size_t piece) { ++static_cast<int*>(to)[piece]; }, done);
        for (int i = 0; i < 100; ++i) CHECK(done[i] == 1, "piece %d ran %d times", i, done[i]);
    }
    CHECK(asked == 3, "asked for threads %d times", asked);

    refuses_all = false;
    std::atomic<int> done{0};
    nonlin::parallel(
        100, [](void* to, std::size_t) { ++*static_cast<std::atomic<int>*>(to); }, &done);
    CHECK(done == 100 && plain == 7, "%d pieces, %d helpers", done.load(), plain);
    return check::result();
}
