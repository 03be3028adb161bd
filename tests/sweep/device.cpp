// Compares the CUDA backend with the CPU, bit for bit: every activation, direction and dtype, and
// every gated unit, over many patterns; of halves over all. Prints a line for each, and the first
// difference there is.
//
// sweep_device [k]: 2^k patterns of float32 and float64 each, 28 if not given.
#include <nonlin/cuda.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "calls.h"

using namespace calls;
namespace cuda = nonlin::cuda;

namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 22;

void need(cudaError_t error) {
    if (error == cudaSuccess) return;
    std::fprintf(stderr, "%s\n", cudaGetErrorString(error));
    std::exit(error == cudaErrorNoDevice || error == cudaErrorInsufficientDriver ? 77 : 2);
}

// Memory on both sides.
struct Both {
    std::vector<char> host = std::vector<char>(most_at_once * 8);
    void* device = nullptr;
    Both() { need(cudaMalloc(&device, host.size())); }
    void send(std::size_t bytes) {
        need(cudaMemcpy(device, host.data(), bytes, cudaMemcpyHostToDevice));
    }
};

struct Buffers {
    Both input[3], output[2];
    std::vector<char> expected[2] = {std::vector<char>(most_at_once * 8),
                                     std::vector<char>(most_at_once * 8)};
};

// Pattern i of 2^k: float32's evenly over all of them, halves all, float64's from the same sequence
// as in other tests.
void put_pattern(Dtype dtype, std::uint64_t i, int k, void* to) {
    if (dtype == Dtype::float64) {
        if (i % 2 == 0) return put_number(dtype, i, to);
        const std::uint64_t bits = random_bits(i);
        std::memcpy(to, &bits, sizeof bits);
    } else if (dtype == Dtype::float32) {
        const auto bits = static_cast<std::uint32_t>(
            (i << (32 - k)) + random_bits(i) % (std::uint64_t{1} << (32 - k)));
        std::memcpy(to, &bits, sizeof bits);
    } else {
        const auto bits = static_cast<std::uint16_t>(i);
        std::memcpy(to, &bits, sizeof bits);
    }
}

std::uint64_t differences = 0;

// Calls cpu(n) and gpu(n) for all patterns in the inputs.
template <class Cpu, class Gpu>
void compare(Buffers& b, const std::string& what, Dtype dtype, int k, int inputs, int outputs,
             const Cpu& cpu, const Gpu& gpu) {
    const bool half = size_of(dtype) == 2;
    const std::uint64_t all = half ? 65536 : std::uint64_t{1} << k;
    const auto size = static_cast<std::size_t>(size_of(dtype));
    std::uint64_t different = 0;
    for (std::uint64_t start = 0; start < all; start += most_at_once) {
        const std::uint64_t left = all - start;
        const std::size_t n = left < most_at_once ? left : most_at_once;
        for (int j = 0; j < inputs; ++j) {
            for (std::size_t i = 0; i < n; ++i) {
                char* const to = b.input[j].host.data() + i * size;
                if (j == 0) {
                    put_pattern(dtype, start + i, k, to);
                } else {
                    put_number(dtype, start + i + static_cast<std::uint64_t>(j) * 1000003, to);
                }
            }
            b.input[j].send(n * size);
        }
        cpu(n);
        need(gpu(n));
        for (int j = 0; j < outputs; ++j) {
            need(cudaMemcpy(b.output[j].host.data(), b.output[j].device, n * size,
                            cudaMemcpyDeviceToHost));
            for (std::size_t i = 0; i < n; ++i) {
                const auto found = bits_at(dtype, b.output[j].host.data() + i * size);
                const auto wanted = bits_at(dtype, b.expected[j].data() + i * size);
                if (found == wanted) continue;
                if (different++ == 0) {
                    std::printf("%s: x %llx gives %llx, not %llx\n", what.c_str(),
                                static_cast<unsigned long long>(
                                    bits_at(dtype, b.input[0].host.data() + i * size)),
                                static_cast<unsigned long long>(found),
                                static_cast<unsigned long long>(wanted));
                }
            }
        }
    }
    std::printf("%s: %llu patterns, %llu differ\n", what.c_str(),
                static_cast<unsigned long long>(all), static_cast<unsigned long long>(different));
    std::fflush(stdout);
    differences += different;
}

