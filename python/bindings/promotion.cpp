#include "promotion.h"

#include <vector>

#include "numpy.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;
using DType = PyArray_DTypeMeta;

DType* new_reference(DType* dtype) {
    Py_XINCREF(dtype);
    return dtype;
}

// The first loop of every ufunc is float16, so there a float64 operand is a parameter.
bool is_parameter(const PyUFuncObject* ufunc, int operand) {
    return operand < ufunc->nin && ufunc->types[operand] == NPY_DOUBLE;
}

// dtype= arrives as the signature of the outputs; it decides for the data too, as in np.tanh.
DType* requested(const PyUFuncObject* ufunc, DType* const signature[]) {
    for (int i = ufunc->nargs - 1; i >= 0; --i) {
        if (signature[i] != nullptr && !is_parameter(ufunc, i)) return new_reference(signature[i]);
    }
    return nullptr;
}

// The common dtype of the data operands, at least float16; float64 for Python numbers alone.
DType* common(const PyUFuncObject* ufunc, DType* const operands[]) {
    std::vector<DType*> data;
    for (int i = 0; i < ufunc->nin; ++i) {
        if (operands[i] == nullptr) return nullptr;
        if (!is_parameter(ufunc, i)) data.push_back(operands[i]);
    }
    const auto count = static_cast<npy_intp>(data.size());
    DType* promoted = PyArray_PromoteDTypeSequence(count, data.data());
    if (promoted == nullptr) return nullptr;
    const bool number = promoted == &PyArray_PyFloatDType || promoted == &PyArray_PyLongDType;
    DType* least = number ? &PyArray_DoubleDType : &PyArray_HalfDType;
    DType* result = PyArray_CommonDType(promoted, least);
    Py_DECREF(promoted);
    return result;
}

// Number types of other packages, such as bfloat16: NumPy would make them float32.
bool foreign(const PyUFuncObject* ufunc, DType* const operands[]) {
    for (int i = 0; i < ufunc->nin; ++i) {
        if (operands[i] != nullptr && operands[i]->type_num >= NPY_USERDEF) return true;
    }
    return false;
}

int promote(PyObject* object, DType* const operands[], DType* const signature[],
            DType* promoted[]) {
    const auto* ufunc = reinterpret_cast<const PyUFuncObject*>(object);
    if (foreign(ufunc, operands)) {
        PyErr_Format(PyExc_TypeError, "%s takes no numbers of other packages", ufunc->name);
        return -1;
    }
    DType* data = requested(ufunc, signature);
    if (data == nullptr) data = common(ufunc, operands);
    // No common dtype (dates, text): unchanged dtypes make NumPy say so in its own words.
    PyErr_Clear();
    for (int i = 0; i < ufunc->nargs; ++i) {
        DType* chosen = is_parameter(ufunc, i) ? &PyArray_DoubleDType : data;
        if (signature[i] != nullptr) chosen = signature[i];
        promoted[i] = new_reference(data == nullptr ? operands[i] : chosen);
    }
    Py_XDECREF(data);
    return 0;
}

}  // namespace

void add_promotion(const py::object& ufunc) {
    const int operands = reinterpret_cast<const PyUFuncObject*>(ufunc.ptr())->nargs;
    py::tuple any(operands);
    for (int i = 0; i < operands; ++i) any[static_cast<py::size_t>(i)] = py::none();
    const py::capsule promoter(reinterpret_cast<void*>(&promote), "numpy._ufunc_promoter");
    if (PyUFunc_AddPromoter(ufunc.ptr(), any.ptr(), promoter.ptr()) < 0) {
        throw py::error_already_set();
    }
}

}  // namespace nonlin::python
