// The extension module nonlin._core: no maths, only the core's list and calls made visible.
#include "module.h"

#include <string>

#include <nonlin/nonlin.h>

#include "make_ufunc.h"

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
    module.doc() = "Compiled core of nonlin: ufuncs, their catalogue, instruction set and threads.";
    // The functions are known by their numbers, which another version may have given to others.
    if (nonlin_version() != std::string(NONLIN_VERSION)) {
        throw pybind11::import_error(
            "nonlin " NONLIN_VERSION " has found the library libnonlin.so of version " +
            std::string(nonlin_version()) + "; is another one in LD_LIBRARY_PATH?");
    }
    module.attr("__version__") = NONLIN_VERSION;
    module.attr("compiled_isas") = NONLIN_COMPILED_ISAS;
    module.attr("compiler") = NONLIN_COMPILER;
    module.attr("flags") = NONLIN_FLAGS;
    nonlin::python::import_numpy();
    nonlin::python::add_runtime(module);
    nonlin::python::add_catalogue(module);
    nonlin::python::add_elementwise(module);
    nonlin::python::add_rows(module);
    nonlin::python::add_gated(module);
    nonlin::python::add_biased(module);
    nonlin::python::add_capsule(module);
}