cuda::Operand on_device(const Both& memory, Dtype dtype) {
    return {memory.device, dtype, {size_of(dtype)}, 0};
}

void sweep_activations(Buffers& b, int k) {
    for_each_function([&](const Function& f) {
        const bool backward = f.direction == Direction::backward;
        const int inputs = backward ? 2 : 1, outs = outputs(f.direction);
        const std::ptrdiff_t size = size_of(f.dtype);
        double parameters[3] = {};
        for (int p = 0; p < f.parameters(); ++p) {
            parameters[p] = f.entry().parameters->list[p].fallback;
        }
        const auto cpu = [&](std::size_t n) {
            const Array numbers[] = {{&parameters[0], 0}, {&parameters[1], 0}, {&parameters[2], 0}};
            const Array out[] = {{b.expected[0].data(), size}, {b.expected[1].data(), size}};
            f({b.input[1].host.data(), size}, {b.input[0].host.data(), size}, numbers, out, n);
        };
        const auto gpu = [&](std::size_t n) {
            std::vector<cuda::Operand> operands;
            if (backward) operands.push_back(on_device(b.input[1], f.dtype));
            operands.push_back(on_device(b.input[0], f.dtype));
            for (int p = 0; p < f.parameters(); ++p) {
                operands.push_back({nullptr, Dtype::float64, {}, parameters[p]});
            }
            for (int o = 0; o < outs; ++o) operands.push_back(on_device(b.output[o], f.dtype));
            return cuda::run(f.activation, f.direction, false, f.dtype, {1, {n}}, operands.data(),
                             nullptr);
        };
        compare(b, std::string(f.name()) + " " + f.way() + " " + f.type(), f.dtype, k, inputs, outs,
                cpu, gpu);
    });
}

void sweep_gated(Buffers& b, int k) {
    for (std::size_t unit = 0; unit < nonlin::gated_units().count; ++unit) {
        for (const Dtype dtype : dtypes) {
            for (const bool backward : {false, true}) {
                const std::ptrdiff_t size = size_of(dtype);
                const int outs = backward ? 2 : 1;
                const auto cpu = [&](std::size_t n) {
                    std::vector<nonlin::RowOperand> operands;
                    if (backward) operands.push_back({b.input[2].host.data(), 0, size});
                    operands.push_back({b.input[0].host.data(), 0, size});
                    operands.push_back({b.input[1].host.data(), 0, size});
                    for (int o = 0; o < outs; ++o) {
                        operands.push_back({b.expected[o].data(), 0, size});
                    }
                    nonlin::run_gated(unit, backward, dtype, operands.data(), n, 1);
                };
                const auto gpu = [&](std::size_t n) {
                    std::vector<cuda::Operand> operands;
                    if (backward) operands.push_back(on_device(b.input[2], dtype));
                    operands.push_back(on_device(b.input[0], dtype));
                    operands.push_back(on_device(b.input[1], dtype));
                    for (int o = 0; o < outs; ++o) {
                        operands.push_back(on_device(b.output[o], dtype));
                    }
                    return cuda::run_gated(unit, backward, dtype, {1, {n}}, operands.data(),
                                           nullptr);
                };
                compare(b,
                        std::string(nonlin::gated_units().first[unit]) +
                            (backward ? " backward " : " ") + dtype_names[static_cast<int>(dtype)],
                        dtype, k, backward ? 3 : 2, outs, cpu, gpu);
            }
        }
    }
}

}  // namespace

int main(int count, char** arguments) {
    const int k = count > 1 ? std::atoi(arguments[1]) : 28;
    if (k < 1 || k > 32) {
        std::fprintf(stderr, "usage: sweep_device [1 to 32]\n");
        return 2;
    }
    int devices = 0;
    need(cudaGetDeviceCount(&devices));
    Buffers buffers;
    sweep_activations(buffers, k);
    sweep_gated(buffers, k);
    std::printf("%llu differences\n", static_cast<unsigned long long>(differences));
    return differences > 0;
}
