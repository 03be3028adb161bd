"""An activation together with the bias before it."""

from __future__ import annotations

import functools
import math
from typing import Any, Protocol

import numpy as np

from . import _backend, _rows, _special
from ._activations import table
from ._errors import check_out, out_pair
from ._parameters import Values, in_order
from ._public import publish
from .registry import get

__all__ = ["bias_activation"]

_FLOAT64 = np.dtype(np.float64)
_CATALOGUE = {a.name: a for a in _backend.catalogue()}


class _BiasActivation(Protocol):
    """The function, and its backward pass."""

    backward: Any

    def __call__(
        self,
        x: Any,
        bias: Any,
        activation: Any,
        *,
        axis: int = -1,
        out: Any = None,
        **parameters: Any,
    ) -> Any: ...


def _bias_activation(
    x: Any, bias: Any, activation: Any, *, axis: int = -1, out: Any = None, **parameters: Any
) -> Any:
    """Activation of x + bias, in one pass.

    Parameters
    ----------
    x : array_like
        Input of at least one axis.
        {kept}
    bias : array_like
        One number for each place along `axis`, or a single number.
    activation : str or callable
        The name of an elementwise function, or the function, as for `nonlin.get`.
    axis : int, default -1
        The axis of `x` that `bias` belongs to: the last one for dense layers, 1 for images with
        their channels first.
    out : ndarray, optional
        Array of the shape of `x` to write to.
    **parameters
        Those of the activation, such as ``negative_slope=0.2``.

    Returns
    -------
    ndarray
        f(x + bias), of the shape of `x`.

    Raises
    ------
    TypeError
        If a dtype is not supported, the activation does not take a parameter, or arrays live in
        several places.
    ValueError
        If there is no such activation or axis, shapes do not fit, or a parameter is outside its
        domain.

    Notes
    -----
    The sum is rounded to the dtype of the result, which so has the bits of ``f(x + bias)``. It is
    made block by block: only an activation of the user's own gets it as a whole.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.bias_activation([[1.0, -2.0], [0.5, 3.0]], [0.5, -0.5], "relu").tolist()
    [[1.5, 0.0], [1.0, 2.5]]
    """
    name = "bias_activation"
    function = elementwise(name, activation)
    if not parameters and _ready(function, x, bias, axis, x if out is None else out):
        kernel, defaults = _kernel(function.name, "biased", len(bias))
        return kernel(x, bias, *defaults, out=out)
    _backend.together(name, x=x, bias=bias, out=out)
    x, bias, place = _operands(name, x, bias, axis)
    dtype = _rows.dtype_of(name, [x, bias])
    x, bias = _spread(dtype, x.shape, x, bias)
    if not is_built_in(function):
        return function(x + bias, **parameters, **({} if out is None else {"out": out}))
    built_in, values = _parameters(name, function.name, x, parameters)
    result = _rows.target(name, "out", out, x)
    run = _backend.route(_backend.kernel(built_in, "biased"), x=x)
    return run(x, bias, *values, axis=place, out=result)


def _bias_activation_backward(
    grad_output: Any,
    x: Any,
    bias: Any,
    activation: Any,
    *,
    axis: int = -1,
    out: Any = None,
    **parameters: Any,
) -> tuple[Any, Any]:
    """Gradients of bias_activation with respect to x and bias, computed from its inputs.

    Parameters
    ----------
    grad_output : array_like
        Gradient with respect to the output; broadcasts to its shape.
    x, bias, activation, axis, **parameters
        As for `bias_activation`.
    out : tuple of two ndarrays, optional
        Arrays of the shapes of `x` and `bias` to write to; either may be None.

    Returns
    -------
    grad_x : ndarray
        grad_output * f'(x + bias), of the shape of `x`.
    grad_bias : ndarray or scalar
        The sum of grad_x over all axes but `axis`, of the shape of `bias`.

    Raises
    ------
    TypeError, ValueError
        As for `bias_activation`, and if `grad_output` or `out` does not fit.

    Notes
    -----
    The sum is taken in float64, in an order that depends on the shape alone, and rounded once.
    """
    name = "bias_activation.backward"
    function = elementwise(name, activation, "backward")
    if not parameters and out is None and _ready(function, x, bias, axis, grad_output):
        kernel, defaults = _kernel(function.name, "biased_backward", len(bias))
        grad_x = kernel(grad_output, x, bias, *defaults)
        return grad_x, sum_to_bias(grad_x)
    out_x, out_bias = out_pair(name, out, "grad_x, grad_bias")
    named = {"grad_output": grad_output, "x": x, "bias": bias}
    _backend.together(name, **named, **{"out[0]": out_x, "out[1]": out_bias})
    shape_of_bias = np.shape(bias)
    x, bias, place = _operands(name, x, bias, axis)
    grad_output = _rows.beside(name, grad_output, x, bias)
    dtype = _rows.dtype_of(name, [grad_output, x, bias])
    check_out(name, "out[1]", out_bias, shape_of_bias)
    _rows.fitted(name, "grad_output", grad_output, x.shape)
    grad_output, x, bias = _spread(dtype, x.shape, grad_output, x, bias)
    check_out(name, "out[0]", out_x, tuple(x.shape))
    # The bias's gradient is the sum of what is computed, not of what another dtype can hold.
    direct = out_x is not None and out_x.dtype == dtype
    xp = _backend.namespace(x)
    grad_x = out_x if direct else xp.empty_like(x, dtype=dtype)
    if is_built_in(function):
        built_in, values = _parameters(name, function.name, x, parameters)
        run = _backend.route(_backend.kernel(built_in, "biased", "backward"), x=x)
        run(grad_output, x, bias, *values, axis=place, out=grad_x)
    else:
        xp.copyto(grad_x, function.backward(grad_output, x + bias, **parameters))
    total = _sum_around(grad_x, place if shape_of_bias else None)
    total = _backend.call("reshape", total, shape_of_bias)
    grad_bias = _rows.delivered(total, dtype, out_bias)
    if out_x is not None and not direct:
        grad_x = _rows.delivered(grad_x, dtype, out_x)
    return grad_x, grad_bias


