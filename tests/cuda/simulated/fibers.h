// Stacks of their own for functions that wait for one another in one host thread.
#pragma once

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace simulated {

#if defined(__x86_64__)
struct Context {
    void* stack_pointer;
};
#else
using Context = ucontext_t;
#endif

// A context on a new stack, below which memory cannot be touched. The function must not return.
void make_context(Context& context, void (*function)());

// Goes on where the other context stopped, until something switches back.
void switch_context(Context& from, Context& to);

}  // namespace simulated
