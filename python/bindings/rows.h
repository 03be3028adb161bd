// Generalised ufuncs: one for every row function of the table.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

void add_rows(pybind11::module_& module);

}  // namespace nonlin::python
