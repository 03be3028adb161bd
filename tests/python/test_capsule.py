"""The capsule by which other extension modules reach the core: nonlin/capsule.h."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_size_t, c_ssize_t, c_void_p

import numpy as np

import nonlin as nl
from nonlin import _backend

NONE = ctypes.c_size_t(-1).value
FIND = CFUNCTYPE(c_size_t, c_char_p)


class Operand(ctypes.Structure):
    _fields_ = [("at", c_void_p), ("outer", c_ssize_t), ("core", c_ssize_t)]


OPERANDS = POINTER(Operand)


class Api(ctypes.Structure):
    _fields_ = [
        ("abi", c_int),
        ("size", c_size_t),
        ("version", c_char_p),
        ("activation", FIND),
        ("gated_unit", FIND),
        ("row_function", FIND),
        (
            "run",
            CFUNCTYPE(
                None, c_size_t, c_int, c_int, POINTER(c_void_p), POINTER(c_ssize_t), c_size_t
            ),
        ),
        (
            "run_gated",
            CFUNCTYPE(None, c_size_t, c_int, c_int, POINTER(Operand), c_size_t, c_size_t),
        ),
        ("run_rows", CFUNCTYPE(None, c_size_t, c_int, POINTER(Operand), c_size_t, c_size_t)),
    ]


def api() -> Api:
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = c_void_p, [ctypes.py_object, c_char_p]
    return Api.from_address(pointer(_backend._core._api, b"nonlin._core._api"))


FLOAT32, FLOAT64 = 2, 3
X = np.linspace(-4, 4, 60)


def operand(array: np.ndarray) -> Operand:
    return Operand(array.ctypes.data, *array.strides)


def test_version() -> None:
    assert api().abi == 1
    assert api().size == ctypes.sizeof(Api)
    assert api().version.decode() == nl.__version__


def test_names() -> None:
    names = [entry.name for entry in _backend.catalogue()]
    assert [api().activation(name.encode()) for name in names] == list(range(len(names)))
    for find in (api().activation, api().gated_unit, api().row_function):
        assert find(b"no such") == NONE


def test_activations() -> None:
    y, alpha = np.zeros_like(X), np.array([0.5])
    args = (c_void_p * 3)(X.ctypes.data, alpha.ctypes.data, y.ctypes.data)
    api().run(api().activation(b"elu"), 1, FLOAT64, args, (c_ssize_t * 3)(8, 0, 8), len(X))
    np.testing.assert_array_equal(y, nl.elu.derivative(X, 0.5))


def test_gated_units() -> None:
    a, b = X.reshape(4, 15), X[::-1].reshape(4, 15)
    y = np.zeros((4, 15))
    operands = (Operand * 3)(operand(a), operand(b), operand(y))
    api().run_gated(api().gated_unit(b"swiglu"), 0, FLOAT64, operands, 15, 4)
    np.testing.assert_array_equal(y, nl.swiglu(b, a, gate="second"))


def test_rows() -> None:
    x = X.astype(np.float32).reshape(4, 15)
    y, temperature = np.zeros_like(x), np.array([2.0])
    operands = (Operand * 3)(operand(x), Operand(temperature.ctypes.data, 0, 0), operand(y))
    api().run_rows(api().row_function(b"softmax"), FLOAT32, operands, 15, 4)
    np.testing.assert_array_equal(y, nl.softmax(x, temperature=2.0))
