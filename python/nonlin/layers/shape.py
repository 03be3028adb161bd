"""Layers that only move numbers: Flatten, Concatenate, Add."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .._backend import call, namespace
from .._errors import integer
from .base import Layer

if TYPE_CHECKING:
    from .base import Shape


class Flatten(Layer):
    """Every sample as one row."""

    needs_output = True  # it shares the input's memory
    passes_on = True

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return one length."""
        return (math.prod(shapes[0]),)

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        (x,) = inputs
        return call("reshape", x, (len(x), math.prod(x.shape[1:]))), x.shape

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return (call("reshape", grad_output, context),)


class Concatenate(Layer):
    """Several inputs side by side along an axis.

    Parameters
    ----------
    axis : int, default -1
        Counted with the batch as axis 0, along which nothing can be concatenated.
    **options
        As for every `Layer`.
    """

    inputs_allowed = (1, None)

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = integer("Concatenate", "axis", axis)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Add the lengths along the axis."""
        place = self.sample_axis(self.axis, shapes[0])
        rest = {(*s[:place], *s[place + 1 :]) for s in shapes}
        if len(rest) > 1 or len({len(s) for s in shapes}) > 1:
            self.refuse_shapes(f"equal but along axis {self.axis}", *shapes)
        first = shapes[0]
        return (*first[:place], sum(s[place] for s in shapes), *first[place + 1 :])

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        lengths = [a.shape[self.axis] for a in inputs]
        return namespace(*inputs).concat(inputs, axis=self.axis), lengths

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        place, end, parts = self.axis % grad_output.ndim, 0, []
        for length in context:
            parts.append(grad_output[(*(slice(None),) * place, slice(end, end + length))])
            end += length
        return tuple(parts)

    def get_config(self) -> dict[str, Any]:
        """As `Layer.get_config`."""
        return {**super().get_config(), "axis": self.axis}


class Add(Layer):
    """The sum of several inputs of one shape."""

    inputs_allowed = (1, None)

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return that of every input."""
        if len(set(shapes)) > 1:
            self.refuse_shapes("equal for all inputs", *shapes)
        return shapes[0]

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        total: Any = namespace(*inputs).array(inputs[0], order="C")
        for a in inputs[1:]:
            total += a
        return total, len(inputs)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return tuple(grad_output for _ in range(context))
