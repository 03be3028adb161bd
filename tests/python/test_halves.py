"""float16 and bfloat16: every number of both, and rows whose sums no half could hold.

The exact results at all numbers come from tests/sweep/halves.py; parameters other than the defaults
are in test_accuracy.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from harness import NAMES, Array, assert_same_bits, isa, threads
from mpmath import mp
from reference import halves, losses, rows, ulp
from reference.bounds import bound
from reference.oracle import ENTRIES, reference

import nonlin as nl
from nonlin._dtypes import rounded

LINES = halves.read()
every_dtype = pytest.mark.parametrize("dtype_name", halves.DTYPES)
LENGTHS = (1, 7, 100, 2048)
# Half a unit, and 2 of float32's.
ALLOWED = {"float16": 0.5 + 2.0**-12, "bfloat16": 0.5 + 2.0**-15}


@every_dtype
@pytest.mark.parametrize("name", NAMES)
def test_every_number(name: str, dtype_name: str) -> None:
    x = halves.every_number(halves.DTYPES[dtype_name])
    if (dtype_name, name, "value") not in LINES:
        pytest.skip(f"see tests/sweep/halves.py {name}")
    for isa_name in nl.available_isas():
        with isa(isa_name):
            found = halves.results(name, x)
        for way, got in zip(halves.DIRECTIONS, found, strict=True):
            line = LINES[dtype_name, name, way]
            right = halves.patterns(got).astype(int)
            for at, lacks in line.exceptions.items():
                right[at] += lacks
            label = f"{name} {way} on {isa_name}: see tests/sweep/halves.py {name}"
            found_digest = halves.digest(right.astype(np.uint16).view(x.dtype))
            assert found_digest == line.digest, label


@pytest.mark.parametrize("key", [k for k in LINES if LINES[k].exceptions], ids=" ".join)
def test_numbers_rounded_the_other_way(key: tuple[str, str, str]) -> None:
    """They lie next to the border between two halves."""
    dtype_name, name, way = key
    dtype = halves.DTYPES[dtype_name]
    grad = float(np.array(halves.GRADIENT, dtype)) if way == "backward" else 1
    at = list(LINES[key].exceptions)
    at = at[:: len(at) // 50 + 1]
    x = halves.every_number(dtype)[at]
    got = halves.results(name, x)[halves.DIRECTIONS.index(way)]
    for point, y in zip(map(float, x), got, strict=True):
        source = "value" if way == "value" else "derivative"
        with mp.workprec(250):
            exact = reference(name, source, point, ENTRIES[name].parameter_sets()[0]) * grad
        assert ulp.error(y, exact, dtype) <= bound(name, way, dtype_name), point


@every_dtype
@pytest.mark.parametrize("name", NAMES)
def test_all_calls_give_the_same_bits(name: str, dtype_name: str) -> None:
    """Value and derivative together; and without order, without neighbours, on threads."""
    x = halves.every_number(halves.DTYPES[dtype_name])
    function = getattr(nl, name)
    value, derivative = function(x), function.derivative(x)
    both = function.value_and_derivative(x)
    assert_same_bits(both[0], value, "value")
    assert_same_bits(both[1], derivative, "derivative")
    assert_same_bits(function(x[::-3]), value[::-3], "strided")
    with threads(2):
        for count in (1, 2, 17):
            many = function(np.tile(x, count))
            assert_same_bits(many, np.tile(value, count), f"{count} times")


def row(length: int, dtype: Any, scale: float = 3.0) -> Array:
    return np.random.default_rng(length).normal(0, scale, length).astype(dtype)


def worst(got: Array, exact: list[Any], dtype: Any) -> float:
    """The largest error in units in the last place."""
    pairs = zip(np.ravel(got), exact, strict=True)
    return max(ulp.error(float(y), e, dtype) for y, e in pairs)


@every_dtype
@pytest.mark.parametrize("name", rows.FORWARD)
@pytest.mark.parametrize("length", LENGTHS)
def test_rows(name: str, length: int, dtype_name: str) -> None:
    dtype = halves.DTYPES[dtype_name]
    if name == "entmax15":
        length = min(length, 300)  # mpmath searches its support one by one
    for x in (row(length, dtype), np.full(length, 0.5, dtype)):
        got = getattr(nl, name)(x)
        assert got.dtype == dtype
        exact = rows.FORWARD[name]([float(a) for a in x])
        assert worst(got, exact, dtype) <= ALLOWED[dtype_name]


@every_dtype
@pytest.mark.parametrize("length", LENGTHS)
def test_logsumexp(length: int, dtype_name: str) -> None:
    dtype = halves.DTYPES[dtype_name]
    for x in (row(length, dtype), np.full(length, -0.25, dtype)):
        got = nl.logsumexp(x)
        assert got.dtype == dtype
        assert worst(got, [rows.logsumexp([float(a) for a in x])], dtype) <= ALLOWED[dtype_name]


@every_dtype
@pytest.mark.parametrize("length", LENGTHS)
def test_backward_of_rows(length: int, dtype_name: str) -> None:
    dtype = halves.DTYPES[dtype_name]
    grad, x = row(length, dtype, 1.0), row(length, dtype)
    for function, backward in (
        (nl.softmax, rows.softmax_backward),
        (nl.log_softmax, rows.log_softmax_backward),
    ):
        y = function(x)
        got = function.backward(grad, y)
        assert got.dtype == dtype
        exact = backward([float(g) for g in grad], [float(a) for a in y])
        # float32's error is measured by the terms, which may cancel.
        allowed = 2.0**-20 * float(np.abs(grad.astype(np.float64)).max())
        for one, e in zip(got, exact, strict=True):
            near = ulp.error(float(one), e, dtype) <= ALLOWED[dtype_name]
            assert near or abs(float(one) - e) <= allowed * abs(float(one)), (one, e)


@every_dtype
@pytest.mark.parametrize("length", LENGTHS)
def test_losses_of_rows(length: int, dtype_name: str) -> None:
    dtype = halves.DTYPES[dtype_name]
    x, targets = row(length, dtype), np.zeros(length, dtype)
    targets[length // 2] = 1
    one_hot = [float(t) for t in targets]
    loss, slopes, _ = losses.cross_entropy([float(a) for a in x], one_hot)
    for got in (
        nl.categorical_cross_entropy.value_and_gradient(x[None], targets[None]),
        nl.sparse_categorical_cross_entropy.value_and_gradient(x[None], np.array([length // 2])),
    ):
        assert {part.dtype for part in got} == {np.dtype(dtype)}
        assert worst(got[0], [loss], dtype) <= ALLOWED[dtype_name]
        assert worst(got[1], slopes, dtype) <= ALLOWED[dtype_name]


@every_dtype
def test_losses_of_elements(dtype_name: str) -> None:
    """The sum of 2048 losses, of which no half has the digits."""
    dtype = halves.DTYPES[dtype_name]
    x = row(2048, dtype)
    targets = (np.arange(2048) % 2).astype(dtype)
    pairs = [(float(a), float(t)) for a, t in zip(x, targets, strict=True)]
    for function, formula in (
        (nl.mean_squared_error, losses.squared),
        (nl.binary_cross_entropy, losses.binary),
    ):
        parts = [formula(*pair)[:2] for pair in pairs]
        for reduction, count in (("mean", 2048), ("sum", 1)):
            with mp.workdps(60):
                loss = mp.fsum(p[0] for p in parts) / count
                slopes = [p[1] / count for p in parts]
            got = function.value_and_gradient(x, targets, reduction=reduction)
            assert {part.dtype for part in got} == {np.dtype(dtype)}
            assert worst(got[0], [loss], dtype) <= ALLOWED[dtype_name]
            assert worst(got[1], slopes, dtype) <= ALLOWED[dtype_name]


@every_dtype
def test_gradients_that_are_sums(dtype_name: str) -> None:
    """2047 is a float16, and rounds to 2048 in bfloat16; adding up in halves ends at 256 there."""
    dtype = halves.DTYPES[dtype_name]
    ones = np.ones((2047, 3), dtype)
    grad_bias = nl.bias_activation.backward(ones, ones, np.zeros(3, dtype), "relu")[1]
    grad_slope = nl.prelu.backward(ones, -ones, np.array([0.25], dtype))[1]
    assert {grad_bias.dtype, grad_slope.dtype} == {np.dtype(dtype)}
    assert (grad_bias == np.array(2047, dtype)).all()
    assert (grad_slope == np.array(-2047 * 3, dtype)).all()


@every_dtype
def test_float64_is_rounded_once(dtype_name: str) -> None:
    """Next to the border between two halves there are float64 that float32 does not know."""
    dtype = halves.DTYPES[dtype_name]
    x = halves.every_number(dtype)
    x = x[np.isfinite(x)][::7].astype(np.float64)
    _, least, _ = ulp.FORMATS[dtype_name]
    borders = x + np.ldexp(0.5, [max(least, ulp.spacing_exponent(mp.mpf(a), dtype)) for a in x])
    for y in (borders, np.nextafter(borders, np.inf), np.nextafter(borders, -np.inf)):
        with np.errstate(over="ignore"):
            got = rounded(y, np.dtype(dtype))
        expected = np.array([ulp.nearest(mp.mpf(a), dtype) for a in y])
        np.testing.assert_array_equal(got.astype(np.float64), expected)
