#include "rows.h"

#include <array>
#include <cstddef>
#include <deque>
#include <nonlin/core.h>
#include <string>

#include "numpy.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

constexpr int max_operands = 8;
constexpr std::array<Dtype, 2> dtypes{Dtype::float32, Dtype::float64};
constexpr std::array<char, 2> type_numbers{NPY_FLOAT, NPY_DOUBLE};

bool is_row(char kind) { return kind == 'x' || kind == 'b' || kind == 'v'; }

// What one inner loop needs to know.
struct Loop {
    std::size_t function;
    Dtype dtype;
    const std::string* kinds;
};

// NumPy keeps pointers into this and never copies.
struct Definition {
    std::string kinds;  // of all operands
    std::string signature;
    std::array<Loop, 2> loops;
    std::array<PyUFuncGenericFunction, 2> functions;
    std::array<void*, 2> data;
    std::array<char, 2 * max_operands> types;
};

// dimensions: the number of rows, their length. steps: from row to row, then from element to
// element for each operand that has rows.
void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    std::array<RowOperand, max_operands> operands{};
    const npy_intp* core = steps + loop.kinds->size();
    for (std::size_t k = 0; k < loop.kinds->size(); ++k) {
        operands[k] = {args[k], steps[k], is_row((*loop.kinds)[k]) ? *core++ : 0};
    }
    run_rows(loop.function, loop.dtype, operands.data(), static_cast<std::size_t>(dimensions[1]),
             static_cast<std::size_t>(dimensions[0]));
}

char type_number(char kind, char data) {
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

std::string core_dimensions(const std::string& kinds) {
    std::string text;
    for (const char kind : kinds) {
        text += text.empty() ? "" : ",";
        text += is_row(kind) ? "(n)" : "()";
    }
    return text;
}

void describe(Definition& definition, std::size_t index) {
    const Operands& operands = *row_functions().first[index].operands;
    definition.kinds = std::string(operands.inputs) + operands.outputs;
    definition.signature =
        core_dimensions(operands.inputs) + "->" + core_dimensions(operands.outputs);
    definition.functions.fill(inner_loop);
    char* type = definition.types.data();
    for (std::size_t d = 0; d < dtypes.size(); ++d) {
        definition.loops[d] = {index, dtypes[d], &definition.kinds};
        definition.data[d] = &definition.loops[d];
        for (const char kind : definition.kinds) *type++ = type_number(kind, type_numbers[d]);
    }
}

}  // namespace

void add_rows(py::module_& module) {
    // Never destroyed: a ufunc may outlive the module and even static destruction.
    static auto& definitions = *new std::deque<Definition>;
    for (std::size_t index = 0; index < row_functions().count; ++index) {
        const RowFunction& function = row_functions().first[index];
        Definition& definition = definitions.emplace_back();
        describe(definition, index);
        const int inputs = static_cast<int>(std::string(function.operands->inputs).size());
        const int outputs = static_cast<int>(definition.kinds.size()) - inputs;
        PyObject* ufunc = PyUFunc_FromFuncAndDataAndSignature(
            definition.functions.data(), definition.data.data(), definition.types.data(), 2, inputs,
            outputs, PyUFunc_None, function.name, "A row function; see nonlin's own of this name.",
            0, definition.signature.c_str());
        if (ufunc == nullptr) throw py::error_already_set();
        module.attr(function.name) = py::reinterpret_steal<py::object>(ufunc);
    }
}

}  // namespace nonlin::python
