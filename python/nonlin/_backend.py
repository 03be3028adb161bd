"""Where an array lives, and what computes there: the one file that knows."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np

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

version = _core.__version__
catalogue = _core.catalogue
isa = _core.isa
available_isas = _core.available_isas
set_isa = _core.set_isa
num_threads = _core.num_threads
set_num_threads = _core.set_num_threads

directions = ("value", "derivative", "backward", "value_and_derivative")

# Device types of DLPack: CUDA and CUDA managed memory.
_CUDA = (2, 13)
_HOST = (np.ndarray, np.generic, float, int, list, tuple)


def kernel(*words: str) -> np.ufunc:
    """Return the compiled ufunc whose name these words make."""
    found: np.ufunc = getattr(_core, "_".join(words))
    return found


def ufunc(name: str, direction: str) -> np.ufunc:
    """Return the compiled ufunc of an activation in one of the `directions`."""
    return kernel(name) if direction == "value" else kernel(name, direction)


def route(kernel: np.ufunc, *arrays: Any) -> np.ufunc:
    """Return what computes `kernel` where `arrays` live.

    NumPy converts or dispatches (``__array_ufunc__``) whatever is not on a GPU.
    """
    for array in arrays:
        if not isinstance(array, _HOST) and _on_cuda(array):
            kind = f"{type(array).__module__}.{type(array).__qualname__}"
            message = (
                f"{kernel.__name__}: the {kind} lives on a CUDA device, and this build of nonlin "
                "has no CUDA backend; copy it to the host first (.get() in CuPy, .cpu() in PyTorch)"
            )
            raise TypeError(message)
    return kernel


def _on_cuda(array: Any) -> bool:
    try:
        return array.__dlpack_device__()[0] in _CUDA
    except (AttributeError, BufferError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return hasattr(type(array), "__cuda_array_interface__") and _has_interface(array)


def _has_interface(array: Any) -> bool:
    # PyTorch's property raises for tensors on the host, and for those that require a gradient.
    try:
        return array.__cuda_array_interface__ is not None
    except AttributeError:
        return False
    except RuntimeError:
        return True
