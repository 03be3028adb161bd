// The simulation's kernels: order, barriers, shuffles, asynchronous copies. Without CMake:
//   g++ -std=c++17 -O2 -Itests/cuda/simulated tests/cuda/simulated_test.cpp
//       tests/cuda/simulated/*.cpp -pthread -o simulated_test && ./simulated_test
#include <cuda_runtime.h>
#include <cuda_pipeline.h>
#include <cooperative_groups.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "../cpp/check.h"
#include "deaths.h"
#include "launching.h"

namespace {

constexpr unsigned full = 0xffffffff;

__device__ __forceinline__ unsigned rank() {
    return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
__device__ __forceinline__ unsigned block_rank() {
    return blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
}

__global__ void __launch_bounds__(1024) who(unsigned* runs, unsigned* order, unsigned* next) {
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    ++runs[block_rank() * threads + rank()];
    if (rank() == 0) order[atomicAdd(next, 1)] = block_rank();
}

void test_indices() {
    std::set<std::vector<unsigned>> orders;
    for (const dim3 block : {dim3(1), dim3(45), dim3(7, 3, 5), dim3(64, 16)}) {
        for (const dim3 grid : {dim3(1), dim3(17), dim3(3, 5, 2)}) {
            const unsigned blocks = grid.x * grid.y * grid.z;
            const unsigned threads = blocks * block.x * block.y * block.z;
            Buffer<unsigned> runs(threads), order(blocks), next(1);
            runs.fill(0);
            next.fill(0);
            CHECK(run(grid, block, 0, who, runs, order, next) == cudaSuccess, "launch");
            const bool once = std::all_of(&runs[0], &runs[threads], [](auto n) { return n == 1; });
            CHECK(once, "%u threads", threads);
            std::vector<unsigned> sequence(&order[0], &order[blocks]);
            orders.insert(sequence);
            std::sort(sequence.begin(), sequence.end());
            for (unsigned i = 0; i < blocks; ++i) CHECK(sequence[i] == i, "block %u", i);
        }
    }
    CHECK(orders.size() > 6, "%zu orders of blocks", orders.size());
}

__global__ void block_sum(const float* x, float* sums, int barrier) {
    auto* partial = reinterpret_cast<float*>(simulated::dynamic_shared_memory());
    float sum = x[blockIdx.x * blockDim.x + threadIdx.x];
    for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(full, sum, step);
    if (threadIdx.x % warpSize == 0) partial[threadIdx.x / warpSize] = sum;
    if (barrier) __syncthreads();
    if (threadIdx.x >= 32) return;
    const unsigned warps = blockDim.x / 32;
    sum = threadIdx.x < warps ? partial[threadIdx.x] : 0;
    for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(full, sum, step);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

void test_block_sum() {
    for (const unsigned threads : {32u, 256u, 1024u}) {
        Buffer<float> x(20 * threads), sums(20);
        for (unsigned i = 0; i < 20 * threads; ++i) x[i] = static_cast<float>(i % 13);
        for (const int barrier : {1, 0}) {
            int wrong = 0;
            run(20, threads, threads / 32 * sizeof(float), block_sum, x, sums, barrier);
            for (unsigned block = 0; block < 20; ++block) {
                float sum = 0;
                for (unsigned i = 0; i < threads; ++i) sum += x[block * threads + i];
                wrong += sums[block] != sum;
            }
            CHECK(barrier || threads == 32 ? wrong == 0 : wrong > 5, "%d wrong with barrier %d",
                  wrong, barrier);
        }
    }
}

// Shared memory that is written again before all have read it.
__global__ void reused(int* out, int barrier) {
    auto* word = reinterpret_cast<int*>(simulated::dynamic_shared_memory());
    for (int round = 0; round < 3; ++round) {
        if (threadIdx.x == 77) *word = round;
        __syncthreads();
        if (*word != round) out[blockIdx.x] = 1;
        if (barrier) __syncthreads();
    }
}

void test_reused() {
    Buffer<int> wrong(50);
    for (const int barrier : {1, 0}) {
        wrong.fill(0);
        run(50, 128, sizeof(int), reused, wrong, barrier);
        const auto count = std::count(&wrong[0], &wrong[50], 1);
        CHECK(barrier ? count == 0 : count > 25, "%ld blocks wrong", static_cast<long>(count));
    }
}

// Groups of lanes that go through different numbers of rounds, and leave.
__global__ void diverging(unsigned* out, int width) {
    const unsigned group = threadIdx.x / width, first = group * width % 32;
    const unsigned mask = (width == 32 ? full : (1u << width) - 1) << first;
    unsigned value = threadIdx.x;
    for (unsigned round = 0; round <= group % 5; ++round) {
        for (int step = width / 2; step > 0; step /= 2) {
            value += __shfl_xor_sync(mask, value, step, width);
        }
        if (__ballot_sync(mask, value % 2) != (value % 2 ? mask : 0)) value = 0;
        __syncwarp(mask);
    }
    if (group % 3 == 0) return;
    __syncthreads();
    out[threadIdx.x] = value;
}

void test_divergence() {
    Buffer<unsigned> out(192);
    for (unsigned width = 1; width <= 32; width *= 2) {
        out.fill(0);
        run(1, 192, 0, diverging, out, width);
        for (unsigned i = 0; i < 192; ++i) {
            const unsigned group = i / width;
            unsigned value = width * (width - 1) / 2 + group * width * width;
            for (unsigned round = 0; round < group % 5; ++round) value *= width;
            CHECK(out[i] == (group % 3 ? value : 0), "width %u, thread %u: %u", width, i, out[i]);
        }
    }
}

template <class T>
__global__ void shuffles(T* out, int operand, int width) {
    const T value = static_cast<T>(threadIdx.x) + static_cast<T>(1) / 4;
    out[threadIdx.x] = __shfl_sync(full, value, operand, width);
    out[32 + threadIdx.x] = __shfl_up_sync(full, value, operand, width);
    out[64 + threadIdx.x] = __shfl_down_sync(full, value, operand, width);
    out[96 + threadIdx.x] = __shfl_xor_sync(full, value, operand, width);
}

template <class T>
void test_shuffles() {
    Buffer<T> out(128);
    for (int width = 1; width <= 32; width *= 2) {
        for (int operand = 0; operand < 32; ++operand) {
            run(1, 32, 0, shuffles<T>, out, operand, width);
            for (int lane = 0; lane < 32; ++lane) {
                const int first = lane / width * width, end = first + width;
                const int from[] = {first + operand % width,
                                    lane - operand >= first ? lane - operand : lane,
                                    lane + operand < end ? lane + operand : lane,
                                    (lane ^ operand) < end ? lane ^ operand : lane};
                for (int i = 0; i < 4; ++i) {
                    CHECK(out[32 * i + lane] == static_cast<T>(from[i]) + static_cast<T>(1) / 4,
                          "shuffle %d, lane %d, width %d, operand %d", i, lane, width, operand);
                }
            }
        }
    }
}

// 45 threads: the second warp has 13 lanes, of which one leaves at once.
__global__ void votes(unsigned* out) {
    const bool second = threadIdx.x >= 32;
    if (threadIdx.x == 40) return;
    bool right = __ballot_sync(full, threadIdx.x % 2) == (second ? 0x0aaau : 0xaaaaaaaau);
    right &= __any_sync(full, threadIdx.x == 7) == !second;
    right &= __all_sync(full, threadIdx.x < 32) == !second;
    const unsigned partner = __shfl_xor_sync(full, threadIdx.x, 1);
    right &= partner == (threadIdx.x == 41 || threadIdx.x == 44 ? full : threadIdx.x ^ 1);
    right &= __syncthreads_or(threadIdx.x == 3) == 1 && __syncthreads_or(0) == 0;
    right &= __syncthreads_and(threadIdx.x < 45) == 1 && __syncthreads_and(threadIdx.x) == 0;
    right &= __syncthreads_count(threadIdx.x > 1) == 42;
    out[threadIdx.x] = right;
}

void test_votes() {
    Buffer<unsigned> out(45);
    out.fill(1);
    run(1, 45, 0, votes, out);
    for (int i = 0; i < 45; ++i) CHECK(out[i] == 1, "thread %d", i);
}

// Two batches in flight; the flaw leaves out a wait, or waits for one batch too few.
enum class Flaw { none, no_wait, waits_for_the_older, no_commit, too_early };

__global__ void copies(const float4* from, float4* to, int rounds, Flaw flaw) {
    auto* buffer = reinterpret_cast<float4*>(simulated::dynamic_shared_memory());
    const auto start = [&](int round) {
        if (round < rounds) {
            __pipeline_memcpy_async(&buffer[round % 2 * blockDim.x + threadIdx.x],
                                    &from[round * blockDim.x + threadIdx.x], 16);
        }
        if (flaw != Flaw::no_commit) __pipeline_commit();
    };
    start(0);
    for (int round = 0; round < rounds; ++round) {
        start(round + 1);
        if (flaw == Flaw::too_early) start(round + 2);
        if (flaw != Flaw::no_wait) {
            __pipeline_wait_prior(flaw == Flaw::waits_for_the_older ? 2 : 1);
        }
        __syncthreads();
        const unsigned neighbour = (threadIdx.x + 1) % blockDim.x;
        __stcs(&to[round * blockDim.x + neighbour], buffer[round % 2 * blockDim.x + neighbour]);
        __syncthreads();
    }
}

void test_copies() {
    Buffer<float4> from(640), to(640);
    for (int i = 0; i < 640; ++i) from[i] = make_float4(i, 1, 2, 3);
    const auto wrong = [&](Flaw flaw) {
        to.fill(make_float4(0, 0, 0, 0));
        run(1, 64, 2 * 64 * sizeof(float4), copies, from, to, 10, flaw);
        return std::count_if(&from[0], &from[640], [&](const float4& value) {
            return !(to[static_cast<int>(value.x)].x == value.x);
        });
    };
    CHECK(wrong(Flaw::none) == 0, "asynchronous copies");
    for (const Flaw flaw : {Flaw::no_wait, Flaw::no_commit, Flaw::waits_for_the_older}) {
        CHECK(wrong(flaw) == 640, "flaw %d", static_cast<int>(flaw));
    }
    CHECK(wrong(Flaw::too_early) >= 64, "overwritten too early");
}

__global__ void grid_sum(const float* x, float* partial, float* out, int exits) {
    if (exits && threadIdx.x == 5) return;
    const unsigned blocks = gridDim.x;
    if (threadIdx.x == 0) partial[blockIdx.x] = x[blockIdx.x];
    for (int round = 0; round < 10; ++round) {
        cooperative_groups::this_grid().sync();
        float sum = 0;
        for (unsigned i = 0; i < blocks; ++i) sum += partial[i];
        cooperative_groups::this_grid().sync();
        if (threadIdx.x == 0) partial[blockIdx.x] = sum;
    }
    __syncthreads();
    if (threadIdx.x == 33) out[blockIdx.x] = partial[blockIdx.x];
}

void test_grid() {
    Buffer<float> x(8), partial(8), out(8);
    for (int i = 0; i < 8; ++i) x[i] = static_cast<float>(i);
    CHECK(run_together(8, 64, grid_sum, x, partial, out, 0) == cudaSuccess, "cooperative");
    CHECK(simulated::last_launch().cooperative, "cooperative");
    for (int i = 0; i < 8; ++i) CHECK(out[i] == 28 * std::pow(8.f, 9.f), "block %d", i);
    CHECK(run_together(265, 64, grid_sum, x, partial, out, 0) == cudaErrorCooperativeLaunchTooLarge,
          "more blocks than fit");

    const auto alone = death_of([&] { run(8, 64, 0, grid_sum, x, partial, out, 0); });
    CHECK(alone.ended && alone.says("not cooperative"), "%s", alone.message.c_str());
    const auto left = death_of([&] { run_together(8, 64, grid_sum, x, partial, out, 1); });
    CHECK(left.ended && left.says("lanes 0xffffffdf wait at grid_sync") &&
              left.says("lanes 0x00000020 have ended"),
          "%s", left.message.c_str());
}

}  // namespace

int main() {
    test_indices();
    test_block_sum();
    test_reused();
    test_divergence();
    test_shuffles<int>();
    test_shuffles<unsigned>();
    test_shuffles<long long>();
    test_shuffles<unsigned long long>();
    test_shuffles<float>();
    test_shuffles<double>();
    test_votes();
    test_copies();
    test_grid();
    return check::result();
}
