#include "fibers.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sys/mman.h>

namespace simulated {
namespace {

constexpr std::size_t stack_bytes = 128 * 1024;
constexpr std::size_t page = 4096;

// Never freed: contexts are used again.
char* new_stack() {
    void* memory = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) {
        std::perror("simulated CUDA: a thread's stack");
        std::abort();
    }
    return static_cast<char*>(memory);
}

// Stacks that all began at a multiple of a page would evict each other from the cache.
std::size_t usable_bytes() {
    static unsigned stacks = 0;
    return stack_bytes - ++stacks % 64 * 192;
}

}  // namespace

#if defined(__x86_64__)

// swapcontext enters the kernel for the signal mask; this saves what a call must preserve, but for
// the rounding mode, which no kernel changes.
extern "C" void simulated_switch_context(void** from, void* to);
asm(R"(
    .text
    .type simulated_switch_context, @function
simulated_switch_context:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size simulated_switch_context, . - simulated_switch_context
)");

void make_context(Context& context, void (*function)()) {
    // Six registers, the address to return to, and one that ends a debugger's way up the stack.
    auto* top = reinterpret_cast<std::uintptr_t*>(new_stack() + usable_bytes()) - 8;
    top[6] = reinterpret_cast<std::uintptr_t>(function);
    context.stack_pointer = top;
}

void switch_context(Context& from, Context& to) {
    simulated_switch_context(&from.stack_pointer, to.stack_pointer);
}

#else

void make_context(Context& context, void (*function)()) {
    getcontext(&context);
    context.uc_stack.ss_sp = new_stack();
    context.uc_stack.ss_size = usable_bytes();
    context.uc_link = nullptr;
    makecontext(&context, function, 0);
}

void switch_context(Context& from, Context& to) { swapcontext(&from, &to); }

#endif

}  // namespace simulated
