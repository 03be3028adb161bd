// Names and one-paragraph docs of the ufuncs, from the core's own texts.
#pragma once

#include <nonlin/core.h>
#include <string>

namespace nonlin::python {

std::string ufunc_name(const Activation& activation, Direction direction);
std::string ufunc_doc(const Activation& activation, Direction direction);

}  // namespace nonlin::python
