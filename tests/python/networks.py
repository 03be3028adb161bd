"""Models and data that several tests use."""

from __future__ import annotations

from typing import Any

import numpy as np

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.models import Loss


def data(samples: int = 96, features: int = 6, classes: int = 3) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    x = random.standard_normal((samples, features)).astype(np.float32)
    return x, (x[:, :classes] + 0.3 * random.standard_normal((samples, classes))).argmax(1)


def network(seed: int | None = 1, **options: Any) -> nl.Sequential:
    model = nl.Sequential(
        [L.Dense(16), L.BatchNormalization(), L.PReLU(), L.Dropout(0.2), L.Dense(3)], seed=seed
    )
    model.compile(
        options.get("optimizer", "adam"), "sparse_categorical_cross_entropy", ["accuracy"]
    )
    return model


def two_headed(seed: int | None = 2) -> nl.Model:
    a, b = L.Input([4], name="a"), L.Input([2, 2], name="b")
    both = L.Concatenate()([L.Dense(8, "gelu")(a), L.Dense(8, "silu")(L.Flatten()(b))])
    trunk = L.Dense(8, "tanh", name="trunk")(both)
    price = L.Dense(1, name="price")(L.Add()([trunk, L.SwiGLU()(L.Dense(16)(trunk))]))
    kind = L.Dense(3, name="kind")(trunk)
    model = nl.Model([a, b], [price, kind], seed=seed)
    model.compile(
        nl.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        {"price": "mse", "kind": Loss("sparse_categorical_cross_entropy", label_smoothing=0.1)},
        {"price": ["mae", "r2"], "kind": ["accuracy"]},
        loss_weights={"price": 0.5, "kind": 2.0},
    )
    return model


def two_inputs(samples: int = 80) -> tuple[dict[str, Any], dict[str, Any]]:
    random = np.random.default_rng(3)
    a = random.standard_normal((samples, 4)).astype(np.float32)
    b = random.standard_normal((samples, 2, 2)).astype(np.float32)
    kind = (a[:, :3] + b.reshape(samples, 4)[:, :3]).argmax(1)
    return {"a": a, "b": b}, {"price": a.sum(1) * b[:, 0, 0], "kind": kind}
