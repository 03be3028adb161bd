"""Configurations of models: what JSON can hold of a graph of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .._backend import on_device, to_host
from ..layers import from_config
from ..metrics import Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..layers import Layer, Node
    from .model import Model


_OWN = "custom object"  # the key of the name of what is the user's


def plain(where: str, value: Any, named: dict[str, Any] | None = None) -> Any:
    """Return what JSON can hold.

    Numbers and arrays of NumPy become Python's; functions and objects of the user's their name,
    which is that of no other in `named`.
    """
    named = {} if named is None else named
    if isinstance(value, dict):
        return {name: plain(f"{where}.{name}", one, named) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(where, one, named) for one in value]
    if isinstance(value, np.ndarray | np.generic) or on_device(value):
        return plain(where, to_host(value).tolist())
    if value is None or isinstance(value, str | int | float):
        return value
    name = _name(value)
    if name.isidentifier() and named.setdefault(name, value) is value:
        return {_OWN: name}
    why = f"two objects are named {name}" if name in named else "it has no name of its own"
    message = (
        f"{where} is {value!r}, which cannot be saved, for {why}; pass a function that was made "
        "with def, an object of a class, a name, a number or an array"
    )
    raise ValueError(message)


def _name(value: Any) -> str:
    """Return what the user finds a function or an object by."""
    if type(value) is Metric:
        return value.name
    found = callable(value) or isinstance(value, Metric) or hasattr(value, "value_and_gradient")
    return getattr(value, "__name__", type(value).__name__) if found else ""


def restored(value: Any, custom_objects: Mapping[str, Any]) -> Any:
    """Put the user's functions and objects where `plain` put their names."""
    if isinstance(value, list):
        return [restored(one, custom_objects) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) != {_OWN}:
        return {name: restored(one, custom_objects) for name, one in value.items()}
    name = value[_OWN]
    if name not in custom_objects:
        message = f"{name!r} is not nonlin's; pass custom_objects={{{name!r}: ...}} with what it is"
        raise ValueError(message)
    found = custom_objects[name]
    return found() if isinstance(found, type) else found


def of(model: Model) -> dict[str, Any]:
    """Describe a model; see `Model.get_config`."""
    graph = model.graph
    named: dict[str, Any] = {}
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
                "config": plain(graph.names[a], a.get_config(), named),
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


def _layer(words: dict[str, Any]) -> Layer:
    try:
        return from_config(words)
    except ValueError as error:
        message = (
            f"layer {words['name']}: {error}; layers of your own must be defined, and activations "
            "registered with nl.register, before a model with them is made or loaded"
        )
        raise ValueError(message) from error


def make(words: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Model:
    """Make a model; see `Model.from_config`."""
    from .model import Model  # noqa: PLC0415
    from .sequential import Sequential  # noqa: PLC0415

    words = restored(words, custom_objects or {})
    layers = [_layer(one) for one in words["layers"]]
    for layer, one in zip(layers, words["layers"], strict=True):
        layer.auto_name = one["name"]
    nodes: list[Node] = []
    for of_layer, sources in words["nodes"]:
        layer, given = layers[of_layer], [nodes[i] for i in sources]
        nodes.append(layer(given if len(given) > 1 else given[0]) if given else layer.node())
    if words["class"] == "Sequential":
        chain = [nodes[0], *(node.layer for node in nodes[1:])]
        return Sequential(chain, words["name"], words["seed"])
    outputs = [nodes[i] for i in words["outputs"]]
    return Model(
        [nodes[i] for i in words["inputs"]],
        outputs if words["several_outputs"] else outputs[0],
        words["name"],
        words["seed"],
    )
