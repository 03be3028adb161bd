// Streams, the graphs that they capture, and events.
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "runtime.h"

// Operations in the order of their capture.
struct CUgraph_st {
    std::vector<std::function<void()>> operations;
};
struct CUgraphExec_st {
    std::vector<std::function<void()>> operations;
};
struct CUstream_st {
    int device;
    bool blocking;  // orders itself with the legacy stream
    cudaStreamCaptureStatus status;
    std::unique_ptr<CUgraph_st> graph;  // that it captures
};
struct CUevent_st {};

namespace simulated {
namespace {

std::set<cudaStream_t> streams;

bool is_default(cudaStream_t stream) {
    return stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread;
}

cudaError_t check(cudaStream_t stream) {
    if (const auto error = has_device()) return error;
    return is_default(stream) || streams.count(stream) ? cudaSuccess
                                                       : cudaErrorInvalidResourceHandle;
}

// True if there was a capture that ends with this error.
bool invalidate(bool blocking_only) {
    bool any = false;
    for (CUstream_st* stream : streams) {
        if (stream->graph == nullptr || (blocking_only && !stream->blocking)) continue;
        stream->status = cudaStreamCaptureStatusInvalidated;
        any = true;
    }
    return any;
}

}  // namespace

cudaError_t refused_by_capture() {
    return invalidate(false) ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work) {
    if (const auto error = check(stream)) return error;
    if (is_default(stream)) {
        if (stream != cudaStreamPerThread && invalidate(true))
            return cudaErrorStreamCaptureImplicit;
        work();
        return cudaSuccess;
    }
    if (stream->device != current_device()) return cudaErrorInvalidResourceHandle;
    if (stream->status == cudaStreamCaptureStatusInvalidated) {
        return cudaErrorStreamCaptureInvalidated;
    }
    if (stream->graph != nullptr) {
        stream->graph->operations.push_back(std::move(work));
    } else {
        work();
    }
    return cudaSuccess;
}

}  // namespace simulated

using namespace simulated;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
    const Lock lock;
    if (const auto error = has_device()) return report(error);
    if (stream == nullptr || flags > cudaStreamNonBlocking) return report(cudaErrorInvalidValue);
    *stream = new CUstream_st{current_device(), flags != cudaStreamNonBlocking,
                              cudaStreamCaptureStatusNone, nullptr};
    streams.insert(*stream);
    return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) {
    return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    const Lock lock;
    if (streams.erase(stream) == 0) return report(cudaErrorInvalidResourceHandle);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    const Lock lock;
    if (const auto error = check(stream)) return report(error);
    return report(refused_by_capture());
}
cudaError_t cudaStreamQuery(cudaStream_t stream) { return cudaStreamSynchronize(stream); }
cudaError_t cudaDeviceSynchronize() { return cudaStreamSynchronize(nullptr); }

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
    const Lock lock;
    return report(event == nullptr ? cudaErrorInvalidResourceHandle : check(stream));
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
    const Lock lock;
    if (const auto error = check(stream)) return report(error);
    if (is_default(stream)) return report(cudaErrorStreamCaptureUnsupported);
    if (stream->graph != nullptr) return report(cudaErrorIllegalState);
    stream->status = cudaStreamCaptureStatusActive;
    stream->graph = std::make_unique<CUgraph_st>();
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    const Lock lock;
    if (const auto error = check(stream)) return report(error);
    if (graph == nullptr) return report(cudaErrorInvalidValue);
    *graph = nullptr;
    if (is_default(stream) || stream->graph == nullptr) return report(cudaErrorIllegalState);
    const auto captured = std::move(stream->graph);
    const auto status = std::exchange(stream->status, cudaStreamCaptureStatusNone);
    if (status == cudaStreamCaptureStatusInvalidated) {
        return report(cudaErrorStreamCaptureInvalidated);
    }
    *graph = new CUgraph_st(*captured);
    return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
    const Lock lock;
    if (const auto error = check(stream)) return report(error);
    if (status == nullptr) return report(cudaErrorInvalidValue);
    *status = is_default(stream) ? cudaStreamCaptureStatusNone : stream->status;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
    const Lock lock;
    if (const auto error = refused_by_capture()) return report(error);
    if (exec == nullptr || graph == nullptr) return report(cudaErrorInvalidValue);
    *exec = new CUgraphExec_st{graph->operations};
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
    const Lock lock;
    if (exec == nullptr) return report(cudaErrorInvalidValue);
    return report(enqueue(stream, [operations = exec->operations] {
        for (const auto& operation : operations) operation();
    }));
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    delete graph;
    return report(graph == nullptr ? cudaErrorInvalidValue : cudaSuccess);
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
    delete exec;
    return report(exec == nullptr ? cudaErrorInvalidValue : cudaSuccess);
}

// Nothing ever runs that an event could wait for.
namespace {
cudaError_t check(cudaEvent_t event) {
    return report(event == nullptr ? cudaErrorInvalidResourceHandle : has_device());
}
}  // namespace

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
    if (const auto error = has_device()) return report(error);
    if (event == nullptr) return report(cudaErrorInvalidValue);
    *event = new CUevent_st;
    return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
    return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
    const auto error = check(event);
    delete event;
    return error;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) { return check(event); }
cudaError_t cudaEventSynchronize(cudaEvent_t event) { return check(event); }
cudaError_t cudaEventQuery(cudaEvent_t event) { return check(event); }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
    if (milliseconds == nullptr) return report(cudaErrorInvalidValue);
    *milliseconds = 0;
    return check(start) ? cudaErrorInvalidResourceHandle : check(end);
}
