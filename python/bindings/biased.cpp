#include "biased.h"

#include <array>
#include <cstddef>
#include <deque>
#include <nonlin/core.h>
#include <string>

#include "numpy.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

constexpr int max_operands = 3 + max_parameters + 1;  // grad_output, x, bias, parameters, output
constexpr std::array<char, dtype_count> type_numbers{NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

// What one inner loop needs to know.
struct Loop {
    std::size_t activation;
    Direction direction;
    Dtype dtype;
    int operands;
};

// NumPy keeps pointers into this and never copies.
struct Definition {
    std::string name, signature;
    std::array<Loop, dtype_count> loops;
    std::array<PyUFuncGenericFunction, dtype_count> functions;
    std::array<void*, dtype_count> data;
    std::array<char, dtype_count * max_operands> types;
};

// dimensions: the number of rows, their length. steps: from row to row, then within a row.
void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    std::array<RowOperand, max_operands> operands{};
    for (int k = 0; k < loop.operands; ++k) {
        operands[k] = {args[k], steps[k], steps[loop.operands + k]};
    }
    run_biased(loop.activation, loop.direction, loop.dtype, operands.data(),
               static_cast<std::size_t>(dimensions[1]), static_cast<std::size_t>(dimensions[0]));
}

void add(py::module_& module, Definition& definition, std::size_t index, Direction direction) {
    const Activation& activation = activations().first[index];
    const bool backward = direction == Direction::backward;
    const int arrays = backward ? 3 : 2;
    const int inputs = arrays + activation.parameters->count;
    definition.name = std::string(activation.name) + (backward ? "_biased_backward" : "_biased");
    for (int k = 0; k < inputs; ++k) definition.signature += k == 0 ? "(n)" : ",(n)";
    definition.signature += "->(n)";
    definition.functions.fill(inner_loop);
    char* type = definition.types.data();
    for (std::size_t d = 0; d < dtype_count; ++d) {
        definition.loops[d] = {index, direction, static_cast<Dtype>(d), inputs + 1};
        definition.data[d] = &definition.loops[d];
        for (int k = 0; k <= inputs; ++k) {
            *type++ = k >= arrays && k < inputs ? char{NPY_DOUBLE} : type_numbers[d];
        }
    }
    PyObject* const made = PyUFunc_FromFuncAndDataAndSignature(
        definition.functions.data(), definition.data.data(), definition.types.data(), dtype_count,
        inputs, 1, PyUFunc_None, definition.name.c_str(),
        backward ? "grad_output f'(x + bias)" : "f(x + bias)", 0, definition.signature.c_str());
    if (made == nullptr) throw py::error_already_set();
    module.attr(definition.name.c_str()) = py::reinterpret_steal<py::object>(made);
}

// dimensions: the number of arrays, then their shape. steps: from array to array for both operands,
// then those of the three axes, then of the sums.
void loop_over_cubes(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    Cube cube{};
    cube.dtype = *static_cast<const Dtype*>(data);
    for (int axis = 0; axis < 3; ++axis) {
        cube.shape[axis] = static_cast<std::size_t>(dimensions[1 + axis]);
        cube.steps[axis] = steps[2 + axis];
    }
    for (npy_intp i = 0; i < dimensions[0]; ++i) {
        cube.at = args[0] + i * steps[0];
        sum_around(cube, reinterpret_cast<double*>(args[1] + i * steps[1]));
    }
}

void add_sums(py::module_& module) {
    // NumPy keeps pointers into these and never copies.
    static std::array<Dtype, dtype_count> dtypes{Dtype::float16, Dtype::float32, Dtype::float64};
    static std::array<void*, dtype_count> data{&dtypes[0], &dtypes[1], &dtypes[2]};
    static std::array<PyUFuncGenericFunction, dtype_count> functions{
        loop_over_cubes, loop_over_cubes, loop_over_cubes};
    static std::array<char, 2 * dtype_count> types{NPY_HALF,   NPY_DOUBLE, NPY_FLOAT,
                                                   NPY_DOUBLE, NPY_DOUBLE, NPY_DOUBLE};
    PyObject* const made = PyUFunc_FromFuncAndDataAndSignature(
        functions.data(), data.data(), types.data(), dtype_count, 1, 1, PyUFunc_None, "sum_around",
        "Sums in float64 over the first and the last axis.", 0, "(o,n,i)->(n)");
    if (made == nullptr) throw py::error_already_set();
    module.attr("sum_around") = py::reinterpret_steal<py::object>(made);
}

}  // namespace

void add_biased(py::module_& module) {
    // Never destroyed: a ufunc may outlive the module and even static destruction.
    static auto& definitions = *new std::deque<Definition>;
    for (std::size_t index = 0; index < activations().count; ++index) {
        add(module, definitions.emplace_back(), index, Direction::value);
        add(module, definitions.emplace_back(), index, Direction::backward);
    }
    add_sums(module);
}

}  // namespace nonlin::python
