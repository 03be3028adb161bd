"""The ways in which the same numbers may lie in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness import Array

LENGTH = 72  # more than two of the widest vectors of float16, and divisible into rows


def every_other(x: Array) -> Array:
    return np.repeat(x, 2)[::2]


def reversed_order(x: Array) -> Array:
    return np.ascontiguousarray(x[::-1])[::-1]


def every_third_backwards(x: Array) -> Array:
    return np.repeat(x[::-1], 3)[::-1][::3]


def packed_records(x: Array) -> Array:
    """A field after one byte: unaligned, and the stride is no multiple of the item size."""
    records = np.zeros(x.shape, np.dtype([("tag", "u1"), ("number", x.dtype)]))
    records["number"] = x
    return records["number"]


def unaligned(x: Array) -> Array:
    moved = np.frombuffer(bytearray(x.nbytes + 1), np.uint8)[1:].view(x.dtype)
    moved[:] = x
    return moved


def big_endian(x: Array) -> Array:
    # Other packages' types have one byte order.
    return x.astype(x.dtype.newbyteorder(">")) if x.dtype.kind == "f" else x.copy()


def fortran(x: Array) -> Array:
    return np.asfortranarray(x.reshape(8, 9))


def transposed_cube(x: Array) -> Array:
    cube = np.empty((6, 3, 4), x.dtype).transpose(2, 0, 1)
    cube[...] = x.reshape(4, 6, 3)
    return cube


LAYOUTS: list[Callable[[Array], Array]] = [
    every_other,
    reversed_order,
    every_third_backwards,
    packed_records,
    unaligned,
    big_endian,
    fortran,
    transposed_cube,
]


def full(p: float) -> Array:
    return np.full(LENGTH, p)


def strided(p: float) -> Array:
    return np.full(2 * LENGTH, p)[::-2]


def repeated(p: float) -> Array:
    return np.broadcast_to(np.float64(p), (LENGTH,))


def single(p: float) -> Array:
    return np.array(p)


PARAMETER_LAYOUTS: list[Callable[[float], Array]] = [full, strided, repeated, single]
