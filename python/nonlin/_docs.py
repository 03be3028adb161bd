"""Docstrings, put together from what the table says about an activation."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ._parameters import interval
from ._public import WORDS
from ._special import approximates, gives_slope

if TYPE_CHECKING:
    from ._core import Activation

_TITLE = {
    "value": "{summary}",
    "derivative": "Derivative of {name}, computed from its input.",
    "backward": "Gradient of {name}: grad_output times its derivative at x, in one pass.",
    "value_and_derivative": "Value and derivative of {name}, in one pass.",
}
_GRAD_OUTPUT = """\
grad_output : array_like
    Gradient with respect to the result of ``{name}(x)``; broadcasts with `x`.
"""
_X = """\
x : array_like
    Input of any shape.
    {kept}
"""
_PARAMETER = """\
{p.name} : float or array_like, default {p.default}
    {allowed}. Arrays broadcast with `x`, and are not checked.
"""
_APPROXIMATE = """\
approximate : {"none", "tanh", "quick"}, default "none"
    Which gelu: the exact one, `gelu_tanh` or `gelu_quick`.
"""
_OPTIONS = """\
out, where, casting, order, dtype, subok
    As for every `numpy.ufunc`.{pair}
"""
_RETURNS = {
    "value": "ndarray or scalar\n    f(x)",
    "derivative": "ndarray or scalar\n    f'(x)",
    "backward": "ndarray or scalar\n    grad_output * f'(x)",
    "value_and_derivative": "tuple of two ndarrays or scalars\n    f(x) and f'(x)",
}
_PRELU = """\
grad_x : ndarray or scalar
    grad_output * f'(x)
grad_slope : ndarray or scalar
    The sum of grad_output * min(x, 0) over the axes along which the slope was broadcast; it has
    the shape of `negative_slope`"""
_RAISES = """\
TypeError
    If a dtype is complex, longdouble, object, text, date or another package's, or arrays live in
    several places.
ValueError
    If shapes do not broadcast, `out` is read-only{domain}.
"""
_NOTES = (
    "| f(x) = {a.value}",
    "| f'(x) = {a.derivative}",
    "| Range: {a.range}",
    "| Derivative at kinks: {a.kinks}",
)


def docstring(activation: Activation, direction: str, function: Any) -> str:
    """Write the NumPy-style docstring of one function."""
    sections = {
        "Parameters": _parameters(activation, direction),
        "Returns": _returns(activation, direction),
        "Raises": _RAISES.format(
            domain=", or a scalar parameter is outside its domain" if activation.parameters else ""
        ),
        "Notes": _notes(activation),
        "References": textwrap.fill(activation.source, 92) + "\n",
        "Examples": _example(activation, direction, function),
    }
    text = _TITLE[direction].format(summary=activation.summary, name=activation.name) + "\n"
    for title, body in sections.items():
        text += f"\n{title}\n{'-' * len(title)}\n{body}"
    return text


def _parameters(activation: Activation, direction: str) -> str:
    text = _GRAD_OUTPUT.format(name=activation.name) if direction == "backward" else ""
    text += _X.format(**WORDS)
    for parameter in activation.parameters:
        allowed = interval(parameter)
        text += _PARAMETER.format(p=parameter, allowed=allowed[0].upper() + allowed[1:])
    if approximates(activation.name):
        text += _APPROXIMATE
    two = direction == "value_and_derivative" or gives_slope(activation.name, direction)
    return text + _OPTIONS.format(pair=" `out` is a pair of arrays." if two else "")


def _returns(activation: Activation, direction: str) -> str:
    text = _PRELU if gives_slope(activation.name, direction) else _RETURNS[direction]
    dtype = "the common dtype of the arrays" if direction == "backward" else "the dtype of `x`"
    return f"{text}, in {dtype}.\n"


def _notes(activation: Activation) -> str:
    lines = (line.format(a=activation) for line in _NOTES)
    text = "".join(textwrap.fill(line, 92, subsequent_indent="      ") + "\n" for line in lines)
    if activation.aliases:
        text += f"\nOther names for `nonlin.get`: {', '.join(activation.aliases)}.\n"
    return text


def _example(activation: Activation, direction: str, function: Any) -> str:
    arguments = [[-2.0, 0.5, 3.0]]
    if direction == "backward":
        arguments.insert(0, [1.0, 1.0, 1.0])
    name = activation.name if direction == "value" else f"{activation.name}.{direction}"
    call = f"nl.{name}({', '.join(map(str, arguments))})"
    result = function(*arguments)
    if isinstance(result, tuple):
        shown = "\n".join(str(part.round(4).tolist()) for part in result)
        lines = f">>> for part in {call}:\n...     print(part.round(4).tolist())\n{shown}"
    else:
        lines = f">>> {call}.round(4).tolist()\n{result.round(4).tolist()}"
    return f">>> import nonlin as nl\n{lines}\n"
