"""Activations by name."""

from __future__ import annotations

import pickle
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from api import every_activation

import nonlin as nl
from nonlin import registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def own_names() -> Iterator[None]:
    before = dict(registry._own)
    yield
    registry._own.clear()
    registry._own.update(before)


def square(x: Any) -> Any:
    return np.square(x)


def twice(x: Any) -> Any:
    return np.multiply(2.0, x)


@every_activation
def test_name_and_aliases(name: str) -> None:
    activation = getattr(nl, name)
    assert activation.name == activation.__name__ == name
    assert nl.get(name) is activation
    for alias in activation.aliases:
        assert nl.get(alias) is activation


def test_every_name_means_one_function() -> None:
    names = Counter(nl.activations())
    for name in nl.activations():
        names.update(nl.get(name).aliases)
    assert names.most_common(1)[0][1] == 1


def test_names_of_other_libraries() -> None:
    pairs = {
        "swish": "silu", "leakyRelu": "leaky_relu", "softPlus": "softplus", "clip": "hard_tanh",
        "hard_swish": "hard_silu", "logistic": "sigmoid", "expit": "sigmoid",
        "identity": "linear", "heaviside": "binary_step", "gelu_new": "gelu_tanh",
    }  # fmt: skip
    for alias, name in pairs.items():
        assert nl.get(alias) is getattr(nl, name)


def test_none_and_callables() -> None:
    assert nl.get(None) is nl.linear
    assert nl.get(square) is square
    assert nl.get(nl.gelu.derivative) is nl.gelu.derivative
    with pytest.raises(TypeError, match="expected a name, a callable or None, not int"):
        nl.get(3)  # type: ignore[call-overload]


def test_unknown_name() -> None:
    with pytest.raises(ValueError, match="no activation named 'geluu'; did you mean 'gelu' or"):
        nl.get("geluu")
    with pytest.raises(ValueError, match="'RELU'"):
        nl.get("RELU")
    with pytest.raises(ValueError, match=r"see nl.activations\(\)"):
        nl.get("")


def test_activations_is_a_copy() -> None:
    nl.activations().clear()
    assert nl.activations()


def test_register() -> None:
    mine = nl.register("mine", square, twice)
    assert nl.get("mine") is mine
    assert (mine.name, dict(mine.parameters), mine.aliases) == ("mine", {}, ())
    x = np.array([1.0, -3.0])
    assert mine(x).tolist() == [1, 9]
    assert mine.derivative(x).tolist() == [2, -6]
    assert mine.backward([10.0, 1.0], x).tolist() == [20, -6]
    value, derivative = mine.value_and_derivative(x)
    assert (value.tolist(), derivative.tolist()) == ([1, 9], [2, -6])
    assert pickle.loads(pickle.dumps(mine))(x).tolist() == [1, 9]
    assert "mine" in repr(mine)
    assert "mine" not in nl.activations()


def test_a_registered_function_returns_the_shape_of_x() -> None:
    x = np.ones((2, 3))
    total = nl.register("total", lambda x: x.sum(), lambda x: x[:1])
    for call in (
        lambda: total(x), lambda: total.value_and_derivative(x),
        lambda: nl.bias_activation(x, 1.0, "total"), lambda: nl.layers.Activation("total")(x),
    ):  # fmt: skip
        with pytest.raises(
            ValueError, match=r"activation total gave .* of shape \(\); it must give"
        ):
            call()
    for call in (
        lambda: total.derivative(x), lambda: total.backward(x, x),
        lambda: nl.bias_activation.backward(x, x, 1.0, "total"),
    ):  # fmt: skip
        with pytest.raises(
            ValueError, match=r"derivative of activation total gave .* of shape \(1, 3\)"
        ):
            call()
    shift = nl.register("shift", lambda x, by=0.0: x + by, lambda _, by=0.0: 1 + 0 * by)
    assert shift(x, by=np.ones((4, 2, 3))).shape == (4, 2, 3)
    assert shift.backward(x, x).tolist() == x.tolist()
    with pytest.raises(ValueError, match=r"see nl.activations\(\), and your own: .*total, shift"):
        nl.get("")


def test_register_again() -> None:
    nl.register("mine", square, twice)
    with pytest.raises(ValueError, match="registered already; pass overwrite=True"):
        nl.register("mine", twice, twice)
    assert nl.get("mine")(3.0) == 9
    nl.register("mine", twice, twice, overwrite=True)
    assert nl.get("mine")(3.0) == 6


@pytest.mark.parametrize("name", ["relu", "swish"])
def test_built_in_names_stay(name: str) -> None:
    for overwrite in (False, True):
        with pytest.raises(ValueError, match="is built in; choose another name"):
            nl.register(name, square, twice, overwrite=overwrite)


@pytest.mark.parametrize("name", ["", "my relu", "1st", "lambda", "a-b"])
def test_bad_names(name: str) -> None:
    with pytest.raises(ValueError, match="is not an identifier"):
        nl.register(name, square, twice)


def test_bad_types() -> None:
    with pytest.raises(TypeError, match="name must be text, not int"):
        nl.register(1, square, twice)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="forward must be callable, not int"):
        nl.register("mine", 1, twice)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="derivative must be callable, not NoneType"):
        nl.register("mine", square, None)  # type: ignore[arg-type]


def test_registered_out_and_where() -> None:
    mine = nl.register("mine", square, twice) or nl.get("mine")
    x, grad = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])
    out = np.zeros(3)
    assert mine.backward(grad, x, out=out) is out
    np.testing.assert_array_equal(out, [4, 12, 24])
    pair = np.zeros(3), np.zeros(3)
    assert mine.value_and_derivative(x, out=pair)[1] is pair[1]
    np.testing.assert_array_equal(pair, [[1, 4, 9], [2, 4, 6]])
    mine.backward(grad, -x, out=out, where=np.array([True, False, False]))
    np.testing.assert_array_equal(out, [-4, 12, 24])


def test_a_registered_function_takes_array_likes_and_out() -> None:
    square = nl.register("a_square", lambda x: x * x, lambda x: 2 * x, overwrite=True)
    assert square([3.0, 4.0]).tolist() == [9, 16]
    assert square.derivative([3.0, 4.0]).tolist() == [6, 8]
    assert square.backward([1, 2], (3.0, 4.0)).tolist() == [6, 16]
    out = np.zeros(2)
    assert square([3.0, 4.0], out=out, where=[True, False]) is out
    assert out.tolist() == [9, 0]
    assert square.derivative(np.array([3.0, 4.0]), out=out) is out
    with pytest.raises(TypeError, match="out must be a pair"):
        square.value_and_derivative([3.0], out=np.zeros((2, 1)))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("GELU", "gelu"), ("Relu", "relu"), ("SeLU", "selu"), ("Leaky-ReLU", "leaky_relu")],
)
def test_the_closest_name_whatever_its_case(wrong: str, right: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean '{right}'"):
        nl.get(wrong)
