"""Graphs of layers: several inputs and heads, gradients, what does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.models import Loss


def test_several_inputs_and_outputs() -> None:
    x, t = two_inputs()
    model = two_headed()
    history = model.fit(x, t, epochs=30, batch_size=20, verbose=False)
    assert list(history) == [
        "loss", "price_loss", "price_mae", "price_r2", "kind_loss", "kind_accuracy",
    ]  # fmt: skip
    last = {name: values[-1] for name, values in history.items()}
    assert abs(last["loss"] - (0.5 * last["price_loss"] + 2 * last["kind_loss"])) < 1e-6
    assert last["loss"] < history["loss"][0] / 1.5
    price, kind = model.predict(x)
    assert price.shape == (80, 1)
    assert kind.shape == (80, 3)
    assert model.evaluate(x, t)["price_r2"] == pytest.approx(nl.metrics.r2(price[:, 0], t["price"]))
    in_order = model.predict([x["a"], x["b"]])
    np.testing.assert_array_equal(in_order[0], price)
    assert len(model.layers) == 10
    assert "trunk" in model.summary()


def test_gradients_of_a_graph() -> None:
    """A layer that is used twice gets both gradients; so does a node."""
    start = L.Input([3], dtype="float64")
    shared = L.Dense(3, "tanh", dtype="float64")
    middle = shared(shared(start))
    out = L.Add(dtype="float64")([middle, L.Softplus(dtype="float64")(middle)])
    model = nl.Model(start, out, seed=5)
    x = np.random.default_rng(0).standard_normal((4, 3))
    up = np.random.default_rng(1).standard_normal((4, 3))
    model(x)
    dx = model.backward(up)
    for array, gradient in ((x, dx), (shared.weights["kernel"], shared.gradients["kernel"].copy())):
        for place in np.ndindex(array.shape):
            value = array[place]
            array[place] = value + 1e-6
            above = (model(x) * up).sum()
            array[place] = value - 1e-6
            numeric = (above - (model(x) * up).sum()) / 2e-6
            array[place] = value
            assert abs(numeric - gradient[place]) < 1e-7
    model.backward(up)
    with pytest.raises(RuntimeError, match="call the model first"):
        model.backward(up)


def test_what_does_not_fit() -> None:
    x, t = data()
    model = network()
    for arguments, error, text in (
        ((x, t[:-1]), ValueError, "do not have one number of samples"),
        ((x,), ValueError, "there are no targets"),
        ((x[:0], t[:0]), ValueError, "there are no samples"),
        ((x.astype("U"), t), TypeError, "fit: input: the input has dtype"),
        ((x.astype(complex), t), TypeError, "complex"),
        ((x, t + 5), ValueError, "allowed are classes"),
        (({"x": x}, t), ValueError, "inputs are for"),
        ((3.0, t), TypeError, "x is a float"),
    ):
        with pytest.raises(error, match=text):
            model.fit(*arguments, verbose=False)
    model.predict(x)
    with pytest.raises(ValueError, match=r"input: .*\(batch, 6\), got \(batch, 5\)"):
        model.predict(x[:, :5])
    for options, text in (
        ({"batch_size": 0}, "batch_size=0"),
        ({"validation_split": 2.0}, "validation_split=2.0"),
    ):
        with pytest.raises(ValueError, match=text):
            model.fit(x, t, verbose=False, **options)
    with pytest.raises(RuntimeError, match="compile the model first"):
        nl.Sequential([L.Dense(1)]).fit(x, t)
    with pytest.raises(ValueError, match="several layers are named"):
        nl.Sequential([L.Dense(1, name="a"), L.Dense(1, name="a")]).build([2])
    a, b = L.Input([2]), L.Input([2], name="b")
    with pytest.raises(ValueError, match="not among the inputs"):
        nl.Model(a, L.Add()([a, b]))
    for options, text in (
        ({"loss": "hinge"}, "hinge"), ({"loss": None}, "loss is missing"),
        ({"loss": "mse", "optimizer": "lion"}, "lion"),
        ({"loss": "mse", "metrics": ["f1"]}, "f1"),
        ({"loss": {"a": "mse"}}, "the outputs are"),
        ({"loss": ["mse", "mse"]}, "2 entries"),
        ({"loss": Loss("mse"), "loss_weights": [1, 2]}, "2 entries"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=text):
            model.compile(**options)
    with pytest.raises(ValueError, match="take the mean"):
        Loss("mse", reduction="sum")
    for make in (
        lambda: nl.optimizers.SGD(-1.0),
        lambda: nl.optimizers.SGD(momentum=1.0),
        lambda: nl.optimizers.Adam(beta_1=1.0),
        lambda: nl.optimizers.Adam(epsilon=np.nan),
    ):
        with pytest.raises(ValueError, match="pass"):
            make()


def test_heads_that_make_probabilities() -> None:
    for activation, loss in (
        ("sigmoid", "binary_crossentropy"),
        ("softmax", "categorical_crossentropy"),
    ):
        model = nl.Sequential([L.Dense(3, activation)])
        with pytest.raises(ValueError, match=f"takes logits, but dense ends with {activation}"):
            model.compile("sgd", loss)
    model = nl.Sequential([L.Dense(1, "sigmoid")], seed=1)
    model.compile("sgd", Loss("binary_cross_entropy", from_logits=False), ["accuracy"])
    x, t = data()
    p = model.predict(x)
    assert model.evaluate(x, t == 0)["accuracy"] == np.mean((p[:, 0] > 0.5) == (t == 0))
    a, head = L.Input([2]), L.Dense(1)
    heads = [head(a), head(a)]
    with pytest.raises(ValueError, match="two outputs come from one layer"):
        nl.Model(a, heads)
