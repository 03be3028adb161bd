#include "text.h"

#include <cstddef>
#include <nonlin/suffixes.h>

namespace nonlin::python {

std::string ufunc_name(const Activation& activation, Direction direction) {
    return activation.name + std::string(direction_suffixes[static_cast<std::size_t>(direction)]);
}

std::string ufunc_doc(const Activation& activation, Direction direction) {
    const About& about = *activation.about;
    const std::string value = std::string("f(x) = ") + about.value;
    const std::string derivative = std::string("f'(x) = ") + about.derivative;
    std::string text = std::string(about.summary) + "\n\n";
    switch (direction) {
    case Direction::value:
        text += value;
        break;
    case Direction::derivative:
        text += derivative;
        break;
    case Direction::backward:
        text += "grad_output * f'(x), " + derivative;
        break;
    case Direction::value_and_derivative:
        text += value + "\n" + derivative;
        break;
    }
    text += "\n\nInputs: ";
    if (direction == Direction::backward) text += "grad_output, ";
    text += "x";
    for (int i = 0; i < activation.parameters->count; ++i) {
        text += std::string(", ") + activation.parameters->list[i].name;
    }
    return text + ".";
}

}  // namespace nonlin::python
