#include "make_ufunc.h"
#include "module.h"

namespace nonlin::python {
namespace {

void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    const Ufunc& ufunc = *loop.ufunc;
    run_biased(ufunc.index, ufunc.direction, loop.dtype, row_operands(ufunc, args, steps).data(),
               static_cast<std::size_t>(dimensions[1]), static_cast<std::size_t>(dimensions[0]));
}

// dimensions: the number of arrays, then their shape. steps: from array to array for both operands,
// then those of the three axes, then of the sums.
void loop_over_cubes(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    Cube cube{};
    cube.dtype = static_cast<const Loop*>(data)->dtype;
    for (int axis = 0; axis < 3; ++axis) {
        cube.shape[axis] = static_cast<std::size_t>(dimensions[1 + axis]);
        cube.steps[axis] = steps[2 + axis];
    }
    for (npy_intp i = 0; i < dimensions[0]; ++i) {
        cube.at = args[0] + i * steps[0];
        sum_around(cube, reinterpret_cast<double*>(args[1] + i * steps[1]));
    }
}

}  // namespace

void add_biased(pybind11::module_& module) {
    for (std::size_t index = 0; index < activations().count; ++index) {
        const Activation& activation = activations().first[index];
        const std::string name = activation.name + std::string("_biased");
        const std::string parameters(static_cast<std::size_t>(activation.parameters->count), 'v');
        const std::string inputs = "xx" + parameters, all = "x" + inputs;
        add_ufunc(module,
                  {name, "f(x + bias)", inputs, "x", over_rows(inputs, "x"), inner_loop, index});
        add_ufunc(module, {name + "_backward", "grad_output f'(x + bias)", all, "x",
                           over_rows(all, "x"), inner_loop, index, Direction::backward});
    }
    add_ufunc(module, {"sum_around", "Sums in float64 over the first and the last axis.", "x", "v",
                       "(o,n,i)->(n)", loop_over_cubes, 0});
}

}  // namespace nonlin::python
