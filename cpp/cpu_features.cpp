#include "cpu_features.h"

#include <cpuid.h>

namespace nonlin {
namespace {

// The register sets that the operating system saves on a context switch (XCR0).
unsigned saved_registers() {
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

constexpr unsigned ymm_state = 0x06;  // xmm, ymm
constexpr unsigned zmm_state = 0xE6;  // and the three parts of zmm and mask registers

bool all(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

}  // namespace

CpuFeatures cpu_features() noexcept {
    CpuFeatures found{};
    unsigned a, b, c, d;
    constexpr unsigned needed = bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !all(c, needed)) return found;
    const unsigned saved = saved_registers();
    if (!all(saved, ymm_state) || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    found.avx2_fma = all(b, bit_AVX2);
    found.avx512 = found.avx2_fma && all(saved, zmm_state) &&
                   all(b, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
    return found;
}

}  // namespace nonlin
