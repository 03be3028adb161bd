"""Arrays that behave as those on a GPU, in memory of the host.

They are those of the array API standard, and of nothing else: NumPy cannot convert them, and what
is on another device, or in an array of NumPy's, cannot be mixed with them. So code that takes them
for NumPy's fails.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from dlpack import CUDA, capsule

if TYPE_CHECKING:
    from collections.abc import Callable


def on_host(size: int, device: int) -> Any:
    """Return so many bytes; what gives memory of a simulated device takes its place."""
    del device
    return np.empty(size, np.uint8)


allocate: Callable[[int, int], Any] = on_host
_NUMBERS = (bool, int, float, complex)


class Array:
    """An array on device `number`, which can be read-only."""

    __array_ufunc__ = None  # NumPy's functions refuse it

    def __init__(self, memory: Any, number: int = 0, *, readonly: bool = False) -> None:
        self.memory, self.number, self.readonly = memory, number, readonly

    def __array__(self, *_: Any, **__: Any) -> Any:
        message = "implicit conversion to a NumPy array is not allowed"
        raise TypeError(message)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        a = self.memory
        if a.dtype.kind == "V":
            message = "bfloat16 has no type string"
            raise AttributeError(message)
        return {
            "shape": a.shape,
            "typestr": a.dtype.str,
            "data": (a.ctypes.data, self.readonly),
            "strides": None if a.flags.c_contiguous else a.strides,
            "stream": 1,
            "version": 3,
        }

    def __dlpack_device__(self) -> tuple[int, int]:
        return CUDA, self.number

    def __dlpack__(self, *, dl_device: Any = None, **_: Any) -> Any:
        if dl_device == (1, 0):
            return self.memory.copy().__dlpack__()
        return capsule(self.memory, self.number)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        del api_version
        return namespace

    shape = property(lambda self: self.memory.shape)
    dtype = property(lambda self: self.memory.dtype)
    ndim = property(lambda self: self.memory.ndim)
    size = property(lambda self: self.memory.size)
    device = property(lambda self: f"device {self.number}")
    T = property(lambda self: Array(self.memory.T, self.number))

    def to_device(self, device: str, /, *, stream: Any = None) -> Array:
        del stream
        return made(self.memory, number_of(device))

    def __len__(self) -> int:
        return len(self.memory)

    def __repr__(self) -> str:
        return f"Array({self.memory!r}, {self.device!r})"

    def __bool__(self) -> bool:
        return bool(self.memory)

    def __int__(self) -> int:
        return int(self.memory)

    def __float__(self) -> float:
        return float(self.memory)

    def __index__(self) -> int:
        return operator.index(self.memory[()])

    def __getitem__(self, key: Any) -> Array:
        return wrapped(self.memory[self._key(key)], self)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.readonly:
            message = "the array is read-only"
            raise ValueError(message)
        self.memory[self._key(key)] = unwrapped(value, self)

    def _key(self, key: Any) -> Any:
        if isinstance(key, tuple):
            return tuple(self._key(one) for one in key)
        plain = key is None or key is ... or isinstance(key, slice | int)
        return key if plain else unwrapped(key, self)


def _operators() -> None:
    binary = "add sub mul truediv floordiv mod pow and or xor lt le gt ge eq ne matmul"
    for name in binary.split():
        function = getattr(operator, f"__{name}__")

        def forward(self: Array, other: Any, function: Any = function) -> Any:
            if not isinstance(other, (Array, *_NUMBERS)):
                return NotImplemented
            return computed(function, self, other)

        def backward(self: Array, other: Any, function: Any = function) -> Any:
            if not isinstance(other, _NUMBERS):
                return NotImplemented
            return computed(function, other, self)

        def in_place(self: Array, other: Any, function: Any = forward) -> Any:
            self[...] = function(self, other)
            return self

        setattr(Array, f"__{name}__", forward)
        if function not in {operator.lt, operator.le, operator.gt, operator.ge}:
            setattr(Array, f"__r{name}__", backward)
            setattr(Array, f"__i{name}__", in_place)
    for name in ("neg", "pos", "invert", "abs"):
        function = getattr(operator, f"__{name}__")
        setattr(Array, f"__{name}__", lambda self, function=function: computed(function, self))
    Array.__hash__ = None  # type: ignore[assignment]


_operators()


def number_of(device: Any) -> int:
    """Return the number of a device."""
    return 0 if device is None else int(str(device).removeprefix("device "))


def made(values: Any, number: int = 0) -> Array:
    """Copy an array of NumPy's to a device."""
    values = np.asarray(values)
    memory = allocate(values.nbytes, number).view(values.dtype).reshape(values.shape)
    memory[...] = values
    return Array(memory, number)


