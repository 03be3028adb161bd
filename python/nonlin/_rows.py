"""What the functions along an axis share: one call of a kernel over the rows of an array."""

from __future__ import annotations

import functools
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _backend
from ._dtypes import rounded
from ._errors import check_out, integer, refuse_object

if TYPE_CHECKING:
    from collections.abc import Sequence


class Rows:
    """Where the rows of an array of some shape lie, for the `axis` of the function `name`.

    A kernel wants them along one axis, and many at once. Several axes, or all of them, are merged
    into a last one; so is, for NumPy's loops, one with few numbers behind it.
    """

    def __init__(
        self, name: str, shape: tuple[int, ...], axis: Any, *, on_device: bool = False
    ) -> None:
        self.name = name
        self.shape = shape
        ndim = len(shape)
        if axis is None or (ndim == 0 and type(axis) is int and axis in {0, -1}):
            self.axes = tuple(range(ndim))
        else:
            given = axis if isinstance(axis, tuple) else (axis,)
            self.axes = tuple(
                _number(name, a, ndim, "an int, a tuple of ints or None") for a in given
            )
        if len(set(self.axes)) < len(self.axes):
            message = f"{name}: axis={axis} names an axis twice"
            raise ValueError(message)
        self.turned = len(self.axes) != 1 or (not on_device and narrow(shape, self.axes[0]))
        self.order = [a for a in range(ndim) if a not in self.axes] + sorted(self.axes)
        self.outer = tuple(shape[a] for a in self.order[: ndim - len(self.axes)])
        self.length = math.prod(shape[a] for a in self.axes)

    @property
    def axis(self) -> int:
        """The kernel's axis."""
        return -1 if self.turned else self.axes[0]

    def forth(self, array: Any) -> Any:
        """Bring an array of the common shape to the kernel."""
        if not self.turned:
            return array
        xp = _backend.namespace(array)
        # NumPy's reshape may leave strides with which a kernel is slower.
        turned = xp.permute_dims(array, self.order)
        if xp is np:
            turned = np.asarray(turned, order="C")
        return _backend.call("reshape", turned, (*self.outer, self.length))

    def back(self, result: Any) -> Any:
        """Bring the kernel's result for such an array back."""
        if not self.turned:
            return result
        xp = _backend.namespace(result)
        turned = _backend.call("reshape", result, tuple(self.shape[a] for a in self.order))
        places = sorted(range(len(self.order)), key=self.order.__getitem__)
        back = xp.permute_dims(turned, places)
        return back if _backend.is_contiguous(back) else xp.array(back, order="C")

    def reduced(self, result: Any, keepdims: bool) -> Any:
        """Bring the kernel's result with one number for each row back."""
        if not keepdims:
            return result
        return _backend.call("reshape", result, self._kept())

    def per_row(self, array: Any) -> Any:
        """Bring an array with one number for each row, with or without its axes, to the kernel."""
        xp = _backend.namespace(array)
        if array.shape == self._kept():
            array = _backend.call("reshape", array, self.outer)
        try:
            return xp.broadcast_to(array, self.outer)
        except (RuntimeError, ValueError):
            message = (
                f"{self.name}: grad_output has shape {tuple(array.shape)}; pass {self.outer}, one "
                "number for each row"
            )
            raise ValueError(message) from None

    def _kept(self) -> tuple[int, ...]:
        return tuple(1 if a in self.axes else n for a, n in enumerate(self.shape))


def narrow(shape: tuple[int, ...], axis: int) -> bool:
    """Tell whether NumPy would give a kernel only a few rows along this axis at a time."""
    behind = math.prod(shape[axis % len(shape) + 1 :])
    return 1 < behind < _FEW < math.prod(shape[: axis % len(shape)])


_FEW = 16


def one_axis(name: str, argument: str, shape: tuple[int, ...], axis: Any) -> int:
    """Check the one axis of an argument with this shape."""
    if axis is None or isinstance(axis, tuple) or not shape:
        message = (
            f"{name}: axis={axis} is not one axis of {argument}, of shape {shape}; pass an int"
        )
        raise ValueError(message)
    return _number(name, axis, len(shape), "an int")


def _number(name: str, axis: Any, ndim: int, allowed: str) -> int:
    number = integer(name, "axis", axis, allowed)
    if not -ndim <= number < ndim:
        raise np.exceptions.AxisError(number, ndim, name)
    return number % ndim


