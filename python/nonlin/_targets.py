"""What the losses share: arguments that are checked, with errors that say what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _backend, _rows
from ._dtypes import is_number
from ._errors import integer


def data(name: str, given: Any) -> Any:
    """Make an array of an argument."""
    _backend.route(_backend.kernel("cross_entropy"), given)
    array = _rows.plain(name, given)
    _rows.dtype_of(name, [array])
    return array


def pair(name: str, argument: str, given: Any, targets: Any) -> tuple[Any, Any]:
    """Make arrays of predictions or logits, and targets of the same shape."""
    x, t = data(name, given), data(name, targets)
    if x.shape != t.shape:
        message = f"{name}: targets has shape {t.shape}; pass the shape of {argument}, {x.shape}"
        raise ValueError(message)
    return x, t


def class_axis(name: str, x: Any, axis: Any) -> int:
    """Check the axis of the classes."""
    place = _rows.one_axis(name, "logits", x.shape, axis)
    if x.shape[place] == 0:
        message = f"{name}: logits has shape {x.shape}, without a class along axis {axis}"
        raise ValueError(message)
    return place


def ids(name: str, targets: Any, x: Any, axis: int, ignore_class: Any) -> Any:
    """Check class ids; ignored ones become -1."""
    _backend.route(_backend.kernel("class_cross_entropy"), targets)
    ids = _rows.plain(name, targets)
    count = x.shape[axis]
    if ids.dtype.kind not in "iu":
        message = f"{name}: targets has dtype {ids.dtype.name}; pass integers in [0, {count})"
        raise TypeError(message)
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    if ids.shape != shape:
        message = (
            f"{name}: targets has shape {ids.shape}; pass one class for each row, shape {shape}"
        )
        raise ValueError(message)
    allowed = f"classes in [0, {count})"
    wrong = (ids < 0) | (ids >= count)
    if ignore_class is not None:
        ignore = integer(name, "ignore_class", ignore_class)
        allowed += f" and ignore_class={ignore}"
        ignored = ids == ignore
        wrong &= ~ignored
    if wrong.any():
        message = f"{name}: targets holds {ids[wrong][0]}; allowed are {allowed}"
        raise ValueError(message)
    ids = ids.astype(np.int64)
    if ignore_class is not None:
        ids[ignored] = -1
    return ids


def check_range(name: str, argument: str, array: Any, most: float) -> None:
    """Refuse NaN and numbers outside [0, most]."""
    if array.size == 0:
        return
    for value in (array.min(), array.max()):
        if not 0 <= value <= most:
            allowed = f"numbers in [0, {most:.8g}]"
            message = f"{name}: {argument} holds {value}; allowed are {allowed}"
            raise ValueError(message)


def weights(name: str, argument: str, given: Any) -> Any:
    """Check weights: float64, finite and not negative."""
    array = _rows.plain(name, given)
    if not is_number(array.dtype):
        message = f"{name}: {argument} has dtype {array.dtype.name}; pass real numbers"
        raise TypeError(message)
    array = array.astype(np.float64)
    wrong = ~((array >= 0) & (array < np.inf))
    if wrong.any():
        message = (
            f"{name}: {argument} holds {array[wrong].flat[0]}; allowed are finite numbers that are "
            "not negative"
        )
        raise ValueError(message)
    return array


def class_weight(name: str, given: Any, count: int) -> Any:
    """Check class weights; 1 for none."""
    if given is None:
        return np.float64(1.0)
    array = weights(name, "class_weight", given)
    if array.shape != (count,):
        message = (
            f"{name}: class_weight has shape {array.shape}; pass one weight for each of the "
            f"{count} classes"
        )
        raise ValueError(message)
    return array
