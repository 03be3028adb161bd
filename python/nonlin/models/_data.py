"""What `fit`, `evaluate` and `predict` take: arrays, or an iterable of batches."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .._backend import beside
from .._errors import integer
from .._parameters import Range, checked
from .._rows import plain
from ..layers.base import is_array, several

if TYPE_CHECKING:
    from .model import Model

# The arrays of the inputs, and those of the targets if there are any.
Batch = tuple[list[Any], list[Any] | None]

_SHARE = Range("validation_split", 0, 1, low_included=False, high_included=False)


def listed(function: str, what: str, value: Any, names: list[str]) -> list[Any]:
    """Return arrays in the order of the model's inputs, or outputs, which have these names."""
    if isinstance(value, Mapping):
        if set(value) != set(names):
            message = f"{function}: {what} are for {sorted(value)}; the model has {names}"
            raise ValueError(message)
        value = [value[name] for name in names]
    elif len(names) == 1 and not (several(value) and len(value) == 1):
        value = [value]
    if not isinstance(value, list | tuple) or len(value) != len(names):
        got = f"{len(value)}" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
        message = f"{function}: {what} must be {len(names)} arrays, for {names}; got {got}"
        raise ValueError(message)
    return [plain(f"{function}: {what}", a) for a in value]


def inputs(function: str, model: Model, x: Any) -> list[Any]:
    """Return the arrays of the inputs. A list of one sample is a batch, as one of several is."""
    names = model.input_names
    if len(names) == 1 and several(x) and len(x) == 1 and np.ndim(x[0]) == model.sample_ndim:
        x = plain(f"{function}: inputs", x[0])[None]
    elif len(names) == 1 and several(x) and len(x) > 1 and np.ndim(x[0]) != model.sample_ndim:
        message = (
            f"{function}: inputs are {len(x)} arrays of {np.ndim(x[0])} axes; pass one array for "
            f"{names[0]}; np.stack makes one of samples"
        )
        raise ValueError(message)
    return listed(function, "inputs", x, names)


def taken(function: str, model: Model, x: Any, y: Any, *, targets: bool) -> Batch:
    """Return inputs and targets; a model without a graph gets one for them."""
    xs = inputs(function, model, x)
    model.build_for(xs)
    return xs, listed(function, "targets", y, model.output_names) if targets else None


class Arrays:
    """Samples that are there already, cut into batches in any order."""

    def __init__(self, function: str, x: list[Any], y: list[Any] | None, batch_size: int) -> None:
        self._x, self._y, self._batch_size = x, y, batch_size
        lengths = {len(a) if a.ndim else -1 for a in (*x, *(y or []))}
        if len(lengths) != 1 or -1 in lengths:
            shapes = ", ".join(str(tuple(a.shape)) for a in (*x, *(y or [])))
            message = f"{function}: arrays of shapes {shapes} do not have one number of samples"
            raise ValueError(message)
        (self.samples,) = lengths
        if self.samples == 0:
            message = f"{function}: there are no samples"
            raise ValueError(message)

    def __len__(self) -> int:
        return math.ceil(self.samples / self._batch_size)

    def batches(self, random: np.random.Generator | None = None) -> Iterator[Batch]:
        """Give the batches, shuffled if there is a source of random numbers."""
        arrays = [*self._x, *(self._y or [])]
        orders: list[Any] = []
        if random is not None:
            order = random.permutation(self.samples)
            orders = [beside(order, a) for a in arrays]
        for start in range(0, self.samples, self._batch_size):
            part = slice(start, start + self._batch_size)
            if orders:
                taken = [a[order[part]] for a, order in zip(arrays, orders, strict=True)]
            else:
                taken = [a[part] for a in arrays]
            count = len(self._x)
            yield taken[:count], None if self._y is None else taken[count:]

    def split(self, function: str, share: float) -> tuple[Arrays, Arrays]:
        """Cut off a share at the end."""
        share = checked(function, _SHARE, share)
        at = int(self.samples * (1 - share))
        if at in {0, self.samples}:
            message = (
                f"{function}: validation_split={share} of {self.samples} samples leaves none on "
                "one side"
            )
            raise ValueError(message)

        def part(s: slice) -> Arrays:
            y = None if self._y is None else [a[s] for a in self._y]
            return Arrays(function, [a[s] for a in self._x], y, self._batch_size)

        return part(slice(at)), part(slice(at, None))


class Batches:
    """An iterable of batches: x, or (x, y) where targets are wanted."""

    def __init__(
        self, function: str, model: Model, batches: Iterable[Any], *, targets: bool
    ) -> None:
        self._function, self._model, self._batches = function, model, batches
        self._targets = targets

    def __len__(self) -> int:
        return len(self._batches)  # type: ignore[arg-type]

    def batches(self, random: np.random.Generator | None = None) -> Iterator[Batch]:
        """Give the batches, in their order."""
        del random
        found = False
        for batch in self._batches:
            found = True
            if not self._targets:
                yield taken(self._function, self._model, batch, None, targets=False)
                continue
            if not isinstance(batch, list | tuple) or len(batch) != 2:  # noqa: PLR2004
                message = f"{self._function}: a batch must be a pair (inputs, targets)"
                raise ValueError(message)
            yield taken(self._function, self._model, *batch, targets=True)
        if not found:
            message = (
                f"{self._function}: the iterable gave no batch; an iterator is used up after one "
                "epoch, pass something that can be iterated over again"
            )
            raise ValueError(message)


def are_batches(x: Any) -> bool:
    """Tell whether this is a list of tuples (x, y); one of lists is an array."""
    return isinstance(x, list) and len(x) > 0 and all(isinstance(a, tuple) for a in x)


def _are_pairs(x: Any) -> bool:
    """Tell whether this is a list of pairs of no numbers: without y it can be nothing else."""
    return are_batches(x) or (
        isinstance(x, list | tuple)
        and len(x) > 0
        and all(isinstance(a, list | tuple) and len(a) == 2 for a in x)  # noqa: PLR2004
        and not any(isinstance(one, numbers.Number) for a in x for one in a)
    )


def source(
    function: str, model: Model, x: Any, y: Any, *, targets: bool, batch_size: int
) -> Arrays | Batches:
    """Return where the batches come from."""
    batch_size = integer(function, "batch_size", batch_size, "a positive int", 1)
    in_memory = isinstance(x, list | tuple | Mapping) or is_array(x)
    if in_memory and not (targets and y is None and _are_pairs(x)):
        if targets and y is None:
            message = f"{function}: there are no targets; pass y, or a list of pairs (x, y)"
            raise ValueError(message)
        return Arrays(function, *taken(function, model, x, y, targets=targets), batch_size)
    if not isinstance(x, Iterable):
        message = f"{function}: x is a {type(x).__name__}; pass arrays, or an iterable of batches"
        raise TypeError(message)
    if y is not None:
        message = f"{function}: an iterable gives pairs (x, y) itself; leave out y"
        raise ValueError(message)
    return Batches(function, model, x, targets=targets)
