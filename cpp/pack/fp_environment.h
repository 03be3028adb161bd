// The floating-point environment of one thread: kernels run with rounding to nearest, subnormal
// numbers and no trap whatever the caller has set, and leave the caller's settings and flags as
// they were.
#pragma once

#include <xmmintrin.h>

namespace nonlin {

class DefaultEnvironment {
public:
    DefaultEnvironment() noexcept : saved_(_mm_getcsr()) { _mm_setcsr(0x1F80); }
    ~DefaultEnvironment() { _mm_setcsr(saved_); }
    DefaultEnvironment(const DefaultEnvironment&) = delete;
    DefaultEnvironment& operator=(const DefaultEnvironment&) = delete;

private:
    unsigned saved_;
};

}  // namespace nonlin
