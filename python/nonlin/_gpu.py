"""The kernels of the CUDA backend, called as the ufuncs of the same names are."""

from __future__ import annotations

import contextlib
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


def devices() -> int:
    """Return how many CUDA devices there are.

    Raises
    ------
    RuntimeError
        If none can be used, with CUDA's reason.
    """
    return _cuda.devices()


class Kernel:
    """A kernel over arrays of one device, in the stream in which their library works."""

    def __init__(self, compiled: _cuda.Kernel) -> None:
        self._compiled = compiled
        self._inputs, self._outputs = compiled.inputs, compiled.outputs

    def __call__(
        self,
        *operands: Any,
        out: Any = None,
        where: Any = True,
        axis: int = -1,
        dtype: Any = None,
        casting: str = "same_kind",
        order: str = "K",
        subok: bool = True,
    ) -> Any:
        """Compute; what is not in `out` is made by the library of the first array on a device.

        What `where` leaves out stays as it was in `out`. `order` and `subok` are not obeyed: a
        library has its own.
        """
        del order, subok
        name, compiled = self._compiled.name, self._compiled
        place = _Place(name, next(a for a in operands if _has(a)))
        given = self._of_one_dtype(operands, dtype)
        views = place.views(given)
        wrong = compiled.misfit(views)
        if wrong is not None:
            shown, wanted = _backend.dtype_name(given[wrong]), _WANTED.get(self._inputs[wrong])
            message = f"{name}: operand {wrong} has dtype {shown}; pass {wanted or 'data'}"
            raise TypeError(message)
        try:
            shapes = compiled.shapes(views, axis)
        except (IndexError, ValueError):
            found = " and ".join(str(tuple(a.shape)) for a in given if _has(a))
            message = f"{name}: arrays of shapes {found} do not fit together"
            raise ValueError(message) from None
        data = next(a for a, k in zip(given, self._inputs, strict=True) if k in "xs" and _has(a))
        targets = self._targets(out)
        results: list[Any] = []
        for target, shape, kind in zip(targets, shapes, self._outputs, strict=True):
            wanted = data.dtype if kind in "xs" else "float64"
            chosen = place.result(target, shape, wanted, views, casting)
            aside = chosen is target is not None and where is not True
            results.append(place.empty(shape, wanted) if aside else chosen)
        size = compiled.workspace(views, axis, place.device)
        workspace = place.array(place.empty((size // 8,), "float64")) if size else None
        outputs = [place.array(a) for a in results]
        if len(outputs) > 1 and outputs[0].meets(outputs[1]):
            message = f"{name}: the two arrays of out share memory"
            raise ValueError(message)
        compiled.run(views, outputs, axis, place.device, place.stream, workspace)
        for k, target in enumerate(targets):
            if target is not None and results[k] is not target:
                xp = _backend.namespace(target)
                values = results[k] if where is True else xp.where(where, results[k], target)
                xp.copyto(target, values)
                results[k] = target
        return tuple(results) if len(results) > 1 else results[0]

    def _targets(self, out: Any) -> tuple[Any, ...]:
        count = len(self._outputs)
        if out is None:
            return (None,) * count
        targets = out if isinstance(out, tuple) else (out,)
        if len(targets) != count:
            message = f"{self._compiled.name}: out must be a tuple of {count} arrays or None"
            raise TypeError(message)
        return targets

    def _of_one_dtype(self, operands: Sequence[Any], dtype: Any) -> list[Any]:
        """Convert the arrays of data to their common dtype, or to `dtype`."""
        data = [a for a, k in zip(operands, self._inputs, strict=True) if k in "xs" and _has(a)]
        dtypes = {_backend.dtype_name(a) for a in data}
        if dtype is None and len(dtypes) == 1 and len(data) == sum(map(_is_data, self._inputs)):
            return list(operands)
        like = data[0] if data else next(filter(_has, operands))
        found = data or [like]
        wanted = _backend.common_dtype(self._compiled.name, *found) if dtype is None else dtype
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


def _stream(array: Any) -> int:
    """Return the stream in which an array's library works now on the array's device."""
    library = _backend.library(array)
    if library == "torch":
        stream = sys.modules["torch"].cuda.current_stream(array.device).cuda_stream
        return stream or _DEFAULT_STREAM
    if library == "cupy":
        with array.device:
            return sys.modules["cupy"].cuda.get_current_stream().ptr or _DEFAULT_STREAM
    if hasattr(array, "__dlpack__"):
        return _DEFAULT_STREAM
    return array.__cuda_array_interface__.get("stream") or _DEFAULT_STREAM


def _may_cast(made: str, wanted: str, casting: Any) -> bool:
    """Tell whether NumPy's rules allow a cast between dtypes of these names."""
    # NumPy does not know bfloat16: it goes where float16 goes, and the two to each other as
    # float32 does to float16.
    names = {made: "float16" if made == "bfloat16" else made}
    names[wanted] = "float16" if wanted == "bfloat16" else wanted
    if made != wanted and names[made] == names[wanted]:
        names[made] = "float32"
    return bool(np.can_cast(names[made], names[wanted], casting))


def _current(like: Any) -> Any:
    """Make an array's device the current one, with libraries that want it for what they do."""
    library = _backend.library(like)
    if library == "torch":
        return sys.modules["torch"].cuda.device(like.device)
    return like.device if library == "cupy" else contextlib.nullcontext()


class _Place:
    """Where a call runs: beside an array, in the stream in which its library works."""

    def __init__(self, name: str, like: Any) -> None:
        self._name, self._like = name, like
        self.stream = _stream(like)
        # Nothing to wait for where the stream is the library's own.
        self._exchange = -1 if _backend.library(like) in {"torch", "cupy"} else self.stream
        number = _backend.place(like).partition(":")[2]
        self._known = bool(number)
        self.device = int(number) if number else self._described(like).device

    def _described(self, array: Any) -> _cuda.DeviceArray:
        with _current(self._like):
            return _cuda.DeviceArray(array, self._exchange)

    def array(self, array: Any) -> _cuda.DeviceArray:
        """Return what a kernel takes for an array."""
        found = self._described(array)
        if not self._known and found.device != self.device:
            message = (
                f"{self._name}: one array is on device {self.device}, another on {found.device}; "
                "pass both on one"
            )
            raise TypeError(message)
        return found

    def views(self, operands: Sequence[Any]) -> list[_cuda.DeviceArray | float]:
        """Return what a kernel takes for arrays and numbers."""
        return [self.array(a) if _has(a) else float(a) for a in operands]

    def empty(self, shape: Sequence[int], dtype: Any) -> Any:
        """Return a new array; `dtype` is one of the library's, or "float64"."""
        # PyTorch and CuPy, even without array-api-compat; the order of dimensions is kept.
        like = self._like
        library = _backend.library(like)
        if library in {"torch", "cupy"}:
            xp = sys.modules[library]
            dtype = xp.float64 if dtype == "float64" else dtype
            with _current(like):
                if tuple(shape) == tuple(like.shape):
                    return xp.empty_like(like, dtype=dtype)
                place = {} if library == "cupy" else {"device": like.device}
                return xp.empty(tuple(shape), dtype=dtype, **place)
        xp = _backend.namespace(like)
        return xp.empty(tuple(shape), dtype=xp.dtype(dtype), device=like.device)

    def result(
        self,
        target: Any,
        shape: Sequence[int],
        dtype: Any,
        inputs: Sequence[Any],
        casting: str,
    ) -> Any:
        """Return the array to compute into: `target`, or a new one if it is in the way.

        So is one of another dtype, or one that shares memory with an input without being it.
        """
        if target is None:
            return self.empty(shape, dtype)
        if tuple(target.shape) != tuple(shape):
            message = (
                f"{self._name}: out has shape {tuple(target.shape)}; the result has {tuple(shape)}"
            )
            raise ValueError(message)
        view = self.array(target)
        if not _backend.is_writeable(target) or view.read_only:
            message = f"{self._name}: out is read-only"
            raise ValueError(message)
        if view.repeats:
            message = f"{self._name}: elements of out share memory"
            raise ValueError(message)
        made, wanted = _backend.name_of(dtype), _backend.dtype_name(target)
        other = made != wanted
        if not _may_cast(made, wanted, casting):
            message = (
                f"{self._name}: out would need a cast from {made} to {wanted}, with "
                f"casting={casting!r}"
            )
            raise TypeError(message)
        arrays = (a for a in inputs if isinstance(a, _cuda.DeviceArray))
        return self.empty(shape, dtype) if other or any(map(view.clashes, arrays)) else target
