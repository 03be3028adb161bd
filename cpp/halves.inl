// Half precision to float32 and back, for the pack that the including file has named. Plain loops,
// of which the compiler makes vectors; but a pack may have instructions for float16.

#include <nonlin/half.h>
#include <nonlin/traits.h>

#include "kernel_table.h"

namespace nonlin {
namespace NONLIN_ISA {
namespace {

template <float (*converted)(unsigned short)>
void widen(const char* __restrict from, float* __restrict to, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        unsigned short half;
        __builtin_memcpy(&half, from + i * sizeof half, sizeof half);
        to[i] = converted(half);
    }
}

template <unsigned short (*converted)(float)>
void narrow(const float* __restrict from, char* __restrict to, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        const unsigned short half = converted(from[i]);
        __builtin_memcpy(to + i * sizeof half, &half, sizeof half);
    }
}

template <class V, class = void>
struct Float16 {
    static constexpr HalfKernels kernels = {widen<float_from_half>, narrow<half_from_float>};
};

template <class V>
struct Float16<V, when_valid<decltype(V::load_float16(nullptr))>> {
    static void widen_lanes(const char* from, float* to, size_t n) {
        size_t i = 0;
        for (; i + V::lanes <= n; i += V::lanes) V::load_float16(from + 2 * i).store(to + i);
        widen<float_from_half>(from + 2 * i, to + i, n - i);
    }
    static void narrow_lanes(const float* from, char* to, size_t n) {
        size_t i = 0;
        for (; i + V::lanes <= n; i += V::lanes) V::load(from + i).store_float16(to + 2 * i);
        narrow<half_from_float>(from + i, to + 2 * i, n - i);
    }
    static constexpr HalfKernels kernels = {widen_lanes, narrow_lanes};
};

constexpr HalfKernels halves[half_count] = {
    Float16<f32>::kernels,
    {widen<float_from_bfloat16>, narrow<bfloat16_from_float>},
};

}  // namespace
}  // namespace NONLIN_ISA
}  // namespace nonlin