def _sum_around(array: Any, place: int | None) -> Any:
    """Sum over all axes but one, or over all, in float64."""
    shape = array.shape
    before, kept, after = (
        (shape, (1,), ())
        if place is None
        else (shape[:place], shape[place:][:1], shape[place + 1 :])
    )
    cube = _backend.call("reshape", array, (math.prod(before), *kept, math.prod(after)))
    return _backend.route(_backend.kernel("sum_around"), x=cube)(cube)


def sum_to_bias(grad_output: Any) -> Any:
    """Return the gradient of a bias that was added along the last axis."""
    return _rows.delivered(_sum_around(grad_output, grad_output.ndim - 1), grad_output.dtype)


def elementwise(name: str, activation: Any, needed: str = "__call__") -> Any:
    """Find the activation; refuse functions of rows, and those without what is `needed`."""
    try:
        function = get(activation)
    except ValueError as error:
        raise ValueError(str(error).replace("get:", f"{name}:", 1)) from None
    ours = getattr(function, "__module__", "") == "nonlin"
    if hasattr(function, needed) and (not ours or is_built_in(function)):
        return function
    shown = getattr(function, "__name__", type(function).__name__)
    message = (
        f"{name}: {shown} is no elementwise activation with a backward pass; pass a name of "
        "nl.activations(), or what nl.register returns"
    )
    raise TypeError(message)


def is_built_in(function: Any) -> bool:
    """Tell whether a function is one of the table of activations."""
    return table.get(getattr(function, "name", "")) is function


def keywords(function: Any) -> tuple[str, ...]:
    """Return the names of the parameters of an elementwise function."""
    if is_built_in(function) and _special.approximates(function.name):
        return ("approximate",)
    return tuple(getattr(function, "parameters", ()))


def _operands(name: str, x: Any, bias: Any, axis: Any) -> tuple[Any, Any, int]:
    """Return the arrays, the bias in a shape that broadcasts with x, and the axis."""
    x = _rows.plain(name, x)
    bias = _rows.beside(name, bias, x)
    place = _rows.one_axis(name, "x", x.shape, axis)
    if bias.ndim > 0:
        if bias.shape != (x.shape[place],):
            message = (
                f"{name}: bias has shape {tuple(bias.shape)}; axis={axis} of x, of shape "
                f"{tuple(x.shape)}, "
                f"wants ({x.shape[place]},) or a single number"
            )
            raise ValueError(message)
        behind = (1,) * (x.ndim - 1 - place)
        bias = _backend.call("reshape", bias, (-1, *behind))
    return x, bias, place


def _spread(dtype: Any, shape: tuple[int, ...], *arrays: Any) -> list[Any]:
    """Convert the arrays, and then broadcast them."""
    xp = _backend.namespace(*arrays)
    return [xp.broadcast_to(_backend.cast(a, dtype), shape) for a in arrays]


def _ready(function: Any, x: Any, bias: Any, axis: Any, like: Any) -> bool:
    """Whether a kernel takes these arguments as they are: the common case, without detours."""
    return (
        is_built_in(function)
        and type(x) is np.ndarray is type(bias) is type(like)
        and x.dtype in _rows.WORKED
        and x.dtype == bias.dtype == like.dtype
        and x.shape == like.shape
        and x.ndim > 0
        and bias.shape == x.shape[-1:]
        and type(axis) is int
        and axis in {-1, x.ndim - 1}
    )


@functools.lru_cache(maxsize=256)
def _kernel(activation: str, words: str, length: int) -> tuple[np.ufunc, list[Any]]:
    """Return a kernel, and the default parameters for an axis of this length."""
    return _backend.kernel(activation, words), _parameters("", activation, np.empty(length), {})[1]


@functools.cache
def _accepted(name: str, activation: str) -> tuple[Values, ...]:
    return tuple(Values(name, p) for p in _CATALOGUE[activation].parameters)


def _parameters(name: str, activation: str, x: Any, given: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the activation, as `approximate` may choose it, and its parameters as arrays for x."""
    if _special.approximates(activation) and "approximate" in given:
        activation = _special.chosen(name, given.pop("approximate"))
    accepted = _accepted(name, activation)
    unknown = given.keys() - {v.parameter.name for v in accepted}
    if unknown:
        takes = ", ".join(v.parameter.name for v in accepted) or "no parameter"
        message = f"{name}: {activation} does not take {min(unknown)!r}; it takes {takes}"
        raise TypeError(message)
    numbers = [v.accept(given.get(v.parameter.name, v.parameter.default)) for v in accepted]
    if _CATALOGUE[activation].ordered:
        names = accepted[0].parameter.name, accepted[1].parameter.name
        in_order(name, names, numbers[0], numbers[1])
    taken = [v.parameter.name for v in accepted]
    _backend.together(name, x=x, **dict(zip(taken, numbers, strict=True)))
    arrays = [_backend.cast(_rows.plain(name, number), _FLOAT64) for number in numbers]
    return activation, [
        _rows.fitted(name, parameter, array, x.shape, x)
        for parameter, array in zip(taken, arrays, strict=True)
    ]


bias_activation: _BiasActivation = publish(
    "bias_activation", _bias_activation, {"backward": _bias_activation_backward}
)
