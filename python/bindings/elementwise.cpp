#include "chained.h"
#include "make_ufunc.h"
#include "module.h"
#include "text.h"

namespace nonlin::python {
namespace {

void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    const Ufunc& ufunc = *loop.ufunc;
    run_in_order(ufunc, args, steps, dimensions[0], [&](char** at, std::size_t n) {
        run(ufunc.index, ufunc.direction, loop.dtype, at, steps, n);
    });
}

}  // namespace

void add_elementwise(pybind11::module_& module) {
    for (std::size_t index = 0; index < activations().count; ++index) {
        const Activation& activation = activations().first[index];
        const auto parameters = static_cast<std::size_t>(activation.parameters->count);
        for (int d = 0; d < direction_count; ++d) {
            const auto direction = static_cast<Direction>(d);
            const char* const arrays = direction == Direction::backward ? "xx" : "x";
            const char* const outputs = direction == Direction::value_and_derivative ? "xx" : "x";
            add_ufunc(module, {ufunc_name(activation, direction), ufunc_doc(activation, direction),
                               arrays + std::string(parameters, 'p'), outputs, "", inner_loop,
                               index, direction});
        }
    }
}

}  // namespace nonlin::python
