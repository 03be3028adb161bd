"""Graphs of layers: several inputs and heads, gradients, what does not fit."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.models import Loss

if TYPE_CHECKING:
    from pathlib import Path


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
    model(x)
    for wrong in (up[:1], up[0], up[:, :2]):
        with pytest.raises(ValueError, match=r"gradient of add has shape .*, not \(4, 3\)"):
            model.backward(wrong)
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
        ({"loss": "mse", "loss_weights": [np.nan]}, "loss_weights=.*finite"),
        ({"loss": "mse", "loss_weights": -1.0}, "loss_weights=.*not negative"),
        ({"loss": "mse", "loss_weights": "2"}, "loss_weights='2'"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=text):
            model.compile(**options)
    with pytest.raises(ValueError, match="take the mean"):
        Loss("mse", reduction="sum")
    with pytest.raises(ValueError, match=r"has the options .*from_logits"):
        Loss("binary_crossentropy", label_smoothing=0.1)
    with pytest.raises(
        ValueError, match=r"pass one of SGD, .* by name, or an object, such as Adam\(\)"
    ):
        model.compile(nl.optimizers.Adam, "mse")
    for call, text in (
        (lambda: nl.Sequential(L.Dense(3)), "sequential: layers is a Dense; pass a list"),
        (
            lambda: nl.Sequential([nl.relu]),
            r"relu.* is no layer; .*nl.layers.Activation\(function\)",
        ),
        (lambda: nl.Sequential([L.Dense(3), a]), "no layer; .*, and an Input as the first only"),
        (
            lambda: nl.Model(a, L.Dense(3)),
            r"outputs must be nodes; .* Dense\(3\)\(Input\(\[20\]\)\)",
        ),
        (lambda: nl.Model(L.Dense(3), a), "inputs must be nodes"),
        (lambda: model.fit(x, t, callbacks=3), "callbacks=3 are not all functions"),
    ):
        with pytest.raises(TypeError, match=text):
            call()
    assert repr(nl.optimizers.SGD(0.5)) == (
        "SGD(learning_rate=0.5, momentum=0.0, nesterov=False, weight_decay=0.0)"
    )
    for make in (
        lambda: nl.optimizers.SGD(-1.0),
        lambda: nl.optimizers.SGD(momentum=1.0),
        lambda: nl.optimizers.Adam(beta_1=1.0),
        lambda: nl.optimizers.Adam(epsilon=np.nan),
    ):
        with pytest.raises(ValueError, match="pass"):
            make()


def test_a_sequence_that_begins_with_an_input_is_built_at_once(tmp_path: Path) -> None:
    """By any way of making it, with the same weights."""
    pytest.importorskip("safetensors")
    x, t = data()
    whole = nl.Sequential([L.Input([6]), L.Dense(4, "tanh"), L.Dense(3)], seed=1)
    grown = nl.Sequential([L.Input([6])], seed=1)
    grown.add(L.Dense(4, "tanh"))
    assert grown.count_params() == 28
    grown.compile("sgd", "mse")
    with pytest.raises(ValueError, match="axis=2 is no axis"):
        grown.add(L.GLU(axis=2))
    grown.add(L.Dense(3))
    late = nl.Sequential([L.Dense(4, "tanh"), L.Dense(3)], seed=1)
    with pytest.raises(RuntimeError, match=r"sequential.count_params: there are no layers"):
        nl.Sequential([L.Input([6])]).count_params()
    for ask in (late.count_params, late.summary):
        with pytest.raises(RuntimeError, match="shape of the input is not known; call build"):
            ask()
    expected = late.predict(x)
    with pytest.raises(RuntimeError, match="it is built already"):
        late.add(L.ReLU())
    for model in (whole, grown):
        assert model.count_params() == late.count_params() == 43
        assert "43 weights" in model.summary()
        model.save(tmp_path / "m")
        assert list(nl.Model.load(tmp_path / "m").weights) == list(model.weights)
        with pytest.raises(RuntimeError, match="fit: compile the model first"):
            model.fit(x, t)
        np.testing.assert_array_equal(model.predict(x), expected)


def test_heads_that_make_probabilities() -> None:
    behind = [L.Dropout(0.5), L.Flatten(), L.Activation("linear"), L.Linear()]
    for activation, loss in itertools.product(
        ("sigmoid", "softmax"),
        ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"),
    ):
        model = nl.Sequential([L.Dense(3, activation)])
        start = L.Input([2])
        node = L.Dense(3, activation, name="dense")(start)
        for layer in behind:
            node = layer(node)
        for one in (model, nl.Sequential([*model.layers, *behind]), nl.Model(start, node)):
            with pytest.raises(ValueError, match=f"takes logits, but dense ends with {activation}"):
                one.compile("sgd", loss)
        nl.Sequential([L.Dense(3, activation), L.Dense(3)]).compile("sgd", loss)
    model = nl.Sequential([L.Dense(1, "sigmoid")], seed=1)
    model.compile("sgd", Loss("binary_cross_entropy", from_logits=False), ["accuracy"])
    x, t = data()
    p = model.predict(x)
    assert model.evaluate(x, t == 0)["accuracy"] == np.mean((p[:, 0] > 0.5) == (t == 0))
    a, head = L.Input([2]), L.Dense(1)
    heads = [head(a), head(a)]
    with pytest.raises(ValueError, match="two outputs come from one layer"):
        nl.Model(a, heads)


def test_a_model_of_a_part_of_another(tmp_path: Path) -> None:
    """It begins where its inputs are, shares the layers, and is a model as any other."""
    pytest.importorskip("safetensors")
    start, other = L.Input([4]), L.Input([3], name="other")
    shared = L.Dense(3, "tanh")
    hidden = L.Dense(3, "relu", name="hidden")(start)
    middle = shared(hidden)
    both = L.Add()([shared(middle), other, hidden])
    out = L.Dense(2, name="out")(both)
    whole = nl.Model([start, other], out, seed=1)
    first, last = nl.Model(start, hidden), nl.Model([hidden, other], out)
    random = np.random.default_rng(0)
    x, z = random.standard_normal((5, 4)), random.standard_normal((5, 3))
    expected = whole([x, z])
    h = first(x)
    assert last.input_names == ["hidden", "other"]
    np.testing.assert_array_equal(last({"hidden": h, "other": z}), expected)
    assert shared in last.layers
    assert "hidden/kernel" not in last.weights
    dh, dz = last.backward(np.ones_like(expected))
    kept = {name: g.copy() for name, g in last.gradients.items()}
    first.backward(dh)
    ends = whole.gradients["hidden/kernel"].copy()
    whole([x, z])
    np.testing.assert_array_equal(whole.backward(np.ones_like(expected))[1], dz)
    np.testing.assert_array_equal(whole.gradients["hidden/kernel"], ends)
    for name, gradient in kept.items():
        np.testing.assert_array_equal(whole.gradients[name], gradient)
    last.compile("sgd", "mse")
    last.save(tmp_path / "last")
    again = nl.Model.load(tmp_path / "last")
    assert again.summary() == last.summary()
    np.testing.assert_array_equal(again([h, z]), expected)
    behind_itself = nl.Model(middle, shared(middle))
    np.testing.assert_array_equal(behind_itself(h), shared(h))
    with pytest.raises(ValueError, match="given twice among the inputs"):
        nl.Model([start, start], hidden)
    with pytest.raises(ValueError, match="its input is the user's"):
        nl.Model(hidden, L.Activation("relu", inplace=True)(hidden))


def test_names_that_were_not_given_make_room(tmp_path: Path) -> None:
    """A model's names stay as they are, whatever others its layers get elsewhere."""
    pytest.importorskip("safetensors")
    x = data()[0]
    layers = [L.Dense(6) for _ in range(3)]
    one = nl.Sequential(layers, seed=1)
    one.compile("adam", "mse")
    one.fit(x, x, verbose=False)
    names = [f"dense{k}/{w}" for k in ("", "_1", "_2") for w in ("kernel", "bias")]
    assert list(one.weights) == names
    other = nl.Sequential([L.Dense(6, name="dense_1"), L.Dense(6), layers[1], layers[2]], seed=2)
    other.build([6])
    assert [name for name in other.weights if "kernel" in name] == [
        "dense_1/kernel", "dense/kernel", "dense_2/kernel", "dense_3/kernel",
    ]  # fmt: skip
    assert list(one.weights) == names
    assert one.get_layer("dense_1") is other.get_layer("dense_2") is layers[1]
    one.fit(x, x, verbose=False)
    for model in (one, other):
        expected = model.predict(x)
        model.save(tmp_path / "m")
        again = nl.Model.load(tmp_path / "m")
        assert list(again.weights) == list(model.weights)
        np.testing.assert_array_equal(again.predict(x), expected)
    both = nl.Sequential([*nl.Model.load(tmp_path / "m").layers[1:], *layers])
    assert both.predict(x).shape == x.shape
    assert len(both.weights) == 12


