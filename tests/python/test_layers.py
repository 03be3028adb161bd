"""Layers: gradients against numeric differentiation, configurations, shapes, memory."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from layer_cases import CASES, call, identify, samples

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.layers import base

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("case", CASES, ids=identify)
def test_gradients(case: Any, training: bool) -> None:
    """Of inputs and weights, against central differences in float64."""
    layer, shapes = case
    inputs = samples(shapes)
    output = call(layer, inputs, training)
    up = np.random.default_rng(1).standard_normal(output.shape)
    grads = layer.backward(up)
    grads = grads if isinstance(grads, list) else [grads]
    kept = {name: g.copy() for name, g in layer.gradients.items()}
    assert len(grads) == len(inputs)

    def total() -> float:
        return float(np.sum(call(layer, inputs, training) * up))

    step = 1e-6
    pairs = [*zip(inputs, grads, strict=True), *((layer.weights[n], g) for n, g in kept.items())]
    for array, gradient in pairs:
        assert gradient.shape == array.shape
        numeric = np.empty_like(array)
        for place in np.ndindex(array.shape):
            value = array[place]
            array[place] = value + step
            above = total()
            array[place] = value - step
            numeric[place] = (above - total()) / (2 * step)
            array[place] = value
        np.testing.assert_allclose(gradient, numeric, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("case", CASES, ids=identify)
def test_config(case: Any) -> None:
    """Through JSON and back: the same layer, and with the same weights the same bits."""
    layer, shapes = case
    config = json.loads(json.dumps(layer.get_config()))
    again = L.from_config({"class": type(layer).__name__, "config": config})
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    inputs = samples(shapes)
    expected = call(layer, inputs, False)
    call(again, inputs, False)
    for name, weight in layer.weights.items():
        again.weights[name][...] = weight
    np.testing.assert_array_equal(call(again, inputs, False), expected)
    assert expected.shape == (4, *layer.checked(*shapes))
    assert again.count_params() == sum(w.size for w in layer.weights.values())


def test_every_class_is_tested() -> None:
    tested = {type(layer).__name__ for layer, _ in CASES}
    ours = {name for name, c in base.classes.items() if c.__module__.startswith("nonlin")}
    assert ours - {"Input"} == tested
    common = """ReLU LeakyReLU PReLU RReLU ELU SELU CELU SiLU GELU Mish Softplus Softmax HardSiLU
        LeakyReLU6 Sigmoid Tanh Input"""
    for name in common.split():
        assert name in dir(L)
    for name in L.__all__:
        assert getattr(L, name).__doc__


def test_parameters_of_activation_classes() -> None:
    x = np.linspace(-3, 3, 50, dtype=np.float32).reshape(5, 10)
    np.testing.assert_array_equal(L.ELU(alpha=0.5)(x), nl.elu(x, 0.5))
    np.testing.assert_array_equal(L.ELU(0.5)(x), nl.elu(x, 0.5))
    with pytest.raises(ValueError, match="alpha"):
        L.ELU(alpha=np.nan)
    with pytest.raises(
        TypeError, match=r"ReLU: \(6,\) are more parameters than it has: none; pass"
    ):
        L.ReLU(6)
    with pytest.raises(TypeError, match="beta"):
        L.ELU(beta=1.0)
    with pytest.raises(ValueError, match="temperature=0"):
        L.Softmax(temperature=0)


def test_dense_is_fused_and_close_to_numpy() -> None:
    x = RANDOM.standard_normal((6, 5)).astype(np.float32)
    layer = L.Dense(7, "gelu", bias_initializer="ones", seed=1)
    y = layer(x)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, nl.gelu(x @ layer.weights["kernel"] + np.float32(1)))


LARGE: list[tuple[L.Layer, list[tuple[int, ...]]]] = [
    (L.Dense(400), [(300,)]),
    (L.Dense(400, "gelu"), [(300,)]),
    (L.Dense(400, "softmax"), [(300,)]),
    (L.Dense(100, "relu", use_bias=False), [(300,)]),
    (L.Activation("silu"), [(400,)]),
    (L.Activation("tanh", slc=(..., slice(0, 200))), [(400,)]),
    (L.Mish(), [(400,)]),
    (L.Softmax(), [(400,)]),
    (L.PReLU(), [(400,)]),
    (L.RReLU(), [(400,)]),
    (L.Dropout(0.5), [(400,)]),
    (L.BatchNormalization(), [(400,)]),
    (L.Flatten(), [(20, 20)]),
    (L.Concatenate(), [(200,), (300,)]),
    (L.Add(), [(400,), (400,)]),
    (L.SwiGLU(), [(400,)]),
]


@pytest.mark.parametrize("case", LARGE, ids=identify)
def test_no_temporary_is_larger_than_the_output(case: Any) -> None:
    """What is there at the peak, but no longer at the end, is at most one output."""
    layer, shapes = case
    inputs = [RANDOM.standard_normal((500, *shape)).astype(np.float32) for shape in shapes]
    given = inputs if len(inputs) > 1 else inputs[0]
    output = layer(given, training=True)
    layer.backward(output)  # weights, and whatever is made once
    allowed = output.nbytes + 50_000
    for run in (lambda: layer(given, training=True), lambda: layer.backward(output)):
        gc.collect()
        tracemalloc.start()
        try:
            result = run()
            now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak - now <= allowed
        del result


def test_shapes_that_do_not_fit() -> None:
    layer = L.Dense(3, name="head")
    layer(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"head: .* shape \(batch, ..., 4\), got \(batch, 5\)"):
        layer(np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"add: .* all inputs, got \(batch, 2\) and \(batch, 3\)"):
        L.Add()([np.ones((1, 2)), np.ones((1, 3))])
    with pytest.raises(ValueError, match=r"concatenate: .*equal but along axis -1"):
        L.Concatenate()([np.ones((1, 2, 2)), np.ones((1, 3, 2))])
    with pytest.raises(ValueError, match=r"glu: .*even length along axis -1, got"):
        L.GLU()(np.ones((1, 3)))
    with pytest.raises(ValueError, match="batch_normalization: axis=3 is no axis"):
        L.BatchNormalization(axis=3)(np.ones((2, 3)))
    prelu = L.PReLU()
    prelu(np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=r"prelu: .*\(3, 4\), got \(batch, 4\)"):
        prelu(np.ones((3, 4)))
    for shape in ((7, 2, 3), (1, 3), (2,)):
        relu = L.ReLU()
        relu(np.ones((2, 3)))
        with pytest.raises(ValueError, match=r"relu.backward: .* the output had \(2, 3\)"):
            relu.backward(np.ones(shape))
    with pytest.raises(ValueError, match="dense: got 2 inputs; pass 1"):
        L.Dense(1)([np.ones((1, 2)), np.ones((1, 2))])


def test_arguments_that_are_wrong() -> None:
    for make, error, text in (
        (lambda: L.Dense(0), ValueError, "units=0"),
        (lambda: L.Dense(2.5), TypeError, "units is a float"),
        (lambda: L.Dense(1, "rellu"), ValueError, "did you mean"),
        (lambda: L.Dense(1, np.tanh), TypeError, "nl.register"),
        (lambda: L.Dense(1, kernel_initializer="big"), ValueError, "glorot_uniform"),
        (lambda: L.Dense(1, bias_initializer=None), ValueError, "initializer=None is not known"),
        (lambda: L.PReLU("big"), ValueError, "initializer='big' is not known"),
        (lambda: L.Dense(1, use_bias="no"), TypeError, "use_bias='no' .*; pass True or False"),
        (lambda: L.Dense(1, dtype="int8"), ValueError, "float32, float64"),
        (lambda: L.Dense(1, name="a/b"), ValueError, "without '/'"),
        (lambda: L.Dropout(1.0), ValueError, r"rate=1.0"),
        (lambda: L.Dropout("half"), TypeError, "dropout: rate is a str"),
        (lambda: L.RReLU(0.5, 0.1), ValueError, "lower"),
        (lambda: L.PReLU(shared_axes=1), TypeError, r"shared_axes=1 is not allowed; pass a list"),
        (lambda: L.PReLU(shared_axes=[4])(np.ones((2, 3))), ValueError, "shared_axes"),
        (lambda: L.GLU(gate="both"), ValueError, "gate='both'"),
        (lambda: L.Activation("elu", args=(1, 2)), ValueError, "more than elu has"),
        (lambda: L.Activation("elu", args=0.5), TypeError, r"args=0.5 .*such as \(0.5,\)"),
        (lambda: L.Activation("celu", args=(-1,)), ValueError, "alpha"),
        (lambda: L.Dense(3, name=3), ValueError, "Dense: name=3 is not allowed; pass text"),
        (lambda: L.GLU(axis=2)(np.ones((3, 2))), ValueError, r"axis=2 is no axis .*\(batch, 2\)"),
        (lambda: L.Concatenate(0)([np.ones((3, 2))]), ValueError, "axis=0 is no axis"),
        (lambda: L.ReLU()("text"), TypeError, "dtype"),
        (lambda: L.ReLU()(np.ones((1, 2), complex)), TypeError, "complex128"),
        (lambda: L.ReLU()(1.0), ValueError, "batch"),
        (lambda: L.ReLU().backward(np.ones(2)), RuntimeError, "call the layer first"),
        (lambda: L.Activation("relu", slc=([0, 1],)), TypeError, "a tuple of slices"),
        (lambda: L.Activation("relu", slc=3), TypeError, "a tuple of slices"),
        (lambda: L.Dense(1, "prelu"), ValueError, "the layer PReLU"),
        (lambda: L.Dense(1, nl.softmax2d), TypeError, "no elementwise activation"),
        (lambda: L.Activation(nl.glu), TypeError, "no elementwise activation"),
        (lambda: L.Dense(1, L.ReLU()), TypeError, "is a layer; add it"),
        (lambda: L.from_config({"class": "Nothing", "config": {}}), ValueError, "'Nothing'"),
    ):
        with pytest.raises(error, match=text):
            make()


def test_unknown_arguments() -> None:
    common = "name, dtype, seed, trainable"
    for make, name, taken in (
        (L.LeakyReLU, "LeakyReLU", "negative_slope"), (L.GELU, "GELU", "approximate"),
        (L.Softmax, "Softmax", "axis, temperature"), (L.GLU, "GLU", "axis, gate"),
        (lambda **o: L.Dense(3, **o), "Dense", "units, activation, use_bias"),
        (lambda **o: L.Activation("elu", **o), "Activation", "activation, slc, inplace"),
    ):  # fmt: skip
        text = f"^{name} does not take 'l2'; it takes {taken}.*{common.removeprefix('name, ')}$"
        with pytest.raises(TypeError, match=text):
            make(l2=1)
    with pytest.raises(TypeError, match=f"^ReLU does not take 'l2'; it takes {common}$"):
        L.ReLU(l2=1)


def test_activation_in_a_slice_is_the_seeds() -> None:
    x = np.arange(-6.0, 6.0).reshape(3, 4).astype(np.float32)
    expected = x.copy()
    expected.reshape(-1)[2:9:2] = nl.sigmoid(x.reshape(-1)[2:9:2])
    np.testing.assert_array_equal(L.Activation("sigmoid", slc=slice(2, 9, 2))(x), expected)
    expected = x.copy()
    expected[:, 1:3] = nl.tanh(x[:, 1:3])
    layer = L.Activation("tanh", slc=(..., slice(1, 3)))
    np.testing.assert_array_equal(layer(x), expected)
    up = np.ones_like(x)
    expected = up.copy()
    expected[:, 1:3] = nl.tanh.backward(up[:, 1:3], x[:, 1:3])
    np.testing.assert_array_equal(layer.backward(up), expected)


def test_example_of_the_documentation_of_activation_layers() -> None:
    np.random.seed(123)  # noqa: NPY002
    data = np.random.randint(-10, 10, (3, 3)).astype(np.float32)  # noqa: NPY002
    assert data.tolist() == [[3, -8, -8], [-4, 7, 9], [0, -9, -10]]
    assert L.Activation("relu")(data).tolist() == [[3, 0, 0], [0, 7, 9], [0, 0, 0]]
    np.testing.assert_allclose(
        L.Activation("sigmoid")(data),
        [[0.95257413, 0.00033535017, 0.00033535017], [0.01798621, 0.999089, 0.99987662],
         [0.5, 0.00012339462, 0.000045397865]],
        rtol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(L.activation._ALLOW_INPLACE))
def test_inplace(name: str) -> None:
    """The derivative at f(x) is that at x, wherever x lies."""
    function = nl.get(name)
    grid = np.concatenate([np.linspace(-8, 8, 3201), [0.0, -0.0, 1e-300, -1e-300]])
    kinks = np.abs(np.diff(function.derivative(grid), append=0)) > 0
    np.testing.assert_array_equal(
        function.derivative(function(grid))[~kinks], function.derivative(grid)[~kinks]
    )
    x = samples([(8,)], "float32")[0]
    expected = function(x)
    layer, work = L.Activation(name, inplace=True), x.copy()
    assert layer(work) is work
    np.testing.assert_array_equal(work, expected)
    np.testing.assert_array_equal(
        layer.backward(np.ones_like(x)), function.backward(np.ones_like(x), x)
    )


def test_inplace_is_refused_where_backward_would_be_wrong() -> None:
    with pytest.raises(ValueError, match="inplace=True would lose what the backward pass of gelu"):
        L.Activation("gelu", inplace=True)
    with pytest.raises(ValueError, match="not negative"):
        L.Activation("leaky_relu", inplace=True, args=(-0.1,))
    start = L.Input([3])
    with pytest.raises(ValueError, match="its input is the user's"):
        nl.Model(start, L.Activation("relu", inplace=True)(start))
    first = L.Activation("relu6", inplace=True, name="first")(L.Dense(3)(start))
    second = L.Activation("linear", inplace=True)(first)
    with pytest.raises(ValueError, match="the backward pass of first needs what it returned"):
        nl.Model(start, second)
    hidden = L.Dense(3)(start)
    with pytest.raises(ValueError, match="the output of dense is used elsewhere"):
        nl.Model(start, L.Add()([hidden, L.Activation("relu", inplace=True)(hidden)]))
    for layer in (
        L.Softmax(name="before"), L.Dense(3, "softmax", name="before"),
        L.Activation("softmin", name="before"), L.Flatten(name="before"),
        L.Dropout(0.5, name="before"),
    ):  # fmt: skip
        out = L.Activation("relu", inplace=True)(layer(L.Dense(3)(start)))
        with pytest.raises(ValueError, match="the backward pass of before needs what it returned"):
            nl.Model(start, out)
    hidden = L.Dense(3, name="hidden")(start)
    with pytest.raises(ValueError, match="the output of hidden is used elsewhere"):
        nl.Model(start, [hidden, L.Activation("relu", inplace=True)(hidden)])


def test_dropout() -> None:
    layer = L.Dropout(0.25, seed=1)
    x = np.ones((200, 300), np.float32)
    np.testing.assert_array_equal(layer(x), x)
    y = layer(x, training=True)
    assert abs(np.mean(y == 0) - 0.25) < 0.01
    np.testing.assert_array_equal(np.unique(y), np.float32([0, 4 / 3]))
    np.testing.assert_array_equal(layer.backward(x), y)
    again = L.Dropout(0.25, seed=1)(x, training=True)
    np.testing.assert_array_equal(again, y)


def test_batch_normalization_follows_the_batches() -> None:
    layer = L.BatchNormalization(momentum=0.5)
    x = RANDOM.standard_normal((1000, 3)).astype(np.float32) * [1, 10, 100] + [0, -5, 1e4]
    for _ in range(40):
        y = layer(x, training=True)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-3)
    np.testing.assert_allclose(layer.weights["moving_mean"], x.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.weights["moving_variance"], x.var(0), rtol=1e-5)
    np.testing.assert_allclose(layer(x), y, atol=2e-3)


def test_initializers() -> None:
    shape = (300, 200)
    for name, deviation in (
        ("glorot_uniform", np.sqrt(2 / 500)), ("glorot_normal", np.sqrt(2 / 500)),
        ("he_uniform", np.sqrt(2 / 300)), ("he_normal", np.sqrt(2 / 300)),
        ("lecun_uniform", np.sqrt(1 / 300)), ("lecun_normal", np.sqrt(1 / 300)),
    ):  # fmt: skip
        w = L.initializers.get(name)(shape, np.random.default_rng(0))
        assert abs(w.std() / deviation - 1) < 0.02
        assert abs(w.mean()) < deviation / 50
    q = L.initializers.get("orthogonal")(shape, np.random.default_rng(0))
    np.testing.assert_allclose(q.T @ q, np.eye(200), atol=1e-12)


def test_what_is_assigned_to_a_weight_is_written_into_it() -> None:
    x = RANDOM.standard_normal((8, 3)).astype(np.float32)
    t = x[:, :2] + x[:, 1:]
    model = nl.Sequential([L.Dense(2, seed=1)])
    model.compile(nl.optimizers.SGD(0.1), "mse")
    model.build([3])
    (layer,) = model.layers
    kernel = layer.weights["kernel"]
    layer.weights["kernel"] = np.asfortranarray(np.arange(6.0).reshape(3, 2))
    layer.weights["bias"] += 1
    assert layer.weights["kernel"] is kernel is model.weights["dense/kernel"]
    assert kernel.dtype == np.float32
    assert kernel.tolist() == [[0, 1], [2, 3], [4, 5]]
    losses = model.fit(x, t, epochs=200, verbose=False)["loss"]
    assert losses[-1] < losses[0] / 100
    with pytest.raises(ValueError, match=r"kernel has shape \(3, 2\); it cannot become .*\(2, 3\)"):
        layer.weights["kernel"] = np.ones((2, 3))
    for arrays in (layer.weights, layer.gradients, model.weights, model.gradients):
        with pytest.raises(KeyError, match="there is no array 'other' to assign to"):
            arrays["other"] = kernel
    with pytest.raises(ValueError, match="SGD: w or its gradient is not C-contiguous"):
        nl.optimizers.SGD().apply({"w": kernel.T}, {"w": kernel.T})


def test_a_build_that_fails_leaves_nothing() -> None:
    shape = (3, 2)
    right = {"bias": True}

    def initializer(shape: tuple[int, ...], random: np.random.Generator) -> Any:
        if right["bias"]:
            return random.standard_normal(shape)
        message = "not now"
        raise RuntimeError(message)

    layers = [L.Dense(4, seed=1), L.Dense(2, bias_initializer=initializer, seed=2)]
    model = nl.Sequential(layers)
    right["bias"] = False
    for build in (lambda: layers[1](np.ones((1, 4))), lambda: model.build(shape)):
        with pytest.raises(RuntimeError, match="not now"):
            build()
        assert not any(a.weights or a.gradients or a.input_shapes for a in layers)
    right["bias"] = True
    model.build([5])  # of another shape than before
    assert model.count_params() == 24 + 10
    ready = L.Dense(4, seed=1)
    kept = ready(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"initializer of kernel gave \(1,\), not \(4, 2\)"):
        nl.Sequential([ready, L.Dense(2, kernel_initializer=lambda *_: [1.0])]).build([3])
    np.testing.assert_array_equal(ready(np.ones((1, 3))), kept)


def test_initial_weights_are_the_layers_own() -> None:
    shared = np.ones((2, 2), np.float32)
    a, b = (L.Dense(2, kernel_initializer=lambda *_: shared) for _ in range(2))
    x = np.ones((1, 2))
    a(x), b(x)
    a.weights["kernel"][:] = 7
    assert (b.weights["kernel"] == 1).all()
    assert (shared == 1).all()


def test_seeds_of_layers() -> None:
    """That of the layer, that of the model, or none; a layer that was called keeps what it has."""
    x = np.ones((4, 50), np.float32)

    def made(own: int | None, of_model: int | None, called: bool = False) -> Any:
        layers = [L.Dense(3, seed=own), L.Dropout(0.5, seed=own)]
        if called:
            layers[1](layers[0](x))
        model = nl.Sequential(layers, seed=of_model)
        model.build([50])
        return model.weights["dense/kernel"], layers[1](x, training=True)

    for same in ((made(3, 1), made(3, 2)), (made(None, 1), made(None, 1))):
        for one, other in zip(*same, strict=True):
            np.testing.assert_array_equal(one, other)
    for different in (
        (made(3, 1), made(None, 1)),
        (made(None, 1), made(None, 2)),
        (made(None, 1, called=True), made(None, 1, called=True)),
    ):
        for one, other in zip(*different, strict=True):
            assert not np.array_equal(one, other)


def test_parameters_that_are_no_numbers() -> None:
    x = np.linspace(-3, 3, 50, dtype=np.float32).reshape(5, 10)
    up = np.ones_like(x)
    for make in (
        lambda how: L.GELU(approximate=how),
        L.GELU,
        lambda how: L.Activation("gelu", args=(how,)),
    ):
        for how, function in (("none", nl.gelu), ("tanh", nl.gelu_tanh), ("quick", nl.gelu_quick)):
            layer = make(how)
            config = json.loads(json.dumps(layer.get_config()))
            again = L.from_config({"class": type(layer).__name__, "config": config})
            for one in (layer, again):
                np.testing.assert_array_equal(one(x), function(x))
                np.testing.assert_array_equal(one.backward(up), function.derivative(x))
        with pytest.raises(ValueError, match="approximate"):
            make("tan")(x)
    layer = L.Activation("softmax", args=(1, 0.5))
    np.testing.assert_array_equal(layer(x), nl.softmax(x, 1, temperature=0.5))
    assert nl.Loss is nl.models.Loss
