"""Activations and layers of the user's own: what they may do, and what is said if they do more."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from networks import data

import nonlin as nl
from nonlin import layers as L  # noqa: N812


def activation(name: str, forward: Any, derivative: Any = np.ones_like) -> Any:
    return nl.register(name, forward, derivative, overwrite=True)


def layers(function: Any) -> list[L.Layer]:
    return [L.Activation(function, name="here"), L.Dense(6, function, name="here")]


def test_the_dtype_is_the_layers() -> None:
    x = data()[0]
    for function in (
        activation("wide", lambda x: x.astype(np.float64) ** 3, lambda x: np.float64(3) * x**2),
        activation("sign_of", lambda x: np.sign(x).astype(np.int8), lambda _: 0),
    ):
        for layer in layers(function):
            model = nl.Sequential([L.Dense(6), layer, L.Dense(3)], seed=1)
            model.compile("adam", "sparse_categorical_cross_entropy")
            y = layer(x)
            assert y.dtype == layer.backward(y).dtype == np.float32
            assert model(x, training=True).dtype == np.float32
            model.fit(x, data()[1], verbose=False)
            assert nl.inspect(model, x)["here"].saturated is not None


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: x.sum(1),
        lambda x: x[:, :2],
        lambda x: x.mean(),
        lambda x: x + 1j,
        lambda _: "text",
    ],
)
def test_the_shape_must_be_that_of_the_input(forward: Any) -> None:
    x = data()[0]
    for layer in layers(activation("shrinks", forward)):
        for call in (layer, nl.Sequential([layer])):
            with pytest.raises(ValueError, match=r"activation shrinks gave .* of shape") as caught:
                call(x)
            assert caught.value.__notes__ == ["In the forward pass of layer here."]


def test_the_derivative_must_have_the_shape_too() -> None:
    x = data()[0]
    for layer in layers(activation("grows", lambda x: x, lambda x: np.ones((2, *x.shape)))):
        y = layer(x)
        with pytest.raises(ValueError, match=r"grows gave .*\(2, 96, 6\)") as caught:
            layer.backward(y)
        assert caught.value.__notes__ == ["In the backward pass of layer here."]


def test_the_input_is_not_written_into() -> None:
    def doubles(x: Any) -> Any:
        x *= 2
        return x

    x = data()[0]
    before = x.copy()
    for layer in layers(activation("doubles", doubles)):
        with pytest.raises(ValueError, match="read-only") as caught:
            layer(x)
        assert caught.value.__notes__ == ["In the forward pass of layer here."]
    assert (x == before).all()
    same = L.Activation(activation("same", lambda x: x[:]))
    y = same(x)
    y += 1  # is nobody else's
    assert (x == before).all()


class Scale:
    """An activation that is an object, with a parameter."""

    name = "scale"
    parameters = {"by": 2.0}  # noqa: RUF012

    def __call__(self, x: Any, by: float = 2.0) -> Any:
        return x * by

    def backward(self, grad_output: Any, x: Any, by: float = 2.0) -> Any:
        del x
        return grad_output * by


def test_an_object_with_parameters() -> None:
    x = data()[0]
    for args, by in (((), 2), ((3.0,), 3)):
        layer = L.Activation(Scale(), args=args)
        np.testing.assert_array_equal(layer(x), x * by)
        np.testing.assert_array_equal(layer.backward(x), x * by)


class Returns(L.Layer):
    """Returns what a test says."""

    def __init__(self, forward: Any, gradient: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.results = forward, gradient

    def forward(self, *inputs: Any, training: bool) -> Any:
        del training
        return self.results[0](*inputs)

    def gradient(self, context: Any, grad_output: Any) -> Any:
        del context
        return self.results[1](grad_output)


def test_layers_of_ones_own_are_checked() -> None:
    x = data()[0]
    for forward, error, text in (
        (lambda x: x, TypeError, "forward returned a ndarray; a layer's must return a tuple of 2"),
        (lambda x: (x[:, :1], None), ValueError, r"forward gave .*\(96, 1\); .*shape \(96, 6\)"),
        (lambda x: (x * 1j, None), ValueError, "forward gave complex64"),
    ):
        with pytest.raises(error, match=f"returns: {text}"):
            Returns(forward)(x)
    for gradient, error, text in (
        (lambda g: g, TypeError, "gradient returned a ndarray; a layer's must return a tuple of 1"),
        (lambda g: (g, g), TypeError, "gradient returned a tuple; a layer's must return a tuple"),
        (lambda g: (g[:1],), ValueError, r"gradient gave .*\(1, 6\)"),
    ):
        layer = Returns(lambda x: (x, None), gradient)
        model = nl.Sequential([layer])
        for call in (layer, model):
            y = call(x)
            with pytest.raises(error, match=f"returns: {text}"):
                call.backward(y)
    wide = Returns(lambda x: (x.astype(np.float64), None), lambda g: (g.astype(np.float64),))
    assert wide(x).dtype == wide.backward(x).dtype == np.float32


class Doubles(L.Layer):
    """Says nothing of whether its output is needed."""

    def forward(self, *inputs: Any, training: bool) -> Any:
        del training
        return 2 * inputs[0], None

    def gradient(self, context: Any, grad_output: Any) -> Any:
        del context
        return (2 * grad_output,)


class Triples(Doubles):
    """Needs nothing, and says so."""

    needs_output = False


def test_no_layer_writes_over_what_one_of_ones_own_returned() -> None:
    start = L.Input([3])
    for own in (Doubles(name="own"), type("Quadruples", (Triples,), {})(name="own")):
        with pytest.raises(ValueError, match="the backward pass of own needs what it returned"):
            nl.Model(start, L.Activation("relu", inplace=True)(own(start)))
    nl.Model(start, L.Activation("relu", inplace=True)(Triples()(start)))
    dense = type("OwnDense", (L.Dense,), {})(2, name="own")
    with pytest.raises(ValueError, match="the backward pass of own needs what it returned"):
        nl.Model(start, L.Activation("relu", inplace=True)(dense(start)))
    del L.base.classes["OwnDense"], L.base.classes["Quadruples"]


def test_what_is_returned_can_be_written_into() -> None:
    """Neither the backward pass nor the user's input sees it."""
    x = data()[0]
    before = x.copy()
    for make in (
        L.Softmax, lambda: L.Dense(6, "softmax", seed=1), L.Flatten,
        lambda: L.Dropout(0.5), Doubles,
    ):  # fmt: skip
        layer, other = make(), make()
        for call in (layer, nl.Sequential([layer])):
            expected_output = other(x)
            expected = other.backward(before)
            y = call(x)
            np.testing.assert_array_equal(y, expected_output)
            y -= 5
            np.testing.assert_array_equal(call.backward(before), expected)
            np.testing.assert_array_equal(x, before)
    start = L.Input([6])
    hidden = L.Dense(4, seed=1)(start)
    model = nl.Model(start, [hidden, L.Dense(2, seed=2)(hidden), start])
    outputs = model(x)
    model.backward(outputs)
    expected = model.gradients["dense_1/kernel"].copy()
    again = model(x)
    for array in again:
        array[...] = 7
    model.backward(outputs)
    np.testing.assert_array_equal(model.gradients["dense_1/kernel"], expected)
    np.testing.assert_array_equal(x, before)


