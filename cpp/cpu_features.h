// What this CPU and its operating system let a program use.
#pragma once

namespace nonlin {

struct CpuFeatures {
    bool avx2_fma;  // AVX2, FMA, F16C, and ymm registers saved by the system
    bool avx512;    // AVX-512 F, DQ, BW, VL, and zmm registers saved by the system
};

CpuFeatures cpu_features() noexcept;

}  // namespace nonlin
