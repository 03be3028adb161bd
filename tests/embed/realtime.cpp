// What an audio thread may rely on: calls below the threshold of threading, and larger ones of
// contiguous data where threads are turned off, neither allocate nor lock, and need little of its
// stack. With an argument the calls come between two system calls of getppid, for strace to show
// that there is no other.
#include <nonlin/core.h>
#include <nonlin/map.h>
#include <nonlin/nonlin.h>

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>

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
void* memalign(std::size_t alignment, std::size_t n) {
    allocations += watching;
    return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) { return memalign(alignment, n); }
int posix_memalign(void** at, std::size_t alignment, std::size_t n) {
    *at = memalign(alignment, n);
    return *at == nullptr;
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

using nonlin::Direction;
using nonlin::Dtype;
using nonlin::RowOperand;

constexpr std::size_t most = 32768, large = 40000, lengths[] = {1, 64, 441, 1000, most};

// A call as its declaration says: it throws nothing.
#define CALL(...)                                                                                  \
    static_assert(noexcept(__VA_ARGS__));                                                          \
    __VA_ARGS__

std::uint16_t of_16_bits[large];
float of_float[large];
double of_double[large];
bool kept[large];
std::int64_t ids[large];
alignas(double) char first_output[large * sizeof(double)], second_output[large * sizeof(double)];

// Moderate numbers or, odd, some that are none, or too large or small. 16 bits: any.
template <class T>
void fill(T* x, bool odd) {
    using Limits = std::numeric_limits<T>;
    constexpr T nan = Limits::quiet_NaN(), infinity = Limits::infinity(), largest = Limits::max(),
                subnormal = Limits::denorm_min() * 1000, zero = 0;
    constexpr T special[] = {nan,        infinity, -infinity, subnormal,
                             -subnormal, largest,  -largest,  -zero};
    for (std::size_t i = 0; i < large; ++i) {
        x[i] = odd && i % 5 == 0 ? special[i / 5 % 8] : static_cast<T>(i % 200) / 10 - 10;
    }
}
void fill(bool odd) {
    fill(of_float, odd);
    fill(of_double, odd);
    for (std::size_t i = 0; i < large; ++i) {
        of_16_bits[i] = static_cast<std::uint16_t>(odd ? i : 0x3C00 + i % 256);
        kept[i] = i % 4 != 0;
        ids[i] = static_cast<std::int64_t>(i % 3) - 1;
    }
}

std::ptrdiff_t size_of(Dtype dtype) {
    return dtype == Dtype::float64 ? 8 : dtype == Dtype::float32 ? 4 : 2;
}
void* input(Dtype dtype) {
    if (dtype == Dtype::float64) return of_double;
    if (dtype == Dtype::float32) return of_float;
    return of_16_bits;
}

// The operands of one call, in their order; the elements of an array follow one another, or the
// last comes first.
struct Operands {
    Dtype dtype;
    std::size_t n;
    bool backwards;
    RowOperand list[8] = {};
    int count = 0;

    void add(void* at) {
        const std::ptrdiff_t size = size_of(dtype), last = static_cast<std::ptrdiff_t>(n) - 1;
        char* const first = static_cast<char*>(at);
        list[count++] =
            backwards ? RowOperand{first + last * size, 0, -size} : RowOperand{first, 0, size};
    }
    void add_inputs(int inputs) {
        for (int k = 0; k < inputs; ++k) add(input(dtype));
    }
    void add_outputs(int outputs) {
        add(first_output);
        if (outputs == 2) add(second_output);
    }
    void add_defaults(const nonlin::Parameters& parameters) {
        for (int k = 0; k < parameters.count; ++k) {
            const void* const number = &parameters.list[k].fallback;
            list[count++] = {static_cast<char*>(const_cast<void*>(number)), 0, 0};
        }
    }
};

Operands activation_operands(std::size_t number, Direction direction, bool biased,
                             Operands operands) {
    operands.add_inputs((direction == Direction::backward ? 2 : 1) + biased);
    operands.add_defaults(*nonlin::activations().first[number].parameters);
    operands.add_outputs(direction == Direction::value_and_derivative ? 2 : 1);
    return operands;
}

void activation(std::size_t number, Direction direction, const Operands& none) {
    const Operands operands = activation_operands(number, direction, false, none);
    char* args[8];
    std::ptrdiff_t steps[8];
    for (int k = 0; k < operands.count; ++k) {
        args[k] = operands.list[k].at;
        steps[k] = operands.list[k].core;
    }
    CALL(nonlin::run(number, direction, operands.dtype, args, steps, operands.n));
}

void biased(std::size_t number, Direction direction, const Operands& none) {
    const Operands operands = activation_operands(number, direction, true, none);
    CALL(nonlin::run_biased(number, direction, operands.dtype, operands.list, operands.n, 1));
}

void gated_unit(std::size_t number, bool gradient, Operands operands) {
    operands.add_inputs(gradient ? 3 : 2);
    operands.add_outputs(gradient ? 2 : 1);
    CALL(nonlin::run_gated(number, gradient, operands.dtype, operands.list, operands.n, 1));
}

void call_tables(const Operands& none) {
    for (std::size_t k = 0; k < nonlin::activations().count; ++k) {
        for (int way = 0; way < nonlin::direction_count; ++way) {
            activation(k, static_cast<Direction>(way), none);
        }
    }
    for (std::size_t k = 0; k < nonlin::gated_units().count; ++k) {
        for (const bool gradient : {false, true}) gated_unit(k, gradient, none);
    }
}

// Some of the functions by the names that users call them by.
template <class T>
void call_by_name(const T* x, std::size_t n) {
    T* const y = reinterpret_cast<T*>(first_output);
    T* const z = reinterpret_cast<T*>(second_output);
    CALL(nonlin::gelu(x, y, n));
    CALL(nonlin::gelu_backward(x, x, y, n));
    CALL(nonlin::gelu_value_and_derivative(x, y, z, n));
    CALL(nonlin::elu(x, y, n, 0.5));
    CALL(nonlin::swiglu(x, x, y, n));
    CALL(nonlin::map(Wave{2}, x, y, n));
}

void call_arrays(std::size_t n) {
    for (const Dtype dtype : {Dtype::float32, Dtype::float64}) call_tables({dtype, n, false});
    call_by_name(of_float, n);
    call_by_name(of_double, n);
}

// Elementwise calls that copy: into float32, or to where elements follow one another.
void call_in_blocks(std::size_t n) {
    for (const Dtype dtype : {Dtype::float16, Dtype::bfloat16}) call_tables({dtype, n, false});
    for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
        call_tables({dtype, n, true});
        for (std::size_t k = 0; k < nonlin::activations().count; ++k) {
            biased(k, Direction::value, {dtype, n, false});
            biased(k, Direction::backward, {dtype, n, false});
        }
    }
}

