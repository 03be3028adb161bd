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

template <class Item>
py::tuple references(const Item* items, std::size_t count) {
    py::tuple tuple(count);
    for (std::size_t i = 0; i < count; ++i) {
        tuple[i] = py::cast(items + i, py::return_value_policy::reference);
    }
    return tuple;
}

py::tuple parameters(const Activation& activation) {
    return references(activation.parameters->list,
                      static_cast<std::size_t>(activation.parameters->count));
}

py::tuple catalogue() { return references(activations().first, activations().count); }

template <const char* About::* text>
const char* about(const Activation& activation) {
    return activation.about->*text;
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
        .def_property_readonly("summary", &about<&About::summary>)
        .def_property_readonly("value", &about<&About::value>)
        .def_property_readonly("derivative", &about<&About::derivative>)
        .def_property_readonly("range", &about<&About::range>)
        .def_property_readonly("kinks", &about<&About::kinks>)
        .def_property_readonly("source", &about<&About::source>);
    module.def("catalogue", &catalogue, "Every activation, in the order of the table.");
}

}  // namespace nonlin::python
