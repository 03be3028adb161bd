#include "ufuncs.h"

#include <array>
#include <cstddef>
#include <deque>
#include <nonlin/core.h>
#include <string>

#define NONLIN_IMPORTS_NUMPY
#include "numpy.h"
#include "chained.h"
#include "promotion.h"
#include "text.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

constexpr int max_operands = 2 + max_parameters + 2;  // grad_output, x, parameters, two outputs
constexpr std::array<char, dtype_count> type_numbers{NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

// What one inner loop needs to know.
struct Loop {
    std::size_t activation;
    Direction direction;
    Dtype dtype;
    int inputs, operands;
};

// NumPy keeps pointers into this and never copies.
struct Definition {
    std::string name;
    std::string doc;
    std::array<Loop, dtype_count> loops;
    std::array<PyUFuncGenericFunction, dtype_count> functions;
    std::array<void*, dtype_count> data;
    std::array<char, dtype_count * max_operands> types;
    int inputs;
    int outputs;
};

void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    const npy_intp n = dimensions[0];
    if (!chained(loop.inputs, loop.operands, args, steps, n)) {
        run(loop.activation, loop.direction, loop.dtype, args, steps, static_cast<std::size_t>(n));
        return;
    }
    std::array<char*, max_operands> here{};
    for (npy_intp i = 0; i < n; ++i) {
        for (int k = 0; k < loop.operands; ++k) here[k] = args[k] + i * steps[k];
        run(loop.activation, loop.direction, loop.dtype, here.data(), steps, 1);
    }
}

void describe(Definition& definition, std::size_t index, Direction direction) {
    const Activation& activation = activations().first[index];
    const int parameters = activation.parameters->count;
    const int arrays = direction == Direction::backward ? 2 : 1;
    definition.name = ufunc_name(activation, direction);
    definition.doc = ufunc_doc(activation, direction);
    definition.inputs = arrays + parameters;
    definition.outputs = direction == Direction::value_and_derivative ? 2 : 1;
    definition.functions.fill(inner_loop);
    char* type = definition.types.data();
    for (std::size_t d = 0; d < dtype_count; ++d) {
        definition.loops[d] = {index, direction, static_cast<Dtype>(d), definition.inputs,
                               definition.inputs + definition.outputs};
        definition.data[d] = &definition.loops[d];
        for (int i = 0; i < definition.inputs + definition.outputs; ++i) {
            const bool parameter = i >= arrays && i < definition.inputs;
            *type++ = parameter ? char{NPY_DOUBLE} : type_numbers[d];
        }
    }
}

py::object make_ufunc(Definition& definition) {
    PyObject* ufunc = PyUFunc_FromFuncAndData(definition.functions.data(), definition.data.data(),
                                              definition.types.data(), dtype_count,
                                              definition.inputs, definition.outputs, PyUFunc_None,
                                              definition.name.c_str(), definition.doc.c_str(), 0);
    if (ufunc == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(ufunc);
}

void import_numpy() {
    if (PyArray_ImportNumPyAPI() < 0 || PyUFunc_ImportUFuncAPI() < 0) throw py::error_already_set();
}

}  // namespace

void add_ufuncs(py::module_& module) {
    import_numpy();
    // Never destroyed: a ufunc may outlive the module and even static destruction.
    static auto& definitions = *new std::deque<Definition>;
    for (std::size_t index = 0; index < activations().count; ++index) {
        for (int direction = 0; direction < direction_count; ++direction) {
            Definition& definition = definitions.emplace_back();
            describe(definition, index, static_cast<Direction>(direction));
            const py::object ufunc = make_ufunc(definition);
            add_promotion(ufunc);
            module.attr(definition.name.c_str()) = ufunc;
        }
    }
}

}  // namespace nonlin::python
