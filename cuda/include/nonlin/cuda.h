// The CUDA backend's interface: the activations, gated units and row functions of the core's tables
// over arrays in the memory of a GPU.
//
// Every call puts its work into the given stream of the current device and returns: it neither
// waits nor allocates memory, so that it can be captured in a graph. Results have the bits that the
// CPU's have (a NaN may be another NaN). cudaErrorInvalidValue stands for arguments that make no
// sense, such as too many dimensions; other errors are those of the launch.
#pragma once

#include <cuda_runtime.h>
#include <nonlin/direction.h>
#include <nonlin/dtype.h>

#include <cstddef>

namespace nonlin::cuda {

constexpr int max_dimensions = 8;

struct Shape {
    int dimensions;
    std::size_t sizes[max_dimensions];
};

// An array; steps are bytes from element to element along each dimension, 0 repeats one. A
// parameter may be no array: at is nullptr, and `value` its one number.
struct Operand {
    void* at;
    Dtype dtype;
    std::ptrdiff_t steps[max_dimensions];
    double value;
};

// One activation over arrays of a shape. operands are grad_output (backward only), x, bias (if
// biased: f(x + bias), the sum rounded to the dtype), the parameters, and the outputs (two for
// value_and_derivative). All but parameters are of the given dtype. An output may be exactly an
// input.
cudaError_t run(std::size_t activation, Direction direction, bool biased, Dtype dtype,
                const Shape& shape, const Operand* operands, cudaStream_t stream);

// One gated unit. operands are a, b and y; backward they are grad_output, a, b, the gradient of a
// and that of b.
cudaError_t run_gated(std::size_t unit, bool backward, Dtype dtype, const Shape& shape,
                      const Operand* operands, cudaStream_t stream);

// One row function over rows of the given length. operands are its inputs, then its outputs; steps
// are those of the rows (`shape` is theirs), and `core` that from element to element of a row. The
// dtypes are the given one for data, and for the other kinds of operands what nonlin/rowwise.h
// says. An output may be exactly the first input of its kind, but for squared_error, logistic_loss
// and binary_loss. workspace is memory of the size that row_workspace asks for, or nullptr.
struct RowsOperand {
    Operand rows;
    std::ptrdiff_t core;
};
cudaError_t run_rows(std::size_t function, Dtype dtype, std::size_t length, const Shape& shape,
                     const RowsOperand* operands, void* workspace, cudaStream_t stream);
// Bytes; aligned to 16.
std::size_t row_workspace(std::size_t function, Dtype dtype, std::size_t length, std::size_t rows);

// Sums over the first and the last dimension of three, in float64, into contiguous memory.
cudaError_t sum_around(const Operand& x, const std::size_t (&sizes)[3], double* to,
                       cudaStream_t stream);

}  // namespace nonlin::cuda
