"""Gated units and biased activations: exact values, tails, bits, layouts, gradients, errors."""

from __future__ import annotations

import math
import tracemalloc
from itertools import product
from typing import Any

import numpy as np
import pytest
from harness import NAMES, assert_same_bits, isa, parameter_sets, threads
from reference import gated, ulp
from reference.oracle import ENTRIES

import nonlin as nl

inf, nan = np.inf, np.nan
UNITS = list(gated.ACTIVATION)
DTYPES = (np.float32, np.float64)
ISAS = list(nl.available_isas())
BOUND = {"float32": 0.6, "float64": 2.0}

every_unit = pytest.mark.parametrize("name", UNITS)
every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: np.dtype(d).name)


def numbers(dtype: Any, count: int, seed: int, scale: float = 4.0) -> Any:
    return (np.random.default_rng([seed, count]).standard_normal(count) * scale).astype(dtype)


def pair(dtype: Any, count: int) -> tuple[Any, Any]:
    """Activated and other inputs."""
    a = numbers(dtype, count, 1)
    # Some far out; less far for float64, where act(a) itself should be a normal number.
    a[::5] *= 20 if dtype == np.float32 else 5
    b = numbers(dtype, count, 2) * (10.0 ** np.linspace(-20, 20, count)).astype(dtype)
    return a, b


def unit(name: str, a: Any, b: Any, **options: Any) -> Any:
    return getattr(nl, name)(a, b, gate="first", **options)


def backward(name: str, grad: Any, a: Any, b: Any, **options: Any) -> Any:
    return getattr(nl, name).backward(grad, a, b, gate="first", **options)


# --- gated units ---------------------------------------------------------------------------------


@every_dtype
@every_unit
def test_values(name: str, dtype: Any) -> None:
    a, b = pair(dtype, 300)
    for x, other, got in zip(a, b, unit(name, a, b), strict=True):
        error = ulp.error(got, gated.value(name, float(x), float(other)), dtype)
        assert error <= BOUND[np.dtype(dtype).name], (x, other)


@every_dtype
@every_unit
def test_gradients(name: str, dtype: Any) -> None:
    a, b = pair(dtype, 300)
    grad = numbers(dtype, 300, 3, 1.0)
    da, db = backward(name, grad, a, b)
    bound = {"float32": 0.6, "float64": 3.0}[np.dtype(dtype).name]
    for i in range(300):
        exact = gated.gradients(name, float(grad[i]), float(a[i]), float(b[i]))
        assert ulp.error(da[i], exact[0], dtype) <= bound, (a[i], b[i], grad[i])
        assert ulp.error(db[i], exact[1], dtype) <= bound, (a[i], b[i], grad[i])


def test_tails() -> None:
    """A factor too small for float32 counts beside a large one."""
    for name, a, b in (
        ("glu", -110.0, 1e30),
        ("glu", -150.0, 3e38),
        ("swiglu", -115.0, -1e35),
        ("geglu", -14.5, 1e36),
    ):
        x, other = np.float32(a), np.float32(b)
        got = unit(name, x, other)
        assert got != 0
        assert ulp.error(got, gated.value(name, float(x), float(other)), np.float32) <= 0.6
    exact = gated.value("glu", -110.0, float(np.float32(1e30)))
    assert nl.glu(np.array([1e30, -110.0], np.float32))[0] == ulp.nearest(exact, np.float32)


@every_dtype
def test_gradients_do_not_overflow_on_the_way(dtype: Any) -> None:
    big, small = (1e35, 1e-36) if dtype == np.float32 else (1e300, 1e-301)
    for name, g, a, b in (
        ("glu", big, -80.0, big),
        ("glu", small, 0.5, big),
        ("swiglu", big, 2.0, small),
        ("bilinear", small, 1.0, small),
        ("geglu", big, -5.0, 1.0),
    ):
        grad, x, other = dtype(g), dtype(a), dtype(b)
        da, _ = backward(name, grad, x, other)
        exact = gated.gradients(name, float(grad), float(x), float(other))[0]
        assert ulp.error(da, exact, dtype) <= 3


