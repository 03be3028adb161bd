"""bfloat16 of the package ml_dtypes: kept as NumPy's own dtypes are, and never imported."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from api import arguments, elementwise, every_function, function, qualified, results, sample

import nonlin as nl

BF16 = ml_dtypes.bfloat16
UNITS = (nl.glu, nl.bilinear, nl.reglu, nl.geglu, nl.swiglu)


def call(name: str, direction: str, x: Any, **options: Any) -> tuple[Any, ...]:
    value = function(name, direction)(*arguments(direction, x), **options)
    return elementwise(name, direction, value)


def same(got: Any, expected: Any) -> None:
    """Equal bfloat16 arrays or scalars."""
    assert got.dtype == BF16
    assert got.shape == expected.shape
    np.testing.assert_array_equal(
        np.asarray(got).view(np.uint16), np.asarray(expected).view(np.uint16)
    )


@every_function
def test_as_float32_rounded_once(name: str, direction: str) -> None:
    x = sample(BF16, 1000)
    expected = call(name, direction, x.astype(np.float32))
    for got, wide in zip(call(name, direction, x), expected, strict=True):
        same(got, wide.astype(BF16))


@every_function
def test_shapes_and_layouts(name: str, direction: str) -> None:
    x = sample(BF16, 3 * 4 * 5)
    expected = [y.reshape(3, 4, 5) for y in call(name, direction, x)]
    cube = x.reshape(3, 4, 5)
    read_only = cube.copy()
    read_only.flags.writeable = False
    fields = np.zeros(cube.shape, np.dtype([("tag", "u1"), ("number", BF16)]))
    fields["number"] = cube
    spread = np.repeat(cube, 3, axis=1)[:, ::3]
    for other in (read_only, np.asfortranarray(cube), cube[::-1][::-1], fields["number"], spread):
        for got, y in zip(call(name, direction, other), expected, strict=True):
            same(got, y)
    for one in (x[7], x[7:8].reshape(())):
        for got, y in zip(call(name, direction, one), expected, strict=True):
            assert isinstance(got, BF16)
            same(got, y.ravel()[7])
    for got in call(name, direction, x[:0]):
        same(got, x[:0])


@every_function
def test_out_and_where(name: str, direction: str) -> None:
    x, where = sample(BF16), np.arange(11) % 2 == 0
    expected = call(name, direction, x)
    single = len(results(function(name, direction)(*arguments(direction, x)))) == 1
    if not single and direction == "backward":
        return  # prelu's slope has another shape
    outs = tuple(np.full(11, 7, BF16) for _ in expected)
    call(name, direction, x, out=outs if len(outs) > 1 else outs[0], where=where)
    for out, y in zip(outs, expected, strict=True):
        same(out, np.where(where, y, np.array(7, BF16)))
    wide = tuple(np.zeros(11, np.float32) for _ in expected)
    call(name, direction, x, out=wide if len(wide) > 1 else wide[0])
    for out, y in zip(wide, expected, strict=True):
        np.testing.assert_array_equal(out, y.astype(np.float32))
    narrow = tuple(np.zeros(11, BF16) for _ in expected)
    call(name, direction, x.astype(np.float32), out=narrow if len(narrow) > 1 else narrow[0])
    for out, y in zip(narrow, expected, strict=True):
        same(out, y)


@every_function
def test_dtype_option(name: str, direction: str) -> None:
    for x in (sample(np.float16), sample(), sample(np.float64), np.arange(3), 1.0, 1):
        for got in call(name, direction, x, dtype=BF16):
            same(
                got,
                call(name, direction, np.asarray(x).astype(BF16))[0]
                if direction != "value_and_derivative"
                else got,
            )
    for wanted in (np.float32, np.float64):
        x = sample(BF16)
        expected = call(name, direction, x.astype(wanted))
        for got, y in zip(call(name, direction, x, dtype=wanted), expected, strict=True):
            assert got.dtype == wanted
            np.testing.assert_array_equal(got, y)


def test_in_place_over_itself() -> None:
    x = sample(BF16, 1000)
    expected = nl.gelu(x)
    same(nl.gelu(x, out=x), expected)
    x = sample(BF16, 1000)
    nl.gelu(x[:-1], out=x[1:])
    same(x[1:], expected[:-1])


PARAMETERS = (0.5, np.float64(0.5), np.float16(0.5), BF16(0.5), np.array(0.5), np.array(0.5, BF16))


def test_parameters() -> None:
    x = sample(BF16)
    expected = nl.elu(x, 0.5)
    for alpha in (*PARAMETERS, np.full(11, 0.5), np.full(11, 0.5, BF16)):
        same(nl.elu(x, alpha), expected)
        assert nl.elu(sample(), alpha).dtype == np.float32
    for wrong in (BF16(-1), np.array(-1, BF16)):
        with pytest.raises(ValueError, match=r"^celu: alpha=-1.0 is not allowed"):
            nl.celu(x, wrong)


def test_common_dtypes() -> None:
    x = sample(BF16)
    for other in (np.float32, np.float64, np.int8, np.uint8, np.bool):
        wanted = np.promote_types(BF16, other)
        grad = np.ones(11, other)
        assert nl.tanh.backward(grad, x).dtype == wanted
        assert nl.tanh.backward(x, grad).dtype == wanted
        assert nl.softmax.backward(grad, x).dtype == wanted
        assert nl.glu(grad, x).dtype == wanted
    for number in (1, 1.0, True):
        assert nl.tanh.backward(number, x).dtype == BF16
        assert nl.tanh.backward(x, number).dtype == BF16
        assert nl.softmax.backward(number, x).dtype == BF16
        assert nl.glu.backward(number, x, x)[0].dtype == BF16


def test_no_common_dtype() -> None:
    """As for NumPy's own ufuncs."""
    x = sample(BF16)
    for other in (np.float16, np.int16, np.uint16, np.int32, np.int64):
        y = np.ones(11, other)
        wanted = np.add(x, y).dtype
        assert nl.tanh.backward(y, x).dtype == wanted
        assert nl.tanh.backward(x, y).dtype == wanted
        assert nl.softmax.backward(y, x).dtype == wanted
        assert nl.glu(y, x).dtype == wanted
        assert nl.bias_activation(y[None], x, "relu").dtype == wanted


