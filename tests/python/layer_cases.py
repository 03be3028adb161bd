"""One layer of every class, and data for it."""

from __future__ import annotations

from typing import Any

import numpy as np

import nonlin as nl
from nonlin import layers as L  # noqa: N812

FLOAT = {"dtype": "float64", "seed": 3}
# One of every class, with the shapes of its inputs: those of a sample.
CASES: list[tuple[L.Layer, list[tuple[int, ...]]]] = [
    (L.Dense(4, **FLOAT), [(3,)]),
    (L.Dense(4, "gelu", **FLOAT), [(3,)]),
    (L.Dense(4, "tanh", use_bias=False, **FLOAT), [(2, 3)]),
    (L.Dense(4, "softmax", bias_initializer=0.5, **FLOAT), [(5, 3)]),
    (L.Activation("silu", **FLOAT), [(3, 2)]),
    (L.Activation("tanh", slc=slice(2, None, 3), **FLOAT), [(5, 2)]),
    (L.Activation("softplus", slc=(slice(None), slice(1, 3)), **FLOAT), [(4, 2)]),
    (L.Activation("leaky_relu", args=(0.3,), **FLOAT), [(7,)]),
    (L.Activation("log_softmax", **FLOAT), [(7,)]),
    (L.PReLU(shared_axes=[1], **FLOAT), [(3, 4)]),
    (L.PReLU(0.1, **FLOAT), [(3, 4)]),
    (L.RReLU(**FLOAT), [(6,)]),
    (L.Dropout(0.5, **FLOAT), [(6,)]),
    (L.BatchNormalization(**FLOAT), [(3,)]),
    (L.BatchNormalization(axis=1, scale=False, **FLOAT), [(3, 4)]),
    (L.BatchNormalization(center=False, epsilon=0.1, **FLOAT), [(2, 4)]),
    (L.Flatten(**FLOAT), [(3, 2, 2)]),
    (L.Concatenate(**FLOAT), [(3, 2), (3, 4)]),
    (L.Concatenate(axis=1, **FLOAT), [(3, 2), (1, 2), (2, 2)]),
    (L.Add(**FLOAT), [(3, 2), (3, 2), (3, 2)]),
    (L.GLU(**FLOAT), [(6,)]),
    (L.SwiGLU(axis=1, **FLOAT), [(4, 3)]),
    (L.GEGLU(gate="second", **FLOAT), [(4,)]),
    (L.ReGLU(**FLOAT), [(4,)]),
    (L.Bilinear(**FLOAT), [(4,)]),
    (L.Softmax(axis=1, **FLOAT), [(4, 3)]),
    (L.Softmin(temperature=0.5, **FLOAT), [(5,)]),
    (L.LogSoftmax(**FLOAT), [(5,)]),
    (L.Sparsemax(**FLOAT), [(5,)]),
    (L.Entmax15(**FLOAT), [(5,)]),
]
ONE_EACH = [
    getattr(L, L.activation.class_name(name))(**FLOAT)
    for name in nl.activations()
    if name != "prelu"
]
CASES += [(layer, [(9,)]) for layer in ONE_EACH]


def identify(case: Any) -> str:
    layer, shapes = case
    return f"{type(layer).__name__}{shapes}"


def samples(shapes: list[tuple[int, ...]], dtype: str = "float64") -> list[Any]:
    """Numbers away from every kink."""
    random = np.random.default_rng(sum(map(sum, shapes)))
    result = []
    for shape in shapes:
        x = random.uniform(-2.9, 2.9, (4, *shape))
        near = np.abs(x * 4 - np.round(x * 4)) < 0.05  # kinks lie at multiples of 1/4
        result.append((x + near * 0.05).astype(dtype))
    return result


def call(layer: L.Layer, inputs: list[Any], training: bool) -> Any:
    layer.random = np.random.default_rng(7)  # the same noise each time
    return layer(inputs if len(inputs) > 1 else inputs[0], training=training)
