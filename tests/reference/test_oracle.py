"""The reference itself: its derivatives against differences, its precision, its error measure."""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np
import pytest
from ml_dtypes import bfloat16
from mpmath import mp

from reference import ulp
from reference.grid import crossings, grid
from reference.oracle import DIRECTIONS, ENTRIES, reference

PLACES = (-11.3, -7.31, -4.77, -2.31, -1.27, -0.613, 0.117, 0.53, 0.91, 1.73, 2.9, 5.9, 13.0)

# Facts from elsewhere: published minima, textbook values.
KNOWN = [
    ("gelu", "value", 1.0, 0.841344746068542949),
    ("gelu", "derivative", 1.0, 1.083315470587686),
    ("gelu", "value", -0.75179152469356446, -0.169971208),
    ("gelu_tanh", "value", 1.0, 0.841191990608),
    ("gelu_quick", "value", 2.0, 2 / (1 + math.exp(-3.404))),
    ("silu", "value", -1.2784645427610738, -0.278464542761),
    ("mish", "value", -1.1924312145154952, -0.30884341),
    ("mish", "value", 1.0, 0.865098388),
    ("selu", "value", -math.inf, -1.7580993408473766),
    ("softplus", "value", 0.0, math.log(2)),
    ("log_sigmoid", "value", 0.0, -math.log(2)),
    ("sigmoid", "derivative", 0.0, 0.25),
    ("hard_silu", "value", -1.5, -0.375),
    ("hard_sigmoid", "value", 1.0, 2 / 3),
    ("tanh_shrink", "value", 1.0, 0.238405844),
    ("squareplus", "value", 0.0, 1.0),
    ("sparse_plus", "value", 0.0, 0.25),
    ("sqnl", "value", 1.0, 0.75),
    ("bent_identity", "value", 1.0, 1.2071067811865475),
    ("scaled_tanh", "value", 1.0, 1.7159 * math.tanh(2 / 3)),
    ("isru", "value", 1.0, math.sqrt(0.5)),
    ("isrlu", "value", -1.0, -math.sqrt(0.5)),
    ("arctan", "value", math.inf, math.pi / 2),
    ("sinc", "value", math.pi / 2, 2 / math.pi),
    ("gaussian", "value", 1.0, 1 / math.e),
]


@pytest.mark.parametrize("name", ENTRIES)
def test_derivative_is_the_slope_of_the_value(name: str) -> None:
    item = ENTRIES[name]
    for parameters in item.parameter_sets():
        kinks = [float(k) for k in item.kinks(*parameters)]
        numbers = [mp.mpf(p) for p in parameters]
        for x in PLACES:
            if any(abs(x - kink) < 0.01 for kink in kinks):
                continue
            exact = reference(name, "derivative", x, parameters)
            value = item.formulas["value"]
            with mp.workdps(60):
                slope = mp.diff(lambda t, f=value, n=numbers: mp.mpf(f(t, *n)), mp.mpf(x))
            if mp.isnan(exact):
                assert mp.isnan(slope)
            else:
                assert abs(slope - exact) <= mp.mpf("1e-25") * (1 + abs(exact)), (parameters, x)


@pytest.mark.parametrize("name", ENTRIES)
def test_forty_digits(name: str) -> None:
    """More bits change nothing: no two evaluations agreed by losing the same term."""
    item = ENTRIES[name]
    random = np.random.default_rng(zlib.crc32(name.encode()))
    for parameters in item.parameter_sets():
        points = grid(name, np.float64, parameters, 60)
        points = random.permutation(points[np.isfinite(points)])[:40]
        for x in map(float, points):
            for direction in DIRECTIONS:
                exact = reference(name, direction, x, parameters)
                with mp.workprec(7000):
                    numbers = [mp.mpf(p) for p in parameters]
                    slow = mp.mpf(item.formulas[direction](mp.mpf(x), *numbers))
                    if not mp.isfinite(exact):
                        assert str(slow) == str(exact)
                    elif abs(mp.mag(slow)) < 100_000:
                        assert abs(slow - exact) <= mp.mpf("1e-40") * abs(slow), (parameters, x)


@pytest.mark.parametrize(("name", "direction", "x", "expected"), KNOWN)
def test_known_values(name: str, direction: str, x: float, expected: float) -> None:
    parameters = tuple(ENTRIES[name].defaults.values())
    assert float(reference(name, direction, x, parameters)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ENTRIES)
def test_places_are_where_they_should_be(name: str) -> None:
    """A refined crossing is near its guess, and the grid holds kinks, zeros, NaN and infinities."""
    item = ENTRIES[name]
    for parameters in item.parameter_sets():
        guesses = [*item.zeros(*parameters), *item.turns(*parameters)]
        for guess, found in zip(guesses, crossings(item, parameters), strict=True):
            assert abs(found - guess) < 1e-6 * max(1, abs(guess))
        for dtype in (np.float16, bfloat16, np.float32, np.float64):
            points = grid(name, dtype, parameters, 10)
            assert points.dtype == dtype
            assert np.isnan(points).sum() == 2
            assert np.isinf(points).sum() == 2
            assert (points == 0).sum() == 2
            for kink in item.kinks(*parameters):
                assert np.array(ulp.nearest(mp.mpf(kink), dtype), dtype) in points


@pytest.mark.parametrize("dtype", [np.float16, bfloat16, np.float32])
def test_rounding_agrees_with_the_hardware(dtype: Any) -> None:
    random = np.random.default_rng(1)
    info = ulp.finfo(dtype)
    exponents = random.integers(info.minexp - info.nmant - 3, info.maxexp + 1, 2000)
    wide = np.ldexp(random.uniform(-2, 2, 2000), exponents)
    ties = np.ldexp(random.integers(-99, 99, 500) + 0.5, int(info.minexp - info.nmant))
    for x in map(float, np.concatenate([wide, ties])):
        with np.errstate(over="ignore"):
            assert ulp.nearest(mp.mpf(x), dtype) == float(np.array(x).astype(dtype)), x


def test_error_measure() -> None:
    one = mp.mpf(1)
    tiny = ulp.smallest(np.float32)
    largest = mp.mpf(float(np.finfo(np.float32).max))
    assert ulp.error(1.0, one, np.float32) == 0
    assert ulp.error(1 + 2.0**-23, one, np.float32) == 1
    assert ulp.error(1 - 2.0**-24, one, np.float32) == 0.5
    assert ulp.error(0.0, tiny * 0.75, np.float32) == 0.75
    assert ulp.error(-0.0, tiny * 0.25, np.float32) == math.inf
    assert ulp.error(-0.0, mp.mpf(0), np.float32) == 0
    assert ulp.error(-0.0, mp.mpf(0), np.float32, 1) == math.inf
    assert ulp.error(float(tiny), mp.mpf(0), np.float32) == math.inf
    assert ulp.error(math.inf, largest * 2, np.float32) == 0
    assert ulp.error(-math.inf, largest * 2, np.float32) == math.inf
    assert ulp.error(float(largest), largest * 2, np.float32) == math.inf
    assert ulp.error(math.inf, largest, np.float32) == 1
    assert ulp.error(math.nan, one, np.float32) == math.inf
    assert ulp.error(1.0, mp.nan, np.float32) == math.inf
    assert ulp.error(math.nan, mp.nan, np.float32) == 0
