"""Stands in for what runs kernels on a GPU: the functions for NumPy, on simulated arrays."""

from __future__ import annotations

from typing import Any

import device_arrays
import numpy as np

from nonlin import _backend


def kernel(name: str) -> Any:
    """Return a function that takes what the ufunc of this name takes, in arrays of a device."""
    ufunc = getattr(_backend._core, name)

    def run(*operands: Any, out: Any = None, where: Any = True, **options: Any) -> Any:
        like = next(a for a in operands if _backend.on_device(a))
        dtypes = {_backend.dtype_name(a) for a in operands if _backend.on_device(a)}
        given = [_memory(a) if _backend.on_device(a) else a for a in operands]
        if ufunc.signature:
            given = [np.asarray(a) for a in given]
            data = given[0] if given[0].ndim else given[1]
            given = [_row(a, part, data) for a, part in zip(given, _parts(ufunc), strict=True)]
        if not any("e" in loop for loop in ufunc.types):
            given = [a.astype(np.float32) if a.dtype == np.float16 else a for a in given]
        with np.errstate(all="ignore"):
            made = ufunc(*given, **options)
        halves = dtypes & {"float16", "bfloat16"} if len(dtypes & _FLOATS) == 1 else set()
        several = isinstance(made, tuple)
        results = [_wrapped(a, like, halves) for a in (made if several else (made,))]
        outs = out if isinstance(out, tuple) else (out,) * len(results)
        for k, target in enumerate(outs):
            if target is not None:
                _backend.together(name, out=target, x=like)
                xp = _backend.namespace(target)
                target[...] = results[k] if where is True else xp.where(where, results[k], target)
                results[k] = target
        return tuple(results) if several else results[0]

    return run


_FLOATS = {"float16", "bfloat16", "float32", "float64"}


def _parts(ufunc: np.ufunc) -> list[str]:
    """Return the core dimensions of each input, as text."""
    inputs = str(ufunc.signature).split("->")[0]
    return [part.strip("()") for part in inputs.split("),(")]


def _row(number: Any, part: str, data: Any) -> Any:
    """Make a row of a number where a row is wanted."""
    return np.broadcast_to(number, data.shape) if part and number.ndim == 0 else number


def _memory(array: Any) -> Any:
    if isinstance(array, device_arrays.Array):
        memory = array.memory
        return memory.astype(np.float32) if memory.dtype.kind == "V" else memory
    return np.asarray(_backend.to_host(array))


def _wrapped(result: Any, like: Any, halves: set[str]) -> Any:
    result = np.asarray(result)
    with np.errstate(all="ignore"):
        if isinstance(like, device_arrays.Array):
            made = device_arrays.made(result, like.number)
        else:
            made = _backend.namespace(like).asarray(result, device=like.device, copy=True)
        narrow = halves and result.dtype in {np.dtype(np.float32), np.dtype(np.float16)}
        return _backend.cast(made, next(iter(halves))) if narrow else made
