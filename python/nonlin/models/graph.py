"""A graph of layers: what a model computes, without what it is trained with."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _backend
from ..layers import Layer, Node
from ..layers.base import Input, as_input, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class Graph:
    """Nodes in an order in which they can be computed.

    Parameters
    ----------
    inputs, outputs : sequence of Node
        What comes before the inputs is no part of the graph.
    seed : int or None
        Where layers without a seed of their own take weights and noise from.
    """

    def __init__(
        self, inputs: Sequence[Node], outputs: Sequence[Node], seed: int | None = None
    ) -> None:
        own = _cut(list(inputs), list(outputs))
        self.nodes = list(own.values())
        self.inputs, self.outputs = [own[n] for n in inputs], [own[n] for n in outputs]
        self.layers: list[Layer] = list(dict.fromkeys(node.layer for node in self.nodes))
        heads = [node.layer for node in self.outputs]
        if len(set(heads)) < len(heads):
            message = "Model: two outputs come from one layer; give each head a layer of its own"
            raise ValueError(message)
        self.names = _named(self.layers)
        self._check_inplace()
        self._make_weights(seed)
        self._last = {
            source: node for node in self.nodes for source in node.inputs
        }  # where it is used last

    def _make_weights(self, seed: int | None) -> None:
        places = {layer: place for place, layer in enumerate(self.layers)}
        fresh = [layer for layer in self.layers if layer.input_shapes is None]
        try:
            for node in self.nodes:
                place = places[node.layer]
                random = None if seed is None else np.random.default_rng([seed, 0, place])
                node.layer.prepare(*(source.shape for source in node.inputs), random=random)
        except BaseException:
            for layer in fresh:
                layer.forget()
            raise

    def forward(
        self,
        arrays: Sequence[Any],
        *,
        training: bool,
        keep: bool,
        observe: dict[Node, Any] | None = None,
    ) -> tuple[list[Any], dict[Node, Any]]:
        """Return the outputs, and with `keep` what `backward` needs.

        What no later node needs is given back as soon as possible. `observe` gets what each node
        returned.
        """
        values: dict[Node, Any] = dict(zip(self.inputs, arrays, strict=True))
        contexts: dict[Node, Any] = {}
        for node in self.nodes:
            if not node.inputs:
                continue
            given = [values[source] for source in node.inputs]
            values[node], context = node.layer.compute(given, node.shape, training=training)
            if keep:
                contexts[node] = context
            if observe is not None:
                value = values[node]
                observe[node] = copied(value) if self._is_overwritten(node) else value
            del given, context
            for source in set(node.inputs):
                if self._last[source] is node and source not in self.outputs:
                    del values[source]
        return [values[node] for node in self.outputs], contexts

    def backward(
        self,
        contexts: dict[Node, Any],
        grads: Sequence[Any],
        *,
        of_inputs: bool = True,
        observe: dict[Node, Any] | None = None,
    ) -> list[Any]:
        """Set the gradients of all layers; return those of the inputs, if they are wanted.

        `observe` gets the gradients of what each node returned.
        """
        pending: dict[Node, Any] = {}
        for node, grad in zip(self.outputs, grads, strict=True):
            _add(pending, node, grad)
        seen: set[Layer] = set()
        for node in reversed(self.nodes):
            if not node.inputs or node not in pending:
                continue
            layer = node.layer
            layer.adds = layer in seen
            layer.wants_input_gradient = of_inputs or any(a.inputs for a in node.inputs)
            seen.add(layer)
            of_output = pending.pop(node)
            if observe is not None:
                observe[node] = of_output
            shapes = [source.shape for source in node.inputs]
            passed = layer.differentiate(contexts.pop(node), of_output, shapes)
            for source, grad in zip(node.inputs, passed, strict=True):
                if grad is not None:
                    _add(pending, source, grad)
        if not of_inputs:
            return []
        results = []
        for node in self.inputs:
            grad = pending.get(node)
            if grad is None:  # nothing uses it
                grad = np.zeros((len(grads[0]), *node.shape), np.float32)
                grad = _backend.beside(grad, grads[0])
            # A copy: two inputs may share it, and it may be the caller's.
            xp = _backend.namespace(grad)
            results.append(xp.astype(grad, node.layer.dtype or grad.dtype))
        return results

    def arrays(self, function: str, given: Sequence[Any]) -> list[Any]:
        """Check arrays for the inputs, and convert them."""
        result = []
        for node, value in zip(self.inputs, given, strict=True):
            array = as_input(f"{function}: {self.names[node.layer]}", value, node.layer.dtype)
            if array.shape[1:] != node.shape:
                node.layer.refuse_shapes(shown(node.shape), array.shape[1:])
            result.append(array)
        return result

    def head(self, node: Node) -> Node:
        """Return the node, or one before it, behind which layers only pass numbers on."""
        while node.layer.passes_on and node.inputs:
            (node,) = node.inputs
        return node

    def is_read(self, node: Node) -> bool:
        """Tell whether `backward` reads what a node returned, or that may be the user's."""
        return node.layer.needs_output or any(node in n.inputs for n in self.nodes)

    def _is_overwritten(self, node: Node) -> bool:
        return any(n.layer.overwrites_input for n in self.nodes if node in n.inputs)

    def _check_inplace(self) -> None:
        """Refuse layers that would write over what another one needs."""
        for node in self.nodes:
            if not node.layer.overwrites_input:
                continue
            (source,) = node.inputs
            users = [n for n in self.nodes if source in n.inputs]
            why = ""
            if not source.inputs:
                why = "its input is the user's"
            elif len(users) > 1 or source in self.outputs:
                why = f"the output of {source.layer.name} is used elsewhere"
            elif source.layer.needs_output:
                why = f"the backward pass of {source.layer.name} needs what it returned"
            if why:
                message = f"{node.layer.name}: inplace=True is not possible, for {why}"
                raise ValueError(message)


