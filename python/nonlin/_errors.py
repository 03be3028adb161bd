"""Errors that say which argument is wrong and what to do."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _backend
from ._dtypes import is_floating, is_foreign, is_supported

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_ADVICE = {
    "c": "take {name}.real, {name}.imag or abs({name})",
    "f": "convert it with {name}.astype(np.float64)",
    "O": "convert it with np.asarray({name}, dtype=np.float64)",
    "V": "compute on one field or column at a time",
}
_TEXT = "convert it with np.asarray({name}).astype(np.float64)"


def explain(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Raise a better TypeError than NumPy's if an argument has a dtype that no loop takes."""
    outs = options.get("out")
    outs = outs if isinstance(outs, tuple) else (outs,)
    written = {"out" if len(outs) == 1 else f"out[{i}]": a for i, a in enumerate(outs)}
    misplaced = _backend.misplaced(function, **arguments, **written, where=options.get("where"))
    if misplaced:
        raise TypeError(misplaced) from None
    if any(map(_backend.on_device, arguments.values())):
        return
    for name, value in arguments.items():
        if value is None:
            message = f"{function}: {name} is None; pass a number or an array"
            raise TypeError(message) from None
        dtype = _dtype(value)
        if dtype is not None and dtype.kind == "O":
            refuse_object(f"{function}: {name}", value)
        if dtype is not None and not is_supported(dtype):
            advice = _ADVICE.get("f" if is_foreign(dtype) else dtype.kind, _TEXT).format(name=name)
            kind = "text" if dtype.kind in "SUT" else dtype.name
            message = f"{function}: {name} has dtype {kind}, which is not supported; {advice}"
            raise TypeError(message) from None
    dtype = options.get("dtype")
    if dtype is not None:
        dtype = np.dtype(dtype)
        if not is_floating(dtype) or not is_supported(dtype):
            message = f"{function}: dtype={dtype} is none of float16, bfloat16, float32, float64"
            raise TypeError(message) from None


def refuse_object(what: str, value: Any) -> None:
    """Refuse what NumPy finds no numbers in: a set, a generator, a dict."""
    if np.ndim(value) == 0 and not hasattr(value, "__float__"):
        message = f"{what} is a {type(value).__name__}; pass a number, a list or an array"
        raise TypeError(message) from None


def one_of(function: str, argument: str, value: Any, allowed: Collection[str]) -> None:
    """Refuse what is none of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(f'"{word}"' for word in allowed)
        message = f"{function}: {argument}={value!r} is not allowed; pass one of {words}"
        raise ValueError(message)


def integer(
    function: str, argument: str, value: Any, allowed: str = "an int", low: int | None = None
) -> int:
    """Return an integer of any type but bool; refuse what is below `low`."""
    if isinstance(value, bool | np.bool) or not hasattr(value, "__index__"):
        message = f"{function}: {argument} is a {type(value).__name__}; pass {allowed}"
        raise TypeError(message)
    if low is not None and value < low:
        message = f"{function}: {argument}={value} is not allowed; pass {allowed}"
        raise ValueError(message)
    return operator.index(value)


def flag(function: str, argument: str, value: Any) -> bool:
    """Return a truth value; refuse what is none."""
    if not isinstance(value, bool | np.bool):
        message = f"{function}: {argument}={value!r} is not allowed; pass True or False"
        raise TypeError(message)
    return bool(value)


def check_result(what: str, result: Any, shape: tuple[int, ...]) -> None:
    """Refuse what a function of the user's made if it is no real numbers of this shape."""
    array = result if hasattr(result, "dtype") else np.asarray(result)
    if tuple(array.shape) != tuple(shape) or _backend.kind(array) not in "biuf":
        message = (
            f"{what} gave {array.dtype} of shape {tuple(array.shape)}; it must give real numbers "
            f"of shape {tuple(shape)}"
        )
        raise ValueError(message)


def seed(function: str, value: Any) -> int | None:
    """Return what a source of random numbers begins with."""
    allowed = "an int that is not negative, or None"
    return None if value is None else integer(function, "seed", value, allowed, 0)


def out_pair(function: str, out: Any, names: str) -> tuple[Any, Any]:
    """Return the two arrays to write to; None stands for one that is to be made."""
    if out is None:
        return None, None
    if not isinstance(out, tuple) or len(out) != 2:  # noqa: PLR2004
        message = f"{function}: out must be a pair ({names}); either may be None"
        raise TypeError(message)
    return out


def check_out(function: str, argument: str, out: Any, shape: tuple[int, ...]) -> None:
    """Refuse to write a result of this shape to what is no array for it; None is one to be made."""
    if out is None:
        return
    if not isinstance(out, np.ndarray) and not _backend.on_device(out):
        message = f"{function}: {argument} is a {type(out).__name__}; pass an array"
        raise TypeError(message)
    if out.shape != shape:
        message = f"{function}: {argument} has shape {tuple(out.shape)}; the result has {shape}"
        raise ValueError(message)
    if not _backend.is_writeable(out):
        message = f"{function}: {argument} is read-only"
        raise ValueError(message)
    if _backend.kind(out) not in "fc":
        dtype = _backend.dtype_name(out)
        message = f"{function}: {argument} has dtype {dtype}, which cannot hold the result"
        raise TypeError(message)


def _dtype(value: Any) -> np.dtype[Any] | None:
    # The attribute first: np.asarray would make lazy arrays compute.
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, np.dtype):
        return dtype
    # A foreign array without a NumPy dtype has raised its own error.
    return np.asarray(value).dtype if dtype is None and not _foreign(value) else None


def _foreign(value: Any) -> bool:
    return hasattr(value, "__array_ufunc__") or hasattr(value, "__array__")
