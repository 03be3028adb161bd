// How everything in src/ is declared.
#pragma once

// A function: callable on the host and on a CUDA device, always inlined, so that a formula compiled
// for one instruction set can never be picked by the linker for another.
#if defined(__CUDACC__)
#define NONLIN_FN __host__ __device__ __forceinline__
#else
#define NONLIN_FN [[gnu::always_inline]] inline
#endif

// A table of numbers: device code cannot index the host's.
#if defined(__CUDA_ARCH__)
#define NONLIN_TABLE static __device__ const
#else
#define NONLIN_TABLE constexpr
#endif
