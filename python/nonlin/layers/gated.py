"""Gated units as layers: GLU and its relatives, which halve the features."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from .. import gated
from .._errors import integer, one_of
from .base import Layer

if TYPE_CHECKING:
    from .base import Shape


class _Gated(Layer):
    """Base of the classes of gated units."""

    function: ClassVar[str]
    default_gate: ClassVar[str]

    def __init__(self, axis: int = -1, gate: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.axis = integer(type(self).__name__, "axis", axis)
        self.gate = self.default_gate if gate is None else gate
        one_of(type(self).__name__, "gate", self.gate, get_args(gated.Gate))

    def output_shape(self, *shapes: Shape) -> Shape:
        """Half the length along the axis."""
        (shape,) = shapes
        place = self.sample_axis(self.axis, shape)
        if shape[place] % 2:
            self.refuse_shapes(f"with an even length along axis {self.axis}", shape)
        return (*shape[:place], shape[place] // 2, *shape[place + 1 :])

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        unit = getattr(gated, self.function)
        return unit(*inputs, axis=self.axis, gate=self.gate), inputs[0]

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        unit = getattr(gated, self.function)
        return (unit.backward(grad_output, context, axis=self.axis, gate=self.gate),)

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {**super().get_config(), "axis": self.axis, "gate": self.gate}


_NAMES = {
    "GLU": "glu",
    "Bilinear": "bilinear",
    "ReGLU": "reglu",
    "GEGLU": "geglu",
    "SwiGLU": "swiglu",
}
for _name, _function in _NAMES.items():
    _members = {
        "function": _function,
        "word": _function,
        "default_gate": inspect.signature(getattr(gated, _function)).parameters["gate"].default,
        "__module__": "nonlin.layers",
        "__doc__": f"{_function} as a layer; see `nonlin.{_function}`.\n\n"
        "Parameters: axis (default -1), counted with the batch as axis 0; gate; `name`, `dtype`, "
        "`seed`, `trainable` as for every `Layer`.",
    }
    setattr(sys.modules[__name__], _name, type(_name, (_Gated,), _members))

__all__ = list(_NAMES)
