// Memory of the simulated devices: the host's, with an end that traps.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include <sys/mman.h>

#include "device_limits.h"
#include "runtime.h"
#include "simulated.h"

namespace simulated {
namespace {

constexpr std::size_t page = 4096, alignment = 256;  // of every allocation, as CUDA has it

struct Allocation {
    std::size_t bytes;
    int device;
    char *mapping, *end;  // one page before the first that can be touched; the page behind the last
};

std::map<const char*, Allocation> memory;  // by its first byte
std::size_t allocated = 0;

using Place = std::map<const char*, Allocation>::iterator;

Place containing(const void* pointer) {
    const auto* byte = static_cast<const char*>(pointer);
    auto place = memory.upper_bound(byte);
    if (place == memory.begin()) return memory.end();
    --place;
    return byte < place->first + place->second.bytes ? place : memory.end();
}

bool on_device(const void* pointer) { return containing(pointer) != memory.end(); }

// A range that begins on a device must end there.
bool exists(const void* pointer, std::size_t bytes) {
    const auto place = containing(pointer);
    const auto* byte = static_cast<const char*>(pointer);
    if (place == memory.end()) return pointer != nullptr;
    return bytes <= place->second.bytes - static_cast<std::size_t>(byte - place->first);
}

bool fits(cudaMemcpyKind kind, const void* to, const void* from) {
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    return kind == cudaMemcpyDefault ||
           (on_device(to) == to_device && on_device(from) == from_device);
}

// An allocation lies in 0xFF bytes: what the alignment leaves before the next page does not trap.
void check_margin(const char* begin, const char* end, const char* where) {
    for (const char* byte = begin; byte != end; ++byte) {
        if (*byte == '\xff') continue;
        std::fprintf(stderr, "simulated CUDA: an allocation was written %s its ends\n", where);
        std::abort();
    }
}

}  // namespace

std::size_t allocations() { return Lock(), allocated; }
std::size_t live_allocations() { return Lock(), memory.size(); }

}  // namespace simulated

using namespace simulated;

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (const auto error = refused_by_capture()) return report(error);
    if (pointer == nullptr) return report(cudaErrorInvalidValue);
    *pointer = nullptr;
    if (bytes == 0) return cudaSuccess;
    if (bytes > memory_bytes) return report(cudaErrorMemoryAllocation);
    const std::size_t size = (bytes + alignment - 1) / alignment * alignment;
    const std::size_t body = (size + page - 1) / page * page;
    void* mapping =
        mmap(nullptr, page + body + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) return report(cudaErrorMemoryAllocation);
    char* begin = static_cast<char*>(mapping) + page;
    if (mprotect(begin, body, PROT_READ | PROT_WRITE) != 0) {
        munmap(mapping, page + body + page);
        return report(cudaErrorMemoryAllocation);
    }
    std::memset(begin, 0xff, body);
    *pointer = begin + body - size;
    memory[begin + body - size] = {bytes, current_device(), begin - page, begin + body};
    ++allocated;
    return cudaSuccess;
}

cudaError_t cudaFree(void* pointer) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (const auto error = refused_by_capture()) return report(error);
    if (pointer == nullptr) return cudaSuccess;
    const auto place = memory.find(static_cast<const char*>(pointer));
    if (place == memory.end()) return report(cudaErrorInvalidValue);
    const auto& [begin, allocation] = *place;
    check_margin(allocation.mapping + page, begin, "before");
    check_margin(begin + allocation.bytes, allocation.end, "behind");
    munmap(allocation.mapping,
           static_cast<std::size_t>(allocation.end + page - allocation.mapping));
    memory.erase(place);
    return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (attributes == nullptr) return report(cudaErrorInvalidValue);
    const auto place = containing(pointer);
    void* address = const_cast<void*>(pointer);
    *attributes =
        place == memory.end()
            ? cudaPointerAttributes{cudaMemoryTypeUnregistered, cudaInvalidDeviceId, nullptr,
                                    address}
            : cudaPointerAttributes{cudaMemoryTypeDevice, place->second.device, address, nullptr};
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (bytes == 0) return cudaSuccess;
    if (!exists(to, bytes) || !exists(from, bytes) || !fits(kind, to, from)) {
        return report(cudaErrorInvalidValue);
    }
    return report(enqueue(stream, [=] { std::memmove(to, from, bytes); }));
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    const Lock lock;
    if (const auto error = refused_by_capture()) return report(error);
    return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (bytes == 0) return cudaSuccess;
    if (!on_device(to) || !exists(to, bytes)) return report(cudaErrorInvalidValue);
    return report(enqueue(stream, [=] { std::memset(to, value, bytes); }));
}

cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
    return cudaMemsetAsync(to, value, bytes, nullptr);
}
