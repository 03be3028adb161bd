// What the parts of the runtime API share.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>

#include "host.h"

namespace simulated {

// One host thread at a time is in the simulation, a kernel's threads included.
class Lock {
public:
    Lock() : held(mutex) {}

private:
    inline static std::recursive_mutex mutex;
    std::lock_guard<std::recursive_mutex> held;
};

// Keeps an error for cudaGetLastError and returns it.
cudaError_t report(cudaError_t error);

// Whether there is a device at all, and the calling thread's.
cudaError_t has_device();
int current_device();

// For what may not happen while a stream is capturing, and invalidates the graph.
cudaError_t refused_by_capture();

// Does the work at once, or adds it to the graph that the stream captures. A graph outlives what
// the work refers to, which is copied.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work);

}  // namespace simulated