def _add(pending: dict[Node, Any], node: Node, grad: Any) -> None:
    # A new array: the one that is there may be shared.
    pending[node] = pending[node] + grad if node in pending else grad


def copied(array: Any) -> Any:
    """Return a copy of an array."""
    return _backend.namespace(array).array(array, order="C")


def _ordered(inputs: list[Node], outputs: list[Node]) -> list[Node]:
    for what, nodes in (("inputs", inputs), ("outputs", outputs)):
        if not nodes or not all(isinstance(n, Node) for n in nodes):
            message = (
                f"Model: {what} must be nodes; begin with nl.layers.Input and call layers: "
                "Dense(3)(Input([20]))"
            )
            raise TypeError(message)
    order: dict[Node, None] = dict.fromkeys(inputs)
    if len(order) < len(inputs):
        message = "Model: one node is given twice among the inputs"
        raise ValueError(message)
    waiting = list(reversed(outputs))
    while waiting:
        node = waiting[-1]
        missing = [n for n in node.inputs if n not in order]
        if node in order or not missing:
            waiting.pop()
            if isinstance(node.layer, Input) and node not in order:
                message = f"Model: {node.layer.name} is needed but not among the inputs"
                raise ValueError(message)
            order[node] = None
        else:
            waiting += reversed(missing)
    return list(order)


def _cut(inputs: list[Node], outputs: list[Node]) -> dict[Node, Node]:
    """Return the nodes from inputs to outputs, and by what they are replaced.

    A node inside another graph becomes an input, with the name of its layer.
    """
    own: dict[Node, Node] = {}
    for node in _ordered(inputs, outputs):
        if node not in inputs:
            own[node] = Node(node.layer, tuple(own[a] for a in node.inputs), node.shape)
        elif node.inputs:
            begin = Input(node.shape, dtype=node.layer.dtype)
            begin.auto_name = node.layer.name
            own[node] = begin.node()
        else:
            own[node] = node
    return own


def free_name(word: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the word, or the word with a number."""
    numbered = (f"{word}_{k}" for k in itertools.count(1))
    return word if word not in taken else next(n for n in numbered if n not in taken)


def _named(layers: list[Layer]) -> dict[Layer, str]:
    """Return the names of layers in a graph; those that were not given make room for others."""
    taken = [layer.given_name for layer in layers if layer.given_name]
    twice = {name for name in taken if taken.count(name) > 1}
    if twice:
        message = f"Model: several layers are named {sorted(twice)}; names must be unique"
        raise ValueError(message)
    for layer in layers:
        if not layer.given_name:
            if layer.auto_name is None or layer.auto_name in taken:
                layer.auto_name = free_name(layer.word, taken)
            taken.append(layer.auto_name)
    return {layer: layer.name for layer in layers}
