// The two choices of a process: instruction set and number of threads.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

// Throws ImportError if NONLIN_ISA names something this machine has not got.
void add_runtime(pybind11::module_& module);

}  // namespace nonlin::python
