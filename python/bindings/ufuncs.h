// NumPy ufuncs for every activation and direction of the core.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

// Adds them to the module under their own names: elu, elu_derivative, elu_backward,
// elu_value_and_derivative. Loops are float16, float32, float64 in that order; parameters are
// float64 inputs in every loop, so a scalar parameter never decides the dtype of the result.
void add_ufuncs(pybind11::module_& module);

}  // namespace nonlin::python
