// More than 2^31 elements: float16, in place, 4 GiB of device memory.
#include <nonlin/cuda.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "check.h"
#include "device_memory.h"

namespace cuda = nonlin::cuda;
using nonlin::Direction;
using nonlin::Dtype;

int main() {
    need_device();
    const std::size_t relu = 2, n = (std::size_t{1} << 31) + 1001;
    void* memory = nullptr;
    if (cudaMalloc(&memory, 2 * n) != cudaSuccess) {
        std::fprintf(stderr, "no 4 GiB of device memory\n");
        return check::skipped;
    }
    auto* const x = static_cast<char*>(memory);
    // -1 everywhere, but 1 in some places on both sides of 2^31.
    const unsigned short minus_one = 0xBC00, one = 0x3C00;
    const std::vector<unsigned short> block(std::size_t{1} << 20, minus_one);
    for (std::size_t i = 0; i < n; i += block.size()) {
        const std::size_t left = n - i, count = left < block.size() ? left : block.size();
        cudaMemcpy(x + 2 * i, block.data(), 2 * count, cudaMemcpyHostToDevice);
    }
    const std::size_t places[] = {0, 77, (std::size_t{1} << 31) - 1, std::size_t{1} << 31, n - 1};
    for (const std::size_t i : places) cudaMemcpy(x + 2 * i, &one, 2, cudaMemcpyHostToDevice);

    const cuda::Operand operands[] = {{x, Dtype::float16, {2}, 0}, {x, Dtype::float16, {2}, 0}};
    if (finished(cuda::run(relu, Direction::value, false, Dtype::float16, {1, {n}}, operands,
                           nullptr))) {
        std::size_t ones = 0, zeros = 0;
        std::vector<unsigned short> found(block.size());
        for (std::size_t i = 0; i < n; i += found.size()) {
            const std::size_t left = n - i, count = left < found.size() ? left : found.size();
            cudaMemcpy(found.data(), x + 2 * i, 2 * count, cudaMemcpyDeviceToHost);
            for (std::size_t k = 0; k < count; ++k) {
                ones += found[k] == one;
                zeros += found[k] == 0;
            }
        }
        CHECK(ones == 5 && zeros == n - 5, "%zu ones, %zu zeros of %zu", ones, zeros, n);
        for (const std::size_t i : places) {
            unsigned short there = 0;
            cudaMemcpy(&there, x + 2 * i, 2, cudaMemcpyDeviceToHost);
            CHECK(there == one, "element %zu: %x", i, there);
        }
    }
    cudaFree(memory);
    return check::result();
}
