"""Limits, NaN, zeros, kinks, tails and warnings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from harness import DIRECTIONS, DTYPES, NAMES, Array, assert_same_bits, call, gradients, isa, sample
from reference import ulp
from reference.grid import grid, last_subnormal
from reference.oracle import ENTRIES, reference

import nonlin as nl

inf, nan = math.inf, math.nan
SELU = 1.7580993408473768786
SELU_SCALE = 1.0507009873554804934

# name: f(-inf), f(inf), f'(-inf), f'(inf), for the default parameters. The sign of a zero counts if
# it is minus: the limit is then approached from below.
LIMITS = {
    "linear": (-inf, inf, 1, 1),
    "binary_step": (0, 1, 0, 0),
    "relu": (0, inf, 0, 1),
    "relu6": (0, 6, 0, 0),
    "squared_relu": (0, inf, 0, inf),
    "leaky_relu": (-inf, inf, 0.01, 1),
    "leaky_relu6": (-inf, 6, 0.01, 0),
    "prelu": (-inf, inf, 0.25, 1),
    "general_relu": (0, inf, 0, 1),
    "hard_tanh": (-1, 1, 0, 0),
    "hard_sigmoid": (0, 1, 0, 0),
    "hard_silu": (0, inf, 0, 1),
    "hard_shrink": (-inf, inf, 1, 1),
    "soft_shrink": (-inf, inf, 1, 1),
    "threshold": (0, inf, 0, 1),
    "thresholded_relu": (0, inf, 0, 1),
    "sparse_plus": (0, inf, 0, 1),
    "sparse_sigmoid": (0, 1, 0, 0),
    "sqnl": (-1, 1, 0, 0),
    "sigmoid": (0, 1, 0, 0),
    "log_sigmoid": (-inf, 0, 1, 0),
    "tanh": (-1, 1, 0, 0),
    "scaled_tanh": (-1.7159, 1.7159, 0, 0),
    "softsign": (-1, 1, 0, 0),
    "arctan": (-math.pi / 2, math.pi / 2, 0, 0),
    "isru": (-1, 1, 0, 0),
    "gaussian": (0, 0, 0, -0.0),
    "sinusoid": (nan, nan, nan, nan),
    "sinc": (0, 0, 0, 0),
    "tanh_shrink": (-inf, inf, 1, 1),
    "exponential": (0, inf, 0, inf),
    "softplus": (0, inf, 0, 1),
    "squareplus": (0, inf, 0, 1),
    "elu": (-1, inf, 0, 1),
    "selu": (-SELU, inf, 0, SELU_SCALE),
    "celu": (-1, inf, 0, 1),
    "isrlu": (-1, inf, 0, 1),
    "silu": (-0.0, inf, -0.0, 1),
    "gelu": (-0.0, inf, -0.0, 1),
    "gelu_tanh": (-0.0, inf, -0.0, 1),
    "gelu_quick": (-0.0, inf, -0.0, 1),
    "mish": (-0.0, inf, -0.0, 1),
    "bent_identity": (-inf, inf, 0.5, 1.5),
    "soft_exponential": (-inf, inf, 1, 1),
}

# name: the derivative at each kink, for the default parameters unless given.
KINKS: list[tuple[str, tuple[float, ...], dict[float, float]]] = [
    ("binary_step", (), {0: 0}),
    ("relu", (), {0: 0}),
    ("relu6", (), {0: 0, 6: 0}),
    ("leaky_relu", (), {0: 0.01}),
    ("leaky_relu6", (), {0: 0.01, 6: 0}),
    ("prelu", (), {0: 0.25}),
    ("general_relu", (0.5, 4.0, 1.0), {1: 0.5, 4: 0}),
    ("hard_tanh", (), {-1: 0, 1: 0}),
    ("hard_sigmoid", (), {-3: 0, 3: 0}),
    ("hard_silu", (), {-3: 0, 3: 1, -1.5: 0}),
    ("hard_shrink", (), {-0.5: 0, 0.5: 0}),
    ("soft_shrink", (), {-0.5: 0, 0.5: 0}),
    ("threshold", (), {0: 0}),
    ("thresholded_relu", (), {1: 0}),
    ("sparse_plus", (), {-1: 0, 1: 1}),
    ("sparse_sigmoid", (), {-1: 0, 1: 0}),
    ("sqnl", (), {-2: 0, 2: 0, 0: 1}),
    ("softsign", (), {0: 1}),
    ("elu", (2.0,), {0: 2}),
    ("celu", (2.0,), {0: 1}),
    ("selu", (), {0: SELU}),
    ("isrlu", (), {0: 1}),
    ("sinc", (), {0: 0}),
]

# fmt: off
KEEPS_ZERO = {
    "linear", "leaky_relu", "leaky_relu6", "prelu", "hard_tanh", "hard_silu", "sqnl", "tanh",
    "scaled_tanh", "softsign", "arctan", "isru", "sinusoid", "elu", "selu", "celu", "isrlu", "silu",
    "gelu", "gelu_tanh", "gelu_quick", "mish", "bent_identity", "soft_exponential",
}
# fmt: on


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str, dtype: Any) -> None:
    x = np.array([-inf, inf], dtype)
    got = np.concatenate([call(name, d, x)[0] for d in ("value", "derivative")])
    expected = np.array(LIMITS[name], dtype)
    # As float64: assert_array_equal does not find bfloat16's NaN.
    np.testing.assert_array_equal(got.astype(np.float64), expected.astype(np.float64))
    below = np.signbit(expected) & (expected == 0)
    assert np.signbit(got)[below].all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "parameters", "kinks"), KINKS)
def test_kinks(
    name: str, parameters: tuple[float, ...], kinks: dict[float, float], dtype: Any
) -> None:
    for x in [*kinks, -0.0] if 0 in kinks else kinks:
        point = np.array([x], dtype)
        got = call(name, "derivative", point, None, parameters)[0]
        assert got[0] == dtype(kinks[x]), (x, got[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_sign_of_zero(name: str, dtype: Any) -> None:
    got = call(name, "value", np.array([0.0, -0.0], dtype))[0]
    assert got[0] == got[1]
    if name in KEEPS_ZERO:
        assert not np.signbit(got[0])
        assert np.signbit(got[1])


@pytest.mark.parametrize("name", ["relu", "relu6", "squared_relu", "threshold", "thresholded_relu"])
def test_no_negative_zero_from_cut_numbers(name: str) -> None:
    got = call(name, "value", np.array([-1.0, -1e-30, -3e38, -inf], np.float32))[0]
    assert not np.signbit(got).any()


@pytest.mark.parametrize("isa_name", nl.available_isas())
@pytest.mark.parametrize("name", NAMES)
def test_nan_in_every_lane(name: str, isa_name: str) -> None:
    """NaN gives NaN in its own lane, in every lane of every length, and disturbs no other."""
    with isa(isa_name):
        for dtype in (np.float32, np.float64):
            clean = np.linspace(-4, 4, 70).astype(dtype)
            for direction in ("value", "derivative"):
                expected = call(name, direction, clean)[0]
                for n in range(1, 71):
                    rows = np.empty((n, n), dtype)
                    for lane in range(n):
                        x = clean[:n].copy()
                        x[lane] = -nan if lane % 2 else nan
                        call(name, direction, x, out=(rows[lane],))
                    assert np.isnan(rows.diagonal()).all(), (dtype, direction, n)
                    np.fill_diagonal(rows, expected[:n])
                    assert_same_bits(rows, np.tile(expected[:n], (n, 1)), f"{direction} {n}")


@pytest.mark.parametrize("name", NAMES)
def test_nan_in_the_other_directions(name: str) -> None:
    for dtype in DTYPES:
        x = np.array([nan, 1.0, -nan, 0.0, -30.0], dtype)
        for got in call(name, "value_and_derivative", x):
            np.testing.assert_array_equal(np.isnan(got), np.isnan(x))
        got = call(name, "backward", x, np.ones_like(x))[0]
        np.testing.assert_array_equal(np.isnan(got), np.isnan(x))
        assert np.isnan(call(name, "backward", np.ones_like(x), np.full_like(x, nan))[0]).all()


@pytest.mark.parametrize("isa_name", nl.available_isas())
@pytest.mark.parametrize("name", NAMES)
def test_no_warnings(name: str, isa_name: str) -> None:
    """No flag is raised by any point, nor by the lanes that pad a short array."""
    grids = [
        (grid(name, dtype, parameters, 60), parameters)
        for dtype in DTYPES
        for parameters in ENTRIES[name].parameter_sets()
    ]
    samples = [(sample(name, dtype, 70), gradients(dtype, 70)) for dtype in DTYPES]
    with isa(isa_name), np.errstate(all="raise"):
        for direction in DIRECTIONS:
            for x, parameters in grids:
                call(name, direction, x, np.ones_like(x), parameters)
            for x, grad in samples:
                for n in range(71):
                    call(name, direction, x[:n], grad[:n])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_last_subnormal_of_each_tail(name: str, dtype: Any) -> None:
    for parameters in ENTRIES[name].parameter_sets():
        for direction in ("value", "derivative"):
            for sign in (-1, 1):
                place = last_subnormal(name, direction, dtype, parameters, sign)
                if place is None:
                    continue
                x: Array = np.array([place], dtype)
                got = call(name, direction, x, None, parameters)[0]
                exact = reference(name, direction, place, parameters)
                assert got[0] != 0, (parameters, direction, place)
                assert ulp.error(got[0], exact, dtype) <= 1, (parameters, direction, place, got[0])


def test_the_tables_name_activations() -> None:
    """A new activation need not be in them: the oracle gives its limits to test_accuracy."""
    assert set(LIMITS) | KEEPS_ZERO <= set(NAMES)


def test_no_gradient_of_the_slope_above_zero() -> None:
    grad, x = np.array([inf, 1.0, 2.0]), np.array([1.0, -3.0, 4.0])
    assert nl.prelu.backward(grad, x, 0.25)[1] == -3
