"""What `fit`, `evaluate` and `predict` take: arrays, or an iterable of batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .._errors import integer

# The arrays of the inputs, and those of the targets if there are any.
Batch = tuple[list[Any], list[Any] | None]


def listed(function: str, what: str, value: Any, names: list[str]) -> list[Any]:
    """Return arrays in the order of the model's inputs, or outputs, which have these names."""
    if isinstance(value, Mapping):
        if set(value) != set(names):
            message = f"{function}: {what} are for {sorted(value)}; the model has {names}"
            raise ValueError(message)
        return [np.asarray(value[name]) for name in names]
    several = isinstance(value, list | tuple) and all(isinstance(a, np.ndarray) for a in value)
    if len(names) == 1 and not (several and len(value) == 1):
        return [np.asarray(value)]
    if not isinstance(value, list | tuple) or len(value) != len(names):
        got = f"{len(value)}" if isinstance(value, list | tuple) else f"a {type(value).__name__}"
        message = f"{function}: {what} must be {len(names)} arrays, for {names}; got {got}"
        raise ValueError(message)
    return [np.asarray(a) for a in value]


class Arrays:
    """Samples that are there already, cut into batches in any order."""

    def __init__(self, function: str, x: list[Any], y: list[Any] | None, batch_size: int) -> None:
        self._x, self._y, self._batch_size = x, y, batch_size
        lengths = {len(a) if a.ndim else -1 for a in (*x, *(y or []))}
        if len(lengths) != 1 or -1 in lengths:
            shapes = ", ".join(str(a.shape) for a in (*x, *(y or [])))
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
        order = None if random is None else random.permutation(self.samples)
        for start in range(0, self.samples, self._batch_size):
            part: Any = slice(start, start + self._batch_size)
            if order is not None:
                part = order[part]
            yield (
                [a[part] for a in self._x],
                None if self._y is None else [a[part] for a in self._y],
            )

    def split(self, function: str, share: float) -> tuple[Arrays, Arrays]:
        """Cut off a share at the end."""
        if not 0 < share < 1:
            message = (
                f"{function}: validation_split={share} is not allowed; pass a number in (0, 1)"
            )
            raise ValueError(message)
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
        self, function: str, batches: Iterable[Any], inputs: list[str], outputs: list[str] | None
    ) -> None:
        self._function, self._batches = function, batches
        self._inputs, self._outputs = inputs, outputs

    def __len__(self) -> int:
        return len(self._batches)  # type: ignore[arg-type]

    def batches(self, random: np.random.Generator | None = None) -> Iterator[Batch]:
        """Give the batches, in their order."""
        del random
        found = False
        for batch in self._batches:
            found = True
            if self._outputs is None:
                yield listed(self._function, "inputs", batch, self._inputs), None
                continue
            if not isinstance(batch, list | tuple) or len(batch) != 2:  # noqa: PLR2004
                message = f"{self._function}: a batch must be a pair (inputs, targets)"
                raise ValueError(message)
            x, y = batch
            yield (
                listed(self._function, "inputs", x, self._inputs),
                listed(self._function, "targets", y, self._outputs),
            )
        if not found:
            message = (
                f"{self._function}: the iterable gave no batch; an iterator is used up after one "
                "epoch, pass something that can be iterated over again"
            )
            raise ValueError(message)


def source(
    function: str,
    x: Any,
    y: Any,
    *,
    inputs: list[str],
    outputs: list[str] | None,
    batch_size: int,
) -> Arrays | Batches:
    """Return where the batches come from."""
    batch_size = integer(function, "batch_size", batch_size, "a positive int", 1)
    # A list of tuples without targets of its own is a list of batches.
    batches = isinstance(x, list) and len(x) > 0 and all(isinstance(a, tuple) for a in x)
    in_memory = isinstance(x, np.ndarray | list | tuple | Mapping)
    if in_memory and not (batches and outputs is not None and y is None):
        xs = listed(function, "inputs", x, inputs)
        if outputs is None:
            return Arrays(function, xs, None, batch_size)
        if y is None:
            message = f"{function}: there are no targets; pass y, or an iterable of pairs (x, y)"
            raise ValueError(message)
        return Arrays(function, xs, listed(function, "targets", y, outputs), batch_size)
    if not isinstance(x, Iterable):
        message = f"{function}: x is a {type(x).__name__}; pass arrays, or an iterable of batches"
        raise TypeError(message)
    if y is not None:
        message = f"{function}: an iterable gives pairs (x, y) itself; leave out y"
        raise ValueError(message)
    return Batches(function, x, inputs, outputs)
