// How every function of src/ is declared: callable on the host and on a CUDA device, always
// inlined, so that a formula compiled for one instruction set can never be picked by the linker for
// another.
#pragma once

#if defined(__CUDACC__)
#define NONLIN_FN __host__ __device__ __forceinline__
#else
#define NONLIN_FN [[gnu::always_inline]] inline
#endif
