#define NONLIN_IMPORTS_NUMPY
#include "make_ufunc.h"

#include <deque>
#include <pybind11/critical_section.h>
#include <vector>

#include "promotion.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

// The dtypes that NumPy knows, and its numbers for them.
struct BuiltIn {
    Dtype dtype;
    int number;
};
constexpr std::array<BuiltIn, 3> built_in{
    {{Dtype::float16, NPY_HALF}, {Dtype::float32, NPY_FLOAT}, {Dtype::float64, NPY_DOUBLE}}};

// NumPy keeps pointers into this and never copies.
struct Kept {
    Ufunc ufunc;
    const PyObject* made = nullptr;
    std::array<Loop, dtype_count> loops{};  // in the order of Dtype
    std::array<void*, built_in.size()> data{};
    std::array<PyUFuncGenericFunction, built_in.size()> functions{};
    std::vector<char> types;
};

// Never destroyed: a ufunc may outlive the module and even static destruction.
std::deque<Kept>& all() {
    static auto& list = *new std::deque<Kept>;
    return list;
}

// The number of an operand's type, where data have the number `data`.
int type_number(char kind, int data) {
    switch (kind) {
    case 'b':
        return NPY_BOOL;
    case 'k':
        return NPY_INT64;
    case 'p':
    case 'v':
        return NPY_DOUBLE;
    default:
        return data;
    }
}

bool is_row(char kind) { return kind == 'x' || kind == 'b' || kind == 'v'; }

std::string core_dimensions(const std::string& kinds) {
    std::string text;
    for (const char kind : kinds) {
        text += text.empty() ? "" : ",";
        text += is_row(kind) ? "(n)" : "()";
    }
    return text;
}

}  // namespace

void import_numpy() {
    if (PyArray_ImportNumPyAPI() < 0 || PyUFunc_ImportUFuncAPI() < 0) throw py::error_already_set();
}

void add_ufunc(py::module_& module, const Ufunc& described) {
    Kept& kept = all().emplace_back();
    kept.ufunc = described;
    const Ufunc& ufunc = kept.ufunc;
    for (int d = 0; d < dtype_count; ++d) {
        kept.loops[static_cast<std::size_t>(d)] = {&ufunc, static_cast<Dtype>(d)};
    }
    int count = 0;
    for (const BuiltIn& type : built_in) {
        if (type.dtype < ufunc.least) continue;
        const auto at = static_cast<std::size_t>(count++);
        kept.data[at] = &kept.loops[static_cast<std::size_t>(type.dtype)];
        kept.functions[at] = ufunc.loop;
        for (const char kind : ufunc.inputs + ufunc.outputs) {
            kept.types.push_back(static_cast<char>(type_number(kind, type.number)));
        }
    }
    const bool elementwise = ufunc.signature.empty();
    const auto made = py::reinterpret_steal<py::object>(PyUFunc_FromFuncAndDataAndSignature(
        kept.functions.data(), kept.data.data(), kept.types.data(), count,
        static_cast<int>(ufunc.inputs.size()), static_cast<int>(ufunc.outputs.size()), PyUFunc_None,
        ufunc.name.c_str(), ufunc.doc.c_str(), 0, elementwise ? nullptr : ufunc.signature.c_str()));
    if (!made) throw py::error_already_set();
    kept.made = made.ptr();
    if (ufunc.least == Dtype::float16) add_promotion(made);
    module.attr(ufunc.name.c_str()) = made;
}

bool add_bfloat16(PyObject* made, int number) {
    // Where there is no GIL, several threads may be the first.
    const py::scoped_critical_section one_at_a_time(made);
    for (Kept& kept : all()) {
        if (kept.made != made) continue;
        std::vector<int> types;
        for (const char kind : kept.ufunc.inputs + kept.ufunc.outputs) {
            types.push_back(type_number(kind, number));
        }
        Loop& loop = kept.loops[static_cast<std::size_t>(Dtype::bfloat16)];
        auto* const ufunc = reinterpret_cast<PyUFuncObject*>(made);
        return PyUFunc_RegisterLoopForType(ufunc, number, kept.ufunc.loop, types.data(), &loop) ==
               0;
    }
    PyErr_SetString(PyExc_SystemError, "not a ufunc of nonlin");
    return false;
}

std::string over_rows(const std::string& inputs, const std::string& outputs) {
    return core_dimensions(inputs) + "->" + core_dimensions(outputs);
}

std::array<RowOperand, max_operands> row_operands(const Ufunc& ufunc, char** args,
                                                  const npy_intp* steps) {
    std::array<RowOperand, max_operands> operands{};
    const auto inputs = ufunc.inputs.size();
    const npy_intp* core = steps + ufunc.operands();
    for (std::size_t k = 0; k < inputs + ufunc.outputs.size(); ++k) {
        const char kind = k < inputs ? ufunc.inputs[k] : ufunc.outputs[k - inputs];
        operands[k] = {args[k], steps[k], is_row(kind) ? *core++ : 0};
    }
    return operands;
}

}  // namespace nonlin::python
