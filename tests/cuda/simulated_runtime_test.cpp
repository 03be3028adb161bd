// The simulation's runtime API. Without CMake:
//   g++ -std=c++17 -O2 -Itests/cuda/simulated tests/cuda/simulated_runtime_test.cpp
//       tests/cuda/simulated/*.cpp -pthread -o runtime_test && ./runtime_test
#include <cuda_runtime.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "../cpp/check.h"
#include "launching.h"

#define EQUAL(call, error)                                                                         \
    do {                                                                                           \
        const cudaError_t got = call;                                                              \
        CHECK(got == error, "%s: %s", #call, cudaGetErrorName(got));                               \
        CHECK(cudaGetLastError() == error, "%s is the last error", #error);                        \
    } while (false)

namespace {

struct Arguments {
    float* out;
    float value;
    int count;
};

__global__ void add(Arguments a) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < a.count) a.out[i] += a.value;
}

void test_memory() {
    const std::size_t before = simulated::allocations();
    char *data = nullptr, host[100] = {1, 2, 3};
    EQUAL(cudaSetDevice(1), cudaSuccess);
    EQUAL(cudaMalloc(&data, 100), cudaSuccess);
    EQUAL(cudaSetDevice(0), cudaSuccess);
    CHECK(reinterpret_cast<std::uintptr_t>(data) % 256 == 0, "alignment");
    CHECK(simulated::allocations() == before + 1 && simulated::live_allocations() > 0, "counts");

    cudaPointerAttributes attributes;
    EQUAL(cudaPointerGetAttributes(&attributes, data + 99), cudaSuccess);
    CHECK(attributes.type == cudaMemoryTypeDevice && attributes.device == 1, "its attributes");
    CHECK(attributes.devicePointer == data + 99 && !attributes.hostPointer, "its pointers");
    EQUAL(cudaPointerGetAttributes(&attributes, data + 100), cudaSuccess);
    CHECK(attributes.type == cudaMemoryTypeUnregistered && attributes.device == -2, "behind it");

    EQUAL(cudaMemcpy(data, host, 100, cudaMemcpyHostToDevice), cudaSuccess);
    EQUAL(cudaMemset(data + 1, 9, 1), cudaSuccess);
    EQUAL(cudaMemcpyAsync(host + 10, data, 3, cudaMemcpyDefault), cudaSuccess);
    CHECK(std::memcmp(host + 10, "\1\11\3", 3) == 0, "copies");
    EQUAL(cudaMemcpy(data, host, 101, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    EQUAL(cudaMemcpy(data, host, 100, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    EQUAL(cudaMemset(host, 0, 1), cudaErrorInvalidValue);
    EQUAL(cudaFree(data + 1), cudaErrorInvalidValue);
    EQUAL(cudaFree(data), cudaSuccess);
    EQUAL(cudaFree(data), cudaErrorInvalidValue);
    EQUAL(cudaFree(nullptr), cudaSuccess);
    EQUAL(cudaMalloc(&data, std::size_t{1} << 40), cudaErrorMemoryAllocation);
    EQUAL(cudaMalloc(&data, 0), cudaSuccess);
    CHECK(data == nullptr, "no bytes");
}

__global__ void fresh(int* wrong) {
    char* memory = simulated::dynamic_shared_memory();
    for (int i = 0; i < 1000; ++i) *wrong += memory[i] != '\xff';
    std::memset(memory, 0, 1000);
}

void test_limits() {
    Buffer<float> out(1024);
    out.fill(0);
    const Arguments arguments = {out, 1, 1024};
    const auto with = [&](dim3 grid, dim3 block, std::size_t shared = 0) {
        return run(grid, block, shared, add, arguments);
    };
    const std::size_t before = simulated::launches();
    EQUAL(with(1, 1025), cudaErrorInvalidConfiguration);
    EQUAL(with(1, dim3(1, 1, 65)), cudaErrorInvalidConfiguration);
    EQUAL(with(1, dim3(32, 33)), cudaErrorInvalidConfiguration);
    EQUAL(with(1, 0), cudaErrorInvalidConfiguration);
    EQUAL(with(0, 1), cudaErrorInvalidConfiguration);
    EQUAL(with(0x80000000, 1), cudaErrorInvalidConfiguration);
    EQUAL(with(dim3(1, 65536), 1), cudaErrorInvalidConfiguration);
    EQUAL(with(1, 1, 48 * 1024 + 1), cudaErrorInvalidValue);
    CHECK(simulated::launches() == before, "launches that failed");
    EQUAL(with(1, 1024, 48 * 1024), cudaSuccess);
    CHECK(simulated::launches() == before + 1, "one launch");

    const auto blocks = [&](int threads, std::size_t shared) {
        int count = -1;
        EQUAL(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&count, add, threads, shared),
              cudaSuccess);
        return count;
    };
    CHECK(blocks(256, 50000) == 0, "not without the attribute");
    EQUAL(cudaFuncSetAttribute(add, cudaFuncAttributeMaxDynamicSharedMemorySize, 232449),
          cudaErrorInvalidValue);
    EQUAL(cudaFuncSetAttribute(add, cudaFuncAttributeMaxDynamicSharedMemorySize, 232448),
          cudaSuccess);
    EQUAL(with(1, 1, 232448), cudaSuccess);
    EQUAL(with(1, 1, 232449), cudaErrorInvalidValue);
    CHECK(blocks(256, 115712) == 2 && blocks(256, 115713) == 1 && blocks(1025, 0) == 0, "blocks");
    EQUAL(cudaSetDevice(1), cudaSuccess);
    EQUAL(with(1, 1, 232448), cudaErrorInvalidValue);  // the attribute is the other device's
    EQUAL(cudaSetDevice(0), cudaSuccess);

    Buffer<int> wrong(1);
    wrong.fill(0);
    run(5, 1, 1000, fresh, wrong);
    CHECK(*wrong == 0, "%d bytes not 0xFF", *wrong);
}

void test_devices() {
    int value = 0;
    EQUAL(cudaGetDeviceCount(&value), cudaSuccess);
    CHECK(value == 2, "%d devices", value);
    EQUAL(cudaSetDevice(2), cudaErrorInvalidDevice);
    EQUAL(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 1), cudaSuccess);
    CHECK(value == 132, "%d multiprocessors", value);
    EQUAL(cudaDeviceGetAttribute(&value, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0), cudaSuccess);
    CHECK(value == 232448, "%d bytes", value);
    EQUAL(cudaSetDevice(1), cudaSuccess);
    std::thread([] {
        int device = -1;
        EQUAL(cudaGetDevice(&device), cudaSuccess);
        CHECK(device == 0, "a new thread is at device %d", device);
    }).join();

    cudaStream_t stream;
    EQUAL(cudaStreamCreate(&stream), cudaSuccess);
    Buffer<float> out(1);
    cudaLaunchConfig_t config = {7, 32, 16, stream, nullptr, 0};
    EQUAL(cudaLaunchKernelEx(&config, add, Arguments{out, 1, 1}), cudaSuccess);
    const auto last = simulated::last_launch();
    CHECK(last.device == 1 && last.stream == stream && last.grid.x == 7 && last.block.x == 32 &&
              last.shared_bytes == 16 && !last.cooperative && last.kernel == (const void*)add,
          "the last launch");
    EQUAL(cudaSetDevice(0), cudaSuccess);
    EQUAL(cudaLaunchKernelEx(&config, add, Arguments{out, 1, 1}), cudaErrorInvalidResourceHandle);
    EQUAL(cudaStreamDestroy(stream), cudaSuccess);
    EQUAL(cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);

    setenv("NONLIN_SIMULATED_DEVICES", "0", 1);
    EQUAL(cudaGetDeviceCount(&value), cudaErrorNoDevice);
    EQUAL(run(1, 1, 0, add, Arguments{out, 1, 1}), cudaErrorNoDevice);
    setenv("NONLIN_SIMULATED_DEVICES", "-1", 1);
    EQUAL(cudaGetDevice(&value), cudaErrorInsufficientDriver);
    unsetenv("NONLIN_SIMULATED_DEVICES");
    CHECK(std::string(cudaGetErrorString(cudaErrorInvalidValue)) == "invalid argument", "text");
    CHECK(std::string(cudaGetErrorName(cudaErrorNoDevice)) == "cudaErrorNoDevice", "name");
}

void test_capture() {
    Buffer<float> out(100);
    out.fill(0);
    float* data = out;
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    cudaStreamCaptureStatus status;
    EQUAL(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal),
          cudaErrorStreamCaptureUnsupported);
    EQUAL(cudaStreamCreate(&stream), cudaSuccess);
    EQUAL(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
    {
        Arguments arguments = {out, 2, 100};
        cudaLaunchConfig_t config = {4, 32, 0, stream, nullptr, 0};
        EQUAL(cudaLaunchKernelEx(&config, add, arguments), cudaSuccess);
        arguments.value = 40;
        EQUAL(cudaLaunchKernelEx(&config, add, arguments), cudaSuccess);
        EQUAL(cudaMemsetAsync(data + 99, 0, sizeof(float), stream), cudaSuccess);
    }
    EQUAL(cudaStreamIsCapturing(stream, &status), cudaSuccess);
    CHECK(status == cudaStreamCaptureStatusActive && out[0] == 0, "recorded, not run");
    EQUAL(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    EQUAL(cudaGraphInstantiate(&exec, graph), cudaSuccess);
    EQUAL(cudaGraphDestroy(graph), cudaSuccess);
    const std::size_t before = simulated::launches();
    for (int i = 1; i < 4; ++i) {
        EQUAL(cudaGraphLaunch(exec, stream), cudaSuccess);
        CHECK(out[0] == 42.f * i && out[98] == 42.f * i && out[99] == 0, "replay %d", i);
    }
    CHECK(simulated::launches() == before + 6, "launches of the replays");
    EQUAL(cudaGraphExecDestroy(exec), cudaSuccess);

    const auto refused = [&](auto call, cudaError_t error) {
        EQUAL(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
        EQUAL(call(), error);
        EQUAL(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
        CHECK(graph == nullptr, "no graph");
    };
    const auto unsupported = cudaErrorStreamCaptureUnsupported;
    refused([&] { return cudaMalloc(&data, 4); }, unsupported);
    refused([&] { return cudaFree(out); }, unsupported);
    refused([&] { return cudaDeviceSynchronize(); }, unsupported);
    refused([&] { return cudaStreamSynchronize(stream); }, unsupported);
    refused([&] { return cudaMemcpy(out, out, 4, cudaMemcpyDefault); }, unsupported);
    refused([&] { return run(1, 1, 0, add, Arguments{out, 1, 1}); },
            cudaErrorStreamCaptureImplicit);
    EQUAL(cudaStreamDestroy(stream), cudaSuccess);
}

// A thread of each block draws a number; the last one knows that all have.
__global__ void last_block(unsigned* tickets, float* sums, float* out) {
    if (threadIdx.x != 0) return;
    sums[blockIdx.x] = static_cast<float>(blockIdx.x);
    __threadfence();
    if (atomicAdd(tickets, 1) != gridDim.x - 1) return;
    for (unsigned i = 0; i < gridDim.x; ++i) *out += sums[i];
}

void test_host_threads() {
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
        threads.emplace_back([] {
            for (int round = 0; round < 50; ++round) {
                Buffer<unsigned> tickets(1);
                Buffer<float> sums(20), out(1);
                tickets.fill(0);
                out.fill(0);
                EQUAL(run(20, 32, 0, last_block, tickets, sums, out), cudaSuccess);
                CHECK(*out == 190, "%g", *out);
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

}  // namespace

int main() {
    test_memory();
    test_limits();
    test_devices();
    test_capture();
    test_host_threads();
    return check::result();
}
