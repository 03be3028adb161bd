// Writes cython_api.pxd and cython_api.pyx, the functions for Cython, from the table of
// activations.
//
//     nonlin_cython PXD PYX VERSION
#include <nonlin/core.h>
#include <nonlin/suffixes.h>

#include <fstream>
#include <iostream>
#include <string>

#include "shortest.h"

namespace {

using nonlin::Activation;
using nonlin::interface::shortest;

const char* const pxd_opening =
    R"(# Made from the table of activations by the build. Changes here are lost.
"""Functions of nonlin for Cython, without Python objects and without the GIL.

Scalars: `gelu(x)` and `gelu_derivative(x)`, of float or double. Arrays: `gelu_array(x, y)`,
`gelu_derivative_array(x, y)` and `gelu_backward_array(grad_output, x, grad_input)`, over typed
memoryviews of float or double with any stride: `double[:]`, and `const double[:]` for what is only
read. They compute as many elements as the shortest has; the output may be an input, other overlaps
are not allowed. Parameters come last, with their defaults; what they may be, the functions'
documentation in Python says.

Cython chooses between float and double by the types as they are declared. Where it finds "no
suitable method", or an "ambiguous" one, name the type: `gelu[double](n)` of an integer,
`gelu_array[double](x, y)` of contiguous views, `double[::1]`, or of rows of matrices. Parameters go
by position then.
"""
from cython cimport floating

)";

const char* const pyx_opening =
    R"(# Made from the table of activations by the build. Changes here are lost.
# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: freethreading_compatible=True
"""Functions of nonlin for Cython: ``from nonlin cimport cython_api``."""
from cython cimport floating
from cpython.pycapsule cimport PyCapsule_Import
from libc.math cimport INFINITY

cdef extern from "nonlin/capsule.h" nogil:
    const int NONLIN_ABI
    const char* NONLIN_CAPSULE
    ctypedef struct NonlinApi:
        int abi
        const char* version
        void (*run)(size_t activation, int direction, int dtype, char** args,
                    const ptrdiff_t* steps, size_t n) noexcept nogil

cdef bytes VERSION = b"@VERSION@"
cdef const NonlinApi* api = <const NonlinApi*>PyCapsule_Import(NONLIN_CAPSULE, 0)
if api.abi != NONLIN_ABI:
    raise ImportError(
        f"nonlin.cython_api was compiled for number {NONLIN_ABI} of nonlin's binary interface, and "
        f"the compiled module nonlin._core has number {api.abi}; install nonlin again")
# The functions are known by their numbers, which another version may have given to others.
if api.version != VERSION:
    raise ImportError(
        f"nonlin.cython_api is of nonlin {VERSION.decode()}, and the compiled module nonlin._core of "
        f"{api.version.decode()}; install nonlin again")

cdef enum:
    VALUE, DERIVATIVE, BACKWARD

cdef inline void run(size_t number, int direction, const floating[:] grad_output,
                     const floating[:] x, floating[:] y, const double* parameters, int count) noexcept nogil:
    cdef char* args[8]
    cdef ptrdiff_t steps[8]
    cdef int next = 0, k
    cdef Py_ssize_t n = min(grad_output.shape[0], x.shape[0], y.shape[0])
    if direction == BACKWARD:
        args[0], steps[0], next = <char*>&grad_output[0], grad_output.strides[0], 1
    args[next], steps[next] = <char*>&x[0], x.strides[0]
    for k in range(count):
        args[next + 1 + k], steps[next + 1 + k] = <char*>&parameters[k], 0
    args[next + 1 + count], steps[next + 1 + count] = <char*>&y[0], y.strides[0]
    api.run(number, direction, 2 if floating is float else 3, args, steps, n)

cdef inline floating run_one(size_t number, int direction, floating x, const double* parameters,
                             int count) noexcept nogil:
    cdef char* args[8]
    cdef ptrdiff_t[8] steps = [0, 0, 0, 0, 0, 0, 0, 0]
    cdef floating y = 0
    cdef int k
    args[0] = <char*>&x
    for k in range(count):
        args[1 + k] = <char*>&parameters[k]
    args[1 + count] = <char*>&y
    api.run(number, direction, 2 if floating is float else 3, args, steps, 1)
    return y
)";

struct Way {
    nonlin::Direction direction;
    const char *word, *arrays;
    bool scalar;
};
const Way ways[] = {
    {nonlin::Direction::value, "VALUE", "const floating[:] x, floating[:] y", true},
    {nonlin::Direction::derivative, "DERIVATIVE", "const floating[:] x, floating[:] y", true},
    {nonlin::Direction::backward, "BACKWARD",
     "const floating[:] grad_output, const floating[:] x, floating[:] grad_input", false},
};

std::string suffix(nonlin::Direction direction) {
    return nonlin::direction_suffixes[static_cast<int>(direction)];
}

std::string parameters(const Activation& activation, bool declared) {
    std::string all;
    for (int k = 0; k < activation.parameters->count; ++k) {
        const nonlin::Parameter& p = activation.parameters->list[k];
        all += std::string(", double ") + p.name + "=" +
               (declared ? "*" : shortest(p.fallback, "INFINITY"));
    }
    return all;
}

// The lines of a body that call `with` the parameters in an array.
std::string body(const Activation& activation, const std::string& with) {
    const int count = activation.parameters->count;
    std::string text;
    if (count > 0) {
        text = "    cdef double[" + std::to_string(count) + "] p = [";
        for (int k = 0; k < count; ++k) {
            text += (k > 0 ? ", " : "") + std::string(activation.parameters->list[k].name);
        }
        text += "]\n";
    }
    return text + "    " + with + (count > 0 ? ", p, " : ", NULL, ") + std::to_string(count) +
           ")\n";
}

void write(std::ostream& pxd, std::ostream& pyx, const std::string& version) {
    const std::string mark = "@VERSION@";
    std::string opening = pyx_opening;
    opening.replace(opening.find(mark), mark.size(), version);
    pxd << pxd_opening;
    pyx << opening;
    const nonlin::Activations all = nonlin::activations();
    for (std::size_t i = 0; i < all.count; ++i) {
        const Activation& activation = all.first[i];
        for (const Way& way : ways) {
            const std::string name = activation.name + suffix(way.direction);
            const auto declare = [&](const std::string& head, const std::string& arrays,
                                     const std::string& call) {
                const char* const end = ") noexcept nogil";
                pxd << "cdef " << head << "(" << arrays << parameters(activation, true) << end
                    << "\n";
                pyx << "\ncdef " << head << "(" << arrays << parameters(activation, false) << end
                    << ":\n"
                    << body(activation, call);
            };
            const std::string number = std::to_string(i) + ", " + way.word;
            if (way.scalar) {
                declare("floating " + name, "floating x", "return run_one(" + number + ", x");
            }
            const bool backward = !way.scalar;
            declare("void " + name + "_array", way.arrays,
                    "run(" + number + (backward ? ", grad_output, x, grad_input" : ", x, x, y"));
        }
    }
}

}  // namespace

int main(int count, char** given) {
    if (count != 4) {
        std::cerr << "usage: nonlin_cython PXD PYX VERSION\n";
        return 2;
    }
    std::ofstream pxd(given[1]), pyx(given[2]);
    write(pxd, pyx, given[3]);
    pxd.close();
    pyx.close();
    if (pxd && pyx) return 0;
    std::cerr << "nonlin_cython: cannot write " << given[1] << " and " << given[2] << "\n";
    return 1;
}
