"""The two activations that offer more than the table can say: gelu and prelu."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from . import _backend
from ._errors import check_out, out_pair
from ._rows import delivered
from ._template import choose

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


def chosen(function: str, approximate: Any) -> str:
    """Return the activation that a value of ``approximate`` stands for."""
    options = {"approximate": approximate}
    return choose(function, choices("gelu", "value") or {}, options).__name__


def with_slope_gradient(backward: Any) -> Any:
    """Make prelu's backward, which also returns the gradient of the learned slope."""
    name = "prelu.backward"
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
        shape = tuple(np.shape(negative_slope))
        out_x, out_slope = out_pair(name, out, "grad_x, grad_slope")
        if out_slope is not None:
            slope = {"negative_slope": negative_slope, "out[1]": out_slope}
            _backend.together(name, grad_output=grad_output, x=x, **slope)
        check_out(name, "out[1]", out_slope, shape)
        if out_x is not None:
            # Both are read again after out_x has been written.
            grad_output, x = _apart(grad_output, out_x), _apart(x, out_x)
        grad_x = backward(grad_output, x, negative_slope, out=out_x, where=where, **options)
        total = _slope_gradient(grad_output, x, shape, where)
        floating = hasattr(negative_slope, "dtype") and _backend.kind(negative_slope) == "f"
        dtype: Any = (negative_slope if floating else grad_x).dtype
        with np.errstate(all="ignore"):  # as the kernels, this raises no flag
            return grad_x, delivered(total, dtype, out_slope)

    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


def _apart(array: Any, out: Any) -> Any:
    if isinstance(array, np.ndarray):
        return array.copy() if np.may_share_memory(array, out) else array
    # Of memory on a GPU nothing is known.
    return _backend.namespace(array).array(array) if _backend.on_device(array) else array


_BLOCK = 1 << 15  # numbers, of which the products are made at a time


def _slope_gradient(grad_output: Any, x: Any, shape: tuple[int, ...], where: Any) -> Any:
    """Sum grad_output * min(x, 0), the derivative by the slope, over the slope's broadcast axes."""
    if _backend.on_device(x) or _backend.on_device(grad_output):
        return _slope_gradient_at_once(grad_output, x, shape, where)
    x, grad_output = np.asarray(x), np.asarray(grad_output)
    shared = len(shape) < x.ndim or (len(shape) == x.ndim and shape[:1] == (1,))
    if shared and where is True and x.ndim > 1 and x.size > _BLOCK and x.shape == grad_output.shape:
        # Part by part along the first axis, so that no temporary is as large as x.
        rows = max(1, _BLOCK * len(x) // x.size)
        parts = (slice(i, i + rows) for i in range(0, len(x), rows))
        sums = [_slope_gradient_at_once(grad_output[p], x[p], shape, True) for p in parts]
        with np.errstate(all="ignore"):
            return np.add.reduce(sums)
    return _slope_gradient_at_once(grad_output, x, shape, where)


def _slope_gradient_at_once(grad_output: Any, x: Any, shape: tuple[int, ...], where: Any) -> Any:
    # float64: there a product of float32 numbers is exact, and overflows no sooner than their sum.
    xp = _backend.namespace(x, grad_output)
    with np.errstate(all="ignore"):  # as the kernels, this raises no flag
        products = xp.multiply(grad_output, xp.minimum(x, 0), dtype=xp.float64)
        total = _summed(xp, products, shape, where)
        if not _backend.is_finite(total):
            # Nothing comes from x >= 0, whatever the gradient there: not even 0 * inf.
            products = xp.where(xp.greater_equal(x, 0), 0.0, products)
            total = _summed(xp, products, shape, where)
    return total


def _summed(xp: Any, products: Any, shape: tuple[int, ...], where: Any) -> Any:
    """Sum over the axes along which an array of `shape` was broadcast."""
    add_up = np.add.reduce if xp is np else xp.sum
    if not shape:
        return add_up(products, axis=None, where=where)
    full = np.broadcast_shapes(tuple(products.shape), shape)
    added = len(full) - len(shape)
    axes = tuple(i for i, n in enumerate(full) if i < added or shape[i - added] != n)
    total = add_up(xp.broadcast_to(products, full), axis=axes, where=where)
    return _backend.call("reshape", total, shape)