@every_dtype
@every_unit
def test_special_values(name: str, dtype: Any) -> None:
    """As the product of the rounded activation and the other input."""
    top = float(np.finfo(dtype).max)
    special = np.array([0.0, -0.0, 1.0, -2.0, inf, -inf, nan, top, -top, 1e-30], dtype)
    a, b = np.repeat(special, special.size), np.tile(special, special.size)
    act = nl.get(gated.ACTIVATION[name])
    with np.errstate(all="ignore"):
        expected = act(a) * b
        da, db = backward(name, b, a, np.ones_like(b))
        exact = act.derivative(a) * b
    at_end = np.isfinite(a) & (np.abs(a) > 100) & np.isinf(b)  # act(a) rounds to 0, but is not
    for got, wanted in ((unit(name, a, b), expected), (db, expected), (da, exact)):
        close = {"rtol": 3 * np.finfo(dtype).eps, "atol": 0}
        np.testing.assert_allclose(got[~at_end], wanted[~at_end], **close)
        zero = (wanted == 0) & ~at_end
        assert (np.signbit(got[zero]) == np.signbit(wanted[zero])).all()


@every_dtype
@every_unit
def test_bits(name: str, dtype: Any) -> None:
    """The same on every ISA, at every position, stride and thread count, alone and in place."""
    size = 75
    a, b = pair(dtype, size)
    grad = numbers(dtype, size, 3, 1.0)
    with isa("scalar"):
        y, (da, db) = unit(name, a, b), backward(name, grad, a, b)
    for i in (0, 7, size - 1):
        assert_same_bits(unit(name, a[i : i + 1], b[i : i + 1]), y[i : i + 1], "alone")
        assert_same_bits(np.array(unit(name, a[i], b[i])), np.array(y[i]), "scalar")
    for isa_name in ISAS:
        with isa(isa_name):
            for n in range(1, size):
                assert_same_bits(unit(name, a[:n], b[:n]), y[:n], f"{isa_name} {n}")
                assert_same_bits(unit(name, a[-n:], b[-n:]), y[-n:], f"{isa_name} -{n}")
            for step in (-1, 2, -3):
                here = slice(None, None, step)
                assert_same_bits(unit(name, a[here], b[here]), y[here], f"step {step}")
                got = backward(name, grad[here], a[here], b[here])
                assert_same_bits(got[0], da[here], f"step {step}")
                assert_same_bits(got[1], db[here], f"step {step}")
            place = a.copy()
            assert unit(name, place, b, out=place) is place
            assert_same_bits(place, y, "in place")
            places = a.copy(), b.copy()
            backward(name, grad, *places, out=places)
            assert_same_bits(places[0], da, "in place")
            assert_same_bits(places[1], db, "in place")


@every_unit
def test_halves(name: str) -> None:
    """Along any axis and in any layout as with two arrays; the gradient is one array."""
    function = getattr(nl, name)
    x = numbers(np.float32, 4 * 6 * 10, 1).reshape(4, 6, 10)
    for axis, layout, gate in product(
        range(-3, 3), (np.array, np.asfortranarray), ("first", "second")
    ):
        first, second = np.split(layout(x), 2, axis)
        a, b = (first, second) if gate == "first" else (second, first)
        y = function(layout(x), axis=axis, gate=gate)
        assert_same_bits(y, unit(name, a, b), f"{axis} {gate}")
        grad = numbers(np.float32, y.size, 2).reshape(y.shape)
        expected = backward(name, grad, a, b)
        whole = np.concatenate(expected if gate == "first" else expected[::-1], axis)
        assert_same_bits(function.backward(grad, layout(x), axis=axis, gate=gate), whole, "dx")
        place = layout(x)
        got = function.backward(grad, place, axis=axis, gate=gate, out=place)
        assert got is place
        assert_same_bits(place, whole, "in place")


