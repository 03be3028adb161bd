// The list of activations as read-only Python objects.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

void add_catalogue(pybind11::module_& module);

}  // namespace nonlin::python
