// Launches and device memory in fewer words.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <utility>

template <class... Parameters, class... Arguments>
cudaError_t run(dim3 grid, dim3 block, std::size_t shared, void (*kernel)(Parameters...),
                Arguments&&... arguments) {
    cudaLaunchConfig_t config = {grid, block, shared, nullptr, nullptr, 0};
    return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

template <class... Parameters, class... Arguments>
cudaError_t run_together(dim3 grid, dim3 block, void (*kernel)(Parameters...),
                         Arguments&&... arguments) {
    cudaLaunchAttribute attribute = {cudaLaunchAttributeCooperative, {}};
    attribute.val.cooperative = 1;
    cudaLaunchConfig_t config = {grid, block, 0, nullptr, &attribute, 1};
    return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

// The host reads what the kernels write: there is one memory.
template <class T>
class Buffer {
public:
    explicit Buffer(std::size_t n) : count(n) { cudaMalloc(&data, n * sizeof(T)); }
    ~Buffer() { cudaFree(data); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    operator T*() { return data; }
    void fill(T value) { std::fill(data, data + count, value); }

private:
    std::size_t count;
    T* data = nullptr;
};
