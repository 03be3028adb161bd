"""What the losses share: arguments that are checked, with errors that say what is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _backend, _rows
from ._errors import integer


def data(name: str, given: Any) -> Any:
    """Make an array of an argument."""
    array = _rows.plain(name, given)
    _rows.dtype_of(name, [array])
    return array


def pair(name: str, argument: str, given: Any, targets: Any) -> tuple[Any, Any]:
    """Make arrays of predictions or logits, and targets of the same shape."""
    _backend.together(name, **{argument: given}, targets=targets)
    x, t = data(name, given), data(name, targets)
    if x.shape != t.shape:
        shapes = tuple(t.shape), tuple(x.shape)
        message = (
            f"{name}: targets has shape {shapes[0]}; pass the shape of {argument}, {shapes[1]}"
        )
        raise ValueError(message)
    return x, t


def class_axis(name: str, x: Any, axis: Any) -> int:
    """Check the axis of the classes."""
    place = _rows.one_axis(name, "logits", x.shape, axis)
    if x.shape[place] == 0:
        message = f"{name}: logits has shape {tuple(x.shape)}, without a class along axis {axis}"
        raise ValueError(message)
    return place


def ids(name: str, targets: Any, x: Any, axis: int, ignore_class: Any) -> Any:
    """Check class ids; ignored ones become -1."""
    _backend.together(name, logits=x, targets=targets)
    ids = _rows.plain(name, targets)
    xp = _backend.namespace(ids)
    count = x.shape[axis]
    if _backend.kind(ids) not in "iu":
        dtype = _backend.dtype_name(ids)
        message = f"{name}: targets has dtype {dtype}; pass integers in [0, {count})"
        raise TypeError(message)
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    if ids.shape != shape:
        given = tuple(ids.shape)
        message = f"{name}: targets has shape {given}; pass one class for each row, shape {shape}"
        raise ValueError(message)
    allowed = f"classes in [0, {count})"
    wrong = (ids < 0) | (ids >= count)
    if ignore_class is not None:
        ignore = integer(name, "ignore_class", ignore_class)
        allowed += f" and ignore_class={ignore}"
        ignored = ids == ignore
        wrong &= ~ignored
    if _backend.call("any", wrong):
        message = f"{name}: targets holds {_backend.to_host(ids[wrong])[0]}; allowed are {allowed}"
        raise ValueError(message)
    ids = _backend.cast(ids, xp.int64)
    return ids if ignore_class is None else xp.where(ignored, -1, ids)


def check_range(name: str, argument: str, array: Any, most: float) -> None:
    """Refuse NaN and numbers outside [0, most]."""
    if math.prod(array.shape) == 0:
        return
    for value in (_backend.call(word, array) for word in ("min", "max")):
        if not 0 <= value <= most:
            allowed = f"numbers in [0, {most:.8g}]"
            message = f"{name}: {argument} holds {_backend.to_host(value)}; allowed are {allowed}"
            raise ValueError(message)


def weights(name: str, argument: str, given: Any, x: Any) -> Any:
    """Check weights: float64, finite and not negative. They are brought to x, a number is not."""
    array = _rows.plain(name, given)
    if _backend.kind(array) not in "biuf":
        message = f"{name}: {argument} has dtype {_backend.dtype_name(array)}; pass real numbers"
        raise TypeError(message)
    xp = _backend.namespace(array)
    array = _backend.cast(array, xp.float64)
    wrong = ~((array >= 0) & (array < math.inf))
    if _backend.call("any", wrong):
        value = _backend.to_host(array[wrong])[0]
        message = (
            f"{name}: {argument} holds {value}; allowed are finite numbers that are not negative"
        )
        raise ValueError(message)
    return _backend.beside(array, x) if array.ndim else array


def class_weight(name: str, given: Any, x: Any, axis: int) -> Any:
    """Check class weights; 1 for none."""
    if given is None:
        return np.float64(1.0)
    if isinstance(given, Mapping):
        message = (
            f"{name}: class_weight is a {type(given).__name__}; pass a list, in the classes' order"
        )
        raise TypeError(message)
    array = weights(name, "class_weight", given, x)
    count = x.shape[axis]
    if array.shape != (count,):
        message = (
            f"{name}: class_weight has shape {tuple(array.shape)}; pass one weight for each of the "
            f"{count} classes"
        )
        raise ValueError(message)
    return array
