"""Which dtype goes in, and which comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from api import arguments, elementwise, every_function, function, qualified, sample

import nonlin as nl

FLOATS = (np.float16, np.float32, np.float64)
INTEGERS = "?bBhHiIlLqQ"


def dtypes(name: str, direction: str, x: Any, **options: Any) -> set[np.dtype[Any]]:
    value = function(name, direction)(*arguments(direction, x), **options)
    return {result.dtype for result in elementwise(name, direction, value)}


@every_function
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_are_kept(name: str, direction: str, dtype: Any) -> None:
    assert dtypes(name, direction, sample(dtype)) == {np.dtype(dtype)}
    assert dtypes(name, direction, dtype(1)) == {np.dtype(dtype)}
    assert dtypes(name, direction, np.array(1, dtype)) == {np.dtype(dtype)}


@every_function
def test_integers_and_bools_as_in_exp(name: str, direction: str) -> None:
    for code in INTEGERS:
        x = np.ones(3, code)
        assert dtypes(name, direction, x) == {np.exp(x).dtype}


@every_function
def test_python_values(name: str, direction: str) -> None:
    for x in (1, 1.0, [1, 2], (1.0, 2.0), [[1.0]], range(3), memoryview(b"\x01\x02")):
        assert dtypes(name, direction, x) == {np.exp(x).dtype}


@every_function
def test_big_endian_gives_native(name: str, direction: str) -> None:
    call = function(name, direction)
    native = elementwise(name, direction, call(*arguments(direction, sample())))
    swapped = elementwise(name, direction, call(*arguments(direction, sample(">f4"))))
    for n, s in zip(native, swapped, strict=True):
        assert s.dtype == np.float32
        np.testing.assert_array_equal(n, s)


@every_function
def test_dtype_chooses_the_computation(name: str, direction: str) -> None:
    for given in FLOATS:
        for wanted in FLOATS:
            assert dtypes(name, direction, sample(given), dtype=wanted) == {np.dtype(wanted)}
    assert dtypes(name, direction, 1.0, dtype=np.float32) == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", [n for n in nl.activations() if nl.get(n).parameters])
@pytest.mark.parametrize("direction", ["value", "derivative", "backward", "value_and_derivative"])
def test_a_scalar_parameter_never_changes_the_dtype(name: str, direction: str) -> None:
    kinds = (int, float, bool, np.float16, np.float32, np.float64, np.int64, np.array)
    for dtype in FLOATS:
        for kind in kinds:
            for parameter in function(name, "value").parameters:
                given = {parameter: kind(1)}
                assert dtypes(name, direction, sample(dtype), **given) == {np.dtype(dtype)}


def test_an_array_parameter_never_changes_the_dtype() -> None:
    for dtype in FLOATS:
        for other in FLOATS:
            assert nl.elu(sample(dtype), np.ones(11, other)).dtype == dtype
    # A Python number is float64, however narrow the parameter.
    assert nl.elu(1.0, np.ones(2, np.float16)).dtype == np.float64


def test_the_wider_of_gradient_and_input_decides() -> None:
    for left in FLOATS:
        for right in FLOATS:
            got = nl.elu.backward(sample(left), sample(right)).dtype
            assert got == np.result_type(left, right)
    assert nl.elu.backward(1.0, sample(np.float16)).dtype == np.float16


UNSUPPORTED = [
    (np.ones(2, np.complex64), "complex64", "real"),
    (np.ones(2, np.complex128), "complex128", "real"),
    (1j, "complex128", "real"),
    (np.ones(2, object), "object", "np.asarray"),
    (None, "is None", "pass a number"),
    (np.array(["1"]), "text", "astype"),
    (np.array([b"1"]), "text", "astype"),
    (np.zeros(2, "M8[s]"), "datetime64", "astype"),
    (np.zeros(2, "m8[s]"), "timedelta64", "astype"),
    (np.zeros(2, "i4,f4"), "void", "field"),
    (np.longdouble(1), np.dtype(np.longdouble).name, "astype"),
    (np.ones(2, np.longdouble), np.dtype(np.longdouble).name, "astype"),
]


@every_function
def test_unsupported_dtypes(name: str, direction: str) -> None:
    for x, dtype, advice in UNSUPPORTED:
        with pytest.raises(TypeError) as caught:
            function(name, direction)(*arguments(direction, x))
        message = str(caught.value)
        assert message.startswith(f"{qualified(name, direction)}: ")
        assert dtype in message
        assert advice in message


def test_unsupported_parameter_dtype() -> None:
    with pytest.raises(TypeError, match=r"^elu: alpha is None; pass a number"):
        nl.elu(1.0, None)
    wrong: list[Any] = [1j, "1", np.array([1j])]
    for alpha in wrong:
        with pytest.raises(TypeError, match=r"^elu: alpha has dtype "):
            nl.elu(1.0, alpha)


@pytest.mark.parametrize("dtype", [int, complex, object, np.longdouble])
def test_unsupported_dtype_option(dtype: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^elu: dtype=.* is none of float16, bfloat16, float32, float64"
    ):
        nl.elu(1.0, dtype=dtype)
