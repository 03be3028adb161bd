"""Layers that only move numbers: Flatten, Concatenate, Add."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import integer
from .base import Layer

if TYPE_CHECKING:
    from .base import Shape


class Flatten(Layer):
    """Every sample as one row."""

    needs_output = True  # it shares the input's memory

    def output_shape(self, *shapes: Shape) -> Shape:
        """Return one length."""
        return (math.prod(shapes[0]),)

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        (x,) = inputs
        return x.reshape(len(x), math.prod(x.shape[1:])), x.shape

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return (grad_output.reshape(context),)


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

    def _place(self, *shapes: Shape) -> int:
        ndim = len(shapes[0]) + 1
        place = self.axis + ndim if self.axis < 0 else self.axis
        if not 1 <= place < ndim:
            message = f"{self.name}: axis={self.axis} is no axis of a sample of shape {shapes[0]}"
            raise ValueError(message)
        return place

    def output_shape(self, *shapes: Shape) -> Shape:
        """Add the lengths along the axis."""
        place = self._place(*shapes) - 1
        rest = {(*s[:place], *s[place + 1 :]) for s in shapes}
        if len(rest) > 1 or len({len(s) for s in shapes}) > 1:
            self.refuse_shapes(f"equal but along axis {self.axis}", *shapes)
        first = shapes[0]
        return (*first[:place], sum(s[place] for s in shapes), *first[place + 1 :])

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        """As `Layer.forward`."""
        del training
        place = self._place(*(a.shape[1:] for a in inputs))
        ends = np.cumsum([a.shape[place] for a in inputs])
        return np.concatenate(inputs, place), (ends, place)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        ends, place = context
        return tuple(np.split(grad_output, ends[:-1], place))

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
        total: Any = inputs[0].copy()
        for a in inputs[1:]:
            total += a
        return total, len(inputs)

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        """As `Layer.gradient`."""
        return tuple(grad_output for _ in range(context))
