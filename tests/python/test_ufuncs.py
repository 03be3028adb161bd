"""Every function behaves as a NumPy ufunc does: out=, where=, broadcasting, foreign arrays."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from api import arguments, elementwise, every_activation, every_function, function, results, sample

import nonlin as nl

from_parameters = pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, p) for name in nl.activations() for p in getattr(nl, name).parameters],
)


@every_activation
def test_ufunc_is_a_ufunc(name: str) -> None:
    ufunc = function(name, "value").ufunc
    parameters = len(function(name, "value").parameters)
    assert type(ufunc) is np.ufunc
    assert ufunc.__name__ == name
    assert (ufunc.nin, ufunc.nout, ufunc.identity) == (1 + parameters, 1, None)
    doubles = "d" * parameters
    assert ufunc.types == [f"{c}{doubles}->{c}" for c in "efd"]


@every_function
def test_out_receives_the_result(name: str, direction: str) -> None:
    call, args = function(name, direction), arguments(direction, sample())
    expected = results(call(*args))
    out = tuple(np.full_like(e, 7) for e in expected)
    got = results(call(*args, out=out if len(out) > 1 else out[0]))
    for g, o, e in zip(got, out, expected, strict=True):
        assert g is o
        np.testing.assert_array_equal(o, e)


@every_function
def test_where_leaves_the_rest_alone(name: str, direction: str) -> None:
    call, x = function(name, direction), sample()
    args = arguments(direction, x)
    expected = elementwise(name, direction, call(*args))
    out = tuple(np.full_like(x, 7) for _ in expected)
    pair = len(results(call(*args))) == 2
    padded = (out[0], None) if pair and len(out) == 1 else out
    call(*args, out=padded if pair else out[0], where=x > 0)
    for o, e in zip(out, expected, strict=True):
        np.testing.assert_array_equal(o, np.where(x > 0, e, 7))


@every_function
def test_subclass_kept(name: str, direction: str) -> None:
    class Sub(np.ndarray):
        pass

    args = arguments(direction, sample().view(Sub))
    for result in elementwise(name, direction, function(name, direction)(*args)):
        assert type(result) is Sub
    for result in elementwise(name, direction, function(name, direction)(*args, subok=False)):
        assert type(result) is np.ndarray


@every_function
def test_masked_array_keeps_its_mask(name: str, direction: str) -> None:
    x = sample()
    masked = np.ma.masked_array(x, x < 0)
    call = function(name, direction)
    plain = elementwise(name, direction, call(*arguments(direction, x)))
    for result, e in zip(
        elementwise(name, direction, call(*arguments(direction, masked))), plain, strict=True
    ):
        assert isinstance(result, np.ma.MaskedArray)
        np.testing.assert_array_equal(result.mask, masked.mask)
        np.testing.assert_array_equal(result.compressed(), e[x >= 0])


class Foreign:
    """An array type of another library: it is asked, and never converted."""

    dtype = np.dtype(np.float32)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return ufunc.__name__, method, len(inputs), options

    def __array__(self, *_: Any, **__: Any) -> Any:
        pytest.fail("converted")


@every_function
def test_foreign_array_is_dispatched(name: str, direction: str) -> None:
    if (name, direction) == ("prelu", "backward"):
        pytest.skip("a composition of ufuncs")
    ufunc = name if direction == "value" else f"{name}_{direction}"
    args = arguments(direction, Foreign())
    count = len(args) + len(function(name, "value").parameters)
    call = function(name, direction)
    assert call(*args) == (ufunc, "__call__", count, {})
    assert call(*args, casting="safe") == (ufunc, "__call__", count, {"casting": "safe"})


@every_function
def test_empty_and_zero_dimensional(name: str, direction: str) -> None:
    call = function(name, direction)
    for shape in [(0,), (3, 0, 2)]:
        args = arguments(direction, np.empty(shape, np.float32))
        for result in elementwise(name, direction, call(*args)):
            assert (result.shape, result.dtype) == (shape, np.float32)
    for result in elementwise(name, direction, call(*arguments(direction, np.float32(1)))):
        assert type(result) is np.float32


@from_parameters
def test_parameter_arrays_broadcast(name: str, parameter: str) -> None:
    call = function(name, "value")
    default = call.parameters[parameter]
    values = [default, default]
    x = sample()
    table = call(x, **{parameter: np.reshape(values, (2, 1))})
    assert table.shape == (2, x.size)
    np.testing.assert_array_equal(table[0], call(x))
    np.testing.assert_array_equal(table[1], call(x))


@from_parameters
def test_parameter_may_be_any_scalar(name: str, parameter: str) -> None:
    call, x = function(name, "value"), sample()
    for value in (1, 1.0, True, np.int8(1), np.float32(1), np.array(1.0), np.bool(True)):
        np.testing.assert_array_equal(call(x, **{parameter: value}), call(x, **{parameter: 1.0}))


def test_different_array_parameters() -> None:
    x = np.array([-1.0, 2.0])
    slopes = np.array([[0.5], [0.25]])
    np.testing.assert_array_equal(nl.leaky_relu(x, slopes), [[-0.5, 2], [-0.25, 2]])


def test_zeros_of_both_signs_are_different_parameters() -> None:
    for slope in (0.0, -0.0, 0.0):
        assert np.signbit(nl.linear(1.0, slope)) == np.signbit(slope)


def test_order() -> None:
    x = np.ones((3, 4))
    assert nl.relu(x, order="F").flags.f_contiguous
    assert nl.relu(np.asfortranarray(x)).flags.f_contiguous


def test_casting() -> None:
    out = np.zeros(3, np.float32)
    assert nl.elu(np.ones(3), out=out) is out
    with pytest.raises(TypeError, match="Cannot cast"):
        nl.elu(np.ones(3), out=out, casting="safe")
    integers = np.zeros(3, np.int64)
    nl.elu(np.ones(3), out=integers, casting="unsafe")
    assert integers.tolist() == [1, 1, 1]


def test_prelu_backward_gives_the_slope_gradient() -> None:
    x = np.array([[-1.0, 2.0, -3.0], [4.0, -5.0, -6.0]])
    grad = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])
    slope = np.array([0.5, 0.25, 0.125])
    grad_x, grad_slope = nl.prelu.backward(grad, x, slope)
    np.testing.assert_array_equal(grad_x, [[0.5, 10, 12.5], [2, 5, 25]])
    np.testing.assert_array_equal(grad_slope, [-1, -100, -1500])
    assert nl.prelu.backward(grad, x, slope[:1])[1].tolist() == [-1601]
    assert nl.prelu.backward(grad, x)[1] == -1601
    assert nl.prelu.backward(grad, x, np.zeros((2, 1)))[1].tolist() == [[-301], [-1300]]
    assert nl.prelu.backward(grad, x, np.zeros((4, 1, 1)))[1].tolist() == [[[-1601]]] * 4


def test_prelu_backward_of_integers() -> None:
    for code in "?BbHhIiQq":
        assert nl.prelu.backward(1.0, np.ones(2, code))[1] == 0
    assert nl.prelu.backward(1.0, np.array([-2, 3]))[1] == -2


def test_prelu_backward_sums_widely() -> None:
    x = np.full(1000, -200, np.float16)
    assert nl.prelu.backward(np.full(1000, 0.25, np.float16), x)[1] == np.float16(-50000)


def test_prelu_backward_dtype_out_and_where() -> None:
    x = np.array([-1.0, -2.0, 3.0], np.float16)
    grad_x, grad_slope = nl.prelu.backward(np.full(3, 2, np.float16), x, np.float32(0.5))
    assert (grad_x.dtype, grad_slope.dtype) == (np.float16, np.float32)
    assert nl.prelu.backward(x, x)[1].dtype == np.float16
    out = np.zeros(3), np.zeros(1)
    got = nl.prelu.backward(np.ones(3), x, np.ones(1), out=out, where=[True, False, True])
    assert got[0] is out[0]
    assert got[1] is out[1]
    assert (out[0].tolist(), out[1].tolist()) == ([1, 0, 1], [-1])


def test_gelu_approximate() -> None:
    x = sample()
    others = {"none": nl.gelu, "tanh": nl.gelu_tanh, "quick": nl.gelu_quick}
    for approximate, other in others.items():
        np.testing.assert_array_equal(
            function("gelu", "value")(x, approximate=approximate), other(x)
        )
        for direction in ("derivative", "backward", "value_and_derivative"):
            args = arguments(direction, x)
            got = getattr(nl.gelu, direction)(*args, approximate=approximate)
            np.testing.assert_array_equal(got, getattr(other, direction)(*args))


# Pickling a ufunc looks through every loaded module, and some warn when they are looked at.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@every_function
def test_pickle(name: str, direction: str) -> None:
    call = function(name, direction)
    assert pickle.loads(pickle.dumps(call)) is call
    ufunc = function(name, "value").ufunc
    assert pickle.loads(pickle.dumps(ufunc)) is ufunc


def test_reduce_and_accumulate_take_one_element_after_another() -> None:
    """elu's ufunc takes two inputs, so that NumPy can chain it: each result is the next x."""
    x = np.array([-1.0, 0.5, 2.0, 0.1])
    chained = [x[0]]
    for alpha in x[1:]:
        chained.append(float(nl.elu(chained[-1], alpha)))
    np.testing.assert_array_equal(nl.elu.ufunc.accumulate(x), chained)
    assert nl.elu.ufunc.reduce(x) == chained[-1]


