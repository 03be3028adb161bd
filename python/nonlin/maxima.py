"""Functions of the largest entries along an axis: hardmax and maxout."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _backend, _rows
from ._errors import check_out, integer
from .rowwise import publish_rows

__all__ = ["hardmax", "maxout"]


def _hardmax(x: Any, axis: Any = -1, *, where: Any = None, out: Any = None) -> Any:
    """1 at the first largest entry along an axis, 0 elsewhere.

    Parameters
    ----------
    x : array_like
        Input of any shape; dtypes as in `softmax`.
    {axis}
    {where}
        The others get 0.
    {out}

    Returns
    -------
    ndarray or scalar
        Of the shape of `x`. A row with NaN gives NaN.
    """
    return _rows.call("hardmax", "hardmax", [x], axis, where=where, out=out)


def _hardmax_backward(grad_output: Any, output: Any, axis: Any = -1, *, out: Any = None) -> Any:
    """Gradient of hardmax: 0 everywhere, for it is constant between its jumps.

    Parameters
    ----------
    grad_output, output : array_like
        Gradient with respect to the output, and what ``hardmax`` returned.
    axis, out
        As for `hardmax`.

    Returns
    -------
    ndarray or scalar
    """
    name = "hardmax.backward"
    _backend.together(name, grad_output=grad_output, output=output, out=out)
    given = [_rows.plain(name, grad_output), _rows.plain(name, output)]
    dtype, shape = _rows.dtype_of(name, given), _rows.common_shape(name, given)
    _rows.Rows(name, shape, axis)
    check_out(name, "out", out, shape)
    like = next(filter(_backend.on_device, given), given[0])
    zeros = _backend.beside(np.zeros(shape), like, dtype)
    return _rows.delivered(zeros, dtype, out)


hardmax = publish_rows("hardmax", _hardmax, _hardmax_backward)


def _maxout(x: Any, pool_size: int, axis: int = -1, *, out: Any = None) -> Any:
    """Largest of every `pool_size` neighbours along an axis.

    Parameters
    ----------
    x : array_like
        Input; dtypes as in `softmax`.
    pool_size : int
        How many neighbours make one output; divides the length of the axis.
    axis : int, default -1
        The axis of the features.
    {out}

    Returns
    -------
    ndarray
        Of the shape of `x`, with the axis shorter by the factor `pool_size`. NaN if one of the
        neighbours is NaN.

    Raises
    ------
    ValueError
        If `pool_size` does not divide the length of the axis.

    Notes
    -----
    I. Goodfellow et al., ICML 2013.
    """
    name, kernel = "maxout", "maximum_of_row"
    _backend.together(name, x=x, out=out)
    pools, place = _pools(name, _rows.plain(name, x), pool_size, axis)
    return _rows.call(name, kernel, [pools], place + 1, out=out, reduces=True)


def _maxout_backward(
    grad_output: Any, x: Any, pool_size: int, axis: int = -1, *, out: Any = None
) -> Any:
    """Gradient of maxout with respect to its input: it goes to the first largest neighbour.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the output of ``maxout(x, pool_size, axis)``.
    x, pool_size, axis
        As for `maxout`.
    out : ndarray, optional
        Array of the shape of `x` to write to.

    Returns
    -------
    ndarray
    """
    name, kernel = "maxout.backward", "maximum_of_row_backward"
    _backend.together(name, grad_output=grad_output, x=x, out=out)
    x = _rows.plain(name, x)
    pools, place = _pools(name, x, pool_size, axis)
    check_out(name, "out", out, tuple(x.shape))
    result = _rows.call(name, kernel, [pools], place + 1, per_row=grad_output)
    result = _backend.call("reshape", result, x.shape)
    return _rows.delivered(result, result.dtype, out)


def _pools(name: str, x: Any, pool_size: int, axis: int) -> tuple[Any, int]:
    place = _rows.one_axis(name, "x", x.shape, axis)
    length, pool_size = x.shape[place], integer(name, "pool_size", pool_size)
    if pool_size < 1 or length % pool_size != 0:
        message = (
            f"{name}: pool_size={pool_size} does not divide the {length} features of axis {axis}"
        )
        raise ValueError(message)
    shape = (*x.shape[:place], length // pool_size, pool_size, *x.shape[place + 1 :])
    return _backend.call("reshape", x, shape), place


maxout = publish_rows("maxout", _maxout, _maxout_backward)