def test_a_slice_of_an_array_in_another_order() -> None:
    x = np.asfortranarray(np.arange(-6.0, 6.0).reshape(3, 4).astype(np.float32))
    layer, same = (L.Activation("sigmoid", slc=slice(2, 9, 2)) for _ in range(2))
    np.testing.assert_array_equal(layer(x), same(x.copy("C")))
    up = np.asfortranarray(np.ones_like(x))
    np.testing.assert_array_equal(layer.backward(up), same.backward(up.copy("C")))
    nl.Sequential([L.Concatenate(), layer])(x)
    with pytest.raises(ValueError, match="C-contiguous"):
        L.Activation("relu", slc=slice(2), inplace=True)(x)


def test_all_ways_to_assign_write_into_the_arrays() -> None:
    model = nl.Sequential([L.Dense(2, seed=1)])
    model.build([3])
    layer = model.layers[0]
    kernel, bias = layer.weights["kernel"], layer.weights["bias"]
    layer.weights.update(kernel=np.full((3, 2), 2.0), bias=[1, 2])
    assert kernel.min() == kernel.max() == 2
    layer.weights |= {"bias": [3, 4]}
    assert bias.tolist() == [3, 4]
    model.weights["dense/bias"] += 1
    model.weights.update({"dense/kernel": np.zeros((3, 2))})
    assert bias.tolist() == [4, 5]
    model.weights |= {"dense/kernel": np.ones((3, 2))}
    assert kernel.all()
    model.weights = {"dense/kernel": np.zeros((3, 2))}
    assert not kernel.any()
    assert layer.weights == {"kernel": kernel, "bias": bias}
    for arrays, name in ((layer.weights, "bias"), (model.weights, "dense/bias")):
        with pytest.raises(ValueError, match=rf"{name} has shape \(2,\)"):
            arrays.update({name: [1]})
        with pytest.raises(KeyError, match="'other'"):
            arrays |= {"other": [1]}
    twin = copy.deepcopy(layer)
    twin.weights["bias"] += 1
    assert bias.tolist() == [4, 5]
    assert pickle.loads(pickle.dumps(layer)).weights["bias"].tolist() == [4, 5]


class Unmade(L.Layer):
    """Does not make its base."""

    def __init__(self) -> None:
        self.scale = 2


class Empty(L.Layer):
    """Has nothing of its own."""


class Forward(L.Layer):
    """Has no backward pass."""

    def forward(self, *inputs: Any, training: bool) -> Any:
        del training
        return inputs[0], None


def test_layers_that_lack_something() -> None:
    x = data()[0]
    for call in (
        lambda: Unmade()(x), lambda: nl.Sequential([L.Input([6]), Unmade()]),
        lambda: nl.Sequential([Unmade()]).compile("sgd", "mse"),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"Unmade: its __init__ must call super\(\).__init__"):
            call()
    with pytest.raises(NotImplementedError, match="class Empty has no method forward; see"):
        Empty()(x)
    layer = Forward()
    with pytest.raises(NotImplementedError, match="class Forward has no method gradient; see"):
        layer.backward(layer(x))
