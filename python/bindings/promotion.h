// Which loop a call runs when its dtypes are not exactly those of a loop.
#pragma once

#include <pybind11/pybind11.h>

namespace nonlin::python {

// Tells the ufunc how to promote. NumPy's own search over mixed loops (fd->f) treats a Python
// number as smaller than float16 and does not find dtype=float32 for float64 data.
void add_promotion(const pybind11::object& ufunc);

}  // namespace nonlin::python
