// The CUDA backend from outside, where nonlin was built with it: the bits of the CPU. Ends with 77
// where there is no GPU.
#include <nonlin/core.h>
#include <nonlin/cuda.h>
#include <nonlin/nonlin.h>

#include <cstring>
#include <vector>

#include "check.h"

namespace {

std::size_t place_of(const char* name) {
    const nonlin::Activations all = nonlin::activations();
    std::size_t k = 0;
    while (k < all.count && std::strcmp(all.first[k].name, name) != 0) ++k;
    return k;
}

// y = elu(x) of n numbers on the device, with alpha = 0.5.
cudaError_t elu(float* x, float* y, std::size_t n, cudaStream_t stream) {
    using namespace nonlin;
    const cuda::Operand operands[] = {
        {x, Dtype::float32, {sizeof(float)}, 0},
        {nullptr, Dtype::float64, {}, 0.5},
        {y, Dtype::float32, {sizeof(float)}, 0},
    };
    return cuda::run(place_of("elu"), Direction::value, false, Dtype::float32, {1, {n}}, operands,
                     stream);
}

}  // namespace

int main() {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) return 77;
    constexpr std::size_t n = 100003, bytes = n * sizeof(float);
    std::vector<float> x(n), y(n), expected(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i) / 5000 - 15;
    nonlin::elu(x.data(), expected.data(), n, 0.5);
    void* memory = nullptr;
    CHECK(cudaMalloc(&memory, bytes) == cudaSuccess);
    float* const device = static_cast<float*>(memory);
    CHECK(cudaMemcpy(device, x.data(), bytes, cudaMemcpyHostToDevice) == cudaSuccess);
    CHECK(elu(device, device, n, nullptr) == cudaSuccess);
    CHECK(cudaMemcpy(y.data(), device, bytes, cudaMemcpyDeviceToHost) == cudaSuccess);
    CHECK(std::memcmp(y.data(), expected.data(), bytes) == 0);
    CHECK(cudaFree(memory) == cudaSuccess);
}
