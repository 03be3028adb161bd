"""The number types of arrays: which are supported, what several become, how one is rounded to.

bfloat16 is that of the package ml_dtypes. It is never imported: who has such an array has done so.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOREIGN = 256  # from here on NumPy numbers the types of other packages


def is_foreign(dtype: np.dtype[Any]) -> bool:
    """Tell whether a dtype comes from another package, whatever letters it has chosen."""
    return dtype.num >= _FOREIGN


def is_bfloat16(dtype: np.dtype[Any]) -> bool:
    """Tell whether a dtype is ml_dtypes' bfloat16."""
    package = sys.modules.get("ml_dtypes") if is_foreign(dtype) else None
    return package is not None and dtype.type is package.bfloat16


def is_floating(dtype: np.dtype[Any]) -> bool:
    """Tell whether a dtype is one of real floating-point numbers."""
    return is_bfloat16(dtype) if is_foreign(dtype) else dtype.kind == "f"


def is_number(dtype: np.dtype[Any]) -> bool:
    """Tell whether a dtype is one of real numbers."""
    return is_floating(dtype) or dtype.kind in "biu"


def is_supported(dtype: np.dtype[Any]) -> bool:
    """Tell whether functions take arrays of a dtype: there is nothing as wide as longdouble."""
    return is_number(dtype) and dtype.char != "g"


def common(dtypes: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    """Return what supported dtypes become together: at least a half, for integers as in NumPy.

    bfloat16 counts as float32 beside float16 and others with which it has no common dtype.
    """
    if not any(map(is_bfloat16, dtypes)):
        return np.result_type(np.float16, *dtypes)
    try:
        return np.result_type(*dtypes)
    except TypeError:
        return np.result_type(np.float32, *(d for d in dtypes if not is_bfloat16(d)))


def rounded(array: Any, dtype: np.dtype[Any]) -> Any:
    """Convert to `dtype`, rounding once, to the nearest; NumPy scalars stay scalars.

    From float64 the conversion of ml_dtypes would round to float32 in between.
    """
    if array.dtype == np.float64 and is_bfloat16(dtype):
        last_place = np.maximum(np.frexp(array)[1] - 8, -133)
        array = np.ldexp(np.rint(np.ldexp(array, -last_place)), last_place)
    return array.astype(dtype, copy=False)
