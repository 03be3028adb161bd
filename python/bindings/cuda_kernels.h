// The kernels of the CUDA backend by the names of the ufuncs of _core.
#pragma once

#include <nonlin/cuda.h>

#include <string>
#include <vector>

namespace nonlin::python {

enum class Family { elementwise, gated, rows, sum_around };

// Operands have one letter each, their kind, as nonlin/rowwise.h lists them; those of elementwise
// families are data (x) and parameters (p). over_rows: a kernel of rows by its operands, whose last
// dimension is that of an axis.
struct CudaKernel {
    std::string name;
    Family family;
    std::size_t index;
    Direction direction = Direction::value;
    bool biased = false, over_rows = false;
    std::string inputs, outputs;
};

std::vector<CudaKernel> cuda_kernels();

}  // namespace nonlin::python
