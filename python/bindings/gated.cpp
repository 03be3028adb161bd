#include "gated.h"

#include <array>
#include <cstddef>
#include <deque>
#include <nonlin/core.h>
#include <string>

#include "chained.h"
#include "numpy.h"
#include "promotion.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

constexpr int max_operands = 5;  // grad_output, a, b and two gradients
constexpr std::array<char, dtype_count> type_numbers{NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

// What one inner loop needs to know.
struct Loop {
    std::size_t unit;
    bool backward;
    Dtype dtype;
    int inputs, operands;
};

// NumPy keeps pointers into this and never copies.
struct Definition {
    std::string name;
    std::array<Loop, dtype_count> loops;
    std::array<PyUFuncGenericFunction, dtype_count> functions;
    std::array<void*, dtype_count> data;
    std::array<char, dtype_count * max_operands> types;
};

void call(const Loop& loop, char** args, const npy_intp* outer, const npy_intp* core,
          npy_intp length, npy_intp rows) {
    std::array<RowOperand, max_operands> operands{};
    for (int k = 0; k < loop.operands; ++k) {
        operands[k] = {args[k], outer == nullptr ? 0 : outer[k], core[k]};
    }
    run_gated(loop.unit, loop.backward, loop.dtype, operands.data(),
              static_cast<std::size_t>(length), static_cast<std::size_t>(rows));
}

void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    const npy_intp n = dimensions[0];
    if (!chained(loop.inputs, loop.operands, args, steps, n)) {
        call(loop, args, nullptr, steps, n, 1);
        return;
    }
    std::array<char*, max_operands> here{};
    for (npy_intp i = 0; i < n; ++i) {
        for (int k = 0; k < loop.operands; ++k) here[k] = args[k] + i * steps[k];
        call(loop, here.data(), nullptr, steps, 1, 1);
    }
}

void loop_over_rows(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    call(loop, args, steps, steps + loop.operands, dimensions[1], dimensions[0]);
}

void add(py::module_& module, Definition& definition, std::size_t unit, bool backward, bool rows) {
    const int inputs = backward ? 3 : 2, outputs = backward ? 2 : 1;
    definition.name = gated_units().first[unit];
    if (backward) definition.name += "_backward";
    if (rows) definition.name += "_rows";
    definition.functions.fill(rows ? loop_over_rows : inner_loop);
    char* type = definition.types.data();
    for (std::size_t d = 0; d < dtype_count; ++d) {
        definition.loops[d] = {unit, backward, static_cast<Dtype>(d), inputs, inputs + outputs};
        definition.data[d] = &definition.loops[d];
        for (int k = 0; k < inputs + outputs; ++k) *type++ = type_numbers[d];
    }
    const char* const doc = backward ? "grad_output b act'(a) and grad_output act(a)" : "act(a) b";
    const char* const signature = backward ? "(n),(n),(n)->(n),(n)" : "(n),(n)->(n)";
    PyObject* const made = PyUFunc_FromFuncAndDataAndSignature(
        definition.functions.data(), definition.data.data(), definition.types.data(), dtype_count,
        inputs, outputs, PyUFunc_None, definition.name.c_str(), doc, 0, rows ? signature : nullptr);
    if (made == nullptr) throw py::error_already_set();
    const auto ufunc = py::reinterpret_steal<py::object>(made);
    if (!rows) add_promotion(ufunc);
    module.attr(definition.name.c_str()) = ufunc;
}

}  // namespace

void add_gated(py::module_& module) {
    // Never destroyed: a ufunc may outlive the module and even static destruction.
    static auto& definitions = *new std::deque<Definition>;
    for (std::size_t unit = 0; unit < gated_units().count; ++unit) {
        for (const bool backward : {false, true}) {
            for (const bool rows : {false, true}) {
                add(module, definitions.emplace_back(), unit, backward, rows);
            }
        }
    }
}

}  // namespace nonlin::python
