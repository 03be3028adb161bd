// The parts of the module: each is in the file of its name.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

// The two choices of a process, instruction set and number of threads. Throws ImportError if
// NONLIN_ISA names something this machine has not got.
void add_runtime(pybind11::module_& module);

// The list of activations as read-only Python objects.
void add_catalogue(pybind11::module_& module);

// A ufunc for every activation and direction: elu, elu_derivative, elu_backward,
// elu_value_and_derivative. Loops are float16, float32, float64 in that order, and bfloat16 from
// the first such array on; parameters are float64 inputs in every loop, so a scalar parameter never
// decides the dtype of the result.
void add_elementwise(pybind11::module_& module);

// A generalised ufunc for every row function of the table.
void add_rows(pybind11::module_& module);

// The gated units: glu (a, b -> y) and glu_backward (grad_output, a, b -> grad_a, grad_b), and so
// on. Halves of an array do not follow one another: glu_rows and glu_backward_rows, generalised
// ufuncs, get several of its rows in one call, and so can use threads.
void add_gated(pybind11::module_& module);

// f(x + bias), a generalised ufunc for every activation: relu_biased (x, bias, parameters -> y),
// relu_biased_backward (grad_output, x, bias, parameters -> grad_x), over rows: a bias and its data
// meet in one call. And sum_around, the bias's gradient from that of x.
void add_biased(pybind11::module_& module);

// The core's calls for other extension modules: nonlin/capsule.h.
void add_capsule(pybind11::module_& module);

}  // namespace nonlin::python
