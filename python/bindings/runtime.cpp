#include "module.h"

#include <nonlin/core.h>
#include <string>

namespace nonlin::python {
namespace {

namespace py = pybind11;

py::tuple isas() {
    py::list list;
    for (const char* const* name = available_isas(); *name != nullptr; ++name) list.append(*name);
    return py::tuple(list);
}

std::string choices() {
    std::string text;
    for (const char* const* name = available_isas(); *name != nullptr; ++name) {
        text += (text.empty() ? "" : ", ") + std::string(*name);
    }
    return text;
}

void choose_isa(const std::string& name) {
    if (set_isa(name.c_str())) return;
    throw py::value_error("set_isa: \"" + name +
                          "\" is not available on this machine; choose one of: " + choices());
}

void choose_threads(int count) {
    if (count < 0) {
        throw py::value_error("set_num_threads: count is " + std::to_string(count) +
                              "; give at least 1, or 0 for the default");
    }
    set_num_threads(count);
}

}  // namespace

void add_runtime(py::module_& module) {
    if (const char* rejected = isa_error()) {
        throw py::import_error(
            "NONLIN_ISA=" + std::string(rejected) +
            " is not available on this machine; unset it or choose one of: " + choices());
    }
    if (const char* rejected = num_threads_error()) {
        throw py::import_error("NONLIN_NUM_THREADS=" + std::string(rejected) +
                               " is no number of threads; unset it or give at least 1, or 0 for "
                               "the default");
    }
    module.def("isa", &isa, "Name of the instruction set in use.");
    module.def("available_isas", &isas, "Instruction sets this machine can run, best first.");
    module.def("set_isa", &choose_isa, py::arg("name"),
               "Use this instruction set from now on; results keep the same bits.");
    module.def("num_threads", &num_threads, "Threads used for large arrays.");
    module.def("set_num_threads", &choose_threads, py::arg("count"),
               "Use this many threads for large arrays; 0 goes back to the default.");
}

}  // namespace nonlin::python
