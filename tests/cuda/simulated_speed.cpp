// What the simulation costs, in nanoseconds of one CPU core for one thread of a kernel:
//   g++ -std=c++17 -O2 -Itests/cuda/simulated tests/cuda/simulated_speed.cpp
//       tests/cuda/simulated/*.cpp -pthread -o simulated_speed && ./simulated_speed
#include <cuda_runtime.h>
#include <cooperative_groups.h>

#include <chrono>
#include <cstdio>

#include "launching.h"

namespace {

__global__ void nothing(float* out) { out[threadIdx.x] = 1; }

__global__ void reductions(float* out, int count) {
    float sum = 1;
    for (int i = 0; i < count; ++i) {
        for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffff, sum, step);
    }
    out[threadIdx.x] = sum;
}

__global__ void barriers(float* out, int count) {
    for (int i = 0; i < count; ++i) __syncthreads();
    out[threadIdx.x] = 1;
}

__global__ void grid_barriers(float* out, int count) {
    for (int i = 0; i < count; ++i) cooperative_groups::this_grid().sync();
    out[threadIdx.x] = 1;
}

template <class F>
void measure(const char* what, double count, F f) {
    double best = 1e30;
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        f();
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        best = std::min(best, time.count());
    }
    std::printf("%-32s %6.1f ns\n", what, best / count * 1e9);
}

}  // namespace

int main() {
    Buffer<float> out(1024);
    for (const int threads : {32, 256, 1024}) {
        const int blocks = (1 << 18) / threads;
        std::printf("blocks of %d threads\n", threads);
        measure("  a thread", 1 << 18, [&] { run(blocks, threads, 0, nothing, out); });
        measure("  a shuffle", 50 << 18, [&] { run(blocks, threads, 0, reductions, out, 10); });
        measure("  a barrier", 50 << 18, [&] { run(blocks, threads, 0, barriers, out, 50); });
        measure("  a barrier of 8 blocks", 400. * threads,
                [&] { run_together(8, threads, grid_barriers, out, 50); });
    }
}
