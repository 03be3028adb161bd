// The kernels of activations and gated units, and what they are given.
#pragma once

#include <nonlin/about.h>
#include <nonlin/cuda.h>

#include "divisor.h"

namespace nonlin::cuda {

constexpr int max_inputs = 3;  // x, second (a bias, or a gated unit's other input), grad_output

// A thread computes this many groups of 16 bytes, a block's length apart.
constexpr unsigned block_threads = 256, groups_of_thread = 4, group_bytes = 16;

// Elements that follow one another in the innermost dimension, up to a group of them.
struct Elements {
    std::size_t row, column;  // all outer dimensions in one; the place in the innermost
    unsigned count;
};

struct Array {
    char* at;
    std::ptrdiff_t steps[max_dimensions];
    Dtype dtype;
    bool in_groups;  // whether a whole group is one 16-byte access
};

// Inputs without a place in `input` are -1.
struct Elementwise {
    Array input[max_inputs], output[2], parameter[max_parameters];  // x is the first input
    int inputs, second, grad_output;
    double numbers[max_parameters];  // parameters without an array
    int dimensions;
    std::size_t length;             // of the innermost dimension
    Divisor sizes[max_dimensions];  // of the others
    Divisor groups_of_row;
    std::size_t groups;
    Dtype dtype;
};

using ElementwiseKernel = void (*)(Elementwise);

// What parameters a kernel is for: one number each, of any kind, float32 numbers, or the defaults;
// or arrays.
enum class Variant { general, exact, at_default, varied };
constexpr int variants = 4;

// value_and_derivative, and a gated unit's two gradients, are `both`.
enum class Want { value, slope, both };
constexpr int wants = 3;

struct VariantKernels {
    ElementwiseKernel variants[cuda::variants];
};
struct ElementwiseRow {
    VariantKernels wants[cuda::wants];
};

// In the order of the tables of src/.
struct ElementwiseTable {
    const ElementwiseRow *activations, *gated;
};
extern const ElementwiseTable elementwise_halves, elementwise_float32, elementwise_float64;

}  // namespace nonlin::cuda
