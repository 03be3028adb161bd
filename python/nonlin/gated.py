"""Gated units: one half of an array, activated, times the other half."""

from __future__ import annotations

import inspect
from typing import Any, Literal, Protocol

import numpy as np

from . import _backend, _rows
from ._template import dress

__all__ = ["bilinear", "geglu", "glu", "reglu", "swiglu"]

Gate = Literal["first", "second"]

# From here on a call that can use threads is worth its overhead.
_LARGE = 1 << 16


class _GatedUnit(Protocol):
    """A gated unit that carries its backward pass."""

    name: str
    backward: Any

    def __call__(
        self,
        x: Any,
        gate_input: Any = None,
        axis: int = -1,
        *,
        gate: Gate = ...,
        out: Any = None,
    ) -> Any: ...


_DOC = """{summary}

Parameters
----------
x : array_like
    The array whose halves along `axis` are the inputs, or the first input. float16, float32 and
    float64 are kept; integers and booleans become floating point as in `numpy.exp`.
gate_input : array_like, optional
    The second input, of the shape of `x`. None: `x` is split, into views.
axis : int, default -1
    The axis along which `x` is split; its length is even.
gate : {{"first", "second"}}, default "{default}"
    Which input is activated{remark}.
out : ndarray, optional
    Array of the result's shape to write to.

Returns
-------
ndarray or scalar
    Of the shape of one input.

Raises
------
TypeError
    If a dtype is not supported, or an array lives on a GPU.
ValueError
    If the axis does not exist or its length is odd, shapes do not fit, or `gate` is unknown.

Notes
-----
| y = {forward}, a being the activated input and b the other one.

One pass. The product is taken before anything is rounded to float32, so that a factor too small for
float32 counts: {tail}.

References
----------
{source}

Examples
--------
>>> import nonlin as nl
>>> nl.{name}([[1.0, -2.0, 3.0, 0.5]]).round(4).tolist()
{example}
"""
_BACKWARD_DOC = """Gradient of {name}, in one pass, computed from its inputs.

Parameters
----------
grad_output : array_like
    Gradient with respect to the output; broadcasts to its shape.
x, gate_input, axis, gate
    As for ``{name}``.
out : ndarray or pair of ndarrays, optional
    What to write to: an array of the shape of `x` or, with `gate_input`, two of them.

Returns
-------
ndarray, or tuple of two
    The gradient of `x`, both halves in one array; with `gate_input`, the gradients of both.

Raises
------
TypeError, ValueError
    As for ``{name}``, and if `grad_output` or `out` does not fit.

Notes
-----
| grad_a = grad_output * b * {slope}
| grad_b = grad_output * {activated}
"""
_SHAZEER = "N. Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202."


def _unit(
    name: str,
    default: Gate,
    *,
    summary: str,
    activated: str,
    slope: str,
    source: str,
    remark: str = "",
) -> _GatedUnit:
    def function(
        x: Any, gate_input: Any = None, axis: int = -1, *, gate: Gate = default, out: Any = None
    ) -> Any:
        _check(name, gate)
        kernel = _backend.gated(name, backward=False)
        _backend.route(kernel, x, gate_input)
        first, second = _inputs(name, np.asarray(x), gate_input, axis)
        dtype = _rows.dtype_of(name, [first, second])
        operands = [np.asarray(a, dtype) for a in _activated_first(gate, first, second)]
        if out is not None:
            _fit(name, "out", out, first.shape)
        return _large(name, kernel, operands)(*operands, out=out)

    def backward(
        grad_output: Any,
        x: Any,
        gate_input: Any = None,
        axis: int = -1,
        *,
        gate: Gate = default,
        out: Any = None,
    ) -> Any:
        full = f"{name}.backward"
        _check(full, gate)
        kernel = _backend.gated(name, backward=True)
        _backend.route(kernel, grad_output, x, gate_input)
        x = np.asarray(x)
        first, second = _inputs(full, x, gate_input, axis)
        grad_output = _rows.beside(grad_output, first, second)
        dtype = _rows.dtype_of(full, [grad_output, first, second])
        arrays = grad_output, *_activated_first(gate, first, second)
        operands = [np.asarray(a, dtype) for a in arrays]
        operands[0] = _rows.fitted(full, "grad_output", operands[0], first.shape)
        if gate_input is None:
            result = np.empty_like(x, dtype, subok=False) if out is None else out
            _fit(full, "out", result, x.shape)
            targets = _halves(full, result, axis)
        else:
            targets = _targets(full, first, dtype, out)
            result = targets
        _large(name, kernel, operands)(*operands, out=_activated_first(gate, *targets))
        return result

    example = {
        "glu": [[0.9526, -1.2449]],
        "bilinear": [[3.0, -1.0]],
        "reglu": [[3.0, 0.0]],
        "geglu": [[2.524, -0.0228]],
        "swiglu": [[2.1932, -0.1192]],
    }[name]
    function.__doc__ = _DOC.format(
        name=name,
        summary=summary,
        default=default,
        remark=remark,
        forward=f"{activated} * b",
        tail="swiglu(-110, 1e30) in float32 is -1.858e-16, not 0"
        if name == "swiglu"
        else "the result is off by little more than its own rounding",
        source=source,
        example=example,
    )
    backward.__doc__ = _BACKWARD_DOC.format(name=name, slope=slope, activated=activated)
    for member, full in ((function, name), (backward, f"{name}.backward")):
        dress(member, full, inspect.signature(member))
    unit: Any = function
    unit.name = name
    unit.backward = backward
    made: _GatedUnit = unit
    return made


