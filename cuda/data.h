// Numbers in memory, and the numbers that are computed with: float for halves and float32 data.
#pragma once

#include <cuda_runtime.h>
#include <nonlin/dtype.h>
#include <nonlin/half.h>

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace nonlin::cuda {

template <class Item>
struct computed {
    using type = Item;
};
template <>
struct computed<unsigned short> {
    using type = float;
};
template <class Item>
using Real = typename computed<Item>::type;

// The conversions of nonlin/half.h. The device's own round in the same way, subnormals included.
NONLIN_FN float from_half(unsigned short half, Dtype dtype) {
#ifdef __CUDA_ARCH__
    return dtype == Dtype::float16 ? __half2float(__ushort_as_half(half))
                                   : __bfloat162float(__ushort_as_bfloat16(half));
#else
    return dtype == Dtype::float16 ? float_from_half(half) : float_from_bfloat16(half);
#endif
}
NONLIN_FN unsigned short to_half(float value, Dtype dtype) {
#ifdef __CUDA_ARCH__
    return dtype == Dtype::float16 ? __half_as_ushort(__float2half_rn(value))
                                   : __bfloat16_as_ushort(__float2bfloat16_rn(value));
#else
    return dtype == Dtype::float16 ? half_from_float(value) : bfloat16_from_float(value);
#endif
}

// An Item's number and back; dtype tells the halves apart.
template <class Item>
NONLIN_FN Real<Item> number(Item item, Dtype dtype) {
    if constexpr (sizeof(Item) == 2) {
        return from_half(item, dtype);
    } else {
        return item;
    }
}
template <class Item>
NONLIN_FN Item item(Real<Item> number, Dtype dtype) {
    if constexpr (sizeof(Item) == 2) {
        return to_half(number, dtype);
    } else {
        return number;
    }
}

// The same, where the size of an item is known to the call alone.
template <class Number>
NONLIN_FN Number load(const char* at, Dtype dtype) {
    if constexpr (sizeof(Number) == 8) {
        return *reinterpret_cast<const double*>(at);
    } else {
        if (dtype == Dtype::float32) return *reinterpret_cast<const float*>(at);
        return from_half(*reinterpret_cast<const unsigned short*>(at), dtype);
    }
}
template <class Number>
NONLIN_FN void store(Number number, char* at, Dtype dtype) {
    if constexpr (sizeof(Number) == 8) {
        *reinterpret_cast<double*>(at) = number;
    } else if (dtype == Dtype::float32) {
        *reinterpret_cast<float*>(at) = number;
    } else {
        *reinterpret_cast<unsigned short*>(at) = to_half(number, dtype);
    }
}

// A parameter, of any dtype.
NONLIN_FN double load_parameter(const char* at, Dtype dtype) {
    return dtype == Dtype::float64 ? load<double>(at, dtype) : load<float>(at, dtype);
}

NONLIN_FN constexpr std::size_t item_size(Dtype dtype) {
    return dtype == Dtype::float64 ? 8 : dtype == Dtype::float32 ? 4 : 2;
}

// The dynamic shared memory of a block.
#ifdef __CUDACC__
__device__ __forceinline__ char* shared_memory() {
    extern __shared__ __align__(16) char memory[];
    return memory;
}
#else
char* shared_memory();  // of what stands in for a device
#endif

}  // namespace nonlin::cuda
