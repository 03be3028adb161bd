// Guarded memory of the host that kernels may use too, and what the tests of kernels share.
#pragma once

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>

#include "check.h"
#include "guarded.h"

class DeviceMemory : public Guarded {
public:
    explicit DeviceMemory(std::size_t bytes) : Guarded(bytes) {
#ifndef NONLIN_CUDA_SIMULATED
        if (cudaHostRegister(first(), size(), cudaHostRegisterDefault) != cudaSuccess) std::abort();
#endif
    }
    ~DeviceMemory() {
#ifndef NONLIN_CUDA_SIMULATED
        cudaHostUnregister(first());
#endif
    }
};

// Without a device there is nothing to test.
inline void need_device() {
    int devices = 0;
    const cudaError_t error = cudaGetDeviceCount(&devices);
    if (error == cudaSuccess && devices > 0) return;
    std::fprintf(stderr, "no CUDA device: %s\n", cudaGetErrorString(error));
    std::exit(check::skipped);
}

// True if the work, and all before it, went well.
inline bool finished(cudaError_t launched) {
    const cudaError_t done = cudaDeviceSynchronize();
    CHECK(launched == cudaSuccess, "launch: %s", cudaGetErrorString(launched));
    CHECK(done == cudaSuccess, "%s", cudaGetErrorString(done));
    return launched == cudaSuccess && done == cudaSuccess;
}