def test_which_half_is_activated() -> None:
    x = np.array([1.0, 2.0])
    assert nl.glu(x)[0] == 1 * nl.sigmoid(2.0)
    assert nl.glu(x, gate="first")[0] == 2 * nl.sigmoid(1.0)
    assert nl.glu(1.0, 2.0) == 1 * nl.sigmoid(2.0)
    assert nl.swiglu(x)[0] == nl.silu(1.0) * 2
    assert nl.geglu(x)[0] == nl.gelu(1.0) * 2
    assert nl.reglu(np.array([-1.0, 2.0]))[0] == 0
    assert nl.reglu(np.array([-1.0, 2.0]), gate="second")[0] == -2
    assert nl.bilinear(x)[0] == 2


@pytest.mark.parametrize("shape", [(300, 600), (2, 300000), (70000, 4), (400000,)])
@every_unit
def test_large_arrays_on_threads(name: str, shape: tuple[int, ...]) -> None:
    function = getattr(nl, name)
    x = numbers(np.float32, math.prod(shape), 1).reshape(shape)
    half = shape[-1] // 2
    grad = numbers(np.float32, x.size // 2, 2).reshape(*shape[:-1], half)
    part = x[..., : half : max(1, half // 50)].copy(), x[..., half :: max(1, half // 50)].copy()
    a, b = part if name in {"reglu", "geglu", "swiglu"} else part[::-1]
    expected = unit(name, a[:300], b[:300])
    for count in (1, 2, 5):
        with threads(count):
            y, dx = function(x), function.backward(grad, x)
        assert_same_bits(y[..., :: max(1, half // 50)][:300], expected, f"{count}")
        if count == 1:
            slopes = dx
        assert_same_bits(dx, slopes, f"{count}")
    k = min(40, half)
    small = function.backward(grad[..., :k], x[..., :k].copy(), x[..., half : half + k].copy())
    assert_same_bits(slopes[..., :k], small[0], "first half")
    assert_same_bits(slopes[..., half : half + k], small[1], "second half")


@every_unit
def test_dtypes(name: str) -> None:
    function = getattr(nl, name)
    x = numbers(np.float16, 40, 1, 2.0)
    y = function(x)
    assert y.dtype == np.float16
    assert_same_bits(y, function(x.astype(np.float32)).astype(np.float16), name)
    dx = function.backward(1.0, x)
    assert dx.dtype == np.float16
    assert_same_bits(dx, function.backward(1, x.astype(np.float32)).astype(np.float16), name)
    assert function(np.arange(4)).dtype == np.float64
    assert function([1.0, 2.0]).dtype == np.float64
    assert function(np.ones(4, np.float32), np.ones(4)).dtype == np.float64
    assert function(np.ones(4, ">f4")).dtype == np.float32
    assert function(np.ones((0, 4))).shape == (0, 2)
    assert function(np.ones((4, 0))).shape == (4, 0)
    assert function.backward(np.ones((0, 2)), np.ones((0, 4))).shape == (0, 4)
    out = np.empty(2)
    assert function(np.ones(4, np.float32), out=out) is out


@every_unit
def test_is_a_ufunc(name: str) -> None:
    ufunc = getattr(nl._backend._core, name)
    assert type(ufunc) is np.ufunc
    assert ufunc.types == ["ee->e", "ff->f", "dd->d"]
    a, b = pair(np.float64, 10)
    assert_same_bits(ufunc(a[:, None], b), unit(name, *np.broadcast_arrays(a[:, None], b)), name)
    out = np.zeros(10)
    ufunc(a, b, out=out, where=a > 0)
    assert (out[a <= 0] == 0).all()
    expected = a[0]
    for number in a[1:]:
        expected = ufunc(expected, number)
    assert ufunc.reduce(a) == expected


def test_gradient_of_the_bias_is_the_sum_of_what_was_computed() -> None:
    """Not of what an `out` of another dtype can hold."""
    random = np.random.default_rng(5)
    x, grad = random.standard_normal((2, 1000, 3)).astype(np.float32)
    bias = np.zeros(3, np.float32)
    dx, expected = nl.bias_activation.backward(grad, x, bias, "gelu")
    for dtype in (np.float16, np.float64):
        out = np.empty(x.shape, dtype)
        result, total = nl.bias_activation.backward(grad, x, bias, "gelu", out=(out, None))
        assert result is out
        np.testing.assert_array_equal(out, dx.astype(dtype))
        assert_same_bits(total, expected, "bias")


def test_errors_of_gated_units() -> None:
    x = np.ones((4, 5))
    with pytest.raises(np.exceptions.AxisError, match="glu: axis 9 is out of bounds"):
        nl.glu(np.ones(4), np.ones(4), axis=9)
    assert nl.glu(np.float32(1), 2.0).dtype == np.float32
    with pytest.raises(ValueError, match=r"glu: x has 5 elements along axis=-1; pass an even"):
        nl.glu(x)
    with pytest.raises(ValueError, match=r"swiglu.backward: x has 5 elements along axis=1"):
        nl.swiglu.backward(x, x, axis=1)
    with pytest.raises(ValueError, match=r"glu: gate_input has shape \(4,\) and x \(4, 5\)"):
        nl.glu(x, np.ones(4))
    with pytest.raises(ValueError, match=r'glu: gate=2 is not allowed; .* "first", "second"'):
        nl.glu(x, axis=0, gate=2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"reglu.backward: gate='both' is not allowed"):
        nl.reglu.backward(x, x, gate="both")
    with pytest.raises(ValueError, match=r"axis 2 is out of bounds"):
        nl.glu(x, axis=2)
    with pytest.raises(ValueError, match=r"glu: axis=-1 is not one axis of x, of shape \(\)"):
        nl.glu(1.0)
    with pytest.raises(ValueError, match=r"glu: axis=\(0, 1\) is not one axis"):
        nl.glu(x, axis=(0, 1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"glu: axis is a float"):
        nl.glu(x, axis=1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"glu: out has shape \(3, 5\); the result has \(2, 5\)"):
        nl.glu(x, axis=0, out=np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"glu.backward: grad_output has shape \(3,\)"):
        nl.glu.backward(np.ones(3), x, axis=0)
    with pytest.raises(ValueError, match=r"glu.backward: out has shape \(2, 5\)"):
        nl.glu.backward(1.0, x, axis=0, out=np.ones((2, 5)))
    with pytest.raises(TypeError, match=r"glu.backward: out must be a pair \(grad_x, grad_gate"):
        nl.glu.backward(1.0, x, x, out=x)
    with pytest.raises(TypeError, match=r"glu: dtype complex128 is not supported"):
        nl.glu(x.astype(complex), axis=0)


# --- f(x + bias) ---------------------------------------------------------------------------------


def parameters(name: str) -> list[dict[str, float]]:
    names = list(ENTRIES[name].defaults)
    return [dict(zip(names, values, strict=True)) for values in parameter_sets(name)]


def unfused(name: str, grad: Any, z: Any, options: dict[str, float]) -> Any:
    result = getattr(nl, name).backward(grad, z, **options)
    return result[0] if name == "prelu" else result


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES], ids=lambda d: np.dtype(d).name)
@pytest.mark.parametrize("name", NAMES)
def test_bias_gives_the_bits_of_two_steps(name: str, dtype: Any) -> None:
    function = getattr(nl, name)
    for shape, axis in (((40, 3), -1), ((9, 70), 1), ((5, 300), -1), ((6, 11, 8), 1), ((33,), 0)):
        x = numbers(dtype, math.prod(shape), 1).reshape(shape)
        bias = numbers(dtype, shape[axis], 2)
        grad = numbers(dtype, x.size, 3, 1.0).reshape(shape)
        spread = bias.reshape(-1, *(1,) * (x.ndim - 1 - axis % x.ndim))
        for options in parameters(name):
            expected = function(x + spread, **options)
            slopes = unfused(name, grad, x + spread, options)
            for layout in (np.array, np.asfortranarray):
                given = layout(x)
                y = nl.bias_activation(given, bias, name, axis=axis, **options)
                assert y.dtype == dtype
                assert_same_bits(y, expected, f"{shape}")
                dx, _ = nl.bias_activation.backward(
                    grad, given, bias, function, axis=axis, **options
                )
                assert_same_bits(dx, slopes, f"{shape}")
            assert nl.bias_activation(given, bias, name, axis=axis, out=given, **options) is given
            assert_same_bits(given, expected, "in place")


@every_dtype
def test_bias_on_every_isa_and_thread_count(dtype: Any) -> None:
    x = numbers(dtype, 700 * 301, 1).reshape(700, 301)
    bias, grad = numbers(dtype, 301, 2), numbers(dtype, x.size, 3).reshape(x.shape)
    expected = nl.gelu(x + bias)
    slopes, total = nl.bias_activation.backward(grad, x, bias, "gelu")
    for name, count in product(ISAS, (1, 2, 5)):
        with isa(name), threads(count):
            assert_same_bits(nl.bias_activation(x, bias, "gelu"), expected, name)
            again = nl.bias_activation.backward(grad, x, bias, "gelu")
            assert_same_bits(again[0], slopes, name)
            assert_same_bits(again[1], total, name)
            turned = nl.bias_activation.backward(grad.T, x.T, bias, "gelu", axis=0)
            assert_same_bits(turned[0].T, slopes, name)
    assert_same_bits(nl.bias_activation(x[:, ::-2], bias[::-2], "gelu"), expected[:, ::-2], "step")


@every_dtype
def test_gradient_of_bias(dtype: Any) -> None:
    """The exact sum, rounded."""
    rest = 1e-3 if dtype == np.float32 else 4.0  # of the terms, where they cancel
    for shape, axis in (
        ((1000, 3), -1), ((7, 300), -1), ((12, 5, 40, 30), 1), ((5, 999), 0), ((6, 4, 1), 1),
        ((70000, 2), 1), ((2, 70000), 0), ((3000,), 0),
    ):  # fmt: skip
        x = numbers(dtype, math.prod(shape), 1).reshape(shape)
        grad = numbers(dtype, x.size, 2).reshape(shape)
        bias = numbers(dtype, shape[axis], 3)
        dx, total = nl.bias_activation.backward(grad, x, bias, "silu", axis=axis)
        assert total.shape == bias.shape
        assert total.dtype == dtype
        rows = np.moveaxis(dx, axis, 0).reshape(shape[axis], -1).astype(np.float64)
        for row, got in zip(rows[:300], total, strict=False):
            scale = max(abs(math.fsum(row)), np.abs(row).sum() * rest)
            assert abs(float(got) - math.fsum(row)) <= np.finfo(dtype).eps * scale
        _, single = nl.bias_activation.backward(grad, x, 0.5, "silu", axis=axis)
        assert np.shape(single) == ()
        _, all_of_it = nl.bias_activation.backward(grad, x, np.full_like(bias, 0.5), "silu",
                                                   axis=axis)  # fmt: skip
        np.testing.assert_allclose(single, all_of_it.sum(), rtol=1e-4)


def test_bias_makes_no_large_temporary() -> None:
    x = np.ones((512, 1024), np.float32)
    bias, out, sums = np.ones(1024, np.float32), np.empty_like(x), np.empty(1024, np.float32)
    nl.bias_activation(x, bias, "gelu", out=out)
    tracemalloc.start()
    try:
        nl.bias_activation(x, bias, "gelu", out=out)
        nl.bias_activation.backward(x, x, bias, "gelu", out=(out, sums))
        nl.bias_activation(x, bias.astype(np.float16), "gelu", out=out)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes / 20
    finally:
        tracemalloc.stop()


def test_bias_and_parameters() -> None:
    x = numbers(np.float32, 12, 1).reshape(3, 4)
    bias = numbers(np.float32, 4, 2)
    slopes = np.linspace(0.1, 0.4, 4)
    assert_same_bits(
        nl.bias_activation(x, bias, "prelu", negative_slope=slopes),
        nl.prelu(x + bias, slopes), "array",
    )  # fmt: skip
    assert_same_bits(
        nl.bias_activation(x, bias, "gelu", approximate="tanh"), nl.gelu_tanh(x + bias), "tanh"
    )
    assert_same_bits(nl.bias_activation(x, bias, None), x + bias, "None is linear")
    assert_same_bits(nl.bias_activation(x, 1.5, "tanh"), nl.tanh(x + np.float32(1.5)), "number")
    assert nl.bias_activation([[1, 2]], [3, 4], "relu").tolist() == [[4, 6]]
    assert nl.bias_activation(np.ones((0, 4)), np.ones(4), "relu").shape == (0, 4)
    dx, db = nl.bias_activation.backward(np.ones((0, 4)), np.ones((0, 4)), np.ones(4), "relu")
    assert dx.shape == (0, 4)
    assert db.tolist() == [0, 0, 0, 0]
    mine = nl.register("cube_of_test", lambda x: x**3, lambda x: 3 * x**2, overwrite=True)
    for activation in ("cube_of_test", mine):
        assert_same_bits(nl.bias_activation(x, bias, activation), (x + bias) ** 3, "own")
        dx, db = nl.bias_activation.backward(x, x, bias, activation)
        assert_same_bits(dx, x * (3 * (x + bias) ** 2), "own")
        np.testing.assert_allclose(db, dx.sum(0), rtol=1e-6)


def test_errors_of_bias() -> None:
    x = np.ones((4, 5))
    with pytest.raises(ValueError, match=r"bias_activation: bias has shape \(4,\); axis=-1 of x"):
        nl.bias_activation(x, np.ones(4), "relu")
    with pytest.raises(ValueError, match=r"bias_activation.backward: bias has shape \(5,\)"):
        nl.bias_activation.backward(x, x, np.ones(5), "relu", axis=0)
    with pytest.raises(ValueError, match=r"^bias_activation: there is no activation named 'rule'"):
        nl.bias_activation(x, np.ones(5), "rule")
    with pytest.raises(
        TypeError, match=r"bias_activation: relu does not take 'slope'; it takes no"
    ):
        nl.bias_activation(x, np.ones(5), "relu", slope=1.0)
    with pytest.raises(ValueError, match=r"bias_activation: negative_slope=nan is not allowed"):
        nl.bias_activation(x, np.ones(5), "leaky_relu", negative_slope=nan)
    with pytest.raises(ValueError, match=r"min_value=2.0 exceeds max_value=1.0"):
        nl.bias_activation(x, np.ones(5), "hard_tanh", min_value=2.0, max_value=1.0)
    with pytest.raises(ValueError, match=r"approximate='erf' is not allowed"):
        nl.bias_activation(x, np.ones(5), "gelu", approximate="erf")
    with pytest.raises(ValueError, match=r"bias_activation: out has shape \(5,\)"):
        nl.bias_activation(x, np.ones(5), "relu", out=np.ones(5))
    with pytest.raises(TypeError, match=r"bias_activation.backward: out must be a pair"):
        nl.bias_activation.backward(x, x, np.ones(5), "relu", out=x)
    with pytest.raises(ValueError, match=r"bias_activation: axis=-1 is not one axis of x"):
        nl.bias_activation(1.0, 1.0, "relu")
    with pytest.raises(ValueError, match=r"bias_activation: negative_slope has shape \(3,\)"):
        nl.bias_activation(x, np.ones(5), "prelu", negative_slope=np.ones(3))


def test_bias_activation_refuses_functions_of_rows() -> None:
    x, bias = np.ones((2, 3)), np.ones(3)
    for function in (nl.softmax, nl.glu, nl.logsumexp):
        with pytest.raises(TypeError, match="is no elementwise activation"):
            nl.bias_activation(x, bias, function)
        with pytest.raises(TypeError, match="is no elementwise activation"):
            nl.bias_activation.backward(x, x, bias, function)
    np.testing.assert_array_equal(nl.bias_activation(x, bias, np.tanh), np.tanh(x + bias))
    with pytest.raises(TypeError, match="backward pass"):
        nl.bias_activation.backward(x, x, bias, np.tanh)