def _check(name: str, gate: Any) -> None:
    if not (isinstance(gate, str) and gate in {"first", "second"}):
        message = f'{name}: gate={gate!r} is not allowed; pass "first" or "second"'
        raise ValueError(message)


def _inputs(name: str, x: Any, gate_input: Any, axis: Any) -> tuple[Any, Any]:
    if gate_input is None:
        return _halves(name, x, axis)
    second = np.asarray(gate_input)
    if second.shape != x.shape:
        message = (
            f"{name}: gate_input has shape {second.shape} and x {x.shape}; "
            "pass two arrays of one shape, or one array to split"
        )
        raise ValueError(message)
    return x, second


def _halves(name: str, x: Any, axis: Any) -> tuple[Any, Any]:
    rows = _rows.Rows(name, x.shape, axis)
    if len(rows.axes) != 1:
        message = f"{name}: axis={axis} is not one axis of x, of shape {x.shape}; pass an int"
        raise ValueError(message)
    length = x.shape[rows.axis]
    if length % 2:
        message = f"{name}: x has {length} elements along axis={axis}; pass an even number of them"
        raise ValueError(message)
    before = (slice(None),) * rows.axis
    return x[(*before, slice(None, length // 2))], x[(*before, slice(length // 2, None))]


def _activated_first(gate: Gate, first: Any, second: Any) -> tuple[Any, Any]:
    return (first, second) if gate == "first" else (second, first)


def _large(name: str, kernel: np.ufunc, operands: list[Any]) -> np.ufunc:
    """Return the kernel for the size of the call."""
    if operands[0].size < _LARGE:
        return kernel
    return _backend.gated(name, backward=len(operands) > 2, rows=True)  # noqa: PLR2004


def _targets(name: str, like: Any, dtype: Any, out: Any) -> tuple[Any, Any]:
    if out is None:
        out = (None, None)
    elif not isinstance(out, tuple) or len(out) != 2:  # noqa: PLR2004
        message = f"{name}: with gate_input, out must be a pair of arrays; either may be None"
        raise TypeError(message)
    given = [np.empty_like(like, dtype, subok=False) if o is None else o for o in out]
    for array in given:
        _fit(name, "out", array, like.shape)
    return given[0], given[1]


def _fit(name: str, argument: str, out: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(out, np.ndarray):
        message = f"{name}: {argument} is a {type(out).__name__}; pass an array"
        raise TypeError(message)
    if out.shape != shape:
        message = f"{name}: {argument} has shape {out.shape}; the result has {shape}"
        raise ValueError(message)


glu: _GatedUnit = _unit(
    "glu",
    "second",
    summary="Gated linear unit: one half times the sigmoid of the other.",
    activated="sigmoid(a)",
    slope="sigmoid(a) * sigmoid(-a)",
    source="Y. Dauphin, A. Fan, M. Auli, D. Grangier, ICML 2017, arXiv:1612.08083.",
    remark=", as in PyTorch, Keras and JAX",
)
bilinear: _GatedUnit = _unit(
    "bilinear",
    "second",
    summary="Product of both halves, a gated unit without activation.",
    activated="a",
    slope="1",
    source=f"A. Mnih, G. Hinton, ICML 2007; {_SHAZEER}",
    remark=", which makes no difference here",
)
reglu: _GatedUnit = _unit(
    "reglu",
    "first",
    summary="One half times relu of the other.",
    activated="relu(a)",
    slope="relu'(a)",
    source=_SHAZEER,
    remark=", as in that paper and its successors",
)
geglu: _GatedUnit = _unit(
    "geglu",
    "first",
    summary="One half times the exact gelu of the other.",
    activated="gelu(a)",
    slope="gelu'(a)",
    source=_SHAZEER,
    remark=", as in that paper; Hugging Face's diffusers activates the second half",
)
swiglu: _GatedUnit = _unit(
    "swiglu",
    "first",
    summary="One half times silu of the other.",
    activated="silu(a)",
    slope="silu'(a)",
    source=_SHAZEER,
    remark=", as in that paper and ONNX's SwiGLU",
)
