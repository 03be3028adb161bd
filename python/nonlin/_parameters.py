"""Scalar parameters: their domains, and the form in which a ufunc takes them fastest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    from ._core import Parameter

# More distinct values than any network has; beyond it a call only loses the shortcut.
_CACHED = 128
_SCALARS = (float, int, np.floating, np.integer, np.bool)
_COMMON = frozenset({float, int, np.float64, np.float32})


def interval(parameter: Parameter) -> str:
    """Say in words which numbers a parameter may be."""
    if math.isinf(parameter.low) and math.isinf(parameter.high):
        return "any number but NaN" if parameter.low_included else "any finite number"
    left = "[" if parameter.low_included else "("
    right = "]" if parameter.high_included else ")"
    return f"a number in {left}{parameter.low:g}, {parameter.high:g}{right}"


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
        try:
            number = float(value)
        except OverflowError:
            self._refuse(f"{str(value)[:8]}...")
        if not self._allows(number):
            self._refuse(value)
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

    def _allows(self, value: float) -> bool:
        p = self.parameter
        above = p.low <= value if p.low_included else p.low < value
        below = value <= p.high if p.high_included else value < p.high
        return above and below

    def _refuse(self, value: Any) -> NoReturn:
        name = self.parameter.name
        message = f"{self.function}: {name}={value} is not allowed; pass {interval(self.parameter)}"
        raise ValueError(message)


def _is_scalar(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "biuf"
    return isinstance(value, _SCALARS)


def in_order(function: str, names: tuple[str, str], first: Any, second: Any) -> None:
    """Refuse a scalar interval whose ends are swapped."""
    floats = first.__class__ is float and second.__class__ is float
    if (floats or (_is_scalar(first) and _is_scalar(second))) and first > second:
        low, high = names
        message = f"{function}: {low}={first} exceeds {high}={second}; pass {low} <= {high}"
        raise ValueError(message)