// Rows one after another, or in columns.
struct Rows {
    Dtype dtype;
    std::size_t rows, length;
    bool columns;
};

// An operand of the kind that nonlin/rowwise.h has a letter for.
RowOperand operand(char kind, void* data, const Rows& r) {
    static double one = 1;
    const auto rows = static_cast<std::ptrdiff_t>(r.rows),
               length = static_cast<std::ptrdiff_t>(r.length);
    const auto matrix = [&](void* at, std::ptrdiff_t size) {
        char* const first = static_cast<char*>(at);
        return r.columns ? RowOperand{first, size, rows * size}
                         : RowOperand{first, length * size, size};
    };
    switch (kind) {
    case 'x':
        return matrix(data, size_of(r.dtype));
    case 'v':
        return matrix(of_double, 8);
    case 'b':
        return matrix(kept, 1);
    case 's':
        return {static_cast<char*>(data), size_of(r.dtype), 0};
    case 'k':
        return {reinterpret_cast<char*>(ids), 8, 0};
    default:
        return {reinterpret_cast<char*>(&one), 0, 0};
    }
}

void row_function(std::size_t number, const Rows& r) {
    const nonlin::Operands& kinds = *nonlin::row_functions().first[number].operands;
    RowOperand operands[8];
    int next = 0;
    for (const char* kind = kinds.inputs; *kind != '\0'; ++kind) {
        operands[next++] = operand(*kind, input(r.dtype), r);
    }
    char* output = first_output;
    for (const char* kind = kinds.outputs; *kind != '\0'; ++kind) {
        operands[next++] = operand(*kind, output, r);
        output = second_output;
    }
    CALL(nonlin::run_rows(number, r.dtype, operands, r.length, r.rows));
}