def unwrapped(value: Any, like: Array) -> Any:
    """Return the memory of arrays on one device; refuse what is elsewhere."""
    if isinstance(value, Array):
        if value.number != like.number:
            message = f"arrays on {like.device} and {value.device}"
            raise ValueError(message)
        return value.memory
    if isinstance(value, list | tuple):
        return type(value)(unwrapped(one, like) for one in value)
    if isinstance(value, np.ndarray | np.generic):
        message = f"a {type(value).__name__} of NumPy's among arrays of a device"
        raise TypeError(message)
    return value


def wrapped(result: Any, like: Array) -> Array:
    """Return a view of the memory of `like` as it is; copy others to its device."""
    result = np.asarray(result)
    if np.may_share_memory(result, like.memory):
        return Array(result, like.number, readonly=like.readonly)
    return made(result, like.number)


def computed(function: Any, *operands: Any, **options: Any) -> Array:
    """Compute without warnings, as a GPU does."""
    like = next(a for a in _flat(operands) if isinstance(a, Array))
    with np.errstate(all="ignore"):
        return wrapped(function(*unwrapped(operands, like), **options), like)


def _flat(operands: Any) -> Any:
    for one in operands:
        yield from _flat(one) if isinstance(one, list | tuple) else (one,)


_FUNCTIONS = (
    "abs add all any argmax argmin bitwise_and broadcast_to ceil clip concat count_nonzero "
    "cumulative_sum divide equal exp expand_dims flip floor greater greater_equal isfinite isinf "
    "isnan less less_equal log logical_and logical_not logical_or matmul max maximum mean min "
    "minimum moveaxis multiply negative nonzero not_equal permute_dims positive prod reshape roll "
    "round sign sqrt square squeeze stack subtract sum take tanh tril triu where"
)
_DTYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 "
    "complex128"
)
_OPTIONS = {"axis", "copy", "dtype", "keepdims", "max", "min"}


class _Namespace:
    """The standard's functions; see https://data-apis.org/array-api."""

    def __init__(self) -> None:
        for name in _DTYPES.split():
            setattr(self, name, np.dtype(name))
        for name in _FUNCTIONS.split():
            setattr(self, name, self._function(getattr(np, name)))
        for name in ("empty", "ones", "zeros"):
            setattr(self, name, self._creation(getattr(np, name)))
            setattr(self, f"{name}_like", self._like(getattr(np, name)))

    @staticmethod
    def _function(function: Any) -> Any:
        def call(*operands: Any, **options: Any) -> Array:
            if not set(options) <= _OPTIONS:
                message = f"{function.__name__} takes no {sorted(set(options) - _OPTIONS)}"
                raise TypeError(message)
            return computed(function, *operands, **options)

        return call

    @staticmethod
    def _creation(function: Any) -> Any:
        def call(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
            return made(function(shape, dtype), number_of(device))

        return call

    @staticmethod
    def _like(function: Any) -> Any:
        def call(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
            number = x.number if device is None else number_of(device)
            return made(function(x.shape, dtype or x.dtype), number)

        return call

    @property
    def bfloat16(self) -> Any:
        import ml_dtypes  # noqa: PLC0415

        return np.dtype(ml_dtypes.bfloat16)

    @staticmethod
    def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Array:
        if isinstance(obj, Array):
            keep = not copy and dtype in {None, obj.dtype}
            return obj if keep else made(obj.memory.astype(dtype or obj.dtype), obj.number)
        return made(np.asarray(obj, dtype), number_of(device))

    @staticmethod
    def astype(x: Array, dtype: Any, /, *, copy: bool = True) -> Array:
        if x.dtype == dtype and not copy:
            return x
        with np.errstate(all="ignore"):
            return made(x.memory.astype(dtype), x.number)


namespace = _Namespace()
asarray = namespace.asarray
