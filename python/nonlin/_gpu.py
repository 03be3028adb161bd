"""The kernels of the CUDA backend, called as the ufuncs of the same names are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _backend, _cuda

if TYPE_CHECKING:
    from collections.abc import Sequence

# How DLPack, the CUDA array interface and CUDA itself name the default stream.
_DEFAULT_STREAM = 1
_NUMBERS = (int, float, np.generic)
_WANTED = {"b": "booleans", "k": "int64", "p": "floating-point numbers", "v": "float64"}
_made: dict[str, Kernel] = {}


def kernel(name: str) -> Kernel:
    """Return the kernel that has the name of a ufunc."""
    if name not in _made:
        _made[name] = Kernel(_cuda.kernels[name])
    return _made[name]


class Kernel:
    """A kernel over arrays of one device, in the stream in which their library works."""

    def __init__(self, compiled: _cuda.Kernel) -> None:
        self._compiled = compiled
        self._inputs, self._outputs = compiled.inputs, compiled.outputs

    def __call__(
        self,
        *operands: Any,
        out: Any = None,
        axis: int = -1,
        dtype: Any = None,
        casting: str = "same_kind",
        order: str = "K",
        subok: bool = True,
    ) -> Any:
        """Compute; what is not in `out` is made by the library of the first array on a device."""
        del casting, order, subok  # all numbers that a kernel takes are of one kind
        name, compiled = self._compiled.name, self._compiled
        like = next(a for a in operands if _backend.on_device(a))
        given = self._of_one_dtype(operands, dtype)
        stream, device = _stream(like), _device(like)
        views = [_view(a, stream) for a in given]
        wrong = compiled.misfit(views)
        if wrong is not None:
            kind, shown = self._inputs[wrong], _backend.dtype_name(given[wrong])
            message = f"{name}: operand {wrong} has dtype {shown}; pass {_WANTED.get(kind, 'data')}"
            raise TypeError(message)
        try:
            shapes = compiled.shapes(views, axis)
        except (IndexError, ValueError):
            found = [tuple(a.shape) for a in given if hasattr(a, "shape")]
            message = (
                f"{name}: arrays of shapes {' and '.join(map(str, found))} do not fit together"
            )
            raise ValueError(message) from None
        data = next(a for a, k in zip(given, self._inputs, strict=True) if k in "xs" and _has(a))
        targets = out if isinstance(out, tuple) else (out,) * len(shapes)
        results = [
            _made_for(target, shape, like, data.dtype if kind in "xs" else "float64", views, stream)
            for target, shape, kind in zip(targets, shapes, self._outputs, strict=True)
        ]
        for target, shape in zip(targets, shapes, strict=True):
            _check_out(name, target, shape, stream)
        size = compiled.workspace(views, axis, device)
        workspace = _view(_empty((size // 8,), like, "float64"), stream) if size else None
        compiled.run(views, [_view(a, stream) for a in results], axis, device, stream, workspace)
        for k, (result, target) in enumerate(zip(results, targets, strict=True)):
            if target is not None and result is not target:
                _backend.namespace(target).copyto(target, result)
                results[k] = target
        return tuple(results) if len(results) > 1 else results[0]

    def _of_one_dtype(self, operands: Sequence[Any], dtype: Any) -> list[Any]:
        """Convert the arrays of data to their common dtype, or to `dtype`."""
        data = [a for a, k in zip(operands, self._inputs, strict=True) if k in "xs" and _has(a)]
        dtypes = {_backend.dtype_name(a) for a in data}
        if dtype is None and len(dtypes) == 1 and len(data) == sum(map(_is_data, self._inputs)):
            return list(operands)
        wanted = _backend.common_dtype(self._compiled.name, *data) if dtype is None else dtype
        like = data[0]
        return [
            _backend.cast(a, wanted)
            if k in "xs" and _has(a)
            else _backend.beside(a, like, wanted)
            if k in "xs"
            else a
            for a, k in zip(operands, self._inputs, strict=True)
        ]


def _is_data(kind: str) -> bool:
    return kind in "xs"


def _has(operand: Any) -> bool:
    return not isinstance(operand, _NUMBERS) and _backend.on_device(operand)


def _view(operand: Any, stream: int) -> Any:
    if isinstance(operand, _NUMBERS) or not _backend.on_device(operand):
        return float(operand)
    return _cuda.DeviceArray(operand, stream)


def _stream(array: Any) -> int:
    """Return the stream in which an array's library works now on the array's device."""
    module = type(array).__module__.partition(".")[0]
    torch, cupy = sys.modules.get("torch"), sys.modules.get("cupy")
    if torch is not None and isinstance(array, torch.Tensor):
        return torch.cuda.current_stream(array.device).cuda_stream or _DEFAULT_STREAM
    if cupy is not None and module == "cupy":
        with array.device:
            return cupy.cuda.get_current_stream().ptr or _DEFAULT_STREAM
    if hasattr(array, "__dlpack__"):
        return _DEFAULT_STREAM
    return array.__cuda_array_interface__.get("stream") or _DEFAULT_STREAM


def _device(array: Any) -> int:
    """Return the number of an array's device."""
    return int(_backend.place(array).partition(":")[2] or 0)


def _empty(shape: Sequence[int], like: Any, dtype: Any) -> Any:
    if hasattr(like, "new_empty"):  # PyTorch, even without array-api-compat
        torch = sys.modules["torch"]
        return like.new_empty(shape, dtype=getattr(torch, dtype) if dtype == "float64" else dtype)
    xp = _backend.namespace(like)
    return xp.empty(tuple(shape), dtype=xp.dtype(dtype), device=like.device)


def _made_for(
    target: Any, shape: Sequence[int], like: Any, dtype: Any, views: Sequence[Any], stream: int
) -> Any:
    """Return the array to compute into: the target, unless it is in the way or of another dtype."""
    if target is None or tuple(target.shape) != tuple(shape):
        return _empty(shape, like, dtype)
    if _backend.name_of(target.dtype) != _backend.name_of(dtype) and dtype != target.dtype:
        return _empty(shape, like, dtype)
    view = _view(target, stream)
    arrays = (v for v in views if isinstance(v, _cuda.DeviceArray))
    return _empty(shape, like, dtype) if any(view.clashes(v) for v in arrays) else target


def _check_out(name: str, target: Any, shape: Sequence[int], stream: int) -> None:
    if target is None:
        return
    if tuple(target.shape) != tuple(shape):
        message = f"{name}: out has shape {tuple(target.shape)}; the result has {tuple(shape)}"
        raise ValueError(message)
    if not _backend.is_writeable(target) or _view(target, stream).read_only:
        message = f"{name}: out is read-only"
        raise ValueError(message)