def call(
    name: str,
    kernel: str,
    arrays: Sequence[Any],
    axis: Any,
    *,
    per_row: Any = None,
    where: Any = None,
    parameters: Sequence[float] = (),
    out: Any = None,
    reduces: bool = False,
    keepdims: bool = False,
) -> Any:
    """Run a kernel over the rows of `arrays`, which are broadcast together.

    The result has the dtype that `numpy.exp` would give it; half precision is computed in float32.
    """
    function = _backend.kernel(kernel if where is None else f"{kernel}_where")
    if where is None and per_row is None and not keepdims and _ready(arrays, axis, out, reduces):
        return function(*arrays, *parameters, axis=axis, out=out)
    names = ("x",) if len(arrays) == 1 else ("grad_output", "output")
    named = dict(zip(names, arrays, strict=True))
    if per_row is not None:
        named["grad_output"] = per_row
    run = _backend.route(function, **named, where=where, out=out)
    typed = [
        plain(name, a) for a in (*arrays, per_row) if type(a) not in _NUMBERS and a is not None
    ]
    given = [beside(name, a, *typed) for a in arrays]
    if per_row is not None:
        per_row = beside(name, per_row, *typed)
    dtype = dtype_of(name, given if per_row is None else [*given, per_row])
    # A GPU takes halves as they are.
    on_device = run is not function
    work = dtype if on_device else working(dtype)
    shape = common_shape(name, given)
    rows = Rows(name, shape, axis, on_device=on_device)
    cast, xp = _backend.cast, _backend.namespace(*given)
    operands = [] if per_row is None else [rows.per_row(cast(per_row, work))]
    operands += [rows.forth(xp.broadcast_to(cast(array, work), shape)) for array in given]
    if where is not None:
        mask = plain(name, where)
        if _backend.kind(mask) != "b":
            message = f"{name}: where has dtype {_backend.dtype_name(mask)}; pass booleans"
            raise TypeError(message)
        operands.append(rows.forth(fitted(name, "where", mask, shape)))
    if on_device and out is not None and not rows.turned and not (reduces and keepdims):
        check_out(name, "out", out, rows.outer if reduces else shape)
        return run(*operands, *parameters, axis=rows.axis, out=out)
    result = run(*operands, *parameters, axis=rows.axis)
    result = rows.reduced(result, keepdims) if reduces else rows.back(result)
    check_out(name, "out", out, result.shape)
    return delivered(result, dtype, out)


def plain(name: str, value: Any) -> Any:
    """Return the array of an array_like; a masked one would lose its mask."""
    if type(value) is np.ndarray:
        return value
    if _backend.on_device(value):
        _backend.together(name, array=value)
        return value
    ma = sys.modules.get("numpy.ma")
    if ma is not None and isinstance(value, ma.MaskedArray):
        message = f"{name}: masked arrays are not supported; pass array.data or array.filled(...)"
        raise TypeError(message)
    try:
        array = np.asarray(value)
    except ValueError as error:
        message = f"{name}: this is no array, for its parts have different shapes: {error}"
        raise ValueError(message) from None
    if array.dtype.kind == "O":
        refuse_object(f"{name}: this", value)
    return array


def common_shape(name: str, arrays: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape that the arrays are broadcast to."""
    shapes = [tuple(a.shape) for a in arrays]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        message = f"{name}: arrays of shapes {' and '.join(map(str, shapes))} do not fit together"
        raise ValueError(message) from None


_NUMBERS = {int, float, bool}
WORKED = {np.dtype(np.float32), np.dtype(np.float64)}


def _ready(arrays: Sequence[Any], axis: Any, out: Any, reduces: bool) -> bool:
    """Whether a kernel takes these arguments as they are: the common case, without detours."""
    first = arrays[0]
    if type(first) is not np.ndarray or first.dtype not in WORKED or type(axis) is not int:
        return False
    like = arrays if out is None else (*arrays, out)
    return (
        not (reduces and out is not None)
        and -first.ndim <= axis < first.ndim
        and all(
            type(a) is np.ndarray and a.dtype == first.dtype and a.shape == first.shape
            for a in like
        )
        and (out is None or out.flags.writeable)
        and not narrow(first.shape, axis)
    )


@functools.cache
def working(dtype: Any) -> np.dtype[Any]:
    """Return the dtype in which results of `dtype` are computed."""
    return np.dtype(np.float64 if _backend.name_of(dtype) == "float64" else np.float32)


def delivered(result: Any, dtype: Any, out: Any = None) -> Any:
    """Return a result in its dtype, or in `out`."""
    with np.errstate(all="ignore"):
        if out is None:
            return _backend.cast(result, dtype)[()]
        if isinstance(out, np.ndarray):
            result = rounded(result, out.dtype)
        _backend.namespace(out).copyto(out, result, casting="same_kind")
        return out


def dtype_of(name: str, arrays: Sequence[Any]) -> Any:
    """Return the dtype of a result: as `numpy.exp` has it for the arrays' common dtype."""
    return _backend.common_dtype(name, *arrays)


def beside(name: str, value: Any, *arrays: Any) -> Any:
    """Return `value` as an array; a Python number takes the dtype that the arrays' result has."""
    dtype = dtype_of(name, arrays) if arrays and type(value) in _NUMBERS else None
    array = plain(name, value)
    if array.ndim > 0 or not arrays:
        return array
    # A number of NumPy's goes to a GPU too.
    return _backend.beside(array, next(filter(_backend.on_device, arrays), array), dtype)


def target(name: str, argument: str, out: Any, like: Any, dtype: Any = None) -> Any:
    """Return the array to write to: `out`, which must have the shape of `like`, or a new one."""
    check_out(name, argument, out, tuple(like.shape))
    if out is not None:
        return out
    return _backend.namespace(like).empty_like(like, dtype=like.dtype if dtype is None else dtype)


def fitted(name: str, argument: str, array: Any, shape: Any, like: Any = None) -> Any:
    """Broadcast `array` to `shape`. Beside `like`, on a GPU, a number stays one."""
    if array.ndim == 0 and _backend.on_device(like):
        return array
    try:
        return _backend.namespace(array).broadcast_to(array, tuple(shape))
    except (RuntimeError, ValueError):
        shapes = f"{tuple(array.shape)}, which does not fit {tuple(shape)}"
        message = f"{name}: {argument} has shape {shapes}"
        raise ValueError(message) from None