FOREIGN = [t for t in vars(ml_dtypes).values() if isinstance(t, type) and t is not BF16]
FOREIGN = [t for t in FOREIGN if issubclass(t, np.generic) or hasattr(t, "dtype")]


@pytest.mark.parametrize("other", FOREIGN, ids=lambda t: t.__name__)
def test_other_number_types_are_refused(other: Any) -> None:
    try:
        x = np.zeros(4, other)
    except TypeError:
        pytest.skip("no dtype")
    name = x.dtype.name
    for wrong in (
        lambda: nl.gelu(x),
        lambda: nl.softmax(x),
        lambda: nl.glu(x),
        lambda: nl.bias_activation(x, 1.0, "relu"),
        lambda: nl.mean_squared_error(x, x),
    ):
        with pytest.raises(TypeError, match=rf"dtype {name}.* not supported.*astype"):
            wrong()
    with pytest.raises(TypeError, match=r"is none of float16, bfloat16, float32, float64"):
        nl.gelu(1.0, dtype=other)


@every_function
def test_unsupported_beside_bfloat16(name: str, direction: str) -> None:
    with pytest.raises(TypeError, match=rf"^{qualified(name, direction)}: "):
        call(name, direction, sample(BF16), dtype=np.int32)


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
@pytest.mark.parametrize("size", [40, 1 << 17])
def test_gated(unit: Any, size: int) -> None:
    x = np.resize(sample(BF16, 40), (2, size))
    wide = x.astype(np.float32)
    same(unit(x), unit(wide).astype(BF16))
    same(unit(x, axis=0), unit(wide, axis=0).astype(BF16))
    same(unit.backward(1.0, x), unit.backward(1.0, wide).astype(BF16))
    for got, y in zip(unit.backward(x, x, x), unit.backward(wide, wide, wide), strict=True):
        same(got, y.astype(BF16))


def test_biased() -> None:
    x, bias = np.resize(sample(BF16, 50), (30, 50)), sample(BF16, 50)
    for axis, b in ((-1, bias), (0, bias[:30])):
        total = np.add(x, b if axis == -1 else b[:, None])
        same(nl.bias_activation(x, b, "gelu", axis=axis), nl.gelu(total))
        grad_x, grad_b = nl.bias_activation.backward(x, x, b, "gelu", axis=axis)
        same(grad_x, nl.gelu.backward(x, total))
        assert grad_b.dtype == BF16
        assert grad_b.shape == b.shape
    same(nl.bias_activation(x, 0.5, "gelu"), nl.gelu(np.add(x, BF16(0.5))))


def test_along_an_axis() -> None:
    x = np.resize(sample(BF16, 60), (4, 30))
    wide = x.astype(np.float32)
    for function_ in (nl.softmax, nl.log_softmax, nl.logsumexp, nl.hardmax, nl.entmax15):
        for axis in (0, 1, None, (0, 1)):
            same(function_(x, axis), function_(wide, axis).astype(BF16))
    same(nl.softmax(x, where=wide > 0), nl.softmax(wide, where=wide > 0).astype(BF16))
    out = np.zeros_like(x)
    assert nl.softmax(x, out=out) is out
    same(out, nl.softmax(wide).astype(BF16))
    same(nl.maxout(x, 3), nl.maxout(wide, 3).astype(BF16))
    same(nl.gumbel_softmax(x, seed=1), nl.gumbel_softmax(wide, seed=1).astype(BF16))


def test_layers_convert_it() -> None:
    x = np.resize(sample(BF16), (4, 11))
    layer = nl.layers.Dense(3, "gelu", seed=1)
    np.testing.assert_array_equal(layer(x), layer(x.astype(np.float32)))
    assert layer(x).dtype == np.float32


def test_never_imported() -> None:
    code = (
        "import sys, numpy, nonlin; nonlin.gelu(numpy.ones(2)); print('ml_dtypes' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


@pytest.mark.parametrize("first", ["gelu(x)", "bias_activation(x, x[0], 'relu')", "geglu(x)"])
def test_whatever_comes_first(first: str) -> None:
    """Loops for bfloat16 are made when one is needed, be ml_dtypes imported late."""
    code = (
        "import numpy as np, nonlin as nl; nl.gelu(np.ones(2));"
        "import ml_dtypes; x = np.ones((2, 4), ml_dtypes.bfloat16);"
        f"print(nl.{first}.dtype, nl.tanh.ufunc(x).dtype, nl.tanh.ufunc(x[0, 0]).dtype)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["bfloat16"] * 3
