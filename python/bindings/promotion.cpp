#include "promotion.h"

#include <vector>

#include "make_ufunc.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;
using DType = PyArray_DTypeMeta;

DType* new_reference(DType* dtype) {
    Py_XINCREF(dtype);
    return dtype;
}

// The first loop of these ufuncs is float16, so there a float64 operand is a parameter, or a sum.
bool is_data(const PyUFuncObject* ufunc, int operand) {
    return ufunc->types[operand] != NPY_DOUBLE;
}

// dtype= arrives as the signature of the outputs; it decides for the data too, as in np.tanh.
DType* requested(const PyUFuncObject* ufunc, DType* const signature[]) {
    for (int i = ufunc->nargs - 1; i >= 0; --i) {
        if (signature[i] != nullptr && is_data(ufunc, i)) return new_reference(signature[i]);
    }
    return nullptr;
}

bool is_foreign(const DType* dtype) { return dtype != nullptr && dtype->type_num >= NPY_USERDEF; }

// Whether a dtype is ml_dtypes' bfloat16. If there is one, its package has been imported.
bool is_bfloat16(const DType* dtype) {
    if (!is_foreign(dtype)) return false;
    PyObject* const package = PyDict_GetItemString(PyImport_GetModuleDict(), "ml_dtypes");
    if (package == nullptr) return false;
    PyObject* const found = PyObject_GetAttrString(package, "bfloat16");
    if (found == nullptr) PyErr_Clear();
    Py_XDECREF(found);
    return found == reinterpret_cast<const PyObject*>(dtype->scalar_type);
}

// The common dtype of the data operands, at least a half; float64 for Python numbers alone.
DType* common(const PyUFuncObject* ufunc, DType* const operands[]) {
    std::vector<DType*> data, arrays;
    bool half = false;
    for (int i = 0; i < ufunc->nin; ++i) {
        if (operands[i] == nullptr) return nullptr;
        if (!is_data(ufunc, i)) continue;
        data.push_back(operands[i]);
        const bool number =
            operands[i] == &PyArray_PyFloatDType || operands[i] == &PyArray_PyLongDType;
        if (!number) arrays.push_back(operands[i]);
        half |= is_foreign(operands[i]);
    }
    // Beside a number type of another package NumPy would take a Python number for a float64.
    if (half) data = arrays;
    const auto count = static_cast<npy_intp>(data.size());
    DType* promoted = PyArray_PromoteDTypeSequence(count, data.data());
    if (promoted == nullptr && half) {
        // Where there is none, it counts as float32, as for NumPy's own ufuncs.
        PyErr_Clear();
        for (DType*& dtype : data) dtype = is_foreign(dtype) ? &PyArray_FloatDType : dtype;
        promoted = PyArray_PromoteDTypeSequence(count, data.data());
    }
    if (promoted == nullptr || is_foreign(promoted)) return promoted;
    const bool number = promoted == &PyArray_PyFloatDType || promoted == &PyArray_PyLongDType;
    DType* least = number ? &PyArray_DoubleDType : &PyArray_HalfDType;
    DType* result = PyArray_CommonDType(promoted, least);
    Py_DECREF(promoted);
    return result;
}

// Whether the ufunc can have loops for these dtypes; if not, Python's error says so.
bool all_known(const PyUFuncObject* ufunc, DType* const dtypes[], int count) {
    for (int i = 0; i < count; ++i) {
        if (is_foreign(dtypes[i]) && !is_bfloat16(dtypes[i])) {
            PyErr_Format(PyExc_TypeError, "%s does not take %S", ufunc->name, dtypes[i]);
            return false;
        }
    }
    return true;
}

int promote(PyObject* object, DType* const operands[], DType* const signature[],
            DType* promoted[]) {
    const auto* ufunc = reinterpret_cast<const PyUFuncObject*>(object);
    if (!all_known(ufunc, operands, ufunc->nin)) return -1;
    if (!all_known(ufunc, signature, ufunc->nargs)) return -1;
    DType* data = requested(ufunc, signature);
    if (data == nullptr) data = common(ufunc, operands);
    // No common dtype (dates, text): unchanged dtypes make NumPy say so in its own words.
    PyErr_Clear();
    if (is_foreign(data) && !add_bfloat16(object, data->type_num)) {
        Py_DECREF(data);
        return -1;
    }
    for (int i = 0; i < ufunc->nargs; ++i) {
        DType* chosen = is_data(ufunc, i) ? data : &PyArray_DoubleDType;
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