def test_an_output_that_another_layer_uses() -> None:
    start = L.Input([6])
    hidden = L.Dense(4, "tanh")(start)
    model = nl.Model(start, [hidden, L.Dense(2)(hidden)], seed=1)
    x = data()[0]
    h, y = model(x)
    first, second = model.layers
    np.testing.assert_array_equal(h, first(x))
    np.testing.assert_array_equal(y, second(h))
    grads = []
    for of_h, of_y in ((1, 1), (1, 0), (0, 1)):
        model(x)
        grads.append(model.backward([np.full_like(h, of_h), np.full_like(y, of_y)]))
    np.testing.assert_allclose(grads[0], grads[1] + grads[2], atol=1e-6)


def test_what_is_observed_is_what_a_layer_returned() -> None:
    """Even if the next one writes over it."""
    model = nl.Sequential([L.Dense(4), L.Activation("relu", inplace=True), L.Dense(1)], seed=1)
    x = data()[0]
    report = nl.inspect(model, x)
    h = x @ model.weights["dense/kernel"]
    assert report["dense"].mean == pytest.approx(h.mean(), rel=1e-5)
    assert report["dense"].sparsity == 0
    assert report["activation"].sparsity == np.mean(h <= 0)


def test_a_layer_goes_backward_alone_after_a_graph() -> None:
    """Gradients are added where a graph uses a layer twice, and nowhere else."""
    start, shared = L.Input([6]), L.Dense(6)
    model = nl.Model(start, shared(L.Tanh()(shared(start))), seed=1)
    x = data()[0]
    model.compile(nl.optimizers.SGD(0.0), "mse")
    model.fit(x, x, verbose=False)  # in which the gradient of x is not wanted
    shared(x)
    expected = np.ones_like(x) @ shared.weights["kernel"].T
    np.testing.assert_allclose(shared.backward(np.ones_like(x)), expected, rtol=1e-5)
    np.testing.assert_allclose(shared.gradients["bias"], len(x))
    np.testing.assert_allclose(shared.gradients["kernel"], x.T @ np.ones_like(x), rtol=1e-5)


