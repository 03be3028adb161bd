// run() never allocates: not in its first call, not for any layout, and for large arrays only when
// the pool starts its threads. Nor does run_rows() for up to 32768 elements.
#include <cstdlib>
#include <new>

#include "check.h"
#include "row_calls.h"

using namespace calls;

namespace {

std::atomic<bool> watched{false};
std::atomic<long> allocations{0};

[[maybe_unused]] void note() {
    if (watched) ++allocations;
}

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In place of the C library's, which operator new uses too.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) { return note(), __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return note(), __libc_calloc(count, size); }
void* realloc(void* at, std::size_t size) { return note(), __libc_realloc(at, size); }
void* aligned_alloc(std::size_t to, std::size_t n) { return note(), __libc_memalign(to, n); }
}
#endif

namespace {

template <class Work>
void expect_none(const char* what, Work work) {
    allocations = 0;
    watched = true;
    work();
    watched = false;
    CHECK(allocations == 0, "%ld allocations in %s", allocations.load(), what);
}

void call(const Function& f, std::ptrdiff_t step, std::size_t n) {
    static char grad_output[1 << 20], x[1 << 20], out[2][1 << 20];
    double one = 1;
    const Array parameters[] = {{&one, 0}, {&one, 0}, {&one, 0}};
    const Array outs[] = {{out[0], step}, {out[1], step}};
    f({grad_output, step}, {x, step}, parameters, outs, n);
}

}  // namespace

int main() {
    if (check::sanitized) return check::skipped;  // they allocate for themselves
    allocations = 0;
    watched = true;
    std::free(std::malloc(1));
    watched = false;
    CHECK(allocations == 1, "the count does not work");

    const Function some{3, Direction::value, Dtype::float32};
    expect_none("the first call", [&] { call(some, 4, 100); });
    expect_none("small calls", [] {
        for_each_isa([](const char*) {
            for_each_function([](const Function& f) {
                call(f, size_of(f.dtype), 1000);
                call(f, 3 * size_of(f.dtype), 300);
            });
        });
    });
    for (std::size_t f = 0; f < nonlin::row_functions().count; ++f) {
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            for (const std::size_t length : {10, 1000, 16000}) {
                RowCall rows(f, dtype, length, length == 1000 ? 32 : 2);
                for (const Layout layout : layouts) {
                    const nonlin::RowOperand* const operands = rows.prepare(layout, false, 1);
                    expect_none("small calls of rows", [&] { rows.run(operands); });
                }
            }
        }
    }
    nonlin::set_num_threads(3);
    const std::size_t large = (1 << 20) / 4;
    call(some, 4, large);
    expect_none("large calls", [&] {
        for (int k = 0; k < 20; ++k) call(some, 4, large);
    });
    return check::result();
}
