// How kernels are launched.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

namespace nonlin::cuda {

struct Launch {
    std::size_t blocks;
    unsigned threads;
    std::size_t shared;  // bytes
    cudaStream_t stream;
    bool cooperative = false;
    int most_shared = 0;  // of the device, where 48 KiB may not do
};

template <class Arguments>
cudaError_t launch(void (*kernel)(Arguments), const Arguments& arguments, const Launch& how) {
    constexpr std::size_t most_blocks = 0x7FFFFFFF, shared_without_asking = 48 * 1024;
    if (how.blocks > most_blocks) return cudaErrorInvalidValue;
    if (how.shared > shared_without_asking) {
        // The same amount for every launch of a kernel: another thread may be between its request
        // and its launch.
        const cudaError_t error = cudaFuncSetAttribute(
            kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, how.most_shared);
        if (error != cudaSuccess) return error;
    }
    cudaLaunchAttribute cooperative{};
    cooperative.id = cudaLaunchAttributeCooperative;
    cooperative.val.cooperative = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(static_cast<unsigned>(how.blocks));
    config.blockDim = dim3(how.threads);
    config.dynamicSmemBytes = how.shared;
    config.stream = how.stream;
    config.attrs = &cooperative;
    config.numAttrs = how.cooperative ? 1 : 0;
    return cudaLaunchKernelEx(&config, kernel, arguments);
}

}  // namespace nonlin::cuda
