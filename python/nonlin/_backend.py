"""Where an array lives, and what computes there: the one file that knows."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ._dtypes import common, is_floating, is_foreign, is_supported, rounded
from ._namespace import Namespace

try:
    from . import _core
except ImportError as error:
    if importlib.util.find_spec(f"{__package__}._core") is not None:
        raise
    message = (
        "nonlin's compiled module is missing. Install the package with `pip install .` in its "
        "source folder; if it is installed, start Python outside python/, where the uncompiled "
        "sources hide it."
    )
    raise ImportError(message) from error

version, compiler, flags = _core.__version__, _core.compiler, _core.flags
compiled_isas = _core.compiled_isas
# Where the compiled module is, and all that came with it; an editable installation has its Python
# files elsewhere.
compiled_folder = Path(_core.__file__).parent
catalogue = _core.catalogue
isa = _core.isa
available_isas = _core.available_isas
set_isa = _core.set_isa
num_threads = _core.num_threads


def set_num_threads(count: int) -> None:
    """Use this many threads for large arrays; 0 goes back to the default."""
    try:
        _core.set_num_threads(count)
    except TypeError:
        message = f"set_num_threads: count={count!r} is not allowed; pass an int, 0 for the default"
        raise TypeError(message) from None


directions = ("value", "derivative", "backward", "value_and_derivative")

# Device types of DLPack: CUDA and CUDA managed memory.
_CUDA = (2, 13)
_NUMPY = (np.ndarray, np.generic)
_HOST = (*_NUMPY, float, int, list, tuple, type(None))
_KINDS = {"bool": "b", "int": "i", "uint": "u", "float": "f", "bfloat": "f", "complex": "c"}
_LIBRARIES = {"torch": "Tensor", "cupy": "ndarray"}
_namespaces: dict[type, Namespace] = {}


def kernel(*words: str) -> np.ufunc:
    """Return the compiled ufunc whose name these words make."""
    found: np.ufunc = getattr(_core, "_".join(words))
    return found


def ufunc(name: str, direction: str) -> np.ufunc:
    """Return the compiled ufunc of an activation in one of the `directions`."""
    return kernel(name) if direction == "value" else kernel(name, direction)


def route(kernel: np.ufunc, /, **arrays: Any) -> Any:
    """Return what computes `kernel` where `arrays`, by the names of arguments, live.

    NumPy converts or dispatches (``__array_ufunc__``) whatever is not on a GPU.
    """
    for array in arrays.values():
        if on_device(array):
            together(kernel.__name__, **arrays)
            run = _gpu(kernel.__name__, array).kernel(kernel.__name__)
            return run if kernel.signature else functools.partial(_elementwise, kernel, run)
    return kernel


def _gpu(name: str, array: Any) -> Any:
    """Import what runs kernels on a GPU."""
    try:
        return importlib.import_module(f"{__package__}._gpu")
    except ImportError as error:
        message = (
            f"{name}: the {_kind_of(array)} lives on a CUDA device, and this build of nonlin has "
            "no CUDA backend; copy it to the host first (.get() in CuPy, .cpu() in PyTorch)"
        )
        raise TypeError(message) from error


def has_cuda() -> bool:
    """Tell whether this build has a CUDA backend."""
    return importlib.util.find_spec(f"{__package__}._cuda") is not None


def cuda_devices() -> int:
    """Return how many CUDA devices the backend finds; RuntimeError says why none can be used."""
    count: int = importlib.import_module(f"{__package__}._gpu").devices()
    return count


def _elementwise(
    kernel: np.ufunc,
    run: Any,
    /,
    *operands: Any,
    out: Any = None,
    where: Any = True,
    **options: Any,
) -> Any:
    """Run an elementwise kernel on a GPU: integers become floating point, `where` is obeyed.

    `route` has seen that the operands are in one place.
    """
    name = kernel.__name__
    given = [
        a if not on_device(a) or kind(a) == "f" else cast(a, common_dtype(name, a))
        for a in operands
    ]
    if out is None:  # what `where` leaves out may be anything
        return run(*given, **options)
    targets = out if isinstance(out, tuple) else (out,)
    operand = next(a for a in given if on_device(a))
    outs = {f"out[{i}]" if len(targets) > 1 else "out": a for i, a in enumerate(targets)}
    together(name, operand=operand, **outs, where=where)
    return run(*given, **options, out=out, where=where)


def on_device(array: Any) -> bool:
    """Tell whether an array lives on a GPU."""
    return not isinstance(array, _HOST) and place(array) != "cpu"


def place(array: Any) -> str:
    """Return where an array lives: "cpu", "cuda:0", or "cuda" if it does not say on which."""
    if isinstance(array, _HOST):
        return "cpu"
    if library(array) == "torch" and hasattr(array, "is_cuda"):  # a shorter way
        return f"cuda:{array.device.index}" if array.is_cuda else "cpu"
    try:
        kind, number = array.__dlpack_device__()
    except (AttributeError, BufferError, NotImplementedError, RuntimeError, TypeError, ValueError):
        there = hasattr(type(array), "__cuda_array_interface__") and _has_interface(array)
        return "cuda" if there else "cpu"
    return f"cuda:{number}" if kind in _CUDA else "cpu"


def _has_interface(array: Any) -> bool:
    # PyTorch's property raises for tensors on the host, and for those that require a gradient.
    try:
        return array.__cuda_array_interface__ is not None
    except AttributeError:
        return False
    except RuntimeError:
        return True


def _kind_of(array: Any) -> str:
    return f"{type(array).__module__}.{type(array).__qualname__}"


def library(array: Any) -> str:
    """Return the name of the library of an array, or of what it is derived from."""
    for name, kind in _LIBRARIES.items():
        module = sys.modules.get(name)
        if module is not None and isinstance(array, getattr(module, kind, ())):
            return name
    return type(array).__module__.partition(".")[0]


def together(name: str, /, **arrays: Any) -> None:
    """Raise a TypeError if arrays cannot be used together, or not without a CUDA backend."""
    for array in arrays.values():
        if on_device(array):
            _gpu(name, array)
            message = misplaced(name, **arrays)
            if message:
                raise TypeError(message)
            return


def misplaced(name: str, /, **arrays: Any) -> str:
    """Say which arguments live where, and what to do, if not all are on one device in one library.

    Numbers may be anywhere. Without an array on a GPU there is nothing to say.
    """
    first = next((key for key, a in arrays.items() if on_device(a)), "")
    given = {key: a for key, a in arrays.items() if not _is_number(a)} if first else {}
    for key, a in given.items():
        if _home(a) != _home(given[first]):
            places = [f"{k} is a {_kind_of(given[k])} on {place(given[k])}" for k in (first, key)]
            return f"{name}: {', '.join(places)}; pass both in one library on one device"
        if getattr(a, "requires_grad", False):
            return (
                f"{name}: {key} requires a gradient, which nonlin does not record; pass "
                f"{key}.detach(), and see the function's backward"
            )
    return ""


def _home(array: Any) -> tuple[str, str]:
    return place(array), library(array) if on_device(array) else ""


def _is_number(value: Any) -> bool:
    if value is None or isinstance(value, np.generic | float | int):
        return True
    return isinstance(value, np.ndarray) and value.ndim == 0


def namespace(*arrays: Any) -> Any:
    """Return the functions for these arrays: NumPy, or those of the library of one on a GPU.

    Raises
    ------
    ImportError
        If array-api-compat is needed, for arrays of CuPy and PyTorch, and missing.
    """
    for array in arrays:
        if on_device(array):
            kind = type(array)
            if kind not in _namespaces:
                _namespaces[kind] = Namespace(_standard(array))
            return _namespaces[kind]
    return np


def _standard(array: Any) -> Any:
    if library(array) not in _LIBRARIES and hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    try:
        import array_api_compat  # noqa: PLC0415
    except ImportError:
        message = (
            f"the {_kind_of(array)} lives on a GPU; for more than the elementwise functions its "
            "library is used through array-api-compat: pip install nonlin[gpu]"
        )
        raise ImportError(message) from None
    return array_api_compat.array_namespace(array)


def to_host(array: Any) -> Any:
    """Return the NumPy array of the same numbers; bfloat16, which NumPy lacks, becomes float32."""
    if not on_device(array):
        return np.asarray(array)
    if dtype_name(array) == "bfloat16":
        array = cast(array, "float32")
    if hasattr(array, "get"):  # CuPy
        return array.get()
    if hasattr(array, "cpu"):  # PyTorch
        return array.detach().cpu().numpy()
    return np.array(np.from_dlpack(array, device="cpu", copy=True))  # that one is read-only


def beside(values: Any, like: Any, dtype: Any = None) -> Any:
    """Return an array that lives where `like` does: `values`, or a copy."""
    if not on_device(like):
        return np.asarray(to_host(values), dtype)
    if _home(values) != _home(like):
        values = namespace(like).asarray(to_host(values), device=like.device, copy=True)
    return values if dtype is None else cast(values, dtype)


def dtype_name(array: Any) -> str:
    """Return the name of an array's dtype, such as "float32", in any library."""
    return name_of(array.dtype)


