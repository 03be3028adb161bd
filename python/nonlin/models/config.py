"""Configurations of models: what JSON can hold of a graph of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import from_config

if TYPE_CHECKING:
    from ..layers import Node
    from .model import Model


def plain(where: str, value: Any) -> Any:
    """Return what JSON can hold: numbers and arrays of NumPy become Python's."""
    if isinstance(value, dict):
        return {name: plain(f"{where}.{name}", one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(where, one) for one in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(where, value.tolist())
    if value is None or isinstance(value, str | int | float):
        return value
    message = f"{where} is {value!r}, which cannot be saved; pass a name, a number or an array"
    raise ValueError(message)


def of(model: Model) -> dict[str, Any]:
    """Describe a model; see `Model.get_config`."""
    graph = model.graph
    layer_places = {layer: i for i, layer in enumerate(graph.layers)}
    places = {node: i for i, node in enumerate(graph.nodes)}
    return {
        "class": type(model).__name__,
        "name": model.name,
        "seed": model.seed,
        "layers": [
            {
                "class": type(a).__name__,
                "name": graph.names[a],
                "config": plain(graph.names[a], a.get_config()),
            }
            for a in graph.layers
        ],
        "nodes": [
            [layer_places[node.layer], [places[a] for a in node.inputs]] for node in graph.nodes
        ],
        "inputs": [places[node] for node in graph.inputs],
        "outputs": [places[node] for node in graph.outputs],
        "several_outputs": model.several_outputs,
    }


def make(words: dict[str, Any]) -> Model:
    """Make a model; see `Model.from_config`."""
    from .model import Model  # noqa: PLC0415
    from .sequential import Sequential  # noqa: PLC0415

    layers = [from_config(one) for one in words["layers"]]
    for layer, one in zip(layers, words["layers"], strict=True):
        layer.auto_name = one["name"]
    nodes: list[Node] = []
    for of_layer, sources in words["nodes"]:
        layer, given = layers[of_layer], [nodes[i] for i in sources]
        nodes.append(layer(given if len(given) > 1 else given[0]) if given else layer.node())
    if words["class"] == "Sequential":
        model = Sequential(
            [nodes[0], *(node.layer for node in nodes[1:])], words["name"], words["seed"]
        )
        model.build(nodes[0].shape)
        return model
    outputs = [nodes[i] for i in words["outputs"]]
    return Model(
        [nodes[i] for i in words["inputs"]],
        outputs if words["several_outputs"] else outputs[0],
        words["name"],
        words["seed"],
    )
