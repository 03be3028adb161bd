"""NumPy's words for the arrays of other libraries, made of those of the array API standard."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# Of these `dtype=` says in what is computed; of others, what the result becomes.
_COMPUTE_IN = frozenset({"add", "multiply", "square", "subtract"})


class Namespace:
    """A standard namespace in which functions also take NumPy's `out`, `where` and `dtype`.

    So code that is written for NumPy serves other libraries too. What the standard has by another
    name, or not at all, are the methods.
    """

    def __init__(self, standard: Any) -> None:
        self._standard = standard

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._standard, name)
        if not callable(found) or isinstance(found, type):
            return found

        def function(
            *operands: Any, out: Any = None, where: Any = True, dtype: Any = None, **options: Any
        ) -> Any:
            operands = tuple(map(_number, operands))
            if dtype is not None and name in _COMPUTE_IN:
                operands = tuple(self._cast(a, dtype) for a in operands)
            elif dtype is not None:
                options["dtype"] = self.dtype(dtype)
            result = found(*operands, **options)
            if out is None:
                return result
            self.copyto(out, result if where is True else self.where(where, result, out))
            return out

        setattr(self, name, function)
        return function

    def dtype(self, dtype: Any) -> Any:
        """Return the library's dtype for a name, or for what NumPy takes for a dtype."""
        name = np.dtype(dtype).name if isinstance(dtype, np.dtype | type) else dtype
        return getattr(self._standard, name) if isinstance(name, str) else dtype

    def astype(self, array: Any, dtype: Any, *, copy: bool = True) -> Any:
        """Convert an array."""
        return self._standard.astype(array, self.dtype(dtype), copy=copy)

    def _cast(self, operand: Any, dtype: Any) -> Any:
        return self.astype(operand, dtype, copy=False) if hasattr(operand, "shape") else operand

    def asarray(self, values: Any, **options: Any) -> Any:
        """Make an array."""
        return self._standard.asarray(values, **options)

    def array(self, array: Any, *, order: str = "C") -> Any:
        """Copy an array; the result is contiguous."""
        del order
        standard = self._standard
        flat = standard.asarray(standard.reshape(array, (-1,)), copy=True)
        return standard.reshape(flat, tuple(array.shape))

    def copyto(self, out: Any, values: Any, casting: str = "same_kind") -> None:
        """Write into an array."""
        del casting
        out[...] = values

    def sum(self, array: Any, axis: Any = None, dtype: Any = None, where: Any = True) -> Any:
        """Add up, in `dtype`, what `where` does not leave out."""
        standard = self._standard
        given = array if where is True else standard.where(where, array, 0)
        return standard.sum(given, axis=axis, dtype=None if dtype is None else self.dtype(dtype))

    def mean(self, array: Any, axis: Any, dtype: Any) -> Any:
        """Return means, taken in `dtype`."""
        total = self.sum(array, axis, dtype)
        return total / (math.prod(array.shape) / max(math.prod(total.shape), 1))


def _number(operand: Any) -> Any:
    """Make NumPy's numbers Python's, which go with the arrays of any library."""
    single = isinstance(operand, np.generic | np.ndarray) and operand.ndim == 0
    return operand.item() if single else operand
