// The device that a thread's calls of CUDA's runtime concern.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace nonlin::python {

[[noreturn]] inline void fail(const std::string& what, cudaError_t error) {
    throw std::runtime_error(what + ": " + cudaGetErrorName(error) + ", " +
                             cudaGetErrorString(error));
}

// A device, for as long as this is; then the thread's own again.
class OnDevice {
public:
    OnDevice(const std::string& what, int device) {
        cudaError_t error = cudaGetDevice(&before);
        if (error == cudaSuccess && before != device) error = cudaSetDevice(device);
        if (error != cudaSuccess) {
            fail(what + ": CUDA device " + std::to_string(device) + " cannot be used", error);
        }
        changed = before != device;
    }
    ~OnDevice() {
        if (changed) cudaSetDevice(before);
    }
    OnDevice(const OnDevice&) = delete;
    OnDevice& operator=(const OnDevice&) = delete;

private:
    int before = 0;
    bool changed = false;
};

}  // namespace nonlin::python
