// CUDA without a GPU, for tests: the kernels of cuda/ as g++ compiles them, run on the CPU. This
// header is found in place of the toolkit's, and simulated.cpp with its neighbours is linked.
//
// A kernel's threads are fibers of one host thread, which runs them in a pseudo-random order that
// follows from NONLIN_SIMULATED_SEED. They switch only where a thread waits for others. What real
// hardware leaves undefined comes out as NaN or stops the program with a message; device_limits.h
// says which device is simulated, and simulated.h what a test can ask and set.
//
// A kernel takes its dynamic shared memory from simulated::dynamic_shared_memory(), where nvcc has
// an extern array. There is no __shared__ here: the fibers of all blocks would share one variable.
#pragma once

#define NONLIN_CUDA_SIMULATED

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))

#include "vectors.h"
#include "device.h"
#include "host.h"
#include "simulated.h"
