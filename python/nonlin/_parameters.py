"""Scalar parameters: their domains, and the form in which a ufunc takes them fastest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._dtypes import is_bfloat16, is_number

if TYPE_CHECKING:
    from ._core import Parameter

# More distinct values than any network has; beyond it a call only loses the shortcut.
_CACHED = 128
_SCALARS = (float, int, np.floating, np.integer, np.bool)
_COMMON = frozenset({float, int, np.float64, np.float32})


class Range(NamedTuple):
    """A parameter that belongs to no activation, and the numbers that it may be."""

    name: str
    low: float
    high: float
    low_included: bool = True
    high_included: bool = True


def interval(parameter: Parameter | Range) -> str:
    """Say in words which numbers a parameter may be."""
    if math.isinf(parameter.low) and math.isinf(parameter.high):
        return "any number but NaN" if parameter.low_included else "any finite number"
    left = "[" if parameter.low_included else "("
    right = "]" if parameter.high_included else ")"
    return f"a number in {left}{parameter.low:g}, {parameter.high:g}{right}"


def checked(function: str, parameter: Parameter | Range, value: Any) -> float:
    """Return a scalar as a float; refuse what is no number, or outside the parameter's domain."""
    p = parameter
    shown = value
    try:
        number = float(value)
    except OverflowError:
        number, shown = math.nan, f"{str(value)[:8]}..."
    except (TypeError, ValueError):
        message = f"{function}: {p.name} is a {type(value).__name__}; pass {interval(p)}"
        raise TypeError(message) from None
    above = p.low <= number if p.low_included else p.low < number
    below = number <= p.high if p.high_included else number < p.high
    if not (above and below):
        message = f"{function}: {p.name}={shown} is not allowed; pass {interval(p)}"
        raise ValueError(message)
    return number


class Values(dict[float, "np.ndarray[Any, Any]"]):
    """Accepted values of one parameter of one function, as 0-d arrays.

    A ufunc takes a 0-d array about 0.2 µs faster than a Python float, and a value found here has
    been checked already.
    """

    def __init__(self, function: str, parameter: Parameter) -> None:
        super().__init__()
        self.function = function
        self.parameter = parameter

    def __missing__(self, value: float) -> np.ndarray[Any, Any]:
        number = checked(self.function, self.parameter, value)
        array = np.array(number)
        array.flags.writeable = False
        # Zeros are never kept: 0.0 and -0.0 are one key, but two parameters.
        if number != 0 and len(self) < _CACHED:
            self[number] = array
        return array

    def accept(self, value: Any) -> Any:
        """Check any scalar; return arrays, and what is no number, as they are."""
        # A number of another type is the same key as the float that it equals.
        if type(value) in _COMMON:
            return self[value]
        return self[float(value)] if _is_scalar(value) else value


def _is_scalar(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and is_number(value.dtype)
    return isinstance(value, _SCALARS) or (
        isinstance(value, np.generic) and is_bfloat16(value.dtype)
    )


def in_order(function: str, names: tuple[str, str], first: Any, second: Any) -> None:
    """Refuse a scalar interval whose ends are swapped."""
    floats = first.__class__ is float and second.__class__ is float
    if (floats or (_is_scalar(first) and _is_scalar(second))) and first > second:
        low, high = names
        message = f"{function}: {low}={first} exceeds {high}={second}; pass {low} <= {high}"
        raise ValueError(message)
