"""Layers in Keras's words, over NumPy arrays: each computes, and goes backward, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import activation, gated
from .activation import *  # noqa: F403
from .base import Input as _Input
from .base import Layer, classes
from .dense import Dense
from .gated import *  # noqa: F403
from .node import Node
from .regularization import BatchNormalization, Dropout
from .shape import Add, Concatenate, Flatten

if TYPE_CHECKING:
    from collections.abc import Sequence

    # The classes that are made of names: only what runs can list them.
    def __getattr__(name: str) -> type[Any]: ...


__all__ = [
    "Add",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "Node",
    "from_config",
]
__all__ += activation.__all__
__all__ += gated.__all__


def Input(shape: Sequence[int], name: str | None = None, dtype: str | None = None) -> Node:  # noqa: N802
    """Begin a graph.

    Parameters
    ----------
    shape : sequence of int
        The shape of one sample, without the batch.
    name : str, optional
    dtype : {"float32", "float64"}, optional
        What the array becomes; each layer makes its own dtype of it in any case.

    Returns
    -------
    Node
        What to call layers on.

    Examples
    --------
    >>> from nonlin.layers import Dense, Input
    >>> Dense(3)(Input([4])).shape
    (3,)
    """
    return _Input(shape, name=name, dtype=dtype).node()


def from_config(config: dict[str, Any]) -> Layer:
    """Make a layer from its class and configuration: {"class": ..., "config": {...}}."""
    if config["class"] not in classes:
        message = f"from_config: no layer class {config['class']!r} is defined"
        raise ValueError(message)
    return classes[config["class"]].from_config(config["config"])
