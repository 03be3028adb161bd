// Errors, devices and launches.
#include "simulated.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "device_limits.h"
#include "interpreter.h"
#include "runtime.h"

namespace simulated {
namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local int device = 0;

std::map<std::pair<const void*, int>, std::size_t> opted_in;  // kernels on devices
Launch last;
std::size_t launched = 0;

// Below 0: as with a driver that is too old.
int device_count() {
    const char* count = std::getenv("NONLIN_SIMULATED_DEVICES");
    return count ? std::atoi(count) : 2;
}

std::size_t dynamic_shared_limit(const void* kernel) {
    const auto found = opted_in.find({kernel, device});
    return found == opted_in.end() ? shared_per_block : found->second;
}

unsigned resident_blocks(const void* kernel, std::size_t threads, std::size_t shared_bytes) {
    if (threads > threads_per_block || shared_bytes > dynamic_shared_limit(kernel)) return 0;
    const std::size_t blocks = shared_per_multiprocessor / (shared_bytes + shared_reserved);
    return blocks < blocks_per_multiprocessor ? static_cast<unsigned>(blocks)
                                              : blocks_per_multiprocessor;
}

bool within(const dim3& extents, unsigned x, unsigned y, unsigned z) {
    return extents.x - 1 < x && extents.y - 1 < y && extents.z - 1 < z;  // 0 - 1 is large
}

cudaError_t check(const Launch& launch) {
    if (const auto error = has_device()) return error;
    const dim3 &grid = launch.grid, &block = launch.block;
    if (launch.kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    if (!within(grid, 0x7fffffff, 0xffff, 0xffff) || !within(block, 1024, 1024, 64)) {
        return cudaErrorInvalidConfiguration;
    }
    const std::size_t threads = std::size_t{block.x} * block.y * block.z;
    if (threads > threads_per_block) return cudaErrorInvalidConfiguration;
    if (launch.shared_bytes > dynamic_shared_limit(launch.kernel)) return cudaErrorInvalidValue;
    const std::size_t room =
        resident_blocks(launch.kernel, threads, launch.shared_bytes) * multiprocessors;
    if (launch.cooperative && std::uint64_t{grid.x} * grid.y * grid.z > room) {
        return cudaErrorCooperativeLaunchTooLarge;
    }
    return cudaSuccess;
}

}  // namespace

cudaError_t report(cudaError_t error) {
    if (error != cudaSuccess) last_error = error;
    return error;
}

cudaError_t has_device() {
    const int count = device_count();
    return count > 0 ? cudaSuccess : count == 0 ? cudaErrorNoDevice : cudaErrorInsufficientDriver;
}

int current_device() { return device; }

Launch last_launch() { return Lock(), last; }
std::size_t launches() { return Lock(), launched; }

cudaError_t launch(const cudaLaunchConfig_t& config, const void* kernel,
                   std::function<void()> thread) {
    const Lock lock;
    Launch launch{kernel,         device,          config.stream,
                  config.gridDim, config.blockDim, config.dynamicSmemBytes,
                  false};
    for (unsigned i = 0; i < config.numAttrs; ++i) {
        const cudaLaunchAttribute& attribute = config.attrs[i];
        if (attribute.id == cudaLaunchAttributeCooperative) {
            launch.cooperative = attribute.val.cooperative != 0;
        } else if (attribute.id != cudaLaunchAttributeIgnore) {
            return report(cudaErrorNotSupported);
        }
    }
    if (const auto error = check(launch)) return report(error);
    const Grid launched_grid{launch.grid, launch.block, launch.shared_bytes, launch.cooperative,
                             std::move(thread)};
    return report(enqueue(config.stream, [launch, launched_grid] {
        last = launch;
        ++launched;
        run(launched_grid);
    }));
}

}  // namespace simulated

using namespace simulated;

#define SIMULATED_CASE(name, value, text)                                                          \
    case name:                                                                                     \
        return SIMULATED_TEXT(name, text);
const char* cudaGetErrorName(cudaError_t error) {
    switch (error) {
#define SIMULATED_TEXT(name, text) #name
        SIMULATED_ERRORS(SIMULATED_CASE)
#undef SIMULATED_TEXT
    }
    return "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t error) {
    switch (error) {
#define SIMULATED_TEXT(name, text) text
        SIMULATED_ERRORS(SIMULATED_CASE)
#undef SIMULATED_TEXT
    }
    return "unrecognized error code";
}
cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
cudaError_t cudaPeekAtLastError() { return last_error; }

cudaError_t cudaRuntimeGetVersion(int* version) {
    *version = CUDART_VERSION;
    return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
    *version = device_count() < 0 ? 0 : CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
    if (count == nullptr) return report(cudaErrorInvalidValue);
    const auto error = has_device();
    *count = error ? 0 : device_count();
    return report(error);
}
cudaError_t cudaGetDevice(int* current) {
    if (const auto error = has_device()) return report(error);
    if (current == nullptr) return report(cudaErrorInvalidValue);
    *current = device;
    return cudaSuccess;
}
cudaError_t cudaSetDevice(int chosen) {
    if (const auto error = has_device()) return report(error);
    if (chosen < 0 || chosen >= device_count()) return report(cudaErrorInvalidDevice);
    device = chosen;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int of) {
    if (const auto error = has_device()) return report(error);
    if (of < 0 || of >= device_count()) return report(cudaErrorInvalidDevice);
    if (value == nullptr) return report(cudaErrorInvalidValue);
    switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
        *value = threads_per_block;
        break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
        *value = shared_per_block;
        break;
    case cudaDevAttrWarpSize:
        *value = lanes_per_warp;
        break;
    case cudaDevAttrMultiProcessorCount:
        *value = multiprocessors;
        break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
        *value = threads_per_block * blocks_per_multiprocessor;
        break;
    case cudaDevAttrComputeCapabilityMajor:
        *value = 9;
        break;
    case cudaDevAttrComputeCapabilityMinor:
        *value = 0;
        break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = shared_per_multiprocessor;
        break;
    case cudaDevAttrCooperativeLaunch:
        *value = 1;
        break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = shared_optin;
        break;
    case cudaDevAttrReservedSharedMemoryPerBlock:
        *value = shared_reserved;
        break;
    default:
        return report(cudaErrorInvalidValue);
    }
    return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (kernel == nullptr) return report(cudaErrorInvalidDeviceFunction);
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        static_cast<std::size_t>(value) > shared_optin) {
        return report(cudaErrorInvalidValue);
    }
    std::size_t& limit = opted_in[{kernel, device}];
    if (static_cast<std::size_t>(value) < limit) {
        fail("less dynamic shared memory for a kernel (%d bytes) than before (%zu): another thread "
             "may be about to launch it with more",
             value, limit);
    }
    limit = static_cast<std::size_t>(value);
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel,
                                                          int threads, std::size_t shared_bytes) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (kernel == nullptr) return report(cudaErrorInvalidDeviceFunction);
    if (blocks == nullptr || threads <= 0) return report(cudaErrorInvalidValue);
    *blocks =
        static_cast<int>(resident_blocks(kernel, static_cast<std::size_t>(threads), shared_bytes));
    return cudaSuccess;
}
