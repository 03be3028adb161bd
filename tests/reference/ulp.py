"""The error measure: units in the last place of a dtype, at the exact result.

A result that lies in another category than it should (a zero of the wrong sign, a number where the
exact result is zero, NaN or far beyond the largest number) has the error infinity.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from mpmath import mp

if TYPE_CHECKING:
    from reference.precision import Number

FORMATS = {  # significant bits, exponent of the smallest subnormal, exponent beyond the largest
    "float16": (11, -24, 16),
    "bfloat16": (8, -133, 128),
    "float32": (24, -149, 128),
    "float64": (53, -1074, 1024),
}


def finfo(dtype: Any) -> Any:
    """As `numpy.finfo`, for bfloat16 too."""
    if np.dtype(dtype).kind == "f":
        return np.finfo(dtype)
    import ml_dtypes  # noqa: PLC0415  # who has the dtype has the package

    return ml_dtypes.finfo(dtype)


def spacing_exponent(exact: Number, dtype: Any) -> int:
    """Exponent of two of the distance between neighbours at ``exact``."""
    bits, smallest, _ = FORMATS[np.dtype(dtype).name]
    return smallest if exact == 0 else max(smallest, int(mp.mag(exact)) - bits)


def smallest(dtype: Any) -> Number:
    """The smallest subnormal number."""
    return mp.ldexp(1, FORMATS[np.dtype(dtype).name][1])


def nearest(exact: Number, dtype: Any) -> float:
    """``exact`` correctly rounded to ``dtype`` (ties to even), as a Python float."""
    if mp.isnan(exact):
        return math.nan
    beyond = FORMATS[np.dtype(dtype).name][2]
    sign = -1.0 if exact < 0 else 1.0
    if mp.isinf(exact) or mp.mag(exact) > beyond:
        return math.copysign(math.inf, sign)
    exponent = spacing_exponent(exact, dtype)
    units = int(mp.nint(mp.ldexp(exact, -exponent)))
    if abs(units).bit_length() + exponent > beyond:
        return math.copysign(math.inf, sign)
    return math.copysign(math.ldexp(units, exponent), sign)


def error(got: float, exact: Number, dtype: Any, zero_sign: int = 0) -> float:
    """Distance between ``got`` and ``exact`` in units in the last place.

    ``zero_sign`` is the sign that a result must have whose exact value is zero; 0 leaves it free.
    """
    got = float(got)
    if mp.isnan(exact):
        return 0.0 if math.isnan(got) else math.inf
    if math.isnan(got):
        return math.inf
    if exact == 0:
        wrong_sign = zero_sign != 0 and math.copysign(1.0, got) != zero_sign
        return math.inf if got != 0 or wrong_sign else 0.0
    if got == 0 and math.copysign(1.0, got) != (1 if exact > 0 else -1):
        return math.inf
    beyond = FORMATS[np.dtype(dtype).name][2]
    # The first number that does not fit stands for infinity, so that an exact result between it and
    # the largest one may round to either.
    limit = mp.ldexp(1, beyond)
    if abs(exact) >= limit:
        return 0.0 if math.isinf(got) and (got > 0) == (exact > 0) else math.inf
    number = mp.sign(got) * limit if math.isinf(got) else mp.mpf(got)
    return float(mp.ldexp(abs(number - exact), -spacing_exponent(exact, dtype)))