void call_row_functions(std::size_t n, bool columns) {
    for (std::size_t k = 0; k < nonlin::row_functions().count; ++k) {
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            for (const std::size_t length : {n, (n + 1) / 2, std::size_t{64}, std::size_t{5}}) {
                row_function(k, {dtype, n / length, length, columns});
            }
        }
    }
}

void call_rows(std::size_t n) {
    call_row_functions(n, false);
    CALL(nonlin::softmax(of_float, reinterpret_cast<float*>(first_output), 1, n));
    CALL(nonlin::softmax(of_double, reinterpret_cast<double*>(first_output), 1, n));
}

void call_columns(std::size_t n) { call_row_functions(n, true); }

// The thread's stack. Where a call has not been, it keeps its colour.
constexpr unsigned char colour = 0xA5;
alignas(4096) unsigned char stack[1 << 19];

// How many bytes of it a call needs.
std::size_t stack_of(void (*volatile call)(std::size_t), std::size_t n) {
    constexpr std::ptrdiff_t own = 1024;  // of the functions here, which go on
    unsigned char* const here = static_cast<unsigned char*>(__builtin_frame_address(0));
    std::memset(stack, colour, static_cast<std::size_t>(here - stack - own));
    call(n);
    const unsigned char* deepest = stack;
    while (*deepest == colour) ++deepest;
    return static_cast<std::size_t>(here - deepest);
}

void call_all(std::size_t n) {
    for (const char* const* isa = nonlin::available_isas(); *isa != nullptr; ++isa) {
        if (n >= most && std::strcmp(*isa, "scalar") == 0) continue;  // takes seconds
        CHECK(nonlin::set_isa(*isa));
        for (const bool odd : {false, true}) {
            fill(odd);
            // As docs/native.md has it.
            CHECK(stack_of(call_arrays, n) <= 12 << 10);
            CHECK(stack_of(call_in_blocks, n) <= 40 << 10);
            CHECK(stack_of(call_rows, n) <= 96 << 10);
            // More than that in columns is put together in memory of its own.
            if (n <= most) CHECK(stack_of(call_columns, n) <= 192 << 10);
        }
    }
}

void* audio_thread(void* marked) {
    watching = true;
    if (marked != nullptr) syscall(SYS_getppid);
    for (const std::size_t n : lengths) call_all(n);
    nonlin_set_num_threads(1);
    call_all(large);
    if (marked != nullptr) syscall(SYS_getppid);
    watching = false;
    return nullptr;
}

// The hooks are there.
void test_hooks() {
    std::mutex mutex;
    mutex.lock();  // once before, to look the real one up
    mutex.unlock();
    watching = true;
    mutex.lock();
    void* volatile at = std::malloc(8);
    std::free(at);
    at = memalign(64, 64);
    std::free(at);
    void* aligned = nullptr;
    CHECK(posix_memalign(&aligned, 64, 64) == 0);
    std::free(aligned);
    ::operator delete(::operator new(8));
    watching = false;
    mutex.unlock();
    CHECK(allocations == 8 && locks == 1);
    allocations = locks = 0;
}

}  // namespace

int main(int count, char** given) {
    test_hooks();
    CHECK(nonlin_isa() != nullptr);  // looks at the CPU
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstack(&attributes, stack, sizeof stack) == 0);
    CHECK(pthread_create(&thread, &attributes, audio_thread, count > 1 ? given[1] : nullptr) == 0);
    CHECK(pthread_join(thread, nullptr) == 0);
    CHECK(allocations == 0);
    CHECK(locks == 0);
}
