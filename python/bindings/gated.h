// The gated units: as ufuncs, and as generalised ufuncs over rows.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

// Adds glu (a, b -> y) and glu_backward (grad_output, a, b -> grad_a, grad_b), and so on. Halves of
// an array do not follow one another: glu_rows and glu_backward_rows get several of its rows in one
// call, and so can use threads.
void add_gated(pybind11::module_& module);

}  // namespace nonlin::python
