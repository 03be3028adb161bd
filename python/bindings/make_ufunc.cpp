#define NONLIN_IMPORTS_NUMPY
#include "make_ufunc.h"

#include <deque>
#include <vector>

#include "promotion.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

// NumPy keeps pointers into this and never copies.
struct Kept {
    Ufunc ufunc;
    std::array<Loop, dtype_count> loops{};
    std::array<void*, dtype_count> data{};
    std::array<PyUFuncGenericFunction, dtype_count> functions{};
    std::vector<char> types;
};

char type_number(char kind, Dtype dtype) {
    constexpr std::array<char, dtype_count> data{NPY_HALF, NPY_FLOAT, NPY_DOUBLE};
    switch (kind) {
    case 'b':
        return NPY_BOOL;
    case 'k':
        return NPY_INT64;
    case 'p':
    case 'v':
        return NPY_DOUBLE;
    default:
        return data[static_cast<std::size_t>(dtype)];
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
    // Never destroyed: a ufunc may outlive the module and even static destruction.
    static auto& all = *new std::deque<Kept>;
    Kept& kept = all.emplace_back();
    kept.ufunc = described;
    const Ufunc& ufunc = kept.ufunc;
    int count = 0;
    for (int d = static_cast<int>(ufunc.least); d < dtype_count; ++d, ++count) {
        const auto at = static_cast<std::size_t>(count);
        kept.loops[at] = {&ufunc, static_cast<Dtype>(d)};
        kept.data[at] = &kept.loops[at];
        kept.functions[at] = ufunc.loop;
        for (const char kind : ufunc.inputs + ufunc.outputs) {
            kept.types.push_back(type_number(kind, static_cast<Dtype>(d)));
        }
    }
    const bool elementwise = ufunc.signature.empty();
    const auto made = py::reinterpret_steal<py::object>(PyUFunc_FromFuncAndDataAndSignature(
        kept.functions.data(), kept.data.data(), kept.types.data(), count,
        static_cast<int>(ufunc.inputs.size()), static_cast<int>(ufunc.outputs.size()), PyUFunc_None,
        ufunc.name.c_str(), ufunc.doc.c_str(), 0, elementwise ? nullptr : ufunc.signature.c_str()));
    if (!made) throw py::error_already_set();
    if (elementwise) add_promotion(made);
    module.attr(ufunc.name.c_str()) = made;
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
