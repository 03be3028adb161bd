"""A model of layers one after another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._errors import seed as checked_seed
from ..layers import Input, Layer, Node
from .graph import Graph
from .model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence


class Sequential(Model):
    """Layers one after another.

    Parameters
    ----------
    layers : sequence of Layer
        The first may be a node of `nonlin.layers.Input`, with which the weights are made at once;
        without it the shape of the first input decides.
    name, seed
        As for `Model`.

    Examples
    --------
    >>> import nonlin as nl
    >>> model = nl.Sequential([nl.layers.Dense(8, "relu"), nl.layers.Dense(1)], seed=1)
    >>> model([[1.0, 2.0, 3.0]]).shape
    (1, 1)
    """

    def __init__(
        self, layers: Sequence[Any] = (), name: str | None = None, seed: int | None = None
    ) -> None:
        self.name = name or "sequential"
        self.seed = checked_seed(self.name, seed)
        self.several_outputs = False
        self._reset()
        self._chain: list[Layer] = []
        self._start: Node | None = None
        self.graph: Any = None
        if not isinstance(layers, Iterable):
            message = f"{self.name}: layers is a {type(layers).__name__}; pass a list of layers"
            raise TypeError(message)
        self._extend(layers)

    def add(self, layer: Any) -> None:
        """Append a layer. A model that begins with an Input is then to be compiled again."""
        if self._start is None and self.graph is not None:
            message = f"{self.name}: it is built already; make a new model"
            raise RuntimeError(message)
        self._extend([layer])

    def _extend(self, layers: Iterable[Any]) -> None:
        start, chain = self._start, [*self._chain]
        for layer in layers:
            if isinstance(layer, Layer):
                chain.append(layer)
            elif isinstance(layer, Node) and start is None and not chain:
                start = layer
            else:
                message = (
                    f"{self.name}: {layer!r} is no layer; pass layers, a function as "
                    "nl.layers.Activation(function), and an Input as the first only"
                )
                raise TypeError(message)
        if start is not None and chain:
            self.graph = self._graph(start, chain)
            self._reset()
        self._start, self._chain = start, chain

    def build(self, shape: Sequence[int]) -> None:
        """Make the graph and the weights for samples of a shape."""
        if not self._chain:
            message = f"{self.name}: there are no layers"
            raise ValueError(message)
        start = self._start or Input(shape, dtype=self._chain[0].dtype)
        self.graph = self._graph(start, self._chain)

    def _graph(self, start: Node, chain: Sequence[Layer]) -> Graph:
        node = start
        for layer in chain:
            node = layer(node)
        return Graph([start], [node], self.seed)

    def build_for(self, arrays: Sequence[Any]) -> None:
        """As `Model.build_for`."""
        if self.graph is None:
            self.build(arrays[0].shape[1:])

    @property
    def layers(self) -> list[Layer]:
        """The layers."""
        return list(self._chain)

    @property
    def names(self) -> dict[Layer, str]:
        """As `Model.names`."""
        return {a: a.name for a in self._chain} if self.graph is None else super().names

    @property
    def heads(self) -> list[Layer]:
        """As `Model.heads`."""
        return ([a for a in self._chain if not a.passes_on] or self._chain)[-1:]

    @property
    def input_names(self) -> list[str]:
        """The name of the input."""
        if self.graph is None:
            return [self._start.layer.name if self._start else "input"]
        return super().input_names

    @property
    def sample_ndim(self) -> int:
        """As `Model.sample_ndim`; without a shape, samples are rows."""
        if self.graph is None:
            return len(self._start.shape) if self._start else 1
        return super().sample_ndim

    @property
    def output_names(self) -> list[str]:
        """The name of the last layer."""
        if self.graph is None:
            return [self._chain[-1].name if self._chain else "output"]
        return super().output_names
