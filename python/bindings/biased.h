// f(x + bias), a generalised ufunc for every activation.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

// Adds relu_biased (x, bias, parameters -> y) and relu_biased_backward (grad_output, x, bias,
// parameters -> grad_x), and so on, over rows: a bias and its data meet in one call. And
// sum_around, the bias's gradient from that of x.
void add_biased(pybind11::module_& module);

}  // namespace nonlin::python
