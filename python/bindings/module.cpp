// The extension module nonlin._core: no maths, only the core's list and calls made visible.
#include <pybind11/pybind11.h>

#include "biased.h"
#include "catalogue.h"
#include "gated.h"
#include "rows.h"
#include "runtime.h"
#include "ufuncs.h"

PYBIND11_MODULE(_core, module) {
    module.doc() = "Compiled core of nonlin: ufuncs, their catalogue, instruction set and threads.";
    module.attr("__version__") = NONLIN_VERSION;
    nonlin::python::add_runtime(module);
    nonlin::python::add_catalogue(module);
    nonlin::python::add_ufuncs(module);
    nonlin::python::add_rows(module);
    nonlin::python::add_gated(module);
    nonlin::python::add_biased(module);
}
