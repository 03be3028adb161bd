// Calls of the CUDA backend do what its header promises beside the numbers: they do not wait and
// allocate nothing, so that they can be captured in a graph and replayed; and refuse what makes no
// sense.
#include <nonlin/cuda.h>

#include <cmath>

#include "device_memory.h"

namespace cuda = nonlin::cuda;
using nonlin::Direction;
using nonlin::Dtype;

namespace {

constexpr std::size_t n = 100000;

struct Arrays {
    DeviceMemory x{n * 4}, y{n * 4}, z{n * 4}, sums{8 * 8}, workspace{1 << 20};
};

cudaError_t everything(Arrays& m, cudaStream_t stream) {
    const std::size_t relu = 2, gelu_unit = 3, softmax = 0;
    const cuda::Operand x{m.x.first(), Dtype::float32, {4}, 0};
    const cuda::Operand y{m.y.first(), Dtype::float32, {4}, 0};
    const cuda::Operand z{m.z.first(), Dtype::float32, {4}, 0};
    const cuda::Operand activation[] = {x, y}, gated[] = {x, y, z};
    const cuda::RowsOperand rows[] = {{{m.x.first(), Dtype::float32, {}, 0}, 4},
                                      {{nullptr, Dtype::float64, {}, 1}, 0},
                                      {{m.y.first(), Dtype::float32, {}, 0}, 4}};
    const cuda::Operand cube{m.x.first(), Dtype::float32, {8 * 4, 4, 0}, 0};
    cudaError_t error =
        cuda::run(relu, Direction::value, false, Dtype::float32, {1, {n}}, activation, stream);
    if (error == cudaSuccess) {
        error = cuda::run_gated(gelu_unit, false, Dtype::float32, {1, {n}}, gated, stream);
    }
    if (error == cudaSuccess) {
        error =
            cuda::run_rows(softmax, Dtype::float32, n, {0, {}}, rows, m.workspace.first(), stream);
    }
    if (error == cudaSuccess) {
        error = cuda::sum_around(cube, {n / 8, 8, 1}, reinterpret_cast<double*>(m.sums.first()),
                                 stream);
    }
    return error;
}

void test_capture() {
    Arrays m;
    auto* const x = reinterpret_cast<float*>(m.x.first());
    auto* const y = reinterpret_cast<float*>(m.y.first());
    for (std::size_t i = 0; i < n; ++i) x[i] = 0;
    CHECK(cuda::row_workspace(0, Dtype::float32, n, 1) <= m.workspace.size(), "workspace");
    CHECK(cuda::row_workspace(0, Dtype::float32, n, 1) > 0, "one row of %zu on one processor", n);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream) == cudaSuccess, "stream");
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess, "begin");
    const cudaError_t captured = everything(m, stream);
    CHECK(captured == cudaSuccess, "%s", cudaGetErrorString(captured));
    cudaGraph_t graph;
    CHECK(cudaStreamEndCapture(stream, &graph) == cudaSuccess, "end");
    cudaGraphExec_t replay;
    CHECK(cudaGraphInstantiate(&replay, graph, 0) == cudaSuccess, "instantiate");
    for (const float given : {1.0f, -2.0f}) {
        for (std::size_t i = 0; i < n; ++i) x[i] = given;
        y[n - 1] = 0;
        CHECK(cudaGraphLaunch(replay, stream) == cudaSuccess, "launch");
        CHECK(cudaStreamSynchronize(stream) == cudaSuccess, "wait");
        // softmax came last of those that write to y.
        CHECK(std::fabs(y[n - 1] * static_cast<float>(n) - 1) < 1e-6f, "%a",
              static_cast<double>(y[n - 1]));
    }
    cudaGraphExecDestroy(replay);
    cudaGraphDestroy(graph);
    cudaStreamDestroy(stream);
}

void test_refusals() {
    const cuda::Operand none[8] = {};
    const cuda::Shape too_many{cuda::max_dimensions + 1, {}};
    CHECK(cuda::run(0, Direction::value, false, Dtype::float32, too_many, none, nullptr) ==
              cudaErrorInvalidValue,
          "9 dimensions");
    CHECK(cuda::run_gated(0, false, Dtype::float32, too_many, none, nullptr) ==
              cudaErrorInvalidValue,
          "9 dimensions");
    const cuda::RowsOperand no_rows[8] = {};
    CHECK(cuda::run_rows(0, Dtype::float32, 1, too_many, no_rows, nullptr, nullptr) ==
              cudaErrorInvalidValue,
          "9 dimensions");
    const cuda::Shape empty{2, {0, 5}};
    CHECK(finished(cuda::run(0, Direction::value, false, Dtype::float32, empty, none, nullptr)),
          "no elements");
}

}  // namespace

int main() {
    need_device();
    test_capture();
    test_refusals();
    return check::result();
}
