"""The two activations that offer more than the table can say: gelu and prelu."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from . import _backend
from ._template import dress

# Values of gelu's keyword `approximate`, and the activations they stand for.
_APPROXIMATE = {"none": "gelu", "tanh": "gelu_tanh", "quick": "gelu_quick"}


def approximates(name: str) -> bool:
    """Tell whether an activation takes the keyword ``approximate``."""
    return name == "gelu"


def gives_slope(name: str, direction: str) -> bool:
    """Tell whether a function returns the gradient of its slope too."""
    return name == "prelu" and direction == "backward"


def choices(name: str, direction: str) -> dict[str, np.ufunc] | None:
    """Return what ``approximate`` selects from; None for activations that do not take it."""
    if not approximates(name):
        return None
    return {key: _backend.ufunc(value, direction) for key, value in _APPROXIMATE.items()}


def with_slope_gradient(backward: Any) -> Any:
    """Make prelu's backward, which also returns the gradient of the learned slope."""
    signature = inspect.signature(backward)
    slope_default = signature.parameters["negative_slope"].default

    def function(
        grad_output: Any,
        x: Any,
        negative_slope: Any = slope_default,
        *,
        out: Any = None,
        where: Any = True,
        **options: Any,
    ) -> tuple[Any, Any]:
        out_x, out_slope = (None, None) if out is None else out
        grad_x = backward(grad_output, x, negative_slope, out=out_x, where=where, **options)
        grad_slope = _slope_gradient(grad_output, x, negative_slope, where, grad_x)
        if out_slope is None:
            return grad_x, grad_slope
        np.copyto(out_slope, grad_slope)
        return grad_x, out_slope

    dress(function, "prelu.backward", signature)
    return function


def _slope_gradient(grad_output: Any, x: Any, slope: Any, where: Any, grad_x: Any) -> Any:
    """Sum grad_output * min(x, 0), the derivative by the slope, over the slope's broadcast axes."""
    # float32 at least: a float16 product overflows long before its sum must.
    wide = np.float64 if grad_x.dtype == np.float64 else np.float32
    with np.errstate(all="ignore"):  # as the kernels, this raises no flag
        products = np.multiply(grad_output, np.minimum(x, 0, dtype=wide), dtype=wide)
        total = _summed(products, np.shape(slope), where)
        if not np.isfinite(total).all():
            # Nothing comes from x >= 0, whatever the gradient there: not even 0 * inf.
            products = np.where(np.greater_equal(x, 0), np.zeros((), wide), products)
            total = _summed(products, np.shape(slope), where)
        kind = getattr(slope, "dtype", None)
        floating = isinstance(kind, np.dtype) and kind.kind == "f"
        return total.astype(kind if floating else grad_x.dtype)[()]


def _summed(products: Any, shape: tuple[int, ...], where: Any) -> Any:
    """Sum over the axes along which an array of `shape` was broadcast."""
    # Only on request: not every array library's sum takes where=.
    mask = {} if where is True else {"where": where}
    if not shape:
        return np.asanyarray(np.sum(products, dtype=np.float64, **mask))
    full = np.broadcast_shapes(products.shape, shape)
    added = len(full) - len(shape)
    axes = tuple(i for i, n in enumerate(full) if i < added or shape[i - added] != n)
    products = np.broadcast_to(products, full)
    return np.sum(products, axis=axes, dtype=np.float64, **mask).reshape(shape)
