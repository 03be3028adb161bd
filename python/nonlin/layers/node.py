"""Places in a graph of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from .base import Layer, Shape


class Node:
    """A place in a graph of layers: what `layer` will make of `inputs`.

    `Input` gives the first ones; calling a layer on nodes gives the next. `shape` is that of one
    sample, without the batch.
    """

    def __init__(self, layer: Layer, inputs: tuple[Node, ...], shape: Shape) -> None:
        self.layer = layer
        self.inputs = inputs
        self.shape = shape

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        message = f"{self!r} has no numbers yet; call a layer on it, such as nl.layers.GELU()"
        raise TypeError(message)

    def __repr__(self) -> str:
        return f"<node of {self.layer.name}, shape {self.shape}>"
