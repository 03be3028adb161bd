// What ends a program in the simulation: memory without an owner, barriers that never open, and
// addresses that a device refuses. Without CMake:
//   g++ -std=c++17 -O2 -Itests/cuda/simulated tests/cuda/simulated_misuse_test.cpp
//       tests/cuda/simulated/*.cpp -pthread -o misuse_test && ./misuse_test
#include <cuda_runtime.h>
#include <cuda_pipeline.h>

#include "../cpp/check.h"
#include "deaths.h"
#include "launching.h"

namespace {

__global__ void touch(char* memory, std::size_t at) {
    (memory ? memory : simulated::dynamic_shared_memory())[at] += 1;
}

void test_ends_of_memory() {
    for (const std::size_t bytes : {256, 4096, 5120}) {
        Buffer<char> memory(bytes);
        for (const std::size_t at : {bytes - 1, bytes}) {
            const auto death = death_of([&] { run(1, 1, 0, touch, memory, at); });
            CHECK(death.ended == (at == bytes), "%zu of %zu bytes", at, bytes);
        }
    }
    for (const std::size_t at : {std::size_t{100}, ~std::size_t{0}}) {
        const auto death = death_of([&] {
            Buffer<char> memory(100);
            run(1, 1, 0, touch, memory, at);
        });
        CHECK(death.ended && death.says(at == 100 ? "behind" : "before"), "byte %zu", at);
    }
    for (const std::size_t at : {4095, 4096}) {
        const auto death = death_of([&] { run(1, 1, 4096, touch, nullptr, at); });
        CHECK(death.ended == (at == 4096), "%zu of shared memory", at);
    }
}

enum class Misuse {
    lacks_itself,
    overlap,
    operation,
    two_barriers,
    lost_lane,
    width,
    address,
    copy
};

__global__ void misuse(Misuse which, float4* global) {
    const unsigned lane = threadIdx.x, full = 0xffffffff;
    char* shared = simulated::dynamic_shared_memory();
    switch (which) {
    case Misuse::lacks_itself:
        __syncwarp(0xfffffffe);
        break;
    case Misuse::overlap:
        __shfl_xor_sync(lane < 16 ? 0xffff : full, 1.0, 1);
        break;
    case Misuse::operation:
        lane % 2 ? __shfl_sync(full, 1, 1) : __shfl_down_sync(full, 1, 1);
        break;
    case Misuse::two_barriers:
        lane == 7 ? (void)__syncthreads_or(1) : __syncthreads();
        break;
    case Misuse::lost_lane:
        lane == 7 ? (void)__shfl_sync(0x180, 1, 7) : __syncthreads();
        break;
    case Misuse::width:
        __shfl_sync(full, 1, 1, 12);
        break;
    case Misuse::address:
        __ldg(reinterpret_cast<float4*>(&global[lane].y));
        break;
    case Misuse::copy:
        __pipeline_memcpy_async(shared + 8 * lane, global, 16);
        break;
    }
}

void test_misuse() {
    Buffer<float4> global(33);
    const auto check = [&](Misuse which, const char* text) {
        const auto death = death_of([&] { run(3, 32, 512, misuse, which, global); });
        CHECK(death.ended && death.says(text), "misuse %d: %s", static_cast<int>(which),
              death.message.c_str());
    };
    check(Misuse::lacks_itself,
          "thread (0, 0, 0): __syncwarp with the mask 0xfffffffe, which lacks");
    check(Misuse::overlap, "wait at __shfl_xor_sync with the mask 0x");
    check(Misuse::operation, "while lanes 0x");
    check(Misuse::two_barriers, "while others wait at __syncthreads");
    check(Misuse::lost_lane, "deadlock, all of the 32 remaining threads wait");
    check(Misuse::lost_lane,
          "warp from thread (0, 0, 0), lanes 0xffffff7f wait at __syncthreads\n");
    check(Misuse::lost_lane, "lanes 0x00000080 wait at __shfl_sync for 0x00000100\n");
    check(Misuse::width, "a shuffle of width 12");
    check(Misuse::address, "misaligned address");
    check(Misuse::copy, "asynchronous copy of 16 bytes to 0x");
}

// A device allows this; then threads that launch one kernel get in each other's way.
void test_less_shared_memory() {
    const auto set = [](int bytes) {
        cudaFuncSetAttribute(touch, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    };
    const auto death = death_of([&] {
        set(100000);
        set(100000);
        set(60000);
    });
    CHECK(death.ended && death.says("(60000 bytes) than before (100000)"), "%s",
          death.message.c_str());
}

}  // namespace

int main() {
    test_ends_of_memory();
    test_misuse();
    test_less_shared_memory();
    return check::result();
}
