// Writes functions.pyi, the types of the public functions, from the table of activations.
//
//     nonlin_stubs FILE
#include <nonlin/core.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>

#include "shortest.h"

namespace {

using nonlin::Activation;

const char* const header =
    R"(# Made from the table of activations by the build. Changes here are lost.
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

_Approximate = Literal["none", "tanh", "quick"]
_Casting = Literal["no", "equiv", "safe", "same_kind", "unsafe"]
_Order = Literal["K", "A", "C", "F"]

class _Activation:
    __name__: str
    name: str
    aliases: tuple[str, ...]
    parameters: Mapping[str, float]
    ufunc: np.ufunc
    def __call__(self, x: ArrayLike, /, *args: Any, **options: Any) -> Any: ...
    def derivative(self, x: ArrayLike, /, *args: Any, **options: Any) -> Any: ...
    def backward(
        self, grad_output: ArrayLike, x: ArrayLike, /, *args: Any, **options: Any
    ) -> Any: ...
    def value_and_derivative(
        self, x: ArrayLike, /, *args: Any, **options: Any
    ) -> tuple[Any, Any]: ...
)";

const char* const options = R"(        out: Any = None,
        where: ArrayLike = True,
        casting: _Casting = "same_kind",
        order: _Order = "K",
        dtype: DTypeLike | None = None,
        subok: bool = True,
)";

// Stubs cannot write infinity.
std::string number(double value) {
    return std::isinf(value) ? "..." : nonlin::interface::shortest(value, "");
}

void write_method(std::ostream& out, const Activation& activation, const char* method,
                  const char* arrays, const char* result) {
    out << "    def " << method << "(\n        self,\n" << arrays;
    for (int i = 0; i < activation.parameters->count; ++i) {
        const nonlin::Parameter& p = activation.parameters->list[i];
        out << "        " << p.name << ": ArrayLike = " << number(p.fallback) << ",\n";
    }
    out << "        *,\n";
    if (activation.name == std::string("gelu")) {
        out << "        approximate: _Approximate = \"none\",\n";
    }
    out << options << "    ) -> " << result << ": ...\n";
}

void write_class(std::ostream& out, const Activation& activation) {
    const char* const x = "        x: ArrayLike,\n";
    const char* const both = "        grad_output: ArrayLike,\n        x: ArrayLike,\n";
    const char* const pair = "tuple[Any, Any]";
    const bool slope_gradient = activation.name == std::string("prelu");
    out << "\nclass _" << activation.name << "(_Activation):\n";
    write_method(out, activation, "__call__", x, "Any");
    write_method(out, activation, "derivative", x, "Any");
    write_method(out, activation, "backward", both, slope_gradient ? pair : "Any");
    write_method(out, activation, "value_and_derivative", x, pair);
}

void write(std::ostream& out) {
    const nonlin::Activations all = nonlin::activations();
    out << header;
    for (std::size_t i = 0; i < all.count; ++i) write_class(out, all.first[i]);
    out << "\n__all__ = [\n";
    for (std::size_t i = 0; i < all.count; ++i) out << "    \"" << all.first[i].name << "\",\n";
    out << "]\n\n";
    for (std::size_t i = 0; i < all.count; ++i) {
        out << all.first[i].name << ": _" << all.first[i].name << "\n";
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: nonlin_stubs FILE\n";
        return 2;
    }
    std::ofstream file(arguments[1]);
    write(file);
    file.close();
    if (file) return 0;
    std::cerr << "nonlin_stubs: cannot write " << arguments[1] << "\n";
    return 1;
}
