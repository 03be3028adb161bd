"""Gated units: one half of an array, activated, times the other half."""

from __future__ import annotations

from typing import Any, Literal, Protocol, get_args

import numpy as np

from . import _backend, _rows
from ._errors import check_out, one_of, out_pair
from ._public import publish

__all__ = ["bilinear", "geglu", "glu", "reglu", "swiglu"]

Gate = Literal["first", "second"]
_GATES = get_args(Gate)

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


_SHAZEER = "N. Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202."


def _unit(
    name: str,
    default: Gate,
    *,
    precision: str = "the result is off by little more than its own rounding",
    **words: str,
) -> _GatedUnit:
    def function(
        x: Any, gate_input: Any = None, axis: int = -1, *, gate: Gate = default, out: Any = None
    ) -> Any:
        """{summary}.

        Parameters
        ----------
        x : array_like
            The array whose halves along `axis` are the inputs, or the first input.
            {kept}
        gate_input : array_like, optional
            The second input, of the shape of `x`. None: `x` is split, into views.
        axis : int, default -1
            The axis along which `x` is split; its length is even.
        gate : {{"first", "second"}}, default "{default}"
            Which input is activated{remark}.
        {out}

        Returns
        -------
        ndarray or scalar
            Of the shape of one input.

        Raises
        ------
        {unsupported}
        ValueError
            If the axis does not exist or its length is odd, shapes do not fit, or `gate` is
            unknown.

        Notes
        -----
        | y = {activated} * b, a being the activated input and b the other one.

        One pass. The product is taken before anything is rounded to float32, so that a factor too
        small for float32 counts: {precision}.

        References
        ----------
        {source}

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.{name}([[1.0, -2.0, 3.0, 0.5]]).round(4).tolist()
        {example}
        """
        one_of(name, "gate", gate, _GATES)
        run = _backend.route(_backend.kernel(name), x=x, gate_input=gate_input, out=out)
        first, second = _inputs(name, x, gate_input, axis)
        dtype = _rows.dtype_of(name, [first, second])
        operands = [_backend.cast(a, dtype) for a in _activated_first(gate, first, second)]
        check_out(name, "out", out, tuple(first.shape))
        return _large(run, operands)(*operands, out=out)

    def backward(
        grad_output: Any,
        x: Any,
        gate_input: Any = None,
        axis: int = -1,
        *,
        gate: Gate = default,
        out: Any = None,
    ) -> Any:
        """Gradient of {name}, in one pass, computed from its inputs.

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
        full = f"{name}.backward"
        one_of(full, "gate", gate, _GATES)
        named = {"grad_output": grad_output, "x": x, "gate_input": gate_input}
        outs = {f"out[{i}]": a for i, a in enumerate(out if isinstance(out, tuple) else (out,))}
        run = _backend.route(_backend.kernel(name, "backward"), **named, **outs)
        first, second = _inputs(full, x, gate_input, axis)
        grad_output = _rows.beside(full, grad_output, first, second)
        dtype = _rows.dtype_of(full, [grad_output, first, second])
        arrays = grad_output, *_activated_first(gate, first, second)
        operands = [_backend.cast(a, dtype) for a in arrays]
        operands[0] = _rows.fitted(full, "grad_output", operands[0], first.shape)
        if gate_input is None:
            result = _rows.target(full, "out", out, _rows.plain(full, x), dtype)
            targets = _halves(full, result, axis)
        else:
            halves = enumerate(out_pair(full, out, "grad_x, grad_gate_input"))
            targets = result = tuple(
                _rows.target(full, f"out[{i}]", half, first, dtype) for i, half in halves
            )
        _large(run, operands)(*operands, out=_activated_first(gate, *targets))
        return result

    unit: _GatedUnit = publish(
        name,
        function,
        {"backward": backward},
        default=default,
        precision=precision,
        example=function([[1.0, -2.0, 3.0, 0.5]]).round(4).tolist(),
        **words,
    )
    return unit


def _inputs(name: str, x: Any, gate_input: Any, axis: Any) -> tuple[Any, Any]:
    if gate_input is None:
        return _halves(name, _rows.plain(name, x), axis)
    x = _rows.plain(name, x)
    second = _rows.beside(name, gate_input, x)
    if x.ndim:
        _rows.one_axis(name, "x", x.shape, axis)
    if second.shape != x.shape:
        message = (
            f"{name}: gate_input has shape {tuple(second.shape)} and x {tuple(x.shape)}; "
            "pass two arrays of one shape, or one array to split"
        )
        raise ValueError(message)
    return x, second


def _halves(name: str, x: Any, axis: Any) -> tuple[Any, Any]:
    place = _rows.one_axis(name, "x", x.shape, axis)
    length = x.shape[place]
    if length % 2:
        message = f"{name}: x has {length} elements along axis={axis}; pass an even number of them"
        raise ValueError(message)
    before = (slice(None),) * place
    return x[(*before, slice(None, length // 2))], x[(*before, slice(length // 2, None))]


def _activated_first(gate: Gate, first: Any, second: Any) -> tuple[Any, Any]:
    return (first, second) if gate == "first" else (second, first)


def _large(run: Any, operands: list[Any]) -> Any:
    """Return NumPy's kernel for the size of the call."""
    if not isinstance(run, np.ufunc) or operands[0].size < _LARGE:
        return run
    return _backend.kernel(run.__name__, "rows")


glu: _GatedUnit = _unit(
    "glu",
    "second",
    summary="Gated linear unit: one half times the sigmoid of the other",
    activated="sigmoid(a)",
    slope="sigmoid(a) * sigmoid(-a)",
    source="Y. Dauphin, A. Fan, M. Auli, D. Grangier, ICML 2017, arXiv:1612.08083.",
    remark=", as in PyTorch, Keras and JAX",
)
bilinear: _GatedUnit = _unit(
    "bilinear",
    "second",
    summary="Product of both halves, a gated unit without activation",
    activated="a",
    slope="1",
    source=f"A. Mnih, G. Hinton, ICML 2007; {_SHAZEER}",
    remark=", which makes no difference here",
)
reglu: _GatedUnit = _unit(
    "reglu",
    "first",
    summary="One half times relu of the other",
    activated="relu(a)",
    slope="relu'(a)",
    source=_SHAZEER,
    remark=", as in that paper and its successors",
)
geglu: _GatedUnit = _unit(
    "geglu",
    "first",
    summary="One half times the exact gelu of the other",
    activated="gelu(a)",
    slope="gelu'(a)",
    source=_SHAZEER,
    remark=", as in that paper; Hugging Face's diffusers activates the second half",
)
swiglu: _GatedUnit = _unit(
    "swiglu",
    "first",
    summary="One half times silu of the other",
    activated="silu(a)",
    slope="silu'(a)",
    source=_SHAZEER,
    remark=", as in that paper and ONNX's SwiGLU",
    precision="swiglu(-110, 1e30) in float32 is -1.858e-16, not 0",
)