def name_of(dtype: Any) -> str:
    """Return the name of a dtype of any library."""
    return getattr(dtype, "name", None) or str(dtype).rpartition(".")[2]


def kind(array: Any) -> str:
    """Return the letter that NumPy has for the kind of an array's dtype."""
    if isinstance(array, _NUMPY):
        dtype = array.dtype
        return dtype.kind if not is_foreign(dtype) else "f" if is_floating(dtype) else "?"
    return _KINDS.get(dtype_name(array).rstrip("0123456789"), "?")


def cast(array: Any, dtype: Any) -> Any:
    """Convert an array to a dtype, if it has another one."""
    if isinstance(array, _NUMPY):
        return rounded(array, np.dtype(dtype))
    return namespace(array).astype(array, dtype, copy=False)


def call(method: str, array: Any, *arguments: Any) -> Any:
    """Call a method of a NumPy array, or the function of this name in the array's own library."""
    if isinstance(array, _NUMPY):
        return getattr(array, method)(*arguments)
    return getattr(namespace(array), method)(array, *arguments)


def common_dtype(name: str, *arrays: Any) -> Any:
    """Return the dtype of a result, as `numpy.exp` has it for the arrays' common dtype.

    Raises
    ------
    TypeError
        If one is none of real numbers, with the name of the function.
    """
    xp = namespace(*arrays)
    found = _promoted(*[a.dtype if xp is np else dtype_name(a) for a in arrays])
    if found:
        return found if xp is np else xp.dtype(found.name if isinstance(found, np.dtype) else found)
    wrong = next(a for a in arrays if not _promoted(a.dtype if xp is np else dtype_name(a)))
    conversion = "to(torch.float64)" if library(wrong) == "torch" else "astype(np.float64)"
    message = (
        f"{name}: dtype {dtype_name(wrong)} is not supported; convert the array with .{conversion}"
    )
    raise TypeError(message)


