"""A DLPack capsule that says of memory on the host that it lives on a CUDA device."""

from __future__ import annotations

import ctypes
from typing import Any

CUDA = 2
_CODES = {"i": 0, "u": 1, "f": 2, "V": 4, "c": 5, "b": 6}  # "V" is bfloat16


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    )


class _Managed(ctypes.Structure):
    _fields_ = (
        ("tensor", _Tensor),
        ("manager", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
    )


_Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_alive: dict[int, tuple[Any, ...]] = {}


@_Deleter
def _delete(address: int) -> None:
    _alive.pop(address, None)


def capsule(array: Any, device: int) -> Any:
    """Describe the memory of a NumPy array, as DLPack before version 1 does."""
    tensor, *kept = _tensor(array, device)
    return _capsule(b"dltensor", _Managed(tensor, None, _deleter()), kept)


def versioned(array: Any, device: int, *, read_only: bool) -> Any:
    """Describe it as version 1 does."""
    tensor, *kept = _tensor(array, device)
    managed = _Versioned(1, 0, None, _deleter(), int(read_only), tensor)
    return _capsule(b"dltensor_versioned", managed, kept)


def _deleter() -> Any:
    return ctypes.cast(_delete, ctypes.c_void_p)


def _tensor(array: Any, device: int) -> tuple[Any, ...]:
    """Return the description, and what has to be kept for it."""
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    strides = (ctypes.c_int64 * array.ndim)(*(s // array.itemsize for s in array.strides))
    tensor = _Tensor(
        array.ctypes.data, CUDA, device, array.ndim,
        _CODES[array.dtype.kind], 8 * array.itemsize, 1, shape, strides, 0,
    )  # fmt: skip
    return tensor, shape, strides, array


def _capsule(name: bytes, managed: Any, kept: list[Any]) -> Any:
    address = ctypes.addressof(managed)
    _alive[address] = managed, *kept
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = (
        ctypes.py_object,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
    )
    return make(address, name, None)
