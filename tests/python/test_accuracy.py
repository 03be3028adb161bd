"""Every value, derivative and gradient against the exact result (bounds: reference/bounds.py).

NONLIN_TEST_POINTS raises the number of random points per function and dtype, and of random
parameters.
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from harness import DTYPES, Array, assert_same_bits, call
from mpmath import mp
from reference import ulp
from reference.bounds import bound
from reference.grid import POINTS, grid, short_grid
from reference.oracle import ENTRIES, reference, zero_sign

import nonlin as nl
from nonlin import _backend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reference.precision import Number

CASES = [
    pytest.param(name, dtype, index, id=f"{name}-{dtype.__name__}-{index or 'default'}")
    for name, item in ENTRIES.items()
    for dtype in DTYPES
    for index in range(len(item.parameter_sets()))
]
HALVES = DTYPES[:2]
GRADIENTS = (1.0, -2.5, 1e-3, 3e5)
WITH_PARAMETERS = [a for a in _backend.catalogue() if a.parameters]
DRAWN = max(2, POINTS // 30)  # random parameter sets


def points(name: str, dtype: Any, index: int) -> Array:
    """The whole grid for the defaults, fewer random points for other parameters and halves."""
    fewer = index > 0 or dtype in HALVES
    return grid(name, dtype, ENTRIES[name].parameter_sets()[index], POINTS // 3 if fewer else None)


def text(value: Any) -> str:
    """A number in full, in decimal and in hexadecimal."""
    return f"{value!r} ({float(value).hex()})"


def check(
    name: str,
    direction: str,
    x: Array,
    got: Array,
    parameters: Sequence[float],
    *,
    grad: float = 1.0,
) -> None:
    """Fail with the point of the largest error if it is above the bound."""
    dtype = x.dtype
    allowed = bound(name, direction, dtype.name)
    source = "derivative" if direction == "backward" else direction
    worst = (0.0, 0)
    for i, point in enumerate(map(float, x)):
        slope = reference(name, source, point, parameters)
        exact = scaled(slope, grad)
        error = ulp.error(got[i], exact, dtype, zero_sign(name, direction, point, parameters))
        if error > allowed and direction == "backward" and dtype == np.float64:
            error = excused(error, slope, exact, got[i], grad)
        # At infinity the result is a constant, and no error is excused.
        if np.isinf(point) and direction != "backward" and error > 0.5:
            error = max(error, 2 * allowed)
        worst = max(worst, (error, i))
    error, i = worst
    if error > allowed:
        exact = scaled(reference(name, source, float(x[i]), parameters), grad)
        named = dict(zip(ENTRIES[name].defaults, parameters, strict=True))
        pytest.fail(
            f"{name} {direction} {dtype.name} {named}"
            + (f" grad {grad!r}" if direction == "backward" else "")
            + f": {error:.4g} ULP, allowed {allowed}\n"
            f"  x        {text(x[i])}\n"
            f"  got      {text(got[i])}\n"
            f"  expected {mp.nstr(exact, 20)}, rounded {text(ulp.nearest(exact, dtype))}"
        )


def excused(error: float, slope: Number, exact: Number, got: Any, grad: float) -> float:
    """``error`` without what is due to f'(x) being rounded to float64 before it is multiplied.

    float32 data has wider lanes for the product. In float64 f'(x) may overflow or be subnormal, and
    a gradient cannot bring back what was lost: two subnormals at most, times the gradient.
    """
    if np.isinf(ulp.nearest(slope, np.float64)) and np.isinf(got):
        return 0.0
    spacing = mp.ldexp(1, ulp.spacing_exponent(exact, np.float64))
    lost = abs(grad) * 2 * ulp.smallest(np.float64)
    if not np.isfinite(error) and abs(exact) <= lost and got == 0:
        return 0.0
    return float(error - lost / spacing)


def scaled(exact: Number, grad: float) -> Number:
    if grad == 1:
        return exact
    with mp.workprec(250):
        return exact * mp.mpf(grad)


@pytest.mark.parametrize(("name", "dtype", "index"), CASES)
def test_value(name: str, dtype: Any, index: int) -> None:
    parameters, x = ENTRIES[name].parameter_sets()[index], points(name, dtype, index)
    check(name, "value", x, call(name, "value", x, None, parameters)[0], parameters)


@pytest.mark.parametrize(("name", "dtype", "index"), CASES)
def test_derivative(name: str, dtype: Any, index: int) -> None:
    parameters, x = ENTRIES[name].parameter_sets()[index], points(name, dtype, index)
    check(name, "derivative", x, call(name, "derivative", x, None, parameters)[0], parameters)


@pytest.mark.parametrize(("name", "dtype", "index"), CASES)
def test_value_and_derivative_are_the_same_bits(name: str, dtype: Any, index: int) -> None:
    parameters, x = ENTRIES[name].parameter_sets()[index], points(name, dtype, index)
    value, derivative = call(name, "value_and_derivative", x, None, parameters)
    assert_same_bits(value, call(name, "value", x, None, parameters)[0], "value")
    assert_same_bits(derivative, call(name, "derivative", x, None, parameters)[0], "derivative")


@pytest.mark.parametrize(("name", "dtype", "index"), CASES)
def test_backward(name: str, dtype: Any, index: int) -> None:
    parameters = ENTRIES[name].parameter_sets()[index]
    x = points(name, dtype, index)
    ones = np.ones_like(x)
    unit = call(name, "backward", x, ones, parameters)[0]
    assert_same_bits(unit, call(name, "derivative", x, None, parameters)[0], "gradient 1")
    for number in GRADIENTS[1:3] if dtype in HALVES else GRADIENTS[1:]:
        grad = np.full_like(x, number)
        got = call(name, "backward", x, grad, parameters)[0]
        check(name, "backward", x, got, parameters, grad=float(grad[0]))


def drawn(activation: Any) -> list[tuple[float, ...]]:
    """Random parameters: in turns of the usual sizes, and of any size in the domain."""
    random = np.random.default_rng(zlib.crc32(activation.name.encode()))

    def number(parameter: Any, *, usual: bool) -> float:
        widest = min(300.0, math.log10(parameter.high))
        size = 10 ** random.uniform(*((-2, 1) if usual else (-widest, widest)))
        return float(-size if parameter.low < 0 and random.random() < 0.5 else size)

    sets = []
    for k in range(DRAWN):
        numbers = [number(p, usual=k % 2 == 0) for p in activation.parameters]
        sets.append(tuple(sorted(numbers) if activation.ordered else numbers))
    return sets


@pytest.mark.parametrize("activation", WITH_PARAMETERS, ids=lambda a: a.name)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_random_parameters(activation: Any, dtype: Any) -> None:
    for parameters in drawn(activation):
        x = short_grid(activation.name, dtype, parameters, 20)
        for direction in ("value", "derivative"):
            got = call(activation.name, direction, x, None, parameters)[0]
            check(activation.name, direction, x, got, parameters)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_prelu_slope_gradient(dtype: Any) -> None:
    """f depends on the slope where x < 0, with the derivative x; a shared slope gets the sum."""
    x = np.linspace(-3, 3, 101).astype(dtype)
    grad = np.linspace(-1, 2, 101).astype(dtype)
    exact = grad.astype(np.float64) * np.minimum(x, 0)
    each = nl.prelu.backward(grad, x, np.full(101, 0.25))[1]
    np.testing.assert_allclose(each, exact, rtol=float(np.finfo(dtype).eps))
    shared = nl.prelu.backward(grad, x, 0.25)[1]
    assert np.shape(shared) == ()
    np.testing.assert_allclose(shared, exact.sum(), rtol=1e-5)


def test_every_activation_has_an_entry() -> None:
    assert sorted(nl.activations()) == sorted(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_parameters_and_their_defaults(name: str) -> None:
    function = getattr(nl, name)
    assert function.name == name
    assert list(function.parameters.items()) == list(ENTRIES[name].defaults.items())