@functools.lru_cache(maxsize=256)
def _promoted(*dtypes: Any) -> Any:
    """Return the common floating-point dtype of dtypes or of names; None if one is not of reals."""
    if set(dtypes) == {"bfloat16"}:
        return "bfloat16"
    # A dtype of NumPy's equals its name.
    names = ("float32" if isinstance(d, str) and d == "bfloat16" else d for d in dtypes)
    given = [np.dtype(d) for d in names]
    return common(given) if all(map(is_supported, given)) else None


def is_contiguous(array: Any) -> bool:
    """Tell whether an array lies in memory in C order, without gaps."""
    if hasattr(array, "is_contiguous"):  # PyTorch
        return bool(array.is_contiguous())
    if hasattr(array, "flags"):
        return bool(array.flags.c_contiguous)
    interface = getattr(array, "__cuda_array_interface__", {"strides": ()})
    return interface.get("strides") is None


def is_writeable(array: Any) -> bool:
    """Tell whether an array can be written into."""
    if isinstance(array, np.ndarray):
        return bool(array.flags.writeable)
    if library(array) == "torch":  # which raises where others have no such attribute
        return True
    interface = getattr(array, "__cuda_array_interface__", None)
    return interface is None or not interface["data"][1]


def guarded(array: Any) -> Any:
    """Return an array for others to read, who cannot change this one."""
    if on_device(array):
        return namespace(array).array(array)
    view = array.view()
    view.flags.writeable = False
    return view


def is_finite(array: Any) -> bool:
    """Tell whether an array holds neither NaN nor infinite numbers."""
    if isinstance(array, np.ndarray):
        return kind(array) != "f" or bool(np.isfinite(array).all())
    xp = namespace(array)
    return kind(array) != "f" or bool(xp.all(xp.isfinite(array)))