def test_layers_of_different_dtypes() -> None:
    """A graph does what its layers do one after another; an input is not rounded before them."""
    random = np.random.default_rng(0)
    x, up = random.standard_normal((5, 3)), random.standard_normal((5, 2)).astype(np.float32)

    def layers() -> list[L.Layer]:
        return [
            L.Dense(4, "tanh", dtype="float64", seed=1), L.Dense(4, "softplus", seed=2),
            L.Add(dtype="float64"), L.Dense(2, seed=3),
        ]  # fmt: skip

    wide, narrow, add, last = layers()
    h = wide(x)
    y = last(add([h, narrow(h)]))
    of_h, of_narrow = add.backward(last.backward(up))
    expected = wide.backward(of_h + narrow.backward(of_narrow))
    own = layers()
    for dtype in (None, "float64"):
        start = L.Input([3], dtype=dtype)
        node = own[0](start)
        model = nl.Model(start, own[3](own[2]([node, own[1](node)])))
        assert model(x).dtype == np.float32
        np.testing.assert_array_equal(model(x), y)
        dx = model.backward(up)
        assert dx.dtype == np.float64
        np.testing.assert_array_equal(dx, expected)
        for one, other in zip(own, (wide, narrow, add, last), strict=True):
            for name, gradient in other.gradients.items():
                assert one.gradients[name].dtype == one.dtype
                np.testing.assert_array_equal(one.gradients[name], gradient)
    model.compile("adam", "mse", ["mae"])
    model.fit(x, up, verbose=False)
    nl.inspect(model, x)
    narrow_start = L.Input([3], dtype="float32")
    model = nl.Model(narrow_start, wide(narrow_start))
    np.testing.assert_array_equal(model(x), wide(x.astype(np.float32)))
    assert model.backward(h).dtype == np.float32


def test_a_layer_that_is_used_twice_adds_its_gradients_in_place() -> None:
    """The kernel is larger than what comes out; nothing of its size is made."""
    start = L.Input([3000])
    shared = L.Dense(3000, use_bias=False)
    model = nl.Model(start, shared(shared(start)), seed=1)
    x = np.random.default_rng(0).standard_normal((20, 3000)).astype(np.float32)
    y = model(x)
    model.backward(y)
    h, kernel = shared(x), shared.weights["kernel"]
    expected = h.T @ y + x.T @ (y @ kernel.T)
    np.testing.assert_allclose(shared.gradients["kernel"], expected, rtol=1e-3, atol=1e-3)
    model(x)
    tracemalloc.start()
    try:
        model.backward(y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * y.nbytes + 50_000 < kernel.nbytes


def test_the_gradient_of_an_input_that_is_not_used() -> None:
    a, b = L.Input([2], name="a"), L.Input([3], name="b", dtype="float64")
    model = nl.Model([a, b], L.Dense(1)(a))
    y = model([np.ones((4, 2)), np.ones((4, 3))])
    _, unused = model.backward(y)
    assert unused.dtype == np.float64
    np.testing.assert_array_equal(unused, np.zeros((4, 3)))


def test_gradients_of_inputs_are_arrays_of_their_own() -> None:
    a, b = L.Input([3], name="a"), L.Input([3], name="b")
    model = nl.Model([a, b], L.Add()([a, b]))
    model([np.ones((2, 3)), np.ones((2, 3))])
    given = np.ones((2, 3), np.float32)
    first, second = model.backward(given)
    first += 1
    np.testing.assert_array_equal(second, given)
    assert given.max() == 1
