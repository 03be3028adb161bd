// The capsule nonlin._core._api.
#include <nonlin/capsule.h>
#include <nonlin/core.h>
#include <nonlin/nonlin.h>

#include <cstring>

#include "module.h"

namespace nonlin::python {
namespace {

namespace py = pybind11;

static_assert(static_cast<int>(Direction::value) == 0);
static_assert(static_cast<int>(Direction::value_and_derivative) == 3);
static_assert(static_cast<int>(Dtype::float16) == 0 && static_cast<int>(Dtype::float64) == 3);
static_assert(sizeof(NonlinOperand) == sizeof(RowOperand) &&
              offsetof(NonlinOperand, core) == offsetof(RowOperand, core));

const RowOperand* operands_of(const NonlinOperand* given) {
    return reinterpret_cast<const RowOperand*>(given);
}

template <class All, class NameOf>
std::size_t number_of(const All& all, const char* name, NameOf name_of) {
    for (std::size_t i = 0; i < all.count; ++i) {
        if (std::strcmp(name_of(all.first[i]), name) == 0) return i;
    }
    return static_cast<std::size_t>(-1);
}

const NonlinApi api = {
    NONLIN_ABI,
    sizeof(NonlinApi),
    NONLIN_VERSION,
    [](const char* name) {
        return number_of(activations(), name, [](const Activation& a) { return a.name; });
    },
    [](const char* name) {
        return number_of(gated_units(), name, [](const char* unit) { return unit; });
    },
    [](const char* name) {
        return number_of(row_functions(), name, [](const RowFunction& f) { return f.name; });
    },
    [](std::size_t activation, int direction, int dtype, char* const* args,
       const std::ptrdiff_t* steps, std::size_t n) {
        run(activation, static_cast<Direction>(direction), static_cast<Dtype>(dtype), args, steps,
            n);
    },
    [](std::size_t unit, int backward, int dtype, const NonlinOperand* operands, std::size_t length,
       std::size_t rows) {
        run_gated(unit, backward != 0, static_cast<Dtype>(dtype), operands_of(operands), length,
                  rows);
    },
    [](std::size_t function, int dtype, const NonlinOperand* operands, std::size_t length,
       std::size_t rows) {
        run_rows(function, static_cast<Dtype>(dtype), operands_of(operands), length, rows);
    },
};

}  // namespace

void add_capsule(py::module_& module) { module.attr("_api") = py::capsule(&api, NONLIN_CAPSULE); }

}  // namespace nonlin::python
