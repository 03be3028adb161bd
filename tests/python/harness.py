"""What the tests of the numbers share: one way to call every function in every direction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray
from reference.grid import grid
from reference.oracle import ENTRIES

import nonlin as nl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Array = NDArray[Any]

NAMES = list(ENTRIES)
DIRECTIONS = ("value", "derivative", "backward", "value_and_derivative")
DTYPES: tuple[Any, ...] = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)


def call(
    name: str,
    direction: str,
    x: Array,
    grad: Array | None = None,
    parameters: Sequence[Any] = (),
    *,
    out: tuple[Array, ...] | None = None,
) -> tuple[Array, ...]:
    """The results with respect to x: one array, or two for value_and_derivative."""
    function = getattr(nl, name)
    keywords: dict[str, Any] = {}
    if out is not None:
        keywords["out"] = out if len(out) > 1 else out[0]
    if direction == "value":
        result = function(x, *parameters, **keywords)
    elif name == "prelu" and direction == "backward":
        return (function.backward(grad, x, *parameters, **keywords)[0],)
    elif direction == "backward":
        result = function.backward(grad, x, *parameters, **keywords)
    else:
        result = getattr(function, direction)(x, *parameters, **keywords)
    return result if isinstance(result, tuple) else (result,)


def outputs(direction: str) -> int:
    """How many arrays ``call`` returns."""
    return 2 if direction == "value_and_derivative" else 1


def parameter_sets(name: str) -> list[tuple[float, ...]]:
    """The defaults, and one other set if there are parameters."""
    return ENTRIES[name].parameter_sets()[:2]


def bits(array: Array) -> Array:
    """The bit patterns, with one pattern for all NaN: their sign and payload are not promised."""
    native = np.array(array, array.dtype.newbyteorder("="))
    native[np.isnan(native)] = np.nan
    return native.view(f"u{native.itemsize}")


def assert_same_bits(got: Array, expected: Array, label: str) -> None:
    """Fail with the first difference."""
    assert got.shape == expected.shape, f"{label}: shape {got.shape}, not {expected.shape}"
    different = np.flatnonzero(bits(got) != bits(expected))
    if different.size:
        i = int(different[0])
        pytest.fail(
            f"{label}: {different.size} of {got.size} differ, first at {i}: "
            f"{got.flat[i]!r} instead of {expected.flat[i]!r}"
        )


def sample(name: str, dtype: Any, count: int, parameters: Sequence[float] | None = None) -> Array:
    """Some of the grid's points, mixed, so that neighbouring lanes take different branches."""
    points = grid(name, dtype, parameters, 60)
    return np.random.default_rng(7).permutation(np.resize(points, max(count, points.size)))[:count]


def gradients(dtype: Any, count: int) -> Array:
    """Gradients of both signs and several sizes."""
    return np.resize(np.array([1.0, -2.5, 1e-3, 300.0, -0.7], dtype), count)


@contextmanager
def isa(name: str) -> Iterator[None]:
    """Compute with one instruction set."""
    before = nl.isa()
    nl.set_isa(name)
    try:
        yield
    finally:
        nl.set_isa(before)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Compute with so many threads."""
    nl.set_num_threads(count)
    try:
        yield
    finally:
        nl.set_num_threads(0)
