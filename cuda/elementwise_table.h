// The kernels of activations and gated units, and what they are given.
#pragma once

#include <nonlin/about.h>
#include <nonlin/cuda.h>

namespace nonlin::cuda {

constexpr int max_inputs = 3;  // x, second (a bias, or a gated unit's other input), grad_output

// Rows of elements that lie side by side, in 16-byte vectors that do not cross the end of a row;
// of a single row the last one may be cut. Inputs without a place in `input` are -1.
constexpr unsigned plane_threads = 256, plane_vectors = 4;
struct Plane {
    char* at;
    std::ptrdiff_t outer;
    __host__ __device__ char* from(std::size_t row, std::size_t column, std::size_t size) const {
        return at + static_cast<std::ptrdiff_t>(row) * outer + column * size;
    }
};
struct Planes {
    Plane input[max_inputs], output[2];  // x first
    int inputs, second, grad_output;
    std::size_t length, count;
    double parameters[max_parameters];
    Dtype dtype;
};

// Arrays in any order.
constexpr unsigned scattered_threads = 256;
struct Scattered {
    Operand input[max_inputs], parameter[max_parameters], output[2];
    std::size_t sizes[max_dimensions], count;
    int dimensions;
    Dtype dtype;
};

using PlanesKernel = void (*)(Planes);
using ScatteredKernel = void (*)(Scattered);

// In the order of the variants that a call chooses from, and of Want (operations.h). A gated unit
// has one variant, and no slope: both its gradients come at once.
struct VariantKernels {
    PlanesKernel kernels[3];
};
struct PlanesRow {
    VariantKernels wants[3];
};
struct ScatteredRow {
    ScatteredKernel wants[3];
};

// In the order of the tables of src/, for halves, float32 and float64 data; scattered halves and
// float32 data share kernels.
template <class Row>
struct ElementwiseTable {
    const Row *activations, *gated;
};
extern const ElementwiseTable<PlanesRow> planes_of_halves, planes_of_float32, planes_of_float64;
extern const ElementwiseTable<ScatteredRow> scattered_float32, scattered_float64;

}  // namespace nonlin::cuda
