#include "chained.h"
#include "make_ufunc.h"
#include "module.h"

namespace nonlin::python {
namespace {

void inner_loop(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    const Ufunc& ufunc = *loop.ufunc;
    run_in_order(ufunc, args, steps, dimensions[0], [&](char** at, std::size_t n) {
        std::array<RowOperand, max_operands> operands{};
        for (int k = 0; k < ufunc.operands(); ++k) operands[k] = {at[k], 0, steps[k]};
        run_gated(ufunc.index, ufunc.direction == Direction::backward, loop.dtype, operands.data(),
                  n, 1);
    });
}

void loop_over_rows(char** args, const npy_intp* dimensions, const npy_intp* steps, void* data) {
    const Loop& loop = *static_cast<const Loop*>(data);
    const Ufunc& ufunc = *loop.ufunc;
    run_gated(ufunc.index, ufunc.direction == Direction::backward, loop.dtype,
              row_operands(ufunc, args, steps).data(), static_cast<std::size_t>(dimensions[1]),
              static_cast<std::size_t>(dimensions[0]));
}

}  // namespace

void add_gated(pybind11::module_& module) {
    for (std::size_t unit = 0; unit < gated_units().count; ++unit) {
        const std::string forward = gated_units().first[unit], backward = forward + "_backward";
        const char* const doc = "act(a) b";
        const char* const backward_doc = "grad_output b act'(a) and grad_output act(a)";
        add_ufunc(module, {forward, doc, "xx", "x", "", inner_loop, unit});
        add_ufunc(module,
                  {forward + "_rows", doc, "xx", "x", over_rows("xx", "x"), loop_over_rows, unit});
        add_ufunc(module,
                  {backward, backward_doc, "xxx", "xx", "", inner_loop, unit, Direction::backward});
        add_ufunc(module, {backward + "_rows", backward_doc, "xxx", "xx", over_rows("xxx", "xx"),
                           loop_over_rows, unit, Direction::backward});
    }
}

}  // namespace nonlin::python
