// How a description and an inner loop become a ufunc of the module.
#pragma once

#include <array>
#include <cstddef>
#include <nonlin/core.h>
#include <pybind11/pybind11.h>
#include <string>

#include "numpy.h"

namespace nonlin::python {

constexpr int max_operands = 8;  // of any ufunc

// Operands have one letter each, their kind, as nonlin/rowwise.h lists them.
struct Ufunc {
    std::string name, doc;
    std::string inputs, outputs;
    std::string signature;  // of a generalised ufunc; "" for one that goes element by element
    PyUFuncGenericFunction loop;
    std::size_t index;  // in the core's table
    Direction direction = Direction::value;
    Dtype least = Dtype::float16;  // that of the first loop; the last one is float64

    int operands() const { return static_cast<int>(inputs.size() + outputs.size()); }
};

// What an inner loop gets as its data.
struct Loop {
    const Ufunc* ufunc;
    Dtype dtype;
};

// Before any ufunc is made.
void import_numpy();

void add_ufunc(pybind11::module_& module, const Ufunc& described);

// Gives one of these ufuncs a loop for bfloat16, which has this type number in NumPy: that is known
// only once another package has defined it. Where it cannot, it sets Python's error indicator.
bool add_bfloat16(PyObject* made, int number);

// Of a generalised ufunc over rows: the signature, and the operands of an inner loop, whose
// dimensions are the number of rows and their length, and whose steps go from row to row, then from
// element to element for each operand that has rows.
std::string over_rows(const std::string& inputs, const std::string& outputs);
std::array<RowOperand, max_operands> row_operands(const Ufunc& ufunc, char** args,
                                                  const npy_intp* steps);

}  // namespace nonlin::python
