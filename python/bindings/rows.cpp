#include "make_ufunc.h"
#include "module.h"

namespace nonlin::python {
namespace {

void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    run_rows(loop.ufunc->index, loop.dtype, row_operands(*loop.ufunc, args, steps).data(),
             static_cast<std::size_t>(dimensions[1]), static_cast<std::size_t>(dimensions[0]));
}

}  // namespace

void add_rows(pybind11::module_& module) {
    for (std::size_t index = 0; index < row_functions().count; ++index) {
        const RowFunction& function = row_functions().first[index];
        const auto [inputs, outputs] = *function.operands;
        add_ufunc(module, {function.name, "A row function; see nonlin's own of this name.", inputs,
                           outputs, over_rows(inputs, outputs), inner_loop, index, Direction::value,
                           Dtype::float32});
    }
}

}  // namespace nonlin::python
