#include "module.h"

#include <nonlin/core.h>
#include <sstream>
#include <string>

namespace nonlin::python {
namespace {

namespace py = pybind11;

py::tuple words(const char* text) {
    py::list list;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) list.append(word);
    return py::tuple(list);
}

py::tuple parameters(const Activation& activation) {
    py::list list;
    for (int i = 0; i < activation.parameters->count; ++i) {
        list.append(py::cast(&activation.parameters->list[i], py::return_value_policy::reference));
    }
    return py::tuple(list);
}

py::tuple catalogue() {
    const Activations all = activations();
    py::list list;
    for (std::size_t i = 0; i < all.count; ++i) {
        list.append(py::cast(all.first + i, py::return_value_policy::reference));
    }
    return py::tuple(list);
}

}  // namespace

void add_catalogue(py::module_& module) {
    py::class_<Parameter>(module, "Parameter")
        .def_readonly("name", &Parameter::name)
        .def_readonly("default", &Parameter::fallback)
        .def_readonly("low", &Parameter::low)
        .def_readonly("high", &Parameter::high)
        .def_readonly("low_included", &Parameter::low_included)
        .def_readonly("high_included", &Parameter::high_included);
    py::class_<Activation>(module, "Activation")
        .def_readonly("name", &Activation::name)
        .def_property_readonly("aliases",
                               [](const Activation& a) { return words(a.about->aliases); })
        .def_property_readonly("parameters", &parameters)
        .def_property_readonly("ordered", [](const Activation& a) { return a.parameters->ordered; })
        .def_property_readonly("summary", [](const Activation& a) { return a.about->summary; })
        .def_property_readonly("value", [](const Activation& a) { return a.about->value; })
        .def_property_readonly("derivative",
                               [](const Activation& a) { return a.about->derivative; })
        .def_property_readonly("range", [](const Activation& a) { return a.about->range; })
        .def_property_readonly("kinks", [](const Activation& a) { return a.about->kinks; })
        .def_property_readonly("source", [](const Activation& a) { return a.about->source; });
    module.def("catalogue", &catalogue, "Every activation, in the order of the table.");
}

}  // namespace nonlin::python
