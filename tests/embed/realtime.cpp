// What an audio thread may rely on: calls below the threshold of threading neither allocate nor
// lock. With an argument the calls come between two system calls of getppid, for strace to show
// that there is no other.
#include <nonlin/core.h>
#include <nonlin/map.h>
#include <nonlin/nonlin.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "check.h"
#include "wave.h"

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

// Every activation in every direction, every gated unit, rows, and a functor of this program's.
template <class T>
void call_all(T* x, T* y, T* z, std::size_t n) {
    constexpr bool wide = sizeof(T) == 8;
    constexpr auto dtype = wide ? nonlin::Dtype::float64 : nonlin::Dtype::float32;
    constexpr std::ptrdiff_t size = sizeof(T);
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
            if (way == nonlin::Direction::backward) give(x, size);
            give(x, size);
            for (int k = 0; k < all.first[f].parameters->count; ++k) give(parameters + k, 0);
            give(y, size);
            if (way == nonlin::Direction::value_and_derivative) give(z, size);
            nonlin::run(f, way, dtype, args, steps, n);
        }
    }
    for (std::size_t unit = 0; unit < nonlin::gated_units().count; ++unit) {
        const auto operand = [&](T* at) {
            return nonlin::RowOperand{reinterpret_cast<char*>(at), 0, size};
        };
        const nonlin::RowOperand forward[] = {operand(x), operand(x), operand(y)};
        nonlin::run_gated(unit, false, dtype, forward, n, 1);
        const nonlin::RowOperand backward[] = {operand(x), operand(x), operand(x), operand(y),
                                               operand(z)};
        nonlin::run_gated(unit, true, dtype, backward, n, 1);
    }
    for (const std::size_t rows : {std::size_t{1}, n / 64}) {
        const std::size_t length = rows == 1 ? n : 64;
        nonlin::softmax(x, y, rows, length);
        nonlin::softmax_backward(x, y, z, rows, length);
        nonlin::log_softmax(x, y, rows, length);
        nonlin::log_softmax_backward(x, y, z, rows, length);
        nonlin::logsumexp(x, y, rows, length);
        nonlin::sparsemax(x, y, rows, length);
        nonlin::entmax15(x, y, rows, length);
        nonlin::hardmax(x, y, rows, length);
    }
    nonlin::map(Wave{2}, x, y, n);
}

}  // namespace

int main(int count, char**) {
    std::vector<float> x(most), y(most), z(most);
    std::vector<double> wide_x(most), wide_y(most), wide_z(most);
    for (std::size_t i = 0; i < most; ++i) {
        x[i] = static_cast<float>(i % 200) / 10 - 10;
        wide_x[i] = x[i];
    }
    delete new int;  // the hooks are there
    watching = true;
    void* volatile probe = std::malloc(8);
    std::free(probe);
    CHECK(allocations == 2);
    allocations = 0;
    CHECK(nonlin_isa() != nullptr);
    if (count > 1) syscall(SYS_getppid);
    for (const std::size_t n : {1, 64, 441, 512, 1000, 32768}) {
        call_all(x.data(), y.data(), z.data(), n);
        call_all(wide_x.data(), wide_y.data(), wide_z.data(), n);
    }
    if (count > 1) syscall(SYS_getppid);
    watching = false;
    CHECK(allocations == 0);
    CHECK(locks == 0);
}