def test_prelu_backward_in_place() -> None:
    x, grad, slope = -np.arange(1.0, 4), np.array([1.0, 2, 3]), np.full(3, 0.1)
    grad_x, grad_slope = nl.prelu.backward(grad, x, slope)
    for name in ("x", "grad_output", "slope"):
        copies = {"x": x.copy(), "grad_output": grad.copy(), "slope": slope.copy()}
        arrays = copies["grad_output"], copies["x"], copies["slope"]
        for out in ((copies[name], None), (None, copies[name]), (copies[name], np.empty(3))):
            for array, given in zip(arrays, (grad, x, slope), strict=True):
                array[:] = given
            got = nl.prelu.backward(*arrays, out=out)
            assert got[0].tolist() == grad_x.tolist()
            assert got[1].tolist() == grad_slope.tolist()


@pytest.mark.parametrize("out", [np.zeros((2, 3)), np.zeros(3), (np.zeros(3),), 3 * (None,)])
def test_prelu_backward_wants_a_pair(out: Any) -> None:
    with pytest.raises(TypeError, match="out must be a pair"):
        nl.prelu.backward(np.ones(3), np.ones(3), np.ones(3), out=out)


def test_prelu_backward_checks_before_it_writes() -> None:
    grad_x, grad_slope = np.zeros(3), np.zeros(3)
    grad_slope.flags.writeable = False
    for wrong in (grad_slope, np.zeros(2), [0.0, 0.0, 0.0]):
        with pytest.raises((TypeError, ValueError), match=r"prelu.backward: out\[1\]"):
            nl.prelu.backward(np.ones(3), -np.ones(3), np.ones(3), out=(grad_x, wrong))
        assert grad_x.tolist() == [0, 0, 0]


def test_prelu_slope_gradient_of_large_numbers() -> None:
    grad, x = np.array([3e38, -3e38], np.float32), np.array([-2, -2], np.float32)
    assert nl.prelu.backward(grad, x, 0.1)[1] == 0


def test_prelu_backward_of_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    x = pandas.Series([-1.0, 2.0, -3.0])
    grad_x, grad_slope = nl.prelu.backward(pandas.Series([1.0, 1.0, 1.0]), x, 0.5)
    assert list(grad_x) == [0.5, 1, 0.5]
    assert grad_slope == -4
