// What an audio thread may rely on: calls below the threshold of threading neither allocate nor
// lock. With an argument the calls come between two system calls of getppid, for strace to show
// that there is no other.
#include <nonlin/core.h>
#include <nonlin/nonlin.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "check.h"

namespace {

bool watching = false;
long allocations = 0, locks = 0;

}  // namespace

// In the place of the C library's, which count, and call the real ones.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t n) {
    allocations += watching;
    return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
    allocations += watching;
    return __libc_calloc(n, size);
}
void* realloc(void* at, std::size_t n) {
    allocations += watching;
    return __libc_realloc(at, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
    allocations += watching;
    return __libc_memalign(alignment, n);
}
void free(void* at) {
    allocations += watching && at != nullptr;
    __libc_free(at);
}
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    using Lock = int (*)(pthread_mutex_t*);
    static const auto real = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    locks += watching;
    return real(mutex);
}
}

namespace {

constexpr std::size_t most = 32768;

// Every activation in every direction, every gated unit, and rows.
void call_all(float* x, float* y, float* z, std::size_t n) {
    static const double parameters[] = {1, 1, 1};
    const nonlin::Activations all = nonlin::activations();
    for (std::size_t f = 0; f < all.count; ++f) {
        for (int direction = 0; direction < nonlin::direction_count; ++direction) {
            const auto way = static_cast<nonlin::Direction>(direction);
            char* args[8];
            std::ptrdiff_t steps[8];
            int next = 0;
            const auto give = [&](const void* at, std::ptrdiff_t step) {
                args[next] = static_cast<char*>(const_cast<void*>(at));
                steps[next++] = step;
            };
            if (way == nonlin::Direction::backward) give(x, 4);
            give(x, 4);
            for (int k = 0; k < all.first[f].parameters->count; ++k) give(parameters + k, 0);
            give(y, 4);
            if (way == nonlin::Direction::value_and_derivative) give(z, 4);
            nonlin::run(f, way, nonlin::Dtype::float32, args, steps, n);
        }
    }
    nonlin::swiglu(x, x, y, n);
    nonlin::swiglu_backward(x, x, x, y, z, n);
    nonlin::softmax(x, y, 1, n);
    nonlin::softmax(x, y, n / 64, 64);
    nonlin::log_softmax(x, y, 1, n);
    nonlin::logsumexp(x, y, 1, n);
    nonlin::softmax_backward(x, y, z, n / 64, 64);
}

}  // namespace

int main(int count, char**) {
    std::vector<float> x(most), y(most), z(most);
    for (std::size_t i = 0; i < most; ++i) x[i] = static_cast<float>(i % 200) / 10 - 10;
    delete new int;  // the hooks are there
    watching = true;
    void* volatile probe = std::malloc(8);
    std::free(probe);
    CHECK(allocations == 2);
    allocations = 0;
    CHECK(nonlin_isa() != nullptr);
    for (const std::size_t n : {1, 64, 480, 4096}) call_all(x.data(), y.data(), z.data(), n);
    if (count > 1) syscall(SYS_getppid);
    for (const std::size_t n : {1, 64, 441, 512, 1000, 32768}) {
        call_all(x.data(), y.data(), z.data(), n);
    }
    if (count > 1) syscall(SYS_getppid);
    watching = false;
    CHECK(allocations == 0);
    CHECK(locks == 0);
}
